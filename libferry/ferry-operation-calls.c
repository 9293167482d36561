/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-operation-private.h"

#include <gio/gunixinputstream.h>

#include "ferry-error.h"
#include "ferry-names.h"

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferry_operation_call_async:
 * @self: an operation
 * @interface: an interface that it has
 * @method: a method of that, which answers nothing
 * @parameters: (nullable): its arguments; consumed if floating
 * @flags: what a lost reply means
 * @tag: the function that this is done for
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Calls a method; g_task_propagate_boolean() finishes it.
 */
void
ferry_operation_call_async (FerryOperation *self, const char *interface, const char *method,
                            GVariant *parameters, FerryBusCallFlags flags, gpointer tag,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  ferry_bus_call_async (self->bus, self->path, interface, method, parameters, "()", flags, cancellable,
                        on_called, g_steal_pointer (&task));
}

/**
 * ferry_operation_pause_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Pauses the transfer until it is resumed. What has been transferred is kept.
 */
void
ferry_operation_pause_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ferry_operation_call_async (self, FERRY_OPERATION_INTERFACE, "Pause", NULL, FERRY_BUS_CALL_ONCE,
                              ferry_operation_pause_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_pause_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when it cannot be paused now, or its method is neither GET
 * nor PUT
 *
 * Returns: whether it is paused
 */
gboolean
ferry_operation_pause_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_resume_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Lets a paused transfer go on, or tries a failed one again.
 */
void
ferry_operation_resume_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  ferry_operation_call_async (self, FERRY_OPERATION_INTERFACE, "Resume", NULL, FERRY_BUS_CALL_ONCE,
                              ferry_operation_resume_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_resume_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when there is nothing to resume
 *
 * Returns: whether it goes on
 */
gboolean
ferry_operation_resume_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_cancel_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Gives up the transfer. What has been transferred is deleted.
 */
void
ferry_operation_cancel_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  ferry_operation_call_async (self, FERRY_OPERATION_INTERFACE, "Cancel", NULL, FERRY_BUS_CALL_REPEATABLE,
                              ferry_operation_cancel_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_cancel_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when it has completed or failed
 *
 * Returns: whether it is canceled
 */
gboolean
ferry_operation_cancel_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_remove_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has done it
 * @user_data: for @callback
 *
 * Forgets a transfer that has ended, and deletes what a failed one has transferred.
 */
void
ferry_operation_remove_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  ferry_operation_call_async (self, FERRY_OPERATION_INTERFACE, "Remove", NULL, FERRY_BUS_CALL_ONCE,
                              ferry_operation_remove_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_remove_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when it has not ended
 *
 * Returns: whether it is removed
 */
gboolean
ferry_operation_remove_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_result_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GUnixFDList) fd_list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, &fd_list, &error);
  gint32 handle;
  int fd = -1;

  if (reply != NULL)
    {
      g_variant_get (reply, "(h)", &handle);
      if (fd_list == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (fd_list))
        g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The service sent no descriptor");
      else
        fd = g_unix_fd_list_get (fd_list, handle, &error);
    }
  if (fd < 0)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_unix_input_stream_new (fd, TRUE), g_object_unref);
}

/**
 * ferry_operation_open_result_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Opens what the server sent: a download's data so far, or the body of a response that was an error. Every
 * call gives a stream of its own, at its beginning.
 */
void
ferry_operation_open_result_async (FerryOperation *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_operation_open_result_async);
  ferry_bus_call_async (self->bus, self->path, FERRY_OPERATION_INTERFACE, "OpenResult", NULL, "(h)",
                        FERRY_BUS_CALL_REPEATABLE, cancellable, on_result_opened, g_steal_pointer (&task));
}

/**
 * ferry_operation_open_result_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_NOT_FOUND when there is nothing
 *
 * Returns: (transfer full): a stream, or NULL with @error
 */
GInputStream *
ferry_operation_open_result_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
