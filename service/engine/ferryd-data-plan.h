/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-id.h"

G_BEGIN_DECLS

/* Arithmetic of data plans. Plain values; nothing here asks a clock or a kernel. */

/**
 * FerrydDataPlan:
 * @limit: bytes a month
 * @reset_day: day of the month on which it begins anew, 1 to 31; the last day of a month that has no such day
 */
typedef struct
{
  guint64 limit;
  guint reset_day;
} FerrydDataPlan;

/**
 * FerrydDataPeriod:
 * @begin: its first moment, Unix microseconds
 * @end: the first moment of the next one
 */
typedef struct
{
  gint64 begin;
  gint64 end;
} FerrydDataPeriod;

/**
 * FerrydDataUsage:
 * @begin: of the period it is of, Unix microseconds, 0 for none yet
 * @used: bytes, received and sent
 * @earlier_begin: of the period before, 0 for none; for a clock that is set back into it
 * @earlier_used: bytes
 *
 * What has been used by one connection.
 */
typedef struct
{
  gint64 begin;
  guint64 used;
  gint64 earlier_begin;
  guint64 earlier_used;
} FerrydDataUsage;

/**
 * FerrydCounter:
 * @boot: of the kernel that counts
 * @index: of the interface, which no other one has until the next boot
 * @bytes: received and sent since the interface came into being
 */
typedef struct
{
  FerrydId boot;
  guint index;
  guint64 bytes;
} FerrydCounter;

void ferryd_data_plan_get_period (const FerrydDataPlan *plan, gint64 now, GTimeZone *zone,
                                  FerrydDataPeriod *period);
gboolean ferryd_data_plan_is_over (const FerrydDataPlan *plan, guint64 used);
gboolean ferryd_data_plan_is_approaching (const FerrydDataPlan *plan, const FerrydDataPeriod *period,
                                          guint64 used, gint64 now);

void ferryd_data_usage_enter (FerrydDataUsage *usage, gint64 begin);
void ferryd_data_usage_add (FerrydDataUsage *usage, guint64 bytes);
guint64 ferryd_counter_since (const FerrydCounter *before, const FerrydCounter *now);

G_END_DECLS
