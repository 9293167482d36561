/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/**
 * ferryd_transfer_get_held:
 * @self: an attempt with an open sink
 *
 * Returns: bytes held
 */
guint64
ferryd_transfer_get_held (FerrydTransfer *self)
{
  return ferryd_ranges_total (ferryd_sink_get_ranges (self->sink));
}

/**
 * ferryd_transfer_is_get:
 * @self: an attempt
 *
 * Returns: whether a part may be asked for, and the whole once more: what is an answer to a body need not be
 *   the same a second time
 */
gboolean
ferryd_transfer_is_get (FerrydTransfer *self)
{
  return g_str_equal (self->spec->request->method, "GET") && self->spec->request->content == NULL;
}

/**
 * ferryd_transfer_take_failure:
 * @self: an attempt
 * @failure: (transfer full) (nullable): what ends it, as soon as its fetch has ended
 *
 * Returns: whether there was a failure
 */
gboolean
ferryd_transfer_take_failure (FerrydTransfer *self, FerrydFailure *failure)
{
  if (failure == NULL)
    return FALSE;
  g_clear_pointer (&self->failure, ferryd_failure_free);
  self->failure = failure;
  return TRUE;
}

/**
 * ferryd_strand_new:
 * @self: an attempt
 * @mode: what for
 * @source: where from
 *
 * Returns: (transfer full): a fetch, to be planned and begun
 */
FerrydStrand *
ferryd_strand_new (FerrydTransfer *self, FerrydTransferMode mode, FerrydSource *source)
{
  FerrydStrand *strand = g_new0 (FerrydStrand, 1);

  strand->transfer = self;
  strand->mode = mode;
  strand->source = source;
  strand->end = G_MAXINT64;
  strand->compare_from = G_MAXUINT64;
  return strand;
}

/**
 * ferryd_strand_free:
 * @data: (transfer full): a fetch, begun or not
 *
 * Cancels it, if it has not ended.
 */
void
ferryd_strand_free (gpointer data)
{
  FerrydStrand *strand = data;

  if (strand->fetch != NULL)
    {
      ferryd_transport_cancel (strand->transfer->transport, strand->fetch);
      strand->source->strands--;
    }
  g_free (strand->validator);
  g_free (strand->etag);
  g_free (strand->last_modified);
  g_free (strand->digest);
  g_clear_pointer (&strand->failure, ferryd_failure_free);
  g_clear_pointer (&strand->tap, ferryd_limiter_tap_free);
  g_free (strand);
}

/**
 * ferryd_transfer_cancel_strands:
 * @self: an attempt
 * @but: (nullable): this one goes on
 *
 * Cancels its fetches. One that is being told something must be @but.
 */
void
ferryd_transfer_cancel_strands (FerrydTransfer *self, const FerrydStrand *but)
{
  for (guint i = self->strands->len; i-- > 0;)
    {
      if (g_ptr_array_index (self->strands, i) != but)
        g_ptr_array_remove_index_fast (self->strands, i);
    }
}

/**
 * ferryd_strand_hold:
 * @strand: a fetch that is being told something
 * @reason: why it is to deliver nothing more for now
 *
 * Returns: what to answer to the transport
 */
FerrydFlow
ferryd_strand_hold (FerrydStrand *strand, FerrydHold reason)
{
  strand->holds |= reason;
  return FERRYD_FLOW_HOLD;
}

/**
 * ferryd_strand_release:
 * @strand: a fetch
 * @reason: a reason that holds no longer
 *
 * Lets it go on, if there is no other reason.
 */
void
ferryd_strand_release (FerrydStrand *strand, FerrydHold reason)
{
  if ((strand->holds & reason) == 0)
    return;
  strand->holds &= ~reason;
  if (strand->holds == 0)
    ferryd_transport_resume (strand->transfer->transport, strand->fetch);
}

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  FerrydStrand *strand = user_data;

  strand->position = (guint64) answer->first;
  return ferryd_strand_take_answer (strand, answer);
}

/* Compares what of these bytes lies between @from and @until. */
static gboolean
compare (FerrydStrand *strand, guint64 offset, const guint8 *bytes, gsize size, guint64 from, guint64 until)
{
  FerrydTransfer *self = strand->transfer;
  guint64 begin = CLAMP (from, offset, offset + size);
  guint64 end = CLAMP (until, offset, offset + size);
  gboolean equal = TRUE;

  if (begin < end &&
      ferryd_transfer_take_failure (
          self, ferryd_sink_compare (self->sink, begin, bytes + (begin - offset), end - begin, &equal)))
    return FALSE;
  strand->differs = strand->differs || !equal;
  return equal;
}

static gboolean
write_bytes (FerrydStrand *strand, guint64 offset, const guint8 *bytes, gsize size)
{
  FerrydTransfer *self = strand->transfer;
  gint64 expected = self->spec->request->expected_size;
  gint64 now = g_get_monotonic_time ();

  if (size == 0)
    return TRUE;
  if (expected >= 0 && offset + size > (guint64) expected)
    {
      g_clear_pointer (&strand->failure, ferryd_failure_free);
      strand->failure =
          ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                              "The server sends more than the %" G_GINT64_FORMAT " bytes expected", expected);
      return FALSE;
    }
  if (ferryd_transfer_take_failure (self, ferryd_sink_write (self->sink, offset, bytes, size)))
    {
      /* A part of it may have fitted, or less be held than before. */
      ferryd_meter_reset (self->meter, ferryd_sink_get_ranges (self->sink));
      return FALSE;
    }
  ferryd_meter_add (self->meter, offset, offset + size, now);
  ferryd_transfer_checkpoint (self);
  return TRUE;
}

/* Compares what is held already, as far as that was wanted, and writes the rest. */
static gboolean
take_bytes (FerrydStrand *strand, guint64 offset, const guint8 *bytes, gsize size)
{
  guint64 begin = CLAMP (strand->compare_until, offset, offset + size);
  guint64 end = CLAMP (strand->compare_from, begin, offset + size);

  if (!compare (strand, offset, bytes, size, 0, strand->compare_until) ||
      !write_bytes (strand, begin, bytes + (begin - offset), end - begin) ||
      !compare (strand, offset, bytes, size, strand->compare_from, G_MAXUINT64))
    return FALSE;
  if (strand->rebinds && offset + size >= strand->compare_until)
    ferryd_strand_rebind (strand);
  return TRUE;
}

static void
on_room (gpointer user_data)
{
  ferryd_strand_release (user_data, FERRYD_HOLD_LIMIT);
}

static gsize
find_room (gpointer user_data)
{
  FerrydStrand *strand = user_data;
  gsize room = ferryd_limiter_tap_get_room (strand->tap);

  if (room == 0)
    {
      strand->limited = TRUE;
      (void) ferryd_strand_hold (strand, FERRYD_HOLD_LIMIT);
    }
  return room;
}

/* Every byte of every body comes by here. */
static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydStrand *strand = user_data;
  gint64 now = g_get_monotonic_time ();

  ferryd_limiter_tap_spend (strand->tap, size);
  /* The rest may be another's by now. */
  size = offset < strand->end ? MIN (size, strand->end - offset) : 0;
  ferryd_speed_add (&strand->speed, size, now);
  strand->fetched += size;
  strand->position = offset + size;
  if (!take_bytes (strand, offset, bytes, size) ||
      (strand->position >= strand->end && strand->end < strand->body_end))
    return FERRYD_FLOW_STOP;
  strand->leave = ferryd_strand_is_outdone (strand, now);
  return strand->leave ? FERRYD_FLOW_STOP : FERRYD_FLOW_CONTINUE;
}

static void
on_sent (guint64 offset, gpointer user_data)
{
  const FerrydStrand *strand = user_data;

  ferryd_transfer_take_sent (strand->transfer, offset);
}

static void
on_last_held (gpointer user_data)
{
  const FerrydStrand *strand = user_data;

  ferryd_transfer_seal (strand->transfer);
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydStrand *strand = user_data;
  /* Its share of a limit is given back when the attempt may have ended already. */
  FerrydTransfer *self = ferryd_transfer_ref (strand->transfer);
  gint64 now = g_get_monotonic_time ();
  guint index = 0;

  strand->source->speed = MAX (ferryd_transfer_get_speed (self, strand->source, now), 1);
  strand->source->strands--;
  strand->fetch = NULL;
  g_ptr_array_find (self->strands, strand, &index);
  g_ptr_array_steal_index_fast (self->strands, index);
  ferryd_strand_judge (strand, failure, end);
  ferryd_strand_free (strand);
  ferryd_transfer_release (self);
}

/**
 * ferryd_strand_begin:
 * @strand: (transfer full): a new fetch, planned
 * @request: its range and what that is bound to
 *
 * Asks the transport.
 */
void
ferryd_strand_begin (FerrydStrand *strand, const FerrydFetchRequest *request)
{
  static const FerrydFetchHandler handler = { .answered = on_answered,
                                              .body = on_body,
                                              .ended = on_ended,
                                              .sent = on_sent,
                                              .last_held = on_last_held,
                                              .room = find_room };
  FerrydTransfer *self = strand->transfer;
  FerrydFetchRequest full = *request;

  ferryd_transfer_spec_complete (self->spec, &full);
  ferryd_transfer_add_body (self, &full);
  full.uri = strand->source->uri;
  full.fresh_connection = self->fresh || strand->mode == FERRYD_TRANSFER_REPEAT;
  full.prove_end = ferryd_transfer_is_get (self);
  full.wants_digest = self->spec->request->checksum == NULL;
  strand->first = (guint64) request->first;
  strand->position = strand->first;
  strand->begun = g_get_monotonic_time ();
  strand->source->strands++;
  strand->tap = ferryd_limiter_tap_new (self->attempt.share, on_room, strand);
  g_ptr_array_add (self->strands, strand);
  strand->fetch = ferryd_transport_fetch (self->transport, &full, &handler, strand);
}
