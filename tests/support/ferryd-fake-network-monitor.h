/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-network-monitor.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_NETWORK_MONITOR (ferryd_fake_network_monitor_get_type ())
/**
 * FerrydFakeNetworkMonitor:
 *
 * A network as the test wants it; at first fully connected, unmetered, and known.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeNetworkMonitor, ferryd_fake_network_monitor, FERRYD, FAKE_NETWORK_MONITOR,
                      GObject)

FerrydFakeNetworkMonitor *ferryd_fake_network_monitor_new (void);
void ferryd_fake_network_monitor_set_ready (FerrydFakeNetworkMonitor *self, gboolean ready);
void ferryd_fake_network_monitor_set_connectivity (FerrydFakeNetworkMonitor *self,
                                                   FerryConnectivity connectivity);
void ferryd_fake_network_monitor_set_cost (FerrydFakeNetworkMonitor *self, FerryNetworkCost cost,
                                           gboolean roaming, gboolean approaching_limit, gboolean over_limit,
                                           gboolean background_restricted);
void ferryd_fake_network_monitor_set_connection (FerrydFakeNetworkMonitor *self, const char *uuid,
                                                 const char *interface);
void ferryd_fake_network_monitor_change_link (FerrydFakeNetworkMonitor *self, gboolean no_carrier);

G_END_DECLS
