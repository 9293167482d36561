/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-callers.h"
#include "ferryd-list-filter.h"
#include "ferryd-queue.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_WATCHERS (ferryd_watchers_get_type ())
/**
 * FerrydWatchers:
 *
 * Who watches a list, and the OperationsChanged that goes to each: new operations with all that was asked
 * for, others with what has changed, and those that are in the list no more, all in one message. One watch a
 * connection.
 *
 * Signal `idle-changed`: ferryd_watchers_is_idle() is different.
 */
G_DECLARE_FINAL_TYPE (FerrydWatchers, ferryd_watchers, FERRYD, WATCHERS, GObject)

FerrydWatchers *ferryd_watchers_new (GDBusConnection *connection, FerrydQueue *queue, FerrydCallers *callers);

/* @filter (transfer full). Answers (transfer floating) what List would: a{oa{sv}}. */
void ferryd_watchers_watch_async (FerrydWatchers *self, FerrydCaller *caller, FerrydListFilter *filter,
                                  GAsyncReadyCallback callback, gpointer user_data);
GVariant *ferryd_watchers_watch_finish (FerrydWatchers *self, GAsyncResult *result, GError **error);
void ferryd_watchers_unwatch (FerrydWatchers *self, const FerrydCaller *caller);

gboolean ferryd_watchers_is_idle (FerrydWatchers *self);

G_END_DECLS
