/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-sqlite.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "ferry-error.h"
#include "ferryd-faulty-disk.h"
#include "ferryd-store-calls.h"

/* Longer than any test: what is held back this long is held for good. */
#define HOLD_FOR_EVER 3600000

/* Many times what a commit takes, milliseconds. */
#define SETTLING_TIME 50

/* fdatasync and fsync that a call for ten thousand operations may cost (issue 2). */
#define MAX_SYNCS 5

typedef struct
{
  FerrydFaultyDisk *disk; /* (owned) */
  char *directory;        /* (owned) */
  FerrydStore *store;     /* (owned): open */
} Fixture;

static FerrydStore *
store_new (const char *directory, guint hold)
{
  return g_object_new (FERRYD_TYPE_STORE_SQLITE, "directory", directory, "holder", "unix:path=/a", "hold",
                       hold, "patience", 0, NULL);
}

static void
open_store (Fixture *fixture, guint hold)
{
  g_autoptr (FerrydStoreContents) contents = NULL;

  fixture->store = store_new (fixture->directory, hold);
  contents = ferryd_store_calls_must_open (fixture->store);
  g_assert_null (contents->damaged);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->disk = ferryd_faulty_disk_new ();
  fixture->directory = ferryd_store_calls_make_directory ();
  open_store (fixture, data != NULL ? GPOINTER_TO_UINT (data) : 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ferryd_store_calls_close (fixture->store);
  g_assert_finalize_object (fixture->store);
  ferryd_store_calls_remove_directory (fixture->directory);
  g_free (fixture->directory);
  ferryd_faulty_disk_free (fixture->disk);
}

/* Closes the store and opens what is on the disk then. */
static FerrydStoreContents *
reopen (Fixture *fixture)
{
  FerrydStoreContents *contents;

  ferryd_store_calls_close (fixture->store);
  g_object_unref (fixture->store);
  fixture->store = store_new (fixture->directory, 0);
  contents = ferryd_store_calls_must_open (fixture->store);
  g_assert_null (contents->damaged);
  return contents;
}

static FerrydBatch *
progress (guint n, guint64 received)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydRow *row;
  FerrydId id;

  ferryd_store_calls_make_id (&id, n);
  row = ferryd_row_new (&id);
  row->columns = FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_PROGRESS;
  row->bytes_received = received;
  row->progress = g_variant_ref_sink (g_variant_new_uint64 (received));
  ferryd_batch_update (batch, row);
  return batch;
}

static void
commit (Fixture *fixture, FerrydBatch *batch)
{
  ferryd_store_calls_must_commit (fixture->store, batch);
}

static FerrydRow *
read_one (Fixture *fixture, guint n, FerrydColumns columns)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  FerrydId id;

  ferryd_store_calls_make_id (&id, n);
  rows = ferryd_store_calls_read (fixture->store, &id, 1, columns, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  return g_ptr_array_steal_index (rows, 0);
}

/* Writes down the answers of several commits: a letter of the caller's choice, an exclamation mark where it
 * failed. */
typedef struct
{
  GString *heard; /* borrowed */
  char letter;
} Listener;

static void
note_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Listener *listener = user_data;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, NULL);

  g_string_append_c (listener->heard, batch != NULL ? listener->letter : '!');
}

static void
commit_later (Fixture *fixture, FerrydBatch *batch, FerrydDurability durability, GString *heard, char letter)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->heard = heard;
  listener->letter = letter;
  ferryd_store_commit_async (fixture->store, batch, durability, note_answer, listener);
}

static void
wait_for_answers (GString *heard, gsize n)
{
  while (heard->len < n)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
on_time_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Gives the thread the time in which it would have answered. */
static void
assert_not_answered (GString *heard)
{
  gboolean over = FALSE;

  g_timeout_add (SETTLING_TIME, on_time_over, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (heard->str, ==, "");
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  g_autoptr (FerrydBatch) done = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (FerrydRow) cold = NULL;
  const FerrydRow *plain, *full;

  ferryd_batch_insert (batch, ferryd_store_calls_make_row (1));
  ferryd_batch_insert (batch, ferryd_store_calls_make_full_row (2));
  ferryd_batch_set (batch, "paused", g_variant_new_boolean (TRUE));
  ferryd_batch_set (batch, "gone", g_variant_new_string ("soon"));
  ferryd_batch_set (batch, "gone", NULL);
  done = ferryd_store_calls_commit (fixture->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, NULL);
  plain = ferryd_batch_peek (done, 0)->row;
  full = ferryd_batch_peek (done, 1)->row;
  g_assert_cmpint (plain->sequence, ==, 1);
  g_assert_cmpint (plain->order, ==, 1);
  g_assert_cmpint (full->sequence, ==, 2);
  g_assert_cmpint (full->order, ==, -5);

  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const FerrydRow *row = g_ptr_array_index (contents->rows, i);

      g_assert_cmpint (row->columns, ==, FERRYD_COLUMNS_HOT);
      g_assert_cmpint (row->sequence, ==, i + 1);
      g_assert_null (row->request);
      ferryd_store_calls_assert_equal (row, ferryd_batch_peek (done, i)->row, FERRYD_COLUMNS_HOT);
    }
  g_assert_cmpuint (g_variant_n_children (contents->settings), ==, 1);
  g_assert_true (g_variant_lookup (contents->settings, "paused", "b", NULL));
  cold = read_one (fixture, 2, FERRYD_COLUMNS_COLD);
  ferryd_store_calls_assert_equal (cold, full, FERRYD_COLUMNS_COLD);
  g_clear_pointer (&cold, ferryd_row_free);
  cold = read_one (fixture, 1, FERRYD_COLUMNS_COLD);
  ferryd_store_calls_assert_equal (cold, plain, FERRYD_COLUMNS_COLD);
}

/* An update writes the columns it names, each of them, and no other. */
static void
test_update (Fixture *fixture, gconstpointer data)
{
  static const FerrydColumns columns[] = {
    FERRYD_COLUMN_IDENTITY, FERRYD_COLUMN_STATE,    FERRYD_COLUMN_POLICY,  FERRYD_COLUMN_COUNTERS,
    FERRYD_COLUMN_CLAIM,    FERRYD_COLUMN_TIMES,    FERRYD_COLUMN_REQUEST, FERRYD_COLUMN_ERROR,
    FERRYD_COLUMN_RESPONSE, FERRYD_COLUMN_PROGRESS, FERRYD_COLUMN_UPLOAD,  FERRYD_COLUMN_NOTIFICATION,
    FERRYD_COLUMN_ORDER,
  };
  g_autoptr (FerrydRow) before = ferryd_store_calls_make_row (1);
  g_autoptr (FerrydRow) after = ferryd_store_calls_make_full_row (1);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      const FerrydColumns column = columns[i];
      FerrydBatch *batch = ferryd_batch_new ();
      g_autoptr (FerrydRow) row = NULL;
      FerrydRow *change;

      ferryd_batch_delete (batch, &before->id);
      ferryd_batch_insert (batch, ferryd_store_calls_make_row (1));
      change = ferryd_store_calls_make_full_row (1);
      change->columns = column;
      ferryd_batch_update (batch, change);
      commit (fixture, batch);

      row = read_one (fixture, 1, FERRYD_COLUMNS_ALL);
      before->order = row->sequence;
      ferryd_store_calls_assert_equal (row, after, column);
      ferryd_store_calls_assert_equal (row, before, FERRYD_COLUMNS_ALL & ~column);
    }
}

static void
test_update_unknown (Fixture *fixture, gconstpointer data)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydId id;
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (FerrydRow) row = NULL;

  ferryd_store_calls_make_id (&id, 9);
  ferryd_batch_update (batch, ferryd_store_calls_make_full_row (9));
  ferryd_batch_delete (batch, &id);
  ferryd_batch_insert (batch, ferryd_store_calls_make_row (1));
  commit (fixture, batch);
  row = read_one (fixture, 9, FERRYD_COLUMNS_ALL);
  g_assert_null (row);
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 1);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydId ids[2];
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (FerrydBatch) done = NULL;

  commit (fixture, ferryd_store_calls_make_insertion (0, 2));
  ferryd_store_calls_make_id (&ids[0], 1);
  ferryd_store_calls_make_id (&ids[1], 0);
  ferryd_batch_delete (batch, &ids[0]);
  commit (fixture, batch);
  rows = ferryd_store_calls_read (fixture->store, ids, 2, FERRYD_COLUMNS_COLD, NULL);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_null (g_ptr_array_index (rows, 0));
  g_assert_nonnull (g_ptr_array_index (rows, 1));
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 1);
  /* A sequence is never given twice. */
  done = ferryd_store_calls_commit (fixture->store, ferryd_store_calls_make_insertion (7, 1),
                                    FERRYD_DURABILITY_SYNCED, NULL);
  g_assert_cmpint (ferryd_batch_peek (done, 0)->row->sequence, ==, 3);
}

/* Those that wait while one transaction is written share the next, whatever fails among them. */
static void
test_together (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "ferry.db", NULL);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (FerrydStoreContents) contents = NULL;
  guint commits;
  sqlite3 *other;

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  /* While somebody else writes, the store cannot. */
  g_assert_cmpint (sqlite3_open (path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  commits = ferryd_faulty_disk_count_commits (fixture->disk);
  for (guint i = 1; i <= 100; i++)
    commit_later (fixture, ferryd_store_calls_make_insertion (i == 50 ? 0 : i, 1), FERRYD_DURABILITY_SYNCED,
                  heard, 'c');
  g_assert_cmpint (sqlite3_exec (other, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (other);
  wait_for_answers (heard, 100);

  for (guint i = 1; i <= 100; i++)
    g_assert_cmpint (heard->str[i - 1], ==, i == 50 ? '!' : 'c');
  /* The one that was being tried, and one for all that came behind. */
  g_assert_cmpuint (ferryd_faulty_disk_count_commits (fixture->disk) - commits, <=, 2);
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      const FerrydRow *row = g_ptr_array_index (contents->rows, i);

      g_assert_cmpint (row->created, ==, 1000 + (i < 50 ? i : i + 1));
    }
}

static void
test_batch_fails_whole (Fixture *fixture, gconstpointer data)
{
  FerrydRow *row = ferryd_store_calls_make_full_row (4);
  g_autoptr (FerrydBatch) batch = ferryd_store_calls_make_insertion (1, 2);
  g_autoptr (FerrydBatch) failed = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (GError) error = NULL;
  FerrydRow *other = ferryd_store_calls_make_full_row (3);
  FerrydBatch *first = ferryd_batch_new ();

  memcpy (row->token_key, other->token_key, sizeof row->token_key);
  ferryd_batch_insert (first, other);
  commit (fixture, first);
  ferryd_batch_insert (batch, row);
  ferryd_batch_set (batch, "paused", g_variant_new_boolean (TRUE));
  failed =
      ferryd_store_calls_commit (fixture->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_null (failed);
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 1);
  g_assert_cmpuint (g_variant_n_children (contents->settings), ==, 0);
}

/* Progress waits for something urgent, goes with it, and costs nothing of its own. */
static void
test_soon_rides_along (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (FerrydRow) row = NULL;
  guint commits, syncs;

  commit (fixture, ferryd_store_calls_make_insertion (0, 2));
  commits = ferryd_faulty_disk_count_commits (fixture->disk);
  syncs = ferryd_faulty_disk_count_syncs (fixture->disk);
  for (guint i = 1; i <= 10; i++)
    {
      commit_later (fixture, progress (0, i), FERRYD_DURABILITY_SOON, heard, 'a');
      commit_later (fixture, progress (1, 100 + i), FERRYD_DURABILITY_SOON, heard, 'b');
    }
  assert_not_answered (heard);
  commit_later (fixture, ferryd_store_calls_make_insertion (2, 1), FERRYD_DURABILITY_SYNCED, heard, 'c');
  wait_for_answers (heard, 21);
  g_assert_cmpstr (heard->str, ==, "ababababababababababc");
  g_assert_cmpuint (ferryd_faulty_disk_count_commits (fixture->disk) - commits, ==, 1);
  g_assert_cmpuint (ferryd_faulty_disk_count_syncs (fixture->disk) - syncs, ==, 1);
  row = read_one (fixture, 0, FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_PROGRESS);
  g_assert_cmpuint (row->bytes_received, ==, 10);
  g_assert_cmpuint (g_variant_get_uint64 (row->progress), ==, 10);
}

/* What is held back is seen by whoever asks, and not lost by closing. */
static void
test_soon_is_seen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (FerrydRow) row = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  guint syncs;

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  syncs = ferryd_faulty_disk_count_syncs (fixture->disk);
  commit_later (fixture, progress (0, 5), FERRYD_DURABILITY_SOON, heard, 'a');
  row = read_one (fixture, 0, FERRYD_COLUMN_COUNTERS);
  g_assert_cmpuint (row->bytes_received, ==, 5);
  g_assert_cmpstr (heard->str, ==, "a");
  /* Alone it is not worth waiting for the disk. */
  g_assert_cmpuint (ferryd_faulty_disk_count_syncs (fixture->disk), ==, syncs);

  commit_later (fixture, progress (0, 6), FERRYD_DURABILITY_SOON, heard, 'b');
  contents = reopen (fixture);
  g_assert_cmpstr (heard->str, ==, "ab");
  g_assert_cmpuint (((FerrydRow *) g_ptr_array_index (contents->rows, 0))->bytes_received, ==, 6);
}

static void
test_soon_comes_by_itself (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  commit_later (fixture, progress (0, 5), FERRYD_DURABILITY_SOON, heard, 'a');
  wait_for_answers (heard, 1);
  g_assert_cmpstr (heard->str, ==, "a");
}

/* What is held back does not go down with something that fails. */
static void
test_soon_beside_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (FerrydRow) row = NULL;
  FerrydBatch *failing = progress (0, 7);

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  ferryd_batch_insert (failing, ferryd_store_calls_make_row (0));
  commit_later (fixture, progress (0, 5), FERRYD_DURABILITY_SOON, heard, 'a');
  commit_later (fixture, failing, FERRYD_DURABILITY_SYNCED, heard, 'b');
  wait_for_answers (heard, 2);
  g_assert_cmpstr (heard->str, ==, "a!");
  row = read_one (fixture, 0, FERRYD_COLUMN_COUNTERS);
  g_assert_cmpuint (row->bytes_received, ==, 5);
}

static void
test_ten_thousand (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (FerrydBatch) done = NULL;
  sqlite3_int64 memory;
  guint syncs;

  contents = reopen (fixture);
  memory = sqlite3_memory_used ();
  syncs = ferryd_faulty_disk_count_syncs (fixture->disk);
  done = ferryd_store_calls_commit (fixture->store, ferryd_store_calls_make_insertion (0, 10000),
                                    FERRYD_DURABILITY_SYNCED, NULL);
  g_assert_nonnull (done);
  g_assert_cmpint (ferryd_batch_peek (done, 9999)->row->sequence, ==, 10000);
  /* The next call is answered after what the first left to be done. */
  commit (fixture, progress (1, 1));
  g_assert_cmpuint (ferryd_faulty_disk_count_syncs (fixture->disk) - syncs, <=, MAX_SYNCS);
  g_assert_cmpint (sqlite3_memory_used () - memory, <, 256 * 1024);

  g_clear_pointer (&contents, ferryd_store_contents_free);
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 10000);
}

static goffset
get_log_size (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->directory, "ferry.db-wal", NULL);
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  return info.st_size;
}

/* The log does not grow for ever. */
static void
test_log_is_bounded (Fixture *fixture, gconstpointer data)
{

  for (guint i = 0; i < 12; i++)
    commit (fixture, ferryd_store_calls_make_insertion (i * 10000, 10000));
  commit (fixture, ferryd_store_calls_make_insertion (1000000, 1));
  g_assert_cmpint (get_log_size (fixture), <, 24 * 1024 * 1024);
}

static void
check_trouble (Fixture *fixture, void (*set_trouble) (FerrydFaultyDisk *disk, int result), int result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) failed = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  set_trouble (fixture->disk, result);
  failed = ferryd_store_calls_commit (fixture->store, ferryd_store_calls_make_insertion (1, 1),
                                      FERRYD_DURABILITY_SYNCED, &error);
  g_assert_null (failed);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "disk"));
  g_clear_error (&error);
  failed = ferryd_store_calls_commit (fixture->store, ferryd_store_calls_make_insertion (2, 1),
                                      FERRYD_DURABILITY_SYNCED, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  set_trouble (fixture->disk, SQLITE_OK);
  commit (fixture, ferryd_store_calls_make_insertion (3, 1));
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 2);
  g_assert_cmpint (((FerrydRow *) g_ptr_array_index (contents->rows, 1))->created, ==, 1003);
}

static void
test_disk_full (Fixture *fixture, gconstpointer data)
{
  check_trouble (fixture, ferryd_faulty_disk_fail_writes, SQLITE_FULL);
}

static void
test_write_error (Fixture *fixture, gconstpointer data)
{
  check_trouble (fixture, ferryd_faulty_disk_fail_writes, SQLITE_IOERR_WRITE);
}

static void
test_sync_error (Fixture *fixture, gconstpointer data)
{
  check_trouble (fixture, ferryd_faulty_disk_fail_syncs, SQLITE_IOERR_FSYNC);
}

/* What the disk holds of a log whose sync has failed nobody knows, so nothing is ever added to it. */
static void
test_log_after_sync_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FerrydBatch) failed = NULL;
  goffset before;

  commit (fixture, ferryd_store_calls_make_insertion (0, 1000));
  before = get_log_size (fixture);
  ferryd_faulty_disk_fail_syncs (fixture->disk, SQLITE_IOERR_FSYNC);
  failed = ferryd_store_calls_commit (fixture->store, ferryd_store_calls_make_insertion (1000, 1),
                                      FERRYD_DURABILITY_SYNCED, NULL);
  g_assert_null (failed);
  ferryd_faulty_disk_fail_syncs (fixture->disk, SQLITE_OK);
  commit (fixture, ferryd_store_calls_make_insertion (1001, 1));
  g_assert_cmpint (get_log_size (fixture), <, before);
}

/* Those that share a transaction which fails are tried one by one before they are given up. */
static void
test_one_by_one (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);

  commit (fixture, ferryd_store_calls_make_insertion (0, 1));
  commit_later (fixture, progress (0, 1), FERRYD_DURABILITY_SOON, heard, 'a');
  ferryd_faulty_disk_fail_one_write (fixture->disk, SQLITE_FULL);
  commit_later (fixture, ferryd_store_calls_make_insertion (1, 1), FERRYD_DURABILITY_SYNCED, heard, 'b');
  wait_for_answers (heard, 2);
  g_assert_cmpstr (heard->str, ==, "ab");
  contents = reopen (fixture);
  g_assert_cmpuint (contents->rows->len, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, hold, test) \
  g_test_add ("/store-sqlite/" path, Fixture, GUINT_TO_POINTER (hold), set_up, test, tear_down)
  ADD ("round-trip", 0, test_round_trip);
  ADD ("update", 0, test_update);
  ADD ("update-unknown", 0, test_update_unknown);
  ADD ("delete", 0, test_delete);
  ADD ("together", 0, test_together);
  ADD ("batch-fails-whole", 0, test_batch_fails_whole);
  ADD ("soon/rides-along", HOLD_FOR_EVER, test_soon_rides_along);
  ADD ("soon/is-seen", HOLD_FOR_EVER, test_soon_is_seen);
  ADD ("soon/comes-by-itself", 1, test_soon_comes_by_itself);
  ADD ("soon/beside-failure", HOLD_FOR_EVER, test_soon_beside_failure);
  ADD ("ten-thousand", 0, test_ten_thousand);
  ADD ("log-is-bounded", 0, test_log_is_bounded);
  ADD ("trouble/disk-full", 0, test_disk_full);
  ADD ("trouble/write-error", 0, test_write_error);
  ADD ("trouble/sync-error", 0, test_sync_error);
  ADD ("trouble/log-after-sync-error", 0, test_log_after_sync_error);
  ADD ("trouble/one-by-one", HOLD_FOR_EVER, test_one_by_one);
#undef ADD

  return g_test_run ();
}
