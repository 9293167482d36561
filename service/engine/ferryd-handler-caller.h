/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-id.h"

G_BEGIN_DECLS

/**
 * FerrydHandlerCall:
 * @name: bus name of the application
 * @path: its object
 * @action: (nullable): its action, NULL for the interface CompletionHandler
 * @group: the completion group
 * @downloads: (element-type FerrydId): members, oldest first
 * @uploads: (element-type FerrydId): members, oldest first
 *
 * What an application is told. Borrowed for the call.
 */
typedef struct
{
  const char *name;
  const char *path;
  const char *action;
  FerrydId group;
  const GArray *downloads;
  const GArray *uploads;
} FerrydHandlerCall;

#define FERRYD_TYPE_HANDLER_CALLER (ferryd_handler_caller_get_type ())
G_DECLARE_INTERFACE (FerrydHandlerCaller, ferryd_handler_caller, FERRYD, HANDLER_CALLER, GObject)

/**
 * FerrydHandlerCallerInterface:
 * @check_async: asks whether an application of this name would be started when it is called. Answers TRUE, or
 *   FERRY_ERROR_INVALID_ARGUMENT that says what is missing.
 * @watch: from now on `owner-changed` tells whether the application runs: once soon, then whenever that
 *   changes. Twice is once.
 * @call_async: calls it, starting it where it does not run, and waits as long as it owns its name. Answers
 * TRUE when it has answered without error; else whatever error: it may have been called or not. @cancellable
 * gives up waiting.
 *
 * How applications are called back. Main thread only; no call blocks.
 *
 * Signal `owner-changed` (name, gboolean): whether it runs.
 */
struct _FerrydHandlerCallerInterface
{
  GTypeInterface parent;

  void (*check_async) (FerrydHandlerCaller *self, const char *name, GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*check_finish) (FerrydHandlerCaller *self, GAsyncResult *result, GError **error);
  void (*watch) (FerrydHandlerCaller *self, const char *name);
  void (*call_async) (FerrydHandlerCaller *self, const FerrydHandlerCall *call, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*call_finish) (FerrydHandlerCaller *self, GAsyncResult *result, GError **error);
};

void ferryd_handler_caller_check_async (FerrydHandlerCaller *self, const char *name,
                                        GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_handler_caller_check_finish (FerrydHandlerCaller *self, GAsyncResult *result, GError **error);
void ferryd_handler_caller_watch (FerrydHandlerCaller *self, const char *name);
void ferryd_handler_caller_call_async (FerrydHandlerCaller *self, const FerrydHandlerCall *call,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean ferryd_handler_caller_call_finish (FerrydHandlerCaller *self, GAsyncResult *result, GError **error);

/* For implementations. */
void ferryd_handler_caller_emit_owner (FerrydHandlerCaller *self, const char *name, gboolean owned);

G_END_DECLS
