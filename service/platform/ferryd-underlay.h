/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <NetworkManager.h>

#include "ferryd-network-monitor.h"

G_BEGIN_DECLS

NMDevice *ferryd_underlay_find (NMClient *client);
NMDevice *ferryd_underlay_find_device (NMClient *client, const char *interface);
gboolean ferryd_underlay_is_beneath (NMClient *client, NMDevice *device);
FerryNetworkCost ferryd_underlay_get_cost (NMClient *client, NMDevice *device);
void ferryd_underlay_describe (NMClient *client, NMDevice *device, FerrydConnection *connection);

G_END_DECLS
