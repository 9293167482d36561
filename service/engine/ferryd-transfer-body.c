/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

#include "ferryd-failpoint.h"

static gboolean
is_repeatable (const FerrydTransfer *self)
{
  return ferryd_request_is_repeatable (self->spec->request);
}

/* What may be sent only once has been. */
static gboolean
is_spent (const FerrydTransfer *self)
{
  return self->sent_whole && !is_repeatable (self);
}

/* What is sent along has changed meanwhile: from the beginning, with what it is now, if that has not happened
 * too often. */
static void
renew (FerrydTransfer *self, FerrydFailure *failure)
{
  if (self->record->fresh >= FERRYD_CONTENT_MAX_FRESH || is_spent (self))
    {
      failure->remedy = FERRYD_REMEDY_FINAL;
      ferryd_transfer_fail (self, failure);
      return;
    }
  g_message ("%s: beginning again", failure->message);
  ferryd_failure_free (failure);
  g_clear_pointer (&self->record->snapshot, g_variant_unref);
  g_clear_pointer (&self->body, ferryd_entity_unref);
  self->record->fresh++;
  self->record->sealed = FALSE;
  self->sent_whole = FALSE;
  ferryd_transfer_restart (self);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  gboolean is_first = self->record->snapshot == NULL;
  FerrydFailure *failure = NULL;

  self->body = ferryd_content_open_finish (result, &self->record->snapshot, &failure);
  if (ferryd_transfer_end_if_stopping (self))
    g_clear_pointer (&failure, ferryd_failure_free);
  else if (self->body == NULL && failure->remedy == FERRYD_REMEDY_RESTART)
    renew (self, failure);
  else if (self->body == NULL)
    ferryd_transfer_fail (self, failure);
  else
    {
      ferryd_meter_set_to_send (self->meter, ferryd_entity_get_length (self->body));
      if (is_first)
        ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_CHECKPOINT));
      ferryd_transfer_step (self);
    }
  ferryd_transfer_release (self);
}

/**
 * ferryd_transfer_prepare_body:
 * @self: an attempt with an open sink and no fetch
 *
 * Opens what is sent along. A request that may be sent only once has an entity even without a byte: its
 * header section is what it waits with until that is recorded.
 *
 * Returns: whether a request may be made now; else it has failed, or goes on by itself
 */
gboolean
ferryd_transfer_prepare_body (FerrydTransfer *self)
{
  const FerrydTransferSpec *spec = self->spec;

  if (self->record->sealed && !is_repeatable (self))
    {
      ferryd_transfer_fail (
          self, self->refusal != NULL
                    ? g_steal_pointer (&self->refusal)
                    : ferryd_failure_new (
                          FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL,
                          "The request was sent, and the server's answer was lost: it may be sent only once, "
                          "so it is not sent again"));
      return FALSE;
    }
  if (self->body != NULL || (spec->request->content == NULL && is_repeatable (self)))
    return TRUE;
  if (spec->request->content == NULL)
    {
      self->body = ferryd_entity_new ();
      return TRUE;
    }
  self->phase = FERRYD_TRANSFER_OPENING;
  ferryd_content_open_async (spec->request->content, spec->spool_directory, &spec->id, NULL,
                             self->record->snapshot, on_opened, ferryd_transfer_ref (self));
  return FALSE;
}

/**
 * ferryd_transfer_add_body:
 * @self: an attempt that may make a request
 * @request: (inout): gets what is sent along; borrowed
 */
void
ferryd_transfer_add_body (FerrydTransfer *self, FerrydFetchRequest *request)
{
  if (self->body == NULL)
    return;
  request->entity = self->body;
  request->repeatable = is_repeatable (self);
  request->hold_last = !request->repeatable;
  self->sent_whole = FALSE;
  ferryd_meter_set_sent (self->meter, 0, g_get_monotonic_time ());
}

/**
 * ferryd_transfer_take_sent:
 * @self: an attempt
 * @offset: up to where what is sent along is sent
 */
void
ferryd_transfer_take_sent (FerrydTransfer *self, guint64 offset)
{
  self->sent_whole = offset == ferryd_entity_get_length (self->body);
  ferryd_meter_set_sent (self->meter, offset, g_get_monotonic_time ());
}

/**
 * ferryd_transfer_seal:
 * @self: an attempt whose request is sent but for the last bytes
 *
 * From those on nobody can know what the server does: they wait until that is durable.
 */
void
ferryd_transfer_seal (FerrydTransfer *self)
{
  self->record->sealed = TRUE;
  ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_SEALED));
}

/**
 * ferryd_transfer_release_body:
 * @self: an attempt that is fetching
 *
 * It is durable that the last bytes are on their way, if that was what was waited for.
 */
void
ferryd_transfer_release_body (FerrydTransfer *self)
{
  const FerrydStrand *strand;

  if (self->body == NULL || !self->record->sealed || self->strands->len == 0)
    return;
  FERRYD_FAILPOINT ("transfer-sealed");
  strand = g_ptr_array_index (self->strands, 0);
  ferryd_transport_release_last (self->transport, strand->fetch);
}

/**
 * ferryd_transfer_unseal:
 * @self: an attempt whose fetch was given up, or has failed
 *
 * A request that was not sent whole has not been acted on (contract, decision 2).
 */
void
ferryd_transfer_unseal (FerrydTransfer *self)
{
  if (self->body != NULL && !self->sent_whole)
    self->record->sealed = FALSE;
}

/**
 * ferryd_transfer_judge_body:
 * @self: an attempt whose fetch has failed
 * @failure: (transfer none): of the transport
 *
 * Returns: whether that was all there is to say: it has failed, or begins again
 */
gboolean
ferryd_transfer_judge_body (FerrydTransfer *self, const FerrydFailure *failure)
{
  FerrydFailure *copy;

  if (self->body == NULL)
    return FALSE;
  if (failure->status == FERRY_TRANSFER_ERROR_SOURCE_CHANGED)
    {
      renew (self, ferryd_failure_copy (failure));
      return TRUE;
    }
  ferryd_transfer_unseal (self);
  if (!is_spent (self))
    return FALSE;
  copy = ferryd_failure_copy (failure);
  self->record->sealed = !ferryd_failure_judge_once (copy);
  ferryd_transfer_fail (self, copy);
  return TRUE;
}

/**
 * ferryd_transfer_settle_remedy:
 * @self: an attempt
 * @failure: (inout): of our own, of a response; what was sent only once is not sent again to mend it
 */
void
ferryd_transfer_settle_remedy (FerrydTransfer *self, FerrydFailure *failure)
{
  if (is_spent (self))
    failure->remedy = FERRYD_REMEDY_FINAL;
}

/* What was sent, as it is at the end. */

static void
verify_in_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  FerrydTransfer *self = task_data;

  g_task_return_pointer (
      task, ferryd_content_verify (self->spec->request->content, self->body, self->record->snapshot),
      (GDestroyNotify) ferryd_failure_free);
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  FerrydFailure *failure = g_task_propagate_pointer (G_TASK (result), NULL);

  self->body_verified = failure == NULL;
  if (ferryd_transfer_end_if_stopping (self))
    g_clear_pointer (&failure, ferryd_failure_free);
  else if (failure != NULL)
    renew (self, failure);
  else
    ferryd_transfer_complete (self, self->record->complete_proved);
  ferryd_transfer_release (self);
}

/**
 * ferryd_transfer_verify_body:
 * @self: an attempt that holds everything
 *
 * Looks whether what was sent along is what it was.
 *
 * Returns: whether that has to be waited for; then it goes on by itself
 */
gboolean
ferryd_transfer_verify_body (FerrydTransfer *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->body == NULL || self->spec->request->content == NULL || self->body_verified)
    return FALSE;
  task = g_task_new (NULL, NULL, on_verified, ferryd_transfer_ref (self));
  g_task_set_source_tag (task, ferryd_transfer_verify_body);
  g_task_set_task_data (task, ferryd_transfer_ref (self), ferryd_transfer_release);
  g_task_run_in_thread (task, verify_in_worker);
  return TRUE;
}
