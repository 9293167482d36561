/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-conditions.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NETWORK_MONITOR (ferryd_network_monitor_get_type ())
G_DECLARE_INTERFACE (FerrydNetworkMonitor, ferryd_network_monitor, FERRYD, NETWORK_MONITOR, GObject)

/**
 * FerrydConnection:
 * @uuid: (owned) (nullable): of its profile, what data plans are kept by; NULL where there is no connection
 *   or nobody knows which
 * @name: (owned) (nullable): of its profile, for people
 * @kind: (owned) (nullable): `802-11-wireless`, `gsm`, ...: NetworkManager's word for it
 * @interface: (owned) (nullable): the kernel's name of what its bytes go through, and are counted at
 *
 * The connection that pays for what is transferred: the primary one, beneath a VPN that of the device which
 * carries the VPN. A plain value.
 */
typedef struct
{
  char *uuid;
  char *name;
  char *kind;
  char *interface;
} FerrydConnection;

/**
 * FerrydNetworkMonitorInterface:
 * @fill: writes connectivity, cost, roaming and the limits into @conditions and says whether the first
 *   answer, or the certainty that none will come, is there. Never blocks.
 * @list_connections: every connection that is known, in use or not: of each uuid, name and kind.
 * @get_connection: whose cost that is. Never NULL; the monitor's own, good until it emits `changed`.
 *
 * Emits `changed` (no arguments) in the main thread when one of them would answer differently.
 */
struct _FerrydNetworkMonitorInterface
{
  GTypeInterface parent;

  gboolean (*fill) (FerrydNetworkMonitor *self, FerrydConditions *conditions);
  const FerrydConnection *(*get_connection) (FerrydNetworkMonitor *self);
  GPtrArray *(*list_connections) (FerrydNetworkMonitor *self);
};

gboolean ferryd_network_monitor_fill (FerrydNetworkMonitor *self, FerrydConditions *conditions);
const FerrydConnection *ferryd_network_monitor_get_connection (FerrydNetworkMonitor *self);
/* (transfer full) (element-type FerrydConnection) */
GPtrArray *ferryd_network_monitor_list_connections (FerrydNetworkMonitor *self);

void ferryd_connection_set (FerrydConnection *connection, const char *uuid, const char *name,
                            const char *kind, const char *interface);
gboolean ferryd_connection_equal (const FerrydConnection *a, const FerrydConnection *b);
void ferryd_connection_clear (FerrydConnection *connection);
void ferryd_connection_free (FerrydConnection *connection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydConnection, ferryd_connection_clear)

G_END_DECLS
