/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

#include "ferryd-failpoint.h"

/* A server whose file changes more often than this during one attempt will not be caught in a stable moment.
 */
#define MAX_RESTARTS 5

/**
 * ferryd_transfer_ref:
 * @self: an attempt
 *
 * Returns: (transfer full): @self
 */
FerrydTransfer *
ferryd_transfer_ref (FerrydTransfer *self)
{
  ferryd_attempt_ref (&self->attempt);
  return self;
}

/**
 * ferryd_transfer_release:
 * @data: (transfer full): an attempt
 */
void
ferryd_transfer_release (gpointer data)
{
  FerrydTransfer *self = data;

  ferryd_attempt_release (&self->attempt);
}

static void
transfer_clear (FerrydAttempt *attempt)
{
  FerrydTransfer *self = (FerrydTransfer *) attempt;

  g_clear_pointer (&self->strands, g_ptr_array_unref);
  g_clear_pointer (&self->sources, g_array_unref);
  g_clear_pointer (&self->allowed, g_array_unref);
  g_clear_pointer (&self->refusal, ferryd_failure_free);
  g_clear_pointer (&self->sink, ferryd_sink_close);
  g_clear_pointer (&self->body, ferryd_entity_unref);
  g_clear_pointer (&self->record, ferryd_progress_record_free);
  g_clear_pointer (&self->syncing, ferryd_progress_record_free);
  g_clear_pointer (&self->failure, ferryd_failure_free);
  g_clear_pointer (&self->meter, ferryd_meter_unref);
  g_clear_pointer (&self->spec, ferryd_transfer_spec_free);
  g_clear_object (&self->transport);
  g_clear_object (&self->opening);
  g_free (self);
}

/**
 * ferryd_transfer_new_event:
 * @self: an attempt
 * @kind: what happened
 *
 * Returns: (transfer full): an event with a copy of the record as it is now
 */
FerrydTransferEvent *
ferryd_transfer_new_event (FerrydTransfer *self, FerrydTransferEventKind kind)
{
  return ferryd_transfer_event_new (kind, self->record, self->restarts);
}

/**
 * ferryd_transfer_emit:
 * @self: an attempt
 * @event: (transfer full): what happened
 *
 * Tells the main thread.
 */
void
ferryd_transfer_emit (FerrydTransfer *self, FerrydTransferEvent *event)
{
  ferryd_attempt_emit (&self->attempt, event);
}

/* The end of an attempt. */

/* A partial file without a byte in it is of no use to anybody. */
static void
drop_if_empty (FerrydTransfer *self)
{
  if (ferryd_ranges_total (ferryd_sink_get_ranges (self->sink)) > 0 || self->record->complete)
    return;
  /* But where somebody may have it open already, to see it grow. */
  if (self->spec->request->random_access)
    return;
  ferryd_sink_drop (g_steal_pointer (&self->sink));
  ferryd_ranges_clear (self->record->ranges);
  self->record->device = 0;
  self->record->inode = 0;
}

/**
 * ferryd_transfer_finish:
 * @self: an attempt, none of whose fetches is being told something
 * @kind: how it ended
 *
 * Cancels its fetches, syncs what is written, closes the sink and sends the last event.
 */
void
ferryd_transfer_finish (FerrydTransfer *self, FerrydTransferEventKind kind)
{
  FerrydTransferEvent *event;

  if (self->phase == FERRYD_TRANSFER_ENDED)
    return;
  ferryd_transfer_cancel_strands (self, NULL);
  if (self->sink != NULL && (kind == FERRYD_TRANSFER_FAILED || kind == FERRYD_TRANSFER_STOPPED))
    {
      gboolean first = self->phase != FERRYD_TRANSFER_ENDING;

      self->phase = FERRYD_TRANSFER_ENDING;
      if (self->syncing != NULL)
        return;
      if (first && ferryd_sink_get_unsynced (self->sink) > 0)
        {
          ferryd_transfer_sync (self);
          return;
        }
    }
  if (self->sink != NULL && kind != FERRYD_TRANSFER_PUBLISHED)
    drop_if_empty (self);
  if (self->sink != NULL)
    ferryd_sink_settle (self->sink, self->record);
  self->phase = FERRYD_TRANSFER_ENDED;
  ferryd_meter_stop (self->meter);
  event = ferryd_transfer_new_event (self, kind);
  event->failure = g_steal_pointer (&self->failure);
  if (kind == FERRYD_TRANSFER_PUBLISHED)
    event->name = g_strdup (self->record->publish_name);
  /* Descriptors go before anybody hears of the end. */
  g_clear_pointer (&self->sink, ferryd_sink_close);
  g_clear_pointer (&self->body, ferryd_entity_unref);
  ferryd_transfer_emit (self, event);
  ferryd_transfer_release (self);
}

/**
 * ferryd_transfer_fail:
 * @self: an attempt, none of whose fetches is being told something
 * @failure: (transfer full): why it ends
 */
void
ferryd_transfer_fail (FerrydTransfer *self, FerrydFailure *failure)
{
  g_clear_pointer (&self->failure, ferryd_failure_free);
  self->failure = failure;
  ferryd_transfer_finish (self, FERRYD_TRANSFER_FAILED);
}

/**
 * ferryd_transfer_end_if_stopping:
 * @self: an attempt, none of whose fetches is being told something
 *
 * Returns: whether it has ended, because it was told to stop
 */
gboolean
ferryd_transfer_end_if_stopping (FerrydTransfer *self)
{
  if (self->stopping)
    ferryd_transfer_finish (self, FERRYD_TRANSFER_STOPPED);
  return self->stopping;
}

/* From nothing. */

/**
 * ferryd_transfer_new_epoch:
 *
 * Returns: a random number
 */
guint64
ferryd_transfer_new_epoch (void)
{
  FerrydId random;
  guint64 epoch;

  ferryd_id_generate (&random);
  memcpy (&epoch, random.bytes + 8, sizeof epoch);
  return epoch;
}

/**
 * ferryd_transfer_count_restart:
 * @self: an attempt
 *
 * Returns: (transfer full) (nullable): why it may not go back to byte 0 once more
 */
FerrydFailure *
ferryd_transfer_count_restart (FerrydTransfer *self)
{
  self->restarts++;
  if (self->restarts <= MAX_RESTARTS)
    return NULL;
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE, FERRYD_REMEDY_FINAL,
                             "What the server sends changed %d times while it was being fetched",
                             MAX_RESTARTS);
}

/**
 * ferryd_transfer_reset:
 * @self: an attempt whose record says by now what will be fetched (validators, total)
 *
 * Waits until it is durable that nothing is held any more; only then is the file emptied.
 */
void
ferryd_transfer_reset (FerrydTransfer *self)
{
  self->record->epoch = ferryd_transfer_new_epoch ();
  ferryd_ranges_clear (self->record->ranges);
  g_clear_pointer (&self->record->digest, g_variant_unref);
  self->record->complete = FALSE;
  self->record->mixed = FALSE;
  self->repeats = 0;
  self->answered = FALSE;
  for (guint i = 0; i < self->sources->len; i++)
    g_array_index (self->sources, FerrydSource, i).other = FALSE;
  self->phase = FERRYD_TRANSFER_RESETTING;
  ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_RESET));
}

static void
transfer_proceed (FerrydAttempt *attempt)
{
  FerrydTransfer *self = (FerrydTransfer *) attempt;
  FerrydFailure *failure;

  if (self->phase == FERRYD_TRANSFER_MOVING)
    ferryd_transfer_forget_former (self);
  if (self->phase == FERRYD_TRANSFER_FETCHING)
    ferryd_transfer_release_body (self);
  if (self->phase != FERRYD_TRANSFER_RESETTING)
    return;
  failure = ferryd_sink_restart (self->sink, self->record->epoch);
  ferryd_meter_reset (self->meter, ferryd_sink_get_ranges (self->sink));
  if (failure != NULL)
    ferryd_transfer_fail (self, failure);
  else if (self->strands->len > 0)
    {
      self->phase = FERRYD_TRANSFER_FETCHING;
      ferryd_strand_release (g_ptr_array_index (self->strands, 0), FERRYD_HOLD_RESET);
      ferryd_transfer_fill (self);
    }
  else
    ferryd_transfer_step (self);
}

/* The way of an attempt. */

/**
 * ferryd_transfer_restart:
 * @self: an attempt, none of whose fetches is being told something
 *
 * What is held is of no use: from byte 0, with another request.
 */
void
ferryd_transfer_restart (FerrydTransfer *self)
{
  FerrydFailure *failure = ferryd_transfer_count_restart (self);

  if (failure != NULL)
    {
      ferryd_transfer_fail (self, failure);
      return;
    }
  ferryd_transfer_cancel_strands (self, NULL);
  g_clear_pointer (&self->record->validator, g_free);
  g_clear_pointer (&self->record->etag, g_free);
  g_clear_pointer (&self->record->last_modified, g_free);
  ferryd_transfer_take_digest (self, NULL);
  self->record->total = -1;
  ferryd_transfer_reset (self);
}

/**
 * ferryd_transfer_step:
 * @self: an attempt with an open sink, none of whose fetches is being told something
 *
 * Fetches what misses, or goes on to the end when nothing does.
 */
void
ferryd_transfer_step (FerrydTransfer *self)
{
  gint64 total = self->record->total;
  /* Of what is empty only a fetch can have said so, in this attempt or in one that came to the last step. */
  gboolean is_known = total > 0 || self->phase == FERRYD_TRANSFER_FETCHING ||
                      (self->spec->record->complete && self->restarts == 0);
  FerrydRange gap;

  if (ferryd_transfer_end_if_stopping (self))
    return;
  if (total >= 0 && !ferryd_ranges_next_gap (ferryd_sink_get_ranges (self->sink), 0, (guint64) total, &gap) &&
      is_known)
    {
      ferryd_transfer_complete (self, TRUE);
      return;
    }
  if (self->strands->len == 0 && !ferryd_transfer_prepare_body (self))
    return;
  ferryd_transfer_give_back (self);
  ferryd_transfer_fill (self);
  if (self->strands->len > 0)
    return;
  /* Nobody is left to ask: from nothing with one that has something else, or not at all. */
  if (ferryd_transfer_may_start_over (self))
    ferryd_transfer_restart (self);
  else
    ferryd_transfer_fail (self, g_steal_pointer (&self->refusal));
}

/* One of several sources had something else. From one alone it may be right. */
static gboolean
may_fetch_unmixed (FerrydTransfer *self, const FerrydFailure *failure)
{
  if (failure->status != FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH || !self->record->mixed ||
      g_array_index (self->sources, FerrydSource, 0).left || self->stopping)
    return FALSE;
  g_message ("What several sources had does not go together: %s is fetched from one",
             self->spec->request->uri);
  for (guint i = 1; i < self->sources->len; i++)
    g_array_index (self->sources, FerrydSource, i).left = TRUE;
  self->restarts++;
  ferryd_transfer_reset (self);
  return TRUE;
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  FerrydFailure *failure = ferryd_sink_verify_finish (self->sink, result);

  if (failure != NULL &&
      (may_fetch_unmixed (self, failure) || ferryd_transfer_may_fetch_again (self, failure)))
    ferryd_failure_free (failure);
  else if (failure != NULL)
    ferryd_transfer_fail (self, failure);
  else if (!ferryd_transfer_end_if_stopping (self))
    {
      self->syncing = ferryd_progress_record_copy (self->record);
      ferryd_sink_snapshot (self->sink, self->syncing);
      ferryd_transfer_take_synced (self);
      g_clear_pointer (&self->syncing, ferryd_progress_record_free);
      self->record->complete = TRUE;
      self->phase = FERRYD_TRANSFER_WAITING;
      FERRYD_FAILPOINT ("transfer-verified");
      ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_COMPLETE));
    }
  ferryd_transfer_release (self);
}

/**
 * ferryd_transfer_complete:
 * @self: an attempt that holds everything
 * @proved: the end was proven
 *
 * Verifies, then asks the main thread for the last step.
 */
void
ferryd_transfer_complete (FerrydTransfer *self, gboolean proved)
{
  const FerrydRanges *ranges = ferryd_sink_get_ranges (self->sink);

  ferryd_transfer_cancel_strands (self, NULL);
  self->phase = FERRYD_TRANSFER_VERIFYING;
  self->record->total = (gint64) ferryd_ranges_total (ranges);
  self->record->complete_proved =
      proved || self->spec->request->checksum != NULL || self->record->server_digest != NULL;
  ferryd_meter_set_total (self->meter, self->record->total);
  if (self->syncing != NULL || ferryd_transfer_verify_body (self))
    return;
  /* What is read of much is recorded on the way, so that a kill does not have it read again. */
  if (ferryd_sink_is_behind (self->sink))
    {
      ferryd_transfer_sync (self);
      return;
    }
  FERRYD_FAILPOINT ("transfer-body-complete");
  ferryd_sink_verify_async (self->sink, (guint64) self->record->total, on_verified,
                            ferryd_transfer_ref (self));
}

static void
on_published (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  g_autoptr (FerrydFailure) failure = ferryd_sink_publish_finish (self->sink, result);

  if (failure == NULL)
    ferryd_transfer_finish (self, FERRYD_TRANSFER_PUBLISHED);
  else if (failure->status != FERRY_TRANSFER_ERROR_DESTINATION_EXISTS)
    ferryd_transfer_fail (self, g_steal_pointer (&failure));
  else if (!ferryd_transfer_end_if_stopping (self))
    {
      FerrydTransferEvent *event = ferryd_transfer_new_event (self, FERRYD_TRANSFER_OCCUPIED);

      event->name = g_strdup (self->record->publish_name);
      self->phase = FERRYD_TRANSFER_WAITING;
      ferryd_transfer_emit (self, event);
    }
  ferryd_transfer_release (self);
}

static void
transfer_begin (FerrydAttempt *attempt)
{
  FerrydTransfer *self = (FerrydTransfer *) attempt;

  /* Held until its last event. */
  ferryd_transfer_ref (self);
  if (!ferryd_transfer_end_if_stopping (self))
    ferryd_transfer_open (self);
}

static void
transfer_stop (FerrydAttempt *attempt)
{
  FerrydTransfer *self = (FerrydTransfer *) attempt;

  self->stopping = TRUE;
  g_cancellable_cancel (self->opening);
  ferryd_transfer_cancel_strands (self, NULL);
  if (self->phase == FERRYD_TRANSFER_FETCHING)
    ferryd_transfer_unseal (self);
  if (self->phase == FERRYD_TRANSFER_FETCHING || self->phase == FERRYD_TRANSFER_RESETTING ||
      self->phase == FERRYD_TRANSFER_MOVING || self->phase == FERRYD_TRANSFER_WAITING)
    ferryd_transfer_finish (self, FERRYD_TRANSFER_STOPPED);
}

static void
transfer_publish (FerrydAttempt *attempt, const char *name, gboolean replace)
{
  FerrydTransfer *self = (FerrydTransfer *) attempt;

  if (self->phase != FERRYD_TRANSFER_WAITING || self->stopping)
    return;
  g_free (self->record->publish_name);
  self->record->publish_name = g_strdup (name);
  self->record->publish_replace = replace;
  self->phase = FERRYD_TRANSFER_PUBLISHING;
  ferryd_sink_publish_async (self->sink, self->record->publish_name, replace, on_published,
                             ferryd_transfer_ref (self));
}

/**
 * ferryd_transfer_start:
 * @io: the I/O thread
 * @transport: the transport that lives there
 * @spec: (transfer full): what to do
 * @meter: where to show how far it is
 * @func: told what happens, in the main thread
 * @user_data: for @func
 *
 * Returns: (transfer full): an attempt under way; it goes on when it is unreferenced, but nobody hears of it
 */
FerrydAttempt *
ferryd_transfer_start (FerrydIoThread *io, FerrydTransport *transport, FerrydTransferSpec *spec,
                       FerrydMeter *meter, FerrydAttemptFunc func, gpointer user_data)
{
  static const FerrydAttemptClass class = { transfer_begin, transfer_proceed, transfer_publish, transfer_stop,
                                            transfer_clear };
  FerrydTransfer *self = g_new0 (FerrydTransfer, 1);

  self->transport = g_object_ref (transport);
  self->opening = g_cancellable_new ();
  self->spec = spec;
  self->meter = ferryd_meter_ref (meter);
  self->strands = g_ptr_array_new_with_free_func (ferryd_strand_free);
  ferryd_transfer_init_sources (self);
  self->record = ferryd_progress_record_copy (spec->record);
  ferryd_attempt_begin (&self->attempt, &class, io, func, user_data);
  return &self->attempt;
}
