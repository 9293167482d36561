/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sleep-monitor.h"

G_DEFINE_INTERFACE (FerrydSleepMonitor, ferryd_sleep_monitor, G_TYPE_OBJECT)

static void
ferryd_sleep_monitor_default_init (FerrydSleepMonitorInterface *iface)
{
  /**
   * FerrydSleepMonitor::changed:
   *
   * ferryd_sleep_monitor_is_asleep() answers differently from now on.
   */
  g_signal_new ("changed", FERRYD_TYPE_SLEEP_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/**
 * ferryd_sleep_monitor_is_asleep:
 * @self: a monitor
 *
 * Returns: whether the machine is about to sleep, or sleeps
 */
gboolean
ferryd_sleep_monitor_is_asleep (FerrydSleepMonitor *self)
{
  return FERRYD_SLEEP_MONITOR_GET_IFACE (self)->is_asleep (self);
}

/**
 * ferryd_sleep_monitor_let_go:
 * @self: a monitor
 *
 * What ran is put away: the machine may sleep. Does nothing where nobody waits for that.
 */
void
ferryd_sleep_monitor_let_go (FerrydSleepMonitor *self)
{
  FERRYD_SLEEP_MONITOR_GET_IFACE (self)->let_go (self);
}
