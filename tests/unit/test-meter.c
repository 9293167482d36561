/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-meter.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

/* 1 MB/s in steps of 100 ms, from @at on. */
static gint64
feed (FerrydMeter *meter, guint64 from, guint steps, gint64 at)
{
  for (guint i = 0; i < steps; i++, at += SECOND / 10)
    ferryd_meter_add (meter, from + i * 100000, from + (i + 1) * 100000, at);
  return at - SECOND / 10;
}

static void
test_speed (void)
{
  g_autoptr (FerrydMeter) meter = ferryd_meter_new ();
  gint64 now = SECOND;

  g_assert_cmpuint (ferryd_meter_get_speed (meter, now), ==, 0);
  now = feed (meter, 0, 50, now);
  g_assert_cmpuint (ferryd_meter_get_held (meter), ==, 5000000);
  g_assert_cmpuint (ferryd_meter_get_speed (meter, now), >, 900000);
  g_assert_cmpuint (ferryd_meter_get_speed (meter, now), <, 1400000);
  /* Silence shows. */
  g_assert_cmpuint (ferryd_meter_get_speed (meter, now + 20 * SECOND), <, 100000);
  ferryd_meter_stop (meter);
  g_assert_cmpuint (ferryd_meter_get_speed (meter, now), ==, 0);
}

static void
test_furthest (void)
{
  g_autoptr (FerrydMeter) meter = ferryd_meter_new ();
  g_autoptr (FerrydRanges) nothing = ferryd_ranges_new ();
  g_autoptr (FerrydRanges) copy = NULL;

  feed (meter, 0, 5, SECOND);
  ferryd_meter_reset (meter, nothing);
  g_assert_cmpuint (ferryd_meter_get_held (meter), ==, 0);
  feed (meter, 0, 2, 2 * SECOND);
  g_assert_cmpuint (ferryd_meter_get_held (meter), ==, 200000);
  g_assert_cmpuint (ferryd_meter_get_furthest (meter), ==, 500000);
  copy = ferryd_meter_copy_ranges (meter);
  g_assert_cmpuint (ferryd_ranges_prefix (copy), ==, 200000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/speed", test_speed);
  g_test_add_func ("/meter/furthest", test_furthest);
  return g_test_run ();
}
