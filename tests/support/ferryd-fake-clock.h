/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-clock.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_CLOCK (ferryd_fake_clock_get_type ())
/**
 * FerrydFakeClock:
 *
 * Time that goes on when the test says so. An alarm whose time has passed when it is added rings in an idle
 * source, as a real one would; all others ring inside ferryd_fake_clock_advance().
 */
G_DECLARE_FINAL_TYPE (FerrydFakeClock, ferryd_fake_clock, FERRYD, FAKE_CLOCK, GObject)

FerrydFakeClock *ferryd_fake_clock_new (void);
void ferryd_fake_clock_advance (FerrydFakeClock *self, gint64 by);
void ferryd_fake_clock_jump (FerrydFakeClock *self, gint64 by);
guint ferryd_fake_clock_count_alarms (FerrydFakeClock *self);
gint64 ferryd_fake_clock_next_alarm (FerrydFakeClock *self);

G_END_DECLS
