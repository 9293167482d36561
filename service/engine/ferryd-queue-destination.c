/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"
#include "ferryd-sink.h"

/* A download gets another destination. What is recorded is only that, and where the partial file is until
 * then: the next attempt brings it along (ferryd-sink-move.c), before which nothing has happened on disk. So
 * there is no step at which a kill could lose it. */

typedef struct
{
  FerrydId id;
  char *destination;            /* (owned): as asked for */
  FerrydDescriptor *folder;     /* (owned) (nullable): `destination-dir-fd` */
  FerryExists exists;           /* what an occupied name means */
  char *forbidden;              /* (owned): nothing may be put there */
  char *journal;                /* (owned): directory */
  FerrydRequest *request;       /* (owned) (nullable): as it was, then as it will be */
  FerrydProgressRecord *record; /* (owned) (nullable): the same */
  FerrydDestination *target;    /* (owned) (nullable): @destination found on disk */
  guint8 claim[16];             /* of @target */
  gboolean claimed;             /* @claim is in the queue's table, for nobody yet */
  gboolean was_live;            /* an attempt was under way when the store was last asked */
} Moving;

static void
moving_free (gpointer data)
{
  Moving *moving = data;

  g_free (moving->destination);
  g_clear_pointer (&moving->folder, ferryd_descriptor_unref);
  g_free (moving->forbidden);
  g_free (moving->journal);
  g_clear_pointer (&moving->request, ferryd_request_unref);
  g_clear_pointer (&moving->record, ferryd_progress_record_free);
  ferryd_destination_free (moving->target);
  g_free (moving);
}

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));
  Moving *moving = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  FerrydId id = moving->id;

  if (moving->claimed)
    g_hash_table_remove (self->claims, moving->claim);
  moving->claimed = FALSE;
  if (operation != NULL && operation->preparing)
    {
      operation->preparing = FALSE;
      ferryd_queue_evaluate (self, operation);
      ferryd_queue_schedule (self);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &id);
}

/* What an attempt says while this is being recorded is recorded behind it, so it has to fit: its file is
 * where the attempt began. An attempt begins only afterwards. */
static void
set_heading (FerrydOperation *operation, const FerrydDestination *target)
{
  FerrydLive *live = operation->run->live;

  if (live == NULL)
    return;
  if (live->origin == NULL)
    live->origin = ferryd_destination_copy (live->request->target);
  ferryd_destination_free (live->heading);
  live->heading = ferryd_destination_copy (target);
}

/* An attempt under way goes on where it began. One that can be gone on with is ended for the next to do so in
 * the new place; one that would have to begin again is left alone, and its file moved at its end. */
static void
redirect_attempt (FerrydQueue *self, FerrydOperation *operation, const Moving *moving)
{
  FerrydLive *live = operation->run->live;
  gboolean resumable = FALSE;

  ferryd_request_unref (live->request);
  live->request = ferryd_request_ref (moving->request);
  ferryd_progress_record_follow (live->record, live->origin, live->heading);
  if (live->response != NULL)
    g_variant_lookup (live->response, "resumable", "b", &resumable);
  if (operation->state != FERRY_STATE_RUNNING || (live->response != NULL && !resumable))
    return;
  ferryd_operation_apply (operation, FERRYD_OPERATION_QUEUE, NULL);
  ferryd_queue_stop (self, operation);
}

static void
take_effect (FerrydQueue *self, FerrydOperation *operation, Moving *moving)
{
  if (moving->claimed)
    g_hash_table_remove (self->claims, moving->claim);
  moving->claimed = FALSE;
  ferryd_queue_unclaim (self, operation);
  memcpy (operation->claim, moving->claim, sizeof operation->claim);
  /* What has failed claims nothing until it is resumed. */
  if (!ferry_state_is_ended (operation->state) && ferryd_queue_has_claim (operation))
    ferryd_queue_claim (self, operation, moving->claim);
  if (operation->run->live != NULL)
    redirect_attempt (self, operation, moving);
  else if (operation->run->disk_full_since != 0)
    {
      /* There may be room. */
      operation->run->disk_full_since = 0;
      ferryd_queue_clear_alarm (self, operation);
    }
  ferryd_queue_emit_changed (self, operation, TRUE);
}

static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Moving *moving = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-destination-committed");
  if (batch != NULL)
    take_effect (self, operation, moving);
  else if (operation->run->live != NULL)
    set_heading (operation, operation->run->live->request->target);
  answer (task, g_steal_pointer (&error));
}

static void read_newest (GTask *task);

/* Takes what is known by now; FALSE where it has to be read once more, because an attempt that knew more has
 * ended. */
static gboolean
take_newest (GTask *task, GPtrArray *rows, GError **error)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Moving *moving = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  const FerrydLive *live = operation->run->live;
  FerrydRow *row = rows != NULL ? g_ptr_array_index (rows, 0) : NULL;

  g_clear_pointer (&moving->request, ferryd_request_unref);
  g_clear_pointer (&moving->record, ferryd_progress_record_free);
  if (live != NULL)
    {
      moving->request = ferryd_request_ref (live->request);
      moving->record = ferryd_progress_record_copy (live->record);
      return TRUE;
    }
  if (moving->was_live)
    return FALSE;
  if (rows == NULL)
    return TRUE;
  moving->request = ferryd_row_get_request (operation, row, error);
  moving->record = ferryd_progress_record_from_variant (row != NULL ? row->progress : NULL);
  return TRUE;
}

static void
record (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Moving *moving = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  FerrydRow *row = ferryd_operation_to_row (operation, 0);
  FerrydRequest *copy;

  set_heading (operation, moving->target);
  copy = ferryd_request_copy (moving->request);
  ferryd_progress_record_follow (moving->record, copy->target, moving->target);
  g_clear_pointer (&moving->record->publish_name, g_free);
  moving->record->complete = FALSE;
  g_free (copy->destination);
  copy->destination = g_strdup (moving->destination);
  ferryd_destination_free (copy->target);
  copy->target = g_steal_pointer (&moving->target);
  copy->exists = moving->exists;
  g_clear_pointer (&moving->request, ferryd_request_unref);
  moving->request = copy;

  row->columns = FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_CLAIM | FERRYD_COLUMN_PROGRESS;
  row->request = ferryd_request_to_variant (copy, &row->secrets);
  row->progress = g_variant_ref_sink (ferryd_progress_record_to_variant (moving->record));
  memcpy (row->claim, moving->claim, sizeof row->claim);
  ferryd_batch_update (batch, row);
  FERRYD_FAILPOINT ("queue-destination-before-commit");
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_recorded,
                             task);
}

static gboolean
reserve (FerrydQueue *self, Moving *moving, GError **error)
{
  const FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);

  if (moving->target->leaf == NULL)
    return TRUE;
  if (!ferryd_queue_find_claim (self, operation, moving->target, moving->exists, moving->claim))
    {
      ferryd_queue_refuse_claimed (moving->destination, error);
      return FALSE;
    }
  /* Its own stays its own until the other is recorded. */
  moving->claimed = !g_hash_table_contains (self->claims, moving->claim);
  if (moving->claimed)
    g_hash_table_insert (self->claims, moving->claim, NULL);
  return TRUE;
}

static void
reserve_and_record (GTask *task)
{
  g_autoptr (GError) error = NULL;

  if (reserve (g_task_get_source_object (task), g_task_get_task_data (task), &error))
    record (task);
  else
    answer (task, g_steal_pointer (&error));
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      reserve_and_record (task);
      return;
    }
  g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                       "The file is complete and at its destination; move it there");
  answer (task, g_steal_pointer (&error));
}

/* On a worker: whether a kill came when the last step was done already. */
static void
look (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Moving *moving = task_data;
  const FerrydSinkSpec spec = {
    .id = moving->id,
    .target = moving->request->target,
    .journal_directory = moving->journal,
  };

  g_task_return_boolean (task, ferryd_sink_is_published (&spec, moving->record));
}

static void
look_for_result (GTask *task)
{
  g_autoptr (GTask) work = g_task_new (g_task_get_source_object (task), NULL, on_looked, task);

  g_task_set_source_tag (work, look_for_result);
  g_task_set_task_data (work, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (work, look);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Moving *moving = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);

  if (!take_newest (task, rows, &error))
    {
      read_newest (task);
      return;
    }
  if (moving->request != NULL && ferryd_destination_is_given (moving->request->target))
    g_set_error_literal (
        &error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
        "The download goes into the file that was given as 'destination-fd' and to no other; "
        "cancel it and create another");
  if (error != NULL)
    answer (task, g_steal_pointer (&error));
  /* An attempt under way would need the turn for its last step. */
  else if (moving->record->complete && moving->record->publish_name != NULL && !moving->was_live)
    look_for_result (task);
  else
    reserve_and_record (task);
}

static void
read_newest (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Moving *moving = g_task_get_task_data (task);
  const FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);

  moving->was_live = operation->run->live != NULL;
  ferryd_store_read_async (self->store, &moving->id, 1,
                           FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_SECRETS | FERRYD_COLUMN_PROGRESS, on_read,
                           task);
}

static gboolean
check (const FerrydOperation *operation, GError **error)
{
  if (operation == NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
  else if (operation->kind != FERRY_KIND_DOWNLOAD)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                         "The operation is an upload; only a download has a destination");
  else if (ferry_state_is_finished (operation->state))
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                         "The operation is finished, and its destination cannot be changed any more");
  else
    return TRUE;
  return FALSE;
}

static void
run_move (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  GTask *task = data;
  g_autoptr (GError) error = NULL;

  if (!check (operation, &error))
    {
      answer (task, g_steal_pointer (&error));
      return;
    }
  /* Until the end no attempt begins that would know another destination than is recorded. */
  operation->preparing = TRUE;
  read_newest (task);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = FERRYD_QUEUE (source);
  const Moving *moving = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    ferryd_queue_take_turn (self, &moving->id, run_move, g_steal_pointer (&task));
  else
    g_task_return_error (task, g_steal_pointer (&error));
  ferryd_queue_release (self);
}

/* On a worker, and before anybody has to wait for it. */
static void
resolve (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Moving *moving = task_data;
  GError *error = NULL;

  if (moving->folder != NULL)
    moving->target = ferryd_destination_resolve_in (moving->folder, moving->destination, moving->exists,
                                                    moving->forbidden, &error);
  else
    moving->target =
        ferryd_destination_resolve (moving->destination, moving->exists, moving->forbidden, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_set_destination_async:
 * @self: a queue
 * @id: an operation
 * @destination: as for creating: an absolute path, or a name in @folder
 * @folder: (nullable): a folder that was given
 * @exists: what an occupied name means
 * @callback: told when it is so, durably
 * @user_data: for @callback
 *
 * Gives a download another destination, until its last step. What is held goes along.
 */
void
ferryd_queue_set_destination_async (FerrydQueue *self, const FerrydId *id, const char *destination,
                                    FerrydDescriptor *folder, FerryExists exists,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Moving *moving = g_new0 (Moving, 1);
  g_autoptr (GTask) work = NULL;
  g_autoptr (GError) error = NULL;

  moving->id = *id;
  moving->destination = g_strdup (destination);
  moving->folder = folder != NULL ? ferryd_descriptor_ref (folder) : NULL;
  moving->exists = exists;
  moving->forbidden = g_strdup (self->state_directory);
  moving->journal = g_strdup (self->journal_directory);
  g_task_set_source_tag (task, ferryd_queue_set_destination_async);
  g_task_set_task_data (task, moving, moving_free);
  if (!check (ferryd_queue_lookup (self, id), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  work = g_task_new (self, NULL, on_resolved, task);
  g_task_set_source_tag (work, resolve);
  g_task_set_task_data (work, moving, NULL);
  ferryd_queue_hold (self);
  g_task_run_in_thread (work, resolve);
}

/**
 * ferryd_queue_set_destination_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where it cannot go there
 */
gboolean
ferryd_queue_set_destination_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
