/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-progress-record.h"

static FerrydProgressRecord *
new_full (void)
{
  FerrydProgressRecord *record = ferryd_progress_record_new ();

  record->epoch = G_MAXUINT64;
  record->device = 65025;
  record->inode = G_GUINT64_CONSTANT (1) << 40;
  record->total = G_GINT64_CONSTANT (1) << 53;
  record->validator = g_strdup ("\"caf\xe9\"");
  record->etag = g_strdup ("W/\"1\"");
  record->last_modified = g_strdup ("Mon, 02 Nov 2026 08:00:00 GMT");
  ferryd_ranges_add (record->ranges, 0, 4096);
  ferryd_ranges_add (record->ranges, 8192, 8193);
  record->digest = g_variant_ref_sink (g_variant_new ("(st)", "state", (guint64) 17));
  record->complete = TRUE;
  record->complete_proved = TRUE;
  record->publish_name = g_strdup ("na\xff.bin");
  record->server_digest = g_strdup ("sha256:00");
  record->digest_failed = TRUE;
  record->publish_replace = TRUE;
  return record;
}

static void
assert_full (const FerrydProgressRecord *record)
{
  g_autoptr (FerrydProgressRecord) full = new_full ();

  g_assert_cmpuint (record->epoch, ==, full->epoch);
  g_assert_cmpuint (record->device, ==, full->device);
  g_assert_cmpuint (record->inode, ==, full->inode);
  g_assert_cmpint (record->total, ==, full->total);
  g_assert_cmpstr (record->validator, ==, full->validator);
  g_assert_cmpstr (record->etag, ==, full->etag);
  g_assert_cmpstr (record->last_modified, ==, full->last_modified);
  g_assert_cmpuint (ferryd_ranges_total (record->ranges), ==, 4097);
  g_assert_true (ferryd_ranges_contains (record->ranges, 8192, 8193));
  g_assert_cmpvariant (record->digest, full->digest);
  g_assert_true (record->complete);
  g_assert_true (record->complete_proved);
  g_assert_cmpstr (record->publish_name, ==, full->publish_name);
  g_assert_cmpstr (record->server_digest, ==, full->server_digest);
  g_assert_cmpint (record->digest_failed, ==, full->digest_failed);
  g_assert_true (record->publish_replace);
}

static void
assert_empty (const FerrydProgressRecord *record)
{
  g_assert_cmpuint (record->epoch, ==, 0);
  g_assert_cmpuint (record->inode, ==, 0);
  g_assert_cmpint (record->total, ==, -1);
  g_assert_null (record->validator);
  g_assert_null (record->digest);
  g_assert_null (record->publish_name);
  g_assert_cmpuint (ferryd_ranges_total (record->ranges), ==, 0);
  g_assert_false (record->complete);
}

static void
test_round_trip (void)
{
  g_autoptr (FerrydProgressRecord) full = new_full ();
  g_autoptr (FerrydProgressRecord) copy = ferryd_progress_record_copy (full);
  g_autoptr (GVariant) variant = g_variant_ref_sink (ferryd_progress_record_to_variant (full));
  g_autoptr (FerrydProgressRecord) read = ferryd_progress_record_from_variant (variant);

  ferryd_ranges_clear (full->ranges);
  full->publish_name[0] = 'x';
  assert_full (copy);
  assert_full (read);
}

static void
test_empty (void)
{
  g_autoptr (FerrydProgressRecord) empty = ferryd_progress_record_new ();
  g_autoptr (GVariant) variant = g_variant_ref_sink (ferryd_progress_record_to_variant (empty));
  g_autoptr (GVariant) other = g_variant_ref_sink (g_variant_new_uint32 (3));
  g_autoptr (GVariant) wrong = g_variant_ref_sink (
      g_variant_new_parsed ("{'epoch': <'text'>, 'ranges': <@as []>, 'total': <@t 5>, 'later': <1>}"));
  g_autoptr (FerrydProgressRecord) read = ferryd_progress_record_from_variant (variant);
  g_autoptr (FerrydProgressRecord) from_null = ferryd_progress_record_from_variant (NULL);
  g_autoptr (FerrydProgressRecord) from_other = ferryd_progress_record_from_variant (other);
  g_autoptr (FerrydProgressRecord) from_wrong = ferryd_progress_record_from_variant (wrong);

  assert_empty (read);
  assert_empty (from_null);
  assert_empty (from_other);
  assert_empty (from_wrong);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress-record/round-trip", test_round_trip);
  g_test_add_func ("/progress-record/empty", test_empty);
  return g_test_run ();
}
