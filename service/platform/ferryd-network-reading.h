/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <NetworkManager.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

/* What NetworkManager says at this moment, in the engine's words. Nothing here remembers anything or waits.
 */

FerryConnectivity ferryd_network_reading_get_connectivity (NMClient *client);
gboolean ferryd_network_reading_is_undecided (NMClient *client);
gboolean ferryd_network_reading_is_carrying (NMClient *client);
gboolean ferryd_network_reading_is_routed_by_others (NMClient *client, gboolean carried);
gboolean ferryd_network_reading_has_modem (NMClient *client);
gboolean ferryd_network_reading_has_no_carrier (NMDevice *device);
char *ferryd_network_reading_list_actives (NMClient *client);

G_END_DECLS
