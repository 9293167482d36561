/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-power-monitor.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_POWER_MONITOR (ferryd_fake_power_monitor_get_type ())
/**
 * FerrydFakePowerMonitor:
 *
 * Power as the test wants it; at first mains, no saver, and known.
 */
G_DECLARE_FINAL_TYPE (FerrydFakePowerMonitor, ferryd_fake_power_monitor, FERRYD, FAKE_POWER_MONITOR, GObject)

FerrydFakePowerMonitor *ferryd_fake_power_monitor_new (void);
void ferryd_fake_power_monitor_set_ready (FerrydFakePowerMonitor *self, gboolean ready);
void ferryd_fake_power_monitor_set (FerrydFakePowerMonitor *self, gboolean on_battery,
                                    gboolean battery_saver);

G_END_DECLS
