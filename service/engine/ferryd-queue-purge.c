/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* Ended operations of one application that nobody removes: beyond this the oldest go (contract). So do
 * completion groups that have been delivered. */
#define MAX_ENDED 1000

/* How often retention is looked at while the service runs. */
#define PURGE_INTERVAL ((gint64) 3600 * G_USEC_PER_SEC)

/* What an application is still to hear of, or still puts together, is kept for a day at least: where nothing
 * is to be kept at all, that would otherwise be lost before anybody could be told. */
#define MIN_DAYS_OF_GROUPS 1

/* Of a completion group whose application has not heard of its end yet, nothing goes. */
static gboolean
is_awaited (const FerrydOperation *operation)
{
  const FerrydCompletionGroup *group = operation->completion;

  return group != NULL &&
         (group->state == FERRY_COMPLETION_STATE_ENABLED || group->state == FERRY_COMPLETION_STATE_TRIGGERED);
}

static gboolean
is_kept (const FerrydOperation *operation)
{
  return ferry_state_is_ended (operation->state) && !operation->purging && !is_awaited (operation);
}

/* A completion group that is still being made is told of whole, however many it has. */
static gboolean
is_counted (const FerrydOperation *operation)
{
  const FerrydCompletionGroup *group = operation->completion;

  return is_kept (operation) && (group == NULL || group->state == FERRY_COMPLETION_STATE_DELIVERED);
}

static gboolean
is_past_days (FerrydQueue *self, gint64 time, gint64 days)
{
  return time + days * 24 * 3600 * G_USEC_PER_SEC < ferryd_queue_now (self);
}

static gboolean
is_past (FerrydQueue *self, gint64 time)
{
  return is_past_days (self, time, ferryd_settings_get (self->settings)->retention_days);
}

static gboolean
is_past_for_group (FerrydQueue *self, gint64 time)
{
  return is_past_days (self, time,
                       MAX (ferryd_settings_get (self->settings)->retention_days, MIN_DAYS_OF_GROUPS));
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

      if (is_counted (operation))
        operation->owner->ended++;
    }
}

static gboolean
is_expired (FerrydQueue *self, const FerrydOperation *operation)
{
  const FerrydCompletionGroup *group = operation->completion;

  if (is_counted (operation) && operation->owner->ended > MAX_ENDED)
    return TRUE;
  return group != NULL && group->state == FERRY_COMPLETION_STATE_COLLECTING
             ? is_past_for_group (self, operation->run->finished)
             : is_past (self, operation->run->finished);
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

/* Completion groups. */

static void
on_completion_purged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_change_completion_finish (FERRYD_QUEUE (source), result, &error) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
    g_warning ("A completion group past its retention cannot be removed: %s", error->message);
}

/* Empty ones that nobody went on with, and those whose application could not be told in all that time, too.
 */
static gboolean
is_completion_expired (FerrydQueue *self, const FerrydCompletionGroup *group)
{
  switch (group->state)
    {
    case FERRY_COMPLETION_STATE_COLLECTING:
      return group->members->len == 0 && group->creating == 0 && is_past_for_group (self, group->created);
    case FERRY_COMPLETION_STATE_TRIGGERED:
      return is_past_for_group (self, group->triggered);
    case FERRY_COMPLETION_STATE_DELIVERED:
      return is_past (self, group->delivered);
    case FERRY_COMPLETION_STATE_ENABLED:
    default:
      return FALSE;
    }
}

/* The youngest of each application first, so that those beyond the limit are the oldest. */
static void
purge_completions (FerrydQueue *self)
{
  g_autoptr (GArray) ids = ferryd_queue_list_completions (self, NULL);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = ids->len; i > 0; i--)
    {
      const FerrydId *id = &g_array_index (ids, FerrydId, i - 1);
      const FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
      gboolean delivered = group->state == FERRY_COMPLETION_STATE_DELIVERED;
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (kept, group->application));

      if ((!delivered || n < MAX_ENDED) && !is_completion_expired (self, group))
        {
          if (delivered)
            g_hash_table_insert (kept, group->application, GUINT_TO_POINTER (n + 1));
          continue;
        }
      if (group->state == FERRY_COMPLETION_STATE_TRIGGERED)
        g_warning ("%s could not be told of its completion group in %u days: given up", group->handler_name,
                   ferryd_settings_get (self->settings)->retention_days);
      ferryd_queue_purge_completion_async (self, id, on_completion_purged, NULL);
    }
}

static gboolean
purge (gpointer user_data)
{
  FerrydQueue *self = user_data;
  g_autoptr (GArray) expired = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  g_clear_pointer (&self->purge, g_source_unref);
  if (self->closing)
    return G_SOURCE_REMOVE;
  purge_completions (self);
  count_ended (self);
  for (guint i = 0; i < self->by_age->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (!is_kept (operation) || !is_expired (self, operation))
        continue;
      if (is_counted (operation))
        operation->owner->ended--;
      operation->purging = TRUE;
      g_array_append_val (expired, operation->id);
    }
  for (guint i = 0; i < expired->len; i++)
    {
      const FerrydId *id = &g_array_index (expired, FerrydId, i);

      ferryd_queue_verb_async (self, id, FERRY_VERB_REMOVE, on_purged, g_memdup2 (id, sizeof *id));
    }
  ferryd_queue_look_for_applications (self);
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
