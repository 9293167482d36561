/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-speed.h"

/* Speed is taken over steps of at least this long (microseconds): shorter ones show the bursts of the
 * network, not its speed. */
#define STEP (250 * 1000)

/* Weight of the newest step in the smoothed speed, in parts of 16: about two seconds of memory. */
#define NEWEST 4

/* Silence (microseconds) after which the speed shown sinks towards zero. */
#define SILENCE (1000 * 1000)

/**
 * ferryd_speed_add:
 * @speed: a speed
 * @bytes: that have come
 * @now: g_get_monotonic_time()
 */
void
ferryd_speed_add (FerrydSpeed *speed, guint64 bytes, gint64 now)
{
  gint64 step = now - speed->step_begin;
  guint64 newest;

  if (speed->step_begin == 0)
    speed->step_begin = now;
  speed->step_bytes += bytes;
  if (speed->step_begin == now || step < STEP)
    return;
  newest = (guint64) ((double) speed->step_bytes * G_USEC_PER_SEC / (double) step);
  speed->smoothed = speed->smoothed == 0 ? newest : (speed->smoothed * (16 - NEWEST) + newest * NEWEST) / 16;
  speed->step_bytes = 0;
  speed->step_begin = now;
}

/**
 * ferryd_speed_get:
 * @speed: a speed
 * @now: g_get_monotonic_time()
 *
 * Returns: bytes/s, smoothed
 */
guint64
ferryd_speed_get (const FerrydSpeed *speed, gint64 now)
{
  gint64 quiet = now - speed->step_begin;

  if (speed->step_begin == 0)
    return 0;
  if (speed->smoothed == 0)
    return quiet > 0 ? (guint64) ((double) speed->step_bytes * G_USEC_PER_SEC / (double) MAX (quiet, STEP))
                     : 0;
  if (quiet > SILENCE)
    return (guint64) ((double) speed->smoothed * SILENCE / (double) quiet);
  return speed->smoothed;
}
