/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-download.h"
#include "ferry-error.h"
#include "ferry-names.h"
#include "ferry-operation-private.h"
#include "ferry-request-private.h"

/* Changes of an operation that is there already. Each replaces what was, so that twice is as good as once. */

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static void
edit (FerryOperation *self, const char *method, GVariant *parameters, gpointer tag, GCancellable *cancellable,
      GAsyncReadyCallback callback, gpointer user_data)
{
  ferry_operation_call_async (self, FERRY_OPERATION_INTERFACE, method, parameters, FERRY_BUS_CALL_REPEATABLE,
                              tag, cancellable, callback, user_data);
}

/**
 * ferry_operation_set_request_header_async:
 * @self: an operation
 * @name: a header
 * @value: its value, which replaces every one it has
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Changes what is sent with the next request.
 */
void
ferry_operation_set_request_header_async (FerryOperation *self, const char *name, const char *value,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  edit (self, "SetRequestHeader", g_variant_new ("(ss)", name, value),
        ferry_operation_set_request_header_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_set_request_header_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_ARGUMENT for a header that the service owns
 *
 * Returns: whether it is set
 */
gboolean
ferry_operation_set_request_header_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_remove_request_header_async:
 * @self: an operation
 * @name: a header
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Leaves a header out of the next request.
 */
void
ferry_operation_remove_request_header_async (FerryOperation *self, const char *name,
                                             GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data)
{
  edit (self, "RemoveRequestHeader", g_variant_new ("(s)", name), ferry_operation_remove_request_header_async,
        cancellable, callback, user_data);
}

/**
 * ferry_operation_remove_request_header_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is removed
 */
gboolean
ferry_operation_remove_request_header_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_set_credential_async:
 * @self: an operation
 * @which: `server` or `proxy`
 * @user: user name
 * @password: password
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Replaces a credential, from the next request on.
 */
void
ferry_operation_set_credential_async (FerryOperation *self, const char *which, const char *user,
                                      const char *password, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  edit (self, "SetCredential", g_variant_new ("(sss)", which, user, password),
        ferry_operation_set_credential_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_set_credential_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is set
 */
gboolean
ferry_operation_set_credential_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_set_destination_async:
 * @self: a download
 * @destination: (transfer none): the file it becomes, or its folder
 * @into_folder: whether it is the folder
 * @options: (nullable): an a{sv} as `Operation.SetDestination` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Gives a download another destination. What it holds moves along.
 */
void
ferry_operation_set_destination_async (FerryOperation *self, GFile *destination, gboolean into_folder,
                                       GVariant *options, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *name = ferry_request_name_file (destination, into_folder);
  g_autoptr (GVariant) owned =
      g_variant_ref_sink (options != NULL ? options : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  edit (self, "SetDestination", g_variant_new ("(s@a{sv})", name, owned),
        ferry_operation_set_destination_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_set_destination_finish:
 * @self: a download
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_DESTINATION_EXISTS, %FERRY_ERROR_INVALID_STATE when it is too late
 *
 * Returns: whether it goes there
 */
gboolean
ferry_operation_set_destination_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_write_property_async:
 * @self: an operation
 * @dbus_name: a property of `org.ferry.Transfer1.Operation` that may be written
 * @value: its new value; consumed if floating
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Writes a property. What the service refuses changes nothing.
 */
void
ferry_operation_write_property_async (FerryOperation *self, const char *dbus_name, GVariant *value,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  ferry_operation_call_async (
      self, PROPERTIES_INTERFACE, "Set", g_variant_new ("(ssv)", FERRY_OPERATION_INTERFACE, dbus_name, value),
      FERRY_BUS_CALL_REPEATABLE, ferry_operation_write_property_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_write_property_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_ARGUMENT for a bad value, %FERRY_ERROR_INVALID_STATE when it
 * cannot be changed now
 *
 * Returns: whether it is written
 */
gboolean
ferry_operation_write_property_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_make_current_in_group_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Puts it, and those behind it, before the others of its group.
 */
void
ferry_operation_make_current_in_group_async (FerryOperation *self, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data)
{
  edit (self, "MakeCurrentInGroup", NULL, ferry_operation_make_current_in_group_async, cancellable, callback,
        user_data);
}

/**
 * ferry_operation_make_current_in_group_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when it has ended
 *
 * Returns: whether it is done
 */
gboolean
ferry_operation_make_current_in_group_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
