/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sys/resource.h>

#include "ferryd-transfer-kit.h"

/* One attempt with one connection at a time. */

static void
test_whole (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
  g_assert_true (kit->record->complete_proved);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_empty (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.size = 0;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_resume (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "153600--1 \"one\"");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_changed (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.validator = kit->server.etag = "\"two\"";
  kit->server.shift = 7;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpuint (kit->restarts, ==, 1);
  g_assert_cmpstr (kit->record->validator, ==, "\"two\"");
  ferryd_transfer_kit_publish (kit);
}

/* Nothing may be written before the reset is durable: a kill must not find new bytes under the old validator.
 */
static void
test_reset_waits (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree guint8 *old = ferryd_transfer_kit_bytes (&kit->server, 0, FERRYD_TRANSFER_KIT_SIZE / 2);
  g_autofree char *found = NULL;
  gsize length;

  ferryd_transfer_kit_fetch_half (kit);
  kit->server.validator = kit->server.etag = "\"two\"";
  kit->server.shift = 7;
  kit->proceed_late = TRUE;
  ferryd_transfer_kit_start (kit, "{}");
  while (strchr (kit->events->str, 'R') == NULL)
    g_main_context_iteration (NULL, TRUE);
  ferryd_transfer_kit_settle (kit, 0);
  g_assert_true (g_file_get_contents (kit->sink.part, &found, &length, NULL));
  g_assert_cmpmem (found, length, old, FERRYD_TRANSFER_KIT_SIZE / 2);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 0);
  ferryd_attempt_proceed (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  ferryd_transfer_kit_publish (kit);
}

static void
test_weak_same (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = NULL;
  kit->server.etag = "W/\"one\"";
  ferryd_transfer_kit_fetch_half (kit);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "88064--1 ");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_weak_other (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = NULL;
  kit->server.etag = NULL;
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.shift = 7;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  ferryd_transfer_kit_assert_fetch (kit, 1, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_weak_no_length (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = kit->server.etag = NULL;
  kit->server.says_size = FALSE;
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  kit->server.end = FERRYD_BODY_END_DOUBTFUL;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  kit->server.cut = 0;
  kit->server.end = FERRYD_BODY_END_PROVED;
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_keeps_changing (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.validator = kit->server.etag = NULL;
  ferryd_transfer_kit_fetch_half (kit);
  kit->changes = 0;
  kit->server.ranges = FALSE;
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  for (guint i = 0; i < 3; i++)
    {
      g_clear_pointer (&kit->failure, ferryd_failure_free);
      ferryd_transfer_kit_run (kit, "{}");
      g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
      g_assert_cmpuint (kit->restarts, ==, 1);
    }
}

static void
test_unproved_repeat (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.says_size = FALSE;
  kit->server.validator = kit->server.etag = NULL;
  kit->server.end = FERRYD_BODY_END_UNPROVED;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  g_assert_true (kit->record->complete_proved);
  ferryd_transfer_kit_publish (kit);
}

static void
test_unproved_differs (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.says_size = FALSE;
  kit->server.validator = kit->server.etag = NULL;
  kit->server.end = FERRYD_BODY_END_UNPROVED;
  kit->changes = 1;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_false (kit->record->complete_proved);
  kit->server.shift = 0;
  ferryd_transfer_kit_publish (kit);
}

static void
test_doubtful (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.says_size = FALSE;
  kit->server.validator = kit->server.etag = NULL;
  kit->server.end = FERRYD_BODY_END_DOUBTFUL;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'F');
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
}

/* With a validator the server can be asked what comes behind the end. */
static void
test_beyond (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.says_size = FALSE;
  kit->server.end = FERRYD_BODY_END_DOUBTFUL;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  ferryd_transfer_kit_assert_fetch (kit, 1, "307200--1 \"one\"");
  g_assert_true (kit->record->complete_proved);
  ferryd_transfer_kit_publish (kit);
}

static void
test_expected_size (FerrydTransferKit *kit, gconstpointer data)
{
  guint status = 0;

  ferryd_transfer_kit_run (kit, "{'expected-size': <uint64 5>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
  g_assert_nonnull (kit->failure->response);
  g_assert_true (g_variant_lookup (kit->failure->response, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 0);
}

static void
test_expected_size_without_length (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.says_size = FALSE;
  kit->server.end = FERRYD_BODY_END_PROVED;
  ferryd_transfer_kit_run (kit, "{'expected-size': <uint64 400000>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  ferryd_transfer_kit_run (kit, "{'expected-size': <uint64 1000>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
}

/* A failure between the new answer and the emptied file must not leave the old bytes under the new validator.
 */
static void
test_changed_and_too_large (FerrydTransferKit *kit, gconstpointer data)
{
  struct rlimit before, limit;

  ferryd_transfer_kit_fetch_half (kit);
  kit->server.validator = kit->server.etag = "\"two\"";
  kit->server.shift = 7;
  kit->server.size = 3 * FERRYD_TRANSFER_KIT_SIZE;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = (struct rlimit){ .rlim_cur = 2 * FERRYD_TRANSFER_KIT_SIZE, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_FILE_TOO_LARGE);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_assert_true (ferryd_ranges_total (kit->record->ranges) == 0 ||
                 g_str_equal (kit->record->validator, "\"one\""));
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_publish (kit);
}

static void
test_checksum (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree guint8 *bytes = ferryd_transfer_kit_bytes (&kit->server, 0, FERRYD_TRANSFER_KIT_SIZE);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, FERRYD_TRANSFER_KIT_SIZE);
  g_autofree char *right = g_strdup_printf ("{'checksum': <'sha256:%s'>}", hex);

  ferryd_transfer_kit_fetch_half (kit);
  ferryd_transfer_kit_run (kit, right);
  ferryd_transfer_kit_publish (kit);
}

static void
test_checksum_wrong (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autofree char *wrong = g_strdup_printf ("{'checksum': <'sha256:%s'>}", zeros);

  ferryd_transfer_kit_run (kit, wrong);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
}

static void
test_stop (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_start (kit, "{}");
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpstr (kit->events->str, ==, "S");
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_publish (kit);
}

/* A kill between the last step and its record: the work is done already, and nothing is asked of the server.
 */
static void
test_published_already (FerrydTransferKit *kit, gconstpointer data)
{
  g_autoptr (FerrydProgressRecord) finalizing = NULL;

  ferryd_transfer_kit_run (kit, "{}");
  finalizing = ferryd_progress_record_copy (kit->record);
  finalizing->publish_name = g_strdup ("f");
  ferryd_transfer_kit_publish (kit);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  kit->record = g_steal_pointer (&finalizing);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpstr (kit->events->str, ==, "P");
  g_assert_cmpuint (kit->fetches->len, ==, 0);
}

static void
test_part_lost (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  g_assert_cmpint (g_unlink (kit->sink.part), ==, 0);
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 ");
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
    { "/transfer/whole", test_whole },
    { "/transfer/empty", test_empty },
    { "/transfer/resume", test_resume },
    { "/transfer/changed", test_changed },
    { "/transfer/reset-waits", test_reset_waits },
    { "/transfer/changed-and-too-large", test_changed_and_too_large },
    { "/transfer/weak/same", test_weak_same },
    { "/transfer/weak/other", test_weak_other },
    { "/transfer/weak/no-length", test_weak_no_length },
    { "/transfer/no-ranges", test_keeps_changing },
    { "/transfer/end/unproved", test_unproved_repeat },
    { "/transfer/end/unproved-differs", test_unproved_differs },
    { "/transfer/end/doubtful", test_doubtful },
    { "/transfer/end/beyond", test_beyond },
    { "/transfer/expected-size", test_expected_size },
    { "/transfer/expected-size/without-length", test_expected_size_without_length },
    { "/transfer/checksum", test_checksum },
    { "/transfer/checksum/wrong", test_checksum_wrong },
    { "/transfer/stop", test_stop },
    { "/transfer/published-already", test_published_already },
    { "/transfer/part-lost", test_part_lost },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, FerrydTransferKit, NULL, ferryd_transfer_kit_set_up, tests[i].function,
                ferryd_transfer_kit_tear_down);
  return g_test_run ();
}
