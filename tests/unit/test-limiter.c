/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-bucket.h"
#include "ferryd-limiter.h"

/* Microseconds in which a socket brings the next bytes. */
#define STEP (G_USEC_PER_SEC / 1000)

static gint64 fake_now;

static gint64
get_fake_time (void)
{
  return fake_now;
}

/* Any number of bytes come in one STEP. */
#define ANY (G_MAXSIZE / 2)

/* Whoever moves bytes: as many as it may, when it is told that it may. */
typedef struct
{
  FerrydLimiterTap *tap; /* (owned) */
  gsize supply;          /* bytes that come in one STEP */
  gsize ready;           /* bytes that have come and have not been moved */
  guint64 moved;
  guint64 most; /* bytes moved within one STEP */
  gboolean waits;
  guint n_wakes; /* times it was told that it may go on */
} Mover;

static void
on_room (gpointer user_data)
{
  Mover *mover = user_data;

  g_assert_true (mover->waits);
  mover->waits = FALSE;
  mover->n_wakes++;
}

static void
mover_init (Mover *mover, FerrydLimiterShare *share, gsize supply)
{
  *mover = (Mover){ .supply = supply };
  mover->tap = ferryd_limiter_tap_new (share, on_room, mover);
}

static void
move_bytes (Mover *mover)
{
  guint64 before = mover->moved;

  mover->ready = mover->supply == ANY ? ANY : mover->ready + mover->supply;
  while (!mover->waits && mover->ready > 0)
    {
      gsize room = ferryd_limiter_tap_get_room (mover->tap);
      gsize bytes = MIN (MIN (room, mover->ready), 1024 * 1024);

      mover->waits = room == 0;
      mover->ready -= bytes;
      mover->moved += bytes;
      ferryd_limiter_tap_spend (mover->tap, bytes);
      if (room == G_MAXSIZE)
        break;
    }
  mover->most = MAX (mover->most, mover->moved - before);
}

/* Lets time pass; each distribution comes @late microseconds after it is due. Returns how many there were. */
static guint
run_for (FerrydLimiter *limiter, Mover *movers, guint n_movers, gint64 seconds, gint64 late)
{
  gint64 end = fake_now + seconds * G_USEC_PER_SEC;
  guint n = 0;

  for (; fake_now < end; fake_now += STEP)
    {
      gint64 due = ferryd_limiter_get_due (limiter);

      if (due >= 0 && fake_now >= due + late)
        {
          ferryd_limiter_distribute (limiter);
          n++;
        }
      for (guint i = 0; i < n_movers; i++)
        move_bytes (&movers[i]);
    }
  return n;
}

static void
assert_near (guint64 value, double wanted, double tolerance)
{
  g_test_message ("%" G_GUINT64_FORMAT ", wanted %.0f", value, wanted);
  g_assert_cmpfloat ((double) value, >=, wanted * (1 - tolerance));
  g_assert_cmpfloat ((double) value, <=, wanted * (1 + tolerance));
}

static void
test_bucket (void)
{
  FerrydBucket bucket = { 0 };

  g_assert_true (ferryd_bucket_has (&bucket, G_MAXUINT64));
  g_assert_cmpint (ferryd_bucket_get_wait (&bucket, 1000), ==, 0);
  g_assert_cmpuint (ferryd_bucket_get_portion (&bucket, 1), ==, G_MAXUINT64);

  ferryd_bucket_set_rate (&bucket, 100000, 5 * G_USEC_PER_SEC);
  g_assert_false (ferryd_bucket_has (&bucket, 1));
  g_assert_cmpint (ferryd_bucket_get_wait (&bucket, 5000), ==, G_USEC_PER_SEC / 20 + 1);
  ferryd_bucket_fill (&bucket, 5 * G_USEC_PER_SEC + G_USEC_PER_SEC / 20);
  g_assert_true (ferryd_bucket_has (&bucket, 5000));
  g_assert_false (ferryd_bucket_has (&bucket, 5001));
  ferryd_bucket_take (&bucket, 5000);
  g_assert_false (ferryd_bucket_has (&bucket, 1));

  /* Backwards nothing, and never more than a burst. */
  ferryd_bucket_fill (&bucket, 0);
  g_assert_false (ferryd_bucket_has (&bucket, 1));
  ferryd_bucket_fill (&bucket, 100 * G_USEC_PER_SEC);
  g_assert_true (ferryd_bucket_has (&bucket, 20000));
  g_assert_false (ferryd_bucket_has (&bucket, 20001));
  ferryd_bucket_give_back (&bucket, 5);
  g_assert_false (ferryd_bucket_has (&bucket, 20001));
  ferryd_bucket_set_rate (&bucket, 10, 100 * G_USEC_PER_SEC);
  g_assert_false (ferryd_bucket_has (&bucket, 11));
  ferryd_bucket_set_rate (&bucket, G_MAXUINT64, 101 * G_USEC_PER_SEC);
  ferryd_bucket_fill (&bucket, 300 * G_USEC_PER_SEC);
  g_assert_true (ferryd_bucket_has (&bucket, 1024 * 1024));
}

static void
test_portions (void)
{
  static const struct
  {
    guint64 rate;
    guint n_takers;
    guint64 portion;
  } cases[] = {
    { 1, 1, 1 },
    { 1000, 1, 250 },
    { 1000, 10, 250 },
    { 100 * 1000, 1, 5000 },
    { 1000 * 1000, 1, 50 * 1000 },
    { 1000 * 1000, 4, 12500 },
    { 1000 * 1000, 100, 2048 },
    { 1000 * 1000 * 1000, 1, 50 * 1000 * 1000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydBucket bucket = { .rate = cases[i].rate };

      g_assert_cmpuint (ferryd_bucket_get_portion (&bucket, cases[i].n_takers), ==, cases[i].portion);
    }
}

/* One share, one tap or several: its rate, whatever comes in, and no more than a burst at once. */
static void
test_rates (void)
{
  static const guint64 rates[] = { 100, 1000, 10 * 1000, 1000 * 1000, 50 * 1000 * 1000, 2000000000 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      for (guint n_taps = 1; n_taps <= 4; n_taps += 3)
        {
          g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, get_fake_time);
          g_autoptr (FerrydLimiterShare) share = ferryd_limiter_share_new (limiter);
          Mover movers[4];
          guint64 total = 0;
          guint n_wakes;

          ferryd_limiter_share_set_rate (share, rates[i]);
          for (guint k = 0; k < n_taps; k++)
            mover_init (&movers[k], share, ANY);
          n_wakes = run_for (limiter, movers, n_taps, 20, 2 * G_TIME_SPAN_MILLISECOND);
          for (guint k = 0; k < n_taps; k++)
            {
              total += movers[k].moved;
              g_assert_cmpuint (movers[k].most, <=, MAX (rates[i] / 4, 1000));
              assert_near (movers[k].moved, (double) (rates[i] * 20 / n_taps),
                           rates[i] <= 1000 ? 0.06 : 0.05);
              ferryd_limiter_tap_free (movers[k].tap);
            }
          assert_near (total, (double) (rates[i] * 20), 0.05);
          /* No more wake-ups than anybody can use. */
          g_assert_cmpuint (n_wakes, <=, rates[i] <= 1000 ? 4 * 20 + 1 : 100 * 20);
        }
    }
}

/* Three operations share the limit of all in equal parts, however many taps one has; what one does not want
 * the others get, and a limit of its own holds as well. */
static void
share_out (guint64 rate)
{
  g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, get_fake_time);
  g_autoptr (FerrydLimiterShare) many = ferryd_limiter_share_new (limiter);
  g_autoptr (FerrydLimiterShare) one = ferryd_limiter_share_new (limiter);
  g_autoptr (FerrydLimiterShare) limited = ferryd_limiter_share_new (limiter);
  Mover movers[6];
  guint64 n_many = 0;

  ferryd_limiter_set_rate (limiter, rate);
  for (guint i = 0; i < 4; i++)
    mover_init (&movers[i], many, ANY);
  mover_init (&movers[4], one, ANY);
  mover_init (&movers[5], limited, ANY);
  run_for (limiter, movers, 6, 10, 0);
  for (guint i = 0; i < 4; i++)
    n_many += movers[i].moved;
  assert_near (n_many, 10 * (double) rate / 3, 0.05);
  assert_near (movers[4].moved, 10 * (double) rate / 3, 0.05);
  assert_near (movers[5].moved, 10 * (double) rate / 3, 0.05);

  ferryd_limiter_share_set_rate (limited, rate / 10);
  movers[3].supply = 0;
  movers[3].ready = 0;
  for (guint i = 0; i < 6; i++)
    movers[i].moved = 0;
  run_for (limiter, movers, 6, 10, 0);
  assert_near (movers[0].moved + movers[1].moved + movers[2].moved, 4.5 * (double) rate, 0.05);
  assert_near (movers[4].moved, 4.5 * (double) rate, 0.05);
  assert_near (movers[5].moved, (double) rate, 0.05);
  for (guint i = 0; i < 6; i++)
    ferryd_limiter_tap_free (movers[i].tap);
}

static void
test_shares (void)
{
  share_out (20 * 1000);
  share_out (1000 * 1000);
  share_out (200 * 1000 * 1000);
}

/* A slow server leaves what it does not use to the others, and is not made slower. */
static void
test_slow_source (void)
{
  g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, get_fake_time);
  g_autoptr (FerrydLimiterShare) slow = ferryd_limiter_share_new (limiter);
  g_autoptr (FerrydLimiterShare) fast = ferryd_limiter_share_new (limiter);
  Mover movers[2];

  ferryd_limiter_set_rate (limiter, 1000 * 1000);
  mover_init (&movers[0], slow, 100);
  mover_init (&movers[1], fast, ANY);
  run_for (limiter, movers, 2, 10, 0);
  assert_near (movers[0].moved, 1e6, 0.06);
  assert_near (movers[0].moved + movers[1].moved, 10e6, 0.05);
  ferryd_limiter_tap_free (movers[0].tap);
  ferryd_limiter_tap_free (movers[1].tap);
}

/* Limits change while it runs: what was given out before counts no longer, and without one nobody waits. */
static void
test_live (void)
{
  g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, get_fake_time);
  g_autoptr (FerrydLimiterShare) share = ferryd_limiter_share_new (limiter);
  Mover mover;

  mover_init (&mover, share, ANY);
  g_assert_cmpuint (ferryd_limiter_tap_get_room (mover.tap), ==, G_MAXSIZE);
  ferryd_limiter_set_rate (limiter, 100 * 1000 * 1000);
  run_for (limiter, &mover, 1, 2, 0);
  g_assert_cmpuint (ferryd_limiter_tap_get_room (mover.tap), ==, 0);
  mover.moved = 0;
  ferryd_limiter_share_set_rate (share, 1000);
  run_for (limiter, &mover, 1, 20, 0);
  assert_near (mover.moved, 20000, 0.06);

  /* It waits for the next second's portion, and need not any more. */
  g_assert_true (mover.waits);
  ferryd_limiter_share_set_rate (share, 0);
  ferryd_limiter_set_rate (limiter, 0);
  g_assert_false (mover.waits);
  g_assert_cmpuint (ferryd_limiter_tap_get_room (mover.tap), ==, G_MAXSIZE);

  /* A fast one is not kept waiting by the time at which a slow one gets more. */
  {
    g_autoptr (FerrydLimiterShare) other = ferryd_limiter_share_new (limiter);
    Mover both[2];

    ferryd_limiter_share_set_rate (share, 10);
    ferryd_limiter_share_set_rate (other, 1000 * 1000);
    mover_init (&both[0], share, ANY);
    mover_init (&both[1], other, ANY);
    run_for (limiter, both, 2, 10, 0);
    assert_near (both[1].moved, 10e6, 0.05);
    assert_near (both[0].moved, 100, 0.11);
    ferryd_limiter_tap_free (both[0].tap);
    ferryd_limiter_tap_free (both[1].tap);
  }
  ferryd_limiter_tap_free (mover.tap);
  ferryd_limiter_distribute (limiter);
  g_assert_cmpint (ferryd_limiter_get_due (limiter), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limiter/bucket", test_bucket);
  g_test_add_func ("/limiter/portions", test_portions);
  g_test_add_func ("/limiter/rates", test_rates);
  g_test_add_func ("/limiter/shares", test_shares);
  g_test_add_func ("/limiter/slow-source", test_slow_source);
  g_test_add_func ("/limiter/live", test_live);
  return g_test_run ();
}
