/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-sleep-monitor.h"

struct _FerrydFakeSleepMonitor
{
  GObject parent_instance;

  gboolean asleep; /* the machine is about to sleep, or sleeps */
  guint n_let_go;  /* calls of let_go */
};

static void ferryd_fake_sleep_monitor_monitor_init (FerrydSleepMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeSleepMonitor, ferryd_fake_sleep_monitor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_SLEEP_MONITOR,
                                                      ferryd_fake_sleep_monitor_monitor_init))

static gboolean
ferryd_fake_sleep_monitor_is_asleep (FerrydSleepMonitor *monitor)
{
  return FERRYD_FAKE_SLEEP_MONITOR (monitor)->asleep;
}

static void
ferryd_fake_sleep_monitor_let_go (FerrydSleepMonitor *monitor)
{
  FerrydFakeSleepMonitor *self = FERRYD_FAKE_SLEEP_MONITOR (monitor);

  g_assert_true (self->asleep);
  self->n_let_go++;
}

static void
ferryd_fake_sleep_monitor_class_init (FerrydFakeSleepMonitorClass *klass)
{
}

static void
ferryd_fake_sleep_monitor_init (FerrydFakeSleepMonitor *self)
{
}

static void
ferryd_fake_sleep_monitor_monitor_init (FerrydSleepMonitorInterface *iface)
{
  iface->is_asleep = ferryd_fake_sleep_monitor_is_asleep;
  iface->let_go = ferryd_fake_sleep_monitor_let_go;
}

/**
 * ferryd_fake_sleep_monitor_new:
 *
 * Returns: (transfer full): a machine that is awake
 */
FerrydFakeSleepMonitor *
ferryd_fake_sleep_monitor_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_SLEEP_MONITOR, NULL);
}

/**
 * ferryd_fake_sleep_monitor_set_asleep:
 * @self: a monitor
 * @asleep: whether the machine wants to sleep, or is awake again
 */
void
ferryd_fake_sleep_monitor_set_asleep (FerrydFakeSleepMonitor *self, gboolean asleep)
{
  if (self->asleep == asleep)
    return;
  self->asleep = asleep;
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_sleep_monitor_count_let_go:
 * @self: a monitor
 *
 * Returns: how often it was told that the machine may sleep
 */
guint
ferryd_fake_sleep_monitor_count_let_go (FerrydFakeSleepMonitor *self)
{
  return self->n_let_go;
}
