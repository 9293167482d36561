/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* What is written is synced and recorded when it is so old or so much (issue of durability against wear): a
 * power loss costs no more than this. Microseconds, bytes. */
#define CHECKPOINT_AGE (5 * G_USEC_PER_SEC)
#define CHECKPOINT_SIZE (64 * 1024 * 1024)

/**
 * ferryd_transfer_take_synced:
 * @self: an attempt whose sync has ended well
 *
 * What was to be synced may be recorded.
 */
void
ferryd_transfer_take_synced (FerrydTransfer *self)
{
  FerrydProgressRecord *synced = self->syncing;

  self->record->device = synced->device;
  self->record->inode = synced->inode;
  self->record->born = synced->born;
  g_clear_pointer (&self->record->ranges, ferryd_ranges_free);
  self->record->ranges = g_steal_pointer (&synced->ranges);
  g_clear_pointer (&self->record->digest, g_variant_unref);
  self->record->digest = g_steal_pointer (&synced->digest);
}

static void
on_synced (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  g_autoptr (FerrydFailure) failure = ferryd_sink_sync_finish (self->sink, result);
  gboolean current = self->syncing != NULL && self->syncing->epoch == self->record->epoch;

  self->synced_at = g_get_monotonic_time ();
  if (failure == NULL && current)
    ferryd_transfer_take_synced (self);
  g_clear_pointer (&self->syncing, ferryd_progress_record_free);
  if (self->phase == FERRYD_TRANSFER_ENDING)
    {
      ferryd_transfer_finish (self, self->failure != NULL ? FERRYD_TRANSFER_FAILED : FERRYD_TRANSFER_STOPPED);
    }
  else if (failure != NULL)
    ferryd_transfer_fail (self, g_steal_pointer (&failure));
  else
    {
      if (current)
        ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_CHECKPOINT));
      if (self->phase == FERRYD_TRANSFER_VERIFYING && !ferryd_transfer_end_if_stopping (self))
        ferryd_transfer_complete (self, self->record->complete_proved);
    }
  ferryd_transfer_release (self);
}

/**
 * ferryd_transfer_sync:
 * @self: an attempt with an open sink and no sync under way
 *
 * Begins to sync what is written by now.
 */
void
ferryd_transfer_sync (FerrydTransfer *self)
{
  self->syncing = ferryd_progress_record_copy (self->record);
  ferryd_sink_snapshot (self->sink, self->syncing);
  ferryd_sink_sync_async (self->sink, on_synced, ferryd_transfer_ref (self));
}

/**
 * ferryd_transfer_checkpoint:
 * @self: an attempt that has just written
 *
 * Syncs and tells when it is time; writing goes on meanwhile.
 */
void
ferryd_transfer_checkpoint (FerrydTransfer *self)
{
  guint64 unsynced = ferryd_sink_get_unsynced (self->sink);

  if (self->syncing != NULL || unsynced == 0)
    return;
  if (unsynced >= CHECKPOINT_SIZE || g_get_monotonic_time () - self->synced_at >= CHECKPOINT_AGE)
    ferryd_transfer_sync (self);
}
