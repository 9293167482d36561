/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-manager-private.h"

#include "ferry-enum-types.h"
#include "ferry-names.h"
#include "ferry-operation-list.h"
#include "ferry-operation-private.h"

#define MANAGER FERRY_MANAGER_INTERFACE
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static const FerryPropertySpec specs[] = {
  { MANAGER, "Version", "s", "version", FERRY_PROPERTY_STRING },
  { MANAGER, "NetworkCost", "s", "network-cost", FERRY_PROPERTY_ENUM, ferry_network_cost_get_type },
  { MANAGER, "Roaming", "b", "roaming", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "ApproachingDataLimit", "b", "approaching-data-limit", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "OverDataLimit", "b", "over-data-limit", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "BackgroundDataRestricted", "b", "background-data-restricted", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "Connectivity", "s", "connectivity", FERRY_PROPERTY_ENUM, ferry_connectivity_get_type },
  { MANAGER, "OnBattery", "b", "on-battery", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "BatterySaver", "b", "battery-saver", FERRY_PROPERTY_BOOLEAN },
  { MANAGER, "Paused", "b", "paused", FERRY_PROPERTY_BOOLEAN },
};

/**
 * FerryManager:
 *
 * The service as a whole: the conditions under which it transfers, and all operations together.
 */
struct _FerryManager
{
  GObject parent_instance;

  FerryBus *bus;                          /* (owned) */
  GVariant *values[G_N_ELEMENTS (specs)]; /* (owned) (nullable): by row of the table; NULL: not known */
  guint subscription;                     /* of PropertiesChanged, which is broadcast */
  gulong lost_id;                         /* handler of FerryBus::lost */
};

G_DEFINE_FINAL_TYPE (FerryManager, ferry_manager, G_TYPE_OBJECT)

static void
ferry_manager_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryManager *self = FERRY_MANAGER (object);

  if (property_id >= 1 && property_id <= G_N_ELEMENTS (specs))
    ferry_property_to_value (&specs[property_id - 1], self->values[property_id - 1], value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_manager_dispose (GObject *object)
{
  FerryManager *self = FERRY_MANAGER (object);

  if (self->bus != NULL)
    {
      g_clear_signal_handler (&self->lost_id, self->bus);
      if (self->subscription != 0)
        g_dbus_connection_signal_unsubscribe (ferry_bus_get_connection (self->bus), self->subscription);
      self->subscription = 0;
    }
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (ferry_manager_parent_class)->dispose (object);
}

static void
ferry_manager_finalize (GObject *object)
{
  FerryManager *self = FERRY_MANAGER (object);

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    g_clear_pointer (&self->values[i], g_variant_unref);

  G_OBJECT_CLASS (ferry_manager_parent_class)->finalize (object);
}

static void
ferry_manager_class_init (FerryManagerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_manager_get_property;
  object_class->dispose = ferry_manager_dispose;
  object_class->finalize = ferry_manager_finalize;
  ferry_property_install (specs, G_N_ELEMENTS (specs), MANAGER, object_class);
}

static void
ferry_manager_init (FerryManager *self)
{
}

/**
 * ferry_manager_get_specs:
 * @n_specs: (out): its length
 *
 * Returns: (transfer none) (array length=n_specs): the table of the Manager's properties
 */
const FerryPropertySpec *
ferry_manager_get_specs (guint *n_specs)
{
  *n_specs = G_N_ELEMENTS (specs);
  return specs;
}

static void
update (FerryManager *self, GVariant *properties)
{
  ferry_property_update (specs, G_N_ELEMENTS (specs), self->values, MANAGER, properties, G_OBJECT (self));
}

static void
on_properties_changed (GDBusConnection *connection, const char *sender, const char *path,
                       const char *interface, const char *member, GVariant *parameters, gpointer user_data)
{
  g_autoptr (GVariant) changed = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}as)", NULL, &changed, NULL);
  update (FERRY_MANAGER (user_data), changed);
}

static void
get_all (FerryManager *self, FerryBusCallFlags flags, GCancellable *cancellable, GAsyncReadyCallback callback,
         gpointer user_data)
{
  ferry_bus_call_async (self->bus, FERRY_ROOT_PATH, PROPERTIES_INTERFACE, "GetAll",
                        g_variant_new ("(s)", MANAGER), "(a{sv})", flags, cancellable, callback, user_data);
}

static void
on_got_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryManager) self = FERRY_MANAGER (user_data);
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, NULL);
  g_autoptr (GVariant) properties = NULL;

  /* Without an answer the values stay as they were last known. */
  if (reply == NULL)
    return;
  properties = g_variant_get_child_value (reply, 0);
  update (self, properties);
}

static void
on_lost (FerryBus *bus, FerryManager *self)
{
  get_all (self, FERRY_BUS_CALL_REPEATABLE, NULL, on_got_again, g_object_ref (self));
}

static void
on_got (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryManager *self = g_task_get_task_data (task);
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
  self->lost_id = g_signal_connect (self->bus, "lost", G_CALLBACK (on_lost), self);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryManager *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->bus = ferry_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->subscription = g_dbus_connection_signal_subscribe (
      ferry_bus_get_connection (self->bus), FERRY_BUS_NAME, PROPERTIES_INTERFACE, "PropertiesChanged",
      FERRY_ROOT_PATH, MANAGER, G_DBUS_SIGNAL_FLAGS_NONE, on_properties_changed, self, NULL);
  get_all (self, FERRY_BUS_CALL_REPEATABLE, g_task_get_cancellable (task), on_got, g_object_ref (task));
}

/**
 * ferry_manager_new_async:
 * @connection: (nullable): the bus the service is on; NULL for the session bus
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Makes a manager whose properties are as the service has them, and follow.
 */
void
ferry_manager_new_async (GDBusConnection *connection, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_new_async);
  g_task_set_task_data (task, g_object_new (FERRY_TYPE_MANAGER, NULL), g_object_unref);
  ferry_bus_get_async (connection, cancellable, on_bus, g_steal_pointer (&task));
}

/**
 * ferry_manager_new_finish:
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): the manager, or NULL with @error
 */
FerryManager *
ferry_manager_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_replied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  GVariant *reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
}

/**
 * ferry_manager_call:
 * @self: a manager
 * @method: of its interface
 * @parameters: (nullable): arguments; consumed if floating
 * @reply_type: signature of the reply
 * @flags: what a lost reply means
 * @task: (transfer full): returns the reply
 */
void
ferry_manager_call (FerryManager *self, const char *method, GVariant *parameters, const char *reply_type,
                    FerryBusCallFlags flags, GTask *task)
{
  ferry_bus_call_async (self->bus, FERRY_ROOT_PATH, MANAGER, method, parameters, reply_type, flags,
                        g_task_get_cancellable (task), on_replied, task);
}

/**
 * ferry_manager_finish_empty:
 * @result: of a task of ferry_manager_call()
 * @error: (nullable):
 *
 * Returns: whether it is done; for replies that say nothing else
 */
gboolean
ferry_manager_finish_empty (GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  return reply != NULL;
}

/**
 * ferry_manager_for_each_async:
 * @self: a manager
 * @verb: what to do
 * @filter: (nullable): to which operations, an a{sv} as `Downloader.List` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Does one thing to every operation of the filter that it applies to.
 */
void
ferry_manager_for_each_async (FerryManager *self, FerryVerb verb, GVariant *filter, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GVariant) owned =
      g_variant_ref_sink (filter != NULL ? filter : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  g_task_set_source_tag (task, ferry_manager_for_each_async);
  ferry_manager_call (self, "ForEach",
                      g_variant_new ("(s@a{sv})", ferry_enum_to_nick (FERRY_TYPE_VERB, verb), owned), "(u)",
                      FERRY_BUS_CALL_ONCE, g_steal_pointer (&task));
}

/**
 * ferry_manager_for_each_finish:
 * @self: a manager
 * @result: what the callback got
 * @count: (out) (optional): to how many it was done
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_for_each_finish (FerryManager *self, GAsyncResult *result, guint *count, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  if (reply != NULL && count != NULL)
    g_variant_get (reply, "(u)", count);
  return reply != NULL;
}

/**
 * ferry_manager_pause_all_async:
 * @self: a manager
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * The user's own switch: everything that is started waits, of every application, until
 * ferry_manager_resume_all_async().
 */
void
ferry_manager_pause_all_async (FerryManager *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_pause_all_async);
  /* Twice is once, so it may be repeated when the service went away under it. */
  ferry_manager_call (self, "PauseAll", NULL, "()", FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_pause_all_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_pause_all_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}

/**
 * ferry_manager_resume_all_async:
 * @self: a manager
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Ends ferry_manager_pause_all_async().
 */
void
ferry_manager_resume_all_async (FerryManager *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_resume_all_async);
  /* Twice is once, so it may be repeated when the service went away under it. */
  ferry_manager_call (self, "ResumeAll", NULL, "()", FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_resume_all_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_resume_all_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}

static GVariant *
build_paths (GListModel *operations)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
  for (guint i = 0; i < g_list_model_get_n_items (operations); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (operations, i);

      g_variant_builder_add (&builder, "o", ferry_operation_get_path (operation));
    }
  return g_variant_builder_end (&builder);
}

/**
 * ferry_manager_request_unconstrained_async:
 * @self: a manager
 * @operations: a list of #FerryOperation
 * @cancellable: (nullable): to wait no longer; the user goes on being asked
 * @callback: called when the user has answered
 * @user_data: for @callback
 *
 * Asks the user to let operations go on while battery is to be saved. It takes as long as the user takes, up
 * to five minutes.
 */
void
ferry_manager_request_unconstrained_async (FerryManager *self, GListModel *operations,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_request_unconstrained_async);
  ferry_manager_call (self, "RequestUnconstrained", g_variant_new ("(@ao)", build_paths (operations)), "(b)",
                      FERRY_BUS_CALL_PATIENT, task);
}

/**
 * ferry_manager_request_unconstrained_finish:
 * @self: a manager
 * @result: what the callback got
 * @granted: (out): whether the user agreed; FALSE without an answer, or where there is nobody to ask
 * @error: (nullable):
 *
 * Returns: whether there is an answer
 */
gboolean
ferry_manager_request_unconstrained_finish (FerryManager *self, GAsyncResult *result, gboolean *granted,
                                            GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  if (reply != NULL)
    g_variant_get (reply, "(b)", granted);
  return reply != NULL;
}

static void
on_watched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  FerryOperationList *list = ferry_operation_list_new_finish (result, &error);

  if (list == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, list, g_object_unref);
}

/**
 * ferry_manager_watch_async:
 * @self: a manager
 * @filter: (nullable): which operations, an a{sv} as `Downloader.List` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Makes a live list. A connection has one: a newer list takes the place of an older, which stays as it is.
 */
void
ferry_manager_watch_async (FerryManager *self, GVariant *filter, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_watch_async);
  ferry_operation_list_new_async (self->bus, filter, cancellable, on_watched, g_steal_pointer (&task));
}

/**
 * ferry_manager_watch_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): a list of #FerryOperation, oldest first, that follows; or NULL with @error
 */
GListModel *
ferry_manager_watch_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * ferry_manager_get_properties:
 * @self: a manager
 *
 * Returns: (transfer full): an a{sv} of all that is known of it, by the names on the bus
 */
GVariant *
ferry_manager_get_properties (FerryManager *self)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      if (self->values[i] != NULL)
        g_variant_dict_insert_value (&dict, specs[i].dbus_name, self->values[i]);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
