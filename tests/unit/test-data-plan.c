/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-data-plan.h"

#define GIB (G_GUINT64_CONSTANT (1) << 30)

static gint64
parse (const char *text, GTimeZone *zone)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, zone);

  g_assert_nonnull (time);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC;
}

static char *
format (gint64 time, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);

  return g_date_time_format (local, "%FT%T");
}

static void
test_period (void)
{
  static const struct
  {
    const char *zone;
    guint day;
    const char *now, *begin, *end;
  } cases[] = {
    { "UTC", 1, "2026-03-15T12:00:00", "2026-03-01T00:00:00", "2026-04-01T00:00:00" },
    { "UTC", 1, "2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-04-01T00:00:00" },
    { "UTC", 1, "2026-02-28T23:59:59", "2026-02-01T00:00:00", "2026-03-01T00:00:00" },
    { "UTC", 15, "2026-03-14T23:59:59", "2026-02-15T00:00:00", "2026-03-15T00:00:00" },
    { "UTC", 15, "2026-03-15T00:00:00", "2026-03-15T00:00:00", "2026-04-15T00:00:00" },
    /* Over the turn of the year, both ways. */
    { "UTC", 20, "2026-01-05T00:00:00", "2025-12-20T00:00:00", "2026-01-20T00:00:00" },
    { "UTC", 20, "2025-12-24T00:00:00", "2025-12-20T00:00:00", "2026-01-20T00:00:00" },
    /* Months that have no such day. */
    { "UTC", 31, "2026-02-27T12:00:00", "2026-01-31T00:00:00", "2026-02-28T00:00:00" },
    { "UTC", 31, "2026-02-28T12:00:00", "2026-02-28T00:00:00", "2026-03-31T00:00:00" },
    { "UTC", 31, "2028-02-28T12:00:00", "2028-01-31T00:00:00", "2028-02-29T00:00:00" },
    { "UTC", 30, "2026-03-29T12:00:00", "2026-02-28T00:00:00", "2026-03-30T00:00:00" },
    { "UTC", 31, "2026-04-30T00:00:00", "2026-04-30T00:00:00", "2026-05-31T00:00:00" },
    /* Days that no month has. */
    { "UTC", 0, "2026-03-15T12:00:00", "2026-03-01T00:00:00", "2026-04-01T00:00:00" },
    { "UTC", 4000000000u, "2026-04-15T12:00:00", "2026-03-31T00:00:00", "2026-04-30T00:00:00" },
    /* Local midnight, in summer time and out of it; and where midnight itself is skipped. */
    { "Europe/Berlin", 1, "2026-03-31T23:30:00", "2026-03-01T00:00:00", "2026-04-01T00:00:00" },
    { "Europe/Berlin", 29, "2026-03-29T01:30:00", "2026-03-29T00:00:00", "2026-04-29T00:00:00" },
    { "Europe/Berlin", 25, "2026-10-25T02:30:00", "2026-10-25T00:00:00", "2026-11-25T00:00:00" },
    { "America/Los_Angeles", 1, "2026-10-31T23:59:59", "2026-10-01T00:00:00", "2026-11-01T00:00:00" },
    { "America/Sao_Paulo", 4, "2018-11-04T01:00:00", "2018-11-04T01:00:00", "2018-12-04T00:00:00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FerrydDataPlan plan = { GIB, cases[i].day };
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (cases[i].zone);
      FerrydDataPeriod period;
      g_autofree char *begin = NULL;
      g_autofree char *end = NULL;

      g_test_message ("%s, day %u, %s", cases[i].zone, cases[i].day, cases[i].now);
      g_assert_nonnull (zone);
      ferryd_data_plan_get_period (&plan, parse (cases[i].now, zone), zone, &period);
      begin = format (period.begin, zone);
      end = format (period.end, zone);
      g_assert_cmpstr (begin, ==, cases[i].begin);
      g_assert_cmpstr (end, ==, cases[i].end);
    }
}

/* Every moment is in the period that is said to be its, whatever the day and the clock. */
static void
test_every_period (void)
{
  static const char *const zones[] = { "UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia" };

  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zones[z]);
      gint64 now = parse ("2010-12-30T10:00:00", zone);

      for (guint i = 0; i < 4000; i++, now += 17 * G_TIME_SPAN_HOUR)
        {
          const FerrydDataPlan plan = { GIB, i % 32 };
          FerrydDataPeriod period, next;

          ferryd_data_plan_get_period (&plan, now, zone, &period);
          g_assert_cmpint (period.begin, <=, now);
          g_assert_cmpint (period.end, >, now);
          ferryd_data_plan_get_period (&plan, period.end, zone, &next);
          g_assert_cmpint (next.begin, ==, period.end);
          ferryd_data_plan_get_period (&plan, period.end - 1, zone, &next);
          g_assert_cmpint (next.begin, ==, period.begin);
        }
    }
}

static void
test_broken_clock (void)
{
  const gint64 clocks[] = { 0, -1, G_MININT64, G_MAXINT64,
                            G_GINT64_CONSTANT (253402300800) * G_USEC_PER_SEC };
  const FerrydDataPlan plan = { GIB, 31 };
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();

  for (guint i = 0; i < G_N_ELEMENTS (clocks); i++)
    {
      FerrydDataPeriod period;

      ferryd_data_plan_get_period (&plan, clocks[i], zone, &period);
      g_assert_cmpint (period.end, >, period.begin);
      ferryd_data_plan_is_approaching (&plan, &period, GIB / 2, clocks[i]);
    }
}

static void
test_limits (void)
{
  static const struct
  {
    guint64 limit, used;
    guint gone; /* of the period, percent */
    gboolean approaching, over;
  } cases[] = {
    { 1000, 0, 0, FALSE, FALSE },
    { 1000, 99, 1, FALSE, FALSE },
    { 1000, 100, 1, TRUE, FALSE },
    { 1000, 100, 9, TRUE, FALSE },
    { 1000, 100, 10, FALSE, FALSE },
    { 1000, 101, 10, TRUE, FALSE },
    { 1000, 500, 49, TRUE, FALSE },
    { 1000, 500, 50, FALSE, FALSE },
    { 1000, 999, 99, TRUE, FALSE },
    { 1000, 999, 100, FALSE, FALSE },
    { 1000, 1000, 100, FALSE, TRUE },
    { 1000, 1000, 1, FALSE, TRUE },
    { 1000, G_MAXUINT64, 50, FALSE, TRUE },
    { 0, 0, 50, FALSE, TRUE },
    { G_MAXUINT64, G_MAXUINT64 / 2, 49, TRUE, FALSE },
    /* A clock before the period: nothing of it is gone. */
    { 1000, 500, 0, TRUE, FALSE },
  };
  const FerrydDataPeriod period = { 1000000, 1000000 + 100 * G_TIME_SPAN_HOUR };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FerrydDataPlan plan = { cases[i].limit, 1 };
      gint64 now = period.begin + cases[i].gone * G_TIME_SPAN_HOUR;

      g_test_message ("case %u", i);
      g_assert_cmpint (ferryd_data_plan_is_approaching (&plan, &period, cases[i].used, now), ==,
                       cases[i].approaching);
      g_assert_cmpint (ferryd_data_plan_is_over (&plan, cases[i].used), ==, cases[i].over);
    }
}

static void
test_usage (void)
{
  FerrydDataUsage usage = { 0 };

  ferryd_data_usage_enter (&usage, 100);
  ferryd_data_usage_add (&usage, 7);
  ferryd_data_usage_enter (&usage, 100);
  g_assert_cmpuint (usage.used, ==, 7);
  ferryd_data_usage_enter (&usage, 200);
  g_assert_cmpuint (usage.used, ==, 0);
  ferryd_data_usage_add (&usage, 2);
  /* The clock was wrong, and is set back. */
  ferryd_data_usage_enter (&usage, 100);
  g_assert_cmpuint (usage.used, ==, 9);
  ferryd_data_usage_enter (&usage, 50);
  g_assert_cmpuint (usage.used, ==, 9);
  ferryd_data_usage_enter (&usage, 300);
  g_assert_cmpuint (usage.used, ==, 0);
  ferryd_data_usage_add (&usage, G_MAXUINT64);
  ferryd_data_usage_add (&usage, 1);
  g_assert_cmpuint (usage.used, ==, G_MAXUINT64);
}

static void
test_counter (void)
{
  static const struct
  {
    guint8 boot, boot_now;
    guint index, index_now;
    guint64 bytes, bytes_now, since;
  } cases[] = {
    { 1, 1, 2, 2, 100, 100, 0 }, { 1, 1, 2, 2, 100, 350, 250 }, { 1, 1, 2, 2, 100, 40, 40 },
    { 1, 2, 2, 2, 100, 40, 40 }, { 1, 2, 2, 2, 100, 500, 500 }, { 1, 2, 2, 3, 100, 500, 500 },
    { 1, 1, 2, 3, 100, 500, 0 }, { 1, 1, 3, 2, 100, 500, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FerrydCounter before = { { { cases[i].boot } }, cases[i].index, cases[i].bytes };
      const FerrydCounter now = { { { cases[i].boot_now } }, cases[i].index_now, cases[i].bytes_now };

      g_test_message ("case %u", i);
      g_assert_cmpuint (ferryd_counter_since (&before, &now), ==, cases[i].since);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-plan/period", test_period);
  g_test_add_func ("/data-plan/every-period", test_every_period);
  g_test_add_func ("/data-plan/broken-clock", test_broken_clock);
  g_test_add_func ("/data-plan/limits", test_limits);
  g_test_add_func ("/data-plan/usage", test_usage);
  g_test_add_func ("/data-plan/counter", test_counter);
  return g_test_run ();
}
