/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"

typedef struct
{
  FerrydId id;
  FerryVerb verb;
  FerrydRequest *request;       /* (owned) (nullable): of an operation whose files go */
  FerrydProgressRecord *record; /* (owned) (nullable): of one that ended before */
  gboolean unstarted;           /* it never ran */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_pointer (&call->request, ferryd_request_unref);
  g_clear_pointer (&call->record, ferryd_progress_record_free);
  g_free (call);
}

static FerrydQueue *
get_queue (GTask *task)
{
  return FERRYD_QUEUE (g_task_get_source_object (task));
}

static FerrydOperation *
get_operation (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  return ferryd_queue_lookup (get_queue (task), &call->id);
}

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (get_queue (task));
  Call *call = g_task_get_task_data (task);
  FerrydId id = call->id;

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &id);
}

static void
set_gone (GError **error)
{
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
}

/* What the store has to say before anything is different in memory. */

/* A canceled operation keeps no secrets and claims nothing. */
static void
plan_cancel (FerrydQueue *self, const FerrydRequest *request, FerrydRow *row)
{
  row->state = FERRY_STATE_CANCELED;
  row->finished = ferryd_queue_now (self);
  row->retry_at = 0;
  row->columns |= FERRYD_COLUMN_CLAIM;
  memset (row->claim, 0, sizeof row->claim);
  if (request != NULL)
    {
      g_autoptr (GVariant) secrets = NULL;

      row->columns |= FERRYD_COLUMN_REQUEST;
      row->request = ferryd_request_to_variant (request, &secrets);
    }
}

/* What was sent and must not be sent twice by itself may be when the application says so. What changed while
 * it was sent is taken as it is now. */
static void
plan_sending (const FerrydOperation *operation, FerrydProgressRecord *record, FerrydRow *row)
{
  row->columns |= FERRYD_COLUMN_PROGRESS;
  record->sealed = FALSE;
  record->fresh = 0;
  if (operation->error_status == FERRY_TRANSFER_ERROR_SOURCE_CHANGED)
    {
      row->columns |= FERRYD_COLUMN_UPLOAD | FERRYD_COLUMN_COUNTERS;
      g_clear_pointer (&record->snapshot, g_variant_unref);
      row->bytes_sent = 0;
      row->furthest = 0;
      row->restarts++;
    }
  row->progress = g_variant_ref_sink (ferryd_progress_record_to_variant (record));
}

static FerrydRow *
plan (FerrydQueue *self, const FerrydOperation *operation, const Call *call)
{
  const FerryVerb verb = call->verb;
  /* The record of progress tells the next start that a canceled operation may have left something to delete.
   */
  gboolean leaves = verb == FERRY_VERB_CANCEL && operation->run->live != NULL;
  FerrydRow *row =
      ferryd_operation_to_row (operation, FERRYD_COLUMN_STATE | (leaves ? FERRYD_COLUMN_PROGRESS : 0));

  switch (verb)
    {
    case FERRY_VERB_PAUSE:
      row->state = FERRY_STATE_PAUSED_BY_APPLICATION;
      break;
    case FERRY_VERB_CANCEL:
      plan_cancel (self, call->request, row);
      break;
    case FERRY_VERB_START:
    case FERRY_VERB_RESUME:
    default:
      row->state = FERRY_STATE_QUEUED;
      row->finished = 0;
      row->attempt = 0;
      row->retry_at = 0;
      if (operation->error_status == FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH)
        {
          row->columns |= FERRYD_COLUMN_PROGRESS | FERRYD_COLUMN_COUNTERS;
          row->bytes_received = 0;
          row->furthest = 0;
          row->restarts++;
        }
      else if (call->record != NULL)
        plan_sending (operation, call->record, row);
      break;
    }
  if (verb != FERRY_VERB_PAUSE)
    {
      row->columns |= FERRYD_COLUMN_ERROR;
      row->error_status = -1;
      g_clear_pointer (&row->error_message, g_free);
    }
  return row;
}

static void
take_row (FerrydOperation *operation, const FerrydRow *row)
{
  operation->run->finished = row->finished;
  operation->error_status = (gint8) row->error_status;
  operation->run->attempt = row->attempt;
  operation->run->retry_at = row->retry_at;
  /* An attempt that is still being stopped records its message once more. */
  if (operation->run->live != NULL && (row->columns & FERRYD_COLUMN_ERROR))
    g_clear_pointer (&operation->run->live->error_message, g_free);
  if (row->columns & FERRYD_COLUMN_COUNTERS)
    {
      operation->run->bytes_received = row->bytes_received;
      operation->run->bytes_sent = row->bytes_sent;
      operation->run->furthest = row->furthest;
      operation->run->restarts = row->restarts;
    }
}

static void
on_cleaned_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, NULL);
  GTask *task = user_data;

  /* Where that failed it is done again at the next start. */
  answer (task, NULL);
}

static gboolean
is_given (const Call *call)
{
  return call->request != NULL && call->request->target != NULL &&
         ferryd_destination_is_given (call->request->target);
}

/* Whose files are to go; NULL where nothing is this operation's. A file that was given is touched only while
 * it holds partial data: not before the first start, and not once it is complete or has been emptied. */
static FerrydRequest *
get_leaver (const Call *call, const FerrydOperation *operation)
{
  gboolean holds = call->verb == FERRY_VERB_CANCEL
                       ? !call->unstarted
                       : operation->state == FERRY_STATE_ERROR && call->record->inode != 0;

  return is_given (call) && !holds ? NULL : call->request;
}

static void
on_files_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = get_queue (task);
  FerrydOperation *operation = get_operation (task);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  /* What was given may be used for something else from now on; no later start may empty it once more. */
  FerrydDurability durability =
      is_given (g_task_get_task_data (task)) ? FERRYD_DURABILITY_SYNCED : FERRYD_DURABILITY_SOON;

  ferryd_batch_update (batch, ferryd_operation_to_row (operation, FERRYD_COLUMN_PROGRESS));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), durability, on_cleaned_up, task);
  ferryd_queue_emit_changed (self, operation, TRUE);
  ferryd_queue_emit_ended (self, operation);
  ferryd_queue_purge (self);
}

static void
on_attempt_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Call *call = g_task_get_task_data (task);

  /* Until now it was its own, whoever may have written to it. */
  call->record->modified = 0;
  ferryd_queue_delete_files_async (get_queue (task), &call->id, get_leaver (call, get_operation (task)),
                                   call->record, on_files_deleted, task);
}

static void
cancel (GTask *task, FerrydOperation *operation)
{
  FerrydQueue *self = get_queue (task);

  operation->owner->unfinished--;
  ferryd_queue_unclaim (self, operation);
  ferryd_queue_drop_file (self, operation);
  memset (operation->claim, 0, sizeof operation->claim);
  if (operation->run->live != NULL)
    {
      operation->run->live->ended = g_task_new (self, NULL, on_attempt_ended, task);
      g_task_set_source_tag (operation->run->live->ended, cancel);
    }
  else
    on_attempt_ended (NULL, NULL, task);
}

/* Where it is one of a completion group: that waits for its end again, or goes on without. */
static void
end_resuming (FerrydQueue *self, FerrydOperation *operation)
{
  if (!operation->resuming)
    return;
  operation->resuming = FALSE;
  if (operation->completion == NULL)
    return;
  operation->completion->resuming--;
  ferryd_queue_completion_changed (self, operation->completion);
}

static void
take_effect (GTask *task, FerrydOperation *operation, const FerrydRow *row)
{
  FerrydQueue *self = get_queue (task);
  Call *call = g_task_get_task_data (task);

  call->unstarted = operation->state == FERRY_STATE_IDLE;
  ferryd_operation_apply (operation, (FerrydOperationEvent) call->verb, NULL);
  end_resuming (self, operation);
  ferryd_queue_clear_alarm (self, operation);
  /* What pausing does not change may have gone on while it was recorded. */
  if (call->verb != FERRY_VERB_PAUSE)
    take_row (operation, row);
  operation->run->disk_full_since = 0;
  operation->run->causes = 0;
  if (call->verb == FERRY_VERB_CANCEL)
    cancel (task, operation);
  if (!ferryd_operation_is_started (operation))
    ferryd_queue_withdraw (self, operation);
  ferryd_queue_note (self, operation);
  if (call->verb == FERRY_VERB_CANCEL)
    return;
  ferryd_queue_emit_changed (self, operation, TRUE);
  ferryd_queue_evaluate (self, operation);
  answer (task, NULL);
}

/* What has failed and is resumed counts and claims again, from before the record is there: nobody else gets
 * its place meanwhile. */

static void
reserve (FerrydQueue *self, FerrydOperation *operation)
{
  operation->owner->unfinished++;
  operation->resuming = TRUE;
  if (operation->completion != NULL)
    operation->completion->resuming++;
  if (ferryd_queue_has_claim (operation))
    g_hash_table_replace (self->claims, operation->claim, operation);
}

static void
unreserve (FerrydQueue *self, FerrydOperation *operation)
{
  operation->owner->unfinished--;
  ferryd_queue_unclaim (self, operation);
  end_resuming (self, operation);
}

static void
on_verb_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydOperation *operation = get_operation (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-verb-committed");
  if (batch != NULL)
    {
      take_effect (task, operation, ferryd_batch_peek (batch, 0)->row);
      return;
    }
  if (operation->resuming)
    unreserve (get_queue (task), operation);
  answer (task, g_steal_pointer (&error));
}

static void
record (GTask *task)
{
  FerrydQueue *self = get_queue (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_update (batch, plan (self, get_operation (task), call));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                             on_verb_recorded, task);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-removal-committed");
  if (batch != NULL)
    ferryd_queue_forget (get_queue (task), get_operation (task));
  answer (task, g_steal_pointer (&error));
}

static void
on_files_of_removed_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = get_queue (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_delete (batch, &call->id);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_deleted,
                             task);
}

/* What has to be known of the request before its files can go. */
static void
on_request_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Call *call = g_task_get_task_data (task);
  FerrydOperation *operation = get_operation (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);
  const FerrydRow *row;

  if (rows == NULL)
    {
      if (operation->resuming)
        unreserve (get_queue (task), operation);
      answer (task, g_steal_pointer (&error));
      return;
    }
  /* One that cannot be understood any more can still be canceled and removed. */
  row = g_ptr_array_index (rows, 0);
  call->request = ferryd_row_get_request (operation, row, NULL);
  call->record = ferryd_progress_record_from_variant (row != NULL ? row->progress : NULL);
  if (call->verb == FERRY_VERB_REMOVE)
    ferryd_queue_delete_files_async (get_queue (task), &call->id, get_leaver (call, operation), call->record,
                                     on_files_of_removed_deleted, task);
  else
    record (task);
}

static gboolean
may_resume (FerrydQueue *self, const FerrydOperation *operation, GError **error)
{
  guint limit = ferryd_settings_get (self->settings)->max_operations_per_application;

  if (operation->state != FERRY_STATE_ERROR)
    return TRUE;
  if (operation->completion != NULL &&
      (operation->completion->triggering || operation->completion->state >= FERRY_COMPLETION_STATE_TRIGGERED))
    {
      g_set_error_literal (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
          "Resume is not possible: all of its completion group have ended, and the application "
          "is told so; create a new operation instead");
      return FALSE;
    }
  if (operation->owner->unfinished >= limit)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
                   "The application has %u unfinished operations, which is the limit; wait for some to end",
                   operation->owner->unfinished);
      return FALSE;
    }
  if (ferryd_queue_has_claim (operation) && g_hash_table_contains (self->claims, operation->claim))
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS,
                           "Another unfinished operation has the same destination by now; wait for its end");
      return FALSE;
    }
  return TRUE;
}

static gboolean
check (FerrydQueue *self, const FerrydOperation *operation, FerryVerb verb, GError **error)
{
  FerryState next;

  if (operation == NULL)
    {
      set_gone (error);
      return FALSE;
    }
  if (!ferryd_operation_state_next (operation->state, (FerrydOperationEvent) verb, &next, error))
    return FALSE;
  if (verb == FERRY_VERB_PAUSE && !operation->pausable)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                           "Only GET and PUT can be paused, because only they may be sent again; "
                           "cancel the operation instead");
      return FALSE;
    }
  return verb != FERRY_VERB_RESUME || may_resume (self, operation, error);
}

/* Whether something may be recorded of what it sends that Resume sets back. */
static gboolean
sends (const FerrydOperation *operation)
{
  return operation->kind == FERRY_KIND_UPLOAD || !operation->pausable ||
         operation->error_status == FERRY_TRANSFER_ERROR_SOURCE_CHANGED;
}

static void
run_verb (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  GTask *task = data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!check (self, operation, call->verb, &error))
    {
      answer (task, g_steal_pointer (&error));
      return;
    }
  if (!ferryd_operation_verb_has_effect (call->verb, operation->state))
    {
      answer (task, NULL);
      return;
    }
  if (call->verb == FERRY_VERB_RESUME && operation->state == FERRY_STATE_ERROR)
    reserve (self, operation);
  if (call->verb == FERRY_VERB_REMOVE || call->verb == FERRY_VERB_CANCEL ||
      (call->verb == FERRY_VERB_RESUME && sends (operation)))
    ferryd_store_read_async (self->store, id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_PROGRESS,
                             on_request_read, task);
  else
    record (task);
}

/**
 * ferryd_queue_verb_async:
 * @self: a queue
 * @id: an operation
 * @verb: what to do with it
 * @callback: told when it is done, durably
 * @user_data: for @callback
 */
void
ferryd_queue_verb_async (FerrydQueue *self, const FerrydId *id, FerryVerb verb, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Call *call = g_new0 (Call, 1);

  call->id = *id;
  call->verb = verb;
  g_task_set_source_tag (task, ferryd_queue_verb_async);
  g_task_set_task_data (task, call, call_free);
  ferryd_queue_take_turn (self, id, run_verb, task);
}

/**
 * ferryd_queue_verb_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where the verb does not apply
 */
gboolean
ferryd_queue_verb_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Many at once. */

typedef struct
{
  guint waiting; /* operations that have not answered, and one while they are being asked */
  guint count;   /* it took effect on */
} Many;

static void
many_done (GTask *task)
{
  Many *many = g_task_get_task_data (task);

  if (--many->waiting == 0)
    {
      g_task_return_int (task, many->count);
      g_object_unref (task);
    }
}

static void
on_one_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Many *many = g_task_get_task_data (task);

  if (ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, NULL))
    many->count++;
  many_done (task);
}

/**
 * ferryd_queue_for_each_async:
 * @self: a queue
 * @verb: what to do
 * @filter: with which
 * @callback: told when it is done
 * @user_data: for @callback
 *
 * Does it with every operation the verb applies to and has an effect on.
 */
void
ferryd_queue_for_each_async (FerrydQueue *self, FerryVerb verb, const FerrydFilter *filter,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GArray) ids = ferryd_queue_list (self, filter);
  Many *many = g_new0 (Many, 1);

  g_task_set_source_tag (task, ferryd_queue_for_each_async);
  g_task_set_task_data (task, many, g_free);
  many->waiting = 1;
  for (guint i = 0; i < ids->len; i++)
    {
      const FerrydId *id = &g_array_index (ids, FerrydId, i);
      const FerrydOperation *operation = ferryd_queue_lookup (self, id);

      if (operation == NULL || !ferryd_operation_verb_has_effect (verb, operation->state))
        continue;
      many->waiting++;
      ferryd_queue_verb_async (self, id, verb, on_one_done, task);
    }
  many_done (task);
}

/**
 * ferryd_queue_for_each_finish:
 * @self: a queue
 * @result: what the callback was given
 * @count: (out): how many it took effect on
 * @error: return location for a FERRY_ERROR
 *
 * Returns: whether that could be done
 */
gboolean
ferryd_queue_for_each_finish (FerrydQueue *self, GAsyncResult *result, guint *count, GError **error)
{
  gssize answered = g_task_propagate_int (G_TASK (result), error);

  if (answered < 0)
    return FALSE;
  *count = (guint) answered;
  return TRUE;
}
