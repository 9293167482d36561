/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-network-reading.h"

#include "ferryd-default-route.h"
#include "ferryd-underlay.h"

/**
 * ferryd_network_reading_get_connectivity:
 * @client: NetworkManager
 *
 * Returns: how far the network reaches
 */
FerryConnectivity
ferryd_network_reading_get_connectivity (NMClient *client)
{
  NMState state = nm_client_get_state (client);

  if (state == NM_STATE_ASLEEP || state == NM_STATE_DISCONNECTED)
    return FERRY_CONNECTIVITY_NONE;
  switch (nm_client_get_connectivity (client))
    {
    case NM_CONNECTIVITY_NONE:
      return FERRY_CONNECTIVITY_NONE;
    case NM_CONNECTIVITY_PORTAL:
      return FERRY_CONNECTIVITY_PORTAL;
    case NM_CONNECTIVITY_LIMITED:
      return FERRY_CONNECTIVITY_LIMITED;
    case NM_CONNECTIVITY_FULL:
      return FERRY_CONNECTIVITY_FULL;
    case NM_CONNECTIVITY_UNKNOWN:
    default:
      return FERRY_CONNECTIVITY_UNKNOWN;
    }
}

/**
 * ferryd_network_reading_is_undecided:
 * @client: NetworkManager
 *
 * Returns: whether it has said nothing yet of what there is
 */
gboolean
ferryd_network_reading_is_undecided (NMClient *client)
{
  return nm_client_get_state (client) == NM_STATE_UNKNOWN &&
         nm_client_get_metered (client) == NM_METERED_UNKNOWN;
}

/**
 * ferryd_network_reading_is_carrying:
 * @client: NetworkManager
 *
 * Returns: whether it says itself that there is a connection to the world, even if it does not say which
 */
gboolean
ferryd_network_reading_is_carrying (NMClient *client)
{
  NMState state = nm_client_get_state (client);

  return nm_client_get_primary_connection (client) != NULL || state >= NM_STATE_CONNECTED_SITE ||
         (state == NM_STATE_UNKNOWN && !ferryd_network_reading_is_undecided (client));
}

/**
 * ferryd_network_reading_is_routed_by_others:
 * @client: NetworkManager
 * @carried: whether it has had a connection before
 *
 * An interface that NetworkManager does not even know is not what takes over from a connection that it has
 * lost.
 *
 * Returns: whether the kernel has a default route by an interface that NetworkManager leaves alone
 */
gboolean
ferryd_network_reading_is_routed_by_others (NMClient *client, gboolean carried)
{
  g_auto (GStrv) interfaces = ferryd_default_route_list ();

  for (guint i = 0; interfaces[i] != NULL; i++)
    {
      NMDevice *device = ferryd_underlay_find_device (client, interfaces[i]);

      if (device == NULL ? !carried : nm_device_get_state (device) <= NM_DEVICE_STATE_UNMANAGED)
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_network_reading_has_modem:
 * @client: NetworkManager
 *
 * Returns: whether one of its devices is a modem, in use or not
 */
gboolean
ferryd_network_reading_has_modem (NMClient *client)
{
  const GPtrArray *devices = nm_client_get_devices (client);

  for (guint i = 0; i < devices->len; i++)
    if (NM_IS_DEVICE_MODEM (g_ptr_array_index (devices, i)))
      return TRUE;
  return FALSE;
}

/**
 * ferryd_network_reading_has_no_carrier:
 * @device: (nullable): that carries the connection
 *
 * Returns: whether its link is known to be down. NetworkManager keeps the connection for some seconds then
 */
gboolean
ferryd_network_reading_has_no_carrier (NMDevice *device)
{
  const guint flags = device != NULL ? nm_device_get_interface_flags (device) : 0;

  return (flags & NM_DEVICE_INTERFACE_FLAG_UP) != 0 && (flags & NM_DEVICE_INTERFACE_FLAG_CARRIER) == 0;
}

/**
 * ferryd_network_reading_list_actives:
 * @client: NetworkManager
 *
 * Which connections there are, besides those that others made: what hangs on one that is not the primary one
 * (any more) loses it all the same, and a VPN takes along what it does not carry.
 *
 * Returns: (transfer full): a text that is another when they are others
 */
char *
ferryd_network_reading_list_actives (NMClient *client)
{
  const GPtrArray *connections = nm_client_get_active_connections (client);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < connections->len; i++)
    {
      NMActiveConnection *active = g_ptr_array_index (connections, i);
      gboolean external =
          (nm_active_connection_get_state_flags (active) & NM_ACTIVATION_STATE_FLAG_EXTERNAL) != 0;

      if (!external && nm_active_connection_get_state (active) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
        g_string_append_printf (list, "%s ", nm_object_get_path (NM_OBJECT (active)));
    }
  return g_string_free (list, FALSE);
}
