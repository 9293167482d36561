/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-sqlite.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-store-calls.h"

/* A directory of this name is said to be on NFS. */
#define NETWORK_NAME "on-the-network"

/* Of the database; SQLite's default on this page size. */
#define PAGE_SIZE 4096

/* Longer than any opening takes, and never waited for: milliseconds. */
#define LONG_PATIENCE 60000

/* In the place of libc's: there is no network file system in a test. */
int
fstatfs (int fd, struct statfs *info)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);
  int result = (int) syscall (SYS_fstatfs, fd, info);

  if (result == 0 && path != NULL && g_str_has_suffix (path, NETWORK_NAME))
    info->f_type = NFS_SUPER_MAGIC;
  return result;
}

static FerrydStore *
store_new (const char *directory, guint patience)
{
  return g_object_new (FERRYD_TYPE_STORE_SQLITE, "directory", directory, "holder", "unix:path=/run/a",
                       "patience", patience, NULL);
}

static FerrydStore *
open_store (const char *directory, FerrydStoreContents **contents)
{
  FerrydStore *store = store_new (directory, 0);

  *contents = ferryd_store_calls_must_open (store);
  return store;
}

static void
close_store (FerrydStore *store)
{
  ferryd_store_calls_close (store);
  g_assert_finalize_object (store);
}

/* A closed store with @n operations. */
static void
fill_directory (const char *directory, guint n)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);

  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, n));
  close_store (store);
}

static void
assert_rows (const char *directory, guint n)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);

  g_assert_null (contents->damaged);
  g_assert_cmpuint (contents->rows->len, ==, n);
  close_store (store);
}

static char *
get_path (const char *directory)
{
  return g_build_filename (directory, "ferry.db", NULL);
}

static GBytes *
read_bytes (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, size);
}

static void
write_bytes (const char *path, gconstpointer bytes, gsize size)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
run_sql (const char *directory, const char *sql)
{
  g_autofree char *path = get_path (directory);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
assert_mode (const char *directory, const char *name, guint mode)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  GStatBuf info;

  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 07777, ==, mode);
}

static void
test_modes (void)
{
  g_autofree char *top = ferryd_store_calls_make_directory ();
  g_autofree char *middle = g_build_filename (top, "state", NULL);
  g_autofree char *directory = g_build_filename (middle, "ferry", NULL);
  g_autoptr (FerrydStoreContents) contents = NULL;
  mode_t old = umask (0);
  FerrydStore *store = open_store (directory, &contents);

  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, 1));
  umask (old);
  assert_mode (top, "state", 0700);
  assert_mode (middle, "ferry", 0700);
  assert_mode (directory, "ferry.db", 0600);
  assert_mode (directory, "ferry.db-wal", 0600);
  assert_mode (directory, "ferry.db-shm", 0600);
  assert_mode (directory, "lock", 0600);
  close_store (store);

  /* Too wide before: put right. */
  g_assert_cmpint (g_chmod (directory, 0755), ==, 0);
  assert_rows (directory, 1);
  assert_mode (middle, "ferry", 0700);
  ferryd_store_calls_remove_directory (directory);
  g_assert_cmpint (g_rmdir (middle), ==, 0);
  g_assert_cmpint (g_rmdir (top), ==, 0);
}

/* A write-ahead log needs shared memory, which files of the network have not (reliability F55). */
static void
test_network (void)
{
  g_autofree char *top = ferryd_store_calls_make_directory ();
  g_autofree char *directory = g_build_filename (top, NETWORK_NAME, NULL);
  g_autofree char *log = g_build_filename (directory, "ferry.db-wal", NULL);
  g_autofree char *memory = g_build_filename (directory, "ferry.db-shm", NULL);
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);

  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, 3));
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (memory, G_FILE_TEST_EXISTS));
  close_store (store);
  assert_rows (directory, 3);
  ferryd_store_calls_remove_directory (directory);
  g_assert_cmpint (g_rmdir (top), ==, 0);
}

static void
test_not_open (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autoptr (FerrydStore) store = store_new (directory, 0);
  g_autoptr (GError) error = NULL;
  FerrydId id;

  ferryd_store_calls_make_id (&id, 1);
  g_assert_null (ferryd_store_calls_commit (store, ferryd_store_calls_make_insertion (0, 1),
                                            FERRYD_DURABILITY_SYNCED, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (ferryd_store_calls_read (store, &id, 1, FERRYD_COLUMNS_COLD, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  ferryd_store_calls_close (store);
  ferryd_store_calls_remove_directory (directory);
}

/* Where the state cannot be, the error says so; nothing crashes. */
static void
test_unavailable (void)
{
  g_autofree char *top = ferryd_store_calls_make_directory ();
  g_autofree char *file = g_build_filename (top, "file", NULL);
  g_autofree char *below = g_build_filename (file, "ferry", NULL);
  g_autofree char *directory = g_build_filename (top, "ferry", NULL);
  g_autofree char *database = get_path (directory);
  const char *const wrong[] = { file, below, directory };

  write_bytes (file, "", 0);
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (database, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      FerrydStore *store = store_new (wrong[i], 0);
      g_autoptr (FerrydStoreContents) contents = NULL;
      g_autoptr (GError) error = NULL;

      contents = ferryd_store_calls_open (store, &error);
      g_assert_null (contents);
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
      g_assert_nonnull (strstr (error->message, wrong[i]));
      close_store (store);
    }
  ferryd_store_calls_remove_directory (directory);
  ferryd_store_calls_remove_directory (top);
}

/* What is damaged is set aside as it was, and the service starts empty. */
static void
check_damaged (const char *directory)
{
  g_autofree char *path = get_path (directory);
  g_autoptr (GBytes) before = read_bytes (path);
  g_autoptr (GBytes) aside = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store;

  g_assert_true (ferryd_store_sqlite_has_work (directory));
  store = open_store (directory, &contents);
  g_assert_nonnull (contents->damaged);
  g_assert_true (g_str_has_prefix (contents->damaged, path));
  g_assert_nonnull (strstr (contents->damaged, ".damaged-2"));
  g_assert_cmpuint (contents->rows->len, ==, 0);
  aside = read_bytes (contents->damaged);
  g_assert_true (g_bytes_equal (aside, before));
  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, 2));
  close_store (store);
  assert_rows (directory, 2);
}

static guint
count_set_aside (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "ferry.db.damaged-") && !g_str_has_suffix (name, "-wal") &&
         !g_str_has_suffix (name, "-shm");
  return n;
}

static void
test_damaged (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *path = get_path (directory);
  g_autoptr (GBytes) bytes = NULL;

  write_bytes (path, "", 0);
  check_damaged (directory);
  write_bytes (path, "This is not a database.\n", 24);
  check_damaged (directory);
  bytes = read_bytes (path);
  write_bytes (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes) / 2);
  check_damaged (directory);
  /* A database of somebody else, and one whose tables are not ours. */
  run_sql (directory, "PRAGMA application_id = 1");
  check_damaged (directory);
  run_sql (directory, "DROP TABLE operation_request");
  check_damaged (directory);
  run_sql (directory, "UPDATE operation SET state = 77 WHERE sequence = 1");
  check_damaged (directory);
  /* None in the place of another. */
  g_assert_cmpuint (count_set_aside (directory), ==, 6);
  ferryd_store_calls_remove_directory (directory);
}

/* Wherever a page is overwritten, it is noticed before anything is done. */
static void
test_flipped (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *path = get_path (directory);
  g_autoptr (GBytes) sound = NULL;
  gsize size;

  fill_directory (directory, 50);
  sound = read_bytes (path);
  size = g_bytes_get_size (sound);
  g_assert_cmpuint (size, >=, 8 * PAGE_SIZE);
  for (gsize page = 1; page < size / PAGE_SIZE; page++)
    {
      g_autofree guint8 *flipped = g_memdup2 (g_bytes_get_data (sound, NULL), size);
      g_autoptr (FerrydStoreContents) contents = NULL;
      FerrydStore *store;

      for (gsize i = 0; i < 64; i++)
        flipped[page * PAGE_SIZE + i] ^= 0xff;
      write_bytes (path, flipped, size);
      store = open_store (directory, &contents);
      g_assert_nonnull (contents->damaged);
      close_store (store);
    }
  ferryd_store_calls_remove_directory (directory);
}

/* A log without its database would be taken for its own by the next one of that name. */
static void
test_log_alone (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *log = g_build_filename (directory, "ferry.db-wal", NULL);
  g_autofree char *aside = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store;

  write_bytes (log, "what was left", 13);
  store = open_store (directory, &contents);
  g_assert_nonnull (contents->damaged);
  aside = g_strconcat (contents->damaged, "-wal", NULL);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  close_store (store);
  assert_rows (directory, 0);
  ferryd_store_calls_remove_directory (directory);
}

static void
assert_refused (const char *directory, const char *const *words)
{
  FerrydStore *store = store_new (directory, 0);
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = ferryd_store_calls_open (store, &error);
  g_assert_null (contents);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  for (guint i = 0; words[i] != NULL; i++)
    g_assert_nonnull (strstr (error->message, words[i]));
  close_store (store);
}

/* Nobody downgrades: not one byte of it changes. */
static void
test_newer (void)
{
  static const char *const words[] = { "newer version", "format 2", NULL };
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *path = get_path (directory);
  g_autofree char *log = g_build_filename (directory, "ferry.db-wal", NULL);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  fill_directory (directory, 1);
  run_sql (directory, "PRAGMA user_version = 2");
  before = read_bytes (path);
  assert_refused (directory, words);
  g_assert_false (ferryd_store_sqlite_has_work (directory));
  after = read_bytes (path);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
  ferryd_store_calls_remove_directory (directory);
}

/* The same where the newer service was killed, and its version is in the log only. */
static void
test_newer_in_log (void)
{
  static const char *const words[] = { "newer version", NULL };
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *copy = ferryd_store_calls_make_directory ();
  static const char *const names[] = { "ferry.db", "ferry.db-wal" };
  g_autofree char *path = get_path (directory);
  sqlite3 *db;

  fill_directory (directory, 1);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA user_version = 9", NULL, NULL, NULL), ==, SQLITE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (directory, names[i], NULL);
      g_autofree char *to = g_build_filename (copy, names[i], NULL);
      g_autoptr (GBytes) bytes = read_bytes (from);

      write_bytes (to, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  assert_refused (copy, words);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (directory, names[i], NULL);
      g_autofree char *to = g_build_filename (copy, names[i], NULL);
      g_autoptr (GBytes) before = read_bytes (from);
      g_autoptr (GBytes) after = read_bytes (to);

      g_assert_true (g_bytes_equal (before, after));
    }
  sqlite3_close (db);
  ferryd_store_calls_remove_directory (directory);
  ferryd_store_calls_remove_directory (copy);
}

static void
test_second (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *pid = g_strdup_printf ("pid %d", (int) getpid ());
  const char *const words[] = { pid, g_get_host_name (), "unix:path=/run/a", NULL };
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);

  assert_refused (directory, words);
  close_store (store);
  assert_rows (directory, 0);
  ferryd_store_calls_remove_directory (directory);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydStoreContents) contents = ferryd_store_open_finish (FERRYD_STORE (source), result, &error);
  GError **answer = user_data;

  g_assert_true ((contents == NULL) == (error != NULL));
  *answer =
      error != NULL ? g_steal_pointer (&error) : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "open");
}

/* The one before may be on its way out. */
static void
test_waits (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) answer = NULL;
  FerrydStore *first = open_store (directory, &contents);
  FerrydStore *second = store_new (directory, LONG_PATIENCE);

  ferryd_store_open_async (second, cancellable, on_opened, &answer);
  g_cancellable_cancel (cancellable);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (answer, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&answer);

  ferryd_store_open_async (second, NULL, on_opened, &answer);
  close_store (first);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (answer, G_IO_ERROR, G_IO_ERROR_EXISTS);
  close_store (second);
  ferryd_store_calls_remove_directory (directory);
}

static void
test_has_work (void)
{
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydRow *row = ferryd_store_calls_make_row (1);
  FerrydStore *store;

  g_assert_false (ferryd_store_sqlite_has_work ("/nonexistent"));
  g_assert_false (ferryd_store_sqlite_has_work (directory));
  store = open_store (directory, &contents);
  g_assert_false (ferryd_store_sqlite_has_work (directory));
  row->state = FERRY_STATE_IDLE;
  ferryd_batch_insert (batch, row);
  ferryd_store_calls_must_commit (store, batch);
  g_assert_false (ferryd_store_sqlite_has_work (directory));
  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, 1));
  g_assert_true (ferryd_store_sqlite_has_work (directory));
  close_store (store);
  g_assert_true (ferryd_store_sqlite_has_work (directory));
  assert_rows (directory, 2);
  ferryd_store_calls_remove_directory (directory);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store-opening/modes", test_modes);
  g_test_add_func ("/store-opening/network", test_network);
  g_test_add_func ("/store-opening/not-open", test_not_open);
  g_test_add_func ("/store-opening/unavailable", test_unavailable);
  g_test_add_func ("/store-opening/damaged", test_damaged);
  g_test_add_func ("/store-opening/flipped", test_flipped);
  g_test_add_func ("/store-opening/log-alone", test_log_alone);
  g_test_add_func ("/store-opening/newer", test_newer);
  g_test_add_func ("/store-opening/newer-in-log", test_newer_in_log);
  g_test_add_func ("/store-opening/second", test_second);
  g_test_add_func ("/store-opening/waits", test_waits);
  g_test_add_func ("/store-opening/has-work", test_has_work);

  return g_test_run ();
}
