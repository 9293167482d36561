/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-operation-private.h"

#include "ferry-error.h"

/* One call of ferry_operation_wait_async(). */
typedef struct
{
  GSource *cancelled;    /* (owned) (nullable): fires when the caller does not want to wait any longer */
  gboolean acknowledged; /* it holds the attachment */
  gboolean done;         /* it has been answered */
} Wait;

static void
wait_free (Wait *wait)
{
  g_clear_pointer (&wait->cancelled, g_source_unref);
  g_free (wait);
}

/* How the operation ended, as an error; NULL for well. */
static GError *
end_error (FerryOperation *self)
{
  GError *error;

  switch (ferry_operation_get_state (self))
    {
    case FERRY_STATE_COMPLETED:
      return NULL;
    case FERRY_STATE_CANCELED:
      return g_error_new_literal (FERRY_TRANSFER_ERROR, FERRY_TRANSFER_ERROR_OPERATION_CANCELED,
                                  "The transfer was canceled");
    default:
      error = ferry_operation_get_error (self);
      return error != NULL ? error
                           : g_error_new_literal (FERRY_TRANSFER_ERROR, FERRY_TRANSFER_ERROR_UNKNOWN,
                                                  "The transfer failed");
    }
}

/* Answers one wait; consumes @error. */
static void
finish_wait (GTask *borrowed, GError *error)
{
  g_autoptr (GTask) task = g_object_ref (borrowed);
  FerryOperation *self = FERRY_OPERATION (g_task_get_source_object (task));
  Wait *wait = g_task_get_task_data (task);

  wait->done = TRUE;
  if (wait->cancelled != NULL)
    g_source_destroy (wait->cancelled);
  g_ptr_array_remove (self->waits, task);
  if (wait->acknowledged)
    ferry_attachment_release (self->attachment);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferry_operation_end_waits:
 * @self: an operation
 * @error: (nullable): why nobody can know its end; NULL: it has ended
 *
 * Answers everybody who waits for the end of @self.
 */
void
ferry_operation_end_waits (FerryOperation *self, const GError *error)
{
  while (self->waits->len > 0)
    finish_wait (self->waits->pdata[0], error != NULL ? g_error_copy (error) : end_error (self));
}

static void
on_wait_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryOperation *self = FERRY_OPERATION (g_task_get_source_object (task));
  Wait *wait = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!ferry_attachment_hold_finish (FERRY_ATTACHMENT (source), result, &error))
    {
      if (!wait->done)
        finish_wait (task, g_steal_pointer (&error));
      return;
    }
  if (wait->done)
    {
      ferry_attachment_release (self->attachment);
      return;
    }
  wait->acknowledged = TRUE;
  if (ferry_state_is_ended (ferry_operation_get_state (self)))
    finish_wait (task, end_error (self));
}

static gboolean
on_wait_cancelled (GCancellable *cancellable, gpointer user_data)
{
  finish_wait (G_TASK (user_data),
               g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Waiting was cancelled"));
  return G_SOURCE_REMOVE;
}

static void
begin_wait (FerryOperation *self, const char *method, gpointer tag, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Wait *wait = g_new0 (Wait, 1);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, wait, (GDestroyNotify) wait_free);
  /* An end that came is an end, even if the caller gave up in the same moment. */
  g_task_set_check_cancellable (task, FALSE);
  g_ptr_array_add (self->waits, g_object_ref (task));
  if (cancellable != NULL)
    {
      wait->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (wait->cancelled, G_SOURCE_FUNC (on_wait_cancelled), task, NULL);
      g_source_attach (wait->cancelled, g_task_get_context (task));
    }
  ferry_attachment_hold_async (self->attachment, method, cancellable, on_wait_held, g_object_ref (task));
}

/**
 * ferry_operation_wait_async:
 * @self: an operation
 * @cancellable: (nullable): cancelling only stops waiting
 * @callback: called when the transfer has ended
 * @user_data: for @callback
 *
 * Waits for the end of the transfer; one that has ended is reported at once, one that was not started is
 * waited for until somebody starts it. The service going away and coming back is not noticed.
 */
void
ferry_operation_wait_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  begin_wait (self, "Attach", ferry_operation_wait_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_wait_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): of FERRY_TRANSFER_ERROR: how the transfer failed, or
 *   %FERRY_TRANSFER_ERROR_OPERATION_CANCELED; else why it could not be waited for
 *
 * Returns: whether the transfer is complete
 */
gboolean
ferry_operation_wait_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_operation_run_async:
 * @self: an operation
 * @cancellable: (nullable): cancelling only stops waiting
 * @callback: called when the transfer has ended
 * @user_data: for @callback
 *
 * Starts the transfer, or joins it if it is started, and waits for its end.
 */
void
ferry_operation_run_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  /* Start attaches whatever is unfinished, and what has ended cannot be started. */
  gboolean ended = ferry_state_is_ended (ferry_operation_get_state (self));

  begin_wait (self, ended ? "Attach" : "Start", ferry_operation_run_async, cancellable, callback, user_data);
}

/**
 * ferry_operation_run_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): as for ferry_operation_wait_finish()
 *
 * Returns: whether the transfer is complete
 */
gboolean
ferry_operation_run_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_start_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;

  if (!ferry_attachment_hold_finish (FERRY_ATTACHMENT (source), result, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  ferry_attachment_release (FERRY_ATTACHMENT (source));
  g_task_return_boolean (task, TRUE);
}

/**
 * ferry_operation_start_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when the service has acknowledged
 * @user_data: for @callback
 *
 * Starts the transfer. On one that is started it has no effect.
 */
void
ferry_operation_start_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_operation_start_async);
  ferry_attachment_hold_async (self->attachment, "Start", cancellable, on_start_held,
                               g_steal_pointer (&task));
}

/**
 * ferry_operation_start_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_INVALID_STATE when it has ended
 *
 * Returns: whether it is started
 */
gboolean
ferry_operation_start_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_attach_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryOperation *self = FERRY_OPERATION (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;

  if (!ferry_attachment_hold_finish (FERRY_ATTACHMENT (source), result, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* The hold becomes that of the live property, which may have one already. */
  if (self->live)
    ferry_attachment_release (self->attachment);
  else
    {
      self->live = TRUE;
      g_object_notify (G_OBJECT (self), "live");
    }
  g_task_return_boolean (task, TRUE);
}

/**
 * ferry_operation_attach_async:
 * @self: an operation
 * @cancellable: (nullable):
 * @callback: called when every property is as the service has it
 * @user_data: for @callback
 *
 * Sets #FerryOperation:live, acknowledged.
 */
void
ferry_operation_attach_async (FerryOperation *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_operation_attach_async);
  ferry_attachment_hold_async (self->attachment, "Attach", cancellable, on_attach_held,
                               g_steal_pointer (&task));
}

/**
 * ferry_operation_attach_finish:
 * @self: an operation
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is attached
 */
gboolean
ferry_operation_attach_finish (FerryOperation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
