/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-sqlite.h"

#include <glib/gstdio.h>
#include <string.h>

#include "ferryd-faulty-disk.h"
#include "ferryd-store-calls.h"

/* What must be found in secrets.db and its side files only, and there for no longer than it is needed. */
#define SECRET "correct-horse-battery-staple"
#define OTHER_SECRET "tr0ub4dor-and-three"

#define MAX_SYNCS 5

typedef struct
{
  FerrydFaultyDisk *disk; /* (owned) */
  char *directory;        /* (owned) */
  FerrydStore *store;     /* (owned): open */
} Fixture;

static void
open_store (Fixture *fixture)
{
  g_autoptr (FerrydStoreContents) contents = NULL;

  fixture->store = ferryd_store_sqlite_new (fixture->directory, "unix:path=/run/a");
  contents = ferryd_store_calls_must_open (fixture->store);
  g_assert_null (contents->damaged);
}

static void
close_store (Fixture *fixture)
{
  ferryd_store_calls_close (fixture->store);
  g_clear_object (&fixture->store);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->disk = ferryd_faulty_disk_new ();
  fixture->directory = ferryd_store_calls_make_directory ();
  open_store (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture);
  ferryd_store_calls_remove_directory (fixture->directory);
  g_free (fixture->directory);
  ferryd_faulty_disk_free (fixture->disk);
}

static FerrydRow *
make_row (guint n, const char *secret)
{
  FerrydRow *row = ferryd_store_calls_make_row (n);

  if (secret != NULL)
    row->secrets = g_variant_ref_sink (g_variant_new_parsed ("{'password': <%s>}", secret));
  return row;
}

static gboolean
commit (Fixture *fixture, FerrydBatch *batch)
{
  g_autoptr (FerrydBatch) done =
      ferryd_store_calls_commit (fixture->store, batch, FERRYD_DURABILITY_SYNCED, NULL);

  return done != NULL;
}

static gboolean
insert (Fixture *fixture, guint n, const char *secret)
{
  FerrydBatch *batch = ferryd_batch_new ();

  ferryd_batch_insert (batch, make_row (n, secret));
  return commit (fixture, batch);
}

static gboolean
update (Fixture *fixture, guint n, const char *secret)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydRow *row = make_row (n, secret);

  row->columns = FERRYD_COLUMN_REQUEST;
  ferryd_batch_update (batch, row);
  return commit (fixture, batch);
}

static void
assert_secret (Fixture *fixture, guint n, const char *secret)
{
  g_autoptr (GPtrArray) rows = NULL;
  const FerrydRow *row;
  FerrydId id;

  ferryd_store_calls_make_id (&id, n);
  rows =
      ferryd_store_calls_read (fixture->store, &id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_SECRETS, NULL);
  row = g_ptr_array_index (rows, 0);
  g_assert_nonnull (row->request);
  if (secret == NULL)
    g_assert_null (row->secrets);
  else
    {
      const char *kept;

      g_assert_nonnull (row->secrets);
      g_assert_true (g_variant_lookup (row->secrets, "password", "&s", &kept));
      g_assert_cmpstr (kept, ==, secret);
    }
}

/* In how many files of the directory the text is; those of secrets.db are counted apart. */
static guint
count_files (Fixture *fixture, const char *text, guint *of_secrets)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->directory, 0, NULL);
  const char *name;
  guint others = 0;

  *of_secrets = 0;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
      g_autofree char *bytes = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      if (memmem (bytes, size, text, strlen (text)) == NULL)
        continue;
      if (g_str_has_prefix (name, "secrets.db"))
        (*of_secrets)++;
      else
        others++;
    }
  return others;
}

static void
assert_nowhere (Fixture *fixture, const char *text)
{
  guint of_secrets;

  g_assert_cmpuint (count_files (fixture, text, &of_secrets), ==, 0);
  g_assert_cmpuint (of_secrets, ==, 0);
}

static void
assert_apart (Fixture *fixture, const char *text)
{
  guint of_secrets;

  g_assert_cmpuint (count_files (fixture, text, &of_secrets), ==, 0);
  g_assert_cmpuint (of_secrets, >, 0);
}

static gboolean
has_file (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->directory, "secrets.db", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_apart (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "secrets.db", NULL);
  GStatBuf info;

  g_assert_true (insert (fixture, 0, NULL));
  g_assert_false (has_file (fixture));
  g_assert_true (insert (fixture, 1, SECRET));
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  assert_apart (fixture, SECRET);
  close_store (fixture);
  assert_apart (fixture, SECRET);
  open_store (fixture);
  assert_secret (fixture, 0, NULL);
  assert_secret (fixture, 1, SECRET);
  assert_apart (fixture, SECRET);
}

/* The very first one failing leaves nothing, and the next try works. */
static void
test_first_failed (Fixture *fixture, gconstpointer data)
{
  ferryd_faulty_disk_fail_writes (fixture->disk, SQLITE_FULL);
  g_assert_false (insert (fixture, 1, SECRET));
  assert_nowhere (fixture, SECRET);
  ferryd_faulty_disk_fail_writes (fixture->disk, SQLITE_OK);
  g_assert_true (insert (fixture, 1, SECRET));
  assert_secret (fixture, 1, SECRET);
  assert_apart (fixture, SECRET);
}

static void
test_deleted (Fixture *fixture, gconstpointer data)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydId id;

  g_assert_true (insert (fixture, 1, SECRET));
  g_assert_true (insert (fixture, 2, OTHER_SECRET));
  ferryd_store_calls_make_id (&id, 1);
  ferryd_batch_delete (batch, &id);
  g_assert_true (commit (fixture, batch));
  assert_nowhere (fixture, SECRET);
  assert_apart (fixture, OTHER_SECRET);
  assert_secret (fixture, 2, OTHER_SECRET);
}

/* An operation that has ended needs its secrets no more, but is still there. */
static void
test_dropped (Fixture *fixture, gconstpointer data)
{
  g_assert_true (insert (fixture, 1, SECRET));
  g_assert_true (update (fixture, 1, NULL));
  assert_nowhere (fixture, SECRET);
  assert_secret (fixture, 1, NULL);
  close_store (fixture);
  g_assert_false (has_file (fixture));
  open_store (fixture);
  assert_secret (fixture, 1, NULL);
}

static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_assert_true (insert (fixture, 1, SECRET));
  g_assert_true (update (fixture, 1, OTHER_SECRET));
  assert_nowhere (fixture, SECRET);
  assert_apart (fixture, OTHER_SECRET);
  assert_secret (fixture, 1, OTHER_SECRET);
  /* Of an operation that is not there nothing is kept. */
  g_assert_true (update (fixture, 7, SECRET));
  assert_nowhere (fixture, SECRET);
}

/* Of a batch that fails nothing stays, and what it would have replaced does. */
static void
test_failed (Fixture *fixture, gconstpointer data)
{
  FerrydBatch *batch = ferryd_batch_new ();
  FerrydRow *row = make_row (1, OTHER_SECRET);

  g_assert_true (insert (fixture, 1, SECRET));
  row->columns = FERRYD_COLUMN_REQUEST;
  ferryd_batch_update (batch, row);
  ferryd_batch_insert (batch, make_row (2, OTHER_SECRET));
  ferryd_batch_insert (batch, make_row (1, OTHER_SECRET));
  g_assert_false (commit (fixture, batch));
  assert_secret (fixture, 1, SECRET);
  assert_nowhere (fixture, OTHER_SECRET);

  /* The secret is written, what refers to it is not. */
  ferryd_faulty_disk_fail_syncs (fixture->disk, SQLITE_IOERR_FSYNC);
  g_assert_false (update (fixture, 1, OTHER_SECRET));
  g_assert_false (insert (fixture, 3, OTHER_SECRET));
  assert_nowhere (fixture, OTHER_SECRET);
  ferryd_faulty_disk_fail_syncs (fixture->disk, SQLITE_OK);
  assert_secret (fixture, 1, SECRET);
  g_assert_true (insert (fixture, 4, NULL));
  close_store (fixture);
  open_store (fixture);
  assert_secret (fixture, 1, SECRET);
  assert_secret (fixture, 4, NULL);
  assert_nowhere (fixture, OTHER_SECRET);
}

/* The database was lost: what its operations had of secrets must not outlive them. */
static void
test_orphans (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "ferry.db", NULL);

  g_assert_true (insert (fixture, 1, SECRET));
  close_store (fixture);
  g_assert_cmpint (g_remove (path), ==, 0);
  open_store (fixture);
  assert_nowhere (fixture, SECRET);
  g_assert_false (has_file (fixture));
}

/* The secrets were lost: their operations stay, without them. */
static void
test_lost (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "secrets.db", NULL);

  g_assert_true (insert (fixture, 1, SECRET));
  close_store (fixture);
  g_assert_true (g_file_set_contents (path, SECRET " is no database", -1, NULL));
  open_store (fixture);
  assert_secret (fixture, 1, NULL);
  assert_nowhere (fixture, SECRET);
  g_assert_true (insert (fixture, 2, OTHER_SECRET));
  assert_secret (fixture, 1, NULL);
  assert_secret (fixture, 2, OTHER_SECRET);
}

static void
test_ten_thousand (Fixture *fixture, gconstpointer data)
{
  FerrydBatch *batch = ferryd_batch_new ();
  guint syncs;

  for (guint i = 0; i < 10000; i++)
    ferryd_batch_insert (batch, make_row (i, SECRET));
  syncs = ferryd_faulty_disk_count_syncs (fixture->disk);
  g_assert_true (commit (fixture, batch));
  g_assert_cmpuint (ferryd_faulty_disk_count_syncs (fixture->disk) - syncs, <=, MAX_SYNCS);
  assert_secret (fixture, 9999, SECRET);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test) g_test_add ("/store-secrets/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("apart", test_apart);
  ADD ("first-failed", test_first_failed);
  ADD ("deleted", test_deleted);
  ADD ("dropped", test_dropped);
  ADD ("replaced", test_replaced);
  ADD ("failed", test_failed);
  ADD ("orphans", test_orphans);
  ADD ("lost", test_lost);
  ADD ("ten-thousand", test_ten_thousand);
#undef ADD

  return g_test_run ();
}
