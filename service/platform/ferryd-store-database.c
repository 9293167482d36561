/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-database.h"

#include <sqlite3.h>

#include "ferry-error.h"
#include "ferryd-failpoint.h"
#include "ferryd-store-directory.h"
#include "ferryd-store-lock.h"
#include "ferryd-store-rows.h"
#include "ferryd-store-schema.h"
#include "ferryd-store-secrets.h"
#include "ferryd-store-sql.h"
#include "ferryd-vault.h"

/* Pages of 4 KiB in the log before they are moved into the database: a call that creates ten thousand
 * operations does not pay for that, and a start after a crash reads no more than 16 MiB of log. */
#define CHECKPOINT_PAGES 4096

/* Changes in one transaction after which the memory sqlite used for it is worth giving back. */
#define LARGE_TRANSACTION 256

/* A setting that says that the session's keyring may have secrets of ours. Whoever never had one there does
 * not look. */
#define VAULT_SETTING "secret-service"

struct _FerrydStoreDatabase
{
  char *directory;             /* (owned) */
  FerrydStoreLock *lock;       /* (owned) */
  gboolean shared;             /* other machines can have the file system mounted */
  sqlite3 *db;                 /* (owned) */
  FerrydStoreRows *rows;       /* (owned) */
  FerrydStoreSecrets *secrets; /* (owned) (nullable): none before the first secret in a file */
  FerrydVault *vault;          /* (owned): comes first; what is there has a negative number */

  gboolean synced;         /* what is committed now is synced */
  gboolean suspect;        /* a commit failed in a way that leaves the log's content on disk unknown */
  guint log_pages;         /* pages in the log */
  guint changes;           /* since memory was last given back */
  GArray *added;           /* (owned) (element-type gint64): secrets written for this transaction */
  GArray *released;        /* (owned) (element-type gint64): secrets nobody refers to once it is committed */
  GArray *to_erase;        /* (owned) (element-type gint64): secrets nobody refers to, in the file */
  GHashTable *to_take_out; /* (owned): set of (owned) gint64, the same in the vault */
  gboolean vault_used;     /* there may be something in the vault */
  gboolean vault_checked;  /* what was left there by those killed is gone */
};

static int
note_log_pages (gpointer user_data, sqlite3 *db, const char *name, int pages)
{
  FerrydStoreDatabase *self = user_data;

  self->log_pages = pages;
  return SQLITE_OK;
}

static gboolean
connect_to_file (FerrydStoreDatabase *self, const char *path, GError **error)
{
  self->db = ferryd_store_sql_open (path, SQLITE_OPEN_READWRITE, error);
  if (self->db == NULL || !ferryd_store_sql_configure (self->db, self->shared, error) ||
      !ferryd_store_schema_migrate (self->db, error))
    return FALSE;
  sqlite3_wal_hook (self->db, note_log_pages, self);
  self->synced = TRUE;
  self->rows = ferryd_store_rows_new (self->db, error);
  return self->rows != NULL;
}

static void
disconnect (FerrydStoreDatabase *self)
{
  g_clear_pointer (&self->rows, ferryd_store_rows_free);
  g_clear_pointer (&self->db, sqlite3_close_v2);
}

static gboolean
load (FerrydStoreDatabase *self, FerrydStoreContents *contents, GError **error)
{
  contents->rows = ferryd_store_rows_load (self->rows, error);
  if (contents->rows == NULL)
    return FALSE;
  contents->settings = ferryd_store_rows_load_settings (self->rows, error);
  return contents->settings != NULL;
}

static gboolean
connect_and_load (FerrydStoreDatabase *self, const char *path, FerrydStoreContents *contents, GError **error)
{
  return connect_to_file (self, path, error) && load (self, contents, error);
}

static gboolean
start_empty (FerrydStoreDatabase *self, const char *path, FerrydStoreContents *contents, GError **error)
{
  if (!ferryd_store_schema_set_aside (self->directory, &contents->damaged, error))
    return FALSE;
  g_message ("The store was damaged. What is left of it is in “%s”; the service starts without operations",
             contents->damaged);
  return ferryd_store_schema_create (self->directory, self->shared, error) &&
         connect_and_load (self, path, contents, error);
}

static gboolean
find_and_load (FerrydStoreDatabase *self, FerrydStoreContents *contents, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, FERRYD_STORE_FILE, NULL);
  g_autoptr (GError) local_error = NULL;

  switch (ferryd_store_schema_inspect (path, error))
    {
    case FERRYD_STORE_VERDICT_MISSING:
      if (ferryd_store_schema_has_remains (self->directory))
        return start_empty (self, path, contents, error);
      return ferryd_store_schema_create (self->directory, self->shared, error) &&
             connect_and_load (self, path, contents, error);
    case FERRYD_STORE_VERDICT_DAMAGED:
      return start_empty (self, path, contents, error);
    case FERRYD_STORE_VERDICT_SOUND:
      break;
    case FERRYD_STORE_VERDICT_NEWER:
    case FERRYD_STORE_VERDICT_UNREADABLE:
    default:
      return FALSE;
    }
  if (connect_and_load (self, path, contents, &local_error))
    return TRUE;
  /* Sound in structure, but its tables or rows are not what this format says. */
  if (self->db != NULL && ferryd_store_sql_is_damaged (self->db))
    {
      sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
      disconnect (self);
      g_clear_pointer (&contents->rows, g_ptr_array_unref);
      return start_empty (self, path, contents, error);
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
need_secrets (FerrydStoreDatabase *self, GError **error)
{
  if (self->secrets == NULL)
    self->secrets = ferryd_store_secrets_open (self->directory, self->shared, error);
  return self->secrets != NULL;
}

/* What is left of those killed between two commits goes; a file that is empty then goes with it. */
static gboolean
clean_secrets (FerrydStoreDatabase *self, GError **error)
{
  g_autoptr (GArray) numbers = NULL;

  if (!ferryd_store_secrets_find (self->directory))
    return TRUE;
  numbers = ferryd_store_rows_load_secrets (self->rows, error);
  if (numbers == NULL || !need_secrets (self, error) ||
      !ferryd_store_secrets_keep_only (self->secrets, numbers, error))
    return FALSE;
  if (numbers->len == 0)
    g_clear_pointer (&self->secrets, ferryd_store_secrets_free);
  return TRUE;
}

/**
 * ferryd_store_database_open:
 * @directory: the state directory; made where it is not there
 * @holder: the bus we are on, for whoever finds the directory taken
 * @patience: microseconds to wait for another process that may be on its way out
 * @cancellable: (nullable): ends that waiting
 * @contents: (out) (transfer full): what the store holds
 * @error: as FerrydStoreInterface.open_async()
 *
 * Returns: (transfer full): the database, taken for this process
 */
FerrydStoreDatabase *
ferryd_store_database_open (const char *directory, const char *holder, gint64 patience,
                            GCancellable *cancellable, FerrydStoreContents **contents, GError **error)
{
  g_autoptr (FerrydStoreDatabase) self = g_new0 (FerrydStoreDatabase, 1);
  g_autoptr (FerrydStoreContents) held = g_new0 (FerrydStoreContents, 1);

  self->directory = g_strdup (directory);
  self->added = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->released = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->to_erase = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->to_take_out = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->vault = ferryd_vault_new (directory);
  if (!ferryd_store_directory_prepare (directory, &self->shared, error))
    return NULL;
  self->lock = ferryd_store_lock_take (directory, holder, patience, cancellable, error);
  if (self->lock == NULL)
    return NULL;
  FERRYD_FAILPOINT ("store-open-locked");
  if (!find_and_load (self, held, error) || !clean_secrets (self, error))
    return NULL;
  g_variant_lookup (held->settings, VAULT_SETTING, "b", &self->vault_used);
  sqlite3_db_release_memory (self->db);
  *contents = g_steal_pointer (&held);
  return g_steal_pointer (&self);
}

/**
 * ferryd_store_database_close:
 * @self: (transfer full) (nullable): a database
 *
 * Moves the log into the database and gives the state directory back.
 */
void
ferryd_store_database_close (FerrydStoreDatabase *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->secrets, ferryd_store_secrets_free);
  g_clear_pointer (&self->vault, ferryd_vault_free);
  disconnect (self);
  g_clear_pointer (&self->lock, ferryd_store_lock_free);
  g_clear_pointer (&self->added, g_array_unref);
  g_clear_pointer (&self->released, g_array_unref);
  g_clear_pointer (&self->to_erase, g_array_unref);
  g_clear_pointer (&self->to_take_out, g_hash_table_unref);
  g_free (self->directory);
  g_free (self);
}

/* Into the vault; FALSE where it is not kept there. */
static gboolean
add_to_vault (FerrydStoreDatabase *self, const FerrydRow *row, gint64 *number)
{
  g_autoptr (GVariant) yes = g_variant_ref_sink (g_variant_new_boolean (TRUE));

  *number = -((gint64) g_random_int () << 31 | g_random_int () >> 1 | 1);
  if (!ferryd_vault_add (self->vault, *number, row->secrets))
    return FALSE;
  self->vault_used = TRUE;
  g_array_append_val (self->added, *number);
  return ferryd_store_rows_set (self->rows, VAULT_SETTING, yes, NULL);
}

/* Nobody refers to it. */
static void
discard_secret (FerrydStoreDatabase *self, gint64 number)
{
  if (number < 0)
    g_hash_table_add (self->to_take_out, g_memdup2 (&number, sizeof number));
  else
    g_array_append_val (self->to_erase, number);
}

static void
discard_secrets (FerrydStoreDatabase *self, const GArray *numbers)
{
  for (guint i = 0; i < numbers->len; i++)
    discard_secret (self, g_array_index (numbers, gint64, i));
}

/* The number of what is secret of @row, 0 for none. */
static gboolean
add_secret (FerrydStoreDatabase *self, const FerrydRow *row, gint64 *number, GError **error)
{
  *number = 0;
  if (row->secrets == NULL || add_to_vault (self, row, number))
    return TRUE;
  if (!need_secrets (self, error) || !ferryd_store_secrets_add (self->secrets, row->secrets, number, error))
    return FALSE;
  g_array_append_val (self->added, *number);
  return TRUE;
}

static void
release_secret (FerrydStoreDatabase *self, const FerrydId *id)
{
  gint64 number =
      self->secrets != NULL || self->vault_used ? ferryd_store_rows_get_secret (self->rows, id) : 0;

  if (number != 0)
    g_array_append_val (self->released, number);
}

static gboolean
update (FerrydStoreDatabase *self, const FerrydRow *row, GError **error)
{
  gint64 secret = 0;

  if ((row->columns & FERRYD_COLUMN_REQUEST) != 0)
    {
      release_secret (self, &row->id);
      if (!add_secret (self, row, &secret, error))
        return FALSE;
    }
  if (!ferryd_store_rows_update (self->rows, row, secret, error))
    return FALSE;
  /* There is no such operation. */
  if (secret != 0 && sqlite3_changes (self->db) == 0)
    g_array_append_val (self->released, secret);
  return TRUE;
}

static gboolean
apply_change (FerrydStoreDatabase *self, FerrydChange *change, GError **error)
{
  gint64 secret = 0;

  switch (change->kind)
    {
    case FERRYD_CHANGE_INSERT:
      return add_secret (self, change->row, &secret, error) &&
             ferryd_store_rows_insert (self->rows, change->row, secret, error);
    case FERRYD_CHANGE_UPDATE:
      return update (self, change->row, error);
    case FERRYD_CHANGE_DELETE:
      release_secret (self, &change->row->id);
      return ferryd_store_rows_delete (self->rows, &change->row->id, error);
    case FERRYD_CHANGE_SETTING:
    default:
      return ferryd_store_rows_set (self->rows, change->name, change->value, error);
    }
}

static gboolean
apply_batch (FerrydStoreDatabase *self, FerrydBatch *batch, GError **error)
{
  for (guint i = 0; i < ferryd_batch_size (batch); i++)
    {
      if (!apply_change (self, ferryd_batch_peek (batch, i), error))
        return FALSE;
    }
  self->changes += ferryd_batch_size (batch);
  return TRUE;
}

/* Nothing of a batch that failed stays. FALSE where the whole transaction cannot go on. */
static gboolean
undo_batch (FerrydStoreDatabase *self, guint n_added, guint n_released, GError **error)
{
  /* Some errors, a full disk for one, undo the transaction. */
  if (sqlite3_get_autocommit (self->db) ||
      !ferryd_store_sql_exec (self->db, "ROLLBACK TO batch; RELEASE batch", error))
    return FALSE;
  for (guint i = n_added; i < self->added->len; i++)
    {
      gint64 number = g_array_index (self->added, gint64, i);

      if (number < 0)
        discard_secret (self, number);
      else if (!ferryd_store_secrets_take_back (self->secrets, number, error))
        return FALSE;
    }
  g_array_set_size (self->added, n_added);
  g_array_set_size (self->released, n_released);
  return TRUE;
}

/* Each batch on its own; those that fail have their error set. FALSE where the transaction failed. */
static gboolean
apply_batches (FerrydStoreDatabase *self, FerrydBatch *const *batches, GError **errors, guint n,
               GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      guint n_added = self->added->len;
      guint n_released = self->released->len;

      if (!ferryd_store_sql_exec (self->db, "SAVEPOINT batch", error))
        return FALSE;
      if (apply_batch (self, batches[i], &errors[i]))
        {
          if (!ferryd_store_sql_exec (self->db, "RELEASE batch", error))
            return FALSE;
        }
      else if (!undo_batch (self, n_added, n_released, NULL))
        {
          g_propagate_error (error, g_steal_pointer (&errors[i]));
          return FALSE;
        }
    }
  return TRUE;
}

/* Only between transactions. A file system of the network has no log, and its journal is synced always. */
static gboolean
choose_durability (FerrydStoreDatabase *self, FerrydDurability durability, GError **error)
{
  gboolean synced = durability == FERRYD_DURABILITY_SYNCED || self->shared;

  if (self->suspect)
    {
      /* After a failed sync the kernel takes pages for written that are not: a new log is begun, from the
       * database. */
      if (!ferryd_store_sql_exec (self->db, "PRAGMA wal_checkpoint (TRUNCATE)", error))
        return FALSE;
      self->suspect = FALSE;
    }
  if (synced != self->synced &&
      !ferryd_store_sql_exec (self->db, synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
                              error))
    return FALSE;
  self->synced = synced;
  return TRUE;
}

static void
roll_back (FerrydStoreDatabase *self)
{
  if ((sqlite3_errcode (self->db) & 0xff) == SQLITE_IOERR)
    self->suspect = TRUE;
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

/* All batches in one transaction. FALSE where none of them is written. */
static gboolean
commit_together (FerrydStoreDatabase *self, FerrydBatch *const *batches, GError **errors, guint n,
                 FerrydDurability durability, GError **error)
{
  gboolean secrets_written = FALSE;

  g_array_set_size (self->added, 0);
  g_array_set_size (self->released, 0);
  if (choose_durability (self, durability, error) &&
      ferryd_store_sql_exec (self->db, "BEGIN IMMEDIATE", error) &&
      apply_batches (self, batches, errors, n, error))
    {
      secrets_written = self->secrets == NULL || ferryd_store_secrets_commit (self->secrets, error);
      FERRYD_FAILPOINT ("store-before-commit");
      if (secrets_written && ferryd_store_sql_exec (self->db, "COMMIT", error))
        {
          FERRYD_FAILPOINT ("store-after-commit");
          discard_secrets (self, self->released);
          return TRUE;
        }
    }
  roll_back (self);
  if (!secrets_written && self->secrets != NULL)
    ferryd_store_secrets_rollback (self->secrets);
  for (guint i = 0; i < self->added->len; i++)
    {
      if (secrets_written || g_array_index (self->added, gint64, i) < 0)
        discard_secret (self, g_array_index (self->added, gint64, i));
    }
  for (guint i = 0; i < n; i++)
    g_clear_error (&errors[i]);
  return FALSE;
}

static void
erase_secrets (FerrydStoreDatabase *self)
{
  g_autoptr (GError) error = NULL;

  if (self->to_erase->len == 0 || self->secrets == NULL)
    return;
  if (ferryd_store_secrets_erase (self->secrets, self->to_erase, &error))
    g_array_set_size (self->to_erase, 0);
  else
    g_message ("Secrets of ended operations are erased later: %s", error->message);
}

/**
 * ferryd_store_database_commit:
 * @self: a database
 * @batches: (array length=n): in the order in which they take effect
 * @errors: (array length=n): all NULL; set to FERRY_ERROR_STORE_UNAVAILABLE for each batch of which nothing
 * is written
 * @n: how many
 * @durability: FERRYD_DURABILITY_SYNCED where one of them asks for it
 *
 * Writes them by one transaction. Where that is not possible, by one each: what does not fit on a full disk
 * must not take along what does.
 */
void
ferryd_store_database_commit (FerrydStoreDatabase *self, FerrydBatch *const *batches, GError **errors,
                              guint n, FerrydDurability durability)
{
  g_autoptr (GError) error = NULL;

  if (!commit_together (self, batches, errors, n, durability, &error))
    {
      if (n == 1)
        errors[0] = g_steal_pointer (&error);
      for (guint i = 0; n > 1 && i < n; i++)
        ferryd_store_database_commit (self, &batches[i], &errors[i], 1, durability);
    }
  erase_secrets (self);
}

/* Everything in the vault but what is referred to. */
static gboolean
check_vault (FerrydStoreDatabase *self)
{
  g_autoptr (GArray) numbers = ferryd_store_rows_load_secrets (self->rows, NULL);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_int64_hash, g_int64_equal);

  if (numbers == NULL)
    return FALSE;
  for (guint i = 0; i < numbers->len; i++)
    {
      if (g_array_index (numbers, gint64, i) < 0)
        g_hash_table_add (kept, &g_array_index (numbers, gint64, i));
    }
  if (!ferryd_vault_erase (self->vault, kept, TRUE))
    return FALSE;
  if (g_hash_table_size (kept) > 0)
    return TRUE;
  self->vault_used = FALSE;
  return ferryd_store_rows_set (self->rows, VAULT_SETTING, NULL, NULL);
}

/* One that is away keeps what it has until it can be asked again, in this process or the next. */
static void
tidy_vault (FerrydStoreDatabase *self)
{
  if (self->vault_used && !self->vault_checked)
    {
      self->vault_checked = check_vault (self);
      if (self->vault_checked)
        g_hash_table_remove_all (self->to_take_out);
    }
  else if (g_hash_table_size (self->to_take_out) > 0 &&
           ferryd_vault_erase (self->vault, self->to_take_out, FALSE))
    g_hash_table_remove_all (self->to_take_out);
  ferryd_vault_rest (self->vault);
}

/**
 * ferryd_store_database_tidy:
 * @self: a database
 *
 * What a commit leaves to be done when nobody waits for it any more.
 */
void
ferryd_store_database_tidy (FerrydStoreDatabase *self)
{
  tidy_vault (self);
  if (self->log_pages >= CHECKPOINT_PAGES)
    {
      self->log_pages = 0;
      sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
  if (self->changes >= LARGE_TRANSACTION)
    {
      self->changes = 0;
      sqlite3_db_release_memory (self->db);
    }
}

static void
read_secrets (FerrydStoreDatabase *self, FerrydRow *row, gint64 number)
{
  FerrydVaultVerdict verdict = FERRYD_VAULT_LOST;

  if (number < 0)
    verdict = ferryd_vault_get (self->vault, number, &row->secrets);
  else if (self->secrets != NULL)
    row->secrets = ferryd_store_secrets_get (self->secrets, number);
  row->secrets_away = verdict == FERRYD_VAULT_AWAY;
  if (row->secrets_away)
    g_message ("The credentials of an operation are in a keyring that is locked or does not answer");
  else if (row->secrets == NULL)
    g_message ("The credentials of an operation are lost");
}

/**
 * ferryd_store_database_read:
 * @self: a database
 * @ids: (array length=n_ids): operations
 * @n_ids: how many
 * @columns: what to read of each
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full) (element-type FerrydRow): a row for each id, NULL for one that is not there
 */
GPtrArray *
ferryd_store_database_read (FerrydStoreDatabase *self, const FerrydId *ids, guint n_ids,
                            FerrydColumns columns, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_full (n_ids, (GDestroyNotify) ferryd_row_free);

  for (guint i = 0; i < n_ids; i++)
    {
      FerrydRow *row;
      gint64 secret;

      if (!ferryd_store_rows_read (self->rows, &ids[i], columns, &row, &secret, error))
        return NULL;
      g_ptr_array_add (rows, row);
      if (secret == 0 || (columns & FERRYD_COLUMN_SECRETS) == 0)
        continue;
      read_secrets (self, row, secret);
    }
  ferryd_vault_rest (self->vault);
  return g_steal_pointer (&rows);
}
