/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydBusName:
 *
 * The service's well-known name on one connection: taken, lost and given back. Over the bus's own methods,
 * because giving it back must be known to have happened: every call that was routed here before has arrived
 * by then, and every later one starts the service anew.
 *
 * Signal `lost`: another instance has taken it.
 */
#define FERRYD_TYPE_BUS_NAME (ferryd_bus_name_get_type ())
G_DECLARE_FINAL_TYPE (FerrydBusName, ferryd_bus_name, FERRYD, BUS_NAME, GObject)

FerrydBusName *ferryd_bus_name_new (GDBusConnection *connection);

void ferryd_bus_name_request_async (FerrydBusName *self, gboolean replace, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ferryd_bus_name_request_finish (FerrydBusName *self, GAsyncResult *result, GError **error);
void ferryd_bus_name_release_async (FerrydBusName *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_bus_name_release_finish (FerrydBusName *self, GAsyncResult *result, GError **error);

G_END_DECLS
