/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-store-sqlite.h"

#include <gio/gio.h>
#include <signal.h>
#include <unistd.h>

#include "ferryd-store-calls.h"

static FerrydStore *
open_store (const char *directory, FerrydStoreContents **contents)
{
  FerrydStore *store = ferryd_store_sqlite_new (directory, "unix:path=/run/a");

  *contents = ferryd_store_calls_must_open (store);
  return store;
}

static void
close_store (FerrydStore *store)
{
  ferryd_store_calls_close (store);
  g_assert_finalize_object (store);
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

/* What the frozen databases of tests/data hold; with `--make DIRECTORY` the current format makes one. */
static void
make_frozen (const char *directory)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);
  FerrydBatch *batch = ferryd_batch_new ();

  ferryd_batch_insert (batch, ferryd_store_calls_make_row (1));
  ferryd_batch_insert (batch, ferryd_store_calls_make_full_row (2));
  ferryd_batch_set (batch, "paused", g_variant_new_boolean (TRUE));
  ferryd_store_calls_must_commit (store, batch);
  close_store (store);
}

/* Every format that was ever released can be read. */
static void
test_frozen (gconstpointer data)
{
  g_autofree char *frozen = g_test_build_filename (G_TEST_DIST, "data", data, NULL);
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *path = g_build_filename (directory, "ferry.db", NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  g_autoptr (FerrydStoreContents) contents = NULL;
  g_autoptr (FerrydRow) plain = ferryd_store_calls_make_row (1);
  g_autoptr (FerrydRow) full = ferryd_store_calls_make_full_row (2);
  const FerrydId ids[] = { plain->id, full->id };
  g_autoptr (GPtrArray) cold = NULL;
  FerrydStore *store;

  g_assert_true (g_file_get_contents (frozen, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  store = open_store (directory, &contents);
  g_assert_null (contents->damaged);
  g_assert_cmpuint (contents->rows->len, ==, 2);
  plain->order = 1;
  ferryd_store_calls_assert_equal (g_ptr_array_index (contents->rows, 0), plain, FERRYD_COLUMNS_HOT);
  ferryd_store_calls_assert_equal (g_ptr_array_index (contents->rows, 1), full, FERRYD_COLUMNS_HOT);
  g_assert_true (g_variant_lookup (contents->settings, "paused", "b", NULL));
  cold = ferryd_store_calls_read (store, ids, 2, FERRYD_COLUMNS_COLD, NULL);
  ferryd_store_calls_assert_equal (g_ptr_array_index (cold, 0), plain, FERRYD_COLUMNS_COLD);
  ferryd_store_calls_assert_equal (g_ptr_array_index (cold, 1), full, FERRYD_COLUMNS_COLD);
  ferryd_store_calls_must_commit (store, ferryd_store_calls_make_insertion (0, 1));
  close_store (store);
  ferryd_store_calls_remove_directory (directory);
}

/* With `--child DIRECTORY`: a service that is killed when it has been told that three operations are safe. */
static void
run_child (const char *directory)
{
  g_autoptr (FerrydStoreContents) contents = NULL;
  FerrydStore *store = open_store (directory, &contents);
  FerrydBatch *batch = ferryd_batch_new ();

  for (guint i = 0; i < 3; i++)
    {
      FerrydRow *row = ferryd_store_calls_make_row (i);

      row->secrets = g_variant_ref_sink (g_variant_new_parsed ("{'password': <'hunter2'>}"));
      ferryd_batch_insert (batch, row);
    }
  ferryd_store_calls_must_commit (store, batch);
  kill (getpid (), SIGKILL);
}

typedef struct
{
  const char *failpoint; /* NULL: after the answer */
  guint rows;            /* that are there after it */
} Kill;

static void
test_killed (gconstpointer data)
{
  const Kill *point = data;
  g_autofree char *directory = ferryd_store_calls_make_directory ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *secrets = g_build_filename (directory, "secrets.db", NULL);
  g_autofree char *unfinished = g_build_filename (directory, "secrets.db.new", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  if (point->failpoint != NULL)
    g_subprocess_launcher_setenv (launcher, "FERRYD_FAILPOINT", point->failpoint, TRUE);
  child = g_subprocess_launcher_spawn (launcher, &error, program, "--child", directory, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait (child, NULL, &error));
  g_assert_true (g_subprocess_get_if_signaled (child));
  g_assert_cmpint (g_subprocess_get_term_sig (child), ==, SIGKILL);

  g_assert_cmpint (ferryd_store_sqlite_has_work (directory), ==, point->rows > 0);
  assert_rows (directory, point->rows);
  /* What was secret of operations that came to nothing is gone. */
  g_assert_cmpint (g_file_test (secrets, G_FILE_TEST_EXISTS), ==, point->rows > 0);
  g_assert_false (g_file_test (unfinished, G_FILE_TEST_EXISTS));
  assert_rows (directory, point->rows);
  ferryd_store_calls_remove_directory (directory);
}

static const Kill kills[] = {
  { NULL, 3 },
#if FERRYD_FAILPOINTS
  { "store-open-locked", 0 },
  { "store-before-migration-commit", 0 },
  { "store-before-secrets", 0 },
  { "store-before-commit", 0 },
  { "store-after-commit", 3 },
#endif
};

int
main (int argc, char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    {
      run_child (argv[2]);
      return 1;
    }
  if (argc == 3 && g_str_equal (argv[1], "--make"))
    {
      make_frozen (argv[2]);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/store-restart/frozen/v1", "ferry-v1.db", test_frozen);
  for (guint i = 0; i < G_N_ELEMENTS (kills); i++)
    {
      const char *name = kills[i].failpoint != NULL ? kills[i].failpoint : "answered";
      g_autofree char *path = g_strconcat ("/store-restart/killed/", name, NULL);

      g_test_add_data_func (path, &kills[i], test_killed);
    }

  return g_test_run ();
}
