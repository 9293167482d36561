/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-network-monitor.h"

struct _FerrydFakeNetworkMonitor
{
  GObject parent_instance;

  FerrydConditions conditions; /* only what a network monitor fills in, and `ready` */
  FerrydConnection connection; /* all NULL at first */
};

static void ferryd_fake_network_monitor_monitor_init (FerrydNetworkMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeNetworkMonitor, ferryd_fake_network_monitor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_NETWORK_MONITOR,
                                                      ferryd_fake_network_monitor_monitor_init))

static gboolean
ferryd_fake_network_monitor_fill (FerrydNetworkMonitor *monitor, FerrydConditions *conditions)
{
  const FerrydConditions *own = &FERRYD_FAKE_NETWORK_MONITOR (monitor)->conditions;

  conditions->connectivity = own->connectivity;
  conditions->cost = own->cost;
  conditions->roaming = own->roaming;
  conditions->no_carrier = own->no_carrier;
  conditions->link_changes = own->link_changes;
  conditions->approaching_limit = own->approaching_limit;
  conditions->over_limit = own->over_limit;
  conditions->background_restricted = own->background_restricted;
  return own->ready;
}

static const FerrydConnection *
ferryd_fake_network_monitor_get_connection (FerrydNetworkMonitor *monitor)
{
  return &FERRYD_FAKE_NETWORK_MONITOR (monitor)->connection;
}

/* It knows no other. */
static GPtrArray *
ferryd_fake_network_monitor_list_connections (FerrydNetworkMonitor *monitor)
{
  const FerrydConnection *active = &FERRYD_FAKE_NETWORK_MONITOR (monitor)->connection;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_connection_free);

  if (active->uuid != NULL)
    {
      FerrydConnection *copy = g_new0 (FerrydConnection, 1);

      ferryd_connection_set (copy, active->uuid, active->name, active->kind, NULL);
      g_ptr_array_add (list, copy);
    }
  return list;
}

static void
ferryd_fake_network_monitor_finalize (GObject *object)
{
  ferryd_connection_clear (&FERRYD_FAKE_NETWORK_MONITOR (object)->connection);
  G_OBJECT_CLASS (ferryd_fake_network_monitor_parent_class)->finalize (object);
}

static void
ferryd_fake_network_monitor_class_init (FerrydFakeNetworkMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_network_monitor_finalize;
}

static void
ferryd_fake_network_monitor_init (FerrydFakeNetworkMonitor *self)
{
  self->conditions.ready = TRUE;
  self->conditions.connectivity = FERRY_CONNECTIVITY_FULL;
  self->conditions.cost = FERRY_NETWORK_COST_UNRESTRICTED;
}

static void
ferryd_fake_network_monitor_monitor_init (FerrydNetworkMonitorInterface *iface)
{
  iface->fill = ferryd_fake_network_monitor_fill;
  iface->get_connection = ferryd_fake_network_monitor_get_connection;
  iface->list_connections = ferryd_fake_network_monitor_list_connections;
}

/**
 * ferryd_fake_network_monitor_new:
 *
 * Returns: (transfer full): a network without limits
 */
FerrydFakeNetworkMonitor *
ferryd_fake_network_monitor_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_NETWORK_MONITOR, NULL);
}

/**
 * ferryd_fake_network_monitor_set_ready:
 * @self: a monitor
 * @ready: whether the first answer is there
 */
void
ferryd_fake_network_monitor_set_ready (FerrydFakeNetworkMonitor *self, gboolean ready)
{
  self->conditions.ready = ready;
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_network_monitor_set_connectivity:
 * @self: a monitor
 * @connectivity: how far the network reaches from now on
 */
void
ferryd_fake_network_monitor_set_connectivity (FerrydFakeNetworkMonitor *self, FerryConnectivity connectivity)
{
  self->conditions.connectivity = connectivity;
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_network_monitor_set_cost:
 * @self: a monitor
 * @cost: what the connection costs from now on
 * @roaming: outside the home provider's network
 * @approaching_limit: on track to exceed the data plan
 * @over_limit: beyond the data plan
 * @background_restricted: the user's switch holds on this connection
 */
void
ferryd_fake_network_monitor_set_cost (FerrydFakeNetworkMonitor *self, FerryNetworkCost cost, gboolean roaming,
                                      gboolean approaching_limit, gboolean over_limit,
                                      gboolean background_restricted)
{
  self->conditions.cost = cost;
  self->conditions.roaming = roaming;
  self->conditions.approaching_limit = approaching_limit;
  self->conditions.over_limit = over_limit;
  self->conditions.background_restricted = background_restricted;
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_network_monitor_set_connection:
 * @self: a monitor
 * @uuid: (nullable): of the connection that pays from now on, NULL for none
 * @interface: (nullable): the kernel's name of what it goes through
 */
void
ferryd_fake_network_monitor_set_connection (FerrydFakeNetworkMonitor *self, const char *uuid,
                                            const char *interface)
{
  ferryd_connection_set (&self->connection, uuid, uuid, uuid != NULL ? "802-3-ethernet" : NULL, interface);
  g_signal_emit_by_name (self, "changed");
}

/**
 * ferryd_fake_network_monitor_change_link:
 * @self: a monitor
 * @no_carrier: whether the link is down from now on
 *
 * Link or connection change.
 */
void
ferryd_fake_network_monitor_change_link (FerrydFakeNetworkMonitor *self, gboolean no_carrier)
{
  self->conditions.no_carrier = no_carrier;
  self->conditions.link_changes++;
  g_signal_emit_by_name (self, "changed");
}
