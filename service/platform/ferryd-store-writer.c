/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-writer.h"

#include "ferry-error.h"
#include "ferryd-store-database.h"

/* Most batches that share a transaction: the first of them is not kept waiting by a stream of others. */
#define MAX_TOGETHER 1000

/* All but the queue belongs to the thread once it runs. */
struct _FerrydStoreWriter
{
  GThread *thread;       /* (owned) */
  GMainContext *context; /* (owned): where answers go */
  FerrydStoreAnswer answer;
  GAsyncQueue *queue;            /* (owned) (element-type FerrydStoreJob) */
  char *directory;               /* (owned) */
  char *holder;                  /* (owned) */
  gint64 patience;               /* microseconds */
  FerrydStoreDatabase *database; /* (owned) (nullable): while it is open */
  GPtrArray *waiting;            /* (owned) (element-type FerrydStoreJob): commits for the next transaction */
  gboolean urgent;               /* one of those waiting is not to be held back */
};

/* One call and its answer, carried to the main context. */
typedef struct
{
  FerrydStoreAnswer answer;
  GPtrArray *jobs; /* (owned) */
} Delivery;

/**
 * ferryd_store_job_free:
 * @job: (transfer full): a call
 */
void
ferryd_store_job_free (FerrydStoreJob *job)
{
  g_clear_object (&job->task);
  g_clear_object (&job->cancellable);
  g_clear_pointer (&job->batch, ferryd_batch_free);
  g_clear_pointer (&job->ids, g_array_unref);
  g_clear_pointer (&job->contents, ferryd_store_contents_free);
  g_clear_pointer (&job->rows, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_free (job);
}

static gboolean
deliver (gpointer user_data)
{
  Delivery *delivery = user_data;

  delivery->answer (g_steal_pointer (&delivery->jobs));
  return G_SOURCE_REMOVE;
}

/* Many answers are one wake-up. The jobs, and with them the last reference to the store perhaps, are let go
 * in the main thread. */
static void
answer (FerrydStoreWriter *self, GPtrArray *jobs)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->answer = self->answer;
  delivery->jobs = jobs;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, delivery, g_free);
  g_source_set_static_name (source, "[ferryd] store answers");
  g_source_attach (source, self->context);
}

/**
 * ferryd_store_writer_answer:
 * @self: a writer
 * @job: (transfer full): done, by whichever thread
 *
 * Hands @job back. Any thread.
 */
void
ferryd_store_writer_answer (FerrydStoreWriter *self, FerrydStoreJob *job)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_store_job_free);

  g_ptr_array_add (jobs, job);
  answer (self, jobs);
}

static void
set_not_open_error (GError **error)
{
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                       "The state cannot be saved: the store is not open.");
}

static void
write_waiting (FerrydStoreWriter *self, FerrydDurability durability)
{
  g_autoptr (GPtrArray) jobs = g_steal_pointer (&self->waiting);
  g_autofree FerrydBatch **batches = g_new (FerrydBatch *, jobs->len);
  g_autofree GError **errors = g_new0 (GError *, jobs->len);

  self->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_store_job_free);
  self->urgent = FALSE;
  if (jobs->len == 0)
    return;
  for (guint i = 0; i < jobs->len; i++)
    {
      batches[i] = ((FerrydStoreJob *) g_ptr_array_index (jobs, i))->batch;
      if (self->database == NULL)
        set_not_open_error (&errors[i]);
    }
  if (self->database != NULL)
    ferryd_store_database_commit (self->database, batches, errors, jobs->len, durability);
  for (guint i = 0; i < jobs->len; i++)
    ((FerrydStoreJob *) g_ptr_array_index (jobs, i))->error = errors[i];
  answer (self, g_steal_pointer (&jobs));
  if (self->database != NULL)
    ferryd_store_database_tidy (self->database);
}

static void
add_waiting (FerrydStoreWriter *self, FerrydStoreJob *job)
{
  g_ptr_array_add (self->waiting, job);
  self->urgent = self->urgent || job->durability == FERRYD_DURABILITY_SYNCED;
  if (self->waiting->len >= MAX_TOGETHER)
    write_waiting (self, FERRYD_DURABILITY_SYNCED);
}

static void
open_database (FerrydStoreWriter *self, FerrydStoreJob *job)
{
  if (self->database != NULL)
    g_set_error_literal (&job->error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                         "The store is open already.");
  else
    self->database = ferryd_store_database_open (self->directory, self->holder, self->patience,
                                                 job->cancellable, &job->contents, &job->error);
}

static void
read_rows (FerrydStoreWriter *self, FerrydStoreJob *job)
{
  if (self->database == NULL)
    set_not_open_error (&job->error);
  else
    job->rows = ferryd_store_database_read (self->database, (const FerrydId *) (gpointer) job->ids->data,
                                            job->ids->len, job->columns, &job->error);
}

/* The next job, or NULL when it is time to write what waits. */
static FerrydStoreJob *
take_job (FerrydStoreWriter *self)
{
  const FerrydStoreJob *first;
  gint64 left;

  if (self->waiting->len == 0)
    return g_async_queue_pop (self->queue);
  if (self->urgent)
    return g_async_queue_try_pop (self->queue);
  first = g_ptr_array_index (self->waiting, 0);
  left = first->due - g_get_monotonic_time ();
  return left > 0 ? g_async_queue_timeout_pop (self->queue, left) : g_async_queue_try_pop (self->queue);
}

static gpointer
run (gpointer user_data)
{
  FerrydStoreWriter *self = user_data;
  gboolean running = TRUE;

  while (running)
    {
      FerrydStoreJob *job = take_job (self);

      if (job != NULL && job->kind == FERRYD_STORE_JOB_COMMIT)
        {
          add_waiting (self, job);
          continue;
        }
      write_waiting (self, self->urgent ? FERRYD_DURABILITY_SYNCED : FERRYD_DURABILITY_SOON);
      if (job == NULL)
        continue;
      if (job->kind == FERRYD_STORE_JOB_OPEN)
        open_database (self, job);
      else if (job->kind == FERRYD_STORE_JOB_READ)
        read_rows (self, job);
      else
        g_clear_pointer (&self->database, ferryd_store_database_close);
      if (job->kind == FERRYD_STORE_JOB_QUIT)
        {
          ferryd_store_job_free (job);
          running = FALSE;
        }
      else
        ferryd_store_writer_answer (self, job);
    }
  return NULL;
}

/**
 * ferryd_store_writer_new:
 * @directory: state directory
 * @holder: the bus we are on, for whoever finds the directory taken
 * @patience: microseconds that an opening waits for another process
 * @answer: gets every job back, in the thread-default main context of the caller
 *
 * Returns: (transfer full): a writer, its thread running and waiting
 */
FerrydStoreWriter *
ferryd_store_writer_new (const char *directory, const char *holder, gint64 patience,
                         FerrydStoreAnswer answer_func)
{
  FerrydStoreWriter *self = g_new0 (FerrydStoreWriter, 1);

  self->context = g_main_context_ref_thread_default ();
  self->answer = answer_func;
  self->queue = g_async_queue_new_full ((GDestroyNotify) ferryd_store_job_free);
  self->directory = g_strdup (directory);
  self->holder = g_strdup (holder);
  self->patience = patience;
  self->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_store_job_free);
  self->thread = g_thread_new ("store", run, self);
  return self;
}

/**
 * ferryd_store_writer_free:
 * @self: (transfer full) (nullable): a writer that nothing is asked of any more
 *
 * Ends the thread. Where the database was not closed before, that is done first, and waited for.
 */
void
ferryd_store_writer_free (FerrydStoreWriter *self)
{
  FerrydStoreJob *job;

  if (self == NULL)
    return;
  job = g_new0 (FerrydStoreJob, 1);
  job->kind = FERRYD_STORE_JOB_QUIT;
  g_async_queue_push (self->queue, job);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_ptr_array_unref (self->waiting);
  g_main_context_unref (self->context);
  g_free (self->directory);
  g_free (self->holder);
  g_free (self);
}

/**
 * ferryd_store_writer_push:
 * @self: a writer
 * @job: (transfer full): what is asked of it
 */
void
ferryd_store_writer_push (FerrydStoreWriter *self, FerrydStoreJob *job)
{
  g_async_queue_push (self->queue, job);
}
