/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferryd-sink-kit.h"
#include "ferryd-sink-private.h"

#define MIB FERRYD_SINK_KIT_MIB

/* A user that is not root and owns nothing. */
#define NOBODY 65534

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static guint
mode_of (const char *path)
{
  struct stat file;

  g_assert_cmpint (lstat (path, &file), ==, 0);
  return file.st_mode & 07777;
}

static void
test_small (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  ferryd_sink_kit_open (kit);
  g_assert_cmpuint (mode_of (kit->part), ==, 0600);
  ferryd_sink_kit_write (kit, 0, 1000);
  ferryd_sink_kit_assert_held (kit, 1000, 1000);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 1000);
  g_assert_null (ferryd_sink_kit_verify (kit, 1000));
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, 1000);
  /* The umask is 027, see main(). */
  g_assert_cmpuint (mode_of (path), ==, 0640);
  g_assert_cmpuint (count_entries (kit->folder), ==, 1);
  /* A small download does not pay for a journal. */
  g_assert_false (g_file_test (kit->journal, G_FILE_TEST_EXISTS));
}

static void
test_empty (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  ferryd_sink_kit_expect_checksum (kit, 0);
  ferryd_sink_kit_open (kit);
  g_assert_null (ferryd_sink_expect (kit->sink, 0));
  g_assert_null (ferryd_sink_kit_verify (kit, 0));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, 0);
}

static void
test_out_of_order (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  ferryd_sink_kit_expect_checksum (kit, 4 * MIB + 7);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 2 * MIB, 3 * MIB);
  ferryd_sink_kit_assert_held (kit, 0, MIB);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_write (kit, 3 * MIB, 4 * MIB + 7);
  ferryd_sink_kit_assert_held (kit, MIB, 3 * MIB + 7);
  ferryd_sink_kit_write (kit, MIB, 2 * MIB);
  /* Over what the digest has seen. */
  ferryd_sink_kit_write (kit, 100, 200);
  g_assert_null (ferryd_sink_kit_verify (kit, 4 * MIB + 7));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, 4 * MIB + 7);
  g_assert_cmpuint (count_entries (kit->journal), ==, 0);
}

static void
test_rewritten (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree guint8 *zeros = g_malloc0 (100);

  ferryd_sink_kit_expect_checksum (kit, 1000);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 1000);
  g_assert_null (ferryd_sink_write (kit->sink, 10, zeros, 100));
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, 1000), FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_write (kit, 10, 110);
  g_assert_null (ferryd_sink_kit_verify (kit, 1000));
}

static void
test_mismatches (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (FerrydFailure) failure = NULL;

  ferryd_sink_kit_expect_checksum (kit, 2000);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 999);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, 1000), FERRY_TRANSFER_ERROR_SIZE_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  /* A hole, which the file's size does not show. */
  ferryd_sink_kit_write (kit, 1000, 1001);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, 1001), FERRY_TRANSFER_ERROR_SIZE_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_write (kit, 999, 1000);
  failure = ferryd_sink_kit_verify (kit, 1001);
  g_assert_nonnull (failure);
  g_assert_cmpint (failure->status, ==, FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH);
  g_assert_cmpint (failure->remedy, ==, FERRYD_REMEDY_FINAL);
  g_assert_nonnull (strstr (failure->message, kit->checksum));
  ferryd_sink_kit_write (kit, 1001, 2000);
  g_assert_cmpint (truncate (kit->part, 2001), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, 2000), FERRY_TRANSFER_ERROR_SIZE_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  g_assert_cmpint (truncate (kit->part, 2000), ==, 0);
  g_assert_null (ferryd_sink_kit_verify (kit, 2000));
  g_assert_cmpuint (count_entries (kit->folder), ==, 1);
}

static void
test_bad_checksum (FerrydSinkKit *kit, gconstpointer data)
{
  kit->checksum = g_strdup ("sha256:not-hex");
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_try_open (kit), FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (count_entries (kit->folder), ==, 0);
}

static void
test_sync (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 3000);
  ferryd_sink_kit_checkpoint (kit);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 3000);
  ferryd_sink_kit_write (kit, 3000, 4000);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 1000);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 3000);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

/* What is written, or begun again, during a sync is not what it made safe. */
static void
test_during_sync (FerrydSinkKit *kit, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      gboolean begin_again = i == 1;
      g_autoptr (GAsyncResult) result = NULL;

      ferryd_sink_kit_open (kit);
      ferryd_sink_kit_write (kit, 0, 1000);
      ferryd_sink_sync_async (kit->sink, keep_result, &result);
      if (begin_again)
        g_assert_null (ferryd_sink_restart (kit->sink, 5));
      ferryd_sink_kit_write (kit, 1000, 1500);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_null (ferryd_sink_sync_finish (kit->sink, result));
      g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 500);
      g_assert_cmpuint (ferryd_ranges_total (kit->sink->synced), ==, begin_again ? 0 : 1000);
      ferryd_sink_kit_assert_held (kit, begin_again ? 0 : 1500, begin_again ? 500 : 1500);
    }
}

/* A failed sync proves nothing about what was written since the last good one. */
static void
test_failed_sync (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  g_autoptr (FerrydProgressRecord) after = ferryd_progress_record_new ();
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  ferryd_sink_kit_expect_checksum (kit, 5 * MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_write (kit, MIB, 3 * MIB);
  g_assert_true (g_file_test (page, G_FILE_TEST_EXISTS));
  /* A device that takes every byte and cannot be synced. */
  g_assert_cmpint (dup2 (null, kit->sink->file), ==, kit->sink->file);
  close (null);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_sync (kit), FERRY_TRANSFER_ERROR_IO_ERROR,
                                  FERRYD_REMEDY_RETRY);
  ferryd_sink_kit_assert_held (kit, MIB, MIB);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
  ferryd_sink_snapshot (kit->sink, after);
  g_assert_cmpuint (ferryd_ranges_total (after->ranges), ==, MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, MIB, MIB);
  ferryd_sink_kit_write (kit, MIB, 5 * MIB);
  g_assert_null (ferryd_sink_kit_verify (kit, 5 * MIB));
}

static void
replace_file (FerrydSinkKit *kit, const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (dup2 (fd, kit->sink->file), ==, kit->sink->file);
  close (fd);
}

static void
test_failed_write (FerrydSinkKit *kit, gconstpointer data)
{
  guint8 bytes[10] = { 0 };

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 1000);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_write (kit, 1000, 2000);
  replace_file (kit, "/dev/full", O_RDWR);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 2000, bytes, 10),
                                  FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL);
  ferryd_sink_kit_assert_held (kit, 2000, 2000);
  replace_file (kit, kit->part, O_RDONLY);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 2000, bytes, 10),
                                  FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY);
  ferryd_sink_kit_assert_held (kit, 1000, 1000);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, G_MAXINT64 - 5, bytes, 10),
                                  FERRY_TRANSFER_ERROR_FILE_TOO_LARGE, FERRYD_REMEDY_FINAL);
}

/* What somebody does to the file while it is written to. */
static void
test_changed_by_somebody (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *other = ferryd_sink_kit_path (kit, "other");
  guint8 bytes[10] = { 0 };

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 1000);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_write (kit, 1000, 2000);
  g_assert_cmpint (truncate (kit->part, 600), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 2000, bytes, 10),
                                  FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY);
  ferryd_sink_kit_assert_held (kit, 600, 600);
  ferryd_sink_kit_write (kit, 600, 1000);
  g_assert_cmpint (link (kit->part, other), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 1000, bytes, 10),
                                  FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY);
  g_assert_cmpint (g_unlink (other), ==, 0);
  ferryd_sink_kit_write (kit, 1000, 1100);
  g_assert_cmpint (g_unlink (kit->part), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 1100, bytes, 10),
                                  FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY);
}

static void
test_file_limit (FerrydSinkKit *kit, gconstpointer data)
{
  struct rlimit usual, limit;
  g_autofree guint8 *bytes = ferryd_sink_kit_bytes (0, 5000);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  ferryd_sink_kit_expect_checksum (kit, 5000);
  ferryd_sink_kit_open (kit);
  limit = (struct rlimit){ .rlim_cur = 4096, .rlim_max = usual.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_null (ferryd_sink_expect (kit->sink, -1));
  g_assert_null (ferryd_sink_expect (kit->sink, 4096));
  ferryd_sink_kit_assert_failure (ferryd_sink_expect (kit->sink, 4097), FERRY_TRANSFER_ERROR_FILE_TOO_LARGE,
                                  FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_assert_failure (ferryd_sink_write (kit->sink, 0, bytes, 5000),
                                  FERRY_TRANSFER_ERROR_FILE_TOO_LARGE, FERRYD_REMEDY_FINAL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  /* What fitted is held, and the digest has seen it. */
  ferryd_sink_kit_assert_held (kit, 4096, 4096);
  ferryd_sink_kit_write (kit, 4096, 5000);
  g_assert_null (ferryd_sink_kit_verify (kit, 5000));
}

static void
test_expect (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_open (kit);
  g_assert_null (ferryd_sink_expect (kit->sink, -1));
  g_assert_null (ferryd_sink_expect (kit->sink, 1000));
  ferryd_sink_kit_assert_failure (ferryd_sink_expect (kit->sink, G_GINT64_CONSTANT (1) << 62),
                                  FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL);
  /* Only what is missing needs room. */
  ferryd_ranges_add (kit->sink->ranges, 0, (G_GUINT64_CONSTANT (1) << 62) - 10);
  g_assert_null (ferryd_sink_expect (kit->sink, G_GINT64_CONSTANT (1) << 62));
}

static void
test_compare (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree guint8 *bytes = ferryd_sink_kit_bytes (500, 200000);
  gboolean equal = FALSE;

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 200000);
  g_assert_null (ferryd_sink_compare (kit->sink, 500, bytes, 199500, &equal));
  g_assert_true (equal);
  g_assert_null (ferryd_sink_compare (kit->sink, 501, bytes, 100, &equal));
  g_assert_false (equal);
  bytes[199499] ^= 1;
  g_assert_null (ferryd_sink_compare (kit->sink, 500, bytes, 199500, &equal));
  g_assert_false (equal);
  g_assert_null (ferryd_sink_compare (kit->sink, 500, bytes, 199499, &equal));
  g_assert_true (equal);
  /* Not held: a hole that reads as zeros is no byte of the file. */
  memset (bytes, 0, 100);
  ferryd_sink_kit_write (kit, 300000, 300001);
  g_assert_null (ferryd_sink_compare (kit->sink, 250000, bytes, 100, &equal));
  g_assert_false (equal);
}

static void
test_restart (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *page = ferryd_sink_kit_page (kit);
  g_autoptr (FerrydProgressRecord) after = ferryd_progress_record_new ();
  g_autofree guint8 *zeros = g_malloc0 (2 * MIB);
  struct stat file;

  ferryd_sink_kit_expect_checksum (kit, 1500);
  ferryd_sink_kit_open (kit);
  g_assert_null (ferryd_sink_write (kit->sink, 0, zeros, 2 * MIB));
  ferryd_sink_kit_checkpoint (kit);
  g_assert_true (g_file_test (page, G_FILE_TEST_EXISTS));
  g_assert_null (ferryd_sink_restart (kit->sink, 4711));
  ferryd_sink_kit_assert_held (kit, 0, 0);
  g_assert_cmpuint (ferryd_sink_get_unsynced (kit->sink), ==, 0);
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
  g_assert_cmpint (stat (kit->part, &file), ==, 0);
  g_assert_cmpint (file.st_size, ==, 0);
  ferryd_sink_snapshot (kit->sink, after);
  g_assert_cmpuint (after->epoch, ==, 4711);
  g_assert_cmpuint (after->inode, ==, kit->record->inode);
  ferryd_sink_kit_write (kit, 0, 1500);
  g_assert_null (ferryd_sink_kit_verify (kit, 1500));
}

/* Closing under a worker: it ends its work and answers, and the answer can be taken. */
static void
test_close_under_worker (FerrydSinkKit *kit, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  FerrydSink *sink;

  ferryd_sink_kit_open (kit);
  sink = kit->sink;
  ferryd_sink_kit_write (kit, 0, 2 * MIB);
  ferryd_sink_sync_async (sink, keep_result, &result);
  ferryd_sink_kit_close (kit);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (ferryd_sink_sync_finish (sink, result));
}

static void
test_folder_lost (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *moved = g_strconcat (kit->folder, "-moved", NULL);
  g_autoptr (FerrydFailure) failure = NULL;
  struct stat folder;
  int fd;

  g_assert_cmpint (stat (kit->folder, &folder), ==, 0);
  kit->target.device = folder.st_dev;
  kit->target.inode = folder.st_ino;
  fd = ferryd_sink_folder_open (&kit->target, &failure);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_cmpint (g_rename (kit->folder, moved), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_try_open (kit), FERRY_TRANSFER_ERROR_DESTINATION_LOST,
                                  FERRYD_REMEDY_FINAL);
  g_assert_cmpint (g_mkdir (kit->folder, 0755), ==, 0);
  g_assert_cmpint (ferryd_sink_folder_open (&kit->target, &failure), ==, -1);
  ferryd_sink_kit_assert_failure (g_steal_pointer (&failure), FERRY_TRANSFER_ERROR_DESTINATION_LOST,
                                  FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (count_entries (kit->folder), ==, 0);
}

/* Root may write anywhere, so root becomes somebody else for a while. */
static void
test_permission (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");
  gboolean root = geteuid () == 0;

  if (root)
    {
      g_assert_cmpint (chown (kit->base, NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (chown (kit->folder, NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
    }
  g_assert_cmpint (g_chmod (kit->folder, 0555), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_try_open (kit),
                                  FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL);
  /* A folder that takes files and cannot be read, so that it has no descriptor to sync. */
  g_assert_cmpint (g_chmod (kit->folder, 0300), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, 100);
  ferryd_sink_kit_checkpoint (kit);
  g_assert_null (ferryd_sink_kit_verify (kit, 100));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, 100);
  g_assert_cmpint (g_chmod (kit->folder, 0755), ==, 0);
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
}

#define ADD(name, function) \
  g_test_add ("/sink/" name, FerrydSinkKit, NULL, ferryd_sink_kit_set_up, function, ferryd_sink_kit_tear_down)

int
main (int argc, char *argv[])
{
  /* The umask is read once, from the process; so is the signal's disposition set by the service's main(). */
  umask (027);
  signal (SIGXFSZ, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  ADD ("small", test_small);
  ADD ("empty", test_empty);
  ADD ("out-of-order", test_out_of_order);
  ADD ("rewritten", test_rewritten);
  ADD ("mismatches", test_mismatches);
  ADD ("bad-checksum", test_bad_checksum);
  ADD ("sync", test_sync);
  ADD ("during-sync", test_during_sync);
  ADD ("failed-sync", test_failed_sync);
  ADD ("failed-write", test_failed_write);
  ADD ("changed-by-somebody", test_changed_by_somebody);
  ADD ("file-limit", test_file_limit);
  ADD ("expect", test_expect);
  ADD ("compare", test_compare);
  ADD ("restart", test_restart);
  ADD ("close-under-worker", test_close_under_worker);
  ADD ("folder-lost", test_folder_lost);
  ADD ("permission", test_permission);
  return g_test_run ();
}
