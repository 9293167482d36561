/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

/* Which request comes next, and what part of the entity it brings. */

/* What is checked by the server is kept by it only whole: a part is small enough that little is lost with
 * one, and large enough that the pauses between them do not count. It is what was sent in a second, between
 * these, and never more than this share of all. */
#define MIN_PART ((guint64) 1024 * 1024)
#define MAX_PART ((guint64) 64 * 1024 * 1024)
#define PART_SHARE 128

/* Bytes read at once for a checksum. */
#define READ_SIZE ((gsize) 256 * 1024)

/**
 * ferryd_upload_keep_answer:
 * @self: an attempt
 * @answer: what was answered
 *
 * Keeps what is needed of it until the next request.
 */
void
ferryd_upload_keep_answer (FerrydUpload *self, const FerrydAnswer *answer)
{
  ferryd_upload_forget_answer (self);
  self->headers = g_variant_ref (answer->headers);
  self->answer_uri = g_strdup (answer->uri);
  self->answer_status = answer->status;
}

/**
 * ferryd_upload_forget_answer:
 * @self: an attempt
 */
void
ferryd_upload_forget_answer (FerrydUpload *self)
{
  g_clear_pointer (&self->headers, g_variant_unref);
  g_clear_pointer (&self->answer_uri, g_free);
}

/* The server has everything, and its answer to that was lost: what it says now has to do. */
static void
take_as_answer (FerrydUpload *self)
{
  FerrydTransferEvent *event =
      ferryd_transfer_event_new (FERRYD_TRANSFER_ANSWERED, self->record, self->restarts);

  event->response =
      ferryd_transport_new_response (self->answer_status, self->answer_uri, self->headers, TRUE);
  ferryd_attempt_emit (&self->attempt, event);
  g_clear_pointer (&self->reply, ferryd_reply_free);
  self->reply = ferryd_reply_new (self->spec->body_directory, &self->spec->id);
  self->record->complete_proved = TRUE;
  ferryd_upload_verify (self);
}

/* Parts. */

static guint64
get_checked_part (FerrydUpload *self)
{
  guint64 most = CLAMP (ferryd_entity_get_length (self->entity) / PART_SHARE, MIN_PART, MAX_PART);
  gint64 took = self->part_took;

  if (took <= 0 || self->part_size == 0)
    return MIN_PART;
  return CLAMP (self->part_size * G_USEC_PER_SEC / (guint64) took, MIN_PART, most);
}

/**
 * ferryd_upload_get_end:
 * @self: an attempt with an open entity
 * @first: byte of it that is sent first
 *
 * Returns: the byte behind the last that the next request brings
 */
guint64
ferryd_upload_get_end (FerrydUpload *self, guint64 first)
{
  guint64 left = ferryd_entity_get_length (self->entity) - first;
  guint64 most = left;

  if (self->record->upload_protocol == FERRYD_UPLOAD_HTTP && self->max_append > 0)
    most = self->max_append;
  else if (self->record->upload_protocol == FERRYD_UPLOAD_TUS && self->checksum_name != NULL)
    most = get_checked_part (self);
  return first + MIN (left, most);
}

/* Checksums of parts. */

typedef struct
{
  FerrydEntity *entity; /* (owned) */
  GChecksumType type;
  guint64 first; /* byte of @entity */
  guint64 end;   /* behind the last */
} Sum;

static void
sum_free (gpointer data)
{
  Sum *sum = data;

  ferryd_entity_unref (sum->entity);
  g_free (sum);
}

/* Base64, as tus has it. NULL where a file cannot be read, or not that far: sending it will tell. */
static void
sum_in_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Sum *sum = task_data;
  g_autoptr (GChecksum) checksum = g_checksum_new (sum->type);
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  guint8 digest[64];
  gsize size = sizeof digest;

  for (guint64 position = sum->first; position < sum->end;)
    {
      gssize n_read =
          ferryd_entity_read (sum->entity, position, buffer, (gsize) MIN (READ_SIZE, sum->end - position));

      if (n_read <= 0)
        {
          g_task_return_pointer (task, NULL, NULL);
          return;
        }
      g_checksum_update (checksum, buffer, n_read);
      position += (guint64) n_read;
    }
  g_checksum_get_digest (checksum, digest, &size);
  g_task_return_pointer (task, g_base64_encode (digest, size), g_free);
}

static void
on_summed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydUpload *self = user_data;

  g_free (self->part_checksum);
  self->part_checksum = g_task_propagate_pointer (G_TASK (result), NULL);
  if (self->stopping)
    ferryd_upload_stop_now (self);
  else
    ferryd_upload_send (self, FERRYD_UPLOAD_APPEND);
  ferryd_upload_release (self);
}

static void
append (FerrydUpload *self)
{
  g_autoptr (GTask) task = NULL;
  Sum *sum;

  /* What is sent now may be lost again. */
  self->probed = FALSE;
  self->part_end = ferryd_upload_get_end (self, self->record->upload_offset);
  g_clear_pointer (&self->part_checksum, g_free);
  if (self->record->upload_protocol != FERRYD_UPLOAD_TUS || self->checksum_name == NULL)
    {
      ferryd_upload_send (self, FERRYD_UPLOAD_APPEND);
      return;
    }
  self->phase = FERRYD_UPLOAD_OPENING;
  sum = g_new (Sum, 1);
  *sum = (Sum){ ferryd_entity_ref (self->entity), self->checksum_type, self->record->upload_offset,
                self->part_end };
  task = g_task_new (NULL, NULL, on_summed, ferryd_upload_ref (self));
  g_task_set_source_tag (task, append);
  g_task_set_task_data (task, sum, sum_free);
  g_task_run_in_thread (task, sum_in_worker);
}

/* What the server can is not known, or not by what it checks what it gets. */
static gboolean
is_unsure (FerrydUpload *self)
{
  return self->record->upload_protocol == FERRYD_UPLOAD_UNKNOWN ||
         self->record->upload_protocol == FERRYD_UPLOAD_TUS;
}

/**
 * ferryd_upload_go_on:
 * @self: an attempt with an open entity and no fetch
 *
 * Does what is next: finds out what the server can, or what it has got, and sends the rest. Where the server
 * can only be sent all of it, that is what it gets, once.
 */
void
ferryd_upload_go_on (FerrydUpload *self)
{
  gboolean any =
      ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP) || ferryd_upload_wants (self, FERRYD_UPLOAD_TUS);

  if (self->stopping)
    ferryd_upload_stop_now (self);
  else if (any && !self->asked && is_unsure (self))
    ferryd_upload_ask (self, FERRYD_UPLOAD_ASK);
  else if (self->record->upload_url != NULL && self->probed &&
           ferryd_upload_is_complete (self, self->headers, FALSE))
    take_as_answer (self);
  else if (self->record->upload_url != NULL && self->probed)
    append (self);
  else if (self->record->upload_url != NULL)
    ferryd_upload_ask (self, FERRYD_UPLOAD_PROBE);
  else if (self->record->upload_protocol == FERRYD_UPLOAD_TUS)
    ferryd_upload_ask (self, FERRYD_UPLOAD_CREATE);
  else
    ferryd_upload_send (self, FERRYD_UPLOAD_SEND);
}
