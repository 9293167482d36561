/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

#include <string.h>

/* Requests beside those that send: what the server can, a place to upload to, how much of it is there. */

/* The server has forgotten it, or will have none of it any more. Returns FALSE where it forgets what was
 * begun just now: then it is not asked again at once. */
static gboolean
forget_place (FerrydUpload *self)
{
  gboolean again = self->forgotten;

  g_message ("The server does not know the upload any more: beginning again");
  self->forgotten = TRUE;
  g_clear_pointer (&self->record->upload_url, g_free);
  self->record->upload_offset = 0;
  self->restarts++;
  ferryd_upload_emit (self, FERRYD_TRANSFER_PLACED);
  return !again;
}

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FerrydUpload *self = user_data;

  ferryd_upload_keep_answer (self, answer);
  ferryd_upload_take_limits (self, answer->headers);
  return FERRYD_FLOW_CONTINUE;
}

static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  return FERRYD_FLOW_CONTINUE;
}

/* Whether what became of OPTIONS says no more than that the server does not know it. What may be over in a
 * moment, and who is let in, is another question. */
static gboolean
is_no (const FerrydFailure *failure, guint status)
{
  if (status != 0)
    return status != 401 && status != 407 && status != 408 && status != 429 &&
           !(status >= 502 && status <= 504);
  switch (failure->status)
    {
    case FERRY_TRANSFER_ERROR_TIMEOUT:
    case FERRY_TRANSFER_ERROR_DISCONNECTED:
    case FERRY_TRANSFER_ERROR_CONNECTION_RESET:
    case FERRY_TRANSFER_ERROR_CONNECTION_ABORTED:
    case FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Returns whether it goes on although the answer to a question is lost, or is no. */
static gboolean
bear_failure (FerrydUpload *self, const FerrydFailure *failure)
{
  guint status = ferryd_failure_get_http_status (failure);

  switch (self->step)
    {
    case FERRYD_UPLOAD_ASK:
      if (!is_no (failure, status))
        return FALSE;
      ferryd_upload_take_abilities (self, NULL);
      return TRUE;
    case FERRYD_UPLOAD_CREATE:
      if (!(status == 404 || status == 405 || status == 412 || status == 501 ||
            (self->blind && is_no (failure, status))))
        return FALSE;
      self->record->upload_protocol = FERRYD_UPLOAD_PLAIN;
      return TRUE;
    case FERRYD_UPLOAD_PROBE:
      return (status == 404 || status == 410 || status == 403) && forget_place (self);
    case FERRYD_UPLOAD_SEND:
    case FERRYD_UPLOAD_APPEND:
    default:
      return FALSE;
    }
}

/* Returns whether the answer makes sense. */
static gboolean
take_answer (FerrydUpload *self)
{
  switch (self->step)
    {
    case FERRYD_UPLOAD_ASK:
      ferryd_upload_take_abilities (self, self->headers);
      return TRUE;
    case FERRYD_UPLOAD_CREATE:
      /* Somebody who takes everything for what it knows is none that keeps an upload. */
      if ((self->blind && !ferryd_upload_is_tus (self->headers)) ||
          !ferryd_upload_take_place (self, FERRYD_UPLOAD_TUS, self->answer_uri, self->headers))
        self->record->upload_protocol = FERRYD_UPLOAD_PLAIN;
      return TRUE;
    case FERRYD_UPLOAD_PROBE:
      if (!ferryd_upload_take_offset (self, self->headers))
        return forget_place (self);
      self->probed = TRUE;
      if (self->record->upload_offset > self->furthest)
        {
          self->furthest = self->record->upload_offset;
          self->conflicts = 0;
        }
      ferryd_meter_set_sent (self->meter, self->record->upload_offset, g_get_monotonic_time ());
      return TRUE;
    case FERRYD_UPLOAD_SEND:
    case FERRYD_UPLOAD_APPEND:
    default:
      return TRUE;
    }
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydUpload *self = user_data;

  self->fetch = NULL;
  if (failure != NULL && !bear_failure (self, failure))
    {
      FerrydFailure *copy = ferryd_failure_copy (failure);

      if (copy->remedy == FERRYD_REMEDY_AT_ONCE || copy->remedy == FERRYD_REMEDY_RESTART)
        copy->remedy = FERRYD_REMEDY_RETRY;
      ferryd_upload_fail (self, copy);
      return;
    }
  if (failure == NULL && !take_answer (self))
    {
      ferryd_upload_fail (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE,
                                                    FERRYD_REMEDY_RETRY,
                                                    "The server does not keep what is uploaded to it"));
      return;
    }
  ferryd_upload_go_on (self);
}

/* A name is of use to who stores the file (tus 1.0, Upload-Metadata). */
static void
add_metadata (FerrydUpload *self, GVariantBuilder *fields)
{
  const char *source = self->spec->request->source;
  g_autofree char *name = NULL;
  g_autofree char *encoded = NULL;

  ferryd_upload_add_field (fields, "Upload-Length", "%" G_GUINT64_FORMAT,
                           ferryd_entity_get_length (self->entity));
  if (source == NULL || source[0] != '/')
    return;
  name = g_path_get_basename (source);
  encoded = g_base64_encode ((const guchar *) name, strlen (name));
  ferryd_upload_add_field (fields, "Upload-Metadata", "filename %s", encoded);
}

/**
 * ferryd_upload_ask:
 * @self: an attempt with an open entity and no fetch
 * @step: ASK, CREATE or PROBE
 *
 * Asks that, and goes on with what it is told.
 */
void
ferryd_upload_ask (FerrydUpload *self, FerrydUploadStep step)
{
  static const FerrydFetchHandler handler = { .answered = on_answered, .body = on_body, .ended = on_ended };
  static const char *const methods[] = {
    [FERRYD_UPLOAD_ASK] = "OPTIONS", [FERRYD_UPLOAD_CREATE] = "POST", [FERRYD_UPLOAD_PROBE] = "HEAD"
  };
  FerrydFetchRequest request = { .last = -1 };
  g_auto (GVariantBuilder) fields = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GVariant) own_headers = NULL;
  g_autoptr (FerrydEntity) nothing = ferryd_entity_new ();

  ferryd_transfer_spec_complete (self->spec, &request);
  request.method = methods[step];
  if (step == FERRYD_UPLOAD_PROBE)
    request.uri = self->record->upload_url;
  if (step == FERRYD_UPLOAD_CREATE)
    {
      add_metadata (self, &fields);
      request.entity = nothing;
      request.repeatable = TRUE;
    }
  ferryd_upload_add_version (self, step, &fields);
  own_headers = g_variant_ref_sink (g_variant_builder_end (&fields));
  request.own_headers = own_headers;
  request.any_success = TRUE;
  self->step = step;
  self->phase = FERRYD_UPLOAD_SENDING;
  ferryd_upload_forget_answer (self);
  self->fetch = ferryd_transport_fetch (self->transport, &request, &handler, self);
}
