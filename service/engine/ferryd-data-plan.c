/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-data-plan.h"

/* From which part of the limit on (one in so many) being on track to exceed it counts: the first hour of a
 * period proves nothing. */
#define APPROACH_FROM 10

/* The first moment of the period that begins in a month. */
static gint64
get_begin (const FerrydDataPlan *plan, int year, int month, GTimeZone *zone)
{
  int last = g_date_get_days_in_month ((GDateMonth) month, (GDateYear) year);
  int day = CLAMP ((int) MIN (plan->reset_day, 31u), 1, last);
  g_autoptr (GDateTime) begin = g_date_time_new (zone, year, month, day, 0, 0, 0);

  return g_date_time_to_unix (begin) * G_USEC_PER_SEC;
}

/* Years beyond those of a calendar are a broken clock's. */
#define MIN_TIME (G_GINT64_CONSTANT (0))
#define MAX_TIME (G_GINT64_CONSTANT (253370764800) * G_USEC_PER_SEC) /* of the year 9999 */

/**
 * ferryd_data_plan_get_period:
 * @plan: a plan
 * @now: Unix microseconds
 * @zone: of the user: periods begin at midnight there
 * @period: (out): the period that @now is in
 */
void
ferryd_data_plan_get_period (const FerrydDataPlan *plan, gint64 now, GTimeZone *zone,
                             FerrydDataPeriod *period)
{
  g_autoptr (GDateTime) utc =
      g_date_time_new_from_unix_utc (CLAMP (now, MIN_TIME, MAX_TIME) / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
  int year = g_date_time_get_year (local), month = g_date_time_get_month (local);
  int next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;

  period->begin = get_begin (plan, year, month, zone);
  if (period->begin <= now)
    period->end = get_begin (plan, next_year, next_month, zone);
  else
    {
      period->end = period->begin;
      period->begin = get_begin (plan, month == 1 ? year - 1 : year, month == 1 ? 12 : month - 1, zone);
    }
}

/**
 * ferryd_data_plan_is_over:
 * @plan: a plan
 * @used: bytes of this period
 *
 * Returns: whether it is used up
 */
gboolean
ferryd_data_plan_is_over (const FerrydDataPlan *plan, guint64 used)
{
  return used >= plan->limit;
}

/**
 * ferryd_data_plan_is_approaching:
 * @plan: a plan
 * @period: that @now is in
 * @used: bytes of @period
 * @now: Unix microseconds
 *
 * Returns: whether it is on track to be exceeded: not used up, and more of it used than of the period is over
 */
gboolean
ferryd_data_plan_is_approaching (const FerrydDataPlan *plan, const FerrydDataPeriod *period, guint64 used,
                                 gint64 now)
{
  double gone = (double) CLAMP (now - period->begin, 0, period->end - period->begin);

  if (ferryd_data_plan_is_over (plan, used) || used < plan->limit / APPROACH_FROM)
    return FALSE;
  /* used / part > limit, where part is gone / whole. */
  return (double) used * (double) (period->end - period->begin) > (double) plan->limit * gone;
}

/**
 * ferryd_data_usage_enter:
 * @usage: (inout): what was used
 * @begin: of the period that is now
 *
 * A later period begins with nothing. An earlier one than was known is a clock set back: what was used since
 * counts in it as well, so that nothing is forgotten by it.
 */
void
ferryd_data_usage_enter (FerrydDataUsage *usage, gint64 begin)
{
  if (begin == usage->begin)
    return;
  if (usage->begin == 0 || begin > usage->begin)
    *usage = (FerrydDataUsage){ begin, 0, usage->begin, usage->used };
  else
    {
      if (begin == usage->earlier_begin)
        ferryd_data_usage_add (usage, usage->earlier_used);
      *usage = (FerrydDataUsage){ begin, usage->used, 0, 0 };
    }
}

/**
 * ferryd_data_usage_add:
 * @usage: (inout): what was used
 * @bytes: more of it
 */
void
ferryd_data_usage_add (FerrydDataUsage *usage, guint64 bytes)
{
  usage->used = bytes > G_MAXUINT64 - usage->used ? G_MAXUINT64 : usage->used + bytes;
}

/**
 * ferryd_counter_since:
 * @before: what the kernel had counted for a connection
 * @now: what it has counted now
 *
 * Never negative: a counter that has begun anew, by a boot or by its driver's doing, has counted what it
 * says. One of another interface of the same boot may have been there all the time, and others have used it.
 *
 * Returns: bytes between the two
 */
guint64
ferryd_counter_since (const FerrydCounter *before, const FerrydCounter *now)
{
  if (!ferryd_id_equal (&before->boot, &now->boot))
    return now->bytes;
  if (before->index != now->index)
    return 0;
  return now->bytes >= before->bytes ? now->bytes - before->bytes : now->bytes;
}
