/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-handler-caller.h"

G_DEFINE_INTERFACE (FerrydHandlerCaller, ferryd_handler_caller, G_TYPE_OBJECT)

static guint owner_changed_signal;

static void
ferryd_handler_caller_default_init (FerrydHandlerCallerInterface *iface)
{
  owner_changed_signal = g_signal_new ("owner-changed", FERRYD_TYPE_HANDLER_CALLER, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
}

/**
 * ferryd_handler_caller_check_async:
 * @self: a caller
 * @name: bus name of an application
 * @callback: told whether it can be called
 * @user_data: for @callback
 */
void
ferryd_handler_caller_check_async (FerrydHandlerCaller *self, const char *name, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  FERRYD_HANDLER_CALLER_GET_IFACE (self)->check_async (self, name, callback, user_data);
}

/**
 * ferryd_handler_caller_check_finish:
 * @self: a caller
 * @result: what the callback was given
 * @error: FERRY_ERROR_INVALID_ARGUMENT, naming what is missing
 *
 * Returns: whether it would be started when it is called
 */
gboolean
ferryd_handler_caller_check_finish (FerrydHandlerCaller *self, GAsyncResult *result, GError **error)
{
  return FERRYD_HANDLER_CALLER_GET_IFACE (self)->check_finish (self, result, error);
}

/**
 * ferryd_handler_caller_watch:
 * @self: a caller
 * @name: bus name of an application
 */
void
ferryd_handler_caller_watch (FerrydHandlerCaller *self, const char *name)
{
  FERRYD_HANDLER_CALLER_GET_IFACE (self)->watch (self, name);
}

/**
 * ferryd_handler_caller_call_async:
 * @self: a caller
 * @call: what to tell whom
 * @cancellable: (nullable): to give up waiting
 * @callback: told when it has answered, or will not
 * @user_data: for @callback
 */
void
ferryd_handler_caller_call_async (FerrydHandlerCaller *self, const FerrydHandlerCall *call,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_HANDLER_CALLER_GET_IFACE (self)->call_async (self, call, cancellable, callback, user_data);
}

/**
 * ferryd_handler_caller_call_finish:
 * @self: a caller
 * @result: what the callback was given
 * @error: why it has to be called again
 *
 * Returns: whether it has answered without error
 */
gboolean
ferryd_handler_caller_call_finish (FerrydHandlerCaller *self, GAsyncResult *result, GError **error)
{
  return FERRYD_HANDLER_CALLER_GET_IFACE (self)->call_finish (self, result, error);
}

/**
 * ferryd_handler_caller_emit_owner:
 * @self: a caller
 * @name: one that is watched
 * @owned: whether it runs
 */
void
ferryd_handler_caller_emit_owner (FerrydHandlerCaller *self, const char *name, gboolean owned)
{
  g_signal_emit (self, owner_changed_signal, 0, name, owned);
}
