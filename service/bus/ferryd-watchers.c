/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-watchers.h"

#include "ferry-names.h"
#include "ferryd-listing.h"
#include "ferryd-paths.h"
#include "ferryd-told.h"

/* Counters of watched operations are told so often at most (contract: four times a second). Milliseconds. */
#define TICK 250

typedef struct
{
  gatomicrefcount ref_count;
  FerrydWatchers *watchers; /* (unowned) (nullable): NULL when the watch is over */
  FerrydCaller *caller;     /* (owned): who watches */
  FerrydListFilter *filter; /* (owned) */
  GHashTable *older;        /* (owned): set of FerrydId: what its filter's `after` keeps out */
  GHashTable *told;         /* (owned): FerrydId → FerrydTold, of those in the list */
  GHashTable *running;      /* (owned): set of FerrydId: those whose counters change by themselves */
  GHashTable *waiting;      /* (owned): FerrydId → FerrydCauses, as last told: those change with others */
  GHashTable *changed;      /* (owned): set of FerrydId: to be looked at */
  GArray *order;            /* (owned) (element-type FerrydId): the same as they came: new ones by age */
  GPtrArray *removed;       /* (owned) (element-type utf8): paths to be told of */
  GVariantBuilder *message; /* (owned) (nullable): being made */
  gboolean gap;             /* somebody has left a list that was full: the next look is for the next by age */
  gboolean filling;         /* after the one under way it is full again, or it was in vain */
  gboolean looking;         /* a look is under way */
  gboolean counting;        /* the next look is for counters too */
  gboolean counted;         /* the one under way is */
  gboolean replied;         /* the reply to Watch comes before everything */
  GSource *soon;            /* (owned) (nullable): begins a look */
} Watch;

struct _FerrydWatchers
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  FerrydQueue *queue;          /* (owned) */
  FerrydCallers *callers;      /* (owned) */
  GHashTable *watches;         /* (owned): FerrydCaller → Watch */
  guint tick;                  /* source; 0 while nothing that is watched changes by itself */
  gboolean causes_changed;     /* of operations that wait: the next tick looks at them */
};

static guint idle_changed_signal;

G_DEFINE_FINAL_TYPE (FerrydWatchers, ferryd_watchers, G_TYPE_OBJECT)

static Watch *
watch_ref (Watch *watch)
{
  g_atomic_ref_count_inc (&watch->ref_count);
  return watch;
}

static void
watch_unref (Watch *watch)
{
  if (!g_atomic_ref_count_dec (&watch->ref_count))
    return;
  g_hash_table_unref (watch->older);
  g_hash_table_unref (watch->told);
  g_hash_table_unref (watch->running);
  g_hash_table_unref (watch->waiting);
  g_hash_table_unref (watch->changed);
  g_array_unref (watch->order);
  g_ptr_array_unref (watch->removed);
  g_clear_pointer (&watch->message, g_variant_builder_unref);
  ferryd_list_filter_free (watch->filter);
  ferryd_caller_unref (watch->caller);
  g_free (watch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watch, watch_unref)

static void
watch_close (gpointer data)
{
  Watch *watch = data;

  watch->watchers = NULL;
  if (watch->soon != NULL)
    g_source_destroy (watch->soon);
  g_clear_pointer (&watch->soon, g_source_unref);
  watch_unref (watch);
}

static void
look_at (Watch *watch, const FerrydId *id)
{
  if (ferryd_id_set_add (watch->changed, id))
    g_array_append_vals (watch->order, id, 1);
}

static gboolean
wants (const Watch *watch, FerrydPropertyFlags flags)
{
  return (watch->filter->properties & ferryd_operation_properties_with_flags (flags)) != 0;
}

/* Looking. */

static void
leave_list (Watch *watch, const FerrydId *id)
{
  g_hash_table_remove (watch->running, id);
  g_hash_table_remove (watch->waiting, id);
  if (!g_hash_table_remove (watch->told, id))
    return;
  g_ptr_array_add (watch->removed, ferryd_paths_of_operation (id));
  watch->gap = watch->gap || g_hash_table_size (watch->told) + 1 == watch->filter->limit;
}

static gboolean on_tick (gpointer user_data);

static void
begin_ticking (FerrydWatchers *self)
{
  if (self->tick == 0)
    self->tick = g_timeout_add (TICK, on_tick, self);
}

static void
look_if_waiting (Watch *watch, const FerrydDescription *description)
{
  if (description->causes == 0 || !wants (watch, FERRYD_PROPERTY_CAUSE))
    g_hash_table_remove (watch->waiting, &description->id);
  else
    g_hash_table_replace (watch->waiting, g_memdup2 (&description->id, sizeof (FerrydId)),
                          GUINT_TO_POINTER (description->causes));
}

static void
look_if_running (Watch *watch, const FerrydDescription *description)
{
  FerrydWatchers *self = watch->watchers;

  if (description->state != FERRY_STATE_RUNNING || !wants (watch, FERRYD_PROPERTY_COUNTER))
    {
      g_hash_table_remove (watch->running, &description->id);
      return;
    }
  ferryd_id_set_add (watch->running, &description->id);
  if (self != NULL)
    begin_ticking (self);
}

/* What may be told of an operation now: counters of what runs have their own time. */
static FerrydProperties
get_due (const Watch *watch, const FerrydDescription *description, gboolean is_new)
{
  FerrydProperties properties = watch->filter->properties;

  if (!is_new && !watch->counted && description->state == FERRY_STATE_RUNNING)
    properties &= ~ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COUNTER);
  return properties;
}

/* What the filter says of age and number. A gap is for the next by age, not for whatever changes. */
static gboolean
has_room (const Watch *watch, const FerrydId *id)
{
  guint limit = watch->filter->limit;

  return !watch->gap && (limit == 0 || g_hash_table_size (watch->told) < limit) &&
         !g_hash_table_contains (watch->older, id);
}

static void
on_operation (const FerrydDescription *description, gpointer user_data)
{
  Watch *watch = user_data;
  FerrydTold *told = g_hash_table_lookup (watch->told, &description->id);
  gboolean is_new = told == NULL;
  FerrydProperties changed;
  g_autofree char *path = NULL;

  if (!ferryd_list_filter_matches (watch->filter, description))
    {
      leave_list (watch, &description->id);
      return;
    }
  if (is_new && !has_room (watch, &description->id))
    return;
  if (is_new)
    {
      told = ferryd_told_new (watch->filter->properties);
      g_hash_table_insert (watch->told, g_memdup2 (&description->id, sizeof (FerrydId)), told);
    }
  look_if_running (watch, description);
  look_if_waiting (watch, description);
  changed = ferryd_told_update (told, get_due (watch, description, is_new), description);
  if (changed == 0 && !is_new)
    return;
  path = ferryd_paths_of_operation (&description->id);
  g_variant_builder_add (watch->message, "{o@a{sv}}", path, ferryd_told_to_dict (told, changed));
}

static void look_soon (Watch *watch);

static gboolean
is_up_to_date (const Watch *watch)
{
  return !watch->gap && g_hash_table_size (watch->changed) == 0;
}

/* Who was to come in may have changed or left meanwhile. */
static void
end_look (Watch *watch, gboolean succeeded)
{
  watch->looking = FALSE;
  if (succeeded && watch->filling && g_hash_table_size (watch->told) < watch->filter->limit)
    watch->gap = TRUE;
  watch->filling = FALSE;
}

/* To fill a gap: what List would give and is not in it, and what is in it and has changed. Nothing else. */
static GArray *
fill (Watch *watch, const GArray *changed)
{
  g_autoptr (GArray) listed =
      ferryd_list_filter_list_again (watch->filter, watch->watchers->queue, watch->older);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  watch->gap = FALSE;
  watch->filling = listed->len == watch->filter->limit;
  for (guint i = 0; i < listed->len; i++)
    {
      if (!g_hash_table_contains (watch->told, &g_array_index (listed, FerrydId, i)))
        g_array_append_val (ids, g_array_index (listed, FerrydId, i));
    }
  for (guint i = 0; i < changed->len; i++)
    {
      if (g_hash_table_contains (watch->told, &g_array_index (changed, FerrydId, i)))
        g_array_append_val (ids, g_array_index (changed, FerrydId, i));
    }
  return ids;
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Watch) watch = user_data;
  g_autoptr (GVariant) changed = g_variant_ref_sink (g_variant_builder_end (watch->message));
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&watch->message, g_variant_builder_unref);
  end_look (watch, ferryd_listing_run_finish (FERRYD_QUEUE (source), result, &error));
  if (error != NULL)
    g_warning ("A watched list cannot be read: %s", error->message);
  if (watch->watchers == NULL)
    return;
  if (g_variant_n_children (changed) > 0 || watch->removed->len > 0)
    g_dbus_connection_emit_signal (
        watch->watchers->connection, watch->caller->name, FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE,
        "OperationsChanged",
        g_variant_new ("(@a{oa{sv}}@ao)", changed,
                       g_variant_new_objv ((const char *const *) watch->removed->pdata, watch->removed->len)),
        NULL);
  g_ptr_array_set_size (watch->removed, 0);
  if (!is_up_to_date (watch))
    look_soon (watch);
}

static gboolean
look (gpointer user_data)
{
  Watch *watch = user_data;
  g_autoptr (GArray) changed = g_steal_pointer (&watch->order);
  GArray *ids = watch->gap ? fill (watch, changed) : g_array_ref (changed);

  g_clear_pointer (&watch->soon, g_source_unref);
  watch->order = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_hash_table_remove_all (watch->changed);
  watch->looking = TRUE;
  watch->counted = watch->counting;
  watch->counting = FALSE;
  watch->message = g_variant_builder_new (G_VARIANT_TYPE ("a{oa{sv}}"));
  ferryd_listing_run_async (watch->watchers->queue, ids, wants (watch, FERRYD_PROPERTY_COMPLETE),
                            on_operation, on_looked, watch_ref (watch));
  return G_SOURCE_REMOVE;
}

/* Once for everything that changes until then. */
static void
look_soon (Watch *watch)
{
  if (watch->soon != NULL || watch->looking || !watch->replied)
    return;
  watch->soon = g_idle_source_new ();
  g_source_set_priority (watch->soon, G_PRIORITY_DEFAULT);
  g_source_set_static_name (watch->soon, "watched operations that have changed");
  g_source_set_callback (watch->soon, look, watch, NULL);
  g_source_attach (watch->soon, NULL);
}

/* Returns: whether there may be more of this by itself. */
static gboolean
look_at_counters (Watch *watch)
{
  GHashTableIter ids;
  gpointer id;

  if (g_hash_table_size (watch->running) == 0)
    return FALSE;
  g_hash_table_iter_init (&ids, watch->running);
  while (g_hash_table_iter_next (&ids, &id, NULL))
    look_at (watch, id);
  watch->counting = TRUE;
  look_soon (watch);
  return TRUE;
}

static void
look_at_causes (Watch *watch)
{
  GHashTableIter ids;
  gpointer id, causes;

  g_hash_table_iter_init (&ids, watch->waiting);
  while (g_hash_table_iter_next (&ids, &id, &causes))
    {
      if (ferryd_queue_get_causes (watch->watchers->queue, id) != GPOINTER_TO_UINT (causes))
        look_at (watch, id);
    }
  if (g_hash_table_size (watch->changed) > 0)
    look_soon (watch);
}

static gboolean
on_tick (gpointer user_data)
{
  FerrydWatchers *self = user_data;
  gboolean running = FALSE;
  GHashTableIter iter;
  gpointer watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &watch))
    {
      running = look_at_counters (watch) || running;
      if (self->causes_changed)
        look_at_causes (watch);
    }
  self->causes_changed = FALSE;
  if (running)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

/* What happens in the queue. */

static void
mark (Watch *watch, const FerrydId *id)
{
  look_at (watch, id);
  look_soon (watch);
}

static void
on_added (FerrydWatchers *self, const FerrydId *id)
{
  GHashTableIter iter;
  gpointer watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &watch))
    mark (watch, id);
}

static void
on_changed (FerrydWatchers *self, const FerrydId *id, gboolean urgent)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Watch *watch = value;

      /* Counters of what runs are looked at anyway. */
      if (urgent || !g_hash_table_contains (watch->running, id))
        mark (watch, id);
    }
}

static void
on_causes_changed (FerrydWatchers *self)
{
  if (g_hash_table_size (self->watches) == 0)
    return;
  self->causes_changed = TRUE;
  begin_ticking (self);
}

static void
on_removed (FerrydWatchers *self, const FerrydId *id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Watch *watch = value;

      leave_list (watch, id);
      mark (watch, id);
    }
}

/* Watching. */

static void
on_first_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Watch *watch = g_task_get_task_data (task);
  GVariant *operations = g_variant_builder_end (watch->message);

  g_clear_pointer (&watch->message, g_variant_builder_unref);
  end_look (watch, ferryd_listing_run_finish (FERRYD_QUEUE (source), result, &error));
  if (error != NULL)
    {
      g_variant_unref (g_variant_ref_sink (operations));
      if (watch->watchers != NULL)
        ferryd_watchers_unwatch (watch->watchers, watch->caller);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_task_return_pointer (task, g_variant_ref_sink (operations), (GDestroyNotify) g_variant_unref);
}

static void
on_first_operation (const FerrydDescription *description, gpointer user_data)
{
  on_operation (description, g_task_get_task_data (user_data));
}

/**
 * ferryd_watchers_watch_async:
 * @self: the watchers
 * @caller: who watches
 * @filter: (transfer full): what
 * @callback: called with what is there now
 * @user_data: for @callback
 *
 * Watches; an earlier watch of @caller ends.
 */
void
ferryd_watchers_watch_async (FerrydWatchers *self, FerrydCaller *caller, FerrydListFilter *filter,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  FerrydFilter for_queue = ferryd_list_filter_for_queue (filter);
  GArray *ids = ferryd_queue_list (self->queue, &for_queue);
  Watch *watch = g_new0 (Watch, 1);

  g_atomic_ref_count_init (&watch->ref_count);
  watch->watchers = self;
  watch->caller = ferryd_caller_ref (caller);
  watch->filter = filter;
  watch->older = ferryd_list_filter_find_older (filter, self->queue);
  watch->told =
      g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, (GDestroyNotify) ferryd_told_free);
  watch->running = ferryd_id_set_new ();
  watch->waiting = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
  watch->changed = ferryd_id_set_new ();
  watch->order = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  watch->removed = g_ptr_array_new_with_free_func (g_free);
  watch->message = g_variant_builder_new (G_VARIANT_TYPE ("a{oa{sv}}"));
  watch->looking = TRUE;
  watch->filling = ids->len == filter->limit;
  g_hash_table_replace (self->watches, watch->caller, watch);
  if (g_hash_table_size (self->watches) == 1)
    g_signal_emit (self, idle_changed_signal, 0);
  g_task_set_source_tag (task, ferryd_watchers_watch_async);
  g_task_set_task_data (task, watch_ref (watch), (GDestroyNotify) watch_unref);
  ferryd_listing_run_async (self->queue, ids, wants (watch, FERRYD_PROPERTY_COMPLETE), on_first_operation,
                            on_first_looked, task);
}

/**
 * ferryd_watchers_watch_finish:
 * @self: the watchers
 * @result: what the callback got
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * The changes follow from now on, so the caller is to be answered at once.
 *
 * Returns: (transfer full) (nullable): a{oa{sv}}, what is there now
 */
GVariant *
ferryd_watchers_watch_finish (FerrydWatchers *self, GAsyncResult *result, GError **error)
{
  Watch *watch = g_task_get_task_data (G_TASK (result));

  watch->replied = TRUE;
  if (watch->watchers != NULL && !is_up_to_date (watch))
    look_soon (watch);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * ferryd_watchers_unwatch:
 * @self: the watchers
 * @caller: whose watch ends, if there is one
 */
void
ferryd_watchers_unwatch (FerrydWatchers *self, const FerrydCaller *caller)
{
  if (!g_hash_table_remove (self->watches, caller) || g_hash_table_size (self->watches) > 0)
    return;
  g_clear_handle_id (&self->tick, g_source_remove);
  g_signal_emit (self, idle_changed_signal, 0);
}

/**
 * ferryd_watchers_is_idle:
 * @self: the watchers
 *
 * Returns: whether nobody watches
 */
gboolean
ferryd_watchers_is_idle (FerrydWatchers *self)
{
  return g_hash_table_size (self->watches) == 0;
}

static void
ferryd_watchers_dispose (GObject *object)
{
  FerrydWatchers *self = FERRYD_WATCHERS (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_hash_table_remove_all (self->watches);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  if (self->callers != NULL)
    g_signal_handlers_disconnect_by_data (self->callers, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->callers);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_watchers_parent_class)->dispose (object);
}

static void
ferryd_watchers_finalize (GObject *object)
{
  g_hash_table_unref (FERRYD_WATCHERS (object)->watches);
  G_OBJECT_CLASS (ferryd_watchers_parent_class)->finalize (object);
}

static void
ferryd_watchers_class_init (FerrydWatchersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_watchers_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferryd_watchers_finalize;
  idle_changed_signal = g_signal_new ("idle-changed", FERRYD_TYPE_WATCHERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 0);
}

static void
ferryd_watchers_init (FerrydWatchers *self)
{
  self->watches = g_hash_table_new_full (NULL, NULL, NULL, watch_close);
}

/**
 * ferryd_watchers_new:
 * @connection: the session bus
 * @queue: whose operations they watch
 * @callers: who they are
 *
 * Returns: (transfer full): nobody watches
 */
FerrydWatchers *
ferryd_watchers_new (GDBusConnection *connection, FerrydQueue *queue, FerrydCallers *callers)
{
  FerrydWatchers *self = g_object_new (FERRYD_TYPE_WATCHERS, NULL);

  self->connection = g_object_ref (connection);
  self->queue = g_object_ref (queue);
  self->callers = g_object_ref (callers);
  g_signal_connect_swapped (queue, "added", G_CALLBACK (on_added), self);
  g_signal_connect_swapped (queue, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (queue, "causes-changed", G_CALLBACK (on_causes_changed), self);
  g_signal_connect_swapped (queue, "removed", G_CALLBACK (on_removed), self);
  g_signal_connect_swapped (callers, "left", G_CALLBACK (ferryd_watchers_unwatch), self);
  return self;
}
