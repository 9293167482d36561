/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_SLEEP_MONITOR (ferryd_sleep_monitor_get_type ())
G_DECLARE_INTERFACE (FerrydSleepMonitor, ferryd_sleep_monitor, FERRYD, SLEEP_MONITOR, GObject)

/**
 * FerrydSleepMonitorInterface:
 * @is_asleep: the machine is about to sleep, or sleeps. Never blocks.
 * @let_go: what ran is put away: the machine need not wait any longer. Called once for each sleep, a second
 *   after `changed` at the latest.
 *
 * Whether the machine sleeps. Emits `changed` (no arguments) in the main thread when @is_asleep would answer
 * differently.
 */
struct _FerrydSleepMonitorInterface
{
  GTypeInterface parent;

  gboolean (*is_asleep) (FerrydSleepMonitor *self);
  void (*let_go) (FerrydSleepMonitor *self);
};

gboolean ferryd_sleep_monitor_is_asleep (FerrydSleepMonitor *self);
void ferryd_sleep_monitor_let_go (FerrydSleepMonitor *self);

G_END_DECLS
