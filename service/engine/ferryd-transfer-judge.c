/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* Up to here a body whose end nothing proves is fetched a second time. Bytes. */
#define REPEAT_MAX (64 * 1024 * 1024)

/* Repeats of one body: the first may show that the body before it was cut, the second then proves the longer
 * one. */
#define MAX_REPEATS 2

/* Nothing that the server said proves the end: what else can be done. */
static void
doubt (FerrydStrand *strand)
{
  FerrydTransfer *self = strand->transfer;
  guint64 held = ferryd_transfer_get_held (self);

  if (strand->mode == FERRYD_TRANSFER_FILL && held > 0 && self->record->validator != NULL &&
      self->resumable && ferryd_transfer_is_get (self))
    {
      ferryd_transfer_fetch (self, FERRYD_TRANSFER_BEYOND);
      return;
    }
  if (held <= REPEAT_MAX && self->repeats < MAX_REPEATS && ferryd_transfer_is_get (self))
    {
      self->repeats++;
      ferryd_transfer_fetch (self, FERRYD_TRANSFER_REPEAT);
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
judge_repeat (FerrydStrand *strand, const FerrydFailure *failure, FerrydBodyEnd end)
{
  FerrydTransfer *self = strand->transfer;
  guint64 held = ferryd_transfer_get_held (self);

  if (failure == NULL && !strand->changed && !strand->differs && strand->fetched == held)
    {
      if (end == FERRYD_BODY_END_PROVED || self->end == FERRYD_BODY_END_UNPROVED)
        {
          ferryd_transfer_complete (self, TRUE);
          return;
        }
    }
  else if (failure == NULL && !strand->changed && !strand->differs && strand->fetched > strand->compare_until)
    {
      /* The one before was cut: this one is longer. */
      self->end = end;
      if (end == FERRYD_BODY_END_PROVED)
        {
          ferryd_transfer_complete (self, TRUE);
          return;
        }
      doubt (strand);
      return;
    }
  self->repeats = MAX_REPEATS;
  doubt (strand);
}

static FerrydFailure *
sent_nothing (FerrydTransfer *self)
{
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                             "The server sent nothing of the %" G_GUINT64_FORMAT " bytes that miss",
                             (guint64) self->record->total - ferryd_transfer_get_held (self));
}

/* One fetch less, and perhaps one source less; the attempt goes on as long as there is another. */
static void
lose (FerrydStrand *strand, const FerrydFailure *failure)
{
  FerrydTransfer *self = strand->transfer;

  if (strand->source->strands > 0)
    self->most_strands = self->strands->len;
  else
    ferryd_transfer_leave_source (self, strand->source, failure);
  ferryd_transfer_step (self);
}

static void
judge_failure (FerrydStrand *strand, const FerrydFailure *failure)
{
  FerrydTransfer *self = strand->transfer;
  g_autoptr (FerrydFailure) copy = NULL;

  if (ferryd_transfer_judge_body (self, failure))
    return;
  if (failure->remedy == FERRYD_REMEDY_RESTART && strand->first > 0 && ferryd_transfer_get_held (self) == 0 &&
      self->record->from > 0)
    {
      /* There is nothing where it was asked for first. */
      self->record->from = 0;
      ferryd_transfer_step (self);
      return;
    }
  if (failure->remedy == FERRYD_REMEDY_RESTART && ferryd_transfer_get_held (self) > 0 &&
      ferryd_transfer_is_own (self, strand->source) && self->strands->len == 0)
    {
      ferryd_transfer_restart (self);
      return;
    }
  if (failure->remedy == FERRYD_REMEDY_AT_ONCE && !self->tried_at_once)
    {
      self->tried_at_once = TRUE;
      self->fresh = TRUE;
      self->prefer = strand->source;
      ferryd_transfer_step (self);
      return;
    }
  copy = ferryd_failure_copy (failure);
  if (copy->remedy == FERRYD_REMEDY_AT_ONCE || copy->remedy == FERRYD_REMEDY_RESTART)
    copy->remedy = FERRYD_REMEDY_RETRY;
  lose (strand, copy);
}

/* What came is not what is held. */
static void
judge_other (FerrydStrand *strand)
{
  FerrydTransfer *self = strand->transfer;

  if (ferryd_transfer_is_own (self, strand->source))
    {
      ferryd_transfer_restart (self);
      return;
    }
  strand->source->other = TRUE;
  ferryd_transfer_step (self);
}

static void
judge_fill (FerrydStrand *strand, FerrydBodyEnd end)
{
  FerrydTransfer *self = strand->transfer;
  guint64 held = ferryd_transfer_get_held (self);
  gint64 total = self->record->total;

  if (total >= 0 && !self->says_size && end == FERRYD_BODY_END_PROVED && held < (guint64) total)
    {
      strand->failure = ferryd_failure_new (
          FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
          "The server has %" G_GUINT64_FORMAT " bytes, but %" G_GINT64_FORMAT " were expected", held, total);
      lose (strand, strand->failure);
    }
  else if (total >= 0 && strand->fetched == 0 && strand->position < strand->end && held < (guint64) total)
    {
      strand->failure = sent_nothing (self);
      lose (strand, strand->failure);
    }
  else if (total >= 0)
    ferryd_transfer_step (self);
  else if (end == FERRYD_BODY_END_PROVED)
    ferryd_transfer_complete (self, TRUE);
  else
    {
      self->end = end;
      doubt (strand);
    }
}

/* What was to be compared with another URI's. */
static void
judge_proof (FerrydStrand *strand)
{
  if (strand->rebinds)
    {
      strand->failure = sent_nothing (strand->transfer);
      lose (strand, strand->failure);
    }
  else
    ferryd_transfer_step (strand->transfer);
}

/**
 * ferryd_strand_judge:
 * @strand: a fetch that has ended, and is none of its attempt's any more
 * @failure: (nullable): why its body is not whole
 * @end: how sure its end is
 *
 * Goes on with the attempt.
 */
void
ferryd_strand_judge (FerrydStrand *strand, const FerrydFailure *failure, FerrydBodyEnd end)
{
  FerrydTransfer *self = strand->transfer;

  if (self->failure != NULL)
    {
      ferryd_transfer_settle_remedy (self, self->failure);
      ferryd_transfer_fail (self, g_steal_pointer (&self->failure));
    }
  else if (strand->mode == FERRYD_TRANSFER_REPEAT)
    judge_repeat (strand, failure, end);
  else if (strand->mode == FERRYD_TRANSFER_BEYOND && (failure != NULL || strand->changed))
    doubt (strand);
  else if (strand->leave)
    ferryd_transfer_step (self);
  else if (strand->failure != NULL)
    {
      ferryd_transfer_settle_remedy (self, strand->failure);
      lose (strand, strand->failure);
    }
  else if (failure != NULL)
    judge_failure (strand, failure);
  else if (strand->changed || strand->differs)
    judge_other (strand);
  else if (self->unchanged)
    ferryd_transfer_finish (self, FERRYD_TRANSFER_UNCHANGED);
  else if (strand->mode == FERRYD_TRANSFER_PROVE)
    judge_proof (strand);
  else
    judge_fill (strand, end);
}
