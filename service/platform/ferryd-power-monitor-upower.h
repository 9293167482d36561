/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-clock.h"
#include "ferryd-power-monitor.h"
#include "ferryd-system-bus.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_POWER_MONITOR_UPOWER (ferryd_power_monitor_upower_get_type ())
/**
 * FerrydPowerMonitorUpower:
 *
 * Power as UPower and the power profile's daemon see it. Who is absent, or does not answer, is taken to say
 * mains and no saver. Neither is ever started by this.
 *
 * One asynchronous GDBusProxy per object, and no upower-glib: that one reads the display device
 * synchronously, which blocks for 25 seconds while upowerd hangs, and starts upowerd where it is not wanted;
 * two properties are all that is needed of it. GPowerProfileMonitor likewise: GLib 2.74's knows only the
 * daemon's older name.
 */
G_DECLARE_FINAL_TYPE (FerrydPowerMonitorUpower, ferryd_power_monitor_upower, FERRYD, POWER_MONITOR_UPOWER,
                      GObject)

FerrydPowerMonitorUpower *ferryd_power_monitor_upower_new (FerrydClock *clock, FerrydSystemBus *bus);

G_END_DECLS
