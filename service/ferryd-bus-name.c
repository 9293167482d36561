/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-bus-name.h"

#include "ferry-names.h"

#define BUS "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* Flags and answers of RequestName (D-Bus specification, "Message bus messages"). */
#define FLAG_ALLOW_REPLACEMENT 1u
#define FLAG_REPLACE_EXISTING 2u
#define FLAG_DO_NOT_QUEUE 4u
#define ANSWER_PRIMARY_OWNER 1u
#define ANSWER_ALREADY_OWNER 4u

struct _FerrydBusName
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  guint lost_subscription;     /* of the connection */
};

static guint lost_signal;

G_DEFINE_FINAL_TYPE (FerrydBusName, ferryd_bus_name, G_TYPE_OBJECT)

static void
ferryd_bus_name_dispose (GObject *object)
{
  FerrydBusName *self = FERRYD_BUS_NAME (object);

  if (self->lost_subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->lost_subscription);
  self->lost_subscription = 0;
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_bus_name_parent_class)->dispose (object);
}

static void
ferryd_bus_name_class_init (FerrydBusNameClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_bus_name_dispose;
  lost_signal =
      g_signal_new ("lost", FERRYD_TYPE_BUS_NAME, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_bus_name_init (FerrydBusName *self)
{
}

static void
on_lost (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *signal, GVariant *parameters, gpointer user_data)
{
  g_signal_emit (user_data, lost_signal, 0);
}

/**
 * ferryd_bus_name_new:
 * @connection: to the session bus
 *
 * Returns: (transfer full): the name, not yet owned
 */
FerrydBusName *
ferryd_bus_name_new (GDBusConnection *connection)
{
  FerrydBusName *self = g_object_new (FERRYD_TYPE_BUS_NAME, NULL);

  self->connection = g_object_ref (connection);
  self->lost_subscription =
      g_dbus_connection_signal_subscribe (connection, BUS, BUS, "NameLost", BUS_PATH, FERRY_BUS_NAME,
                                          G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_lost, self, NULL);
  return self;
}

static void
call (FerrydBusName *self, const char *method, GVariant *parameters, GAsyncReadyCallback answered,
      GTask *task)
{
  g_dbus_connection_call (self->connection, BUS, BUS_PATH, BUS, method, parameters, G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, answered, task);
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 code = 0;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get (answer, "(u)", &code);
  if (code == ANSWER_PRIMARY_OWNER || code == ANSWER_ALREADY_OWNER)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS,
                             "Another instance of the service owns %s on this bus; --replace takes it over",
                             FERRY_BUS_NAME);
}

/**
 * ferryd_bus_name_request_async:
 * @self: the name
 * @replace: take it from another instance
 * @callback: told when it is owned
 * @user_data: for @callback
 */
void
ferryd_bus_name_request_async (FerrydBusName *self, gboolean replace, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  guint32 flags = FLAG_ALLOW_REPLACEMENT | FLAG_DO_NOT_QUEUE | (replace ? FLAG_REPLACE_EXISTING : 0);

  g_task_set_source_tag (task, ferryd_bus_name_request_async);
  call (self, "RequestName", g_variant_new ("(su)", FERRY_BUS_NAME, flags), on_requested, task);
}

/**
 * ferryd_bus_name_request_finish:
 * @self: the name
 * @result: what the callback was given
 * @error: return location; G_IO_ERROR_EXISTS where another instance has it
 *
 * Returns: whether it is owned
 */
gboolean
ferryd_bus_name_request_finish (FerrydBusName *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_bus_name_release_async:
 * @self: the name
 * @callback: told when it is nobody's
 * @user_data: for @callback
 */
void
ferryd_bus_name_release_async (FerrydBusName *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_bus_name_release_async);
  call (self, "ReleaseName", g_variant_new ("(s)", FERRY_BUS_NAME), on_released, task);
}

/**
 * ferryd_bus_name_release_finish:
 * @self: the name
 * @result: what the callback was given
 * @error: return location
 *
 * Returns: whether it is certain that the name is not owned any more
 */
gboolean
ferryd_bus_name_release_finish (FerrydBusName *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
