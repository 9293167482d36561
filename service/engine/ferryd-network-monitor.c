/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-network-monitor.h"

G_DEFINE_INTERFACE (FerrydNetworkMonitor, ferryd_network_monitor, G_TYPE_OBJECT)

static void
ferryd_network_monitor_default_init (FerrydNetworkMonitorInterface *iface)
{
  /**
   * FerrydNetworkMonitor::changed:
   *
   * ferryd_network_monitor_fill() would answer differently from now on.
   */
  g_signal_new ("changed", FERRYD_TYPE_NETWORK_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

/**
 * ferryd_network_monitor_fill:
 * @self: a monitor
 * @conditions: (inout): connectivity, cost, roaming and the limits are written, nothing else is touched
 *
 * Returns: whether the first answer, or the certainty that none will come, is there
 */
gboolean
ferryd_network_monitor_fill (FerrydNetworkMonitor *self, FerrydConditions *conditions)
{
  return FERRYD_NETWORK_MONITOR_GET_IFACE (self)->fill (self, conditions);
}
