/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-handler-caller-bus.h"

#include "ferry-error.h"
#include "ferry-names.h"
#include "ferryd-paths.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define APPLICATION_INTERFACE "org.freedesktop.Application"

/* Whoever owns its name may take its time, and who leaves is answered for by the bus. */
#define NO_TIMEOUT G_MAXINT

struct _FerrydHandlerCallerBus
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  GHashTable *watches;         /* (owned) (element-type utf8 guint): names, and the ids of their watches */
  GHashTable *owners; /* (owned) (element-type utf8 utf8): names, and the unique ones of who has them */
  GHashTable *calls;  /* (owned) (element-type GTask): those not answered; the tasks own themselves */
};

/* A call of an application. */
typedef struct
{
  char *name;                /* (owned) */
  GCancellable *cancellable; /* (owned): it has given its name up */
  GCancellable *outer;       /* (owned) (nullable): nobody waits any more */
  gulong handler;            /* of @outer, 0 for none */
} Calling;

static void ferryd_handler_caller_bus_caller_init (FerrydHandlerCallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydHandlerCallerBus, ferryd_handler_caller_bus, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_HANDLER_CALLER,
                                                      ferryd_handler_caller_bus_caller_init))

static void
calling_free (gpointer data)
{
  Calling *calling = data;

  if (calling->outer != NULL)
    g_cancellable_disconnect (calling->outer, calling->handler);
  g_clear_object (&calling->outer);
  g_object_unref (calling->cancellable);
  g_free (calling->name);
  g_free (calling);
}

/* Whether it can be called at all. */

static gboolean
is_listed (GVariant *names, const char *wanted)
{
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, names);
  while (g_variant_iter_next (&iter, "&s", &name))
    {
      if (g_str_equal (name, wanted))
        return TRUE;
    }
  return FALSE;
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *name = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) names = NULL;

  if (reply == NULL)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                               "handler-name: the bus does not say whether '%s' can be activated: %s", name,
                               error->message);
      return;
    }
  g_variant_get (reply, "(@as)", &names);
  if (is_listed (names, name))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                             "handler-name: '%s' cannot be activated, so it could not be called once it has "
                             "ended; what is missing is a D-Bus service file that says Name=%s, such as "
                             "~/.local/share/dbus-1/services/%s.service",
                             name, name, name);
}

static void
ferryd_handler_caller_bus_check_async (FerrydHandlerCaller *caller, const char *name,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydHandlerCallerBus *self = FERRYD_HANDLER_CALLER_BUS (caller);
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_handler_caller_bus_check_async);
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "ListActivatableNames", NULL,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_listed, task);
}

static gboolean
ferryd_handler_caller_bus_check_finish (FerrydHandlerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Whether it runs. */

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  FerrydHandlerCallerBus *self = user_data;

  g_hash_table_insert (self->owners, g_strdup (name), g_strdup (owner));
  ferryd_handler_caller_emit_owner (FERRYD_HANDLER_CALLER (self), name, TRUE);
}

/* (transfer container): the cancellables of what is not answered. */
static GPtrArray *
list_calls (FerrydHandlerCallerBus *self, const char *name)
{
  GPtrArray *calls = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer task;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, &task, NULL))
    {
      const Calling *calling = g_task_get_task_data (task);

      if (g_str_equal (calling->name, name))
        g_ptr_array_add (calls, g_object_ref (calling->cancellable));
    }
  return calls;
}

static void
on_looked_for (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) calls = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean stays = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &stays);
  for (guint i = 0; stays && i < calls->len; i++)
    g_cancellable_cancel (g_ptr_array_index (calls, i));
}

/* Who gives its name up and stays on the bus is not waited for either. Of who has left it the bus says so
 * itself, call by call; others, which it keeps for the process that it starts, are still to be answered. */
static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  FerrydHandlerCallerBus *self = user_data;
  g_autofree char *key = NULL;
  g_autofree char *owner = NULL;

  if (connection != NULL &&
      g_hash_table_steal_extended (self->owners, name, (gpointer *) &key, (gpointer *) &owner))
    g_dbus_connection_call (connection, BUS_NAME, BUS_PATH, BUS_NAME, "NameHasOwner",
                            g_variant_new ("(s)", owner), G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, -1,
                            NULL, on_looked_for, list_calls (self, name));
  ferryd_handler_caller_emit_owner (FERRYD_HANDLER_CALLER (self), name, FALSE);
}

static void
ferryd_handler_caller_bus_watch (FerrydHandlerCaller *caller, const char *name)
{
  FerrydHandlerCallerBus *self = FERRYD_HANDLER_CALLER_BUS (caller);
  guint id;

  if (g_hash_table_contains (self->watches, name))
    return;
  id = g_bus_watch_name_on_connection (self->connection, name, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                       on_vanished, self, NULL);
  g_hash_table_insert (self->watches, g_strdup (name), GUINT_TO_POINTER (id));
}

/* Calls. */

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

/* (oaoao) */
static GVariant *
make_arguments (const FerrydHandlerCall *call)
{
  g_autofree char *group = ferryd_paths_of_completion_group (&call->group);

  return g_variant_new ("(o@ao@ao)", group, make_paths (call->downloads), make_paths (call->uploads));
}

static GVariant *
make_activation (const FerrydHandlerCall *call)
{
  GVariant *parameter = g_variant_new_variant (make_arguments (call));

  return g_variant_new ("(s@av@a{sv})", call->action,
                        g_variant_new_array (G_VARIANT_TYPE_VARIANT, &parameter, 1),
                        g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydHandlerCallerBus *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_hash_table_remove (self->calls, task);
  if (reply != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_outer_canceled (GCancellable *outer, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
ferryd_handler_caller_bus_call_async (FerrydHandlerCaller *caller, const FerrydHandlerCall *call,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  FerrydHandlerCallerBus *self = FERRYD_HANDLER_CALLER_BUS (caller);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Calling *calling = g_new0 (Calling, 1);
  gboolean is_action = call->action != NULL;

  calling->name = g_strdup (call->name);
  calling->cancellable = g_cancellable_new ();
  if (g_set_object (&calling->outer, cancellable))
    calling->handler = g_cancellable_connect (cancellable, G_CALLBACK (on_outer_canceled),
                                              g_object_ref (calling->cancellable), g_object_unref);
  g_task_set_source_tag (task, ferryd_handler_caller_bus_call_async);
  g_task_set_task_data (task, calling, calling_free);
  g_hash_table_add (self->calls, task);
  g_dbus_connection_call (self->connection, call->name, call->path,
                          is_action ? APPLICATION_INTERFACE : FERRY_COMPLETION_HANDLER_INTERFACE,
                          is_action ? "ActivateAction" : "OperationsEnded",
                          is_action ? make_activation (call) : make_arguments (call), NULL,
                          G_DBUS_CALL_FLAGS_NONE, NO_TIMEOUT, calling->cancellable, on_called, task);
}

static gboolean
ferryd_handler_caller_bus_call_finish (FerrydHandlerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_handler_caller_bus_dispose (GObject *object)
{
  FerrydHandlerCallerBus *self = FERRYD_HANDLER_CALLER_BUS (object);
  GHashTableIter iter;
  gpointer id;

  if (self->watches != NULL)
    {
      g_hash_table_iter_init (&iter, self->watches);
      while (g_hash_table_iter_next (&iter, NULL, &id))
        g_bus_unwatch_name (GPOINTER_TO_UINT (id));
    }
  g_clear_pointer (&self->watches, g_hash_table_unref);
  g_clear_pointer (&self->owners, g_hash_table_unref);
  g_clear_pointer (&self->calls, g_hash_table_unref);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_handler_caller_bus_parent_class)->dispose (object);
}

static void
ferryd_handler_caller_bus_class_init (FerrydHandlerCallerBusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_handler_caller_bus_dispose;
}

static void
ferryd_handler_caller_bus_init (FerrydHandlerCallerBus *self)
{
  self->watches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->calls = g_hash_table_new (NULL, NULL);
}

static void
ferryd_handler_caller_bus_caller_init (FerrydHandlerCallerInterface *iface)
{
  iface->check_async = ferryd_handler_caller_bus_check_async;
  iface->check_finish = ferryd_handler_caller_bus_check_finish;
  iface->watch = ferryd_handler_caller_bus_watch;
  iface->call_async = ferryd_handler_caller_bus_call_async;
  iface->call_finish = ferryd_handler_caller_bus_call_finish;
}

/**
 * ferryd_handler_caller_bus_new:
 * @connection: the session bus
 *
 * Returns: (transfer full): a caller
 */
FerrydHandlerCaller *
ferryd_handler_caller_bus_new (GDBusConnection *connection)
{
  FerrydHandlerCallerBus *self = g_object_new (FERRYD_TYPE_HANDLER_CALLER_BUS, NULL);

  self->connection = g_object_ref (connection);
  return FERRYD_HANDLER_CALLER (self);
}
