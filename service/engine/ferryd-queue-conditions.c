/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* Name in the store of the user's own switch (b). */
#define SETTING_PAUSED "paused-all"

/* Most settings are no condition, and a monitor may have changed what nobody is told. */
static void
tell (FerrydQueue *self)
{
  FerrydConditions now;

  ferryd_queue_get_conditions (self, &now);
  if (memcmp (&now, &self->told, sizeof now) == 0)
    return;
  self->told = now;
  ferryd_queue_emit_conditions_changed (self);
}

static void
on_conditions_changed (FerrydQueue *self)
{
  ferryd_queue_note_link (self);
  ferryd_queue_evaluate_all (self);
  tell (self);
}

static void
take_limits (FerrydQueue *self)
{
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);

  ferryd_lanes_set_limits (self->lanes, values->max_running, values->max_running_per_host);
  ferryd_io_thread_set_limit (self->io, FERRYD_DIRECTION_DOWN, values->download_speed_limit);
  ferryd_io_thread_set_limit (self->io, FERRYD_DIRECTION_UP, values->upload_speed_limit);
}

static void
on_settings_changed (FerrydQueue *self)
{
  take_limits (self);
  on_conditions_changed (self);
  ferryd_queue_schedule (self);
}

/**
 * ferryd_queue_watch_conditions:
 * @self: a queue with all its parts
 *
 * Follows everything outside that decides what may run, from now on.
 */
void
ferryd_queue_watch_conditions (FerrydQueue *self)
{
  g_signal_connect_swapped (self->settings, "changed", G_CALLBACK (on_settings_changed), self);
  if (self->network != NULL)
    g_signal_connect_swapped (self->network, "changed", G_CALLBACK (on_conditions_changed), self);
  if (self->power != NULL)
    g_signal_connect_swapped (self->power, "changed", G_CALLBACK (on_conditions_changed), self);
  if (self->sleep != NULL)
    g_signal_connect_swapped (self->sleep, "changed", G_CALLBACK (ferryd_queue_note_sleep), self);
  if (self->meter != NULL)
    g_signal_connect_swapped (self->meter, "changed", G_CALLBACK (on_conditions_changed), self);
  take_limits (self);
  ferryd_queue_note_link (self);
  ferryd_queue_get_conditions (self, &self->told);
}

/**
 * ferryd_queue_restore_conditions:
 * @self: a queue
 * @settings: a{sv} of what the store has
 *
 * Takes up what the user decided in an earlier life of the service.
 */
void
ferryd_queue_restore_conditions (FerrydQueue *self, GVariant *settings)
{
  if (!g_variant_lookup (settings, SETTING_PAUSED, "b", &self->paused))
    self->paused = FALSE;
  if (self->meter != NULL)
    ferryd_data_meter_restore (self->meter, settings);
  tell (self);
}

/**
 * ferryd_queue_get_conditions:
 * @self: a queue
 * @conditions: (out): what decides what may run, as it is now
 */
void
ferryd_queue_get_conditions (FerrydQueue *self, FerrydConditions *conditions)
{
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);
  gboolean ready = TRUE;

  *conditions = (FerrydConditions){ 0 };
  if (self->network != NULL)
    ready = ferryd_network_monitor_fill (self->network, conditions);
  if (self->meter != NULL)
    ferryd_data_meter_fill (self->meter, conditions);
  if (values->restrict_background_data && ferryd_conditions_is_metered (conditions))
    conditions->background_restricted = TRUE;
  if (self->power != NULL)
    ready = ferryd_power_monitor_fill (self->power, conditions) && ready;
  conditions->asleep = self->sleep != NULL && ferryd_sleep_monitor_is_asleep (self->sleep);
  conditions->pause_on_battery_saver = values->pause_on_battery_saver;
  conditions->paused_all = self->paused;
  conditions->ready = ready;
}

/**
 * ferryd_queue_count_live:
 * @self: a queue
 * @change: 1 for an attempt that begins, -1 for one that has ended
 */
void
ferryd_queue_count_live (FerrydQueue *self, int change)
{
  self->live += (guint) change;
  if (self->meter != NULL)
    ferryd_data_meter_set_busy (self->meter, self->live > 0);
}

/* The user's own switch. */

static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    {
      self->paused = GPOINTER_TO_INT (g_task_get_task_data (task));
      on_conditions_changed (self);
      g_task_return_boolean (task, TRUE);
    }
  ferryd_queue_release (self);
}

/**
 * ferryd_queue_set_paused_async:
 * @self: a queue
 * @paused: whether everything that is started waits until the user says otherwise
 * @callback: told when it is durable and has taken effect
 * @user_data: for @callback
 */
void
ferryd_queue_set_paused_async (FerrydQueue *self, gboolean paused, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  g_task_set_source_tag (task, ferryd_queue_set_paused_async);
  g_task_set_task_data (task, GINT_TO_POINTER (paused), NULL);
  ferryd_queue_hold (self);
  ferryd_batch_set (batch, SETTING_PAUSED, g_variant_new_boolean (paused));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_recorded,
                             task);
}

/**
 * ferryd_queue_set_paused_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it holds now
 */
gboolean
ferryd_queue_set_paused_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
