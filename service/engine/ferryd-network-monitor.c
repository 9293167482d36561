/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-network-monitor.h"

G_DEFINE_INTERFACE (FerrydNetworkMonitor, ferryd_network_monitor, G_TYPE_OBJECT)

static void
ferryd_network_monitor_default_init (FerrydNetworkMonitorInterface *iface)
{
  /**
   * FerrydNetworkMonitor::changed:
   *
   * ferryd_network_monitor_fill() or ferryd_network_monitor_get_connection() answers differently from now
   * on.
   */
  g_signal_new ("changed", FERRYD_TYPE_NETWORK_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

/**
 * ferryd_network_monitor_fill:
 * @self: a monitor
 * @conditions: (inout): connectivity, cost, roaming and the limits are written, nothing else is touched
 *
 * Returns: whether the first answer, or the certainty that none will come, is there
 */
gboolean
ferryd_network_monitor_fill (FerrydNetworkMonitor *self, FerrydConditions *conditions)
{
  return FERRYD_NETWORK_MONITOR_GET_IFACE (self)->fill (self, conditions);
}

/**
 * ferryd_network_monitor_get_connection:
 * @self: a monitor
 *
 * Returns: (transfer none): the connection that pays for what is transferred, its members NULL where none or
 * nothing is known; good until `changed` is emitted
 */
const FerrydConnection *
ferryd_network_monitor_get_connection (FerrydNetworkMonitor *self)
{
  return FERRYD_NETWORK_MONITOR_GET_IFACE (self)->get_connection (self);
}

/**
 * ferryd_network_monitor_list_connections:
 * @self: a monitor
 *
 * Returns: (transfer full) (element-type FerrydConnection): every connection that is known, in use or not
 */
GPtrArray *
ferryd_network_monitor_list_connections (FerrydNetworkMonitor *self)
{
  return FERRYD_NETWORK_MONITOR_GET_IFACE (self)->list_connections (self);
}

/**
 * ferryd_connection_set:
 * @connection: (inout): one that is all NULL, or was set before
 * @uuid: (nullable): of its profile
 * @name: (nullable): of its profile, for people
 * @kind: (nullable): NetworkManager's word for it
 * @interface: (nullable): the kernel's name of it
 *
 * Copies what is given.
 */
void
ferryd_connection_set (FerrydConnection *connection, const char *uuid, const char *name, const char *kind,
                       const char *interface)
{
  ferryd_connection_clear (connection);
  *connection = (FerrydConnection){ g_strdup (uuid), g_strdup (name), g_strdup (kind), g_strdup (interface) };
}

/**
 * ferryd_connection_equal:
 * @a: a connection
 * @b: another
 *
 * Returns: whether they are the same in everything that is known of them
 */
gboolean
ferryd_connection_equal (const FerrydConnection *a, const FerrydConnection *b)
{
  return g_strcmp0 (a->uuid, b->uuid) == 0 && g_strcmp0 (a->name, b->name) == 0 &&
         g_strcmp0 (a->kind, b->kind) == 0 && g_strcmp0 (a->interface, b->interface) == 0;
}

/**
 * ferryd_connection_clear:
 * @connection: (inout): a connection
 *
 * Frees its members and sets them to NULL.
 */
void
ferryd_connection_clear (FerrydConnection *connection)
{
  g_clear_pointer (&connection->uuid, g_free);
  g_clear_pointer (&connection->name, g_free);
  g_clear_pointer (&connection->kind, g_free);
  g_clear_pointer (&connection->interface, g_free);
}

/**
 * ferryd_connection_free:
 * @connection: (transfer full): one of a list
 */
void
ferryd_connection_free (FerrydConnection *connection)
{
  ferryd_connection_clear (connection);
  g_free (connection);
}
