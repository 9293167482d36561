/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <NetworkManager.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

/* What NetworkManager says at this moment, in the engine's words. Nothing here remembers anything or waits.
 */

/**
 * FerrydNetworkReading:
 * @state: its state as a whole
 * @connectivity: what it has found out by trying
 * @metered: its word on the connection's cost
 * @has_primary: it names the connection
 *
 * A plain value.
 */
typedef struct
{
  NMState state;
  NMConnectivityState connectivity;
  NMMetered metered;
  gboolean has_primary;
} FerrydNetworkReading;

void ferryd_network_reading_take (FerrydNetworkReading *self, NMClient *client);
FerryConnectivity ferryd_network_reading_get_connectivity (const FerrydNetworkReading *self);
FerryNetworkCost ferryd_network_reading_get_cost (NMMetered metered);
gboolean ferryd_network_reading_is_undecided (const FerrydNetworkReading *self);
gboolean ferryd_network_reading_is_carrying (const FerrydNetworkReading *self);

gboolean ferryd_network_reading_is_routed_by_others (NMClient *client, gboolean carried);
gboolean ferryd_network_reading_has_modem (NMClient *client);
gboolean ferryd_network_reading_has_no_carrier (NMDevice *device);
char *ferryd_network_reading_list_actives (NMClient *client);

G_END_DECLS
