/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* An operation runs in a slot, which is one connection to its host. What it may have beside that, and to its
 * mirrors' hosts, is lent as long as no other operation waits for it: never more in all than the limit per
 * host, and nobody starves. */

struct _FerrydLoan
{
  FerrydHost *host;  /* (unowned): entered for as long as this is there */
  guint connections; /* lent */
  gboolean owed;     /* one was asked for */
};

/* What the attempt may have at a host. */
static guint
get_allowed (const FerrydLive *live, guint index)
{
  return g_array_index (live->loans, FerrydLoan, index).connections + (index == 0 ? 1 : 0);
}

/**
 * ferryd_queue_begin_loans:
 * @self: a queue
 * @operation: one whose attempt has just begun
 *
 * From now on it takes part in what is lent, if it has a use for that.
 */
void
ferryd_queue_begin_loans (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;
  g_auto (GStrv) hosts = NULL;

  if (operation->kind != FERRY_KIND_DOWNLOAD || !g_str_equal (live->request->method, "GET") ||
      (live->request->connections <= 1 && live->request->mirrors == NULL))
    return;
  hosts = ferryd_request_get_hosts (live->request);
  live->loans = g_array_new (FALSE, TRUE, sizeof (FerrydLoan));
  for (guint i = 0; hosts[i] != NULL; i++)
    {
      FerrydLoan loan = { .host = ferryd_lanes_enter_host (self->lanes, hosts[i]) };

      g_array_append_val (live->loans, loan);
    }
  g_ptr_array_add (self->borrowers, operation);
  ferryd_queue_schedule (self);
}

/**
 * ferryd_queue_end_loans:
 * @self: a queue
 * @operation: one whose attempt is over
 *
 * Everything goes back.
 */
void
ferryd_queue_end_loans (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;

  if (live->loans == NULL)
    return;
  g_ptr_array_remove (self->borrowers, operation);
  for (guint i = 0; i < live->loans->len; i++)
    {
      FerrydLoan *loan = &g_array_index (live->loans, FerrydLoan, i);

      ferryd_lanes_take_back (self->lanes, loan->host, loan->connections, loan->owed);
      ferryd_lanes_leave_host (self->lanes, loan->host);
    }
  g_clear_pointer (&live->loans, g_array_unref);
}

/**
 * ferryd_queue_take_limited:
 * @self: a queue
 * @operation: one that was asked to give a connection back
 * @event: what it has from now on
 */
void
ferryd_queue_take_limited (FerrydQueue *self, FerrydOperation *operation, const FerrydTransferEvent *event)
{
  FerrydLive *live = operation->run->live;
  FerrydLoan *loan;
  guint before;

  if (live->loans == NULL)
    return;
  loan = &g_array_index (live->loans, FerrydLoan, event->host);
  before = get_allowed (live, event->host);
  if (event->connections < before)
    loan->connections -= before - event->connections;
  ferryd_lanes_take_back (self->lanes, loan->host, before - get_allowed (live, event->host), loan->owed);
  loan->owed = FALSE;
  if (event->connections < before)
    ferryd_queue_schedule (self);
}

/* Asks for one connection back from each host where one is wanted. */
static void
recall (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;

  for (guint i = 0; i < live->loans->len; i++)
    {
      FerrydLoan *loan = &g_array_index (live->loans, FerrydLoan, i);

      if (loan->connections == 0 || loan->owed || !ferryd_lanes_recall (self->lanes, loan->host))
        continue;
      loan->owed = TRUE;
      ferryd_transfer_allow (live->transfer, i, get_allowed (live, i) - 1);
    }
}

/* One connection more, where there is one. */
static gboolean
lend (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;
  gboolean any = FALSE;

  if (live->stopping || live->over)
    return FALSE;
  for (guint i = 0; i < live->loans->len; i++)
    {
      FerrydLoan *loan = &g_array_index (live->loans, FerrydLoan, i);

      if (loan->owed || get_allowed (live, i) >= live->request->connections ||
          !ferryd_lanes_lend (self->lanes, loan->host))
        continue;
      loan->connections++;
      ferryd_transfer_allow (live->transfer, i, get_allowed (live, i));
      any = TRUE;
    }
  return any;
}

/**
 * ferryd_queue_share:
 * @self: a queue, in which everything runs that may
 *
 * Asks back what others wait for, and lends what nobody does, one by one to each who has a use for it.
 */
void
ferryd_queue_share (FerrydQueue *self)
{
  gboolean again = TRUE;

  /* From the one that began last. */
  for (guint i = self->borrowers->len; i-- > 0;)
    recall (self, g_ptr_array_index (self->borrowers, i));
  while (again)
    {
      again = FALSE;
      for (guint i = 0; i < self->borrowers->len; i++)
        again = lend (self, g_ptr_array_index (self->borrowers, i)) || again;
    }
}
