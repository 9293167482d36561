/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* What the main thread wants of an attempt under way. */
typedef struct
{
  FerrydTransfer *transfer; /* (owned) */
  guint64 offset;
  guint host;
  guint connections;
} Wish;

static void
wish_free (Wish *wish)
{
  ferryd_transfer_release (wish->transfer);
  g_free (wish);
}

static void
prioritize_in_io (gpointer data)
{
  Wish *wish = data;

  if (wish->transfer->phase != FERRYD_TRANSFER_ENDED)
    ferryd_transfer_turn_to (wish->transfer, wish->offset);
  wish_free (wish);
}

/**
 * ferryd_transfer_prioritize:
 * @attempt: one at a download
 * @offset: byte to fetch from first, then the rest
 */
void
ferryd_transfer_prioritize (FerrydAttempt *attempt, guint64 offset)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->transfer = ferryd_transfer_ref ((FerrydTransfer *) attempt);
  wish->offset = offset;
  ferryd_io_thread_post (attempt->io, prioritize_in_io, wish);
}

static void
allow_in_io (gpointer data)
{
  Wish *wish = data;
  FerrydTransfer *self = wish->transfer;
  guint before = g_array_index (self->allowed, guint, wish->host);
  guint after = ferryd_transfer_limit (self, wish->host, wish->connections);

  if (after > before && self->phase == FERRYD_TRANSFER_FETCHING && self->strands->len > 0)
    ferryd_transfer_fill (self);
  if (wish->connections < before && self->phase != FERRYD_TRANSFER_ENDED)
    {
      FerrydTransferEvent *event = ferryd_transfer_new_event (self, FERRYD_TRANSFER_LIMITED);

      event->host = wish->host;
      event->connections = after;
      ferryd_transfer_emit (self, event);
    }
  wish_free (wish);
}

/**
 * ferryd_transfer_allow:
 * @attempt: one at a download
 * @host: which of the request's hosts
 * @connections: it may have there
 *
 * When that is less than before, LIMITED says what it has from then on, which is one more where it could not
 * go on without.
 */
void
ferryd_transfer_allow (FerrydAttempt *attempt, guint host, guint connections)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->transfer = ferryd_transfer_ref ((FerrydTransfer *) attempt);
  wish->host = host;
  wish->connections = connections;
  ferryd_io_thread_post (attempt->io, allow_in_io, wish);
}
