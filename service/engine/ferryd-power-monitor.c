/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-power-monitor.h"

G_DEFINE_INTERFACE (FerrydPowerMonitor, ferryd_power_monitor, G_TYPE_OBJECT)

static void
ferryd_power_monitor_default_init (FerrydPowerMonitorInterface *iface)
{
  /**
   * FerrydPowerMonitor::changed:
   *
   * ferryd_power_monitor_fill() would answer differently from now on.
   */
  g_signal_new ("changed", FERRYD_TYPE_POWER_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/**
 * ferryd_power_monitor_fill:
 * @self: a monitor
 * @conditions: (inout): @on_battery and @battery_saver are written, nothing else is touched
 *
 * Returns: whether the first answer, or the certainty that none will come, is there
 */
gboolean
ferryd_power_monitor_fill (FerrydPowerMonitor *self, FerrydConditions *conditions)
{
  return FERRYD_POWER_MONITOR_GET_IFACE (self)->fill (self, conditions);
}
