/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/**
 * FerryBusCallFlags:
 * @FERRY_BUS_CALL_ONCE: a call whose reply is lost fails
 * @FERRY_BUS_CALL_REPEATABLE: made again when the service went away before it answered: twice must be as good
 * as once
 *
 * @FERRY_BUS_CALL_PATIENT: takes as long as the user takes; a lost reply fails
 * @FERRY_BUS_CALL_IF_THERE: not worth starting the service for; a lost reply fails
 *
 * What a lost reply means.
 */
typedef enum
{
  FERRY_BUS_CALL_ONCE,
  FERRY_BUS_CALL_REPEATABLE,
  FERRY_BUS_CALL_PATIENT,
  FERRY_BUS_CALL_IF_THERE,
} FerryBusCallFlags;

/* A signal of the service for one object; called in the context in which the FerryBus was made. */
typedef void (*FerryBusSignalFunc) (GObject *listener, const char *interface, const char *member,
                                    GVariant *parameters);

#define FERRY_TYPE_BUS (ferry_bus_get_type ())
G_DECLARE_FINAL_TYPE (FerryBus, ferry_bus, FERRY, BUS, GObject)

void ferry_bus_get_async (GDBusConnection *connection, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
FerryBus *ferry_bus_get_finish (GAsyncResult *result, GError **error);

GDBusConnection *ferry_bus_get_connection (FerryBus *self);
guint ferry_bus_get_losses (FerryBus *self);

void ferry_bus_listen (FerryBus *self, const char *path, GObject *listener, FerryBusSignalFunc callback);
void ferry_bus_unlisten (FerryBus *self, const char *path, GObject *listener);
GObject *ferry_bus_get_listener (FerryBus *self, const char *path);

void ferry_bus_call_async (FerryBus *self, const char *path, const char *interface, const char *method,
                           GVariant *parameters, const char *reply_type, FerryBusCallFlags flags,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void ferry_bus_call_with_descriptors_async (FerryBus *self, const char *path, const char *interface,
                                            const char *method, GVariant *parameters,
                                            GUnixFDList *descriptors, const char *reply_type,
                                            FerryBusCallFlags flags, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
GVariant *ferry_bus_call_finish (FerryBus *self, GAsyncResult *result, GUnixFDList **fd_list, GError **error);

G_END_DECLS
