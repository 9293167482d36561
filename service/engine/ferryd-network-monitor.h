/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-conditions.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NETWORK_MONITOR (ferryd_network_monitor_get_type ())
G_DECLARE_INTERFACE (FerrydNetworkMonitor, ferryd_network_monitor, FERRYD, NETWORK_MONITOR, GObject)

/**
 * FerrydNetworkMonitorInterface:
 * @fill: writes connectivity, cost, roaming and the limits into @conditions and says whether the first
 * answer, or the certainty that none will come, is there. Never blocks.
 *
 * Emits `changed` (no arguments) in the main thread when @fill would answer differently.
 */
struct _FerrydNetworkMonitorInterface
{
  GTypeInterface parent;

  gboolean (*fill) (FerrydNetworkMonitor *self, FerrydConditions *conditions);
};

gboolean ferryd_network_monitor_fill (FerrydNetworkMonitor *self, FerrydConditions *conditions);

G_END_DECLS
