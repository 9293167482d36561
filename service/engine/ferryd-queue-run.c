/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"
#include "ferryd-transfer.h"
#include "ferryd-upload.h"

/* What an attempt needs to know of the past. */
#define RUN_COLUMNS                                                                               \
  (FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_SECRETS | FERRYD_COLUMN_ERROR | FERRYD_COLUMN_RESPONSE | \
   FERRYD_COLUMN_PROGRESS | FERRYD_COLUMN_UPLOAD)

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  FerrydId id;
} Reference;

static Reference *
reference_new (FerrydQueue *self, const FerrydId *id)
{
  Reference *reference = g_new (Reference, 1);

  *reference = (Reference){ g_object_ref (self), *id };
  ferryd_queue_hold (self);
  return reference;
}

static void
reference_free (Reference *reference)
{
  ferryd_queue_release (reference->queue);
  g_object_unref (reference->queue);
  g_free (reference);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reference, reference_free)

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_warning ("Progress is not recorded: %s", error->message);
}

static void
save (FerrydQueue *self, FerrydOperation *operation, FerrydColumns columns)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_update (batch, ferryd_operation_to_row (operation, columns));
  /* A machine that sleeps may wake up without power. */
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch),
                             self->put_to_sleep ? FERRYD_DURABILITY_SYNCED : FERRYD_DURABILITY_SOON, on_saved,
                             reference_new (self, &operation->id));
}

static void
save_state (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  if (operation != NULL)
    save (self, operation, FERRYD_COLUMN_STATE);
  ferryd_queue_end_turn (self, id);
}

/**
 * ferryd_queue_save:
 * @self: a queue
 * @operation: an operation
 * @columns: which; cold ones only while it is live
 *
 * Records progress soon. What is lost of it by a power loss is fetched again. The state waits for its turn:
 * while somebody changes it, the record may have the new one already, and memory still the old one.
 */
void
ferryd_queue_save (FerrydQueue *self, FerrydOperation *operation, FerrydColumns columns)
{
  gboolean has_turn = operation->run->live != NULL && operation->run->live->finishing;

  if ((columns & FERRYD_COLUMN_STATE) == 0 || has_turn || !ferryd_queue_is_turn_taken (self, &operation->id))
    {
      save (self, operation, columns);
      return;
    }
  save (self, operation, columns & ~FERRYD_COLUMN_STATE);
  ferryd_queue_take_turn (self, &operation->id, save_state, NULL);
}

static FerrydTransferSpec *
make_spec (FerrydQueue *self, const FerrydOperation *operation)
{
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);
  FerrydTransferSpec *spec = g_new0 (FerrydTransferSpec, 1);

  spec->id = operation->id;
  spec->application = g_strdup (operation->owner->application);
  spec->request = ferryd_request_ref (operation->run->live->request);
  spec->record = ferryd_progress_record_copy (operation->run->live->record);
  spec->journal_directory = g_strdup (self->journal_directory);
  spec->body_directory = g_strdup (self->body_directory);
  spec->spool_directory = g_strdup (self->spool_directory);
  if (operation->kind == FERRY_KIND_UPLOAD && operation->held != NULL)
    spec->held = ferryd_descriptor_ref (operation->held);
  spec->connect_timeout = values->connect_timeout * 1000;
  spec->response_timeout = values->response_timeout * 1000;
  spec->stall_timeout = values->stall_timeout * 1000;
  spec->is_last = operation->run->attempt > values->max_retries;
  return spec;
}

static FerrydAttempt *
start_attempt (FerrydQueue *self, const FerrydOperation *operation)
{
  FerrydAttempt *(*start) (FerrydIoThread *, FerrydTransport *, FerrydTransferSpec *, FerrydMeter *,
                           FerrydAttemptFunc, gpointer) =
      operation->kind == FERRY_KIND_UPLOAD ? ferryd_upload_start : ferryd_transfer_start;

  return start (self->io, self->transport, make_spec (self, operation), operation->run->live->meter,
                ferryd_queue_on_transfer, reference_new (self, &operation->id));
}

static void
start_transfer (FerrydQueue *self, FerrydOperation *operation)
{
  ferryd_queue_count_live (self, 1);
  operation->run->live->number = ++self->attempts;
  ferryd_operation_apply (operation, FERRYD_OPERATION_RUN, NULL);
  operation->run->causes = 0;
  /* What policy or a restart interrupted was no attempt that failed. */
  if (operation->run->attempt == 0 || operation->run->retry_at != 0)
    operation->run->attempt++;
  operation->run->retry_at = 0;
  operation->run->live->transfer = start_attempt (self, operation);
  ferryd_attempt_set_max_speed (operation->run->live->transfer, operation->run->max_speed);
  ferryd_queue_begin_loans (self, operation);
  ferryd_queue_note (self, operation);
  ferryd_queue_emit_changed (self, operation, TRUE);
}

/* Without what is secret of it the request would be another one. That is no attempt: nobody is asked. */
static void
refuse_incomplete (FerrydQueue *self, FerrydOperation *operation)
{
  const FerrydRequest *request = operation->run->live->request;
  g_autofree char *names = g_strjoinv (", ", request->lost);

  ferryd_queue_count_live (self, 1);
  operation->run->live->number = ++self->attempts;
  ferryd_operation_apply (operation, FERRYD_OPERATION_RUN, NULL);
  operation->run->causes = 0;
  operation->run->retry_at = 0;
  operation->run->live->over = TRUE;
  operation->run->live->failure =
      request->lost_for_now
          ? ferryd_failure_new (FERRY_TRANSFER_ERROR_UNAUTHORIZED, FERRYD_REMEDY_LATER,
                                "What it needs (%s) is in the keyring, which is locked or does not answer; "
                                "it goes on once the keyring is unlocked",
                                names)
          : ferryd_failure_new (FERRY_TRANSFER_ERROR_UNAUTHORIZED, FERRYD_REMEDY_FINAL,
                                "What it needs (%s) is no longer where it was kept; set it again and resume",
                                names);
  ferryd_queue_note (self, operation);
  ferryd_queue_end_attempt (self, operation, FERRYD_TRANSFER_FAILED);
}

static void
give_up (FerrydQueue *self, FerrydOperation *operation, GError *error)
{
  gint64 delay = (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000;

  g_warning ("An operation cannot be started: %s", error->message);
  ferryd_lanes_release (self->lanes, operation);
  ferryd_queue_set_alarm (self, operation, delay);
  operation->run->retry_at = ferryd_queue_now (self) + delay;
  ferryd_queue_evaluate (self, operation);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  FerrydQueue *self = reference->queue;
  FerrydOperation *operation = ferryd_queue_lookup (self, &reference->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);

  if (operation == NULL)
    return;
  /* Something may have come between its getting the slot and now. */
  if (operation->state != FERRY_STATE_QUEUED || operation->run->causes != 0 || self->closing ||
      operation->preparing || ferryd_lanes_is_overtaken (operation))
    {
      ferryd_lanes_release (self->lanes, operation);
      ferryd_queue_evaluate (self, operation);
      ferryd_queue_schedule (self);
      return;
    }
  if (rows != NULL && g_ptr_array_index (rows, 0) != NULL)
    operation->run->live = ferryd_live_new (operation, g_ptr_array_index (rows, 0), &error);
  else if (error == NULL)
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                         "It is not in the store any more");
  if (operation->run->live == NULL)
    give_up (self, operation, error);
  else if (operation->run->live->request->lost != NULL)
    refuse_incomplete (self, operation);
  else
    start_transfer (self, operation);
}

/**
 * ferryd_queue_begin:
 * @self: a queue
 * @operation: one that has just got a slot
 *
 * Reads what the attempt needs and starts it.
 */
void
ferryd_queue_begin (FerrydQueue *self, FerrydOperation *operation)
{
  ferryd_store_read_async (self->store, &operation->id, 1, RUN_COLUMNS, on_loaded,
                           reference_new (self, &operation->id));
}

/**
 * ferryd_queue_stop:
 * @self: a queue
 * @operation: an operation
 *
 * Tells an attempt that is under way to stop. It keeps its slot until it has.
 */
void
ferryd_queue_stop (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;

  if (live == NULL)
    return;
  if (!live->over)
    {
      if (!live->stopping)
        ferryd_attempt_stop (live->transfer);
      live->stopping = TRUE;
      return;
    }
  /* Its end is being recorded, which takes no time that could be saved. */
  if (live->finishing && operation->run->alarm == NULL)
    return;
  /* Its end waits for its turn, or to be recorded once more; the next attempt finds out the same. */
  live->stopping = TRUE;
  ferryd_queue_clear_alarm (self, operation);
  g_clear_pointer (&live->failure, ferryd_failure_free);
  ferryd_queue_end_attempt (self, operation, FERRYD_TRANSFER_STOPPED);
}

/**
 * ferryd_queue_check_closed:
 * @self: a queue
 *
 * While it is closing: goes on with that when the last attempt has ended.
 */
void
ferryd_queue_check_closed (FerrydQueue *self)
{
  g_autoptr (GTask) close = NULL;

  if (self->close == NULL || self->live > 0)
    return;
  close = g_steal_pointer (&self->close);
  g_task_return_boolean (close, TRUE);
}

/**
 * ferryd_queue_end_run:
 * @self: a queue
 * @operation: one whose attempt has ended
 *
 * Frees what the attempt needed, gives its slot back, and lets what is due happen next.
 */
void
ferryd_queue_end_run (FerrydQueue *self, FerrydOperation *operation)
{
  g_autoptr (GTask) ended = g_steal_pointer (&operation->run->live->ended);
  GPtrArray *openers;

  ferryd_queue_drop_claim (self, operation);
  ferryd_queue_end_loans (self, operation);
  openers = g_steal_pointer (&operation->run->live->openers);
  g_clear_pointer (&operation->run->live, ferryd_live_free);
  ferryd_queue_count_live (self, -1);
  operation->local = FALSE;
  ferryd_lanes_release (self->lanes, operation);
  ferryd_queue_note (self, operation);
  ferryd_queue_evaluate (self, operation);
  ferryd_queue_schedule (self);
  ferryd_queue_serve_openers (self, openers);
  if (ended != NULL)
    g_task_return_boolean (ended, TRUE);
  ferryd_queue_check_asleep (self);
  ferryd_queue_check_closed (self);
}

static void
take_counters (FerrydOperation *operation, const FerrydTransferEvent *event)
{
  FerrydLive *live = operation->run->live;

  operation->run->restarts = live->restarts + event->restarts;
  operation->run->bytes_received = ferryd_meter_get_held (live->meter);
  operation->run->total_to_receive = ferryd_meter_get_total (live->meter);
  operation->run->bytes_sent = ferryd_meter_get_sent (live->meter);
  operation->run->total_to_send = ferryd_meter_get_to_send (live->meter);
  operation->run->furthest = MAX (operation->run->furthest, ferryd_meter_get_furthest (live->meter));
}

static void
take_answer (FerrydQueue *self, FerrydOperation *operation, FerrydTransferEvent *event)
{
  FerrydLive *live = operation->run->live;

  g_clear_pointer (&live->response, g_variant_unref);
  live->response = g_steal_pointer (&event->response);
  if (event->suggested_name != NULL)
    {
      g_free (live->suggested_name);
      live->suggested_name = g_steal_pointer (&event->suggested_name);
    }
  g_clear_pointer (&live->error_message, g_free);
  operation->error_status = -1;
  ferryd_queue_save (self, operation,
                     FERRYD_COLUMN_STATE | FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_ERROR |
                         FERRYD_COLUMN_RESPONSE | FERRYD_COLUMN_PROGRESS);
  ferryd_queue_emit_changed (self, operation, TRUE);
}

static void
on_record_durable (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  g_autoptr (GError) error = NULL;
  FerrydOperation *operation = ferryd_queue_lookup (reference->queue, &reference->id);
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (operation == NULL || operation->run->live == NULL || operation->run->live->transfer == NULL)
    return;
  if (batch != NULL)
    {
      ferryd_attempt_proceed (operation->run->live->transfer);
      return;
    }
  if (operation->run->live->stopping || operation->run->live->over)
    return;
  operation->run->live->failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY,
                                                      "What is held cannot be recorded: %s", error->message);
  ferryd_queue_stop (reference->queue, operation);
}

static void
record_and_proceed (FerrydQueue *self, FerrydOperation *operation)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_update (batch,
                       ferryd_operation_to_row (operation, FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_PROGRESS |
                                                               FERRYD_COLUMN_UPLOAD));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                             on_record_durable, reference_new (self, &operation->id));
  ferryd_queue_emit_changed (self, operation, TRUE);
}

static gboolean
is_last (FerrydTransferEventKind kind)
{
  return kind == FERRYD_TRANSFER_PUBLISHED || kind == FERRYD_TRANSFER_ACCEPTED ||
         kind == FERRYD_TRANSFER_UNCHANGED || kind == FERRYD_TRANSFER_FAILED ||
         kind == FERRYD_TRANSFER_STOPPED;
}

static void
dispatch_event (FerrydQueue *self, FerrydOperation *operation, FerrydTransferEvent *event)
{
  FerrydLive *live = operation->run->live;

  take_counters (operation, event);
  g_clear_pointer (&live->record, ferryd_progress_record_free);
  live->record = g_steal_pointer (&event->record);
  /* Of an attempt that began when the destination was another: its file is still there. */
  if (live->origin != NULL)
    ferryd_progress_record_follow (live->record, live->origin, live->heading);
  if (live->record->inode != 0)
    ferryd_queue_serve_openers (self, g_steal_pointer (&live->openers));
  switch (event->kind)
    {
    case FERRYD_TRANSFER_ANSWERED:
      take_answer (self, operation, event);
      break;
    case FERRYD_TRANSFER_SEALED:
      live->sealed = TRUE;
      G_GNUC_FALLTHROUGH;
    case FERRYD_TRANSFER_PLACED:
    case FERRYD_TRANSFER_RESET:
    case FERRYD_TRANSFER_MOVED:
      record_and_proceed (self, operation);
      break;
    case FERRYD_TRANSFER_CHECKPOINT:
      ferryd_queue_save (self, operation,
                         FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_PROGRESS | FERRYD_COLUMN_UPLOAD);
      break;
    case FERRYD_TRANSFER_LIMITED:
      ferryd_queue_take_limited (self, operation, event);
      break;
    case FERRYD_TRANSFER_FAILED:
      if (live->failure == NULL && !live->stopping)
        live->failure = g_steal_pointer (&event->failure);
      G_GNUC_FALLTHROUGH;
    default:
      live->over = is_last (event->kind);
      ferryd_queue_end_attempt (self, operation, event->kind);
      break;
    }
}

/**
 * ferryd_queue_on_transfer:
 * @attempt: an attempt
 * @event: its news
 * @user_data: which operation's
 *
 * Where every attempt reports to.
 */
void
ferryd_queue_on_transfer (FerrydAttempt *attempt, FerrydTransferEvent *event, gpointer user_data)
{
  Reference *reference = user_data;
  FerrydOperation *operation = ferryd_queue_lookup (reference->queue, &reference->id);
  gboolean last = is_last (event->kind);

  if (operation != NULL && operation->run->live != NULL && operation->run->live->transfer == attempt)
    dispatch_event (reference->queue, operation, event);
  if (last)
    reference_free (reference);
}
