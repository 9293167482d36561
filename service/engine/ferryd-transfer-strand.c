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
 * Returns: whether a part may be asked for, and the whole once more
 */
gboolean
ferryd_transfer_is_get (FerrydTransfer *self)
{
  return g_str_equal (self->spec->request->method, "GET");
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
 * ferryd_strand_free:
 * @data: (transfer full): a fetch
 *
 * Cancels it, if it has not ended.
 */
void
ferryd_strand_free (gpointer data)
{
  FerrydStrand *strand = data;

  if (strand->fetch != NULL)
    ferryd_transport_cancel (strand->transfer->transport, strand->fetch);
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

/* What is held already is compared, as far as that was wanted. */
static gsize
compare (FerrydStrand *strand, guint64 offset, const guint8 *bytes, gsize size)
{
  FerrydTransfer *self = strand->transfer;
  gsize part = offset < strand->compare_until ? MIN (size, strand->compare_until - offset) : 0;
  gboolean equal = TRUE;

  if (part > 0 &&
      !ferryd_transfer_take_failure (self, ferryd_sink_compare (self->sink, offset, bytes, part, &equal)))
    strand->differs = !equal;
  return part;
}

static gboolean
write_bytes (FerrydTransfer *self, guint64 offset, const guint8 *bytes, gsize size)
{
  gint64 expected = self->spec->request->expected_size;

  if (size == 0)
    return TRUE;
  if (expected >= 0 && offset + size > (guint64) expected)
    {
      ferryd_transfer_take_failure (
          self, ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                                    "The server sends more than the %" G_GINT64_FORMAT " bytes expected",
                                    expected));
      return FALSE;
    }
  if (ferryd_transfer_take_failure (self, ferryd_sink_write (self->sink, offset, bytes, size)))
    return FALSE;
  ferryd_meter_add (self->meter, offset, offset + size, g_get_monotonic_time ());
  ferryd_transfer_checkpoint (self);
  return TRUE;
}

/* Every byte of every body comes by here. */
static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydStrand *strand = user_data;
  FerrydTransfer *self = strand->transfer;
  gsize compared = compare (strand, offset, bytes, size);

  strand->fetched += size;
  strand->position = offset + size;
  if (self->failure != NULL || strand->differs ||
      !write_bytes (self, offset + compared, bytes + compared, size - compared))
    return FERRYD_FLOW_STOP;
  return FERRYD_FLOW_CONTINUE;
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  FerrydStrand *strand = user_data;
  FerrydTransfer *self = strand->transfer;
  guint index = 0;

  strand->fetch = NULL;
  g_ptr_array_find (self->strands, strand, &index);
  g_ptr_array_steal_index_fast (self->strands, index);
  ferryd_strand_judge (strand, failure, end);
  ferryd_strand_free (strand);
}

/**
 * ferryd_strand_begin:
 * @strand: (transfer full): a new fetch, with its mode
 * @request: its range and what that is bound to
 *
 * Asks the transport.
 */
void
ferryd_strand_begin (FerrydStrand *strand, const FerrydFetchRequest *request)
{
  static const FerrydFetchHandler handler = { on_answered, on_body, on_ended };
  FerrydTransfer *self = strand->transfer;
  const FerrydTransferSpec *spec = self->spec;
  FerrydFetchRequest full = *request;

  full.application = spec->application;
  full.peers = spec->request->peers;
  full.method = spec->request->method;
  full.uri = spec->request->uri;
  full.headers = spec->request->headers;
  full.fresh_connection = self->fresh || strand->mode == FERRYD_TRANSFER_REPEAT;
  full.prove_end = ferryd_transfer_is_get (self);
  full.connect_timeout = spec->connect_timeout;
  full.response_timeout = spec->response_timeout;
  full.stall_timeout = spec->stall_timeout;
  strand->position = (guint64) request->first;
  g_ptr_array_add (self->strands, strand);
  strand->fetch = ferryd_transport_fetch (self->transport, &full, &handler, strand);
}
