/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-attachment.h"
#include "ferry-bus.h"
#include "ferry-operation.h"
#include "ferry-property.h"

G_BEGIN_DECLS

#define FERRY_OPERATION_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), FERRY_TYPE_OPERATION, FerryOperationClass))

#define FERRY_OPERATION_CLASS(klass) \
  (G_TYPE_CHECK_CLASS_CAST ((klass), FERRY_TYPE_OPERATION, FerryOperationClass))

struct _FerryOperation
{
  GObject parent_instance;

  FerryBus *bus;               /* (owned) */
  FerryAttachment *attachment; /* (owned) */
  char *path;                  /* (owned) */
  GVariant **values; /* (owned) (array) (element-type GVariant): by row of ferry_operation_get_specs(); NULL:
                        not known */
  GPtrArray *waits;  /* (owned) (element-type GTask): pending calls of ferry_operation_wait_async() */
  gboolean live;     /* somebody asked to stay attached */
};

struct _FerryOperationClass
{
  GObjectClass parent_class;

  const char *interface; /* the one of D-Bus that only this kind has */

  /* A signal of an interface that the base class does not have. */
  void (*heard) (FerryOperation *self, const char *interface, const char *member, GVariant *parameters);
};

const FerryPropertySpec *ferry_operation_get_specs (guint *n_specs);

FerryOperation *ferry_operation_new_for_path (FerryBus *bus, const char *path, GVariant *properties);
GVariant *ferry_operation_complete_filter (GVariant *filter);
void ferry_operation_bind (FerryOperation *self, FerryBus *bus, const char *path);
const char *ferry_operation_get_path (FerryOperation *self);
GVariant *ferry_operation_peek (FerryOperation *self, const char *dbus_name);
const char *ferry_operation_peek_string (FerryOperation *self, const char *dbus_name);
gint64 ferry_operation_peek_int64 (FerryOperation *self, const char *name);
void ferry_operation_update (FerryOperation *self, const char *interface, GVariant *properties);

void ferry_operation_call_async (FerryOperation *self, const char *interface, const char *method,
                                 GVariant *parameters, FerryBusCallFlags flags, gpointer tag,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

void ferry_operation_end_waits (FerryOperation *self, const GError *error);

void ferry_operation_load_async (FerryBus *bus, const char *path, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
FerryOperation *ferry_operation_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
