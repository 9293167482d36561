/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-service.h"

#include <malloc.h>
#include <stdlib.h>

#include "ferry-error.h"
#include "ferry-names.h"
#include "ferryd-applications-desktop.h"
#include "ferryd-bus-name.h"
#include "ferryd-clock-system.h"
#include "ferryd-dispatcher.h"
#include "ferryd-handler-caller-bus.h"
#include "ferryd-idle-exit.h"
#include "ferryd-interface-counters-sysfs.h"
#include "ferryd-io-thread.h"
#include "ferryd-network-monitor-nm.h"
#include "ferryd-notifier-freedesktop.h"
#include "ferryd-power-monitor-upower.h"
#include "ferryd-queue.h"
#include "ferryd-settings.h"
#include "ferryd-sleep-monitor-logind.h"
#include "ferryd-store-sqlite.h"
#include "ferryd-system-bus.h"
#include "ferryd-transport-schemes.h"
#include "ferryd-transport-soup.h"

/* How long a stop may take before the process goes all the same (milliseconds): what is not synced by then is
 * recovered from the journal pages at the next start. */
#define STOP_TIMEOUT 5000

/* Calls that have come in are answered before the service ends: how often that is looked at (milliseconds).
 */
#define DRAIN_INTERVAL 5

/* How long after the last activity freed memory is given back to the system (milliseconds): long enough not
 * to do it between the calls of one burst. */
#define TRIM_DELAY 500

struct _FerrydService
{
  GObject parent_instance;

  GMainLoop *loop;                    /* (owned) */
  char *state_directory;              /* (owned) */
  gboolean replace;                   /* take the name from another instance */
  GDBusConnection *connection;        /* (owned) (nullable) */
  FerrydSettings *settings;           /* (owned) (nullable) */
  FerrydClock *clock;                 /* (owned) (nullable) */
  FerrydIoThread *io;                 /* (owned) (nullable) */
  FerrydTransport *transport;         /* (owned) (nullable) */
  FerrydStore *store;                 /* (owned) (nullable) */
  FerrydSystemBus *system_bus;        /* (owned) (nullable) */
  FerrydNetworkMonitor *network;      /* (owned) (nullable) */
  FerrydPowerMonitor *power;          /* (owned) (nullable) */
  FerrydSleepMonitor *sleep;          /* (owned) (nullable) */
  FerrydNotifier *notifier;           /* (owned) (nullable) */
  FerrydDataMeter *meter;             /* (owned) (nullable) */
  FerrydHandlerCaller *handlers;      /* (owned) (nullable) */
  FerrydApplications *applications;   /* (owned) (nullable) */
  FerrydQueue *queue;                 /* (owned) (nullable) */
  FerrydUnconstrained *unconstrained; /* (owned) (nullable) */
  FerrydDispatcher *dispatcher;       /* (owned) (nullable) */
  FerrydBusName *name;                /* (owned) (nullable) */
  FerrydIdleExit *idle_exit;          /* (owned) (nullable) */
  guint trim;                         /* source, 0 for none */
  guint stop_timeout;                 /* source, 0 for none */
  guint drain;                        /* source, 0 for none: waits for the last answers */
  gboolean loaded;
  gboolean leaving; /* the name is being given back because there is nothing to do */
  gboolean stopping;
  int exit_status;
};

G_DEFINE_FINAL_TYPE (FerrydService, ferryd_service, G_TYPE_OBJECT)

static void
drop_transport (gpointer data)
{
  g_object_unref (data);
}

/* In the opposite order of their making. */
static void
ferryd_service_dispose (GObject *object)
{
  FerrydService *self = FERRYD_SERVICE (object);

  g_clear_handle_id (&self->trim, g_source_remove);
  g_clear_handle_id (&self->stop_timeout, g_source_remove);
  g_clear_handle_id (&self->drain, g_source_remove);
  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->idle_exit);
  g_clear_object (&self->name);
  g_clear_object (&self->dispatcher);
  g_clear_object (&self->unconstrained);
  g_clear_object (&self->queue);
  g_clear_object (&self->meter);
  g_clear_object (&self->applications);
  g_clear_object (&self->handlers);
  g_clear_object (&self->notifier);
  g_clear_object (&self->power);
  g_clear_object (&self->sleep);
  g_clear_object (&self->system_bus);
  g_clear_object (&self->network);
  g_clear_object (&self->store);
  if (self->transport != NULL)
    ferryd_io_thread_post (self->io, drop_transport, g_steal_pointer (&self->transport));
  g_clear_pointer (&self->io, ferryd_io_thread_free);
  g_clear_object (&self->clock);
  g_clear_object (&self->settings);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->state_directory, g_free);
  G_OBJECT_CLASS (ferryd_service_parent_class)->dispose (object);
}

static void
ferryd_service_class_init (FerrydServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_service_dispose;
}

static void
ferryd_service_init (FerrydService *self)
{
}

/**
 * ferryd_service_new:
 * @loop: to be quit when the service has ended
 * @state_directory: where it keeps its state
 * @replace: whether it takes its name from another instance
 *
 * Returns: (transfer full): a service that has not begun anything
 */
FerrydService *
ferryd_service_new (GMainLoop *loop, const char *state_directory, gboolean replace)
{
  FerrydService *self = g_object_new (FERRYD_TYPE_SERVICE, NULL);

  self->loop = g_main_loop_ref (loop);
  self->state_directory = g_strdup (state_directory);
  self->replace = replace;
  return self;
}

/**
 * ferryd_service_get_exit_status:
 * @self: a service that has ended
 *
 * Returns: the exit status of the process
 */
int
ferryd_service_get_exit_status (FerrydService *self)
{
  return self->exit_status;
}

static void
fail (FerrydService *self, const char *what, const GError *error)
{
  g_printerr ("ferryd: %s: %s\n", what, error->message);
  self->exit_status = EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

/* The end. */

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;

  /* It fails when the bus has gone, and then nobody waits for an answer. */
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_main_loop_quit (self->loop);
}

static void
on_queue_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_close_finish (FERRYD_QUEUE (source), result, &error))
    g_warning ("Not everything could be recorded: %s", error->message);
  g_dbus_connection_flush (self->connection, NULL, on_flushed, g_object_ref (self));
}

static gboolean
on_stop_timeout (gpointer user_data)
{
  FerrydService *self = user_data;

  g_warning ("Stopping takes too long: leaving the rest to the next start");
  self->stop_timeout = 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_drain (gpointer user_data)
{
  FerrydService *self = user_data;
  g_autoptr (GError) ending = NULL;

  if (ferryd_dispatcher_get_in_flight (self->dispatcher) > 0)
    return G_SOURCE_CONTINUE;
  self->drain = 0;
  if (!self->loaded)
    {
      g_dbus_connection_flush (self->connection, NULL, on_flushed, g_object_ref (self));
      return G_SOURCE_REMOVE;
    }
  /* Only who calls this process by its unique name can still come. */
  ending = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                                "This instance of the service is ending; call " FERRY_BUS_NAME " again");
  ferryd_dispatcher_refuse (self->dispatcher, ending);
  ferryd_queue_close_async (self->queue, on_queue_closed, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_name_given_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;

  ferryd_bus_name_release_finish (FERRYD_BUS_NAME (source), result, NULL);
  self->drain = g_timeout_add (DRAIN_INTERVAL, on_drain, self);
}

/* The bus sends calls to the next instance as soon as this one has given the name back; that one waits for
 * the store. Whatever came before is answered here. */
static void
give_name_back (FerrydService *self)
{
  /* A call that waits for the user would be waited for. */
  ferryd_unconstrained_close (self->unconstrained);
  self->stop_timeout = g_timeout_add (STOP_TIMEOUT, on_stop_timeout, self);
  ferryd_bus_name_release_async (self->name, on_name_given_back, g_object_ref (self));
}

/**
 * ferryd_service_stop:
 * @self: a service
 *
 * Gives the name back, answers the calls that have come in, records how far every transfer is, and ends.
 */
void
ferryd_service_stop (FerrydService *self)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  if (!self->loaded)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  g_message ("Stopping");
  give_name_back (self);
}

static void
on_name_requested_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_bus_name_request_finish (FERRYD_BUS_NAME (source), result, &error))
    return;
  /* A younger instance has been started meanwhile, and waits for the store. */
  g_message ("%s", error->message);
  ferryd_service_stop (self);
}

static void
on_name_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;

  self->leaving = FALSE;
  if (!ferryd_bus_name_release_finish (FERRYD_BUS_NAME (source), result, NULL) ||
      ferryd_idle_exit_is_idle (self->idle_exit))
    ferryd_service_stop (self);
  else if (!self->stopping)
    /* A call came in while the name was given back: it is being answered, so there is something to do. */
    ferryd_bus_name_request_async (self->name, FALSE, on_name_requested_again, g_object_ref (self));
}

static void
on_idle (FerrydService *self)
{
  if (self->leaving || self->stopping)
    return;
  g_debug ("Nothing to do: leaving");
  self->leaving = TRUE;
  ferryd_bus_name_release_async (self->name, on_name_released, g_object_ref (self));
}

static void
on_name_lost (FerrydService *self)
{
  if (self->leaving || self->stopping)
    return;
  g_message ("Another instance takes over");
  ferryd_service_stop (self);
}

static void
on_connection_closed (FerrydService *self)
{
  g_message ("The session bus has gone");
  ferryd_service_stop (self);
}

/* Between bursts. */

static gboolean
on_trim (gpointer user_data)
{
  FerrydService *self = user_data;

  self->trim = 0;
  malloc_trim (0);
  return G_SOURCE_REMOVE;
}

static void
on_busy_changed (FerrydService *self)
{
  g_clear_handle_id (&self->trim, g_source_remove);
  self->trim = g_timeout_add (TRIM_DELAY, on_trim, self);
}

/* The beginning. */

/* Who has called already, perhaps to start the service, is told why there is none. */
static void
refuse_all (FerrydService *self, const GError *error)
{
  g_printerr ("ferryd: the state cannot be opened: %s\n", error->message);
  self->exit_status = EXIT_FAILURE;
  if (self->stopping)
    return;
  self->stopping = TRUE;
  ferryd_dispatcher_refuse (self->dispatcher, error);
  give_name_back (self);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferryd_queue_load_finish (FERRYD_QUEUE (source), result, &error))
    {
      refuse_all (self, error);
      return;
    }
  self->loaded = TRUE;
  if (self->stopping)
    return;
  ferryd_dispatcher_set_ready (self->dispatcher);
  self->idle_exit = ferryd_idle_exit_new (self->queue, self->dispatcher, self->meter, self->settings);
  g_signal_connect_swapped (self->idle_exit, "idle", G_CALLBACK (on_idle), self);
  on_busy_changed (self);
}

static void
on_name_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferryd_bus_name_request_finish (FERRYD_BUS_NAME (source), result, &error))
    {
      fail (self, "the name cannot be owned", error);
      return;
    }
  ferryd_queue_load_async (self->queue, NULL, on_loaded, g_object_ref (self));
}

/* For whoever finds the store taken. */
static const char *
describe_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");

  return address != NULL ? address : "of the session";
}

static gboolean
build (FerrydService *self, GError **error)
{
  g_autoptr (FerrydInterfaceCounters) counters = NULL;
  FerrydQueueParts parts;

  self->settings = ferryd_settings_open (error);
  if (self->settings == NULL)
    return FALSE;
  self->clock = ferryd_clock_system_new (error);
  if (self->clock == NULL)
    return FALSE;
  self->io = ferryd_io_thread_new ();
  self->transport =
      ferryd_transport_schemes_new (ferryd_transport_soup_new (ferryd_io_thread_get_context (self->io), NULL),
                                    ferryd_transport_curl_new (ferryd_io_thread_get_context (self->io)));
  self->store = ferryd_store_sqlite_new (self->state_directory, describe_bus ());
  self->system_bus = ferryd_system_bus_new ();
  self->network = ferryd_network_monitor_nm_new (self->system_bus);
  self->power = FERRYD_POWER_MONITOR (ferryd_power_monitor_upower_new (self->clock, self->system_bus));
  self->notifier = ferryd_notifier_freedesktop_new (self->connection);
  self->handlers = ferryd_handler_caller_bus_new (self->connection);
  self->applications = ferryd_applications_desktop_new (self->connection);
  self->sleep = ferryd_sleep_monitor_logind_new (self->system_bus);
  counters = ferryd_interface_counters_sysfs_new (NULL);
  self->meter = ferryd_data_meter_new (self->clock, self->store, self->settings, self->network, counters);
  parts = (FerrydQueueParts){
    .clock = self->clock,
    .store = self->store,
    .transport = self->transport,
    .io = self->io,
    .settings = self->settings,
    .network = self->network,
    .power = self->power,
    .handlers = self->handlers,
    .notifier = self->notifier,
    .applications = self->applications,
    .sleep = self->sleep,
    .meter = self->meter,
    .state_directory = self->state_directory,
  };
  self->queue = ferryd_queue_new (&parts);
  g_signal_connect_swapped (self->queue, "busy-changed", G_CALLBACK (on_busy_changed), self);
  self->unconstrained = ferryd_unconstrained_new (self->queue, self->notifier, self->clock, self->settings);
  self->dispatcher =
      ferryd_dispatcher_new (self->connection, self->queue, self->unconstrained, self->meter, self->settings);
  self->name = ferryd_bus_name_new (self->connection);
  g_signal_connect_swapped (self->name, "lost", G_CALLBACK (on_name_lost), self);
  return TRUE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydService) self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection = g_bus_get_finish (result, &error);
  if (self->connection == NULL)
    {
      fail (self, "there is no session bus", error);
      return;
    }
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  g_signal_connect_swapped (self->connection, "closed", G_CALLBACK (on_connection_closed), self);
  if (build (self, &error))
    ferryd_bus_name_request_async (self->name, self->replace, on_name_requested, g_object_ref (self));
  else
    fail (self, "the service cannot be set up", error);
}

/**
 * ferryd_service_start:
 * @self: a new service
 *
 * Connects to the session bus, takes the name and goes on with what is left to do. Where that fails, says why
 * and quits the loop.
 */
void
ferryd_service_start (FerrydService *self)
{
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_connected, g_object_ref (self));
}
