/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

typedef struct
{
  FerrydTurnFunc func;
  gpointer data; /* the function's own */
} Turn;

struct _FerrydTurns
{
  GQueue waiting;   /* (element-type Turn): who comes next */
  gboolean calling; /* the one whose turn it is is being called */
  gboolean ended;   /* and has given it back meanwhile */
};

/**
 * ferryd_turns_free:
 * @data: (transfer full): turns with one operation
 */
void
ferryd_turns_free (gpointer data)
{
  FerrydTurns *turns = data;

  g_queue_clear_full (&turns->waiting, g_free);
  g_free (turns);
}

static void
call (FerrydQueue *self, const FerrydId *id, FerrydTurns *turns, const Turn *turn)
{
  turns->ended = FALSE;
  turns->calling = TRUE;
  turn->func (self, id, ferryd_queue_lookup (self, id), turn->data);
  turns->calling = FALSE;
}

/* In a loop and not from within each other: nobody knows how many wait. */
static void
go_on (FerrydQueue *self, const FerrydId *id, FerrydTurns *turns)
{
  while (turns->ended)
    {
      g_autofree Turn *turn = g_queue_pop_head (&turns->waiting);

      if (turn == NULL)
        {
          g_hash_table_remove (self->turns, id);
          ferryd_queue_release (self);
          return;
        }
      call (self, id, turns, turn);
    }
}

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
  g_autoptr (FerrydQueue) kept = g_object_ref (self);
  FerrydTurns *turns = g_hash_table_lookup (self->turns, id);
  const Turn turn = { func, data };
  const FerrydId key = *id;

  if (turns != NULL)
    {
      g_queue_push_tail (&turns->waiting, g_memdup2 (&turn, sizeof turn));
      return;
    }
  turns = g_new0 (FerrydTurns, 1);
  g_hash_table_insert (self->turns, g_memdup2 (id, sizeof *id), turns);
  ferryd_queue_hold (self);
  call (self, &key, turns, &turn);
  go_on (self, &key, turns);
}

/**
 * ferryd_queue_is_turn_taken:
 * @self: a queue
 * @id: an operation
 *
 * Returns: whether somebody is changing it
 */
gboolean
ferryd_queue_is_turn_taken (FerrydQueue *self, const FerrydId *id)
{
  return g_hash_table_contains (self->turns, id);
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
  g_autoptr (FerrydQueue) kept = g_object_ref (self);
  const FerrydId key = *id;
  FerrydTurns *turns = g_hash_table_lookup (self->turns, &key);

  turns->ended = TRUE;
  if (!turns->calling)
    go_on (self, &key, turns);
}
