/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-rows.h"

#include "ferry-error.h"
#include "ferryd-store-columns.h"
#include "ferryd-store-sql.h"

/* Columns that are updated together: more sets of them than the engine has kinds of updates. Beyond, the
 * statements kept for them are given back. */
#define MAX_UPDATES 32

/* What is prepared at the opening. */
typedef enum
{
  STATEMENT_LOAD,
  STATEMENT_FIND,
  STATEMENT_INSERT,
  STATEMENT_DELETE,
  STATEMENT_UPDATE_REQUEST,
  STATEMENT_READ_REQUEST,
  STATEMENT_UPDATE_RESPONSE,
  STATEMENT_READ_RESPONSE,
  STATEMENT_LOAD_SECRETS,
  STATEMENT_LOAD_SETTINGS,
  STATEMENT_SET,
  STATEMENT_UNSET,
  N_STATEMENTS
} Statement;

/* $hot, $all, $values: ferryd_store_columns_expand(). */
static const char *const statement_texts[] = {
  [STATEMENT_LOAD] = "SELECT sequence, coalesce (position, sequence), $hot FROM operation ORDER BY sequence",
  [STATEMENT_FIND] = "SELECT sequence, coalesce (position, sequence), $all FROM operation WHERE id = ?1",
  [STATEMENT_INSERT] = "INSERT INTO operation (position, $all) VALUES (?2, $values)",
  [STATEMENT_DELETE] = "DELETE FROM operation WHERE id = ?1",
  [STATEMENT_UPDATE_REQUEST] =
      "INSERT INTO operation_request (operation, request, secret) "
      "SELECT sequence, ?2, ?3 FROM operation WHERE id = ?1 "
      "ON CONFLICT DO UPDATE SET request = excluded.request, secret = excluded.secret",
  [STATEMENT_READ_REQUEST] = "SELECT request, secret FROM operation_request "
                             "WHERE operation = (SELECT sequence FROM operation WHERE id = ?1)",
  [STATEMENT_UPDATE_RESPONSE] = "INSERT INTO operation_response (operation, response, suggested_name) "
                                "SELECT sequence, ?2, ?3 FROM operation WHERE id = ?1 "
                                "ON CONFLICT DO UPDATE SET response = excluded.response, "
                                "suggested_name = excluded.suggested_name",
  [STATEMENT_READ_RESPONSE] = "SELECT response, suggested_name FROM operation_response "
                              "WHERE operation = (SELECT sequence FROM operation WHERE id = ?1)",
  [STATEMENT_LOAD_SECRETS] = "SELECT secret FROM operation_request WHERE secret IS NOT NULL",
  [STATEMENT_LOAD_SETTINGS] = "SELECT name, value FROM setting",
  [STATEMENT_SET] = "INSERT INTO setting (name, value) VALUES (?1, ?2) "
                    "ON CONFLICT DO UPDATE SET value = excluded.value",
  [STATEMENT_UNSET] = "DELETE FROM setting WHERE name = ?1",
};

G_STATIC_ASSERT (G_N_ELEMENTS (statement_texts) == N_STATEMENTS);

struct _FerrydStoreRows
{
  sqlite3 *db;                            /* borrowed */
  sqlite3_stmt *statements[N_STATEMENTS]; /* (owned) */
  GHashTable *updates;                    /* (owned) (element-type FerrydColumns sqlite3_stmt) */
};

/**
 * ferryd_store_rows_new:
 * @db: an open database of the current format, which outlives the result
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): its rows
 */
FerrydStoreRows *
ferryd_store_rows_new (sqlite3 *db, GError **error)
{
  g_autoptr (FerrydStoreRows) self = g_new0 (FerrydStoreRows, 1);

  self->db = db;
  self->updates = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) sqlite3_finalize);
  for (guint i = 0; i < N_STATEMENTS; i++)
    {
      g_autofree char *text = ferryd_store_columns_expand (statement_texts[i]);

      self->statements[i] = ferryd_store_sql_prepare (db, text, error);
      if (self->statements[i] == NULL)
        return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * ferryd_store_rows_free:
 * @self: (transfer full) (nullable): rows
 */
void
ferryd_store_rows_free (FerrydStoreRows *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  g_hash_table_unref (self->updates);
  g_free (self);
}

static void
bind_secret (sqlite3_stmt *statement, int parameter, gint64 secret)
{
  if (secret == 0)
    sqlite3_bind_null (statement, parameter);
  else
    sqlite3_bind_int64 (statement, parameter, secret);
}

/**
 * ferryd_store_rows_load:
 * @self: rows
 * @error: FERRY_ERROR_STORE_UNAVAILABLE, and ferryd_store_sql_is_damaged() where a row means nothing
 *
 * Returns: (transfer full) (element-type FerrydRow): hot columns of all, oldest first
 */
GPtrArray *
ferryd_store_rows_load (FerrydStoreRows *self, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_row_free);
  sqlite3_stmt *statement = self->statements[STATEMENT_LOAD];
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      FerrydRow *row = ferryd_store_columns_read (statement, FERRYD_COLUMNS_HOT);

      if (row == NULL)
        break;
      g_ptr_array_add (rows, row);
    }
  if (result != SQLITE_DONE)
    ferryd_store_sql_set_error (self->db, error);
  sqlite3_reset (statement);
  return result == SQLITE_DONE ? g_steal_pointer (&rows) : NULL;
}

/**
 * ferryd_store_rows_load_settings:
 * @self: rows
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): a{sv}
 */
GVariant *
ferryd_store_rows_load_settings (FerrydStoreRows *self, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_LOAD_SETTINGS];
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      g_autoptr (GVariant) value = ferryd_store_sql_column_variant (statement, 1);

      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", (const char *) sqlite3_column_text (statement, 0), value);
    }
  if (result != SQLITE_DONE)
    ferryd_store_sql_set_error (self->db, error);
  sqlite3_reset (statement);
  return result == SQLITE_DONE ? g_variant_ref_sink (g_variant_builder_end (&builder)) : NULL;
}

/**
 * ferryd_store_rows_load_secrets:
 * @self: rows
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full) (element-type gint64): numbers of the secrets that operations refer to
 */
GArray *
ferryd_store_rows_load_secrets (FerrydStoreRows *self, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_LOAD_SECRETS];
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      gint64 number = sqlite3_column_int64 (statement, 0);

      g_array_append_val (numbers, number);
    }
  if (result != SQLITE_DONE)
    ferryd_store_sql_set_error (self->db, error);
  sqlite3_reset (statement);
  return result == SQLITE_DONE ? g_steal_pointer (&numbers) : NULL;
}

static gboolean
write_request (FerrydStoreRows *self, const FerrydRow *row, gint64 secret, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_UPDATE_REQUEST];

  sqlite3_bind_blob (statement, FERRYD_STORE_PARAMETER_ID, row->id.bytes, FERRYD_STORE_ID_SIZE,
                     SQLITE_STATIC);
  ferryd_store_sql_bind_variant (statement, 2, row->request);
  bind_secret (statement, 3, secret);
  return ferryd_store_sql_run (statement, error);
}

static gboolean
write_response (FerrydStoreRows *self, const FerrydRow *row, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_UPDATE_RESPONSE];

  sqlite3_bind_blob (statement, FERRYD_STORE_PARAMETER_ID, row->id.bytes, FERRYD_STORE_ID_SIZE,
                     SQLITE_STATIC);
  ferryd_store_sql_bind_variant (statement, 2, row->response);
  sqlite3_bind_text (statement, 3, row->suggested_name, -1, SQLITE_STATIC);
  return ferryd_store_sql_run (statement, error);
}

/**
 * ferryd_store_rows_insert:
 * @self: rows
 * @row: a new operation, every column; its `sequence` is set, and its `order` where that is 0
 * @secret: number of what is secret of it, 0 for none
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it was inserted
 */
gboolean
ferryd_store_rows_insert (FerrydStoreRows *self, FerrydRow *row, gint64 secret, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_INSERT];

  if (row->order != 0)
    sqlite3_bind_int64 (statement, FERRYD_STORE_PARAMETER_POSITION, row->order);
  ferryd_store_columns_bind (statement, row, FERRYD_COLUMNS_ALL);
  if (!ferryd_store_sql_run (statement, error))
    return FALSE;
  row->sequence = sqlite3_last_insert_rowid (self->db);
  if (row->order == 0)
    row->order = row->sequence;
  if (!write_request (self, row, secret, error))
    return FALSE;
  return (row->response == NULL && row->suggested_name == NULL) || write_response (self, row, error);
}

static sqlite3_stmt *
get_update (FerrydStoreRows *self, FerrydColumns wanted, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->updates, GUINT_TO_POINTER (wanted));
  g_autofree char *sql = NULL;

  if (statement != NULL)
    return statement;
  sql = ferryd_store_columns_make_update (wanted);
  statement = ferryd_store_sql_prepare (self->db, sql, error);
  if (statement == NULL)
    return NULL;
  if (g_hash_table_size (self->updates) >= MAX_UPDATES)
    g_hash_table_remove_all (self->updates);
  g_hash_table_insert (self->updates, GUINT_TO_POINTER (wanted), statement);
  return statement;
}

/**
 * ferryd_store_rows_update:
 * @self: rows
 * @row: an operation and the columns to write
 * @secret: with FERRYD_COLUMN_REQUEST: number of what is secret of it, 0 for none
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it was written; an operation that is not there is passed over
 */
gboolean
ferryd_store_rows_update (FerrydStoreRows *self, const FerrydRow *row, gint64 secret, GError **error)
{
  const FerrydColumns apart = FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_RESPONSE;

  if ((row->columns & ~apart) != 0)
    {
      sqlite3_stmt *statement = get_update (self, row->columns & ~apart, error);

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_blob (statement, FERRYD_STORE_PARAMETER_ID, row->id.bytes, FERRYD_STORE_ID_SIZE,
                         SQLITE_STATIC);
      if ((row->columns & FERRYD_COLUMN_ORDER) != 0)
        sqlite3_bind_int64 (statement, FERRYD_STORE_PARAMETER_POSITION, row->order);
      ferryd_store_columns_bind (statement, row, row->columns & ~apart);
      if (!ferryd_store_sql_run (statement, error))
        return FALSE;
    }
  if ((row->columns & FERRYD_COLUMN_REQUEST) != 0 && !write_request (self, row, secret, error))
    return FALSE;
  return (row->columns & FERRYD_COLUMN_RESPONSE) == 0 || write_response (self, row, error);
}

/**
 * ferryd_store_rows_delete:
 * @self: rows
 * @id: an operation
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it is not there any more
 */
gboolean
ferryd_store_rows_delete (FerrydStoreRows *self, const FerrydId *id, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_DELETE];

  sqlite3_bind_blob (statement, FERRYD_STORE_PARAMETER_ID, id->bytes, FERRYD_STORE_ID_SIZE, SQLITE_STATIC);
  return ferryd_store_sql_run (statement, error);
}

/**
 * ferryd_store_rows_set:
 * @self: rows
 * @name: of a setting
 * @value: (nullable): its value, NULL deletes it
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it was written
 */
gboolean
ferryd_store_rows_set (FerrydStoreRows *self, const char *name, GVariant *value, GError **error)
{
  sqlite3_stmt *statement = self->statements[value != NULL ? STATEMENT_SET : STATEMENT_UNSET];

  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (value != NULL)
    ferryd_store_sql_bind_variant (statement, 2, value);
  return ferryd_store_sql_run (statement, error);
}

/* Whether there is a row with that id; FALSE with @error set where nobody knows. To be reset by the caller.
 */
static gboolean
find (FerrydStoreRows *self, Statement which, const FerrydId *id, GError **error)
{
  sqlite3_stmt *statement = self->statements[which];
  int result;

  sqlite3_bind_blob (statement, FERRYD_STORE_PARAMETER_ID, id->bytes, FERRYD_STORE_ID_SIZE, SQLITE_STATIC);
  result = sqlite3_step (statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    ferryd_store_sql_set_error (self->db, error);
  return result == SQLITE_ROW;
}

static void
read_request (FerrydStoreRows *self, FerrydRow *row, gint64 *secret, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_READ_REQUEST];

  if (find (self, STATEMENT_READ_REQUEST, &row->id, error))
    {
      row->request = ferryd_store_sql_column_variant (statement, 0);
      *secret = sqlite3_column_int64 (statement, 1);
    }
  sqlite3_reset (statement);
}

static void
read_response (FerrydStoreRows *self, FerrydRow *row, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_READ_RESPONSE];

  if (find (self, STATEMENT_READ_RESPONSE, &row->id, error))
    {
      row->response = ferryd_store_sql_column_variant (statement, 0);
      row->suggested_name = g_strdup ((const char *) sqlite3_column_text (statement, 1));
    }
  sqlite3_reset (statement);
}

/**
 * ferryd_store_rows_read:
 * @self: rows
 * @id: an operation
 * @columns: what to read of it
 * @row: (out) (transfer full) (nullable): it, NULL where it is not there
 * @secret: (out): with FERRYD_COLUMN_REQUEST the number of what is secret of it, 0 for none
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it could be read
 */
gboolean
ferryd_store_rows_read (FerrydStoreRows *self, const FerrydId *id, FerrydColumns wanted, FerrydRow **row,
                        gint64 *secret, GError **error)
{
  g_autoptr (FerrydRow) found = NULL;
  g_autoptr (GError) local_error = NULL;

  *row = NULL;
  *secret = 0;
  if (find (self, STATEMENT_FIND, id, &local_error))
    {
      found = ferryd_store_columns_read (self->statements[STATEMENT_FIND], wanted);
      if (found == NULL)
        g_set_error (&local_error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                     "The state of an operation is damaged. Restart the service.");
    }
  sqlite3_reset (self->statements[STATEMENT_FIND]);
  if (found != NULL)
    {
      found->id = *id;
      if ((wanted & FERRYD_COLUMN_REQUEST) != 0)
        read_request (self, found, secret, &local_error);
      if ((wanted & FERRYD_COLUMN_RESPONSE) != 0 && local_error == NULL)
        read_response (self, found, &local_error);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *row = g_steal_pointer (&found);
  return TRUE;
}

/**
 * ferryd_store_rows_get_secret:
 * @self: rows
 * @id: an operation
 *
 * Returns: number of what is secret of it, 0 for none
 */
gint64
ferryd_store_rows_get_secret (FerrydStoreRows *self, const FerrydId *id)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_READ_REQUEST];
  gint64 secret = 0;

  if (find (self, STATEMENT_READ_REQUEST, id, NULL))
    secret = sqlite3_column_int64 (statement, 1);
  sqlite3_reset (statement);
  return secret;
}
