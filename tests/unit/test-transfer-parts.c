/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-kit.h"

/* One attempt with parts side by side, out of order, and from several URIs. */

#define KIB 1024
#define MIB (1024 * KIB)

/* Enough to be worth sharing out. */
#define LARGE ((guint64) 8 * MIB)

#define FOUR "{'connections': <uint32 4>}"
#define RANDOM "{'random-access': <true>}"
#define MIRRORS "{'mirrors': <['http://one/f', 'http://two/f']>}"
#define BESIDE "{'mirrors': <['http://one/f', 'http://two/f']>, 'connections': <uint32 3>}"

static void
set_all_sizes (FerrydTransferKit *kit, guint64 size, gsize piece)
{
  kit->server.size = kit->mirrors[0].size = kit->mirrors[1].size = size;
  kit->server.piece = kit->mirrors[0].piece = kit->mirrors[1].piece = piece;
}

static guint
count_fetches (const FerrydTransferKit *kit, const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < kit->fetches->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (kit->fetches, i), prefix);
  return n;
}

static void
test_four (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->connections = 4;
  ferryd_transfer_kit_run (kit, FOUR);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "4194304--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 2, "2097152-4194303 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 3, "6291456--1 \"one\"");
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

/* A URI that failed is replaced: what is held is gone on with, after 64 KiB have been compared. */
static void
test_other_uri (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->uri = "http://other/f";
  kit->server.validator = kit->server.etag = "\"other\"";
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "88064--1 ");
  g_assert_cmpuint (kit->restarts, ==, 0);
  g_assert_cmpstr (kit->record->validator, ==, "\"other\"");
  g_assert_cmpstr (kit->record->uri, ==, "http://other/f");
  ferryd_transfer_kit_publish (kit);
}

static void
test_other_uri_differs (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->uri = "http://other/f";
  kit->server.shift = 9;
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_assert_fetch (kit, 0, "88064--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_other_uri_other_size (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->uri = "http://other/f";
  kit->server.size += 1;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* Nothing is held before the hole: what is held behind it is compared first. */
static void
test_other_uri_hole (FerrydTransferKit *kit, gconstpointer data)
{
  kit->record = ferryd_progress_record_new ();
  kit->record->from = 200 * KIB;
  kit->server.cut = 20 * KIB;
  ferryd_transfer_kit_run (kit, RANDOM);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 20 * KIB);
  kit->server.cut = 0;
  kit->record->from = 0;
  kit->uri = "http://other/f";
  kit->server.validator = kit->server.etag = "\"other\"";
  ferryd_transfer_kit_run (kit, RANDOM);
  ferryd_transfer_kit_assert_fetch (kit, 0, "204800-225279 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "0-204799 \"other\"");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_mirror_instead (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  kit->server.remedy = FERRYD_REMEDY_FINAL;
  kit->mirrors[0].status = FERRY_TRANSFER_ERROR_CANNOT_CONNECT;
  kit->mirrors[0].remedy = FERRYD_REMEDY_RETRY;
  ferryd_transfer_kit_run (kit, MIRRORS);
  g_assert_cmpuint (kit->fetches->len, ==, 3);
  ferryd_transfer_kit_assert_fetch (kit, 2, "2 0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_mirror_goes_on (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  ferryd_transfer_kit_run (kit, MIRRORS);
  ferryd_transfer_kit_assert_fetch (kit, 1, "1 153600--1 \"one\"");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

/* Another validator is another file, as far as can be known. */
static void
test_mirror_other (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  kit->mirrors[0].validator = kit->mirrors[0].etag = "\"two\"";
  kit->mirrors[0].shift = 3;
  kit->mirrors[1].size += 7;
  ferryd_transfer_kit_run (kit, MIRRORS);
  g_assert_cmpuint (kit->fetches->len, ==, 3);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
  g_assert_cmpuint (ferryd_ranges_prefix (kit->record->ranges), ==, FERRYD_TRANSFER_KIT_SIZE / 2);
  g_assert_cmpuint (kit->restarts, ==, 0);
}

/* A server that does not know If-Range sends a part of whatever it has. */
static void
test_mirror_ignores_condition (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  kit->mirrors[0].etag = "\"two\"";
  kit->mirrors[0].shift = 3;
  ferryd_transfer_kit_run (kit, MIRRORS);
  ferryd_transfer_kit_assert_fetch (kit, 1, "1 153600--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 2, "2 153600--1 \"one\"");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

/* When nothing else is left, a whole file is worth more than half of another. */
static void
test_mirror_from_nothing (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.status = FERRY_TRANSFER_ERROR_GONE;
  kit->server.remedy = FERRYD_REMEDY_FINAL;
  kit->mirrors[0].status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  kit->mirrors[0].remedy = FERRYD_REMEDY_FINAL;
  kit->mirrors[1].validator = kit->mirrors[1].etag = "\"two\"";
  kit->mirrors[1].shift = 3;
  ferryd_transfer_kit_run (kit, MIRRORS);
  ferryd_transfer_kit_assert_fetch (kit, 2, "2 153600--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 3, "2 0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  kit->server.shift = 3;
  ferryd_transfer_kit_publish (kit);
}

/* But only when no other attempt could go on with that half. */
static void
test_mirror_from_nothing_at_last (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.status = FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE;
  kit->server.remedy = FERRYD_REMEDY_RETRY;
  kit->mirrors[0].validator = kit->mirrors[0].etag = "\"two\"";
  kit->mirrors[0].shift = 3;
  kit->mirrors[1].status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  kit->mirrors[1].remedy = FERRYD_REMEDY_FINAL;
  ferryd_transfer_kit_run (kit, MIRRORS);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  kit->is_last = TRUE;
  ferryd_transfer_kit_run (kit, MIRRORS);
  g_assert_cmpuint (kit->restarts, ==, 1);
  kit->server.shift = 3;
  ferryd_transfer_kit_publish (kit);
}

static void
set_checksum (FerrydTransferKit *kit, char **options)
{
  g_autofree guint8 *bytes = ferryd_transfer_kit_bytes (&kit->server, 0, kit->server.size);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, kit->server.size);

  *options = g_strdup_printf ("{'mirrors': <['http://one/f', 'http://two/f']>, 'connections': <uint32 3>, "
                              "'checksum': <'sha256:%s'>, 'expected-size': <uint64 %" G_GUINT64_FORMAT ">}",
                              hex, kit->server.size);
}

/* Size and checksum bind what has no validator in common. */
static void
test_mirrors_by_checksum (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *options = NULL;

  set_all_sizes (kit, LARGE, 64 * KIB);
  set_checksum (kit, &options);
  kit->mirrors[0].validator = kit->mirrors[0].etag = NULL;
  kit->mirrors[1].validator = kit->mirrors[1].etag = "\"two\"";
  ferryd_transfer_kit_run (kit, options);
  g_assert_cmpuint (count_fetches (kit, "1 "), >=, 1);
  g_assert_cmpuint (count_fetches (kit, "2 "), >=, 1);
  g_assert_true (kit->record->mixed);
  ferryd_transfer_kit_publish (kit);
}

/* One of them has something else: what it spoiled is fetched again, from one alone. */
static void
test_mirror_spoils (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *options = NULL;

  set_all_sizes (kit, LARGE, 64 * KIB);
  set_checksum (kit, &options);
  kit->mirrors[1].shift = 11;
  ferryd_transfer_kit_run (kit, options);
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_mirrors_beside (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  ferryd_transfer_kit_run (kit, BESIDE);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "1 4194304--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 2, "2 2097152-4194303 \"one\"");
  ferryd_transfer_kit_publish (kit);
}

/* One that dies leaves its rest to the others. */
static void
test_mirror_dies (FerrydTransferKit *kit, gconstpointer data)
{
  set_all_sizes (kit, LARGE, 64 * KIB);
  kit->mirrors[0].cut = 256 * KIB;
  ferryd_transfer_kit_run (kit, BESIDE);
  g_assert_cmpuint (count_fetches (kit, "1 "), ==, 1);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_origin (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  ferryd_transfer_kit_run (kit, MIRRORS);
  g_assert_cmpstr (
      ferryd_fake_fetch_get_request (ferryd_fake_transport_wait_fetch (kit->transport, 1))->origin, ==,
      "http://host/f");
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
    { "/transfer/uri/same", test_other_uri },
    { "/transfer/uri/differs", test_other_uri_differs },
    { "/transfer/uri/other-size", test_other_uri_other_size },
    { "/transfer/uri/hole", test_other_uri_hole },
    { "/transfer/mirrors/instead", test_mirror_instead },
    { "/transfer/mirrors/goes-on", test_mirror_goes_on },
    { "/transfer/mirrors/other", test_mirror_other },
    { "/transfer/mirrors/ignores-condition", test_mirror_ignores_condition },
    { "/transfer/mirrors/from-nothing", test_mirror_from_nothing },
    { "/transfer/mirrors/from-nothing-at-last", test_mirror_from_nothing_at_last },
    { "/transfer/mirrors/by-checksum", test_mirrors_by_checksum },
    { "/transfer/mirrors/spoils", test_mirror_spoils },
    { "/transfer/mirrors/beside", test_mirrors_beside },
    { "/transfer/mirrors/dies", test_mirror_dies },
    { "/transfer/mirrors/origin", test_origin },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, FerrydTransferKit, NULL, ferryd_transfer_kit_set_up, tests[i].function,
                ferryd_transfer_kit_tear_down);
  return g_test_run ();
}
