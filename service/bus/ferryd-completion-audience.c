/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-completion-audience.h"

#include "ferry-enum-types.h"
#include "ferry-names.h"
#include "ferryd-paths.h"

/* Sums of bytes are told so often at most, like an operation's counters (contract: four times a second).
 * Milliseconds. */
#define TICK 250

/* A completion group as those who hear of it know it. */
typedef struct
{
  FerrydId id;
  FerrydCaller *creator; /* (owned) (nullable): while it is on the bus */
  GVariant *told;        /* (owned) (nullable): a{sv}, the properties as last told */
  gboolean running;      /* its sums change by themselves, as last seen */
} Entry;

struct _FerrydCompletionAudience
{
  GObject parent_instance;

  GDBusConnection *connection;    /* (owned) */
  FerrydQueue *queue;             /* (owned) */
  FerrydCallers *callers;         /* (owned) */
  FerrydSubscribers *subscribers; /* (owned) */
  GHashTable *entries;            /* (owned): FerrydId → Entry */
  GHashTable *changed;            /* (owned): FerrydId: those to be looked at soon */
  guint soon;                     /* source, 0 for none */
  guint tick;                     /* source, 0 while nothing that anybody hears of runs */
};

G_DEFINE_FINAL_TYPE (FerrydCompletionAudience, ferryd_completion_audience, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->creator, ferryd_caller_unref);
  g_clear_pointer (&entry->told, g_variant_unref);
  g_free (entry);
}

static GVariant *
make_paths (const GArray *ids)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *path = ferryd_paths_of_operation (&g_array_index (ids, FerrydId, i));

      g_variant_builder_add (&builder, "o", path);
    }
  return g_variant_builder_end (&builder);
}

/**
 * ferryd_completion_get_properties:
 * @description: a completion group
 *
 * Returns: (transfer floating): a{sv} of all its properties
 */
GVariant *
ferryd_completion_get_properties (const FerrydCompletionDescription *description)
{
  gboolean enabled = description->state != FERRY_COMPLETION_STATE_COLLECTING;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "IsEnabled", "b", enabled);
  g_variant_dict_insert (&dict, "State", "s",
                         ferry_enum_to_nick (FERRY_TYPE_COMPLETION_STATE, (int) description->state));
  g_variant_dict_insert_value (&dict, "Operations", make_paths (description->members));
  g_variant_dict_insert (&dict, "Total", "u", description->members->len);
  g_variant_dict_insert (&dict, "Ended", "u", description->ended);
  g_variant_dict_insert (&dict, "Failed", "u", description->failed);
  g_variant_dict_insert (&dict, "BytesDone", "x", description->bytes_done);
  g_variant_dict_insert (&dict, "BytesTotal", "x", description->bytes_total);
  return g_variant_dict_end (&dict);
}

/* (transfer full) (element-type utf8): unique names, each once. */
static GHashTable *
find_audience (FerrydCompletionAudience *self, const Entry *entry,
               const FerrydCompletionDescription *description)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  if (entry->creator != NULL)
    g_hash_table_add (names, entry->creator->name);
  for (guint i = 0; i < description->members->len; i++)
    {
      const GPtrArray *connections = ferryd_subscribers_peek_attached (
          self->subscribers, &g_array_index (description->members, FerrydId, i));

      for (guint j = 0; connections != NULL && j < connections->len; j++)
        g_hash_table_add (names, ((FerrydCaller *) g_ptr_array_index (connections, j))->name);
    }
  return names;
}

/* (transfer floating) (nullable): what is different in @now; NULL for nothing. */
static GVariant *
find_changes (GVariant *before, GVariant *now)
{
  GVariantDict dict;
  GVariantIter iter;
  const char *name;
  GVariant *value;
  guint n_changed = 0;

  g_variant_dict_init (&dict, NULL);
  g_variant_iter_init (&iter, now);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) old = before != NULL ? g_variant_lookup_value (before, name, NULL) : NULL;

      if (old != NULL && g_variant_equal (old, value))
        continue;
      g_variant_dict_insert_value (&dict, name, value);
      n_changed++;
    }
  if (n_changed > 0)
    return g_variant_dict_end (&dict);
  g_variant_dict_clear (&dict);
  return NULL;
}

static void
send (FerrydCompletionAudience *self, const FerrydId *id, GHashTable *names, GVariant *changes)
{
  g_autofree char *path = ferryd_paths_of_completion_group (id);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_dbus_connection_emit_signal (self->connection, name, path, "org.freedesktop.DBus.Properties",
                                   "PropertiesChanged",
                                   g_variant_new ("(s@a{sv}@as)", FERRY_COMPLETION_GROUP_INTERFACE, changes,
                                                  g_variant_new_strv (NULL, 0)),
                                   NULL);
}

static Entry *
enter (FerrydCompletionAudience *self, const FerrydId *id)
{
  Entry *entry = g_hash_table_lookup (self->entries, id);

  if (entry != NULL)
    return entry;
  entry = g_new0 (Entry, 1);
  entry->id = *id;
  g_hash_table_insert (self->entries, &entry->id, entry);
  return entry;
}

/* An entry stays as long as somebody hears of the group. */
static void
look (FerrydCompletionAudience *self, const FerrydId *id)
{
  g_autoptr (FerrydCompletionDescription) description = ferryd_queue_describe_completion (self->queue, id);
  Entry *entry = description != NULL ? enter (self, id) : NULL;
  g_autoptr (GHashTable) names = NULL;
  g_autoptr (GVariant) now = NULL;
  g_autoptr (GVariant) changes = NULL;

  if (entry == NULL)
    return;
  names = find_audience (self, entry, description);
  if (g_hash_table_size (names) == 0)
    {
      g_hash_table_remove (self->entries, id);
      return;
    }
  entry->running = description->is_running;
  now = g_variant_ref_sink (ferryd_completion_get_properties (description));
  changes = find_changes (entry->told, now);
  g_clear_pointer (&entry->told, g_variant_unref);
  entry->told = g_steal_pointer (&now);
  if (changes != NULL)
    send (self, id, names, g_variant_ref_sink (changes));
}

static gboolean
on_tick (gpointer user_data)
{
  FerrydCompletionAudience *self = user_data;
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);
  gboolean running = FALSE;

  for (GList *l = entries; l != NULL; l = l->next)
    {
      const Entry *entry = l->data;
      FerrydId id = entry->id;

      if (!entry->running)
        continue;
      running = TRUE;
      look (self, &id);
    }
  if (running)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
on_soon (gpointer user_data)
{
  FerrydCompletionAudience *self = user_data;
  g_autoptr (GHashTable) changed = g_steal_pointer (&self->changed);
  GHashTableIter iter;
  gpointer id;

  self->soon = 0;
  self->changed = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      const Entry *entry;

      look (self, id);
      entry = g_hash_table_lookup (self->entries, id);
      if (entry != NULL && entry->running && self->tick == 0)
        self->tick = g_timeout_add (TICK, on_tick, self);
    }
  return G_SOURCE_REMOVE;
}

/* Many members may end in one turn of the main loop. */
static void
look_soon (FerrydCompletionAudience *self, const FerrydId *id)
{
  g_hash_table_add (self->changed, g_memdup2 (id, sizeof *id));
  if (self->soon == 0)
    self->soon = g_idle_add_full (G_PRIORITY_DEFAULT, on_soon, self, NULL);
}

static void
on_completion_changed (FerrydCompletionAudience *self, const FerrydId *id, gboolean removed)
{
  if (!removed)
    look_soon (self, id);
  else
    g_hash_table_remove (self->entries, id);
}

/* One of a group may have begun to run, which is when sums begin to change by themselves. */
static void
on_changed (FerrydCompletionAudience *self, const FerrydId *id, gboolean urgent)
{
  static const FerrydId none = { { 0 } };
  g_autoptr (FerrydDescription) description = NULL;

  if (!urgent || ferryd_queue_count_completions (self->queue) == 0)
    return;
  description = ferryd_queue_describe (self->queue, id);
  if (description != NULL && !ferryd_id_equal (&description->completion_group, &none))
    look_soon (self, &description->completion_group);
}

static void
on_left (FerrydCompletionAudience *self, FerrydCaller *caller)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (entry->creator == caller)
        g_clear_pointer (&entry->creator, ferryd_caller_unref);
    }
}

/**
 * ferryd_completion_audience_set_creator:
 * @self: the audience
 * @id: a new completion group
 * @creator: who has just created it
 */
void
ferryd_completion_audience_set_creator (FerrydCompletionAudience *self, const FerrydId *id,
                                        FerrydCaller *creator)
{
  g_autoptr (FerrydCompletionDescription) description = ferryd_queue_describe_completion (self->queue, id);
  Entry *entry;

  if (description == NULL || creator->left)
    return;
  entry = enter (self, id);
  entry->creator = ferryd_caller_ref (creator);
  entry->told = g_variant_ref_sink (ferryd_completion_get_properties (description));
}

static void
ferryd_completion_audience_dispose (GObject *object)
{
  FerrydCompletionAudience *self = FERRYD_COMPLETION_AUDIENCE (object);

  g_clear_handle_id (&self->soon, g_source_remove);
  g_clear_handle_id (&self->tick, g_source_remove);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  if (self->callers != NULL)
    g_signal_handlers_disconnect_by_data (self->callers, self);
  g_clear_pointer (&self->entries, g_hash_table_unref);
  g_clear_pointer (&self->changed, g_hash_table_unref);
  g_clear_object (&self->subscribers);
  g_clear_object (&self->callers);
  g_clear_object (&self->queue);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_completion_audience_parent_class)->dispose (object);
}

static void
ferryd_completion_audience_class_init (FerrydCompletionAudienceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_completion_audience_dispose;
}

static void
ferryd_completion_audience_init (FerrydCompletionAudience *self)
{
  self->entries = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, NULL, entry_free);
  self->changed = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
}

/**
 * ferryd_completion_audience_new:
 * @connection: the session bus
 * @queue: whose completion groups are heard of
 * @callers: who hears of them
 * @subscribers: who is attached to a member
 *
 * Returns: (transfer full): nobody yet
 */
FerrydCompletionAudience *
ferryd_completion_audience_new (GDBusConnection *connection, FerrydQueue *queue, FerrydCallers *callers,
                                FerrydSubscribers *subscribers)
{
  FerrydCompletionAudience *self = g_object_new (FERRYD_TYPE_COMPLETION_AUDIENCE, NULL);

  self->connection = g_object_ref (connection);
  self->queue = g_object_ref (queue);
  self->callers = g_object_ref (callers);
  self->subscribers = g_object_ref (subscribers);
  g_signal_connect_swapped (queue, "completion-changed", G_CALLBACK (on_completion_changed), self);
  g_signal_connect_swapped (queue, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (callers, "left", G_CALLBACK (on_left), self);
  return self;
}
