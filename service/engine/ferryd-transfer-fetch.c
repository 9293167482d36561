/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* Where a validator is weak or missing, so much of what is held is fetched again and compared before anything
 * is appended (contract, decision 6). Bytes. */
#define OVERLAP (64 * 1024)

/* Up to here a body whose end nothing proves is fetched a second time. Bytes. */
#define REPEAT_MAX (64 * 1024 * 1024)

/* Repeats of one body: the first may show that the body before it was cut, the second then proves the longer
 * one. */
#define MAX_REPEATS 2

static guint64
get_held (FerrydTransfer *self)
{
  return ferryd_ranges_total (ferryd_sink_get_ranges (self->sink));
}

static gboolean
is_get (FerrydTransfer *self)
{
  return g_str_equal (self->spec->request->method, "GET");
}

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

static gboolean
take_failure (FerrydTransfer *self, FerrydFailure *failure)
{
  if (failure == NULL)
    return FALSE;
  g_clear_pointer (&self->failure, ferryd_failure_free);
  self->failure = failure;
  return TRUE;
}

/* Nothing of the body is wanted, for a reason that the answer itself gave: Response says what it was. */
static gboolean
refuse (FerrydTransfer *self, const FerrydAnswer *answer, FerrydFailure *failure)
{
  if (!take_failure (self, failure))
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
answered_whole (FerrydTransfer *self, const FerrydAnswer *answer)
{
  if (self->mode == FERRYD_TRANSFER_REPEAT)
    {
      if ((answer->total >= 0 && (guint64) answer->total != get_held (self)) ||
          g_strcmp0 (answer->etag, self->record->etag) != 0)
        self->changed = TRUE;
      return self->changed ? FERRYD_FLOW_STOP : FERRYD_FLOW_CONTINUE;
    }
  if (self->mode == FERRYD_TRANSFER_BEYOND)
    {
      self->changed = TRUE;
      return FERRYD_FLOW_STOP;
    }
  if (size_differs (self, answer))
    return FERRYD_FLOW_STOP;
  if (refuse (self, answer, ferryd_sink_expect (self->sink, get_total (self, answer))))
    return FERRYD_FLOW_STOP;
  if (get_held (self) > 0 && take_failure (self, ferryd_transfer_count_restart (self)))
    return FERRYD_FLOW_STOP;
  /* From here on nothing fails before what is held is forgotten too: a record with these validators and the
   * bytes of another representation would be believed. */
  adopt (self, answer);
  self->compare_until = 0;
  ferryd_meter_set_total (self->meter, self->record->total);
  if (get_held (self) == 0)
    {
      ferryd_sink_snapshot (self->sink, self->record);
      tell_answer (self, answer);
      return FERRYD_FLOW_CONTINUE;
    }
  self->held = TRUE;
  ferryd_transfer_reset (self);
  tell_answer (self, answer);
  return FERRYD_FLOW_HOLD;
}

static FerrydFlow
answered_part (FerrydTransfer *self, const FerrydAnswer *answer)
{
  FerrydProgressRecord *record = self->record;

  if (size_differs (self, answer))
    return FERRYD_FLOW_STOP;
  if ((record->total >= 0 && answer->total >= 0 && answer->total != record->total) ||
      (answer->etag != NULL && record->etag != NULL && !g_str_equal (answer->etag, record->etag)))
    {
      self->changed = TRUE;
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

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FerrydTransfer *self = user_data;

  switch (answer->kind)
    {
    case FERRYD_ANSWER_WHOLE:
      return answered_whole (self, answer);
    case FERRYD_ANSWER_PART:
      return answered_part (self, answer);
    case FERRYD_ANSWER_NOTHING_BEYOND:
      if (answer->total >= 0 &&
          (guint64) answer->total == ferryd_ranges_prefix (ferryd_sink_get_ranges (self->sink)))
        self->record->total = answer->total;
      else
        self->changed = TRUE;
      return FERRYD_FLOW_CONTINUE;
    case FERRYD_ANSWER_UNCHANGED:
    default:
      tell_answer (self, answer);
      self->unchanged = TRUE;
      return FERRYD_FLOW_CONTINUE;
    }
}

static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  gint64 expected = self->spec->request->expected_size;

  self->fetched += size;
  if (offset < self->compare_until)
    {
      gsize part = MIN (size, self->compare_until - offset);
      gboolean equal = FALSE;

      if (take_failure (self, ferryd_sink_compare (self->sink, offset, bytes, part, &equal)))
        return FERRYD_FLOW_STOP;
      self->differs = !equal;
      if (self->differs)
        return FERRYD_FLOW_STOP;
      offset += part;
      bytes += part;
      size -= part;
    }
  if (size == 0)
    return FERRYD_FLOW_CONTINUE;
  if (expected >= 0 && offset + size > (guint64) expected)
    {
      take_failure (self,
                    ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                                        "The server sends more than the %" G_GINT64_FORMAT " bytes expected",
                                        expected));
      return FERRYD_FLOW_STOP;
    }
  if (take_failure (self, ferryd_sink_write (self->sink, offset, bytes, size)))
    return FERRYD_FLOW_STOP;
  ferryd_meter_add (self->meter, offset, offset + size, g_get_monotonic_time ());
  ferryd_transfer_checkpoint (self);
  return FERRYD_FLOW_CONTINUE;
}

/* Nothing that the server said proves the end: what else can be done. */
static void
doubt (FerrydTransfer *self)
{
  guint64 held = get_held (self);

  if (self->mode == FERRYD_TRANSFER_FILL && held > 0 && self->record->validator != NULL && self->resumable &&
      is_get (self))
    {
      self->mode = FERRYD_TRANSFER_BEYOND;
      ferryd_transfer_fetch (self);
      return;
    }
  if (held <= REPEAT_MAX && self->repeats < MAX_REPEATS && is_get (self))
    {
      self->mode = FERRYD_TRANSFER_REPEAT;
      self->repeats++;
      ferryd_transfer_fetch (self);
      return;
    }
  if (self->end == FERRYD_BODY_END_DOUBTFUL && held <= REPEAT_MAX)
    ferryd_transfer_fail (
        self, ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                                  "The connection ended before the server said that this was all"));
  else
    ferryd_transfer_complete (self, FALSE);
}

static void
judge_repeat (FerrydTransfer *self, const FerrydFailure *failure, FerrydBodyEnd end)
{
  guint64 held = get_held (self);

  if (failure == NULL && !self->changed && !self->differs && self->fetched == held)
    {
      if (end == FERRYD_BODY_END_PROVED || self->end == FERRYD_BODY_END_UNPROVED)
        {
          ferryd_transfer_complete (self, TRUE);
          return;
        }
    }
  else if (failure == NULL && !self->changed && !self->differs && self->fetched > self->compare_until)
    {
      /* The one before was cut: this one is longer. */
      self->end = end;
      if (end == FERRYD_BODY_END_PROVED)
        {
          ferryd_transfer_complete (self, TRUE);
          return;
        }
      doubt (self);
      return;
    }
  self->repeats = MAX_REPEATS;
  doubt (self);
}

static void
judge_fill (FerrydTransfer *self, FerrydBodyEnd end)
{
  guint64 held = get_held (self);
  gint64 total = self->record->total;

  if (total >= 0 && !self->says_size && end == FERRYD_BODY_END_PROVED && held < (guint64) total)
    ferryd_transfer_fail (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                                                    "The server has %" G_GUINT64_FORMAT
                                                    " bytes, but %" G_GINT64_FORMAT " were expected",
                                                    held, total));
  else if (total >= 0 && self->fetched == 0 && held < (guint64) total)
    ferryd_transfer_fail (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                                                    "The server sent nothing of the %" G_GUINT64_FORMAT
                                                    " bytes that miss",
                                                    (guint64) total - held));
  else if (total >= 0)
    ferryd_transfer_step (self);
  else if (end == FERRYD_BODY_END_PROVED)
    ferryd_transfer_complete (self, TRUE);
  else
    {
      self->end = end;
      doubt (self);
    }
}

/* What is held is not what the server has: from byte 0, with another request. */
static void
restart (FerrydTransfer *self)
{
  FerrydFailure *failure = ferryd_transfer_count_restart (self);

  if (failure != NULL)
    {
      ferryd_transfer_fail (self, failure);
      return;
    }
  g_clear_pointer (&self->record->validator, g_free);
  g_clear_pointer (&self->record->etag, g_free);
  g_clear_pointer (&self->record->last_modified, g_free);
  self->record->total = -1;
  ferryd_transfer_reset (self);
}

static void
judge_failure (FerrydTransfer *self, const FerrydFailure *failure)
{
  FerrydFailure *copy;

  if (failure->remedy == FERRYD_REMEDY_RESTART && get_held (self) > 0)
    {
      restart (self);
      return;
    }
  if (failure->remedy == FERRYD_REMEDY_AT_ONCE && !self->tried_at_once)
    {
      self->tried_at_once = TRUE;
      self->fresh = TRUE;
      ferryd_transfer_step (self);
      return;
    }
  copy = ferryd_failure_copy (failure);
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE || copy->remedy == FERRYD_REMEDY_RESTART)
    copy->remedy = FERRYD_REMEDY_RETRY;
  ferryd_transfer_fail (self, copy);
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydTransfer *self = user_data;

  self->fetch = NULL;
  self->held = FALSE;
  if (self->failure != NULL)
    ferryd_transfer_fail (self, g_steal_pointer (&self->failure));
  else if (self->mode == FERRYD_TRANSFER_REPEAT)
    judge_repeat (self, failure, end);
  else if (self->mode == FERRYD_TRANSFER_BEYOND && (failure != NULL || self->changed))
    doubt (self);
  else if (failure != NULL)
    judge_failure (self, failure);
  else if (self->changed || self->differs)
    restart (self);
  else if (self->unchanged)
    ferryd_transfer_finish (self, FERRYD_TRANSFER_UNCHANGED);
  else
    judge_fill (self, end);
}

static const FerrydFetchHandler handler = { on_answered, on_body, on_ended };

/* Where the next fetch begins and ends, and what it is bound to. */
static void
plan_fill (FerrydTransfer *self, FerrydFetchRequest *request)
{
  const FerrydRanges *ranges = ferryd_sink_get_ranges (self->sink);
  FerrydProgressRecord *record = self->record;
  guint64 size = record->total >= 0 ? (guint64) record->total : G_MAXINT64;
  FerrydRange gap;

  if (ferryd_ranges_total (ranges) == 0 || !is_get (self) || record->whole_only ||
      !ferryd_ranges_next_gap (ranges, 0, size, &gap))
    return;
  if (record->validator == NULL && (record->total < 0 || gap.start == 0))
    return;
  request->if_range = record->validator;
  if (record->validator == NULL)
    {
      guint64 begin = gap.start - MIN (gap.start, OVERLAP);

      while (!ferryd_ranges_contains (ranges, begin, gap.start))
        begin += (gap.start - begin + 1) / 2;
      self->compare_until = gap.start;
      gap.start = begin;
    }
  request->first = (gint64) gap.start;
  request->last = gap.end < size ? (gint64) gap.end - 1 : -1;
}

/**
 * ferryd_transfer_fetch:
 * @self: an attempt with an open sink and no fetch
 *
 * Asks the transport for what the mode wants.
 */
void
ferryd_transfer_fetch (FerrydTransfer *self)
{
  FerrydFetchRequest request = {
    .application = self->spec->application,
    .method = self->spec->request->method,
    .uri = self->spec->request->uri,
    .headers = self->spec->request->headers,
    .last = -1,
    .fresh_connection = self->fresh || self->mode == FERRYD_TRANSFER_REPEAT,
    .prove_end = is_get (self),
    .connect_timeout = self->spec->connect_timeout,
    .response_timeout = self->spec->response_timeout,
    .stall_timeout = self->spec->stall_timeout,
  };

  self->compare_until = 0;
  self->fetched = 0;
  self->differs = FALSE;
  self->changed = FALSE;
  if (self->mode == FERRYD_TRANSFER_FILL)
    plan_fill (self, &request);
  else if (self->mode == FERRYD_TRANSFER_BEYOND)
    {
      request.first = (gint64) ferryd_ranges_prefix (ferryd_sink_get_ranges (self->sink));
      request.if_range = self->record->validator;
    }
  else
    self->compare_until = get_held (self);
  self->first = (guint64) request.first;
  self->phase = FERRYD_TRANSFER_FETCHING;
  self->fetch = ferryd_transport_fetch (self->transport, &request, &handler, self);
}
