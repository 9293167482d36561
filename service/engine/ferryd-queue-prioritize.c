/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

typedef struct
{
  FerrydId id;
  guint64 offset;
} Wish;

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));
  const FerrydId id = ((const Wish *) g_task_get_task_data (task))->id;

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &id);
}

static gboolean
check (const Wish *wish, const FerrydRequest *request, const FerrydProgressRecord *record, GError **error)
{
  if (!request->random_access)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                         "The download is fetched in order; create it with 'random-access' for another");
  else if (record->total >= 0 && wish->offset >= (guint64) record->total)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                 "offset: %" G_GUINT64_FORMAT " is beyond the end, less than %" G_GINT64_FORMAT " is right",
                 wish->offset, record->total);
  else
    return TRUE;
  return FALSE;
}

static void
tell (const Wish *wish, FerrydLive *live)
{
  live->record->from = wish->offset;
  if (live->transfer != NULL && !live->over)
    ferryd_transfer_prioritize (live->transfer, wish->offset);
}

static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  const Wish *wish = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (g_task_get_source_object (task), &wish->id);
  GError *error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  /* An attempt may have begun meanwhile, with what was recorded before. */
  if (batch != NULL && operation->run->live != NULL)
    tell (wish, operation->run->live);
  answer (task, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  const Wish *wish = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &wish->id);
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);
  FerrydRow *cold = rows != NULL ? g_ptr_array_index (rows, 0) : NULL;
  g_autoptr (FerrydRequest) request = error == NULL ? ferryd_row_get_request (operation, cold, &error) : NULL;
  g_autoptr (FerrydProgressRecord) record =
      request != NULL ? ferryd_progress_record_from_variant (cold->progress) : NULL;
  g_autoptr (FerrydBatch) batch = NULL;
  FerrydRow *row;

  if (request == NULL || !check (wish, request, record, &error))
    {
      answer (task, error);
      return;
    }
  if (operation->run->live != NULL)
    {
      tell (wish, operation->run->live);
      answer (task, NULL);
      return;
    }
  record->from = wish->offset;
  batch = ferryd_batch_new ();
  row = ferryd_operation_to_row (operation, 0);
  row->columns = FERRYD_COLUMN_PROGRESS;
  row->progress = g_variant_ref_sink (ferryd_progress_record_to_variant (record));
  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_recorded,
                             task);
}

static void
run_prioritize (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  GTask *task = data;
  const Wish *wish = g_task_get_task_data (task);
  GError *error = NULL;

  if (operation == NULL)
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
  else if (ferry_state_is_ended (operation->state))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                         "The operation has ended, and nothing more of it is fetched");
  else if (operation->run->live == NULL)
    {
      ferryd_store_read_async (self->store, id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_PROGRESS, on_read,
                               task);
      return;
    }
  else if (check (wish, operation->run->live->request, operation->run->live->record, &error))
    tell (wish, operation->run->live);
  answer (task, error);
}

/**
 * ferryd_queue_prioritize_async:
 * @self: a queue
 * @id: a download that is fetched out of order
 * @offset: byte to fetch from first
 * @callback: told when it has taken effect
 * @user_data: for @callback
 */
void
ferryd_queue_prioritize_async (FerrydQueue *self, const FerrydId *id, guint64 offset,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Wish *wish = g_new (Wish, 1);

  *wish = (Wish){ *id, offset };
  g_task_set_source_tag (task, ferryd_queue_prioritize_async);
  g_task_set_task_data (task, wish, g_free);
  ferryd_queue_take_turn (self, id, run_prioritize, task);
}

/**
 * ferryd_queue_prioritize_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE where that is not possible
 */
gboolean
ferryd_queue_prioritize_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
