/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

#include "ferryd-failpoint.h"

/**
 * ferryd_upload_ref:
 * @self: an attempt
 *
 * Returns: (transfer full): @self
 */
FerrydUpload *
ferryd_upload_ref (FerrydUpload *self)
{
  ferryd_attempt_ref (&self->attempt);
  return self;
}

/**
 * ferryd_upload_release:
 * @data: (transfer full): an attempt
 */
void
ferryd_upload_release (gpointer data)
{
  FerrydUpload *self = data;

  ferryd_attempt_release (&self->attempt);
}

static void
upload_clear (FerrydAttempt *attempt)
{
  FerrydUpload *self = (FerrydUpload *) attempt;

  g_clear_pointer (&self->entity, ferryd_entity_unref);
  g_clear_pointer (&self->record, ferryd_progress_record_free);
  g_clear_pointer (&self->reply, ferryd_reply_free);
  ferryd_upload_forget_answer (self);
  g_clear_pointer (&self->part_checksum, g_free);
  g_clear_pointer (&self->failure, ferryd_failure_free);
  g_clear_pointer (&self->meter, ferryd_meter_unref);
  g_clear_pointer (&self->spec, ferryd_transfer_spec_free);
  g_clear_object (&self->transport);
  g_free (self);
}

/**
 * ferryd_upload_emit:
 * @self: an attempt
 * @kind: what happened
 *
 * Tells the main thread, with the record as it is now.
 */
void
ferryd_upload_emit (FerrydUpload *self, FerrydTransferEventKind kind)
{
  ferryd_attempt_emit (&self->attempt, ferryd_transfer_event_new (kind, self->record, self->restarts));
}

/* The end of an attempt. */

static void
finish (FerrydUpload *self, FerrydTransferEventKind kind)
{
  FerrydTransferEvent *event;

  if (self->phase == FERRYD_UPLOAD_ENDED)
    return;
  self->phase = FERRYD_UPLOAD_ENDED;
  ferryd_meter_stop (self->meter);
  /* Descriptors go before anybody hears of the end. */
  g_clear_pointer (&self->entity, ferryd_entity_unref);
  g_clear_pointer (&self->reply, ferryd_reply_free);
  event = ferryd_transfer_event_new (kind, self->record, self->restarts);
  event->failure = g_steal_pointer (&self->failure);
  ferryd_attempt_emit (&self->attempt, event);
  ferryd_upload_release (self);
}

/**
 * ferryd_upload_fail:
 * @self: an attempt without a fetch
 * @failure: (transfer full): why it ends
 */
void
ferryd_upload_fail (FerrydUpload *self, FerrydFailure *failure)
{
  g_clear_pointer (&self->failure, ferryd_failure_free);
  self->failure = failure;
  finish (self, FERRYD_TRANSFER_FAILED);
}

/**
 * ferryd_upload_stop_now:
 * @self: an attempt without a fetch that was told to stop
 */
void
ferryd_upload_stop_now (FerrydUpload *self)
{
  finish (self, FERRYD_TRANSFER_STOPPED);
}

static gboolean
end_if_stopping (FerrydUpload *self)
{
  if (self->stopping)
    ferryd_upload_stop_now (self);
  return self->stopping;
}

/**
 * ferryd_upload_begin_anew:
 * @self: an attempt without a fetch
 * @failure: (transfer full): SOURCE_CHANGED
 *
 * What is sent is not what it was: from its beginning, as it is now, if that has not happened too often.
 */
void
ferryd_upload_begin_anew (FerrydUpload *self, FerrydFailure *failure)
{
  /* What was sent to its end and must not be sent twice. */
  if (self->record->fresh >= FERRYD_CONTENT_MAX_FRESH || (self->whole && !ferryd_upload_is_repeatable (self)))
    {
      failure->remedy = FERRYD_REMEDY_FINAL;
      ferryd_upload_fail (self, failure);
      return;
    }
  g_message ("%s: beginning again", failure->message);
  ferryd_failure_free (failure);
  g_clear_pointer (&self->record->snapshot, g_variant_unref);
  g_clear_pointer (&self->record->upload_url, g_free);
  self->record->upload_offset = 0;
  self->probed = FALSE;
  self->record->sealed = FALSE;
  self->record->fresh++;
  self->restarts++;
  ferryd_upload_open (self);
}

/* The way of an attempt. */

static void
verify_in_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  FerrydUpload *self = task_data;
  FerrydFailure *failure =
      ferryd_content_verify (self->spec->request->content, self->entity, self->record->snapshot);

  if (failure == NULL)
    ferryd_reply_keep (self->reply);
  g_task_return_pointer (task, failure, (GDestroyNotify) ferryd_failure_free);
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydUpload *self = user_data;
  FerrydFailure *failure = g_task_propagate_pointer (G_TASK (result), NULL);

  if (failure != NULL)
    ferryd_upload_begin_anew (self, failure);
  else
    {
      self->record->complete_proved = self->record->complete_proved && !ferryd_reply_is_cut (self->reply);
      finish (self, FERRYD_TRANSFER_ACCEPTED);
    }
  ferryd_upload_release (self);
}

/**
 * ferryd_upload_verify:
 * @self: an attempt whose request was answered with success, to the answer's end
 *
 * Looks whether what was sent is what it was, and keeps the answer.
 */
void
ferryd_upload_verify (FerrydUpload *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_verified, ferryd_upload_ref (self));

  self->phase = FERRYD_UPLOAD_VERIFYING;
  FERRYD_FAILPOINT ("upload-answered");
  g_task_set_source_tag (task, ferryd_upload_verify);
  g_task_set_task_data (task, ferryd_upload_ref (self), ferryd_upload_release);
  g_task_run_in_thread (task, verify_in_worker);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydUpload *self = user_data;
  gboolean is_first = self->record->snapshot == NULL;
  FerrydFailure *failure = NULL;
  FerrydEntity *entity = ferryd_content_open_finish (result, &self->record->snapshot, &failure);

  g_clear_pointer (&self->entity, ferryd_entity_unref);
  self->entity = entity;
  if (end_if_stopping (self))
    g_clear_pointer (&failure, ferryd_failure_free);
  else if (entity == NULL && failure->remedy == FERRYD_REMEDY_RESTART)
    ferryd_upload_begin_anew (self, failure);
  else if (entity == NULL)
    ferryd_upload_fail (self, failure);
  else
    {
      ferryd_meter_set_to_send (self->meter, ferryd_entity_get_length (self->entity));
      if (is_first)
        ferryd_upload_emit (self, FERRYD_TRANSFER_CHECKPOINT);
      ferryd_upload_go_on (self);
    }
  ferryd_upload_release (self);
}

/**
 * ferryd_upload_open:
 * @self: an attempt
 *
 * Opens what is to be sent, then sends it.
 */
void
ferryd_upload_open (FerrydUpload *self)
{
  const FerrydTransferSpec *spec = self->spec;

  self->phase = FERRYD_UPLOAD_OPENING;
  ferryd_content_open_async (spec->request->content, spec->spool_directory, &spec->id, spec->held,
                             self->record->snapshot, on_opened, ferryd_upload_ref (self));
}

static void
upload_begin (FerrydAttempt *attempt)
{
  FerrydUpload *self = (FerrydUpload *) attempt;

  /* Held until its last event. */
  ferryd_upload_ref (self);
  if (end_if_stopping (self))
    return;
  if (self->record->sealed && !ferryd_upload_is_repeatable (self))
    {
      ferryd_upload_fail (
          self,
          ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL,
                              "Everything was sent, and the server's answer was lost: whether it acted on "
                              "it is not known, so it is not sent a second time"));
      return;
    }
  ferryd_upload_open (self);
}

static void
upload_proceed (FerrydAttempt *attempt)
{
  FerrydUpload *self = (FerrydUpload *) attempt;

  FERRYD_FAILPOINT ("upload-sealed");
  if (self->phase == FERRYD_UPLOAD_SENDING && self->fetch != NULL && self->sealed)
    ferryd_transport_release_last (self->transport, self->fetch);
}

static void
upload_stop (FerrydAttempt *attempt)
{
  FerrydUpload *self = (FerrydUpload *) attempt;

  self->stopping = TRUE;
  if (self->fetch != NULL)
    ferryd_transport_cancel (self->transport, g_steal_pointer (&self->fetch));
  if (self->phase != FERRYD_UPLOAD_SENDING)
    return;
  /* As long as they were held the last bytes have not gone anywhere. */
  if (!self->whole)
    self->record->sealed = FALSE;
  finish (self, FERRYD_TRANSFER_STOPPED);
}

/**
 * ferryd_upload_start:
 * @io: the I/O thread
 * @transport: the transport that lives there
 * @spec: (transfer full): what to do; its request has a content
 * @meter: where to show how far it is
 * @func: told what happens, in the main thread
 * @user_data: for @func
 *
 * Returns: (transfer full): an attempt under way; it goes on when it is unreferenced, but nobody hears of it
 */
FerrydAttempt *
ferryd_upload_start (FerrydIoThread *io, FerrydTransport *transport, FerrydTransferSpec *spec,
                     FerrydMeter *meter, FerrydAttemptFunc func, gpointer user_data)
{
  static const FerrydAttemptClass class = { upload_begin, upload_proceed, NULL,
                                            upload_stop,  upload_clear,   FERRYD_DIRECTION_UP };
  FerrydUpload *self = g_new0 (FerrydUpload, 1);

  self->transport = g_object_ref (transport);
  self->spec = spec;
  self->meter = ferryd_meter_ref (meter);
  self->record = ferryd_progress_record_copy (spec->record);
  ferryd_attempt_begin (&self->attempt, &class, io, func, user_data);
  return &self->attempt;
}
