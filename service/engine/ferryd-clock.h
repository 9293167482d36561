/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_CLOCK (ferryd_clock_get_type ())
G_DECLARE_INTERFACE (FerrydClock, ferryd_clock, FERRYD, CLOCK, GObject)

typedef void (*FerrydAlarmFunc) (gpointer user_data);

/**
 * FerrydClockInterface:
 * @now: wall-clock time in Unix microseconds. May jump, of which `jumped` (no arguments) tells; only for what
 * people or programs are shown and have asked for.
 * @elapsed: microseconds that only go forward, suspend included (CLOCK_BOOTTIME). For every delay.
 * @add_alarm: calls @func once in the engine's main context when @elapsed has reached @at, never from inside
 *   add_alarm itself, also when @at has passed. Returns an id greater than 0, good until the alarm has rung.
 * @remove_alarm: forgets an alarm that has not rung.
 *
 * Time, so that tests can say how late it is. Used in the main thread only.
 */
struct _FerrydClockInterface
{
  GTypeInterface parent;

  gint64 (*now) (FerrydClock *self);
  gint64 (*elapsed) (FerrydClock *self);
  guint (*add_alarm) (FerrydClock *self, gint64 at, FerrydAlarmFunc func, gpointer user_data);
  void (*remove_alarm) (FerrydClock *self, guint id);
};

gint64 ferryd_clock_now (FerrydClock *self);
gint64 ferryd_clock_elapsed (FerrydClock *self);
guint ferryd_clock_add_alarm (FerrydClock *self, gint64 at, FerrydAlarmFunc func, gpointer user_data);
void ferryd_clock_remove_alarm (FerrydClock *self, guint id);
void ferryd_clock_clear_alarm (FerrydClock *self, guint *id);

G_END_DECLS
