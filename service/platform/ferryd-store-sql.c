/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-sql.h"

#include "ferry-error.h"

/* How long another connection may hold the database (a person with sqlite3, the login-time starter),
 * milliseconds. */
#define BUSY_TIMEOUT 5000

/* Pages of a connection kept in memory, KiB: enough for the indexes of ten thousand operations, so that
 * inserting as many writes no page twice. */
#define CACHE_SIZE "1024"

/* What a side file may keep occupied between transactions, bytes. */
#define JOURNAL_SIZE_LIMIT "1048576"

/**
 * ferryd_store_sql_set_error:
 * @db: a connection whose last call failed
 * @error: (nullable): set to FERRY_ERROR_STORE_UNAVAILABLE, with the reason and what would help
 */
void
ferryd_store_sql_set_error (sqlite3 *db, GError **error)
{
  const char *advice;

  switch (sqlite3_errcode (db) & 0xff)
    {
    case SQLITE_FULL:
      advice = "Free some space on the disk of the state directory and try again.";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      advice = "Make the state directory and its files writable and try again.";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      advice = "Restart the service: it sets the damaged database aside and starts an empty one.";
      break;
    case SQLITE_CONSTRAINT:
      advice = "An operation with the same id or token exists already.";
      break;
    case SQLITE_BUSY:
      advice = "Another program has the database open for writing; end it and try again.";
      break;
    case SQLITE_NOMEM:
      advice = "The service is out of memory; try again later.";
      break;
    default:
      advice = "Check the disk of the state directory and try again.";
      break;
    }
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE, "The state cannot be saved: %s. %s",
               sqlite3_errmsg (db), advice);
}

/**
 * ferryd_store_sql_is_damaged:
 * @db: a connection whose last call failed, or whose content is not what it must be
 *
 * Returns: whether the file itself is at fault, not the disk, its rights or another process
 */
gboolean
ferryd_store_sql_is_damaged (sqlite3 *db)
{
  switch (sqlite3_errcode (db) & 0xff)
    {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * ferryd_store_sql_open:
 * @path: a database file
 * @flags: SQLITE_OPEN_READONLY or SQLITE_OPEN_READWRITE
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): a connection for one thread, not configured yet; sqlite reads the file at its
 * first statement
 */
sqlite3 *
ferryd_store_sql_open (const char *path, int flags, GError **error)
{
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    {
      sqlite3_extended_result_codes (db, 1);
      sqlite3_busy_timeout (db, BUSY_TIMEOUT);
      /* A database of somebody else's making may not call functions or rewrite the schema. */
      sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
      sqlite3_db_config (db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
      return db;
    }
  if (db == NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                         "The state cannot be saved: the service is out of memory.");
  else
    ferryd_store_sql_set_error (db, error);
  sqlite3_close_v2 (db);
  return NULL;
}

/**
 * ferryd_store_sql_configure:
 * @db: a connection for writing
 * @shared: other machines can have the same file system mounted: write-ahead logs need memory that is shared
 * by everyone who has the file open, which a network does not give
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Checkpoints are left to the caller, who runs them when nobody waits. Nothing goes to temporary files, which
 * would be outside the state directory.
 *
 * Returns: whether it can be written
 */
gboolean
ferryd_store_sql_configure (sqlite3 *db, gboolean shared, GError **error)
{
  return ferryd_store_sql_exec (db,
                                "PRAGMA temp_store = MEMORY;"
                                "PRAGMA cache_size = -" CACHE_SIZE ";"
                                "PRAGMA mmap_size = 0;"
                                "PRAGMA foreign_keys = ON;"
                                "PRAGMA cell_size_check = ON;",
                                error) &&
         ferryd_store_sql_exec (db, shared ? "PRAGMA journal_mode = TRUNCATE" : "PRAGMA journal_mode = WAL",
                                error) &&
         ferryd_store_sql_exec (db,
                                "PRAGMA synchronous = FULL;"
                                "PRAGMA wal_autocheckpoint = 0;"
                                "PRAGMA journal_size_limit = " JOURNAL_SIZE_LIMIT ";",
                                error);
}

/**
 * ferryd_store_sql_exec:
 * @db: a connection
 * @sql: statements whose rows nobody wants
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether all of them were carried out
 */
gboolean
ferryd_store_sql_exec (sqlite3 *db, const char *sql, GError **error)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  ferryd_store_sql_set_error (db, error);
  return FALSE;
}

/**
 * ferryd_store_sql_prepare:
 * @db: a connection
 * @sql: one statement
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): the statement, to be kept
 */
sqlite3_stmt *
ferryd_store_sql_prepare (sqlite3 *db, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    ferryd_store_sql_set_error (db, error);
  return statement;
}

/**
 * ferryd_store_sql_run:
 * @statement: one that gives no rows
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Carries it out and makes it ready for the next time. What was bound to it is let go.
 *
 * Returns: whether it was carried out
 */
gboolean
ferryd_store_sql_run (sqlite3_stmt *statement, GError **error)
{
  gboolean done = sqlite3_step (statement) == SQLITE_DONE;

  if (!done)
    ferryd_store_sql_set_error (sqlite3_db_handle (statement), error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return done;
}

/**
 * ferryd_store_sql_get_int:
 * @db: a connection
 * @sql: a statement that gives one number
 * @value: (out): it
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether there was one
 */
gboolean
ferryd_store_sql_get_int (sqlite3 *db, const char *sql, gint64 *value, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ferryd_store_sql_prepare (db, sql, error);

  if (statement == NULL)
    return FALSE;
  if (sqlite3_step (statement) != SQLITE_ROW)
    {
      ferryd_store_sql_set_error (db, error);
      return FALSE;
    }
  *value = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

static GVariant *
to_little_endian (GVariant *value)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (value) : g_variant_byteswap (value);
}

/**
 * ferryd_store_sql_bind_variant:
 * @statement: a statement
 * @parameter: from 1
 * @value: (nullable): of any type; NULL is NULL
 *
 * A value is kept as a serialised `v`, which carries its type, little endian on every machine: a home
 * directory may outlive the machine.
 */
void
ferryd_store_sql_bind_variant (sqlite3_stmt *statement, int parameter, GVariant *value)
{
  g_autoptr (GVariant) boxed = NULL;
  g_autoptr (GVariant) kept = NULL;

  if (value == NULL)
    {
      sqlite3_bind_null (statement, parameter);
      return;
    }
  boxed = g_variant_ref_sink (g_variant_new_variant (value));
  kept = to_little_endian (boxed);
  sqlite3_bind_blob64 (statement, parameter, g_variant_get_data (kept), g_variant_get_size (kept),
                       SQLITE_TRANSIENT);
}

/**
 * ferryd_store_sql_column_variant:
 * @statement: a statement that stands on a row
 * @column: from 0
 *
 * Returns: (transfer full) (nullable): the value, NULL for NULL and for one that is not a serialised value
 */
GVariant *
ferryd_store_sql_column_variant (sqlite3_stmt *statement, int column)
{
  gconstpointer blob = sqlite3_column_blob (statement, column);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) kept = NULL;
  g_autoptr (GVariant) boxed = NULL;

  if (blob == NULL)
    return NULL;
  bytes = g_bytes_new (blob, sqlite3_column_bytes (statement, column));
  kept = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));
  if (!g_variant_is_normal_form (kept))
    {
      g_message ("A value of the store is damaged and passed over");
      return NULL;
    }
  boxed = to_little_endian (kept);
  return g_variant_get_variant (boxed);
}
