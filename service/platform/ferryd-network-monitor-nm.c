/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-network-monitor-nm.h"

#include <NetworkManager.h>

#include "ferryd-manager-object.h"
#include "ferryd-modems.h"
#include "ferryd-network-reading.h"
#include "ferryd-underlay.h"

/* How long the last answer holds where NetworkManager has none: before its first, while it is away or has
 * only come back (milliseconds). The contract's number; a restart of it takes about one second each way. */
#define PATIENCE 2000

/* How long what NetworkManager announces is gathered (milliseconds): a change of the connection comes as
 * several messages within a few of them, and in the middle a metered network looks like one of which nothing
 * is known. Short against the second in which a transfer has to stop; what has become metered does not wait.
 */
#define GATHER 50

/* After which time a NetworkManager that did not answer is asked again (seconds). Libnm has waited 25 seconds
 * for it by then: it hangs, and nothing is gained by haste. */
#define RETRY_INTERVAL 10

/* How often the kernel's routes are looked at while NetworkManager has no connection (seconds): nobody tells
 * of a route that others than NetworkManager set, nor of the one a tunnel takes. Not for nothing that short
 * on a battery: without work the service ends. */
#define ROUTE_INTERVAL 10

/**
 * Answer:
 * @connectivity: how far the network reaches
 * @cost: what the connection costs, data plans aside
 * @no_carrier: its link is down
 * @roaming: its modem is outside the home provider's network
 *
 * What is told of the network. A plain value.
 */
typedef struct
{
  FerryConnectivity connectivity;
  FerryNetworkCost cost;
  gboolean no_carrier;
  gboolean roaming;
} Answer;

struct _FerrydNetworkMonitorNm
{
  GObject parent_instance;

  GCancellable *cancellable;   /* (owned): of what is under way */
  FerrydSystemBus *bus;        /* (owned) */
  NMClient *client;            /* (owned) (nullable): from its first complete answer on */
  Answer answer;               /* that was told last */
  FerrydConnection connection; /* the same */
  char *actives;               /* (owned) (nullable): which connections there were then */
  guint link_changes;          /* how often its link, or which it is, has changed */
  FerrydManagerObject *object; /* (owned) (nullable): while libnm has nothing to say */
  FerrydModems *modems;        /* (owned) (nullable): from the first modem on */
  NMDevice *device;            /* (owned) (nullable): that carries the connection, and is watched */
  guint patience;              /* source, 0 for none: the last answer holds until then */
  guint gather;                /* source, 0 for none: looks at all that was announced meanwhile */
  guint retry;                 /* source, 0 for none */
  guint routes;                /* source, 0 for none: looks at the kernel's routes again and again */
  gboolean impatient;          /* PATIENCE is over, and there is still no answer of NetworkManager */
  gboolean carried;            /* this very NetworkManager has had a connection */
  gboolean ready;              /* @answer has been told */
};

static void ferryd_network_monitor_nm_monitor_init (FerrydNetworkMonitorInterface *iface);
static void make_client (FerrydNetworkMonitorNm *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydNetworkMonitorNm, ferryd_network_monitor_nm, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_NETWORK_MONITOR,
                                                      ferryd_network_monitor_nm_monitor_init))

/* For callbacks that must not keep the monitor from ending: a hung NetworkManager may answer after half a
 * minute. */

static gpointer
point_weakly (FerrydNetworkMonitorNm *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  return weak;
}

static FerrydNetworkMonitorNm *
resolve_weakly (gpointer user_data)
{
  GWeakRef *weak = user_data;
  FerrydNetworkMonitorNm *self = g_weak_ref_get (weak);

  g_weak_ref_clear (weak);
  g_free (weak);
  return self;
}

/* What NetworkManager says. */

/* NetworkManager does not know; its modem device names the object of ModemManager that does. */
static gboolean
is_roaming (FerrydNetworkMonitorNm *self, NMDevice *device)
{
  return self->modems != NULL && NM_IS_DEVICE_MODEM (device) &&
         ferryd_modems_is_roaming (self->modems, nm_device_get_udi (device));
}

/* Whether that is how things are, and not how they look while NetworkManager begins, ends or changes the
 * connection. An active connection is always metered or not, even if by a guess. */
static gboolean
is_settled (FerrydNetworkMonitorNm *self, const Answer *answer, NMDevice *device)
{
  if (nm_client_get_startup (self->client))
    return FALSE;
  if (nm_client_get_primary_connection (self->client) == NULL)
    return TRUE;
  if (NM_IS_DEVICE_MODEM (device) && !ferryd_modems_is_ready (self->modems))
    return FALSE;
  return answer->cost != FERRY_NETWORK_COST_UNKNOWN &&
         (!self->ready || answer->connectivity != FERRY_CONNECTIVITY_UNKNOWN);
}

/* Whether libnm knows nothing of it, be it that there is none or that it has no tree. */
static gboolean
is_silent (NMClient *client)
{
  FerrydNetworkReading reading;

  ferryd_network_reading_take (&reading, client);
  return !nm_client_get_nm_running (client) || ferryd_network_reading_is_undecided (&reading);
}

/* Then only itself is there to be asked. */
static gboolean
read_object (FerrydNetworkMonitorNm *self, Answer *answer)
{
  FerrydNetworkReading reading;

  if (self->object == NULL || ferryd_manager_object_is_asking (self->object))
    return FALSE;
  if (!ferryd_manager_object_read (self->object, &reading))
    {
      self->carried = FALSE;
      /* Known to be absent where nothing was known before: waiting for it would not make sense. */
      return !self->ready && !nm_client_get_nm_running (self->client);
    }
  self->carried = self->carried || ferryd_network_reading_is_carrying (&reading);
  if (ferryd_network_reading_is_carrying (&reading) ||
      !ferryd_network_reading_is_routed_by_others (NULL, self->carried))
    *answer = (Answer){ .connectivity = ferryd_network_reading_get_connectivity (&reading),
                        .cost = ferryd_network_reading_get_cost (reading.metered) };
  return !ferryd_network_reading_is_undecided (&reading);
}

/* Writes what is to be told. Returns: FALSE where the last answer is better for the time being. */
static gboolean
read_answer (FerrydNetworkMonitorNm *self, Answer *answer, FerrydConnection *connection)
{
  NMClient *client = self->client;
  FerrydNetworkReading reading;
  NMDevice *device;

  *answer = (Answer){ .connectivity = FERRY_CONNECTIVITY_UNKNOWN, .cost = FERRY_NETWORK_COST_UNKNOWN };
  if (client == NULL)
    return ferryd_system_bus_is_absent (self->bus);
  if (is_silent (client))
    return read_object (self, answer);
  ferryd_network_reading_take (&reading, client);
  device = ferryd_underlay_find (client);
  self->carried = self->carried || ferryd_network_reading_is_carrying (&reading);
  if (ferryd_network_reading_is_carrying (&reading) ||
      !ferryd_network_reading_is_routed_by_others (client, self->carried))
    *answer = (Answer){ .connectivity = ferryd_network_reading_get_connectivity (&reading),
                        .cost = ferryd_underlay_get_cost (client, device),
                        .no_carrier = ferryd_network_reading_has_no_carrier (device),
                        .roaming = is_roaming (self, device) };
  ferryd_underlay_describe (client, device, connection);
  return is_settled (self, answer, device);
}

/* What becomes of it. */

static void refresh (FerrydNetworkMonitorNm *self);
static void watch_device (FerrydNetworkMonitorNm *self, NMDevice *device);
static void watch_modems (FerrydNetworkMonitorNm *self);
static void watch_object (FerrydNetworkMonitorNm *self);

static gboolean
on_patience_over (gpointer user_data)
{
  FerrydNetworkMonitorNm *self = user_data;

  self->patience = 0;
  self->impatient = TRUE;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_look_at_routes (gpointer user_data)
{
  refresh (user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch_routes (FerrydNetworkMonitorNm *self)
{
  gboolean wanted = self->client != NULL && nm_client_get_nm_running (self->client) &&
                    (nm_client_get_primary_connection (self->client) == NULL ||
                     ferryd_underlay_is_beneath (self->client, self->device));

  if (!wanted)
    g_clear_handle_id (&self->routes, g_source_remove);
  else if (self->routes == 0)
    self->routes = g_timeout_add_seconds (ROUTE_INTERVAL, on_look_at_routes, self);
}

static void
tell (FerrydNetworkMonitorNm *self, const Answer *answer, const FerrydConnection *connection)
{
  g_autofree char *actives = self->client != NULL ? ferryd_network_reading_list_actives (self->client) : NULL;
  gboolean same_link = answer->no_carrier == self->answer.no_carrier &&
                       ferryd_connection_equal (connection, &self->connection) &&
                       g_strcmp0 (actives, self->actives) == 0;

  if (self->ready && same_link && answer->connectivity == self->answer.connectivity &&
      answer->cost == self->answer.cost && answer->roaming == self->answer.roaming)
    return;
  if (self->ready && !same_link)
    self->link_changes++;
  self->ready = TRUE;
  g_free (self->actives);
  self->actives = g_steal_pointer (&actives);
  self->answer = *answer;
  ferryd_connection_set (&self->connection, connection->uuid, connection->name, connection->kind,
                         connection->interface);
  g_signal_emit_by_name (self, "changed");
}

static void
refresh (FerrydNetworkMonitorNm *self)
{
  Answer answer;
  g_auto (FerrydConnection) connection = { NULL };
  gboolean settled;

  watch_modems (self);
  watch_object (self);
  settled = read_answer (self, &answer, &connection);
  watch_device (self, self->client != NULL ? ferryd_underlay_find (self->client) : NULL);
  watch_routes (self);
  if (settled)
    {
      g_clear_handle_id (&self->patience, g_source_remove);
      self->impatient = FALSE;
    }
  else if (!self->impatient)
    {
      if (self->patience == 0)
        self->patience = g_timeout_add (PATIENCE, on_patience_over, self);
      if (!self->ready || answer.cost == FERRY_NETWORK_COST_UNKNOWN)
        return;
      /* What is known of the cost counts at once. */
      answer.connectivity = self->answer.connectivity;
    }
  tell (self, &answer, &connection);
}

static gboolean
on_gathered (gpointer user_data)
{
  FerrydNetworkMonitorNm *self = user_data;

  self->gather = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

/* What must not be sent from now on. In the middle of a change a network only looks cheaper than it is. */
static gboolean
has_become_metered (FerrydNetworkMonitorNm *self)
{
  return self->ready && self->client != NULL && nm_client_get_nm_running (self->client) &&
         self->answer.cost != FERRY_NETWORK_COST_VARIABLE &&
         ferryd_underlay_get_cost (self->client, ferryd_underlay_find (self->client)) ==
             FERRY_NETWORK_COST_VARIABLE;
}

static void
on_announced (FerrydNetworkMonitorNm *self)
{
  if (has_become_metered (self))
    refresh (self);
  else if (self->gather == 0)
    self->gather = g_timeout_add (GATHER, on_gathered, self);
}

/* Before one of them carries the connection: what it costs there is known at once then. */
static void
watch_modems (FerrydNetworkMonitorNm *self)
{
  if (self->modems != NULL || self->client == NULL || !ferryd_network_reading_has_modem (self->client))
    return;
  self->modems = ferryd_modems_new (ferryd_system_bus_get_connection (self->bus));
  g_signal_connect_swapped (self->modems, "changed", G_CALLBACK (on_announced), self);
}

/* Whether NetworkManager is there all the same, when libnm has nothing to say of it. */
static void
watch_object (FerrydNetworkMonitorNm *self)
{
  gboolean wanted = self->client != NULL && is_silent (self->client);

  if (!wanted && self->object != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->object, self);
      g_clear_object (&self->object);
    }
  else if (wanted && self->object == NULL)
    {
      self->object = ferryd_manager_object_new (ferryd_system_bus_get_connection (self->bus));
      g_signal_connect_swapped (self->object, "changed", G_CALLBACK (refresh), self);
    }
}

/* Of the device beneath a tunnel the client itself tells nothing. */
static void
watch_device (FerrydNetworkMonitorNm *self, NMDevice *device)
{
  if (device == self->device)
    return;
  if (self->device != NULL)
    g_signal_handlers_disconnect_by_data (self->device, self);
  g_set_object (&self->device, device);
  if (device == NULL)
    return;
  g_signal_connect_swapped (device, "notify::" NM_DEVICE_METERED, G_CALLBACK (on_announced), self);
  g_signal_connect_swapped (device, "notify::" NM_DEVICE_INTERFACE_FLAGS, G_CALLBACK (on_announced), self);
  g_signal_connect_swapped (device, "notify::" NM_DEVICE_IP_INTERFACE, G_CALLBACK (on_announced), self);
  g_signal_connect_swapped (device, "notify::" NM_DEVICE_ACTIVE_CONNECTION, G_CALLBACK (on_announced), self);
}

/* Which of them a tunnel goes by may change with any. */
static void
on_active_added (FerrydNetworkMonitorNm *self, NMActiveConnection *active)
{
  g_signal_connect_object (active, "notify::" NM_ACTIVE_CONNECTION_STATE, G_CALLBACK (on_announced), self,
                           G_CONNECT_SWAPPED);
  on_announced (self);
}

static void
on_running_changed (FerrydNetworkMonitorNm *self)
{
  self->carried = FALSE;
  /* It gets its time to take up its connections, however long it was away. */
  if (self->ready && nm_client_get_nm_running (self->client))
    {
      g_clear_handle_id (&self->patience, g_source_remove);
      self->impatient = FALSE;
    }
  on_announced (self);
}

/* The way to NetworkManager. */

static void
drop_client (FerrydNetworkMonitorNm *self)
{
  watch_device (self, NULL);
  if (self->modems != NULL)
    g_signal_handlers_disconnect_by_data (self->modems, self);
  g_clear_object (&self->modems);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  watch_object (self);
  self->carried = FALSE;
}

static gboolean
on_retry (gpointer user_data)
{
  FerrydNetworkMonitorNm *self = user_data;

  self->retry = 0;
  make_client (self);
  return G_SOURCE_REMOVE;
}

static void
on_client_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydNetworkMonitorNm) self = resolve_weakly (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) client = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);
  static const char *const watched[] = { "notify::connectivity", "notify::metered",
                                         "notify::primary-connection", "notify::startup", "notify::state" };
  const GPtrArray *actives;

  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (client == NULL)
    {
      g_message ("NetworkManager does not answer: %s", error->message);
      self->retry = g_timeout_add_seconds (RETRY_INTERVAL, on_retry, self);
      return;
    }
  self->client = NM_CLIENT (g_steal_pointer (&client));
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    g_signal_connect_swapped (self->client, watched[i], G_CALLBACK (on_announced), self);
  g_signal_connect_swapped (self->client, "notify::nm-running", G_CALLBACK (on_running_changed), self);
  g_signal_connect_swapped (self->client, "active-connection-added", G_CALLBACK (on_active_added), self);
  g_signal_connect_swapped (self->client, "active-connection-removed", G_CALLBACK (on_announced), self);
  g_signal_connect_swapped (self->client, "device-added", G_CALLBACK (on_announced), self);
  actives = nm_client_get_active_connections (self->client);
  for (guint i = 0; i < actives->len; i++)
    on_active_added (self, g_ptr_array_index (actives, i));
  refresh (self);
}

static void
make_client (FerrydNetworkMonitorNm *self)
{
  g_async_initable_new_async (NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, self->cancellable, on_client_made,
                              point_weakly (self), NM_CLIENT_DBUS_CONNECTION,
                              ferryd_system_bus_get_connection (self->bus), NM_CLIENT_INSTANCE_FLAGS,
                              (guint) NM_CLIENT_INSTANCE_FLAGS_NO_AUTO_FETCH_PERMISSIONS, NULL);
}

static void
on_bus_changed (FerrydNetworkMonitorNm *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_handle_id (&self->gather, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  drop_client (self);
  if (ferryd_system_bus_get_connection (self->bus) != NULL)
    make_client (self);
  else
    refresh (self);
}

/* The class. */

static gboolean
ferryd_network_monitor_nm_fill (FerrydNetworkMonitor *monitor, FerrydConditions *conditions)
{
  FerrydNetworkMonitorNm *self = FERRYD_NETWORK_MONITOR_NM (monitor);

  conditions->connectivity = self->answer.connectivity;
  conditions->cost = self->answer.cost;
  conditions->no_carrier = self->answer.no_carrier;
  conditions->link_changes = self->link_changes;
  conditions->roaming = self->answer.roaming;
  /* What the user pays for is known to nobody here. */
  conditions->approaching_limit = FALSE;
  conditions->over_limit = FALSE;
  conditions->background_restricted = FALSE;
  return self->ready;
}

static const FerrydConnection *
ferryd_network_monitor_nm_get_connection (FerrydNetworkMonitor *monitor)
{
  return &FERRYD_NETWORK_MONITOR_NM (monitor)->connection;
}

static GPtrArray *
ferryd_network_monitor_nm_list_connections (FerrydNetworkMonitor *monitor)
{
  FerrydNetworkMonitorNm *self = FERRYD_NETWORK_MONITOR_NM (monitor);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_connection_free);
  const GPtrArray *known = self->client != NULL ? nm_client_get_connections (self->client) : NULL;

  for (guint i = 0; known != NULL && i < known->len; i++)
    {
      NMConnection *profile = NM_CONNECTION (g_ptr_array_index (known, i));
      FerrydConnection *connection;

      if (nm_connection_get_uuid (profile) == NULL)
        continue;
      connection = g_new0 (FerrydConnection, 1);
      ferryd_connection_set (connection, nm_connection_get_uuid (profile), nm_connection_get_id (profile),
                             nm_connection_get_connection_type (profile), NULL);
      g_ptr_array_add (list, connection);
    }
  return list;
}

static void
ferryd_network_monitor_nm_dispose (GObject *object)
{
  FerrydNetworkMonitorNm *self = FERRYD_NETWORK_MONITOR_NM (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->patience, g_source_remove);
  g_clear_handle_id (&self->gather, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_handle_id (&self->routes, g_source_remove);
  drop_client (self);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ferryd_network_monitor_nm_parent_class)->dispose (object);
}

static void
ferryd_network_monitor_nm_finalize (GObject *object)
{
  FerrydNetworkMonitorNm *self = FERRYD_NETWORK_MONITOR_NM (object);

  g_clear_object (&self->cancellable);
  ferryd_connection_clear (&self->connection);
  g_free (self->actives);
  G_OBJECT_CLASS (ferryd_network_monitor_nm_parent_class)->finalize (object);
}

static void
ferryd_network_monitor_nm_class_init (FerrydNetworkMonitorNmClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_network_monitor_nm_dispose;
  object_class->finalize = ferryd_network_monitor_nm_finalize;
}

static void
ferryd_network_monitor_nm_init (FerrydNetworkMonitorNm *self)
{
  self->cancellable = g_cancellable_new ();
  self->answer.connectivity = FERRY_CONNECTIVITY_UNKNOWN;
  self->answer.cost = FERRY_NETWORK_COST_UNKNOWN;
}

static void
ferryd_network_monitor_nm_monitor_init (FerrydNetworkMonitorInterface *iface)
{
  iface->fill = ferryd_network_monitor_nm_fill;
  iface->get_connection = ferryd_network_monitor_nm_get_connection;
  iface->list_connections = ferryd_network_monitor_nm_list_connections;
}

/**
 * ferryd_network_monitor_nm_new:
 * @bus: where NetworkManager is
 *
 * Begins to look at NetworkManager, wherever it is: absent, starting, hung, or at work.
 *
 * Returns: (transfer full): a monitor that becomes ready after two seconds at the latest
 */
FerrydNetworkMonitor *
ferryd_network_monitor_nm_new (FerrydSystemBus *bus)
{
  FerrydNetworkMonitorNm *self = g_object_new (FERRYD_TYPE_NETWORK_MONITOR_NM, NULL);

  self->patience = g_timeout_add (PATIENCE, on_patience_over, self);
  self->bus = g_object_ref (bus);
  g_signal_connect_swapped (bus, "changed", G_CALLBACK (on_bus_changed), self);
  if (ferryd_system_bus_get_connection (bus) != NULL)
    make_client (self);
  return FERRYD_NETWORK_MONITOR (self);
}
