/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydBucket:
 * @rate: bytes a second that flow in, 0 for no limit
 * @level: bytes in it
 * @at: microseconds, when it had that level
 *
 * A token bucket: what may be transferred now. It begins empty, and holds what flows in within
 * FERRYD_BUCKET_BURST at most, so that lateness is made up for and idleness is not. A plain value; zeroes are
 * a bucket without limit.
 */
typedef struct
{
  guint64 rate;
  double level;
  gint64 at;
} FerrydBucket;

/* Microseconds of the rate that a bucket holds: more than the scheduler keeps anybody waiting, and too little
 * to be seen in a speed measured over seconds. */
#define FERRYD_BUCKET_BURST (G_USEC_PER_SEC / 5)

void ferryd_bucket_set_rate (FerrydBucket *bucket, guint64 rate, gint64 now);
void ferryd_bucket_fill (FerrydBucket *bucket, gint64 now);
gboolean ferryd_bucket_has (const FerrydBucket *bucket, guint64 bytes);
void ferryd_bucket_take (FerrydBucket *bucket, guint64 bytes);
void ferryd_bucket_give_back (FerrydBucket *bucket, guint64 bytes);
gint64 ferryd_bucket_get_wait (const FerrydBucket *bucket, guint64 bytes);
guint64 ferryd_bucket_get_portion (const FerrydBucket *bucket, guint n_takers);

G_END_DECLS
