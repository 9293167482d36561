/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-columns.h"

#include <string.h>

#include "ferry-error.h"
#include "ferryd-store-sql.h"

typedef enum
{
  VALUE_INT64,  /* 64 bits, signed or not */
  VALUE_INT,    /* 32 bits: an enumeration, a boolean, a count */
  VALUE_TEXT,   /* char *, NULL is "" */
  VALUE_STRING, /* char *, NULL is NULL */
  VALUE_DIGEST, /* 16 bytes, all zero is NULL */
  VALUE_STATUS, /* FerryTransferError as its word, -1 is NULL */
  VALUE_VARIANT /* GVariant *, NULL is NULL */
} ValueType;

/* One column of the table `operation` and the member of FerrydRow it keeps. `max`: the greatest value of an
 * enumeration, 0 for what is none. */
typedef struct
{
  FerrydColumns group;
  const char *name;
  ValueType type;
  gsize offset; /* bytes, in FerrydRow */
  int max;
} Column;

#define COLUMN(group, name, type, member)                     \
  {                                                           \
    group, name, type, G_STRUCT_OFFSET (FerrydRow, member), 0 \
  }
#define COLUMN_ENUM(group, name, member, max)                        \
  {                                                                  \
    group, name, VALUE_INT, G_STRUCT_OFFSET (FerrydRow, member), max \
  }

/* The hot ones first; `sequence` and `position` are added where they are needed. */
static const Column columns[] = {
  COLUMN (FERRYD_COLUMN_IDENTITY, "id", VALUE_DIGEST, id),
  COLUMN_ENUM (FERRYD_COLUMN_IDENTITY, "kind", kind, FERRY_KIND_UPLOAD),
  COLUMN (FERRYD_COLUMN_IDENTITY, "application", VALUE_TEXT, application),
  COLUMN (FERRYD_COLUMN_IDENTITY, "transfer_group", VALUE_TEXT, group),
  COLUMN (FERRYD_COLUMN_IDENTITY, "host", VALUE_TEXT, host),
  COLUMN (FERRYD_COLUMN_IDENTITY, "completion_group", VALUE_DIGEST, completion_group),
  COLUMN (FERRYD_COLUMN_IDENTITY, "token_key", VALUE_DIGEST, token_key),
  COLUMN (FERRYD_COLUMN_IDENTITY, "created", VALUE_INT64, created),
  COLUMN (FERRYD_COLUMN_IDENTITY, "pausable", VALUE_INT, pausable),
  COLUMN_ENUM (FERRYD_COLUMN_STATE, "state", state, FERRY_STATE_ERROR),
  COLUMN (FERRYD_COLUMN_STATE, "error_status", VALUE_STATUS, error_status),
  COLUMN (FERRYD_COLUMN_STATE, "finished", VALUE_INT64, finished),
  COLUMN (FERRYD_COLUMN_STATE, "attempt", VALUE_INT, attempt),
  COLUMN (FERRYD_COLUMN_STATE, "retry_at", VALUE_INT64, retry_at),
  COLUMN_ENUM (FERRYD_COLUMN_POLICY, "priority", priority, FERRY_PRIORITY_LOW),
  COLUMN_ENUM (FERRYD_COLUMN_POLICY, "cost_policy", cost_policy, FERRY_COST_POLICY_ALWAYS),
  COLUMN (FERRYD_COLUMN_POLICY, "max_speed", VALUE_INT64, max_speed),
  COLUMN (FERRYD_COLUMN_POLICY, "unconstrained", VALUE_INT, unconstrained),
  COLUMN (FERRYD_COLUMN_COUNTERS, "bytes_received", VALUE_INT64, bytes_received),
  COLUMN (FERRYD_COLUMN_COUNTERS, "bytes_sent", VALUE_INT64, bytes_sent),
  COLUMN (FERRYD_COLUMN_COUNTERS, "total_to_receive", VALUE_INT64, total_to_receive),
  COLUMN (FERRYD_COLUMN_COUNTERS, "total_to_send", VALUE_INT64, total_to_send),
  COLUMN (FERRYD_COLUMN_COUNTERS, "restarts", VALUE_INT, restarts),
  COLUMN (FERRYD_COLUMN_COUNTERS, "furthest", VALUE_INT64, furthest),
  COLUMN (FERRYD_COLUMN_CLAIM, "claim", VALUE_DIGEST, claim),
  COLUMN (FERRYD_COLUMN_TIMES, "not_before", VALUE_INT64, not_before),
  COLUMN (FERRYD_COLUMN_TIMES, "not_after", VALUE_INT64, not_after),
  COLUMN (FERRYD_COLUMN_NOTIFICATION, "notification_pending", VALUE_INT, notification_pending),
  COLUMN (FERRYD_COLUMN_ERROR, "error_message", VALUE_STRING, error_message),
  COLUMN (FERRYD_COLUMN_PROGRESS, "progress", VALUE_VARIANT, progress),
  COLUMN (FERRYD_COLUMN_UPLOAD, "upload_offset", VALUE_INT64, upload_offset),
  COLUMN (FERRYD_COLUMN_UPLOAD, "upload_url", VALUE_STRING, upload_url),
};

/* The numbers are the format: whoever moves one of these needs a new version of the schema. */
G_STATIC_ASSERT (FERRY_KIND_DOWNLOAD == 0 && FERRY_KIND_UPLOAD == 1);
G_STATIC_ASSERT (FERRY_STATE_IDLE == 0 && FERRY_STATE_QUEUED == 1 && FERRY_STATE_RUNNING == 2);
G_STATIC_ASSERT (FERRY_STATE_PAUSED_BY_APPLICATION == 3 && FERRY_STATE_PAUSED_RECOVERABLE_ERROR == 4);
G_STATIC_ASSERT (FERRY_STATE_COMPLETED == 8 && FERRY_STATE_CANCELED == 9 && FERRY_STATE_ERROR == 10);
G_STATIC_ASSERT (FERRY_PRIORITY_DEFAULT == 0 && FERRY_PRIORITY_HIGH == 1 && FERRY_PRIORITY_LOW == 2);
G_STATIC_ASSERT (FERRY_COST_POLICY_DEFAULT == 0 && FERRY_COST_POLICY_UNRESTRICTED_ONLY == 1 &&
                 FERRY_COST_POLICY_ALWAYS == 2);
G_STATIC_ASSERT (sizeof (FerryState) == sizeof (int) && sizeof (gboolean) == sizeof (int));

/**
 * ferryd_store_columns_expand:
 * @text: SQL with $hot and $all for the columns, $values for their parameters
 *
 * Returns: (transfer full): SQL
 */
char *
ferryd_store_columns_expand (const char *text)
{
  g_autoptr (GString) hot = g_string_new (NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  GString *sql = g_string_new (text);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      const char *comma = i > 0 ? ", " : "";

      if ((columns[i].group & FERRYD_COLUMNS_HOT) != 0)
        g_string_append_printf (hot, "%s%s", comma, columns[i].name);
      g_string_append_printf (all, "%s%s", comma, columns[i].name);
      g_string_append_printf (values, "%s?%u", comma, i + FERRYD_STORE_FIRST_PARAMETER);
    }
  g_string_replace (sql, "$hot", hot->str, 0);
  g_string_replace (sql, "$all", all->str, 0);
  g_string_replace (sql, "$values", values->str, 0);
  return g_string_free (sql, FALSE);
}

/**
 * ferryd_store_columns_make_update:
 * @wanted: columns, at least one that is kept in the table `operation`
 *
 * Returns: (transfer full): SQL that writes them for one id
 */
char *
ferryd_store_columns_make_update (FerrydColumns wanted)
{
  GString *sql = g_string_new ("UPDATE operation SET ");
  const char *comma = "";

  if ((wanted & FERRYD_COLUMN_ORDER) != 0)
    {
      g_string_append_printf (sql, "position = nullif (?%d, sequence)", FERRYD_STORE_PARAMETER_POSITION);
      comma = ", ";
    }
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if ((columns[i].group & wanted) == 0)
        continue;
      g_string_append_printf (sql, "%s%s = ?%u", comma, columns[i].name, i + FERRYD_STORE_FIRST_PARAMETER);
      comma = ", ";
    }
  g_string_append_printf (sql, " WHERE id = ?%d", FERRYD_STORE_PARAMETER_ID);
  return g_string_free (sql, FALSE);
}

static gboolean
is_zero (const guint8 *digest)
{
  static const guint8 zero[FERRYD_STORE_ID_SIZE] = { 0 };

  return memcmp (digest, zero, sizeof zero) == 0;
}

static void
bind_blob_or_null (sqlite3_stmt *statement, int parameter, const guint8 *digest)
{
  if (is_zero (digest))
    sqlite3_bind_null (statement, parameter);
  else
    sqlite3_bind_blob (statement, parameter, digest, FERRYD_STORE_ID_SIZE, SQLITE_STATIC);
}

static void
bind_column (sqlite3_stmt *statement, int parameter, const Column *column, const FerrydRow *row)
{
  gconstpointer member = G_STRUCT_MEMBER_P (row, column->offset);
  const char *text = NULL;

  switch (column->type)
    {
    case VALUE_INT64:
      sqlite3_bind_int64 (statement, parameter, *(const gint64 *) member);
      break;
    case VALUE_INT:
      sqlite3_bind_int64 (statement, parameter, *(const int *) member);
      break;
    case VALUE_TEXT:
      text = *(const char *const *) member;
      sqlite3_bind_text (statement, parameter, text != NULL ? text : "", -1, SQLITE_STATIC);
      break;
    case VALUE_STRING:
      sqlite3_bind_text (statement, parameter, *(const char *const *) member, -1, SQLITE_STATIC);
      break;
    case VALUE_DIGEST:
      bind_blob_or_null (statement, parameter, member);
      break;
    case VALUE_STATUS:
      if (*(const int *) member >= 0)
        text = ferry_transfer_error_to_status (*(const int *) member);
      sqlite3_bind_text (statement, parameter, text, -1, SQLITE_STATIC);
      break;
    case VALUE_VARIANT:
      ferryd_store_sql_bind_variant (statement, parameter, *(GVariant *const *) member);
      break;
    default:
      break;
    }
}

/**
 * ferryd_store_columns_bind:
 * @statement: one made of ferryd_store_columns_expand() or ferryd_store_columns_make_update()
 * @row: (transfer none): the values; not copied, so it is carried out before @row changes
 * @wanted: which
 */
void
ferryd_store_columns_bind (sqlite3_stmt *statement, const FerrydRow *row, FerrydColumns wanted)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if ((columns[i].group & wanted) != 0)
        bind_column (statement, i + FERRYD_STORE_FIRST_PARAMETER, &columns[i], row);
    }
}

static FerryTransferError
parse_status (const char *word)
{
  FerryTransferError status;

  return ferry_transfer_error_from_status (word, &status) ? status : FERRY_TRANSFER_ERROR_UNKNOWN;
}

/* FALSE for a number that no value of the enumeration has. */
static gboolean
read_column (sqlite3_stmt *statement, int result, const Column *column, FerrydRow *row)
{
  gpointer member = G_STRUCT_MEMBER_P (row, column->offset);
  const char *text;
  gint64 number;

  switch (column->type)
    {
    case VALUE_INT64:
      *(gint64 *) member = sqlite3_column_int64 (statement, result);
      break;
    case VALUE_INT:
      number = sqlite3_column_int64 (statement, result);
      if (column->max > 0 && (number < 0 || number > column->max))
        return FALSE;
      *(int *) member = (int) number;
      break;
    case VALUE_TEXT:
    case VALUE_STRING:
      g_free (*(char **) member);
      *(char **) member = g_strdup ((const char *) sqlite3_column_text (statement, result));
      break;
    case VALUE_DIGEST:
      if (sqlite3_column_bytes (statement, result) == FERRYD_STORE_ID_SIZE)
        memcpy (member, sqlite3_column_blob (statement, result), FERRYD_STORE_ID_SIZE);
      break;
    case VALUE_STATUS:
      text = (const char *) sqlite3_column_text (statement, result);
      *(int *) member = text != NULL ? (int) parse_status (text) : -1;
      break;
    case VALUE_VARIANT:
      g_clear_pointer ((GVariant **) member, g_variant_unref);
      *(GVariant **) member = ferryd_store_sql_column_variant (statement, result);
      break;
    default:
      break;
    }
  return TRUE;
}

/**
 * ferryd_store_columns_read:
 * @statement: one made of ferryd_store_columns_expand(), standing on a row
 * @wanted: which columns
 *
 * Returns: (transfer full) (nullable): the row, NULL where it has a number that no enumeration has
 */
FerrydRow *
ferryd_store_columns_read (sqlite3_stmt *statement, FerrydColumns wanted)
{
  static const FerrydId nobody = { { 0 } };
  g_autoptr (FerrydRow) row = ferryd_row_new (&nobody);

  row->columns = wanted;
  row->sequence = sqlite3_column_int64 (statement, FERRYD_STORE_RESULT_SEQUENCE);
  row->order = sqlite3_column_int64 (statement, FERRYD_STORE_RESULT_POSITION);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if ((columns[i].group & wanted) != 0 &&
          !read_column (statement, i + FERRYD_STORE_FIRST_RESULT, &columns[i], row))
        return NULL;
    }
  return g_steal_pointer (&row);
}
