/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-failpoint.h"
#include "ferryd-store-directory.h"
#include "ferryd-store-sql.h"

#define SECRETS_FILE "secrets.db"

/* A new file has another name until the first transaction is in it, so that it needs no journal, costs two
 * syncs instead of six, and secrets.db is always whole. */
#define NEW_FILE SECRETS_FILE ".new"

static const char *const parts[] = { "", "-wal", "-journal", "-shm" };

/* Numbers are random: should this file be lost, a reference to what was in it must not turn into one to a
 * secret of another operation. */
#define CREATE_TABLE "CREATE TABLE secret (number INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT"

struct _FerrydStoreSecrets
{
  char *directory;     /* (owned) */
  gboolean shared;     /* as for ferryd_store_sql_configure() */
  gboolean fresh;      /* the file still has its other name: nothing was committed yet */
  sqlite3 *db;         /* (owned) (nullable): none after a first transaction that failed */
  sqlite3_stmt *add;   /* (owned) */
  sqlite3_stmt *get;   /* (owned) */
  sqlite3_stmt *erase; /* (owned) */
  gboolean writing;    /* a transaction is open */
};

static void
unlink_all (const char *directory, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *leaf = g_strconcat (name, parts[i], NULL);
      g_autofree char *path = g_build_filename (directory, leaf, NULL);

      g_unlink (path);
    }
}

/**
 * ferryd_store_secrets_find:
 * @directory: a state directory that this process has locked
 *
 * Removes what a killed process had not finished.
 *
 * Returns: whether there is a file of secrets, which has to be opened
 */
gboolean
ferryd_store_secrets_find (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, SECRETS_FILE, NULL);

  unlink_all (directory, NEW_FILE);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
set_errno_error (const char *path, GError **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
               "“%s” cannot be created: %s. Make the state directory writable.", path, g_strerror (errno));
}

static gboolean
create_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  /* The mode whatever the umask; sqlite gives its side files that of the database. */
  gboolean created = fd >= 0 && fchmod (fd, 0600) == 0;

  if (!created)
    set_errno_error (path, error);
  if (fd >= 0)
    close (fd);
  return created;
}

static gboolean
prepare (FerrydStoreSecrets *self, GError **error)
{
  /* Erased is overwritten, not only forgotten. */
  if (!ferryd_store_sql_exec (self->db, "PRAGMA secure_delete = ON", error))
    return FALSE;
  self->add =
      ferryd_store_sql_prepare (self->db, "INSERT INTO secret (number, value) VALUES (?1, ?2)", error);
  if (self->add == NULL)
    return FALSE;
  self->get = ferryd_store_sql_prepare (self->db, "SELECT value FROM secret WHERE number = ?1", error);
  if (self->get == NULL)
    return FALSE;
  self->erase = ferryd_store_sql_prepare (self->db, "DELETE FROM secret WHERE number = ?1", error);
  return self->erase != NULL;
}

static void
disconnect (FerrydStoreSecrets *self)
{
  g_clear_pointer (&self->add, sqlite3_finalize);
  g_clear_pointer (&self->get, sqlite3_finalize);
  g_clear_pointer (&self->erase, sqlite3_finalize);
  g_clear_pointer (&self->db, sqlite3_close_v2);
  self->writing = FALSE;
}

/* The new file gets the journal mode it is going to have, as changing that later costs syncs too. */
static gboolean
create (FerrydStoreSecrets *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, NEW_FILE, NULL);

  unlink_all (self->directory, NEW_FILE);
  if (!create_file (path, error))
    return FALSE;
  self->fresh = TRUE;
  self->db = ferryd_store_sql_open (path, SQLITE_OPEN_READWRITE, error);
  return self->db != NULL &&
         ferryd_store_sql_exec (
             self->db, "PRAGMA temp_store = MEMORY; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0",
             error) &&
         ferryd_store_sql_exec (
             self->db, self->shared ? "PRAGMA journal_mode = MEMORY" : "PRAGMA journal_mode = WAL", error) &&
         ferryd_store_sql_exec (self->db, CREATE_TABLE, error) && prepare (self, error);
}

static gboolean
connect_to_file (FerrydStoreSecrets *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, SECRETS_FILE, NULL);

  self->fresh = FALSE;
  self->db = ferryd_store_sql_open (path, SQLITE_OPEN_READWRITE, error);
  return self->db != NULL && ferryd_store_sql_configure (self->db, self->shared, error) &&
         prepare (self, error);
}

static gboolean
sync_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
  gboolean synced = fd >= 0 && fdatasync (fd) == 0;

  if (!synced)
    set_errno_error (path, error);
  if (fd >= 0)
    close (fd);
  return synced;
}

static gboolean
rename_file (FerrydStoreSecrets *self, GError **error)
{
  g_autofree char *from = g_build_filename (self->directory, NEW_FILE, NULL);
  g_autofree char *to = g_build_filename (self->directory, SECRETS_FILE, NULL);

  if (!sync_file (from, error))
    return FALSE;
  if (g_rename (from, to) != 0)
    {
      set_errno_error (to, error);
      return FALSE;
    }
  return ferryd_store_directory_sync (self->directory, error);
}

/* Gives the new file, with its first transaction, its name; or begins again. */
static gboolean
publish (FerrydStoreSecrets *self, GError **error)
{
  gboolean published = ferryd_store_sql_exec (self->db, "PRAGMA wal_checkpoint (TRUNCATE)", error);

  disconnect (self);
  if (published && rename_file (self, error) && connect_to_file (self, error))
    return TRUE;
  disconnect (self);
  unlink_all (self->directory, NEW_FILE);
  unlink_all (self->directory, SECRETS_FILE);
  self->fresh = TRUE;
  return FALSE;
}

/**
 * ferryd_store_secrets_open:
 * @directory: a state directory that this process has locked
 * @shared: as for ferryd_store_sql_configure()
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Opens the file, or makes one. A damaged one is not set aside but erased: what is secret is not to lie about
 * for longer than an operation needs it.
 *
 * Returns: (transfer full): the secrets
 */
FerrydStoreSecrets *
ferryd_store_secrets_open (const char *directory, gboolean shared, GError **error)
{
  g_autoptr (FerrydStoreSecrets) self = g_new0 (FerrydStoreSecrets, 1);
  g_autoptr (GError) local_error = NULL;

  self->directory = g_strdup (directory);
  self->shared = shared;
  if (!ferryd_store_secrets_find (directory))
    return create (self, error) ? g_steal_pointer (&self) : NULL;
  if (connect_to_file (self, &local_error))
    return g_steal_pointer (&self);
  if (self->db != NULL && ferryd_store_sql_is_damaged (self->db))
    {
      g_message (
          "“%s” in “%s” is damaged and erased: operations with credentials will have to be given them again",
          SECRETS_FILE, directory);
      disconnect (self);
      unlink_all (directory, SECRETS_FILE);
      return create (self, error) ? g_steal_pointer (&self) : NULL;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/**
 * ferryd_store_secrets_free:
 * @self: (transfer full) (nullable): secrets
 *
 * Closes the file, and removes it where nothing is in it.
 */
void
ferryd_store_secrets_free (FerrydStoreSecrets *self)
{
  gint64 left = 1;

  if (self == NULL)
    return;
  if (self->db != NULL && self->erase != NULL)
    {
      ferryd_store_secrets_rollback (self);
      if (!ferryd_store_sql_get_int (self->db, "SELECT count (*) FROM secret", &left, NULL))
        left = 1;
    }
  disconnect (self);
  if (self->fresh || left == 0)
    unlink_all (self->directory, self->fresh ? NEW_FILE : SECRETS_FILE);
  g_free (self->directory);
  g_free (self);
}

static gboolean
begin (FerrydStoreSecrets *self, GError **error)
{
  if (self->db == NULL && !create (self, error))
    {
      disconnect (self);
      return FALSE;
    }
  if (!self->writing)
    self->writing = ferryd_store_sql_exec (self->db, "BEGIN IMMEDIATE", error);
  return self->writing;
}

/**
 * ferryd_store_secrets_add:
 * @self: secrets
 * @value: what is secret of an operation
 * @number: (out): what to find it by, never 0
 * @error: FERRY_ERROR_STORE_UNAVAILABLE; then nothing since the last commit is kept
 *
 * Returns: whether it is kept, from ferryd_store_secrets_commit() on
 */
gboolean
ferryd_store_secrets_add (FerrydStoreSecrets *self, GVariant *value, gint64 *number, GError **error)
{
  if (!begin (self, error))
    return FALSE;
  *number = ((gint64) g_random_int () << 31 | g_random_int () >> 1) | 1;
  sqlite3_bind_int64 (self->add, 1, *number);
  ferryd_store_sql_bind_variant (self->add, 2, value);
  if (!ferryd_store_sql_run (self->add, error))
    {
      ferryd_store_secrets_rollback (self);
      return FALSE;
    }
  return TRUE;
}

/**
 * ferryd_store_secrets_take_back:
 * @self: secrets
 * @number: of one that was added and not committed yet
 * @error: FERRY_ERROR_STORE_UNAVAILABLE; then nothing since the last commit is kept
 *
 * Returns: whether it is gone
 */
gboolean
ferryd_store_secrets_take_back (FerrydStoreSecrets *self, gint64 number, GError **error)
{
  sqlite3_bind_int64 (self->erase, 1, number);
  if (ferryd_store_sql_run (self->erase, error))
    return TRUE;
  ferryd_store_secrets_rollback (self);
  return FALSE;
}

/**
 * ferryd_store_secrets_commit:
 * @self: secrets
 * @error: FERRY_ERROR_STORE_UNAVAILABLE; then nothing since the last commit is kept
 *
 * Makes durable what was added; costs nothing where nothing was.
 *
 * Returns: whether it is
 */
gboolean
ferryd_store_secrets_commit (FerrydStoreSecrets *self, GError **error)
{
  if (!self->writing)
    return TRUE;
  if (!ferryd_store_sql_exec (self->db, "COMMIT", error))
    {
      ferryd_store_secrets_rollback (self);
      return FALSE;
    }
  self->writing = FALSE;
  FERRYD_FAILPOINT ("store-before-secrets");
  return !self->fresh || publish (self, error);
}

/**
 * ferryd_store_secrets_rollback:
 * @self: secrets
 *
 * Forgets what was added and not committed.
 */
void
ferryd_store_secrets_rollback (FerrydStoreSecrets *self)
{
  if (self->writing)
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
  self->writing = FALSE;
}

/**
 * ferryd_store_secrets_get:
 * @self: secrets
 * @number: of the secret
 *
 * Returns: (transfer full) (nullable): it, NULL where it was lost
 */
GVariant *
ferryd_store_secrets_get (FerrydStoreSecrets *self, gint64 number)
{
  GVariant *value = NULL;

  if (self->fresh)
    return NULL;
  sqlite3_bind_int64 (self->get, 1, number);
  if (sqlite3_step (self->get) == SQLITE_ROW)
    value = ferryd_store_sql_column_variant (self->get, 0);
  sqlite3_reset (self->get);
  sqlite3_clear_bindings (self->get);
  return value;
}

static gboolean
erase_each (FerrydStoreSecrets *self, const GArray *numbers, GError **error)
{
  for (guint i = 0; i < numbers->len; i++)
    {
      sqlite3_bind_int64 (self->erase, 1, g_array_index (numbers, gint64, i));
      if (!ferryd_store_sql_run (self->erase, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferryd_store_secrets_erase:
 * @self: secrets, with nothing added that is not committed
 * @numbers: (element-type gint64): secrets nobody refers to
 * @error: FERRY_ERROR_STORE_UNAVAILABLE; then they are all there still
 *
 * Overwrites them, in the file and in its log.
 *
 * Returns: whether they are gone
 */
gboolean
ferryd_store_secrets_erase (FerrydStoreSecrets *self, const GArray *numbers, GError **error)
{
  if (self->fresh)
    return TRUE;
  if (!begin (self, error))
    return FALSE;
  if (!erase_each (self, numbers, error))
    {
      ferryd_store_secrets_rollback (self);
      return FALSE;
    }
  return ferryd_store_secrets_commit (self, error) &&
         ferryd_store_sql_exec (self->db, "PRAGMA wal_checkpoint (TRUNCATE)", error);
}

/**
 * ferryd_store_secrets_keep_only:
 * @self: secrets
 * @numbers: (element-type gint64): all that are referred to
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Erases the others, which a kill or a lost database left behind.
 *
 * Returns: whether they are gone
 */
gboolean
ferryd_store_secrets_keep_only (FerrydStoreSecrets *self, const GArray *numbers, GError **error)
{
  g_autoptr (sqlite3_stmt) list = ferryd_store_sql_prepare (self->db, "SELECT number FROM secret", error);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (GArray) orphans = g_array_new (FALSE, FALSE, sizeof (gint64));
  int result;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < numbers->len; i++)
    g_hash_table_add (kept, &g_array_index (numbers, gint64, i));
  while ((result = sqlite3_step (list)) == SQLITE_ROW)
    {
      gint64 number = sqlite3_column_int64 (list, 0);

      if (!g_hash_table_contains (kept, &number))
        g_array_append_val (orphans, number);
    }
  if (result != SQLITE_DONE)
    {
      ferryd_store_sql_set_error (self->db, error);
      return FALSE;
    }
  sqlite3_reset (list);
  if (orphans->len == 0)
    return TRUE;
  g_message ("Erasing %u secrets that no operation refers to", orphans->len);
  return ferryd_store_secrets_erase (self, orphans, error);
}
