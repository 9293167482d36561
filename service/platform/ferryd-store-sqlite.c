/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-sqlite.h"

#include <sqlite3.h>

#include "ferry-error.h"
#include "ferryd-store-reader.h"
#include "ferryd-store-schema.h"
#include "ferryd-store-sql.h"
#include "ferryd-store-writer.h"

/* How long progress waits for company (milliseconds). Written without a sync it costs next to nothing, and a
 * killed process begins again behind what was written: so not for long. */
#define DEFAULT_HOLD 20

/* How long an opening waits for another service: one that is on its way out has answered what it was asked
 * and has only its last commit to write, milliseconds. */
#define DEFAULT_PATIENCE 5000

struct _FerrydStoreSqlite
{
  GObject parent_instance;

  char *directory;           /* (owned) */
  char *holder;              /* (owned) */
  guint hold;                /* milliseconds */
  guint patience;            /* milliseconds */
  FerrydStoreWriter *writer; /* (owned) */
  FerrydStoreReader *reader; /* (owned) */
  GHashTable *pending;       /* (owned): FerrydId → changes of it that are not answered */
};

enum
{
  PROP_DIRECTORY = 1,
  PROP_HOLDER,
  PROP_HOLD,
  PROP_PATIENCE,
};

static void ferryd_store_sqlite_store_init (FerrydStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydStoreSqlite, ferryd_store_sqlite, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_STORE, ferryd_store_sqlite_store_init))

static void
count_pending (FerrydStoreSqlite *self, const FerrydBatch *batch, int step)
{
  for (guint i = 0; i < ferryd_batch_size (batch); i++)
    {
      const FerrydRow *row = ferryd_batch_peek (batch, i)->row;
      int count;

      if (row == NULL)
        continue;
      count = GPOINTER_TO_INT (g_hash_table_lookup (self->pending, &row->id)) + step;
      if (count > 0)
        g_hash_table_replace (self->pending, g_memdup2 (&row->id, sizeof row->id), GINT_TO_POINTER (count));
      else
        g_hash_table_remove (self->pending, &row->id);
    }
}

static void
return_answer (FerrydStoreJob *job)
{
  if (job->kind == FERRYD_STORE_JOB_COMMIT)
    count_pending (g_task_get_source_object (job->task), job->batch, -1);
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else if (job->kind == FERRYD_STORE_JOB_OPEN)
    g_task_return_pointer (job->task, g_steal_pointer (&job->contents),
                           (GDestroyNotify) ferryd_store_contents_free);
  else if (job->kind == FERRYD_STORE_JOB_COMMIT)
    g_task_return_pointer (job->task, g_steal_pointer (&job->batch), (GDestroyNotify) ferryd_batch_free);
  else if (job->kind == FERRYD_STORE_JOB_READ)
    g_task_return_pointer (job->task, g_steal_pointer (&job->rows), (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_boolean (job->task, TRUE);
}

static void
return_answers (GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    return_answer (g_ptr_array_index (jobs, i));
  g_ptr_array_unref (jobs);
}

static FerrydStoreJob *
job_new (FerrydStore *store, FerrydStoreJobKind kind, gpointer source_tag, GAsyncReadyCallback callback,
         gpointer user_data)
{
  FerrydStoreJob *job = g_new0 (FerrydStoreJob, 1);

  job->kind = kind;
  job->task = g_task_new (store, NULL, callback, user_data);
  g_task_set_source_tag (job->task, source_tag);
  return job;
}

static void
ferryd_store_sqlite_open_async (FerrydStore *store, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (store);
  FerrydStoreJob *job =
      job_new (store, FERRYD_STORE_JOB_OPEN, ferryd_store_sqlite_open_async, callback, user_data);

  g_set_object (&job->cancellable, cancellable);
  ferryd_store_writer_push (self->writer, job);
}

static FerrydStoreContents *
ferryd_store_sqlite_open_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_store_sqlite_commit_async (FerrydStore *store, FerrydBatch *batch, FerrydDurability durability,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (store);
  FerrydStoreJob *job =
      job_new (store, FERRYD_STORE_JOB_COMMIT, ferryd_store_sqlite_commit_async, callback, user_data);

  job->batch = batch;
  job->durability = durability;
  job->due = g_get_monotonic_time () + self->hold * G_TIME_SPAN_MILLISECOND;
  count_pending (self, batch, 1);
  ferryd_store_writer_push (self->writer, job);
}

static FerrydBatch *
ferryd_store_sqlite_commit_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What is on its way to the disk can only be seen behind it. */
static gboolean
has_pending (FerrydStoreSqlite *self, const GArray *ids)
{
  for (guint i = 0; i < ids->len && g_hash_table_size (self->pending) > 0; i++)
    {
      if (g_hash_table_contains (self->pending, &g_array_index (ids, FerrydId, i)))
        return TRUE;
    }
  return FALSE;
}

static void
ferryd_store_sqlite_read_async (FerrydStore *store, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (store);
  FerrydStoreJob *job =
      job_new (store, FERRYD_STORE_JOB_READ, ferryd_store_sqlite_read_async, callback, user_data);

  job->ids = g_array_sized_new (FALSE, FALSE, sizeof (FerrydId), n_ids);
  g_array_append_vals (job->ids, ids, n_ids);
  job->columns = columns;
  if ((columns & FERRYD_COLUMN_SECRETS) != 0 || has_pending (self, job->ids))
    ferryd_store_writer_push (self->writer, job);
  else
    ferryd_store_reader_push (self->reader, job);
}

static GPtrArray *
ferryd_store_sqlite_read_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_store_sqlite_close_async (FerrydStore *store, GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (store);

  ferryd_store_reader_push (self->reader, job_new (store, FERRYD_STORE_JOB_CLOSE,
                                                   ferryd_store_sqlite_close_async, callback, user_data));
}

static gboolean
ferryd_store_sqlite_close_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_store_sqlite_store_init (FerrydStoreInterface *iface)
{
  iface->open_async = ferryd_store_sqlite_open_async;
  iface->open_finish = ferryd_store_sqlite_open_finish;
  iface->commit_async = ferryd_store_sqlite_commit_async;
  iface->commit_finish = ferryd_store_sqlite_commit_finish;
  iface->read_async = ferryd_store_sqlite_read_async;
  iface->read_finish = ferryd_store_sqlite_read_finish;
  iface->close_async = ferryd_store_sqlite_close_async;
  iface->close_finish = ferryd_store_sqlite_close_finish;
}

static void
ferryd_store_sqlite_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (object);

  switch (id)
    {
    case PROP_DIRECTORY:
      self->directory = g_value_dup_string (value);
      break;
    case PROP_HOLDER:
      self->holder = g_value_dup_string (value);
      break;
    case PROP_HOLD:
      self->hold = g_value_get_uint (value);
      break;
    case PROP_PATIENCE:
      self->patience = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ferryd_store_sqlite_constructed (GObject *object)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (object);

  G_OBJECT_CLASS (ferryd_store_sqlite_parent_class)->constructed (object);
  self->writer = ferryd_store_writer_new (self->directory, self->holder,
                                          self->patience * G_TIME_SPAN_MILLISECOND, return_answers);
  self->reader = ferryd_store_reader_new (self->directory, self->writer);
  self->pending = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
}

static void
ferryd_store_sqlite_finalize (GObject *object)
{
  FerrydStoreSqlite *self = FERRYD_STORE_SQLITE (object);

  g_clear_pointer (&self->reader, ferryd_store_reader_free);
  g_clear_pointer (&self->writer, ferryd_store_writer_free);
  g_hash_table_unref (self->pending);
  g_free (self->directory);
  g_free (self->holder);
  G_OBJECT_CLASS (ferryd_store_sqlite_parent_class)->finalize (object);
}

static void
ferryd_store_sqlite_class_init (FerrydStoreSqliteClass *klass)
{
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = ferryd_store_sqlite_set_property;
  object_class->constructed = ferryd_store_sqlite_constructed;
  object_class->finalize = ferryd_store_sqlite_finalize;

  /**
   * FerrydStoreSqlite:directory:
   *
   * The state directory.
   */
  g_object_class_install_property (object_class, PROP_DIRECTORY,
                                   g_param_spec_string ("directory", NULL, NULL, NULL, flags));
  /**
   * FerrydStoreSqlite:holder:
   *
   * The address of the bus we are on, for whoever finds the directory taken.
   */
  g_object_class_install_property (object_class, PROP_HOLDER,
                                   g_param_spec_string ("holder", NULL, NULL, "unknown", flags));
  /**
   * FerrydStoreSqlite:hold:
   *
   * How long FERRYD_DURABILITY_SOON is held back, milliseconds.
   */
  g_object_class_install_property (object_class, PROP_HOLD,
                                   g_param_spec_uint ("hold", NULL, NULL, 0, G_MAXUINT, DEFAULT_HOLD, flags));
  /**
   * FerrydStoreSqlite:patience:
   *
   * How long an opening waits for another process, milliseconds.
   */
  g_object_class_install_property (
      object_class, PROP_PATIENCE,
      g_param_spec_uint ("patience", NULL, NULL, 0, G_MAXUINT, DEFAULT_PATIENCE, flags));
}

static void
ferryd_store_sqlite_init (FerrydStoreSqlite *self)
{
}

/**
 * ferryd_store_sqlite_new:
 * @directory: the state directory; made, with those above it, when the store is opened
 * @holder: the address of the bus we are on, for whoever finds the directory taken
 *
 * Returns: (transfer full): a store, not open yet
 */
FerrydStore *
ferryd_store_sqlite_new (const char *directory, const char *holder)
{
  return g_object_new (FERRYD_TYPE_STORE_SQLITE, "directory", directory, "holder", holder, NULL);
}

static gboolean
has_queued (const char *path)
{
  g_autofree char *sql = NULL;
  sqlite3 *db = ferryd_store_sql_open (path, SQLITE_OPEN_READONLY, NULL);
  gint64 found = 0;

  if (db == NULL)
    return FALSE;
  sql = g_strdup_printf ("SELECT EXISTS (SELECT 1 FROM operation WHERE state = %d)", FERRY_STATE_QUEUED);
  /* What is damaged, or was left half written, is for the service to look at. */
  if (!ferryd_store_sql_get_int (db, sql, &found, NULL))
    found = ferryd_store_sql_is_damaged (db) || (sqlite3_errcode (db) & 0xff) == SQLITE_READONLY;
  sqlite3_close_v2 (db);
  return found != 0;
}

/**
 * ferryd_store_sqlite_has_work:
 * @directory: the state directory
 *
 * For whoever starts the service at login: takes no lock and changes nothing. Blocks, for milliseconds.
 *
 * Returns: whether an operation can go on by itself, or the store is damaged and somebody should be told;
 * FALSE where the service could do nothing either
 */
gboolean
ferryd_store_sqlite_has_work (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, FERRYD_STORE_FILE, NULL);

  switch (ferryd_store_schema_inspect_header (path, NULL))
    {
    case FERRYD_STORE_VERDICT_SOUND:
      return has_queued (path);
    case FERRYD_STORE_VERDICT_DAMAGED:
      return TRUE;
    case FERRYD_STORE_VERDICT_MISSING:
    case FERRYD_STORE_VERDICT_NEWER:
    case FERRYD_STORE_VERDICT_UNREADABLE:
    default:
      return FALSE;
    }
}
