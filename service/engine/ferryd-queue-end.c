/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"
#include "ferryd-retry.h"

/* What is recorded when an attempt ends. */
#define END_COLUMNS                                                                              \
  (FERRYD_COLUMN_STATE | FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_ERROR | FERRYD_COLUMN_RESPONSE | \
   FERRYD_COLUMN_PROGRESS | FERRYD_COLUMN_UPLOAD | FERRYD_COLUMN_NOTIFICATION)

/* A full disk is looked at again after this many first backoff steps (30 s by default), and given up after
 * that many (a day by default). */
#define DISK_FULL_STEP 6
#define DISK_FULL_LIMIT 17280

/* The attempt is over and something holds the turn for that: give both back. */
static void
end_all (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydId id = operation->id;

  ferryd_queue_end_run (self, operation);
  ferryd_queue_end_turn (self, &id);
}

/* Stopped. */

static void
end_stopped (FerrydQueue *self, FerrydOperation *operation)
{
  gboolean had_turn = operation->run->live->finishing;

  if (!ferry_state_is_finished (operation->state))
    ferryd_queue_save (self, operation, END_COLUMNS);
  ferryd_queue_emit_changed (self, operation, FALSE);
  if (had_turn)
    end_all (self, operation);
  else
    ferryd_queue_end_run (self, operation);
}

/* Failed. */

static void
wait_for_retry (FerrydQueue *self, FerrydOperation *operation, gint64 delay)
{
  operation->run->retry_at = ferryd_queue_now (self) + delay;
  ferryd_queue_set_alarm (self, operation, delay);
  ferryd_queue_save (self, operation, END_COLUMNS);
  end_all (self, operation);
}

static void
on_failure_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;
  FerrydQueue *self = step->queue;
  FerrydOperation *operation = ferryd_queue_lookup (self, &step->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);
  gboolean recoverable =
      ferryd_request_is_recoverable (operation->run->live->request, operation->run->live->failure->status);

  if (batch == NULL)
    {
      g_warning ("The failure of a transfer cannot be recorded, trying the transfer again: %s",
                 error->message);
      wait_for_retry (self, operation, (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000);
      return;
    }
  FERRYD_FAILPOINT ("queue-failure-committed");
  operation->run->disk_full_since = 0;
  if (recoverable)
    ferryd_operation_apply (operation, FERRYD_OPERATION_RECOVERABLE, NULL);
  else
    {
      operation->run->finished = ferryd_batch_peek (batch, 0)->row->finished;
      ferryd_operation_apply (operation, FERRYD_OPERATION_FAIL, NULL);
      operation->owner->unfinished--;
      ferryd_queue_unclaim (self, operation);
    }
  ferryd_queue_emit_changed (self, operation, TRUE);
  if (!recoverable)
    {
      ferryd_queue_emit_ended (self, operation);
      ferryd_queue_purge (self);
    }
  end_all (self, operation);
}

static void
record_failure (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydRow *row = ferryd_operation_to_row (operation, END_COLUMNS);

  if (ferryd_request_is_recoverable (operation->run->live->request, operation->run->live->failure->status))
    row->state = FERRY_STATE_PAUSED_RECOVERABLE_ERROR;
  else
    {
      row->state = FERRY_STATE_ERROR;
      row->finished = ferryd_queue_now (self);
      row->notification_pending =
          ferryd_queue_wants_notification (operation->run->live->request, FERRY_STATE_ERROR);
    }
  ferryd_queue_commit_step (self, operation, row, on_failure_recorded);
}

static void
on_body_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;

  record_failure (step->queue, ferryd_queue_lookup (step->queue, &step->id));
}

static void
fail (FerrydQueue *self, FerrydOperation *operation)
{
  ferryd_queue_write_body_async (self, &operation->id, operation->run->live->failure->body, on_body_written,
                                 ferryd_step_new (self, operation));
}

static gboolean
wait_for_disk (FerrydQueue *self, FerrydOperation *operation)
{
  gint64 unit = (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000;
  gint64 now = ferryd_clock_elapsed (self->clock);

  /* Since when nothing more could be written; that a server answered frees no space. */
  if (operation->run->disk_full_since == 0 || operation->run->furthest > operation->run->live->furthest)
    operation->run->disk_full_since = now;
  if (now - operation->run->disk_full_since >= DISK_FULL_LIMIT * unit)
    return FALSE;
  operation->run->retry_at = 0;
  ferryd_queue_set_alarm (self, operation, DISK_FULL_STEP * unit);
  ferryd_queue_save (self, operation, END_COLUMNS);
  end_all (self, operation);
  return TRUE;
}

/* No attempt has failed: what is told of the last one stays. */
static void
wait_for_network (FerrydQueue *self, FerrydOperation *operation, gint64 delay)
{
  g_debug ("The network was going away or changing: %s", operation->run->live->failure->message);
  operation->run->retry_at = 0;
  ferryd_queue_set_alarm (self, operation, delay);
  operation->offline = TRUE;
  ferryd_queue_save (self, operation, END_COLUMNS);
  end_all (self, operation);
}

static FerrydRetryVerdict
decide_retry (FerrydQueue *self, const FerrydOperation *operation)
{
  const FerrydFailure *failure = operation->run->live->failure;
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);
  const FerrydRetryQuestion question = {
    .remedy = failure->remedy,
    .attempt = operation->run->attempt,
    .max_retries = values->max_retries,
    .retry_delay = values->retry_delay,
    .retry_after = failure->retry_after,
    .random = g_random_double (),
    .status = failure->status,
    .unsettled = ferryd_queue_is_network_unsettled (self),
  };

  return ferryd_retry_decide (&question);
}

static void
judge_failure (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;
  const FerrydFailure *failure = live->failure;
  FerrydRetryVerdict verdict;

  if (ferryd_meter_get_furthest (live->meter) > live->furthest)
    operation->run->attempt = 1;
  verdict = decide_retry (self, operation);
  if (!verdict.spent)
    {
      wait_for_network (self, operation, verdict.delay);
      return;
    }
  operation->error_status = (gint8) failure->status;
  if (failure->response != NULL)
    {
      g_clear_pointer (&live->response, g_variant_unref);
      live->response = g_variant_ref (failure->response);
    }
  g_free (live->error_message);
  live->error_message = g_strdup (failure->message);
  if (ferryd_request_is_recoverable (live->request, failure->status))
    {
      fail (self, operation);
      return;
    }
  if (failure->remedy == FERRYD_REMEDY_DISK_FULL)
    {
      if (!wait_for_disk (self, operation))
        fail (self, operation);
      return;
    }
  if (verdict.again)
    {
      ferryd_queue_rest_host (self, operation, failure);
      wait_for_retry (self, operation, verdict.delay);
    }
  else
    fail (self, operation);
}

/* Its end may have waited for its turn so long that it is another attempt's by now. */
static gboolean
is_attempt (const FerrydOperation *operation, gpointer number)
{
  return operation != NULL && operation->run->live != NULL &&
         operation->run->live->number == GPOINTER_TO_UINT (number);
}

/* Has the turn for the last steps, unless that came too late. */
static gboolean
enter_last_steps (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer number)
{
  if (is_attempt (operation, number))
    {
      operation->run->live->finishing = TRUE;
      return TRUE;
    }
  ferryd_queue_end_turn (self, id);
  return FALSE;
}

/* Complete. */

static void on_completion_recorded (GObject *source, GAsyncResult *result, gpointer user_data);

/**
 * ferryd_queue_record_completion:
 * @self: a queue
 * @operation: one that is complete, and whose turn is taken for that
 *
 * Records the end, and applies it once that is durable.
 */
void
ferryd_queue_record_completion (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;
  FerrydRow *row;

  if (live->response != NULL)
    {
      g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (live->response);

      g_variant_dict_insert (&dict, "complete-proved", "b", live->record->complete_proved);
      g_variant_unref (live->response);
      live->response = g_variant_ref_sink (g_variant_dict_end (&dict));
    }
  row = ferryd_operation_to_row (operation, END_COLUMNS | FERRYD_COLUMN_CLAIM | FERRYD_COLUMN_REQUEST);
  row->state = FERRY_STATE_COMPLETED;
  row->notification_pending = ferryd_queue_wants_notification (live->request, FERRY_STATE_COMPLETED);
  row->finished = ferryd_queue_now (self);
  row->error_status = -1;
  g_clear_pointer (&row->error_message, g_free);
  g_clear_pointer (&row->progress, g_variant_unref);
  g_clear_pointer (&row->upload_url, g_free);
  row->upload_offset = 0;
  g_clear_pointer (&row->secrets, g_variant_unref);
  memset (row->claim, 0, sizeof row->claim);
  ferryd_queue_commit_step (self, operation, row, on_completion_recorded);
}

static void
on_completion_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;
  FerrydQueue *self = step->queue;
  FerrydOperation *operation = ferryd_queue_lookup (self, &step->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    {
      gint64 delay = (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000;

      g_warning ("A completed transfer cannot be recorded, trying again: %s", error->message);
      ferryd_queue_set_alarm (self, operation, delay);
      /* The next start finds the file where it belongs. */
      if (self->closing)
        ferryd_queue_stop (self, operation);
      return;
    }
  FERRYD_FAILPOINT ("queue-completed-committed");
  operation->run->finished = ferryd_batch_peek (batch, 0)->row->finished;
  operation->error_status = -1;
  g_clear_pointer (&operation->run->live->error_message, g_free);
  ferryd_operation_apply (operation, FERRYD_OPERATION_COMPLETE, NULL);
  operation->owner->unfinished--;
  ferryd_queue_unclaim (self, operation);
  ferryd_queue_drop_file (self, operation);
  if (operation->run->live->request->content != NULL)
    ferryd_queue_drop_spools (self, &operation->id);
  memset (operation->claim, 0, sizeof operation->claim);
  ferryd_queue_emit_changed (self, operation, TRUE);
  ferryd_queue_emit_ended (self, operation);
  ferryd_queue_purge (self);
  end_all (self, operation);
}

static void
on_unchanged_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;

  ferryd_queue_record_completion (step->queue, ferryd_queue_lookup (step->queue, &step->id));
}

/* A file that was given may have no name. */
static char *
describe_published (const FerrydDestination *target, const char *name)
{
  return name[0] != '\0' ? ferryd_destination_to_text (target->directory, name) : g_strdup ("");
}

static void
finish (FerrydQueue *self, FerrydOperation *operation, gboolean published)
{
  FerrydLive *live = operation->run->live;
  gboolean given;

  if (published)
    {
      FerrydRequest *request = ferryd_request_copy (live->request);

      g_free (request->destination);
      request->destination = describe_published (request->target, live->record->publish_name);
      ferryd_request_unref (live->request);
      live->request = request;
      operation->run->total_to_receive = live->record->total;
      operation->run->bytes_received = (guint64) MAX (live->record->total, 0);
      ferryd_queue_record_completion (self, operation);
      return;
    }
  /* A file that was given is none of the service's that could go. */
  given = live->request->target != NULL && ferryd_destination_is_given (live->request->target);
  ferryd_queue_delete_files_async (self, &operation->id, given ? NULL : live->request, NULL,
                                   on_unchanged_deleted, ferryd_step_new (self, operation));
}

static void
take_last (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer number)
{
  if (!enter_last_steps (self, id, operation, number))
    return;
  if (operation->run->live->last == FERRYD_TRANSFER_FAILED)
    judge_failure (self, operation);
  else if (operation->run->live->last == FERRYD_TRANSFER_ACCEPTED)
    ferryd_queue_record_completion (self, operation);
  else
    finish (self, operation, operation->run->live->last == FERRYD_TRANSFER_PUBLISHED);
}

static void
take_complete (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer number)
{
  if (!is_attempt (operation, number) || operation->run->live->stopping)
    {
      ferryd_queue_end_turn (self, id);
      return;
    }
  /* The next attempt brings what is all there to where it is wanted by now, and asks nobody for anything. */
  if (operation->run->live->origin != NULL)
    {
      ferryd_operation_apply (operation, FERRYD_OPERATION_QUEUE, NULL);
      ferryd_queue_stop (self, operation);
      ferryd_queue_end_turn (self, id);
      return;
    }
  operation->run->live->finishing = TRUE;
  ferryd_queue_publish (self, operation);
}

static void
in_turn (FerrydQueue *self, FerrydOperation *operation, FerrydTurnFunc func)
{
  gpointer number = GUINT_TO_POINTER (operation->run->live->number);

  if (operation->run->live->finishing)
    func (self, &operation->id, operation, number);
  else
    ferryd_queue_take_turn (self, &operation->id, func, number);
}

/**
 * ferryd_queue_end_attempt:
 * @self: a queue
 * @operation: an operation that is live
 * @kind: what its attempt says
 *
 * The last steps of an attempt: the name, the durable record, and only then what everybody may see.
 */
void
ferryd_queue_end_attempt (FerrydQueue *self, FerrydOperation *operation, FerrydTransferEventKind kind)
{
  FerrydLive *live = operation->run->live;

  /* It was told to stop: what it says instead does not matter any more. */
  if (live->over && live->stopping && (!live->finishing || kind == FERRYD_TRANSFER_FAILED))
    kind = FERRYD_TRANSFER_STOPPED;
  switch (kind)
    {
    case FERRYD_TRANSFER_COMPLETE:
      operation->local = TRUE;
      in_turn (self, operation, take_complete);
      break;
    case FERRYD_TRANSFER_OCCUPIED:
      live->candidate++;
      ferryd_queue_publish (self, operation);
      break;
    case FERRYD_TRANSFER_PUBLISHED:
    case FERRYD_TRANSFER_ACCEPTED:
    case FERRYD_TRANSFER_UNCHANGED:
    case FERRYD_TRANSFER_FAILED:
      live->last = kind;
      in_turn (self, operation, take_last);
      break;
    case FERRYD_TRANSFER_STOPPED:
    default:
      /* A failure of ours; it was paused, canceled or made to wait meanwhile: that counts. */
      live->last = FERRYD_TRANSFER_FAILED;
      if (live->failure != NULL && operation->state == FERRY_STATE_RUNNING)
        in_turn (self, operation, take_last);
      else
        end_stopped (self, operation);
      break;
    }
}
