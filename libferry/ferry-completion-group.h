/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

#define FERRY_TYPE_COMPLETION_GROUP (ferry_completion_group_get_type ())
G_DECLARE_FINAL_TYPE (FerryCompletionGroup, ferry_completion_group, FERRY, COMPLETION_GROUP, GObject)

void ferry_completion_group_new_async (const char *handler_name, const char *handler_action,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
void ferry_completion_group_new_with_options_async (GVariant *options, GCancellable *cancellable,
                                                    GAsyncReadyCallback callback, gpointer user_data);
FerryCompletionGroup *ferry_completion_group_new_finish (GAsyncResult *result, GError **error);

void ferry_completion_group_from_activation_async (GVariant *parameter, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
FerryCompletionGroup *ferry_completion_group_from_activation_finish (GAsyncResult *result,
                                                                     GListModel **downloads,
                                                                     GListModel **uploads, GError **error);

const char *ferry_completion_group_get_path (FerryCompletionGroup *self);
FerryCompletionState ferry_completion_group_get_state (FerryCompletionGroup *self);
guint ferry_completion_group_get_failed (FerryCompletionGroup *self);

void ferry_completion_group_enable_async (FerryCompletionGroup *self, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_completion_group_enable_finish (FerryCompletionGroup *self, GAsyncResult *result,
                                               GError **error);
void ferry_completion_group_remove_async (FerryCompletionGroup *self, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_completion_group_remove_finish (FerryCompletionGroup *self, GAsyncResult *result,
                                               GError **error);

G_END_DECLS
