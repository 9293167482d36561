/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

/* Times that a server may have another number of bytes than it said just before. */
#define MAX_CONFLICTS 3

/**
 * ferryd_upload_is_repeatable:
 * @self: an attempt
 *
 * Returns: whether it may be sent again although it was sent whole: the method allows it, or the server says
 * what it has before anything is sent
 */
gboolean
ferryd_upload_is_repeatable (FerrydUpload *self)
{
  return ferryd_request_is_repeatable (self->spec->request) || self->record->upload_url != NULL;
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
  self->record->sealed = !ferryd_upload_is_repeatable (self);
  ferryd_upload_emit (self, FERRYD_TRANSFER_SEALED);
}

static gboolean
is_last_part (FerrydUpload *self)
{
  return self->part_end == ferryd_entity_get_length (self->entity);
}

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FerrydUpload *self = user_data;
  FerrydTransferEvent *event;

  self->answered = TRUE;
  ferryd_upload_keep_answer (self, answer);
  /* What is said of a part is not what came of all of it. */
  if (!is_last_part (self))
    return FERRYD_FLOW_CONTINUE;
  ferryd_meter_set_total (self->meter, answer->length);
  event = ferryd_transfer_event_new (FERRYD_TRANSFER_ANSWERED, self->record, self->restarts);
  event->response = ferryd_transport_new_response (answer->status, answer->uri, answer->headers,
                                                   self->record->upload_url != NULL);
  ferryd_attempt_emit (&self->attempt, event);
  return FERRYD_FLOW_CONTINUE;
}

/* 104 says where the upload goes on should it break off (draft, section 4.2). */
static void
on_interim (guint status, const char *uri, GVariant *headers, gpointer user_data)
{
  FerrydUpload *self = user_data;

  if (status != 104 || self->step != FERRYD_UPLOAD_SEND || self->record->upload_url != NULL ||
      !ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP))
    return;
  ferryd_upload_take_limits (self, headers);
  ferryd_upload_take_place (self, FERRYD_UPLOAD_HTTP, uri, headers);
}

static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydUpload *self = user_data;

  ferryd_reply_write (self->reply, bytes, size);
  ferryd_meter_add (self->meter, offset, offset + size, g_get_monotonic_time ());
  return FERRYD_FLOW_CONTINUE;
}

/* Servers that do not agree with themselves are not asked for ever. */
static gboolean
may_conflict (FerrydUpload *self)
{
  self->probed = FALSE;
  return ++self->conflicts <= MAX_CONFLICTS;
}

/* The server has more or less of it than was thought (409 with an offset), or not what was sent (460 of tus):
 * then it goes on from what it has. */
static gboolean
take_conflict (FerrydUpload *self, const FerrydFailure *failure)
{
  guint status = ferryd_failure_get_http_status (failure);

  return self->step == FERRYD_UPLOAD_APPEND && (status == 409 || status == 460) && may_conflict (self);
}

/* It was too much at once, and now it is known how much is not (draft, section 4.1.4). */
static gboolean
take_limit (FerrydUpload *self, const FerrydFailure *failure, GVariant *headers)
{
  guint64 sent = self->part_end - (self->step == FERRYD_UPLOAD_APPEND ? self->record->upload_offset : 0);

  if (ferryd_failure_get_http_status (failure) != 413 || !ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP))
    return FALSE;
  ferryd_upload_take_limits (self, headers);
  if (self->max_append == 0 || self->max_append >= sent || !may_conflict (self))
    return FALSE;
  self->record->upload_protocol = FERRYD_UPLOAD_HTTP;
  return TRUE;
}

/* The server has taken all of it, and that is what came of it: there is nothing to go on with. */
static void
fail_complete (FerrydUpload *self, FerrydFailure *failure)
{
  g_clear_pointer (&self->record->upload_url, g_free);
  self->record->upload_offset = 0;
  failure->remedy = FERRYD_REMEDY_FINAL;
  ferryd_upload_fail (self, failure);
}

static void
judge_failure (FerrydUpload *self, const FerrydFailure *failure)
{
  FerrydFailure *copy = ferryd_failure_copy (failure);
  g_autoptr (GVariant) headers = NULL;

  if (copy->response != NULL)
    headers = g_variant_lookup_value (copy->response, "headers", G_VARIANT_TYPE ("a(ss)"));
  if (self->record->upload_url != NULL && self->record->upload_protocol == FERRYD_UPLOAD_HTTP &&
      ferryd_upload_says_complete (headers))
    {
      fail_complete (self, copy);
      return;
    }
  if (copy->status == FERRY_TRANSFER_ERROR_SOURCE_CHANGED)
    {
      ferryd_upload_begin_anew (self, copy);
      return;
    }
  if (self->whole && !ferryd_upload_is_repeatable (self))
    {
      self->record->sealed = !ferryd_failure_judge_once (copy);
      ferryd_upload_fail (self, copy);
      return;
    }
  self->record->sealed = FALSE;
  if (take_conflict (self, copy) || take_limit (self, copy, headers))
    {
      ferryd_failure_free (copy);
      ferryd_upload_go_on (self);
      return;
    }
  /* What it is appended to is no more: it is looked for once more before it begins again. */
  if (self->step == FERRYD_UPLOAD_APPEND &&
      (ferryd_failure_get_http_status (copy) == 404 || ferryd_failure_get_http_status (copy) == 410))
    copy->remedy = FERRYD_REMEDY_RETRY;
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE && !self->tried_at_once)
    {
      self->tried_at_once = TRUE;
      self->fresh = TRUE;
      ferryd_failure_free (copy);
      ferryd_upload_go_on (self);
      return;
    }
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE || copy->remedy == FERRYD_REMEDY_RESTART)
    copy->remedy = FERRYD_REMEDY_RETRY;
  ferryd_upload_fail (self, copy);
}

/* What a server says to a part, or to all of it, may be that it wants more. Returns whether it has it all. */
static gboolean
take_success (FerrydUpload *self)
{
  gboolean tus = self->record->upload_protocol == FERRYD_UPLOAD_TUS;
  guint64 before = self->record->upload_offset;
  gint64 now = g_get_monotonic_time ();

  ferryd_upload_take_limits (self, self->headers);
  if (self->step == FERRYD_UPLOAD_SEND)
    return !ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP) ||
           ferryd_upload_is_complete (self, self->headers, is_last_part (self));
  if (!tus)
    return ferryd_upload_is_complete (self, self->headers, is_last_part (self));
  self->part_size = self->part_end - before;
  self->part_took = now - self->part_began;
  self->probed = ferryd_upload_take_offset (self, self->headers) && self->record->upload_offset > before;
  return self->probed && ferryd_upload_is_complete (self, self->headers, FALSE);
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydUpload *self = user_data;
  gboolean placed;

  self->fetch = NULL;
  /* What it answered is known: that the rest of it is lost is no reason to send everything again. */
  if (failure != NULL && !self->answered)
    {
      judge_failure (self, failure);
      return;
    }
  self->record->sealed = FALSE;
  self->record->complete_proved = failure == NULL && end == FERRYD_BODY_END_PROVED;
  if (take_success (self))
    {
      ferryd_upload_verify (self);
      return;
    }
  placed = self->record->upload_url != NULL ||
           ferryd_upload_take_place (self, FERRYD_UPLOAD_HTTP, self->answer_uri, self->headers);
  if (placed &&
      (self->probed || self->step == FERRYD_UPLOAD_SEND || !is_last_part (self) || may_conflict (self)))
    ferryd_upload_go_on (self);
  else
    ferryd_upload_fail (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE,
                                                  FERRYD_REMEDY_RETRY,
                                                  "The server does not keep what is uploaded to it"));
}

static void
add_complete (FerrydUpload *self, GVariantBuilder *fields)
{
  ferryd_upload_add_field (fields, "Upload-Complete", is_last_part (self) ? "?1" : "?0");
}

/* What is special about the request that goes on with an upload. */
static void
describe_append (FerrydUpload *self, FerrydFetchRequest *request, GVariantBuilder *fields)
{
  gboolean tus = self->record->upload_protocol == FERRYD_UPLOAD_TUS;

  request->method = "PATCH";
  request->uri = self->record->upload_url;
  request->entity_first = self->record->upload_offset;
  ferryd_upload_add_field (fields, "Upload-Offset", "%" G_GUINT64_FORMAT, self->record->upload_offset);
  ferryd_upload_add_field (fields, "Content-Type",
                           tus ? "application/offset+octet-stream" : "application/partial-upload");
  if (!tus)
    add_complete (self, fields);
  else if (self->part_checksum != NULL)
    ferryd_upload_add_field (fields, "Upload-Checksum", "%s %s", self->checksum_name, self->part_checksum);
}

static void
describe_send (FerrydUpload *self, GVariantBuilder *fields)
{
  const char *type = ferryd_content_get_type (self->spec->request->content);

  if (type != NULL)
    ferryd_upload_add_field (fields, "Content-Type", "%s", type);
  if (!ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP))
    return;
  add_complete (self, fields);
  ferryd_upload_add_field (fields, "Upload-Length", "%" G_GUINT64_FORMAT,
                           ferryd_entity_get_length (self->entity));
}

/**
 * ferryd_upload_send:
 * @self: an attempt with an open entity and no fetch
 * @step: SEND or APPEND
 *
 * Sends it, all of it as the body of the request that was asked for, or what the server has not got; where
 * that wants no more at once, a part.
 */
void
ferryd_upload_send (FerrydUpload *self, FerrydUploadStep step)
{
  static const FerrydFetchHandler handler = { .answered = on_answered,
                                              .body = on_body,
                                              .ended = on_ended,
                                              .interim = on_interim,
                                              .sent = on_sent,
                                              .last_held = on_last_held };
  FerrydFetchRequest request = { .last = -1 };
  g_auto (GVariantBuilder) fields = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GVariant) own_headers = NULL;

  ferryd_transfer_spec_complete (self->spec, &request);
  if (step == FERRYD_UPLOAD_SEND)
    self->part_end = ferryd_upload_get_end (self, 0);
  self->part_began = g_get_monotonic_time ();
  if (step == FERRYD_UPLOAD_APPEND)
    describe_append (self, &request, &fields);
  else
    describe_send (self, &fields);
  ferryd_upload_add_version (self, step, &fields);
  own_headers = g_variant_ref_sink (g_variant_builder_end (&fields));
  request.own_headers = own_headers;
  request.entity = self->entity;
  request.entity_end = self->part_end;
  request.share = self->attempt.share;
  request.any_success = TRUE;
  request.repeatable = step == FERRYD_UPLOAD_APPEND || ferryd_upload_is_repeatable (self);
  request.hold_last = !request.repeatable;
  request.fresh_connection = self->fresh;
  g_clear_pointer (&self->reply, ferryd_reply_free);
  self->reply = ferryd_reply_new (self->spec->body_directory, &self->spec->id);
  self->step = step;
  self->whole = FALSE;
  self->answered = FALSE;
  self->sealed = FALSE;
  self->phase = FERRYD_UPLOAD_SENDING;
  ferryd_meter_set_sent (self->meter, request.entity_first, g_get_monotonic_time ());
  self->fetch = ferryd_transport_fetch (self->transport, &request, &handler, self);
}
