/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-kit.h"

/* One attempt from several URIs, and from another one than before. */

#define KIB 1024
#define MIB (1024 * KIB)

/* Enough to be worth sharing out. */
#define LARGE ((guint64) 8 * MIB)

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
  ferryd_transfer_kit_assert_fetch (kit, 2, "2 6291456--1 \"one\"");
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
