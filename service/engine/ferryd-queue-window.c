/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* The times before and after which operations may not run: times of the wall clock, which may be set. What an
 * alarm of the other clock says of them is looked at again when that happens, and once a day. */

/* Microseconds. */
#define MAX_SLEEP ((gint64) 24 * 3600 * G_USEC_PER_SEC)

/* One operation's, of those that have any. */
typedef struct
{
  gint64 not_before; /* Unix microseconds, 0 none */
  gint64 not_after;  /* the same */
  gboolean failing;  /* its end has passed, and that is being recorded */
} Window;

static void set_alarm (FerrydQueue *self);

/* Its end has passed. */

static FerrydFailure *
new_failure (void)
{
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_DEADLINE_PASSED, FERRYD_REMEDY_FINAL,
                             "It had not ended at the time after which it is not wanted any more");
}

static void
apply_failure (FerrydQueue *self, FerrydOperation *operation, const FerrydRow *row)
{
  ferryd_operation_apply (operation, FERRYD_OPERATION_FAIL, NULL);
  ferryd_queue_clear_alarm (self, operation);
  operation->error_status = (gint8) row->error_status;
  operation->run->finished = row->finished;
  operation->run->retry_at = 0;
  operation->run->disk_full_since = 0;
  operation->run->causes = 0;
  operation->owner->unfinished--;
  ferryd_queue_unclaim (self, operation);
  ferryd_queue_withdraw (self, operation);
  ferryd_queue_note (self, operation);
  ferryd_queue_emit_changed (self, operation, TRUE);
  ferryd_queue_emit_ended (self, operation);
  ferryd_queue_purge (self);
}

static void
on_failure_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;
  FerrydQueue *self = step->queue;
  FerrydOperation *operation = ferryd_queue_lookup (self, &step->id);
  Window *window = g_hash_table_lookup (self->windows, operation);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  window->failing = FALSE;
  if (batch != NULL)
    apply_failure (self, operation, ferryd_batch_peek (batch, 0)->row);
  else
    {
      g_warning ("That a transfer's time has passed cannot be recorded, trying again: %s", error->message);
      set_alarm (self);
    }
  ferryd_queue_end_turn (self, &step->id);
}

static void
on_request_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;
  FerrydOperation *operation = ferryd_queue_lookup (step->queue, &step->id);
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, NULL);
  g_autoptr (FerrydRequest) request =
      rows != NULL ? ferryd_row_get_request (operation, g_ptr_array_index (rows, 0), NULL) : NULL;
  g_autoptr (FerrydFailure) failure = new_failure ();
  FerrydRow *row = ferryd_operation_to_row (operation, FERRYD_COLUMN_STATE | FERRYD_COLUMN_ERROR |
                                                           FERRYD_COLUMN_NOTIFICATION);

  row->state = FERRY_STATE_ERROR;
  row->error_status = (int) failure->status;
  row->finished = ferryd_queue_now (step->queue);
  row->retry_at = 0;
  g_free (row->error_message);
  row->error_message = g_strdup (failure->message);
  row->notification_pending = request != NULL && ferryd_queue_wants_notification (request, FERRY_STATE_ERROR);
  ferryd_queue_commit_step (step->queue, operation, row, on_failure_recorded);
}

static gboolean
is_over (const FerrydQueue *self, const FerrydOperation *operation, const Window *window, gint64 now)
{
  return window->not_after != 0 && now >= window->not_after && !ferry_state_is_ended (operation->state);
}

static void
fail_in_turn (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  Window *window = operation != NULL ? g_hash_table_lookup (self->windows, operation) : NULL;
  FerrydLive *live = operation != NULL ? operation->run->live : NULL;

  if (window != NULL && live == NULL && is_over (self, operation, window, ferryd_queue_now (self)))
    {
      ferryd_store_read_async (self->store, id, 1, FERRYD_COLUMN_REQUEST, on_request_read,
                               ferryd_step_new (self, operation));
      return;
    }
  /* An attempt ends as one that has failed. One that is ending already is asked about again afterwards. */
  if (window != NULL)
    window->failing = FALSE;
  if (window != NULL && live != NULL && !live->over && !live->stopping &&
      is_over (self, operation, window, ferryd_queue_now (self)))
    {
      g_clear_pointer (&live->failure, ferryd_failure_free);
      live->failure = new_failure ();
      ferryd_queue_stop (self, operation);
    }
  ferryd_queue_end_turn (self, id);
}

/**
 * ferryd_queue_check_window:
 * @self: a queue
 * @operation: an operation
 *
 * Lets it fail if the end of its time has passed before its own.
 *
 * Returns: whether it has
 */
gboolean
ferryd_queue_check_window (FerrydQueue *self, FerrydOperation *operation)
{
  Window *window = g_hash_table_lookup (self->windows, operation);

  if (window == NULL || !is_over (self, operation, window, ferryd_queue_now (self)))
    return FALSE;
  if (!window->failing)
    {
      window->failing = TRUE;
      ferryd_queue_take_turn (self, &operation->id, fail_in_turn, NULL);
    }
  return TRUE;
}

/* The next time that something is different. */

static void
on_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;

  self->window_alarm = 0;
  ferryd_queue_evaluate_windows (self);
}

static void
take_earlier (gint64 *next, gint64 time, gint64 now)
{
  if (time > now && (*next == 0 || time < *next))
    *next = time;
}

static void
set_alarm (FerrydQueue *self)
{
  gint64 now = ferryd_queue_now (self);
  gint64 next = 0;
  GHashTableIter iter;
  FerrydOperation *operation;
  Window *window;

  ferryd_clock_clear_alarm (self->clock, &self->window_alarm);
  g_hash_table_iter_init (&iter, self->windows);
  while (g_hash_table_iter_next (&iter, (gpointer *) &operation, (gpointer *) &window))
    {
      if (ferry_state_is_ended (operation->state))
        continue;
      take_earlier (&next, window->not_before, now);
      take_earlier (&next, window->not_after, now);
      /* What could not be recorded. */
      if (is_over (self, operation, window, now) && !window->failing)
        take_earlier (&next, now + (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000, now);
    }
  if (next != 0 && !self->closing)
    self->window_alarm = ferryd_clock_add_alarm (
        self->clock, ferryd_clock_elapsed (self->clock) + MIN (next - now, MAX_SLEEP), on_alarm, self);
}

/**
 * ferryd_queue_evaluate_windows:
 * @self: a queue
 *
 * Looks at every operation that has a time to run in: that has come, has passed, or the clock was set.
 */
void
ferryd_queue_evaluate_windows (FerrydQueue *self)
{
  g_autoptr (GList) operations = g_hash_table_get_keys (self->windows);

  for (GList *l = operations; l != NULL; l = l->next)
    {
      FerrydOperation *operation = l->data;

      if (!ferryd_queue_check_window (self, operation))
        ferryd_queue_evaluate (self, operation);
    }
  set_alarm (self);
}

/**
 * ferryd_queue_add_window:
 * @self: a queue
 * @operation: an operation that was just inserted
 * @row: its record
 *
 * Remembers the time that it is to run in, if there is one.
 */
void
ferryd_queue_add_window (FerrydQueue *self, FerrydOperation *operation, const FerrydRow *row)
{
  Window *window;

  if (row->not_before == 0 && row->not_after == 0)
    return;
  window = g_new0 (Window, 1);
  window->not_before = row->not_before;
  window->not_after = row->not_after;
  g_hash_table_insert (self->windows, operation, window);
  set_alarm (self);
}

/**
 * ferryd_queue_drop_window:
 * @self: a queue
 * @operation: one that is being forgotten
 */
void
ferryd_queue_drop_window (FerrydQueue *self, FerrydOperation *operation)
{
  g_hash_table_remove (self->windows, operation);
}

/**
 * ferryd_queue_get_window:
 * @self: a queue
 * @operation: an operation
 * @not_before: (out): Unix microseconds, 0 for none
 * @not_after: (out): Unix microseconds, 0 for none
 *
 * Says when it may run.
 */
void
ferryd_queue_get_window (FerrydQueue *self, const FerrydOperation *operation, gint64 *not_before,
                         gint64 *not_after)
{
  const Window *window = g_hash_table_lookup (self->windows, operation);

  *not_before = window != NULL ? window->not_before : 0;
  *not_after = window != NULL ? window->not_after : 0;
}
