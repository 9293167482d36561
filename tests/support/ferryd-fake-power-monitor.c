/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-power-monitor.h"

struct _FerrydFakePowerMonitor
{
  GObject parent_instance;

  gboolean ready;         /* the first answer is there */
  gboolean on_battery;    /* no mains */
  gboolean battery_saver; /* battery low, or the power-saver profile */
};

static void ferryd_fake_power_monitor_monitor_init (FerrydPowerMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakePowerMonitor, ferryd_fake_power_monitor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_POWER_MONITOR,
                                                      ferryd_fake_power_monitor_monitor_init))

static gboolean
ferryd_fake_power_monitor_fill (FerrydPowerMonitor *monitor, FerrydConditions *conditions)
{
  FerrydFakePowerMonitor *self = FERRYD_FAKE_POWER_MONITOR (monitor);

  conditions->on_battery = self->on_battery;
  conditions->battery_saver = self->battery_saver;
  return self->ready;
}

static void
ferryd_fake_power_monitor_class_init (FerrydFakePowerMonitorClass *klass)
{
}

static void
ferryd_fake_power_monitor_init (FerrydFakePowerMonitor *self)
{
  self->ready = TRUE;
}

static void
ferryd_fake_power_monitor_monitor_init (FerrydPowerMonitorInterface *iface)
{
  iface->fill = ferryd_fake_power_monitor_fill;
}

/**
 * ferryd_fake_power_monitor_new:
 *
 * Returns: (transfer full): power without limits
 */
FerrydFakePowerMonitor *
ferryd_fake_power_monitor_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_POWER_MONITOR, NULL);
}

/**
 * ferryd_fake_power_monitor_set_ready:
 * @self: a monitor
 * @ready: whether the first answer is there
 */
void
ferryd_fake_power_monitor_set_ready (FerrydFakePowerMonitor *self, gboolean ready)
{
  self->ready = ready;
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_power_monitor_set:
 * @self: a monitor
 * @on_battery: no mains from now on
 * @battery_saver: battery low, or the power-saver profile
 */
void
ferryd_fake_power_monitor_set (FerrydFakePowerMonitor *self, gboolean on_battery, gboolean battery_saver)
{
  self->on_battery = on_battery;
  self->battery_saver = battery_saver;
  g_signal_emit_by_name (self, "changed");
}
