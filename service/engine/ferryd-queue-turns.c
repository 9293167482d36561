/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

typedef struct
{
  FerrydTurnFunc func;
  gpointer data; /* the function's own */
} Turn;

/**
 * ferryd_queue_take_turn:
 * @self: a queue
 * @id: an operation
 * @func: changes it, and calls ferryd_queue_end_turn() when that is done, now or later
 * @data: for @func
 *
 * Calls @func, with a NULL operation when it is gone by then, when nobody else changes the operation: at
 * once, or after those who came before. So every change is checked against a state that holds until it is
 * durable.
 */
void
ferryd_queue_take_turn (FerrydQueue *self, const FerrydId *id, FerrydTurnFunc func, gpointer data)
{
  GQueue *waiting = g_hash_table_lookup (self->turns, id);
  Turn *turn;

  if (waiting == NULL)
    {
      g_hash_table_insert (self->turns, g_memdup2 (id, sizeof *id), g_queue_new ());
      ferryd_queue_hold (self);
      func (self, id, ferryd_queue_lookup (self, id), data);
      return;
    }
  turn = g_new (Turn, 1);
  *turn = (Turn){ func, data };
  g_queue_push_tail (waiting, turn);
}

/**
 * ferryd_queue_end_turn:
 * @self: a queue
 * @id: an operation whose turn was taken
 *
 * Lets the next one have its turn.
 */
void
ferryd_queue_end_turn (FerrydQueue *self, const FerrydId *id)
{
  FerrydId key = *id;
  GQueue *waiting = g_hash_table_lookup (self->turns, &key);
  g_autofree Turn *turn = g_queue_pop_head (waiting);

  if (turn != NULL)
    {
      turn->func (self, &key, ferryd_queue_lookup (self, &key), turn->data);
      return;
    }
  g_hash_table_remove (self->turns, &key);
  ferryd_queue_release (self);
}
