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
  record->whole_only = !answer->resumable;
  record->total = get_total (self, answer);
  self->says_size = answer->total >= 0;
}

static void
tell_answer (FerrydTransfer *self, const FerrydAnswer *answer)
{
  FerrydTransferEvent *event = ferryd_transfer_new_event (self, FERRYD_TRANSFER_ANSWERED);

  self->resumable = answer->resumable;
  event->response =
      ferryd_transport_new_response (answer->status, answer->uri, answer->headers, answer->resumable);
  event->suggested_name = g_strdup (answer->suggested_name);
  ferryd_transfer_emit (self, event);
}

/* Nothing of the body is wanted, for a reason that the answer itself gave: Response says what it was. */
static gboolean
refuse (FerrydTransfer *self, const FerrydAnswer *answer, FerrydFailure *failure)
{
  if (!ferryd_transfer_take_failure (self, failure))
    return FALSE;
  g_clear_pointer (&failure->response, g_variant_unref);
  failure->response =
      ferryd_transport_new_response (answer->status, answer->uri, answer->headers, answer->resumable);
  return TRUE;
}

static gboolean
size_differs (FerrydTransfer *self, const FerrydAnswer *answer)
{
  gint64 expected = self->spec->request->expected_size;
  gint64 total = answer->total;

  if (expected < 0 || total < 0 || total == expected)
    return FALSE;
  return refuse (self, answer,
                 ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                                     "The server has %" G_GINT64_FORMAT " bytes, but %" G_GINT64_FORMAT
                                     " were expected",
                                     total, expected));
}

static FerrydFlow
answered_whole (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;

  if (strand->mode == FERRYD_TRANSFER_REPEAT)
    {
      if ((answer->total >= 0 && (guint64) answer->total != ferryd_transfer_get_held (self)) ||
          g_strcmp0 (answer->etag, self->record->etag) != 0)
        strand->changed = TRUE;
      return strand->changed ? FERRYD_FLOW_STOP : FERRYD_FLOW_CONTINUE;
    }
  if (strand->mode == FERRYD_TRANSFER_BEYOND)
    {
      strand->changed = TRUE;
      return FERRYD_FLOW_STOP;
    }
  if (size_differs (self, answer))
    return FERRYD_FLOW_STOP;
  if (refuse (self, answer, ferryd_sink_expect (self->sink, get_total (self, answer))))
    return FERRYD_FLOW_STOP;
  if (ferryd_transfer_get_held (self) > 0 &&
      ferryd_transfer_take_failure (self, ferryd_transfer_count_restart (self)))
    return FERRYD_FLOW_STOP;
  /* From here on nothing fails before what is held is forgotten too: a record with these validators and the
   * bytes of another representation would be believed. */
  adopt (self, answer);
  strand->compare_until = 0;
  ferryd_meter_set_total (self->meter, self->record->total);
  if (ferryd_transfer_get_held (self) == 0)
    {
      ferryd_sink_snapshot (self->sink, self->record);
      tell_answer (self, answer);
      return FERRYD_FLOW_CONTINUE;
    }
  ferryd_transfer_cancel_strands (self, strand);
  ferryd_transfer_reset (self);
  tell_answer (self, answer);
  return ferryd_strand_hold (strand, FERRYD_HOLD_RESET);
}

static FerrydFlow
answered_part (FerrydStrand *strand, const FerrydAnswer *answer)
{
  FerrydTransfer *self = strand->transfer;
  FerrydProgressRecord *record = self->record;

  if (size_differs (self, answer))
    return FERRYD_FLOW_STOP;
  if ((record->total >= 0 && answer->total >= 0 && answer->total != record->total) ||
      (answer->etag != NULL && record->etag != NULL && !g_str_equal (answer->etag, record->etag)))
    {
      strand->changed = TRUE;
      return FERRYD_FLOW_STOP;
    }
  self->says_size = self->says_size || answer->total >= 0;
  if (record->total < 0 && answer->total >= 0)
    {
      record->total = answer->total;
      ferryd_meter_set_total (self->meter, record->total);
    }
  if (refuse (self, answer, ferryd_sink_expect (self->sink, record->total)))
    return FERRYD_FLOW_STOP;
  tell_answer (self, answer);
  return FERRYD_FLOW_CONTINUE;
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
      tell_answer (self, answer);
      self->unchanged = TRUE;
      return FERRYD_FLOW_CONTINUE;
    }
}
