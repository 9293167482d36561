/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-sleep-monitor.h"
#include "ferryd-system-bus.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SLEEP_MONITOR_LOGIND (ferryd_sleep_monitor_logind_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSleepMonitorLogind, ferryd_sleep_monitor_logind, FERRYD, SLEEP_MONITOR_LOGIND,
                      GObject)

FerrydSleepMonitor *ferryd_sleep_monitor_logind_new (FerrydSystemBus *bus);

G_END_DECLS
