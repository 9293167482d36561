/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

static FerrydSinkSpec
get_sink_spec (const FerrydTransfer *self)
{
  const char *asked = self->spec->request->checksum;
  const FerrydSinkSpec spec = {
    .id = self->spec->id,
    .target = self->spec->request->target,
    .journal_directory = self->spec->journal_directory,
    .checksum = asked != NULL ? asked : self->record->server_digest,
    .told = asked == NULL,
    .cancellable = self->opening,
  };

  return spec;
}

static void
on_former_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;

  if (self->phase == FERRYD_TRANSFER_MOVING)
    {
      ferryd_folder_clear (&self->record->former);
      ferryd_transfer_step (self);
    }
  ferryd_transfer_release (self);
}

/* Waits until it is durable that the copy is what is held; only then does the former file go. */
static void
move (FerrydTransfer *self)
{
  ferryd_sink_snapshot (self->sink, self->record);
  ferryd_progress_record_leave (self->record);
  self->phase = FERRYD_TRANSFER_MOVING;
  ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_MOVED));
}

/**
 * ferryd_transfer_forget_former:
 * @self: an attempt whose copy of a partial file is durable
 *
 * Deletes the one it was copied from, then goes on.
 */
void
ferryd_transfer_forget_former (FerrydTransfer *self)
{
  ferryd_sink_forget_former_async (self->sink, self->record, on_former_forgotten, ferryd_transfer_ref (self));
}

/* What cannot fit is not asked for: neither at first, where its size is expected, nor while the disk is full.
 */
static FerrydFailure *
check_room (FerrydTransfer *self)
{
  gint64 total = self->record->total >= 0 ? self->record->total : self->spec->request->expected_size;

  return ferryd_sink_expect (self->sink, total);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;
  g_autoptr (FerrydFailure) failure = NULL;
  const FerrydRanges *held;
  guint64 recorded = ferryd_ranges_total (self->record->ranges);

  self->sink = ferryd_sink_open_finish (result, &failure);
  if (self->sink == NULL)
    {
      if (!ferryd_transfer_end_if_stopping (self))
        ferryd_transfer_fail (self, g_steal_pointer (&failure));
      ferryd_transfer_release (self);
      return;
    }
  held = ferryd_sink_get_ranges (self->sink);
  ferryd_meter_reset (self->meter, held);
  ferryd_meter_set_total (self->meter, self->record->total);
  self->record->complete = FALSE;
  self->record->modified = 0;
  self->synced_at = g_get_monotonic_time ();
  if (ferryd_sink_is_copied (self->sink))
    {
      move (self);
      ferryd_transfer_end_if_stopping (self);
      ferryd_transfer_release (self);
      return;
    }
  ferryd_folder_clear (&self->record->folder);
  ferryd_folder_clear (&self->record->former);
  if (ferryd_transfer_end_if_stopping (self))
    ;
  else if (recorded > 0 && ferryd_ranges_total (held) == 0)
    {
      g_message ("Nothing is left of what was held of %s: beginning again", self->spec->request->uri);
      self->restarts++;
      ferryd_transfer_reset (self);
    }
  else
    {
      if (recorded == 0 && ferryd_ranges_total (held) == 0)
        ferryd_sink_snapshot (self->sink, self->record);
      failure = check_room (self);
      if (failure != NULL)
        {
          ferryd_transfer_fail (self, g_steal_pointer (&failure));
          ferryd_transfer_release (self);
          return;
        }
      /* Somebody may wait to have it open. */
      if (self->spec->request->random_access)
        ferryd_transfer_emit (self, ferryd_transfer_new_event (self, FERRYD_TRANSFER_CHECKPOINT));
      ferryd_transfer_step (self);
    }
  ferryd_transfer_release (self);
}

static void
open_sink (FerrydTransfer *self)
{
  FerrydSinkSpec spec = get_sink_spec (self);

  if (self->record->epoch == 0)
    self->record->epoch = ferryd_transfer_new_epoch ();
  self->phase = FERRYD_TRANSFER_OPENING;
  ferryd_sink_open_async (&spec, self->record, on_opened, ferryd_transfer_ref (self));
}

/* A kill may have come between the last step and its record: then the work is done already. */

static void
look_for_result (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  FerrydTransfer *self = task_data;
  FerrydSinkSpec spec = get_sink_spec (self);

  g_task_return_boolean (task, ferryd_sink_is_published (&spec, self->spec->record));
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydTransfer *self = user_data;

  if (g_task_propagate_boolean (G_TASK (result), NULL))
    ferryd_transfer_finish (self, FERRYD_TRANSFER_PUBLISHED);
  else if (!ferryd_transfer_end_if_stopping (self))
    open_sink (self);
}

/**
 * ferryd_transfer_open:
 * @self: an attempt that begins
 *
 * Opens the partial file and goes on with it, unless the last step turns out to be done already.
 */
void
ferryd_transfer_open (FerrydTransfer *self)
{
  g_autoptr (GTask) task = NULL;

  if (!self->record->complete || self->record->publish_name == NULL)
    {
      open_sink (self);
      return;
    }
  task = g_task_new (NULL, NULL, on_looked, self);
  g_task_set_source_tag (task, ferryd_transfer_open);
  g_task_set_task_data (task, ferryd_transfer_ref (self), ferryd_transfer_release);
  g_task_run_in_thread (task, look_for_result);
}
