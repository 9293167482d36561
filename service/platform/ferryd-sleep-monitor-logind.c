/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sleep-monitor-logind.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#define NAME "org.freedesktop.login1"
#define PATH "/org/freedesktop/login1"
#define MANAGER "org.freedesktop.login1.Manager"

struct _FerrydSleepMonitorLogind
{
  GObject parent_instance;

  FerrydSystemBus *bus;        /* (owned) */
  GDBusConnection *connection; /* (owned) (nullable): what the subscriptions below are of */
  GCancellable *cancellable;   /* (owned): of what is asked for on @connection */
  guint watch;                 /* of the name, 0 for none */
  guint subscription;          /* to the signal, 0 for none */
  int inhibitor;               /* (owned): logind waits while it is open; -1 for none */
  gboolean asleep;             /* the machine is about to sleep, or sleeps */
};

static void ferryd_sleep_monitor_logind_monitor_init (FerrydSleepMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydSleepMonitorLogind, ferryd_sleep_monitor_logind, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_SLEEP_MONITOR,
                                                      ferryd_sleep_monitor_logind_monitor_init))

static void
close_inhibitor (FerrydSleepMonitorLogind *self)
{
  if (self->inhibitor >= 0)
    close (self->inhibitor);
  self->inhibitor = -1;
}

static void
set_asleep (FerrydSleepMonitorLogind *self, gboolean asleep)
{
  if (self->asleep == asleep)
    return;
  self->asleep = asleep;
  g_signal_emit_by_name (self, "changed");
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydSleepMonitorLogind *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &fds, result, &error);
  gint32 handle = -1;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the monitor has gone, or logind */
  if (answer != NULL)
    g_variant_get (answer, "(h)", &handle);
  close_inhibitor (self);
  if (fds != NULL && handle >= 0 && handle < g_unix_fd_list_get_length (fds))
    self->inhibitor = g_unix_fd_list_get (fds, handle, &error);
  if (self->inhibitor < 0)
    g_debug ("The machine will not wait for transfers before it sleeps: %s",
             error != NULL ? error->message : "no descriptor");
  /* It came too late to be of use: the machine does not wait for what will not be told. */
  if (self->asleep)
    close_inhibitor (self);
}

/* For the next sleep; each inhibitor serves for one. */
static void
inhibit (FerrydSleepMonitorLogind *self)
{
  if (self->inhibitor >= 0)
    return;
  g_dbus_connection_call_with_unix_fd_list (
      self->connection, NAME, PATH, MANAGER, "Inhibit",
      g_variant_new ("(ssss)", "sleep", "Ferry", "Recording how far transfers are", "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->cancellable, on_inhibited,
      self);
}

static void
on_prepare_for_sleep (GDBusConnection *connection, const char *sender, const char *path,
                      const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  FerrydSleepMonitorLogind *self = user_data;
  gboolean begins;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &begins);
  set_asleep (self, begins);
  if (!begins)
    inhibit (self);
}

static void
renew_cancellable (FerrydSleepMonitorLogind *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  inhibit (user_data);
}

/* Also where it has never been. A machine whose logind goes is awake. */
static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  FerrydSleepMonitorLogind *self = user_data;

  renew_cancellable (self);
  close_inhibitor (self);
  set_asleep (self, FALSE);
}

static void
leave_connection (FerrydSleepMonitorLogind *self)
{
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->connection);
  close_inhibitor (self);
}

static void
on_bus_changed (FerrydSleepMonitorLogind *self)
{
  leave_connection (self);
  renew_cancellable (self);
  g_set_object (&self->connection, ferryd_system_bus_get_connection (self->bus));
  if (self->connection == NULL)
    {
      set_asleep (self, FALSE);
      return;
    }
  self->subscription =
      g_dbus_connection_signal_subscribe (self->connection, NAME, MANAGER, "PrepareForSleep", PATH, NULL,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_prepare_for_sleep, self, NULL);
  self->watch = g_bus_watch_name_on_connection (self->connection, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                on_appeared, on_vanished, self, NULL);
}

static gboolean
ferryd_sleep_monitor_logind_is_asleep (FerrydSleepMonitor *monitor)
{
  return FERRYD_SLEEP_MONITOR_LOGIND (monitor)->asleep;
}

static void
ferryd_sleep_monitor_logind_let_go (FerrydSleepMonitor *monitor)
{
  close_inhibitor (FERRYD_SLEEP_MONITOR_LOGIND (monitor));
}

static void
ferryd_sleep_monitor_logind_dispose (GObject *object)
{
  FerrydSleepMonitorLogind *self = FERRYD_SLEEP_MONITOR_LOGIND (object);

  g_cancellable_cancel (self->cancellable);
  leave_connection (self);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ferryd_sleep_monitor_logind_parent_class)->dispose (object);
}

static void
ferryd_sleep_monitor_logind_finalize (GObject *object)
{
  g_object_unref (FERRYD_SLEEP_MONITOR_LOGIND (object)->cancellable);
  G_OBJECT_CLASS (ferryd_sleep_monitor_logind_parent_class)->finalize (object);
}

static void
ferryd_sleep_monitor_logind_class_init (FerrydSleepMonitorLogindClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_sleep_monitor_logind_dispose;
  object_class->finalize = ferryd_sleep_monitor_logind_finalize;
}

static void
ferryd_sleep_monitor_logind_init (FerrydSleepMonitorLogind *self)
{
  self->cancellable = g_cancellable_new ();
  self->inhibitor = -1;
}

static void
ferryd_sleep_monitor_logind_monitor_init (FerrydSleepMonitorInterface *iface)
{
  iface->is_asleep = ferryd_sleep_monitor_logind_is_asleep;
  iface->let_go = ferryd_sleep_monitor_logind_let_go;
}

/**
 * ferryd_sleep_monitor_logind_new:
 * @bus: where logind is
 *
 * Has the machine wait before it sleeps, as long as logind is there.
 *
 * Returns: (transfer full): a monitor of a machine that is awake
 */
FerrydSleepMonitor *
ferryd_sleep_monitor_logind_new (FerrydSystemBus *bus)
{
  FerrydSleepMonitorLogind *self = g_object_new (FERRYD_TYPE_SLEEP_MONITOR_LOGIND, NULL);

  self->bus = g_object_ref (bus);
  g_signal_connect_swapped (bus, "changed", G_CALLBACK (on_bus_changed), self);
  if (ferryd_system_bus_get_connection (bus) != NULL)
    on_bus_changed (self);
  return FERRYD_SLEEP_MONITOR (self);
}
