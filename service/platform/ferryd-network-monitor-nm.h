/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-network-monitor.h"
#include "ferryd-system-bus.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NETWORK_MONITOR_NM (ferryd_network_monitor_nm_get_type ())
G_DECLARE_FINAL_TYPE (FerrydNetworkMonitorNm, ferryd_network_monitor_nm, FERRYD, NETWORK_MONITOR_NM, GObject)

FerrydNetworkMonitor *ferryd_network_monitor_nm_new (FerrydSystemBus *bus);

G_END_DECLS
