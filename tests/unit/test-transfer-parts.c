/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-kit.h"

/* One attempt with parts side by side, and out of order. */

#define KIB 1024
#define MIB (1024 * KIB)

/* Enough to be worth sharing out. */
#define LARGE ((guint64) 8 * MIB)

#define FOUR "{'connections': <uint32 4>}"
#define RANDOM "{'random-access': <true>}"

static void
set_all_sizes (FerrydTransferKit *kit, guint64 size, gsize piece)
{
  kit->server.size = kit->mirrors[0].size = kit->mirrors[1].size = size;
  kit->server.piece = kit->mirrors[0].piece = kit->mirrors[1].piece = piece;
}

static void
test_four (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  ferryd_transfer_kit_run (kit, FOUR);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "4194304--1 \"one\"");
  /* The others when the first of them has shown that parts can be had. */
  ferryd_transfer_kit_assert_fetch (kit, 2, "6291456--1 \"one\"");
  g_assert_cmpuint (kit->fetches->len, >=, 4);
  g_assert_cmpuint (ferryd_meter_get_held (kit->meter), ==, LARGE);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_as_allowed (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 2;
  kit->server.hangs = TRUE;
  kit->server.cut = 64 * KIB;
  ferryd_transfer_kit_start (kit, FOUR);
  ferryd_transfer_kit_settle (kit, 2);
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  ferryd_transfer_allow (kit->transfer, 0, 3);
  ferryd_transfer_kit_settle (kit, 1);
  g_assert_cmpuint (kit->fetches->len, ==, 3);
  /* What it has to give back it gives back at once. */
  ferryd_transfer_allow (kit->transfer, 0, 1);
  ferryd_transfer_kit_settle (kit, 1);
  g_assert_nonnull (strchr (kit->events->str, 'L'));
  g_assert_cmpuint (kit->limited, ==, 1);
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_fake_transport_wait_fetch (kit->transport, 1)));
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_fake_transport_wait_fetch (kit->transport, 2)));
  g_assert_false (ferryd_fake_fetch_is_canceled (ferryd_fake_transport_wait_fetch (kit->transport, 0)));
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 3 * 64 * KIB);
  /* And goes on with the holes. */
  kit->server.hangs = FALSE;
  kit->server.cut = 0;
  kit->connections = 4;
  ferryd_transfer_kit_run (kit, FOUR);
  ferryd_transfer_kit_assert_fetch (kit, 0, "65536-2129919 \"one\"");
  ferryd_transfer_kit_publish (kit);
}

static void
test_small_alone (FerrydTransferKit *kit, gconstpointer data)
{
  kit->connections = 4;
  ferryd_transfer_kit_run (kit, FOUR);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_ranges_ignored (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  kit->server.ranges = FALSE;
  ferryd_transfer_kit_run (kit, FOUR);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* Who has the whole goes on with it, whatever was meant for another meanwhile. */
static void
test_ranges_pretended (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  kit->server.ranges = FALSE;
  kit->server.pretends = TRUE;
  ferryd_transfer_kit_run (kit, FOUR);
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

/* Nothing is known of it that another version could be told by. */
static void
test_weak_alone (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  kit->server.validator = NULL;
  kit->server.etag = "W/\"one\"";
  ferryd_transfer_kit_run (kit, FOUR);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* The file is another one from the third request on: everything begins again, and nothing is mixed. */
static void
test_changes_between_parts (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  kit->server.hangs = TRUE;
  kit->server.cut = 128 * KIB;
  ferryd_transfer_kit_start (kit, FOUR);
  ferryd_transfer_kit_settle (kit, 4);
  kit->server.validator = kit->server.etag = "\"two\"";
  kit->server.shift = 5;
  kit->server.hangs = FALSE;
  kit->server.cut = 0;
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  ferryd_transfer_kit_run (kit, FOUR);
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* A server that lets nobody have a second connection does not end the download. */
static void
test_second_refused (FerrydTransferKit *kit, gconstpointer data)
{
  FerrydFetch *first;
  g_autofree guint8 *rest = NULL;

  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  kit->server.cut = 64 * KIB;
  kit->server.hangs = TRUE;
  ferryd_transfer_kit_start (kit, "{'connections': <uint32 4>}");
  first = ferryd_fake_transport_wait_fetch (kit->transport, 0);
  kit->server.status = FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE;
  kit->server.remedy = FERRYD_REMEDY_RETRY;
  ferryd_transfer_kit_settle (kit, 1);
  g_assert_cmpuint (kit->fetches->len, >, 1);
  g_assert_cmpuint (kit->fetches->len, <=, 5);
  g_assert_false (kit->over);
  g_assert_false (ferryd_fake_fetch_is_canceled (first));
  kit->server.status = -1;
  kit->server.cut = 0;
  kit->server.hangs = FALSE;
  rest = ferryd_transfer_kit_bytes (&kit->server, 64 * KIB, LARGE);
  ferryd_fake_fetch_body (first, 64 * KIB, rest, LARGE - 64 * KIB);
  ferryd_fake_fetch_end (first, FERRYD_BODY_END_PROVED);
  ferryd_transfer_kit_wait (kit);
  ferryd_transfer_kit_publish (kit);
}

static void
test_prioritize (FerrydTransferKit *kit, gconstpointer data)
{
  FerrydFetch *first;

  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->server.cut = 64 * KIB;
  kit->server.hangs = TRUE;
  ferryd_transfer_kit_start (kit, RANDOM);
  first = ferryd_fake_transport_wait_fetch (kit->transport, 0);
  ferryd_transfer_kit_settle (kit, 1);
  g_assert_true (ferryd_fake_fetch_get_request (first)->ranged);
  kit->server.cut = 0;
  kit->server.hangs = FALSE;
  /* What comes next anyway is left to come. */
  ferryd_transfer_prioritize (kit->transfer, 100 * KIB);
  ferryd_transfer_kit_settle (kit, 1);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_prioritize (kit->transfer, 6 * MIB);
  ferryd_transfer_kit_wait (kit);
  g_assert_true (ferryd_fake_fetch_is_canceled (first));
  ferryd_transfer_kit_assert_fetch (kit, 1, "6291456--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 2, "65536-6291455 \"one\"");
  g_assert_cmpuint (kit->fetches->len, ==, 3);
  ferryd_transfer_kit_publish (kit);
}

static void
test_prioritize_before (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->record = ferryd_progress_record_new ();
  kit->record->from = 5 * MIB;
  ferryd_transfer_kit_run (kit, RANDOM);
  ferryd_transfer_kit_assert_fetch (kit, 0, "5242880--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "0-5242879 \"one\"");
  ferryd_transfer_kit_publish (kit);
}

static void
test_prioritize_side_by_side (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 2;
  kit->server.cut = 64 * KIB;
  kit->server.hangs = TRUE;
  ferryd_transfer_kit_start (kit, "{'random-access': <true>, 'connections': <uint32 2>}");
  ferryd_transfer_kit_settle (kit, 2);
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  ferryd_transfer_prioritize (kit->transfer, 2 * MIB);
  ferryd_transfer_kit_settle (kit, 1);
  /* The one that was going to come there goes there. */
  g_assert_cmpuint (kit->fetches->len, ==, 3);
  ferryd_transfer_kit_assert_fetch (kit, 2, "2097152-4194303 \"one\"");
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_fake_transport_wait_fetch (kit->transport, 0)));
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpuint (kit->record->from, ==, 2 * MIB);
}

static void
assert_unfit (FerrydTransferKit *kit, FerryTransferError status)
{
  ferryd_transfer_kit_run (kit, RANDOM);
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'F');
  g_assert_cmpint (kit->failure->status, ==, status);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_meter_get_held (kit->meter), ==, 0);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
}

static void
test_unfit (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.ranges = FALSE;
  assert_unfit (kit, FERRY_TRANSFER_ERROR_INSUFFICIENT_RANGE_SUPPORT);
  kit->server.says_size = FALSE;
  assert_unfit (kit, FERRY_TRANSFER_ERROR_MISSING_CONTENT_LENGTH_SUPPORT);
  kit->server.ranges = TRUE;
  assert_unfit (kit, FERRY_TRANSFER_ERROR_MISSING_CONTENT_LENGTH_SUPPORT);
  kit->server.says_size = TRUE;
  kit->server.etag = kit->server.validator = NULL;
  assert_unfit (kit, FERRY_TRANSFER_ERROR_INSUFFICIENT_RANGE_SUPPORT);
}

static void
test_random_empty (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.size = 0;
  ferryd_transfer_kit_run (kit, RANDOM);
  ferryd_transfer_kit_publish (kit);
}

/* What is wanted first may not be there at all. */
static void
test_prioritize_beyond (FerrydTransferKit *kit, gconstpointer data)
{
  kit->record = ferryd_progress_record_new ();
  kit->record->from = 5 * MIB;
  kit->server.status = FERRY_TRANSFER_ERROR_REQUESTED_RANGE_NOT_SATISFIABLE;
  kit->server.remedy = FERRYD_REMEDY_RESTART;
  ferryd_transfer_kit_start (kit, RANDOM);
  ferryd_fake_transport_wait_fetch (kit->transport, 0);
  kit->server.status = -1;
  ferryd_transfer_kit_wait (kit);
  ferryd_transfer_kit_assert_fetch (kit, 1, "0--1 ");
  ferryd_transfer_kit_publish (kit);
}

/* Holes that only the compared overlap binds. */
static void
test_weak_holes (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = NULL;
  kit->server.etag = "W/\"one\"";
  kit->record = ferryd_progress_record_new ();
  kit->record->from = 200 * KIB;
  ferryd_transfer_kit_run (kit, RANDOM);
  ferryd_transfer_kit_assert_fetch (kit, 0, "204800--1 ");
  /* The hole, and what is held behind it. */
  ferryd_transfer_kit_assert_fetch (kit, 1, "0-270335 ");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_weak_holes_other (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = NULL;
  kit->server.etag = "W/\"one\"";
  kit->record = ferryd_progress_record_new ();
  kit->record->from = 200 * KIB;
  kit->changes = 1;
  ferryd_transfer_kit_start (kit, RANDOM);
  ferryd_fake_transport_wait_fetch (kit->transport, 1);
  kit->changes = 0;
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *path;
    void (*function) (FerrydTransferKit *, gconstpointer);
  } tests[] = {
    { "/transfer/connections/four", test_four },
    { "/transfer/connections/as-allowed", test_as_allowed },
    { "/transfer/connections/small", test_small_alone },
    { "/transfer/connections/ranges-ignored", test_ranges_ignored },
    { "/transfer/connections/ranges-pretended", test_ranges_pretended },
    { "/transfer/connections/weak", test_weak_alone },
    { "/transfer/connections/changes", test_changes_between_parts },
    { "/transfer/connections/second-refused", test_second_refused },
    { "/transfer/random/prioritize", test_prioritize },
    { "/transfer/random/prioritize-before", test_prioritize_before },
    { "/transfer/random/prioritize-side-by-side", test_prioritize_side_by_side },
    { "/transfer/random/prioritize-beyond", test_prioritize_beyond },
    { "/transfer/random/unfit", test_unfit },
    { "/transfer/random/empty", test_random_empty },
    { "/transfer/random/weak-holes", test_weak_holes },
    { "/transfer/random/weak-holes-other", test_weak_holes_other },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, FerrydTransferKit, NULL, ferryd_transfer_kit_set_up, tests[i].function,
                ferryd_transfer_kit_tear_down);
  return g_test_run ();
}
