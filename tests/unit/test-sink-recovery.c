/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What an opening believes of a partial file that another process left behind. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferryd-boot.h"
#include "ferryd-sink-journal.h"
#include "ferryd-sink-kit.h"

#define MIB FERRYD_SINK_KIT_MIB

/* A download of which 1 MiB is recorded and 2.5 MiB more are written. */
static void
leave_behind (FerrydSinkKit *kit)
{
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_write (kit, MIB, 7 * MIB / 2);
  ferryd_sink_kit_close (kit);
}

static guint64
part_inode (FerrydSinkKit *kit)
{
  struct stat file;

  g_assert_cmpint (lstat (kit->part, &file), ==, 0);
  return file.st_ino;
}

/* The recorded file was not gone on with, and its record says nothing about the new one. */
static void
assert_begun_anew (FerrydSinkKit *kit)
{
  g_autoptr (FerrydProgressRecord) fresh = ferryd_progress_record_new ();
  g_autofree char *page = ferryd_sink_kit_page (kit);
  struct stat file;

  ferryd_sink_kit_assert_held (kit, 0, 0);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  ferryd_sink_snapshot (kit->sink, fresh);
  g_assert_cmpuint (fresh->epoch, !=, kit->record->epoch);
  g_assert_cmpuint (fresh->inode, !=, kit->record->inode);
  g_assert_cmpuint (fresh->inode, ==, part_inode (kit));
  g_assert_cmpint (lstat (kit->part, &file), ==, 0);
  g_assert_true (S_ISREG (file.st_mode));
  g_assert_cmpint (file.st_size, ==, 0);
  g_assert_cmpuint (file.st_mode & 07777, ==, 0600);
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
}

static void
finish (FerrydSinkKit *kit, guint64 size)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  ferryd_sink_kit_write (kit, ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink)), size);
  g_assert_null (ferryd_sink_kit_verify (kit, size));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, size);
}

static void
test_kill (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (FerrydProgressRecord) again = ferryd_progress_record_new ();
  guint64 held;

  ferryd_sink_kit_expect_checksum (kit, 5 * MIB);
  leave_behind (kit);
  ferryd_sink_kit_open (kit);
  held = ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink));
  g_assert_cmpuint (held, >, 5 * MIB / 2);
  g_assert_cmpuint (held, <=, 7 * MIB / 2);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, held - MIB);
  ferryd_sink_snapshot (kit->sink, again);
  g_assert_cmpuint (again->epoch, ==, kit->record->epoch);
  g_assert_cmpuint (again->inode, ==, kit->record->inode);
  finish (kit, 5 * MIB);
}

/* The digest went along after the restart: its saved state is at the end of what is held. */
static void
test_digest_goes_along (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (FerrydProgressRecord) again = ferryd_progress_record_new ();
  guint64 position;

  ferryd_sink_kit_expect_checksum (kit, 5 * MIB);
  leave_behind (kit);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink)), 4 * MIB);
  ferryd_sink_snapshot (kit->sink, again);
  g_variant_get_child (again->digest, 1, "t", &position);
  g_assert_cmpuint (position, ==, 4 * MIB);

  g_clear_pointer (&kit->record->digest, g_variant_unref);
  kit->record->digest = g_variant_ref_sink (g_variant_new_string ("of another version"));
  ferryd_sink_kit_open (kit);
  finish (kit, 5 * MIB);
}

static void
change_part (FerrydSinkKit *kit, guint64 offset)
{
  int fd = open (kit->part, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, "changed", 7, (off_t) offset), ==, 7);
  close (fd);
}

/* Changed bytes in what no saved state speaks of have to be found. */
static void
test_digest_sees_changes (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_expect_checksum (kit, 4 * MIB);
  leave_behind (kit);
  change_part (kit, 3 * MIB / 2);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink)), 4 * MIB);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, 4 * MIB),
                                  FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH, FERRYD_REMEDY_FINAL);
}

/* What the saved state has seen is not read again: a change there shows it. */
static void
test_digest_reads_once (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_expect_checksum (kit, 4 * MIB);
  leave_behind (kit);
  change_part (kit, MIB / 2);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink)), 4 * MIB);
  g_assert_null (ferryd_sink_kit_verify (kit, 4 * MIB));
}

static guint64
get_position (FerrydSinkKit *kit)
{
  g_autoptr (FerrydProgressRecord) record = ferryd_progress_record_new ();
  guint64 position;

  ferryd_sink_snapshot (kit->sink, record);
  g_variant_get_child (record->digest, 1, "t", &position);
  return position;
}

/* What was not written in order is read by the next sync, and not again at the end. */
static void
test_digest_catches_up (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_expect_checksum (kit, 4 * MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 2 * MIB, 4 * MIB);
  ferryd_sink_kit_write (kit, 0, MIB);
  g_assert_null (ferryd_sink_kit_sync (kit));
  g_assert_cmpuint (get_position (kit), ==, MIB);
  ferryd_sink_kit_write (kit, MIB, 2 * MIB);
  g_assert_cmpuint (get_position (kit), ==, 2 * MIB);
  ferryd_sink_kit_checkpoint (kit);
  g_assert_cmpuint (get_position (kit), ==, 4 * MIB);
  change_part (kit, 3 * MIB);
  g_assert_null (ferryd_sink_kit_verify (kit, 4 * MIB));
}

/* Much is read in several steps, each of which can be recorded. */
static void
test_digest_far_behind (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_expect_checksum (kit, 66 * MIB);
  ferryd_sink_kit_open (kit);
  g_assert_false (ferryd_sink_is_behind (kit->sink));
  ferryd_sink_kit_write (kit, MIB, 66 * MIB);
  ferryd_sink_kit_write (kit, 0, MIB);
  g_assert_true (ferryd_sink_is_behind (kit->sink));
  g_assert_null (ferryd_sink_kit_sync (kit));
  g_assert_cmpuint (get_position (kit), ==, 65 * MIB);
  g_assert_false (ferryd_sink_is_behind (kit->sink));
  g_assert_null (ferryd_sink_kit_verify (kit, 66 * MIB));
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

/* What is written to while a sync reads it is read once more. */
static void
test_digest_overtaken (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_sink_kit_expect_checksum (kit, 4 * MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, MIB, 4 * MIB);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_sync_async (kit->sink, keep_result, &result);
  ferryd_sink_kit_write (kit, 2 * MIB, 3 * MIB);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (ferryd_sink_sync_finish (kit->sink, result));
  g_assert_cmpuint (get_position (kit), ==, MIB);
  g_assert_null (ferryd_sink_kit_verify (kit, 4 * MIB));
}

static FerrydSinkIdentity
own_identity (FerrydSinkKit *kit)
{
  FerrydSinkIdentity identity = { .device = kit->record->device,
                                  .inode = kit->record->inode,
                                  .epoch = kit->record->epoch };

  g_assert_true (ferryd_boot_get_id (identity.boot));
  return identity;
}

/* A page for anything else than this boot, this file and this epoch says nothing. */
static void
test_foreign_page (FerrydSinkKit *kit, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (FerrydRanges) claimed = ferryd_ranges_new ();
      FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);
      FerrydSinkIdentity identity;

      ferryd_sink_kit_close (kit);
      ferryd_sink_delete (&spec, NULL);
      ferryd_progress_record_free (kit->record);
      kit->record = ferryd_progress_record_new ();
      leave_behind (kit);
      identity = own_identity (kit);
      identity.boot[15] ^= i == 0;
      identity.device += i == 1;
      identity.inode += i == 2;
      identity.epoch += i == 3;
      ferryd_ranges_add (claimed, 0, 3 * MIB);
      ferryd_sink_journal_write (kit->journal, &kit->id, &identity, claimed);
      ferryd_sink_kit_open (kit);
      if (i == 4)
        ferryd_sink_kit_assert_held (kit, 3 * MIB, 3 * MIB);
      else
        ferryd_sink_kit_assert_held (kit, MIB, MIB);
      g_assert_cmpuint (part_inode (kit), ==, kit->record->inode);
    }
}

static void
test_torn_page (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  g_autofree char *good = NULL;
  FerrydSinkIdentity identity;
  gsize length;

  leave_behind (kit);
  identity = own_identity (kit);
  g_assert_true (g_file_get_contents (page, &good, &length, NULL));
  g_assert_cmpuint (length, >, 0);
  g_assert_cmpuint (length, <=, 4096);
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *bad = g_memdup2 (good, length);

      bad[i] ^= 0x10;
      g_assert_true (g_file_set_contents (page, bad, (gssize) length, NULL));
      g_assert_null (ferryd_sink_journal_read (kit->journal, &kit->id, &identity));
      g_assert_true (g_file_set_contents (page, good, (gssize) i, NULL));
      g_assert_null (ferryd_sink_journal_read (kit->journal, &kit->id, &identity));
    }
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, MIB, MIB);
}

static void
test_crowded_page (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  g_autoptr (FerrydRanges) many = ferryd_ranges_new ();
  g_autoptr (FerrydRanges) read = NULL;
  FerrydSinkIdentity identity = { .inode = 1 };
  struct stat file;

  for (guint64 i = 0; i < 1000; i++)
    ferryd_ranges_add (many, i * 10000, i * 10000 + i + 1);
  ferryd_sink_journal_write (kit->journal, &kit->id, &identity, many);
  g_assert_cmpint (stat (page, &file), ==, 0);
  g_assert_cmpint (file.st_size, <=, 4096);
  g_assert_cmpuint (file.st_mode & 07777, ==, 0600);
  g_assert_cmpint (stat (kit->journal, &file), ==, 0);
  g_assert_cmpuint (file.st_mode & 07777, ==, 0700);
  read = ferryd_sink_journal_read (kit->journal, &kit->id, &identity);
  g_assert_nonnull (read);
  g_assert_false (ferryd_ranges_contains (read, 0, 1));
  g_assert_true (ferryd_ranges_contains (read, 9000000, 9000901));
  g_assert_true (ferryd_ranges_contains (read, 9990000, 9991000));
}

static void
test_truncated (FerrydSinkKit *kit, gconstpointer data)
{
  leave_behind (kit);
  g_assert_cmpint (truncate (kit->part, 2 * MIB), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, 2 * MIB, 2 * MIB);
  ferryd_sink_kit_close (kit);
  g_assert_cmpint (truncate (kit->part, MIB / 2), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, MIB / 2, MIB / 2);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  ferryd_sink_kit_close (kit);
  g_assert_cmpint (truncate (kit->part, 0), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
}

/* What neither the record nor a page speaks of is not in the file afterwards. */
static void
test_surplus (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  struct stat file;

  leave_behind (kit);
  g_assert_cmpint (g_unlink (page), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, MIB, MIB);
  g_assert_cmpint (stat (kit->part, &file), ==, 0);
  g_assert_cmpint (file.st_size, ==, MIB);
  finish (kit, MIB + 10);
}

static void
test_deleted (FerrydSinkKit *kit, gconstpointer data)
{
  leave_behind (kit);
  g_assert_cmpint (g_unlink (kit->part), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
  finish (kit, 100);
}

static void
test_replaced (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *content = NULL;
  gsize length;

  leave_behind (kit);
  g_assert_true (g_file_get_contents (kit->part, &content, &length, NULL));
  g_assert_true (g_file_set_contents (kit->part, content, (gssize) length, NULL));
  g_assert_cmpuint (part_inode (kit), !=, kit->record->inode);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
}

/* Of a file linked elsewhere only our name goes. */
static void
test_linked (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *other = ferryd_sink_kit_path (kit, "other");

  leave_behind (kit);
  g_assert_cmpint (link (kit->part, other), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
  finish (kit, 100);
  ferryd_sink_kit_assert_file (other, 7 * MIB / 2);
}

static void
test_symlinked (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *other = ferryd_sink_kit_path (kit, "other");

  leave_behind (kit);
  g_assert_cmpint (g_rename (kit->part, other), ==, 0);
  g_assert_cmpint (symlink ("other", kit->part), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
  finish (kit, 100);
  ferryd_sink_kit_assert_file (other, 7 * MIB / 2);
}

static void
test_not_regular (FerrydSinkKit *kit, gconstpointer data)
{
  leave_behind (kit);
  g_assert_cmpint (g_unlink (kit->part), ==, 0);
  g_assert_cmpint (mkfifo (kit->part, 0600), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
  ferryd_sink_kit_close (kit);
  g_assert_cmpint (g_unlink (kit->part), ==, 0);
  g_assert_cmpint (g_mkdir (kit->part, 0755), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_try_open (kit),
                                  FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL);
}

static void
test_other_owner (FerrydSinkKit *kit, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_message ("only root can give a file away");
      return;
    }
  leave_behind (kit);
  g_assert_cmpint (chown (kit->part, 65534, 65534), ==, 0);
  ferryd_sink_kit_open (kit);
  assert_begun_anew (kit);
}

/* A page of a file that was never recorded is nobody's, even if the new file should have the same number. */
static void
test_unrecorded (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (FerrydProgressRecord) first = ferryd_progress_record_new ();

  kit->record->epoch = 77;
  ferryd_sink_kit_open (kit);
  ferryd_sink_snapshot (kit->sink, first);
  g_assert_cmpuint (first->epoch, ==, 77);
  ferryd_sink_kit_write (kit, 0, 2 * MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, 0, 0);
  finish (kit, 10);
}

static void
test_delete (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);

  leave_behind (kit);
  g_assert_true (g_file_test (page, G_FILE_TEST_EXISTS));
  /* Not in a folder that has taken the other's place. */
  kit->target.inode = 1;
  ferryd_sink_delete (&spec, NULL);
  g_assert_true (g_file_test (kit->part, G_FILE_TEST_EXISTS));
  kit->target.inode = 0;
  ferryd_sink_delete (&spec, NULL);
  g_assert_false (g_file_test (kit->part, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
  ferryd_sink_delete (&spec, NULL);
}

static void
test_open_partial (FerrydSinkKit *kit, gconstpointer data)
{
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);
  g_autofree guint8 *expected = ferryd_sink_kit_bytes (0, 10);
  g_autoptr (GError) error = NULL;
  guint8 bytes[10];
  int first, second;

  g_assert_cmpint (ferryd_sink_open_partial (&spec, kit->record, &error), ==, -1);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (&error);
  leave_behind (kit);
  first = ferryd_sink_open_partial (&spec, kit->record, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (first, bytes, 10), ==, 10);
  second = ferryd_sink_open_partial (&spec, kit->record, &error);
  g_assert_cmpint (read (second, bytes, 10), ==, 10);
  g_assert_cmpmem (bytes, 10, expected, 10);
  g_assert_cmpint (write (second, bytes, 1), ==, -1);
  close (first);
  close (second);
  kit->record->inode++;
  g_assert_cmpint (ferryd_sink_open_partial (&spec, kit->record, &error), ==, -1);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
}

/* A kill before, in the middle of and behind the last step. */
static void
test_is_published (FerrydSinkKit *kit, gconstpointer data)
{
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");
  g_autofree char *page = ferryd_sink_kit_page (kit);

  leave_behind (kit);
  g_assert_false (ferryd_sink_is_published (&spec, kit->record));
  kit->record->publish_name = g_strdup ("done");
  g_assert_false (ferryd_sink_is_published (&spec, kit->record));
  g_assert_true (g_file_set_contents (path, "somebody else's", -1, NULL));
  g_assert_false (ferryd_sink_is_published (&spec, kit->record));
  g_assert_true (g_file_test (page, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (path), ==, 0);

  g_assert_cmpint (link (kit->part, path), ==, 0);
  g_assert_true (ferryd_sink_is_published (&spec, kit->record));
  g_assert_false (g_file_test (kit->part, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
  g_assert_true (ferryd_sink_is_published (&spec, kit->record));
  ferryd_sink_kit_assert_file (path, 7 * MIB / 2);
}

#define ADD(name, function)                                                                  \
  g_test_add ("/sink-recovery/" name, FerrydSinkKit, NULL, ferryd_sink_kit_set_up, function, \
              ferryd_sink_kit_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("kill", test_kill);
  ADD ("digest-goes-along", test_digest_goes_along);
  ADD ("digest-sees-changes", test_digest_sees_changes);
  ADD ("digest-reads-once", test_digest_reads_once);
  ADD ("digest-catches-up", test_digest_catches_up);
  ADD ("digest-far-behind", test_digest_far_behind);
  ADD ("digest-overtaken", test_digest_overtaken);
  ADD ("foreign-page", test_foreign_page);
  ADD ("torn-page", test_torn_page);
  ADD ("crowded-page", test_crowded_page);
  ADD ("truncated", test_truncated);
  ADD ("surplus", test_surplus);
  ADD ("deleted", test_deleted);
  ADD ("replaced", test_replaced);
  ADD ("linked", test_linked);
  ADD ("symlinked", test_symlinked);
  ADD ("not-regular", test_not_regular);
  ADD ("other-owner", test_other_owner);
  ADD ("unrecorded", test_unrecorded);
  ADD ("delete", test_delete);
  ADD ("open-partial", test_open_partial);
  ADD ("is-published", test_is_published);
  return g_test_run ();
}
