/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-bucket.h"

/* Portions of one taker a second: smooth to the eye, and few wake-ups. */
#define PORTIONS_PER_SECOND 20

/* Bytes of the least portion: so many, or those of a quarter of a second where that is less, since each costs
 * a wake-up and a write. */
#define MIN_PORTION 2048
#define MIN_PORTIONS_PER_SECOND 4

static guint64
get_least_portion (guint64 rate)
{
  return MIN (MAX (rate / MIN_PORTIONS_PER_SECOND, 1), MIN_PORTION);
}

static double
get_capacity (const FerrydBucket *bucket)
{
  double burst = (double) bucket->rate * FERRYD_BUCKET_BURST / G_USEC_PER_SEC;

  return MAX (burst, (double) get_least_portion (bucket->rate));
}

/**
 * ferryd_bucket_fill:
 * @bucket: a bucket
 * @now: microseconds
 *
 * Lets in what has come since the last time. Time that went backwards brings nothing.
 */
void
ferryd_bucket_fill (FerrydBucket *bucket, gint64 now)
{
  double inflow = (double) bucket->rate * (double) MAX (now - bucket->at, 0) / G_USEC_PER_SEC;

  bucket->level = MIN (bucket->level + inflow, get_capacity (bucket));
  bucket->at = now;
}

/**
 * ferryd_bucket_set_rate:
 * @bucket: a bucket
 * @rate: bytes a second, 0 for no limit
 * @now: microseconds
 *
 * What is in it stays, as far as it would be there at the new rate.
 */
void
ferryd_bucket_set_rate (FerrydBucket *bucket, guint64 rate, gint64 now)
{
  ferryd_bucket_fill (bucket, now);
  bucket->rate = rate;
  bucket->level = MIN (bucket->level, get_capacity (bucket));
}

/**
 * ferryd_bucket_has:
 * @bucket: a bucket
 * @bytes: a number of bytes
 *
 * Returns: whether they are in it
 */
gboolean
ferryd_bucket_has (const FerrydBucket *bucket, guint64 bytes)
{
  return bucket->rate == 0 || bucket->level >= (double) bytes;
}

/**
 * ferryd_bucket_take:
 * @bucket: a bucket
 * @bytes: a number of bytes that it has
 */
void
ferryd_bucket_take (FerrydBucket *bucket, guint64 bytes)
{
  if (bucket->rate != 0)
    bucket->level -= (double) bytes;
}

/**
 * ferryd_bucket_give_back:
 * @bucket: a bucket
 * @bytes: a number of bytes that were taken and not used
 */
void
ferryd_bucket_give_back (FerrydBucket *bucket, guint64 bytes)
{
  if (bucket->rate != 0)
    bucket->level = MIN (bucket->level + (double) bytes, get_capacity (bucket));
}

/**
 * ferryd_bucket_get_wait:
 * @bucket: a bucket, filled now
 * @bytes: a number of bytes
 *
 * Returns: microseconds until they are in it
 */
gint64
ferryd_bucket_get_wait (const FerrydBucket *bucket, guint64 bytes)
{
  if (ferryd_bucket_has (bucket, bytes))
    return 0;
  return (gint64) (((double) bytes - bucket->level) * G_USEC_PER_SEC / (double) bucket->rate) + 1;
}

/**
 * ferryd_bucket_get_portion:
 * @bucket: a bucket
 * @n_takers: how many take turns, at least 1
 *
 * Returns: bytes that one of them should take at a time, G_MAXUINT64 without a limit
 */
guint64
ferryd_bucket_get_portion (const FerrydBucket *bucket, guint n_takers)
{
  if (bucket->rate == 0)
    return G_MAXUINT64;
  return MAX (bucket->rate / PORTIONS_PER_SECOND / n_takers, get_least_portion (bucket->rate));
}
