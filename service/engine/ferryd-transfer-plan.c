/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* Where a validator is weak or missing, so much of what is held is fetched again and compared before anything
 * is appended (contract, decision 6). Bytes. */
#define OVERLAP (64 * 1024)

/* Where the next fetch begins and ends, and what it is bound to. */
static void
plan_fill (FerrydStrand *strand, FerrydFetchRequest *request)
{
  FerrydTransfer *self = strand->transfer;
  const FerrydRanges *ranges = ferryd_sink_get_ranges (self->sink);
  FerrydProgressRecord *record = self->record;
  guint64 size = record->total >= 0 ? (guint64) record->total : G_MAXINT64;
  FerrydRange gap;

  if (ferryd_ranges_total (ranges) == 0 || !ferryd_transfer_is_get (self) || record->whole_only ||
      !ferryd_ranges_next_gap (ranges, 0, size, &gap))
    return;
  if (record->validator == NULL && (record->total < 0 || gap.start == 0))
    return;
  request->if_range = record->validator;
  if (record->validator == NULL)
    {
      guint64 begin = gap.start - MIN (gap.start, OVERLAP);

      while (!ferryd_ranges_contains (ranges, begin, gap.start))
        begin += (gap.start - begin + 1) / 2;
      strand->compare_until = gap.start;
      gap.start = begin;
    }
  request->first = (gint64) gap.start;
  request->last = gap.end < size ? (gint64) gap.end - 1 : -1;
}

/**
 * ferryd_transfer_fetch:
 * @self: an attempt with an open sink and no fetch
 * @mode: what for
 *
 * Asks the transport for what @mode wants.
 */
void
ferryd_transfer_fetch (FerrydTransfer *self, FerrydTransferMode mode)
{
  FerrydFetchRequest request = { .last = -1 };
  FerrydStrand *strand = g_new0 (FerrydStrand, 1);

  strand->transfer = self;
  strand->mode = mode;
  if (mode == FERRYD_TRANSFER_FILL)
    plan_fill (strand, &request);
  else if (mode == FERRYD_TRANSFER_BEYOND)
    {
      request.first = (gint64) ferryd_ranges_prefix (ferryd_sink_get_ranges (self->sink));
      request.if_range = self->record->validator;
    }
  else
    strand->compare_until = ferryd_transfer_get_held (self);
  self->phase = FERRYD_TRANSFER_FETCHING;
  ferryd_strand_begin (strand, &request);
}
