/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

static gboolean
is_repeatable (FerrydUpload *self)
{
  return ferryd_request_is_repeatable (self->spec->request);
}

static void
on_sent (guint64 offset, gpointer user_data)
{
  FerrydUpload *self = user_data;

  self->whole = offset == ferryd_entity_get_length (self->entity);
  ferryd_meter_set_sent (self->meter, offset, g_get_monotonic_time ());
}

/* From the last bytes on nobody can know what the server does with them. */
static void
on_last_held (gpointer user_data)
{
  FerrydUpload *self = user_data;

  self->sealed = TRUE;
  self->record->sealed = TRUE;
  ferryd_upload_emit (self, FERRYD_TRANSFER_SEALED);
}

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FerrydUpload *self = user_data;
  FerrydTransferEvent *event;

  self->answered = TRUE;
  ferryd_meter_set_total (self->meter, answer->length);
  event = ferryd_transfer_event_new (FERRYD_TRANSFER_ANSWERED, self->record, self->restarts);
  event->response = ferryd_transport_new_response (answer->status, answer->uri, answer->headers, FALSE);
  ferryd_attempt_emit (&self->attempt, event);
  return FERRYD_FLOW_CONTINUE;
}

static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydUpload *self = user_data;

  ferryd_reply_write (self->reply, bytes, size);
  ferryd_meter_add (self->meter, offset, offset + size, g_get_monotonic_time ());
  return FERRYD_FLOW_CONTINUE;
}

static void
judge_failure (FerrydUpload *self, const FerrydFailure *failure)
{
  FerrydFailure *copy = ferryd_failure_copy (failure);

  if (copy->status == FERRY_TRANSFER_ERROR_SOURCE_CHANGED)
    {
      ferryd_upload_begin_anew (self, copy);
      return;
    }
  if (self->whole && !is_repeatable (self))
    {
      self->record->sealed = !ferryd_failure_judge_once (copy);
      ferryd_upload_fail (self, copy);
      return;
    }
  self->record->sealed = FALSE;
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE && !self->tried_at_once)
    {
      self->tried_at_once = TRUE;
      self->fresh = TRUE;
      ferryd_failure_free (copy);
      ferryd_upload_send (self);
      return;
    }
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE || copy->remedy == FERRYD_REMEDY_RESTART)
    copy->remedy = FERRYD_REMEDY_RETRY;
  ferryd_upload_fail (self, copy);
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydUpload *self = user_data;

  self->fetch = NULL;
  /* What it answered is known: that the rest of it is lost is no reason to send everything again. */
  if (failure != NULL && !self->answered)
    {
      judge_failure (self, failure);
      return;
    }
  self->record->sealed = FALSE;
  self->record->complete_proved = failure == NULL && end == FERRYD_BODY_END_PROVED;
  ferryd_upload_verify (self);
}

/**
 * ferryd_upload_send:
 * @self: an attempt with an open entity and no fetch
 *
 * Sends it, all of it, as the body of the request that was asked for.
 */
void
ferryd_upload_send (FerrydUpload *self)
{
  static const FerrydFetchHandler handler = { on_answered, on_body, on_ended, NULL, on_sent, on_last_held };
  FerrydFetchRequest request = { .last = -1 };
  const char *type = ferryd_content_get_type (self->spec->request->content);
  g_autoptr (GVariant) own_headers = NULL;

  if (type != NULL)
    {
      GVariant *field = g_variant_new ("(ss)", "Content-Type", type);

      own_headers = g_variant_ref_sink (g_variant_new_array (NULL, &field, 1));
      request.own_headers = own_headers;
    }
  ferryd_transfer_spec_complete (self->spec, &request);
  request.entity = self->entity;
  request.any_success = TRUE;
  request.repeatable = is_repeatable (self);
  request.hold_last = !request.repeatable;
  request.fresh_connection = self->fresh;
  g_clear_pointer (&self->reply, ferryd_reply_free);
  self->reply = ferryd_reply_new (self->spec->body_directory, &self->spec->id);
  self->whole = FALSE;
  self->answered = FALSE;
  self->sealed = FALSE;
  self->phase = FERRYD_UPLOAD_SENDING;
  ferryd_meter_set_sent (self->meter, 0, g_get_monotonic_time ());
  self->fetch = ferryd_transport_fetch (self->transport, &request, &handler, self);
}
