/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-queue-private.h"

/* What an application that is not installed any more has left is canceled and removed once it has been away
 * for `retention-days`. Only who has been seen installed can be away, and only what has been looked for while
 * the service ran counts: a home that was not mounted for a moment, or an application that never had a
 * desktop file, loses nothing. */

/* How the names of settings begin that keep this; the application's id follows. The value (x) says since when
 * it has been missed, 0 while it is there. */
#define SETTING "application/"

/* Not more often than this. Microseconds. */
#define INTERVAL ((gint64) 3600 * G_USEC_PER_SEC)

/**
 * ferryd_queue_restore_applications:
 * @self: a queue that is being loaded
 * @settings: a{sv}: the store's settings
 */
void
ferryd_queue_restore_applications (FerrydQueue *self, GVariant *settings)
{
  GVariantIter iter;
  const char *setting;
  GVariant *value;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_loop (&iter, "{&sv}", &setting, &value))
    {
      gint64 missed;

      if (!g_str_has_prefix (setting, SETTING) || !g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
        continue;
      missed = g_variant_get_int64 (value);
      g_hash_table_insert (self->seen, g_strdup (setting + strlen (SETTING)),
                           g_memdup2 (&missed, sizeof missed));
    }
}

/* It is asked for again where that is not recorded. */
static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_warning ("Which applications are installed cannot be recorded: %s", error->message);
}

/* @missed: NULL where nothing is to be known of it any more */
static void
record (FerrydQueue *self, const char *application, const gint64 *missed)
{
  g_autofree char *setting = g_strconcat (SETTING, application, NULL);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_set (batch, setting, missed != NULL ? g_variant_new_int64 (*missed) : NULL);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SOON, on_recorded,
                             NULL);
  if (missed != NULL)
    g_hash_table_replace (self->seen, g_strdup (application), g_memdup2 (missed, sizeof *missed));
  else
    g_hash_table_remove (self->seen, application);
}

/* Clearing out. */

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint count;

  ferryd_queue_for_each_finish (FERRYD_QUEUE (source), result, &count, NULL);
}

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  char *application;  /* (owned) */
} Clearing;

static void
clearing_free (Clearing *clearing)
{
  ferryd_queue_release (clearing->queue);
  g_object_unref (clearing->queue);
  g_free (clearing->application);
  g_free (clearing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Clearing, clearing_free)

static void
on_group_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ferryd_queue_change_completion_finish (FERRYD_QUEUE (source), result, NULL);
}

static void
on_behaving (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ferryd_queue_set_group_behavior_finish (FERRYD_QUEUE (source), result, NULL);
}

static void
clear_groups (FerrydQueue *self, const char *application)
{
  g_autoptr (GArray) completions = ferryd_queue_list_completions (self, application);
  g_autoptr (GPtrArray) groups = ferryd_queue_list_groups (self, application);

  for (guint i = 0; i < completions->len; i++)
    ferryd_queue_purge_completion_async (self, &g_array_index (completions, FerrydId, i), on_group_done,
                                         NULL);
  for (guint i = 0; i < groups->len; i++)
    {
      const FerrydGroup *group = g_ptr_array_index (groups, i);

      ferryd_queue_set_group_behavior_async (self, application, group->name, FERRY_GROUP_BEHAVIOR_PARALLEL,
                                             on_behaving, NULL);
    }
}

static void
on_canceled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Clearing) clearing = user_data;
  const FerrydFilter all = {
    .application = clearing->application,
    .kinds = 1u << FERRY_KIND_DOWNLOAD | 1u << FERRY_KIND_UPLOAD,
  };
  guint count;

  ferryd_queue_for_each_finish (clearing->queue, result, &count, NULL);
  ferryd_queue_for_each_async (clearing->queue, FERRY_VERB_REMOVE, &all, on_removed, NULL);
}

static void
clear (FerrydQueue *self, const char *application)
{
  const FerrydFilter all = {
    .application = application,
    .kinds = 1u << FERRY_KIND_DOWNLOAD | 1u << FERRY_KIND_UPLOAD,
  };
  Clearing *clearing = g_new (Clearing, 1);

  g_message ("%s has been gone for %u days: its operations are canceled and removed", application,
             ferryd_settings_get (self->settings)->retention_days);
  *clearing = (Clearing){ g_object_ref (self), g_strdup (application) };
  ferryd_queue_hold (self);
  clear_groups (self, application);
  ferryd_queue_for_each_async (self, FERRY_VERB_CANCEL, &all, on_canceled, clearing);
  record (self, application, NULL);
}

/* Looking. */

static void
judge (FerrydQueue *self, const char *application, gboolean installed)
{
  const gint64 *missed = g_hash_table_lookup (self->seen, application);
  gint64 days = ferryd_settings_get (self->settings)->retention_days;
  gint64 now = ferryd_queue_now (self);
  const gint64 there = 0;

  if (installed)
    {
      if (missed == NULL || *missed != 0)
        record (self, application, &there);
    }
  else if (missed != NULL && *missed == 0)
    record (self, application, &now);
  else if (missed != NULL && *missed + days * 24 * 3600 * G_USEC_PER_SEC < now)
    clear (self, application);
}

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  GStrv applications; /* (owned) */
} Looking;

static void
looking_free (Looking *looking)
{
  g_object_unref (looking->queue);
  g_strfreev (looking->applications);
  g_free (looking);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Looking, looking_free)

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Looking) looking = user_data;
  FerrydQueue *self = looking->queue;
  g_auto (GStrv) installed = ferryd_applications_look_finish (FERRYD_APPLICATIONS (source), result, NULL);

  self->looking = FALSE;
  for (guint i = 0; installed != NULL && !self->closing && looking->applications[i] != NULL; i++)
    judge (self, looking->applications[i],
           g_strv_contains ((const char *const *) installed, looking->applications[i]));
}

/* (transfer full): those that have something here, or of which something is known. */
static GStrv
list_applications (FerrydQueue *self)
{
  g_autoptr (GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer key, value;

  for (guint i = 0; i < self->by_age->len; i++)
    g_hash_table_add (set, ((FerrydOperation *) g_ptr_array_index (self->by_age, i))->owner->application);
  g_hash_table_iter_init (&iter, self->completions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_hash_table_add (set, ((FerrydCompletionGroup *) value)->application);
  g_hash_table_iter_init (&iter, self->seen);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (set, key);
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (((const char *) key)[0] != '\0')
        g_strv_builder_add (builder, key);
    }
  return g_strv_builder_end (builder);
}

/**
 * ferryd_queue_look_for_applications:
 * @self: a queue
 *
 * Looks, not too often, which of those that have something here are installed.
 */
void
ferryd_queue_look_for_applications (FerrydQueue *self)
{
  gint64 now = ferryd_clock_elapsed (self->clock);
  Looking *looking;

  if (self->looking || (self->looked_at != 0 && now - self->looked_at < INTERVAL))
    return;
  self->looking = TRUE;
  self->looked_at = now;
  looking = g_new (Looking, 1);
  *looking = (Looking){ g_object_ref (self), list_applications (self) };
  ferryd_applications_look_async (self->applications, (const char *const *) looking->applications, on_looked,
                                  looking);
}
