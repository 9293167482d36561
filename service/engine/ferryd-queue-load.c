/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"

/* A retry that was due while nothing ran, or whose time a jump of the clock has moved, is not waited for
 * longer than the longest delay there is (24 h, the most that Retry-After is honoured for). Microseconds. */
#define MAX_RETRY_WAIT ((gint64) 24 * 3600 * G_USEC_PER_SEC)

static void
restore_retry (FerrydQueue *self, FerrydOperation *operation)
{
  if (operation->run->retry_at == 0 || !ferryd_operation_is_started (operation))
    return;
  ferryd_queue_set_alarm (self, operation,
                          CLAMP (operation->run->retry_at - ferryd_queue_now (self), 0, MAX_RETRY_WAIT));
}

static void
restore (FerrydQueue *self, const FerrydRow *row)
{
  const char *application = row->application != NULL ? row->application : "";
  FerrydOperation *operation = ferryd_operation_new (
      row, ferryd_lanes_enter_owner (self->lanes, application),
      ferryd_lanes_enter_host (self->lanes, row->host != NULL ? row->host : ""),
      ferryd_groups_enter (self->groups, application, row->group != NULL ? row->group : ""));

  ferryd_queue_insert (self, operation);
  ferryd_queue_join (self, operation, &row->completion_group);
  ferryd_queue_add_window (self, operation, row);
  restore_retry (self, operation);
}

/* A kill may have come between a durable Cancel and the end of its cleaning up. */

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  GArray *ids;        /* (owned) (element-type FerrydId): canceled operations */
} Canceled;

static void
canceled_free (Canceled *canceled)
{
  ferryd_queue_release (canceled->queue);
  g_object_unref (canceled->queue);
  g_array_unref (canceled->ids);
  g_free (canceled);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Canceled, canceled_free)

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, NULL);
}

static void
on_canceled_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydQueue *self = FERRYD_QUEUE (source);
  g_autofree FerrydId *id = user_data;
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  FerrydRow *row = ferryd_row_new (id);

  row->columns = FERRYD_COLUMN_PROGRESS;
  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SOON, on_forgotten,
                             NULL);
}

static void
on_canceled_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Canceled) canceled = user_data;
  FerrydQueue *self = canceled->queue;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, NULL);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      FerrydRow *row = g_ptr_array_index (rows, i);
      const FerrydOperation *operation =
          ferryd_queue_lookup (self, &g_array_index (canceled->ids, FerrydId, i));
      g_autoptr (FerrydRequest) request = NULL;
      g_autoptr (FerrydProgressRecord) record = NULL;

      if (row == NULL || row->progress == NULL || operation == NULL)
        continue;
      request = ferryd_row_get_request (operation, row, NULL);
      g_message ("Deleting what a canceled operation left");
      record = ferryd_progress_record_from_variant (row->progress);
      ferryd_queue_delete_files_async (self, &operation->id, request, record, on_canceled_deleted,
                                       g_memdup2 (&operation->id, sizeof (FerrydId)));
    }
}

static void
clean_canceled (FerrydQueue *self)
{
  g_autoptr (Canceled) canceled = g_new0 (Canceled, 1);
  const FerrydFilter filter = {
    .kinds = 1u << FERRY_KIND_DOWNLOAD | 1u << FERRY_KIND_UPLOAD,
    .states = 1u << FERRY_STATE_CANCELED,
  };

  canceled->queue = g_object_ref (self);
  canceled->ids = ferryd_queue_list (self, &filter);
  ferryd_queue_hold (self);
  if (canceled->ids->len == 0)
    return;
  ferryd_store_read_async (self->store, (const FerrydId *) (gpointer) canceled->ids->data, canceled->ids->len,
                           FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_PROGRESS, on_canceled_read, canceled);
  canceled = NULL;
}

static void
notify_missed (FerrydQueue *self, const GPtrArray *rows)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  for (guint i = 0; i < rows->len; i++)
    {
      const FerrydRow *row = g_ptr_array_index (rows, i);

      if (row->notification_pending)
        g_array_append_val (ids, row->id);
    }
  ferryd_queue_notify_missed (self, ids);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydStoreContents) contents = ferryd_store_open_finish (FERRYD_STORE (source), result, &error);

  if (contents == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (contents->damaged != NULL)
    g_warning (
        "The store was damaged and has been set aside as %s. Transfers in it are not known any more; their "
        "partial files are still where they were.",
        contents->damaged);
  ferryd_queue_restore_groups (self, contents->settings);
  ferryd_queue_restore_completion (self, contents->settings);
  ferryd_queue_restore_applications (self, contents->settings);
  ferryd_queue_restore_conditions (self, contents->settings);
  for (guint i = 0; i < contents->rows->len; i++)
    restore (self, g_ptr_array_index (contents->rows, i));
  FERRYD_FAILPOINT ("queue-loaded");
  g_message ("%u operations, %u of them to go on with", self->by_age->len, self->started);
  ferryd_queue_sweep_async (self, NULL, NULL);
  clean_canceled (self);
  notify_missed (self, contents->rows);
  ferryd_queue_resume_completions (self);
  ferryd_queue_purge (self);
  ferryd_queue_evaluate_all (self);
  ferryd_queue_evaluate_windows (self);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_load_async:
 * @self: an empty queue
 * @cancellable: (nullable): to give up
 * @callback: told when it is loaded
 * @user_data: for @callback
 */
void
ferryd_queue_load_async (FerrydQueue *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferryd_queue_load_async);
  ferryd_store_open_async (self->store, cancellable, on_opened, task);
}

/**
 * ferryd_queue_load_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it is loaded
 */
gboolean
ferryd_queue_load_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Closing. */

static void
on_store_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_store_close_finish (FERRYD_STORE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_all_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydQueue *self = FERRYD_QUEUE (source);

  if (self->meter != NULL)
    ferryd_data_meter_close (self->meter);
  ferryd_store_close_async (self->store, on_store_closed, user_data);
}

/**
 * ferryd_queue_close_async:
 * @self: a queue
 * @callback: told when everything is recorded and the store is given back
 * @user_data: for @callback
 */
void
ferryd_queue_close_async (FerrydQueue *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_queue_close_async);
  self->closing = TRUE;
  g_cancellable_cancel (self->spool_cancellable);
  g_cancellable_cancel (self->cancellable);
  self->close = g_task_new (self, NULL, on_all_stopped, task);
  g_task_set_source_tag (self->close, ferryd_queue_close_async);
  for (guint i = 0; i < self->by_age->len; i++)
    ferryd_queue_stop (self, g_ptr_array_index (self->by_age, i));
  ferryd_queue_check_closed (self);
}

/**
 * ferryd_queue_close_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether everything was recorded
 */
gboolean
ferryd_queue_close_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
