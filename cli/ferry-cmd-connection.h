/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

/* Network connections and their data plans: each an a{sv} as `Manager.ListConnections` has it, by UUID. */

GVariant *ferry_cmd_list_connections (FerryManager *manager, GError **error);
char *ferry_cmd_find_connection (GVariant *connections, const char *name, GError **error);

gboolean ferry_cmd_connection_is_active (GVariant *connection);
gboolean ferry_cmd_connection_has_plan (GVariant *connection);
const char *ferry_cmd_connection_name (const char *uuid, GVariant *connection);
char *ferry_cmd_connection_usage (GVariant *connection, gint64 now);
char *ferry_cmd_connection_period (GVariant *connection);

G_END_DECLS
