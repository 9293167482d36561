/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-network-reading.h"

#include "ferryd-default-route.h"
#include "ferryd-underlay.h"

/**
 * ferryd_network_reading_take:
 * @self: (out): what it says
 * @client: NetworkManager, as libnm knows it
 */
void
ferryd_network_reading_take (FerrydNetworkReading *self, NMClient *client)
{
  *self = (FerrydNetworkReading){ .state = nm_client_get_state (client),
                                  .connectivity = nm_client_get_connectivity (client),
                                  .metered = nm_client_get_metered (client),
                                  .has_primary = nm_client_get_primary_connection (client) != NULL };
}

/**
 * ferryd_network_reading_get_connectivity:
 * @self: what it says
 *
 * Returns: how far the network reaches
 */
FerryConnectivity
ferryd_network_reading_get_connectivity (const FerrydNetworkReading *self)
{
  if (self->state == NM_STATE_ASLEEP || self->state == NM_STATE_DISCONNECTED)
    return FERRY_CONNECTIVITY_NONE;
  switch (self->connectivity)
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
 * ferryd_network_reading_get_cost:
 * @metered: its word, a guess or not
 *
 * Returns: what that costs, data plans aside
 */
FerryNetworkCost
ferryd_network_reading_get_cost (NMMetered metered)
{
  switch (metered)
    {
    case NM_METERED_YES:
    case NM_METERED_GUESS_YES:
      return FERRY_NETWORK_COST_VARIABLE;
    case NM_METERED_NO:
    case NM_METERED_GUESS_NO:
      return FERRY_NETWORK_COST_UNRESTRICTED;
    case NM_METERED_UNKNOWN:
    default:
      return FERRY_NETWORK_COST_UNKNOWN;
    }
}

/**
 * ferryd_network_reading_is_undecided:
 * @self: what it says
 *
 * Returns: whether that is nothing yet
 */
gboolean
ferryd_network_reading_is_undecided (const FerrydNetworkReading *self)
{
  return self->state == NM_STATE_UNKNOWN && self->metered == NM_METERED_UNKNOWN;
}

/**
 * ferryd_network_reading_is_carrying:
 * @self: what it says
 *
 * Returns: whether that is that there is a connection to the world, even if not which
 */
gboolean
ferryd_network_reading_is_carrying (const FerrydNetworkReading *self)
{
  return self->has_primary || self->state >= NM_STATE_CONNECTED_SITE ||
         (self->state == NM_STATE_UNKNOWN && !ferryd_network_reading_is_undecided (self));
}

/**
 * ferryd_network_reading_is_routed_by_others:
 * @client: (nullable): NetworkManager, NULL for one that names no devices
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
      NMDevice *device = client != NULL ? ferryd_underlay_find_device (client, interfaces[i]) : NULL;

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
