/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* Ended operations of one application that nobody removes: beyond this the oldest go (contract). */
#define MAX_ENDED 1000

/* How often retention is looked at while the service runs. */
#define PURGE_INTERVAL ((gint64) 3600 * G_USEC_PER_SEC)

static gboolean
is_kept (const FerrydOperation *operation)
{
  return ferry_state_is_ended (operation->state) && !operation->purging;
}

static void
count_ended (FerrydQueue *self)
{
  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      operation->owner->ended = 0;
    }
  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (is_kept (operation))
        operation->owner->ended++;
    }
}

static gboolean
is_expired (FerrydQueue *self, const FerrydOperation *operation)
{
  gint64 days = ferryd_settings_get (self->settings)->retention_days;

  return operation->owner->ended > MAX_ENDED ||
         operation->run->finished + days * 24 * 3600 * G_USEC_PER_SEC < ferryd_queue_now (self);
}

static void
on_purged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree FerrydId *id = user_data;
  FerrydOperation *operation = ferryd_queue_lookup (FERRYD_QUEUE (source), id);
  g_autoptr (GError) error = NULL;

  if (operation != NULL)
    operation->purging = FALSE;
  /* Removed or resumed by somebody else meanwhile is as well. */
  if (!ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, &error) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE))
    g_warning ("An operation past its retention cannot be removed: %s", error->message);
}

static void
on_purge_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;

  self->purge_alarm = 0;
  ferryd_queue_purge (self);
}

static gboolean
purge (gpointer user_data)
{
  FerrydQueue *self = user_data;
  g_autoptr (GArray) expired = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  g_clear_pointer (&self->purge, g_source_unref);
  if (self->closing)
    return G_SOURCE_REMOVE;
  count_ended (self);
  for (guint i = 0; i < self->by_age->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (!is_kept (operation) || !is_expired (self, operation))
        continue;
      operation->owner->ended--;
      operation->purging = TRUE;
      g_array_append_val (expired, operation->id);
    }
  for (guint i = 0; i < expired->len; i++)
    {
      const FerrydId *id = &g_array_index (expired, FerrydId, i);

      ferryd_queue_verb_async (self, id, FERRY_VERB_REMOVE, on_purged, g_memdup2 (id, sizeof *id));
    }
  if (self->purge_alarm == 0)
    self->purge_alarm = ferryd_clock_add_alarm (
        self->clock, ferryd_clock_elapsed (self->clock) + PURGE_INTERVAL, on_purge_alarm, self);
  return G_SOURCE_REMOVE;
}

/**
 * ferryd_queue_purge:
 * @self: a queue
 *
 * Removes soon what retention does not keep any longer.
 */
void
ferryd_queue_purge (FerrydQueue *self)
{
  if (self->purge != NULL || self->closing)
    return;
  self->purge = g_idle_source_new ();
  g_source_set_static_name (self->purge, "ferryd-queue purge");
  g_source_set_callback (self->purge, purge, self, NULL);
  g_source_attach (self->purge, NULL);
}
