/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-idle-exit.h"

struct _FerrydIdleExit
{
  GObject parent_instance;

  FerrydQueue *queue;           /* (owned) */
  FerrydDispatcher *dispatcher; /* (owned) */
  FerrydDataMeter *meter;       /* (owned) */
  FerrydSettings *settings;     /* (owned) */
  guint timeout;                /* source, 0 while something is under way or the setting is 0 */
  gint64 since;                 /* nothing was under way from then on, g_get_monotonic_time() */
};

static guint idle_signal;

G_DEFINE_FINAL_TYPE (FerrydIdleExit, ferryd_idle_exit, G_TYPE_OBJECT)

static void
ferryd_idle_exit_dispose (GObject *object)
{
  FerrydIdleExit *self = FERRYD_IDLE_EXIT (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  if (self->dispatcher != NULL)
    g_signal_handlers_disconnect_by_data (self->dispatcher, self);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->dispatcher);
  g_clear_object (&self->meter);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ferryd_idle_exit_parent_class)->dispose (object);
}

static void
ferryd_idle_exit_class_init (FerrydIdleExitClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_idle_exit_dispose;
  idle_signal =
      g_signal_new ("idle", FERRYD_TYPE_IDLE_EXIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_idle_exit_init (FerrydIdleExit *self)
{
}

static void wait (FerrydIdleExit *self);

static gboolean
on_timeout (gpointer user_data)
{
  FerrydIdleExit *self = user_data;
  gint64 last = MAX (self->since, ferryd_dispatcher_get_last (self->dispatcher));
  gint64 time = (gint64) ferryd_settings_get (self->settings)->idle_exit * G_USEC_PER_SEC;
  gboolean quiet = g_get_monotonic_time () - last >= time;

  self->timeout = 0;
  if (quiet)
    self->since = g_get_monotonic_time ();
  wait (self);
  if (quiet && ferryd_idle_exit_is_idle (self))
    g_signal_emit (self, idle_signal, 0);
  return G_SOURCE_REMOVE;
}

/* Until so much time has gone by since the last call, and since something was under way. */
static void
wait (FerrydIdleExit *self)
{
  gint64 last = MAX (self->since, ferryd_dispatcher_get_last (self->dispatcher));
  gint64 left = last + (gint64) ferryd_settings_get (self->settings)->idle_exit * G_USEC_PER_SEC -
                g_get_monotonic_time ();

  self->timeout = g_timeout_add ((guint) MAX (left / 1000 + 1, 1), on_timeout, self);
}

static void
set_timeout (FerrydIdleExit *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (ferryd_settings_get (self->settings)->idle_exit == 0 || ferryd_queue_is_busy (self->queue) ||
      !ferryd_dispatcher_is_idle (self->dispatcher) || ferryd_data_meter_is_needed (self->meter))
    return;
  self->since = g_get_monotonic_time ();
  wait (self);
}

/**
 * ferryd_idle_exit_new:
 * @queue: whose operations count
 * @dispatcher: whose calls, attached connections and watchers count
 * @meter: whose plans count
 * @settings: where the time is set
 *
 * Returns: (transfer full): a watch over all of them
 */
FerrydIdleExit *
ferryd_idle_exit_new (FerrydQueue *queue, FerrydDispatcher *dispatcher, FerrydDataMeter *meter,
                      FerrydSettings *settings)
{
  FerrydIdleExit *self = g_object_new (FERRYD_TYPE_IDLE_EXIT, NULL);

  self->queue = g_object_ref (queue);
  self->dispatcher = g_object_ref (dispatcher);
  self->meter = g_object_ref (meter);
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (queue, "busy-changed", G_CALLBACK (set_timeout), self);
  g_signal_connect_swapped (dispatcher, "idle-changed", G_CALLBACK (set_timeout), self);
  g_signal_connect_swapped (settings, "changed", G_CALLBACK (set_timeout), self);
  set_timeout (self);
  return self;
}

/**
 * ferryd_idle_exit_is_idle:
 * @self: the watch
 *
 * Returns: whether there is nothing to do at this moment
 */
gboolean
ferryd_idle_exit_is_idle (FerrydIdleExit *self)
{
  return !ferryd_queue_is_busy (self->queue) && ferryd_dispatcher_is_idle (self->dispatcher) &&
         ferryd_dispatcher_get_in_flight (self->dispatcher) == 0 &&
         !ferryd_data_meter_is_needed (self->meter);
}
