/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

typedef struct
{
  FerrydTransfer *transfer;   /* (owned) */
  FerrydTransferEvent *event; /* (owned) */
} News;

static void
event_free (FerrydTransferEvent *event)
{
  g_clear_pointer (&event->record, ferryd_progress_record_free);
  g_clear_pointer (&event->response, g_variant_unref);
  g_clear_pointer (&event->failure, ferryd_failure_free);
  g_free (event->suggested_name);
  g_free (event->name);
  g_free (event);
}

static void
deliver (gpointer data)
{
  News *news = data;

  if (news->transfer->func != NULL)
    news->transfer->func (news->transfer, news->event, news->transfer->user_data);
  event_free (news->event);
  ferryd_transfer_release (news->transfer);
  g_free (news);
}

/**
 * ferryd_transfer_event_new:
 * @self: an attempt
 * @kind: what happened
 *
 * Returns: (transfer full): an event with a copy of the record as it is now
 */
FerrydTransferEvent *
ferryd_transfer_event_new (FerrydTransfer *self, FerrydTransferEventKind kind)
{
  FerrydTransferEvent *event = g_new0 (FerrydTransferEvent, 1);

  event->kind = kind;
  event->record = ferryd_progress_record_copy (self->record);
  event->restarts = self->restarts;
  return event;
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
  News *news = g_new (News, 1);

  *news = (News){ ferryd_transfer_ref (self), event };
  ferryd_io_thread_post_back (deliver, news);
}
