/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-system-bus.h"

/* After which time a bus that is not there is tried again (seconds). One that was restarted is back in a
 * moment; where there is none at all, as in a container, nobody shall be woken up all the time. */
#define FIRST_RETRY 1
#define LONGEST_RETRY 60

struct _FerrydSystemBus
{
  GObject parent_instance;

  GCancellable *cancellable;   /* (owned): of the attempt to connect */
  GDBusConnection *connection; /* (owned) (nullable) */
  guint retry;                 /* source, 0 for none */
  guint retry_interval;        /* seconds */
  gboolean absent;             /* there is none for now, as far as was tried */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (FerrydSystemBus, ferryd_system_bus, G_TYPE_OBJECT)

static void connect_to_bus (FerrydSystemBus *self);

static gboolean
on_retry (gpointer user_data)
{
  FerrydSystemBus *self = user_data;

  self->retry = 0;
  connect_to_bus (self);
  return G_SOURCE_REMOVE;
}

static void
set_absent (FerrydSystemBus *self)
{
  gboolean was_absent = self->absent;

  self->absent = TRUE;
  self->retry = g_timeout_add_seconds (self->retry_interval, on_retry, self);
  self->retry_interval = MIN (2 * self->retry_interval, LONGEST_RETRY);
  if (!was_absent)
    g_signal_emit (self, changed_signal, 0);
}

static void
on_closed (FerrydSystemBus *self)
{
  g_message ("The system bus has gone: nothing is known of the machine any more");
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  self->retry_interval = FIRST_RETRY;
  set_absent (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydSystemBus *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_for_address_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the bus object has gone */
  if (connection == NULL)
    {
      g_debug ("Without the system bus nothing is known of the machine: %s", error->message);
      set_absent (self);
      return;
    }
  self->connection = g_steal_pointer (&connection);
  self->absent = FALSE;
  g_signal_connect_swapped (self->connection, "closed", G_CALLBACK (on_closed), self);
  g_signal_emit (self, changed_signal, 0);
}

/* A connection of its own: the one that GIO shares stays closed for as long as anybody still has it. */
static void
connect_to_bus (FerrydSystemBus *self)
{
  g_autoptr (GError) error = NULL;
  /* Only looks into the environment. */
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  if (address == NULL)
    {
      g_debug ("The system bus has no address: %s", error->message);
      set_absent (self);
      return;
    }
  g_dbus_connection_new_for_address (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, self->cancellable, on_connected, self);
}

static void
ferryd_system_bus_dispose (GObject *object)
{
  FerrydSystemBus *self = FERRYD_SYSTEM_BUS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry, g_source_remove);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_system_bus_parent_class)->dispose (object);
}

static void
ferryd_system_bus_finalize (GObject *object)
{
  g_object_unref (FERRYD_SYSTEM_BUS (object)->cancellable);
  G_OBJECT_CLASS (ferryd_system_bus_parent_class)->finalize (object);
}

static void
ferryd_system_bus_class_init (FerrydSystemBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_system_bus_dispose;
  object_class->finalize = ferryd_system_bus_finalize;
  changed_signal = g_signal_new ("changed", FERRYD_TYPE_SYSTEM_BUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ferryd_system_bus_init (FerrydSystemBus *self)
{
  self->cancellable = g_cancellable_new ();
  self->retry_interval = FIRST_RETRY;
}

/**
 * ferryd_system_bus_new:
 *
 * Begins to connect.
 *
 * Returns: (transfer full): a bus of which nothing is known yet
 */
FerrydSystemBus *
ferryd_system_bus_new (void)
{
  FerrydSystemBus *self = g_object_new (FERRYD_TYPE_SYSTEM_BUS, NULL);

  connect_to_bus (self);
  return self;
}

/**
 * ferryd_system_bus_get_connection:
 * @self: the bus
 *
 * Returns: (transfer none) (nullable): the connection, NULL while there is none
 */
GDBusConnection *
ferryd_system_bus_get_connection (FerrydSystemBus *self)
{
  return self->connection;
}

/**
 * ferryd_system_bus_is_absent:
 * @self: the bus
 *
 * Returns: whether it is known that there is no connection for now; FALSE before the first attempt has ended
 */
gboolean
ferryd_system_bus_is_absent (FerrydSystemBus *self)
{
  return self->absent;
}
