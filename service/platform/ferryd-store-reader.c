/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-reader.h"

#include "ferryd-store-rows.h"
#include "ferryd-store-schema.h"
#include "ferryd-store-sql.h"

/* What it keeps of the file in memory, KiB: a few rows at a time are asked for. */
#define CACHE_SIZE "64"

/* All but the queue belongs to the thread once it runs. */
struct _FerrydStoreReader
{
  GThread *thread;           /* (owned) */
  GAsyncQueue *queue;        /* (owned) (element-type FerrydStoreJob) */
  FerrydStoreWriter *writer; /* (unowned): outlives the reader */
  char *path;                /* (owned): of the database */
  sqlite3 *db;               /* (owned) (nullable): from the first read on */
  FerrydStoreRows *rows;     /* (owned) (nullable): the same */
};

static void
disconnect (FerrydStoreReader *self)
{
  g_clear_pointer (&self->rows, ferryd_store_rows_free);
  g_clear_pointer (&self->db, sqlite3_close_v2);
}

static gboolean
has_log (sqlite3 *db)
{
  sqlite3_stmt *statement = ferryd_store_sql_prepare (db, "PRAGMA journal_mode", NULL);
  gboolean wal = statement != NULL && sqlite3_step (statement) == SQLITE_ROW &&
                 g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "wal") == 0;

  sqlite3_finalize (statement);
  return wal;
}

static gboolean
connect (FerrydStoreReader *self)
{
  if (self->rows != NULL)
    return TRUE;
  self->db = ferryd_store_sql_open (self->path, SQLITE_OPEN_READONLY, NULL);
  if (self->db != NULL && has_log (self->db) &&
      ferryd_store_sql_exec (self->db, "PRAGMA cache_size = -" CACHE_SIZE, NULL))
    self->rows = ferryd_store_rows_new (self->db, NULL);
  if (self->rows == NULL)
    disconnect (self);
  return self->rows != NULL;
}

static gboolean
read_rows (FerrydStoreReader *self, FerrydStoreJob *job)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_full (job->ids->len, (GDestroyNotify) ferryd_row_free);

  if (!connect (self))
    return FALSE;
  for (guint i = 0; i < job->ids->len; i++)
    {
      FerrydRow *row = NULL;
      gint64 secret;

      if (!ferryd_store_rows_read (self->rows, &g_array_index (job->ids, FerrydId, i), job->columns, &row,
                                   &secret, NULL))
        return FALSE;
      g_ptr_array_add (rows, row);
    }
  job->rows = g_steal_pointer (&rows);
  return TRUE;
}

static gpointer
run (gpointer user_data)
{
  FerrydStoreReader *self = user_data;

  for (;;)
    {
      FerrydStoreJob *job = g_async_queue_pop (self->queue);

      if (job->kind == FERRYD_STORE_JOB_QUIT)
        {
          ferryd_store_job_free (job);
          break;
        }
      if (job->kind == FERRYD_STORE_JOB_READ && read_rows (self, job))
        {
          ferryd_store_writer_answer (self->writer, job);
          continue;
        }
      if (job->kind == FERRYD_STORE_JOB_CLOSE)
        disconnect (self);
      /* Whatever is wrong, the writer will find out and say it. */
      ferryd_store_writer_push (self->writer, job);
    }
  disconnect (self);
  return NULL;
}

/**
 * ferryd_store_reader_new:
 * @directory: state directory
 * @writer: who opens the database and does the rest
 *
 * Returns: (transfer full): a reader, its thread running and waiting
 */
FerrydStoreReader *
ferryd_store_reader_new (const char *directory, FerrydStoreWriter *writer)
{
  FerrydStoreReader *self = g_new0 (FerrydStoreReader, 1);

  self->queue = g_async_queue_new_full ((GDestroyNotify) ferryd_store_job_free);
  self->writer = writer;
  self->path = g_build_filename (directory, FERRYD_STORE_FILE, NULL);
  self->thread = g_thread_new ("store-reader", run, self);
  return self;
}

/**
 * ferryd_store_reader_free:
 * @self: (transfer full) (nullable): a reader that nothing is asked of any more
 */
void
ferryd_store_reader_free (FerrydStoreReader *self)
{
  FerrydStoreJob *job;

  if (self == NULL)
    return;
  job = g_new0 (FerrydStoreJob, 1);
  job->kind = FERRYD_STORE_JOB_QUIT;
  g_async_queue_push (self->queue, job);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self->path);
  g_free (self);
}

/**
 * ferryd_store_reader_push:
 * @self: a reader
 * @job: (transfer full): what is asked of it
 */
void
ferryd_store_reader_push (FerrydStoreReader *self, FerrydStoreJob *job)
{
  g_async_queue_push (self->queue, job);
}
