/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-conditions.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_POWER_MONITOR (ferryd_power_monitor_get_type ())
G_DECLARE_INTERFACE (FerrydPowerMonitor, ferryd_power_monitor, FERRYD, POWER_MONITOR, GObject)

/**
 * FerrydPowerMonitorInterface:
 * @fill: writes on_battery and battery_saver into @conditions and says whether the first answer, or the
 * certainty that none will come, is there. Never blocks.
 *
 * Emits `changed` (no arguments) in the main thread when @fill would answer differently.
 */
struct _FerrydPowerMonitorInterface
{
  GTypeInterface parent;

  gboolean (*fill) (FerrydPowerMonitor *self, FerrydConditions *conditions);
};

gboolean ferryd_power_monitor_fill (FerrydPowerMonitor *self, FerrydConditions *conditions);

G_END_DECLS
