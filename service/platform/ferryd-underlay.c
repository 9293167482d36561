/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-underlay.h"

#include "ferryd-default-route.h"
#include "ferryd-network-reading.h"

/* A tunnel in a tunnel in a tunnel: more is a loop in what is told. */
#define MAX_DEPTH 4

static NMDevice *
get_first_device (NMActiveConnection *active)
{
  const GPtrArray *devices = active != NULL ? nm_active_connection_get_devices (active) : NULL;

  return devices != NULL && devices->len > 0 ? g_ptr_array_index (devices, 0) : NULL;
}

/* Whether its bytes go through another device, which is the one that costs something. */
static gboolean
is_tunnel (NMDevice *device)
{
  return NM_IS_DEVICE_WIREGUARD (device) || NM_IS_DEVICE_TUN (device) || NM_IS_DEVICE_IP_TUNNEL (device) ||
         NM_IS_DEVICE_VXLAN (device);
}

/* What NetworkManager knows the tunnel to be bound to; most are bound to nothing. */
static NMDevice *
get_parent (NMDevice *device)
{
  if (NM_IS_DEVICE_IP_TUNNEL (device))
    return nm_device_ip_tunnel_get_parent (NM_DEVICE_IP_TUNNEL (device));
  if (NM_IS_DEVICE_VXLAN (device))
    return nm_device_vxlan_get_parent (NM_DEVICE_VXLAN (device));
  return NULL;
}

/* Where what a tunnel sends goes: by the best default route that is not a tunnel's. The kernel has it still,
 * behind that of the tunnel. */
static NMDevice *
find_routed (NMClient *client)
{
  g_auto (GStrv) interfaces = ferryd_default_route_list ();

  for (guint i = 0; interfaces[i] != NULL; i++)
    {
      NMDevice *device = ferryd_underlay_find_device (client, interfaces[i]);

      if (device != NULL && !is_tunnel (device) && nm_device_get_state (device) == NM_DEVICE_STATE_ACTIVATED)
        return device;
    }
  return NULL;
}

/* The same where the kernel has such a route in another table, or not yet. */
static NMDevice *
find_active (NMClient *client)
{
  const GPtrArray *connections = nm_client_get_active_connections (client);

  for (guint i = 0; i < connections->len; i++)
    {
      NMActiveConnection *active = g_ptr_array_index (connections, i);
      NMDevice *device = get_first_device (active);

      if (device != NULL && !is_tunnel (device) &&
          nm_active_connection_get_state (active) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED &&
          g_strcmp0 (nm_active_connection_get_connection_type (active), NM_SETTING_LOOPBACK_SETTING_NAME) !=
              0)
        return device;
    }
  return NULL;
}

/**
 * ferryd_underlay_find_device:
 * @client: NetworkManager
 * @interface: a network interface of the kernel's
 *
 * Returns: (transfer none) (nullable): the device it belongs to, which is of another name where that is a
 * modem's port
 */
NMDevice *
ferryd_underlay_find_device (NMClient *client, const char *interface)
{
  const GPtrArray *devices = nm_client_get_devices (client);

  for (guint i = 0; i < devices->len; i++)
    {
      NMDevice *device = g_ptr_array_index (devices, i);
      const char *name = nm_device_get_ip_iface (device);

      if (g_strcmp0 (name != NULL ? name : nm_device_get_iface (device), interface) == 0)
        return device;
    }
  return NULL;
}

/**
 * ferryd_underlay_find:
 * @client: NetworkManager
 *
 * The device that what is transferred goes through in the end. The primary connection of a VPN plug-in is the
 * one beneath it already; one that is a tunnel itself (WireGuard, tun) names nothing beneath, so that the
 * routes have to say it.
 *
 * Returns: (transfer none) (nullable): the primary connection's device, or the one beneath; NULL for no
 * connection, or one without a device
 */
NMDevice *
ferryd_underlay_find (NMClient *client)
{
  NMDevice *device = get_first_device (nm_client_get_primary_connection (client));

  for (guint depth = 0; device != NULL && is_tunnel (device) && depth < MAX_DEPTH; depth++)
    {
      NMDevice *beneath = get_parent (device);

      if (beneath == NULL)
        beneath = find_routed (client);
      if (beneath == NULL)
        beneath = find_active (client);
      if (beneath == NULL)
        break;
      device = beneath;
    }
  return device;
}

/**
 * ferryd_underlay_is_beneath:
 * @client: NetworkManager
 * @device: (nullable): what ferryd_underlay_find() found
 *
 * Returns: whether the primary connection is a tunnel through @device, and not that of @device itself
 */
gboolean
ferryd_underlay_is_beneath (NMClient *client, NMDevice *device)
{
  return device != NULL && device != get_first_device (nm_client_get_primary_connection (client));
}

/**
 * ferryd_underlay_get_cost:
 * @client: NetworkManager
 * @device: (nullable): what ferryd_underlay_find() found
 *
 * NetworkManager's word on the primary connection. Beneath a tunnel it is that on @device: of a tunnel
 * NetworkManager only guesses that it costs nothing, and what somebody said of it counts where it is yes.
 *
 * Returns: what @device costs, data plans aside
 */
FerryNetworkCost
ferryd_underlay_get_cost (NMClient *client, NMDevice *device)
{
  NMMetered metered = nm_client_get_metered (client);

  if (ferryd_underlay_is_beneath (client, device) && metered != NM_METERED_YES &&
      nm_device_get_metered (device) != NM_METERED_UNKNOWN)
    metered = nm_device_get_metered (device);
  return ferryd_network_reading_get_cost (metered);
}

/**
 * ferryd_underlay_describe:
 * @client: NetworkManager
 * @device: (nullable): what ferryd_underlay_find() found
 * @connection: (inout): set to what is known of the connection of @device
 */
void
ferryd_underlay_describe (NMClient *client, NMDevice *device, FerrydConnection *connection)
{
  NMActiveConnection *active = nm_client_get_primary_connection (client);
  const char *interface = NULL;

  if (ferryd_underlay_is_beneath (client, device))
    active = nm_device_get_active_connection (device);
  if (device != NULL)
    interface = nm_device_get_ip_iface (device) != NULL ? nm_device_get_ip_iface (device)
                                                        : nm_device_get_iface (device);
  ferryd_connection_clear (connection);
  if (active != NULL)
    ferryd_connection_set (connection, nm_active_connection_get_uuid (active),
                           nm_active_connection_get_id (active),
                           nm_active_connection_get_connection_type (active), interface);
}
