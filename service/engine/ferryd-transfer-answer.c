/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

static gint64
get_total (const FerrydTransfer *self, const FerrydAnswer *answer)
{
  return answer->total >= 0 ? answer->total : self->spec->request->expected_size;
}

static void
adopt (FerrydTransfer *self, const FerrydAnswer *answer)
{
  FerrydProgressRecord *record = self->record;

  g_free (record->validator);
  g_free (record->etag);
  g_free (record->last_modified);
  record->validator = g_strdup (answer->validator);
  record->etag = g_strdup (answer->etag);
  record->last_modified = g_strdup (answer->last_modified);
  if (g_strcmp0 (record->uri, self->spec->request->uri) != 0)
    record->digest_failed = FALSE;
  g_free (record->uri);
  record->uri = g_strdup (self->spec->request->uri);
  record->whole_only = !answer->resumable;
  record->mixed = FALSE;
  ferryd_transfer_take_digest (self, answer->digest);
  record->total = get_total (self, answer);
  self->says_size = answer->total >= 0;
}

static void
tell_answer (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;
  FerrydTransferEvent *event = ferryd_transfer_new_event (self, FERRYD_TRANSFER_ANSWERED);

  self->resumable = answer->resumable;
  event->response =
      ferryd_transport_new_response (answer->status, answer->uri, answer->headers, answer->resumable);
  /* A mirror may call it whatever it likes. */
  if (ferryd_transfer_is_own (self, strand->source))
    event->suggested_name = g_strdup (answer->suggested_name);
  ferryd_transfer_emit (self, event);
}

/* Nothing of the body is wanted, for a reason that the answer itself gave: Response says what it was. */
static FerrydFlow
refuse (FerrydStrand *strand, const FerrydAnswer *answer, FerrydFailure *failure)
{
  g_clear_pointer (&failure->response, g_variant_unref);
  failure->response =
      ferryd_transport_new_response (answer->status, answer->uri, answer->headers, answer->resumable);
  g_clear_pointer (&strand->failure, ferryd_failure_free);
  strand->failure = failure;
  return FERRYD_FLOW_STOP;
}

/* The same for a reason of ours, which another source would not change. */
static gboolean
has_no_room (FerrydStrand *strand, const FerrydAnswer *answer, gint64 total)
{
  FerrydFailure *failure = ferryd_sink_expect (strand->transfer->sink, total);

  if (failure == NULL)
    return FALSE;
  g_clear_pointer (&failure->response, g_variant_unref);
  failure->response =
      ferryd_transport_new_response (answer->status, answer->uri, answer->headers, answer->resumable);
  return ferryd_transfer_take_failure (strand->transfer, failure);
}

static FerrydFlow
refuse_changed (FerrydStrand *strand)
{
  strand->changed = TRUE;
  return FERRYD_FLOW_STOP;
}

static FerrydFlow
refuse_ranges (FerrydStrand *strand, const FerrydAnswer *answer)
{
  return refuse (
      strand, answer,
      ferryd_failure_new (FERRY_TRANSFER_ERROR_INSUFFICIENT_RANGE_SUPPORT, FERRYD_REMEDY_FINAL,
                          "The server does not send parts of it that are known to belong together"));
}

static gboolean
is_wrong_size (FerrydStrand *strand, const FerrydAnswer *answer)
{
  gint64 expected = strand->transfer->spec->request->expected_size;
  gint64 total = answer->total;

  if (expected < 0 || total < 0 || total == expected)
    return FALSE;
  refuse (strand, answer,
          ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                              "The server has %" G_GINT64_FORMAT " bytes, but %" G_GINT64_FORMAT
                              " were expected",
                              total, expected));
  return TRUE;
}

/* Random access needs a server that sends parts, says how much there is, and gives something to know another
 * version by: found out before anything is written. */
static gboolean
is_unfit (FerrydStrand *strand, const FerrydAnswer *answer)
{
  if (!strand->transfer->spec->request->random_access || answer->total == 0)
    return FALSE;
  if (answer->total < 0)
    refuse (strand, answer,
            ferryd_failure_new (FERRY_TRANSFER_ERROR_MISSING_CONTENT_LENGTH_SUPPORT, FERRYD_REMEDY_FINAL,
                                "The server does not say how long it is"));
  else if (answer->kind != FERRYD_ANSWER_PART || (answer->etag == NULL && answer->last_modified == NULL))
    refuse_ranges (strand, answer);
  return strand->failure != NULL;
}

static gboolean
is_same (const FerrydProgressRecord *record, const FerrydAnswer *answer)
{
  return answer->etag != NULL && g_strcmp0 (answer->etag, record->etag) == 0 &&
         answer->total == record->total;
}

/* What the server sends is understood and wanted: from here on others may be asked beside it. */
static FerrydFlow
go_on (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;

  strand->answered = TRUE;
  strand->body_end = answer->length >= 0 ? (guint64) (answer->first + answer->length) : G_MAXUINT64;
  if (answer->total >= 0)
    strand->end = MIN (strand->end, (guint64) answer->total);
  self->answered = !strand->rebinds;
  if (self->phase != FERRYD_TRANSFER_FETCHING)
    return FERRYD_FLOW_CONTINUE;
  if (self->strands->len == 1 && ferryd_strand_is_elsewhere (strand))
    {
      strand->leave = TRUE;
      return FERRYD_FLOW_STOP;
    }
  ferryd_transfer_fill (self);
  return FERRYD_FLOW_CONTINUE;
}

/* The whole where a part was asked for, to go with what others send or what is held of another source. */
static FerrydFlow
answered_whole_beside (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;

  if (!is_same (self->record, answer) || ferryd_strand_is_contradicted (strand, answer->digest))
    return refuse_changed (strand);
  if (!ferryd_transfer_is_own (self, strand->source))
    return refuse_ranges (strand, answer);
  self->alone = TRUE;
  strand->leave = TRUE;
  return FERRYD_FLOW_STOP;
}

static FerrydFlow
answered_whole (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;
  guint64 held = ferryd_transfer_get_held (self);

  if (strand->mode == FERRYD_TRANSFER_REPEAT)
    {
      strand->changed = (answer->total >= 0 && (guint64) answer->total != held) ||
                        g_strcmp0 (answer->etag, self->record->etag) != 0;
      return strand->changed ? FERRYD_FLOW_STOP : FERRYD_FLOW_CONTINUE;
    }
  if (strand->mode != FERRYD_TRANSFER_FILL)
    return refuse_changed (strand);
  if (is_wrong_size (strand, answer))
    return FERRYD_FLOW_STOP;
  if (self->strands->len > 1 || (held > 0 && !ferryd_transfer_is_own (self, strand->source)))
    return answered_whole_beside (strand, answer);
  if ((held == 0 || is_same (self->record, answer)) && is_unfit (strand, answer))
    return FERRYD_FLOW_STOP;
  if (has_no_room (strand, answer, get_total (self, answer)))
    return FERRYD_FLOW_STOP;
  if (held > 0 && ferryd_transfer_take_failure (self, ferryd_transfer_count_restart (self)))
    return FERRYD_FLOW_STOP;
  /* From here on nothing fails before what is held is forgotten too: a record with these validators and the
   * bytes of another representation would be believed. */
  adopt (self, answer);
  strand->compare_until = 0;
  strand->compare_from = G_MAXUINT64;
  strand->rebinds = FALSE;
  strand->end = G_MAXINT64;
  ferryd_meter_set_total (self->meter, self->record->total);
  if (held == 0)
    {
      ferryd_sink_snapshot (self->sink, self->record);
      tell_answer (strand, answer);
      return go_on (strand, answer);
    }
  ferryd_transfer_reset (self);
  tell_answer (strand, answer);
  go_on (strand, answer);
  return ferryd_strand_hold (strand, FERRYD_HOLD_RESET);
}

/* Whether a part is none of what is held, as far as can be told by the answer. */
static gboolean
is_other (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;
  const FerrydProgressRecord *record = self->record;

  if ((record->total >= 0 && answer->total >= 0 && answer->total != record->total) ||
      ferryd_strand_is_contradicted (strand, answer->digest))
    return TRUE;
  switch (ferryd_transfer_get_binding (self, strand->source))
    {
    case FERRYD_BINDING_CHECKSUM:
    case FERRYD_BINDING_ANEW:
      return answer->total < 0;
    default:
      if (!ferryd_transfer_is_own (self, strand->source))
        return !is_same (record, answer);
      return answer->etag != NULL && record->etag != NULL && !g_str_equal (answer->etag, record->etag);
    }
}

static void
keep_validators (FerrydStrand *strand, const FerrydAnswer *answer)
{
  strand->validator = g_strdup (answer->validator);
  strand->etag = g_strdup (answer->etag);
  strand->last_modified = g_strdup (answer->last_modified);
  strand->digest = g_strdup (answer->digest);
}

/* A part of what nothing is held of yet: the rest has to go with it. */
static gboolean
begins_with_part (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;

  if (is_unfit (strand, answer))
    return FALSE;
  adopt (self, answer);
  ferryd_meter_set_total (self->meter, self->record->total);
  ferryd_sink_snapshot (self->sink, self->record);
  return TRUE;
}

static FerrydFlow
answered_part (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;
  FerrydProgressRecord *record = self->record;
  gboolean nothing_held = self->strands->len == 1 && ferryd_transfer_get_held (self) == 0;

  if (is_wrong_size (strand, answer))
    return FERRYD_FLOW_STOP;
  if (!nothing_held && is_other (strand, answer))
    return refuse_changed (strand);
  if (has_no_room (strand, answer, answer->total >= 0 ? answer->total : record->total) ||
      (nothing_held && !begins_with_part (strand, answer)))
    return FERRYD_FLOW_STOP;
  self->says_size = self->says_size || answer->total >= 0;
  if (record->total < 0 && answer->total >= 0)
    {
      record->total = answer->total;
      ferryd_meter_set_total (self->meter, record->total);
    }
  /* One that comes only with this answer is of the same. */
  if (!nothing_held && !strand->rebinds && answer->digest != NULL && record->server_digest == NULL)
    ferryd_transfer_take_digest (self, answer->digest);
  if (strand->rebinds)
    keep_validators (strand, answer);
  else if (!nothing_held && !ferryd_transfer_is_own (self, strand->source) &&
           ferryd_transfer_get_binding (self, strand->source) == FERRYD_BINDING_CHECKSUM)
    record->mixed = TRUE;
  if (self->strands->len == 1)
    tell_answer (strand, answer);
  if (!self->parts_proved)
    {
      self->parts_proved = TRUE;
      strand->leave = !ferryd_strand_take_rest (strand);
    }
  return strand->leave ? FERRYD_FLOW_STOP : go_on (strand, answer);
}

/**
 * ferryd_strand_rebind:
 * @strand: a fetch of a URI that is another one than before, which has what is held
 *
 * What is held is taken for a part of what that URI has.
 */
void
ferryd_strand_rebind (FerrydStrand *strand)
{
  FerrydTransfer *self = strand->transfer;
  FerrydProgressRecord *record = self->record;

  strand->rebinds = FALSE;
  g_free (record->validator);
  g_free (record->etag);
  g_free (record->last_modified);
  g_free (record->uri);
  record->validator = g_steal_pointer (&strand->validator);
  record->etag = g_steal_pointer (&strand->etag);
  record->last_modified = g_steal_pointer (&strand->last_modified);
  record->uri = g_strdup (self->spec->request->uri);
  if (strand->digest != NULL)
    ferryd_transfer_take_digest (self, strand->digest);
  record->whole_only = FALSE;
  self->answered = TRUE;
  ferryd_transfer_fill (self);
}

/**
 * ferryd_strand_take_answer:
 * @strand: a fetch
 * @answer: what the server said
 *
 * Finds out what the answer means for what is held.
 *
 * Returns: whether the body is wanted
 */
FerrydFlow
ferryd_strand_take_answer (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;

  switch (answer->kind)
    {
    case FERRYD_ANSWER_WHOLE:
      return answered_whole (strand, answer);
    case FERRYD_ANSWER_PART:
      return answered_part (strand, answer);
    case FERRYD_ANSWER_NOTHING_BEYOND:
      if (answer->total >= 0 &&
          (guint64) answer->total == ferryd_ranges_prefix (ferryd_sink_get_ranges (self->sink)))
        self->record->total = answer->total;
      else
        strand->changed = TRUE;
      return FERRYD_FLOW_CONTINUE;
    case FERRYD_ANSWER_UNCHANGED:
    default:
      tell_answer (strand, answer);
      self->unchanged = TRUE;
      return FERRYD_FLOW_CONTINUE;
    }
}
