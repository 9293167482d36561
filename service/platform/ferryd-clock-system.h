/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-clock.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_CLOCK_SYSTEM (ferryd_clock_system_get_type ())
/**
 * FerrydClockSystem:
 *
 * The kernel's clocks. A #GSource cannot keep the alarms: its ready time stands still in suspend.
 */
G_DECLARE_FINAL_TYPE (FerrydClockSystem, ferryd_clock_system, FERRYD, CLOCK_SYSTEM, GObject)

FerrydClock *ferryd_clock_system_new (GError **error);

G_END_DECLS
