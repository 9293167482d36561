/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-completion-group-private.h"

#include "ferry-enum-types.h"
#include "ferry-names.h"

#define GROUP FERRY_COMPLETION_GROUP_INTERFACE
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static const FerryPropertySpec specs[] = {
  { GROUP, "IsEnabled", "b", "is-enabled", FERRY_PROPERTY_BOOLEAN },
  { GROUP, "State", "s", "state", FERRY_PROPERTY_ENUM, ferry_completion_state_get_type },
  { GROUP, "Operations", "ao", "operations", FERRY_PROPERTY_VARIANT },
  { GROUP, "Total", "u", "total", FERRY_PROPERTY_UINT },
  { GROUP, "Ended", "u", "ended", FERRY_PROPERTY_UINT },
  { GROUP, "Failed", "u", "failed", FERRY_PROPERTY_UINT },
  { GROUP, "BytesDone", "x", "bytes-done", FERRY_PROPERTY_INT64 },
  { GROUP, "BytesTotal", "x", "bytes-total", FERRY_PROPERTY_INT64 },
};

/**
 * FerryCompletionGroup:
 *
 * Operations that are created with its path as their `completion-group`. When it is enabled and all of them
 * have ended, the application that it names is called, and started for that.
 */
struct _FerryCompletionGroup
{
  GObject parent_instance;

  FerryBus *bus;                          /* (owned) */
  char *path;                             /* (owned) */
  GVariant *values[G_N_ELEMENTS (specs)]; /* (owned) (nullable): by row of the table; NULL: not known */
};

G_DEFINE_FINAL_TYPE (FerryCompletionGroup, ferry_completion_group, G_TYPE_OBJECT)

static void
ferry_completion_group_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryCompletionGroup *self = FERRY_COMPLETION_GROUP (object);

  if (property_id >= 1 && property_id <= G_N_ELEMENTS (specs))
    ferry_property_to_value (&specs[property_id - 1], self->values[property_id - 1], value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_completion_group_dispose (GObject *object)
{
  FerryCompletionGroup *self = FERRY_COMPLETION_GROUP (object);

  if (self->bus != NULL)
    ferry_bus_unlisten (self->bus, self->path, object);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ferry_completion_group_parent_class)->dispose (object);
}

static void
ferry_completion_group_finalize (GObject *object)
{
  FerryCompletionGroup *self = FERRY_COMPLETION_GROUP (object);

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    g_clear_pointer (&self->values[i], g_variant_unref);
  g_free (self->path);
  G_OBJECT_CLASS (ferry_completion_group_parent_class)->finalize (object);
}

static void
ferry_completion_group_class_init (FerryCompletionGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_completion_group_get_property;
  object_class->dispose = ferry_completion_group_dispose;
  object_class->finalize = ferry_completion_group_finalize;
  ferry_property_install (specs, G_N_ELEMENTS (specs), GROUP, object_class);
}

static void
ferry_completion_group_init (FerryCompletionGroup *self)
{
}

/**
 * ferry_completion_group_get_specs:
 * @n_specs: (out): its length
 *
 * Returns: (transfer none) (array length=n_specs): the table of a group's properties
 */
const FerryPropertySpec *
ferry_completion_group_get_specs (guint *n_specs)
{
  *n_specs = G_N_ELEMENTS (specs);
  return specs;
}

static void
update (FerryCompletionGroup *self, GVariant *properties)
{
  ferry_property_update (specs, G_N_ELEMENTS (specs), self->values, GROUP, properties, G_OBJECT (self));
}

static void
on_heard (GObject *listener, const char *interface, const char *member, GVariant *parameters)
{
  g_autoptr (GVariant) changed = NULL;

  if (!g_str_equal (member, "PropertiesChanged") ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}as)", NULL, &changed, NULL);
  update (FERRY_COMPLETION_GROUP (listener), changed);
}

/* (transfer full): the one object of @path. */
static FerryCompletionGroup *
get_for_path (FerryBus *bus, const char *path)
{
  GObject *existing = ferry_bus_get_listener (bus, path);
  FerryCompletionGroup *self;

  if (existing != NULL)
    return FERRY_COMPLETION_GROUP (g_object_ref (existing));
  self = g_object_new (FERRY_TYPE_COMPLETION_GROUP, NULL);
  self->bus = g_object_ref (bus);
  self->path = g_strdup (path);
  ferry_bus_listen (bus, path, G_OBJECT (self), on_heard);
  return self;
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryCompletionGroup *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);
  g_autoptr (GVariant) properties = NULL;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  properties = g_variant_get_child_value (reply, 0);
  update (self, properties);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
load (FerryBus *bus, const char *path, GTask *task)
{
  g_task_set_task_data (task, get_for_path (bus, path), g_object_unref);
  ferry_bus_call_async (bus, path, PROPERTIES_INTERFACE, "GetAll", g_variant_new ("(s)", GROUP), "(a{sv})",
                        FERRY_BUS_CALL_REPEATABLE, g_task_get_cancellable (task), on_loaded,
                        g_object_ref (task));
}

/**
 * ferry_completion_group_load_async:
 * @bus: (transfer none):
 * @path: a group's object path
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Finds or makes the object of @path.
 */
void
ferry_completion_group_load_async (FerryBus *bus, const char *path, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_completion_group_load_async);
  load (bus, path, task);
}

/* Creating. */

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);
  const char *path;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(&o)", &path);
  load (FERRY_BUS (source), path, task);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  GVariant *options = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryBus) bus = ferry_bus_get_finish (result, &error);

  if (bus == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    ferry_bus_call_async (bus, FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE, "CreateCompletionGroup",
                          g_variant_new ("(@a{sv})", options), "(o)", FERRY_BUS_CALL_ONCE,
                          g_task_get_cancellable (task), on_created, g_object_ref (task));
}

/**
 * ferry_completion_group_new_with_options_async:
 * @options: an a{sv} as `Manager.CreateCompletionGroup` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Makes a group with everything that one can have.
 */
void
ferry_completion_group_new_with_options_async (GVariant *options, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_completion_group_new_with_options_async);
  g_task_set_task_data (task, g_variant_ref_sink (options), (GDestroyNotify) g_variant_unref);
  ferry_bus_get_async (NULL, cancellable, on_bus, g_steal_pointer (&task));
}

/**
 * ferry_completion_group_new_async:
 * @handler_name: (nullable): bus name of the application that is called, which has to be activatable; NULL
 * for nobody
 * @handler_action: (nullable): its action; NULL for the interface `org.ferry.Transfer1.CompletionHandler`
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Makes a group.
 */
void
ferry_completion_group_new_async (const char *handler_name, const char *handler_action,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (handler_name != NULL)
    g_variant_dict_insert (&dict, "handler-name", "s", handler_name);
  if (handler_action != NULL)
    g_variant_dict_insert (&dict, "handler-action", "s", handler_action);
  ferry_completion_group_new_with_options_async (g_variant_dict_end (&dict), cancellable, callback,
                                                 user_data);
}

/**
 * ferry_completion_group_new_finish:
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): the group, or NULL with @error
 */
FerryCompletionGroup *
ferry_completion_group_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What it is, and what can be done with it. */

/**
 * ferry_completion_group_get_path:
 * @self: a group
 *
 * Returns: (transfer none): its object path, for the option `completion-group` of requests
 */
const char *
ferry_completion_group_get_path (FerryCompletionGroup *self)
{
  return self->path;
}

/**
 * ferry_completion_group_get_state:
 * @self: a group
 *
 * Returns: how far it is
 */
FerryCompletionState
ferry_completion_group_get_state (FerryCompletionGroup *self)
{
  FerryCompletionState state;

  g_object_get (self, "state", &state, NULL);
  return state;
}

/**
 * ferry_completion_group_get_failed:
 * @self: a group
 *
 * Returns: how many of its operations have ended without success
 */
guint
ferry_completion_group_get_failed (FerryCompletionGroup *self)
{
  guint failed;

  g_object_get (self, "failed", &failed, NULL);
  return failed;
}

static void
on_replied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
call (FerryCompletionGroup *self, const char *method, gpointer tag, GCancellable *cancellable,
      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  ferry_bus_call_async (self->bus, self->path, GROUP, method, NULL, "()", FERRY_BUS_CALL_ONCE, cancellable,
                        on_replied, task);
}

/**
 * ferry_completion_group_enable_async:
 * @self: a group
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Says that it is complete. Once.
 */
void
ferry_completion_group_enable_async (FerryCompletionGroup *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "Enable", ferry_completion_group_enable_async, cancellable, callback, user_data);
}

/**
 * ferry_completion_group_enable_finish:
 * @self: a group
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_completion_group_enable_finish (FerryCompletionGroup *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_completion_group_remove_async:
 * @self: a group
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Removes it. Its operations stay.
 */
void
ferry_completion_group_remove_async (FerryCompletionGroup *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "Remove", ferry_completion_group_remove_async, cancellable, callback, user_data);
}

/**
 * ferry_completion_group_remove_finish:
 * @self: a group
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_completion_group_remove_finish (FerryCompletionGroup *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
