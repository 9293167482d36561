/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* For how long after a change of link or connection what fails is taken for a consequence (microseconds):
 * addresses, routes and names take that long to be those of the new one. The promise is ten seconds. */
#define UNSETTLED (10 * G_TIME_SPAN_SECOND)

/* A transfer of which nothing comes for so long while the network is unsettled is begun anew (microseconds).
 * What a connection of the former network still sends is waited for in vain, for the two minutes of a stall;
 * a change that did not concern it has shown by then. */
#define RENEWAL (5 * G_TIME_SPAN_SECOND)

/* How long a machine that wants to sleep is kept from it at most (microseconds). What has not been written by
 * then is not worth more: the disk hangs. */
#define SLEEP_PATIENCE G_TIME_SPAN_SECOND

static void
drop_in_io (gpointer data)
{
  g_autoptr (FerrydTransport) transport = data;

  ferryd_transport_drop_connections (transport);
}

/* What goes on after a change begins with connections of its own. */
static void
drop_connections (FerrydQueue *self)
{
  ferryd_io_thread_post (self->io, drop_in_io, g_object_ref (self->transport));
}

static void
begin_unsettled (FerrydQueue *self)
{
  self->settled_at = ferryd_clock_elapsed (self->clock) + UNSETTLED;
  drop_connections (self);
}

/**
 * ferryd_queue_is_network_unsettled:
 * @self: a queue
 *
 * Returns: whether a connection that fails now does so because the network goes away or changes
 */
gboolean
ferryd_queue_is_network_unsettled (FerrydQueue *self)
{
  FerrydConditions conditions;

  ferryd_queue_get_conditions (self, &conditions);
  return conditions.no_carrier || ferryd_clock_elapsed (self->clock) < self->settled_at;
}

/* A network that changes. */

static gboolean
is_doubtful (const FerrydOperation *operation)
{
  const FerrydLive *live = operation->run->live;

  /* What cannot be repeated is left to find out by itself. */
  return live != NULL && !live->stopping && !live->finishing && !live->over && operation->pausable &&
         !operation->local && operation->state == FERRY_STATE_RUNNING;
}

/* Of whatever moves, in either direction. */
static guint64
get_moved (const FerrydLive *live)
{
  return ferryd_meter_get_held (live->meter) + ferryd_meter_get_sent (live->meter);
}

static void
renew (FerrydQueue *self, FerrydOperation *operation)
{
  g_debug ("Nothing has come since the network changed: beginning anew");
  ferryd_operation_apply (operation, FERRYD_OPERATION_QUEUE, NULL);
  ferryd_queue_stop (self, operation);
  ferryd_queue_emit_changed (self, operation, TRUE);
}

static void on_link_alarm (gpointer user_data);

static void
set_link_alarm (FerrydQueue *self)
{
  ferryd_clock_clear_alarm (self->clock, &self->link_alarm);
  self->link_alarm =
      ferryd_clock_add_alarm (self->clock, ferryd_clock_elapsed (self->clock) + RENEWAL, on_link_alarm, self);
}

static void
on_link_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;
  gboolean again = ferryd_clock_elapsed (self->clock) < self->settled_at;

  self->link_alarm = 0;
  for (guint i = 0; i < self->by_age->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, i);
      FerrydLive *live = operation->run->live;

      if (live == NULL || !live->doubtful)
        continue;
      live->doubtful = again && is_doubtful (operation);
      if (is_doubtful (operation) && get_moved (live) == live->held_before)
        renew (self, operation);
      else
        live->held_before = get_moved (live);
    }
  /* What goes on over the former connection for a moment may still lose it. */
  if (again)
    set_link_alarm (self);
}

static void
go_on (FerrydQueue *self)
{
  for (guint i = 0; i < self->by_age->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, i);
      FerrydLive *live = operation->run->live;

      if (operation->offline)
        ferryd_queue_clear_alarm (self, operation);
      if (!is_doubtful (operation))
        continue;
      live->doubtful = TRUE;
      live->held_before = get_moved (live);
    }
  set_link_alarm (self);
}

/**
 * ferryd_queue_note_link:
 * @self: a queue
 *
 * Finds out whether link or connection have changed, before everything is evaluated. What waited for that
 * goes on at once; what runs is looked at again later.
 */
void
ferryd_queue_note_link (FerrydQueue *self)
{
  FerrydConditions conditions;
  gboolean changed;

  ferryd_queue_get_conditions (self, &conditions);
  changed = self->link_known && conditions.link_changes != self->link_changes;
  self->link_known = self->link_known || conditions.ready;
  self->link_changes = conditions.link_changes;
  if (!changed || self->closing)
    return;
  g_debug ("Link or connection have changed%s", conditions.no_carrier ? ": no carrier" : "");
  begin_unsettled (self);
  if (!conditions.no_carrier)
    go_on (self);
}

/* A machine that sleeps. */

static void
let_go (FerrydQueue *self)
{
  ferryd_clock_clear_alarm (self->clock, &self->sleep_alarm);
  self->put_to_sleep = FALSE;
  ferryd_sleep_monitor_let_go (self->sleep);
}

static void
on_sleep_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;

  self->sleep_alarm = 0;
  g_message ("The machine sleeps before everything is recorded");
  let_go (self);
}

static void
on_barrier (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydQueue) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_warning ("Not everything could be recorded before the machine sleeps: %s", error->message);
  /* Unless it is awake by now, or about to sleep once more. */
  if (self->sleep_alarm != 0 && !self->put_to_sleep)
    let_go (self);
}

/**
 * ferryd_queue_check_asleep:
 * @self: a queue
 *
 * While the machine wants to sleep: lets it, when the last attempt has ended and all of it is durable.
 */
void
ferryd_queue_check_asleep (FerrydQueue *self)
{
  if (!self->put_to_sleep || self->live > 0)
    return;
  self->put_to_sleep = FALSE;
  ferryd_store_commit_async (self->store, ferryd_batch_new (), FERRYD_DURABILITY_SYNCED, on_barrier,
                             g_object_ref (self));
}

/**
 * ferryd_queue_note_sleep:
 * @self: a queue whose sleep monitor says something else than before
 *
 * Puts away what runs, or lets it go on over new connections.
 */
void
ferryd_queue_note_sleep (FerrydQueue *self)
{
  if (self->closing)
    return;
  if (!ferryd_sleep_monitor_is_asleep (self->sleep))
    {
      g_debug ("The machine is awake");
      ferryd_clock_clear_alarm (self->clock, &self->sleep_alarm);
      self->put_to_sleep = FALSE;
      begin_unsettled (self);
      ferryd_queue_evaluate_all (self);
      return;
    }
  g_debug ("The machine is about to sleep");
  self->put_to_sleep = TRUE;
  ferryd_clock_clear_alarm (self->clock, &self->sleep_alarm);
  self->sleep_alarm = ferryd_clock_add_alarm (
      self->clock, ferryd_clock_elapsed (self->clock) + SLEEP_PATIENCE, on_sleep_alarm, self);
  ferryd_queue_evaluate_all (self);
  ferryd_queue_check_asleep (self);
}

/**
 * ferryd_queue_clear_network:
 * @self: a queue that ends
 *
 * Forgets the alarms of this file.
 */
void
ferryd_queue_clear_network (FerrydQueue *self)
{
  if (self->clock == NULL)
    return;
  ferryd_clock_clear_alarm (self->clock, &self->link_alarm);
  ferryd_clock_clear_alarm (self->clock, &self->sleep_alarm);
}
