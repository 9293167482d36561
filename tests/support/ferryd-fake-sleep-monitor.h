/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-sleep-monitor.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_SLEEP_MONITOR (ferryd_fake_sleep_monitor_get_type ())
/**
 * FerrydFakeSleepMonitor:
 *
 * A machine that sleeps when the test says so; awake at first.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeSleepMonitor, ferryd_fake_sleep_monitor, FERRYD, FAKE_SLEEP_MONITOR, GObject)

FerrydFakeSleepMonitor *ferryd_fake_sleep_monitor_new (void);
void ferryd_fake_sleep_monitor_set_asleep (FerrydFakeSleepMonitor *self, gboolean asleep);
guint ferryd_fake_sleep_monitor_count_let_go (FerrydFakeSleepMonitor *self);

G_END_DECLS
