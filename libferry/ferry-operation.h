/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

#define FERRY_TYPE_OPERATION (ferry_operation_get_type ())
#define FERRY_OPERATION(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_OPERATION, FerryOperation))
#define FERRY_IS_OPERATION(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_OPERATION))

/* Not to be derived from outside the library: its structures are private. */
typedef struct _FerryOperation FerryOperation;
typedef struct _FerryOperationClass FerryOperationClass;

GType ferry_operation_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryOperation, g_object_unref)

void ferry_operation_get_async (const char *id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
FerryOperation *ferry_operation_get_finish (GAsyncResult *result, GError **error);

const char *ferry_operation_get_id (FerryOperation *self);
FerryKind ferry_operation_get_kind (FerryOperation *self);
const char *ferry_operation_get_uri (FerryOperation *self);
const char *ferry_operation_get_title (FerryOperation *self);
FerryState ferry_operation_get_state (FerryOperation *self);
const char *ferry_operation_get_state_reason (FerryOperation *self);
gint64 ferry_operation_get_bytes_received (FerryOperation *self);
gint64 ferry_operation_get_total_bytes_to_receive (FerryOperation *self);
gint64 ferry_operation_get_bytes_sent (FerryOperation *self);
gint64 ferry_operation_get_total_bytes_to_send (FerryOperation *self);
gint64 ferry_operation_get_speed (FerryOperation *self);
gint64 ferry_operation_get_time_remaining (FerryOperation *self);
GDateTime *ferry_operation_get_created (FerryOperation *self);
GDateTime *ferry_operation_get_finished (FerryOperation *self);
GError *ferry_operation_get_error (FerryOperation *self);
GVariant *ferry_operation_get_properties (FerryOperation *self);

void ferry_operation_start_async (FerryOperation *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_start_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_attach_async (FerryOperation *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_attach_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_wait_async (FerryOperation *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_wait_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_run_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ferry_operation_run_finish (FerryOperation *self, GAsyncResult *result, GError **error);

void ferry_operation_pause_async (FerryOperation *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_pause_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_resume_async (FerryOperation *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_resume_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_cancel_async (FerryOperation *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_cancel_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_remove_async (FerryOperation *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_remove_finish (FerryOperation *self, GAsyncResult *result, GError **error);

void ferry_operation_set_request_header_async (FerryOperation *self, const char *name, const char *value,
                                               GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data);
gboolean ferry_operation_set_request_header_finish (FerryOperation *self, GAsyncResult *result,
                                                    GError **error);
void ferry_operation_remove_request_header_async (FerryOperation *self, const char *name,
                                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                                  gpointer user_data);
gboolean ferry_operation_remove_request_header_finish (FerryOperation *self, GAsyncResult *result,
                                                       GError **error);
void ferry_operation_set_credential_async (FerryOperation *self, const char *which, const char *user,
                                           const char *password, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_set_credential_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_set_destination_async (FerryOperation *self, GFile *destination, gboolean into_folder,
                                            GVariant *options, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_set_destination_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_make_current_in_group_async (FerryOperation *self, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_operation_make_current_in_group_finish (FerryOperation *self, GAsyncResult *result,
                                                       GError **error);
void ferry_operation_write_property_async (FerryOperation *self, const char *dbus_name, GVariant *value,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean ferry_operation_write_property_finish (FerryOperation *self, GAsyncResult *result, GError **error);
void ferry_operation_open_result_async (FerryOperation *self, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
GInputStream *ferry_operation_open_result_finish (FerryOperation *self, GAsyncResult *result, GError **error);

G_END_DECLS
