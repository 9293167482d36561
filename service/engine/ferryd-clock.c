/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-clock.h"

G_DEFINE_INTERFACE (FerrydClock, ferryd_clock, G_TYPE_OBJECT)

static void
ferryd_clock_default_init (FerrydClockInterface *iface)
{
  /**
   * FerrydClock::jumped:
   *
   * What ferryd_clock_now() says was set, forwards or backwards.
   */
  g_signal_new ("jumped", FERRYD_TYPE_CLOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/**
 * ferryd_clock_now:
 * @self: a clock
 *
 * Returns: wall-clock time, Unix microseconds
 */
gint64
ferryd_clock_now (FerrydClock *self)
{
  return FERRYD_CLOCK_GET_IFACE (self)->now (self);
}

/**
 * ferryd_clock_elapsed:
 * @self: a clock
 *
 * Returns: microseconds that only go forward, suspend included
 */
gint64
ferryd_clock_elapsed (FerrydClock *self)
{
  return FERRYD_CLOCK_GET_IFACE (self)->elapsed (self);
}

/**
 * ferryd_clock_add_alarm:
 * @self: a clock
 * @at: when, in terms of ferryd_clock_elapsed()
 * @func: (scope async): called once, never from inside this call
 * @user_data: for @func
 *
 * Returns: an id greater than 0, good until the alarm has rung
 */
guint
ferryd_clock_add_alarm (FerrydClock *self, gint64 at, FerrydAlarmFunc func, gpointer user_data)
{
  return FERRYD_CLOCK_GET_IFACE (self)->add_alarm (self, at, func, user_data);
}

/**
 * ferryd_clock_remove_alarm:
 * @self: a clock
 * @id: an alarm that has not rung
 */
void
ferryd_clock_remove_alarm (FerrydClock *self, guint id)
{
  FERRYD_CLOCK_GET_IFACE (self)->remove_alarm (self, id);
}

/**
 * ferryd_clock_clear_alarm:
 * @self: a clock
 * @id: (inout): an alarm that has not rung, or 0; 0 afterwards
 *
 * Removes the alarm where there is one.
 */
void
ferryd_clock_clear_alarm (FerrydClock *self, guint *id)
{
  guint alarm = *id;

  *id = 0;
  if (alarm != 0)
    ferryd_clock_remove_alarm (self, alarm);
}
