/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

#define FERRY_TYPE_MANAGER (ferry_manager_get_type ())
G_DECLARE_FINAL_TYPE (FerryManager, ferry_manager, FERRY, MANAGER, GObject)

void ferry_manager_new_async (GDBusConnection *connection, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
FerryManager *ferry_manager_new_finish (GAsyncResult *result, GError **error);

GVariant *ferry_manager_get_properties (FerryManager *self);

void ferry_manager_for_each_async (FerryManager *self, FerryVerb verb, GVariant *filter,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ferry_manager_for_each_finish (FerryManager *self, GAsyncResult *result, guint *count,
                                        GError **error);

void ferry_manager_pause_all_async (FerryManager *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_manager_pause_all_finish (FerryManager *self, GAsyncResult *result, GError **error);
void ferry_manager_resume_all_async (FerryManager *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_manager_resume_all_finish (FerryManager *self, GAsyncResult *result, GError **error);

void ferry_manager_request_unconstrained_async (FerryManager *self, GListModel *operations,
                                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                                gpointer user_data);
gboolean ferry_manager_request_unconstrained_finish (FerryManager *self, GAsyncResult *result,
                                                     gboolean *granted, GError **error);

void ferry_manager_list_groups_async (FerryManager *self, const char *application, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
GVariant *ferry_manager_list_groups_finish (FerryManager *self, GAsyncResult *result, GError **error);
void ferry_manager_set_group_behavior_async (FerryManager *self, const char *group,
                                             FerryGroupBehavior behavior, const char *application,
                                             GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean ferry_manager_set_group_behavior_finish (FerryManager *self, GAsyncResult *result, GError **error);

void ferry_manager_list_connections_async (FerryManager *self, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
GVariant *ferry_manager_list_connections_finish (FerryManager *self, GAsyncResult *result, GError **error);
void ferry_manager_set_data_plan_async (FerryManager *self, const char *connection, guint64 limit,
                                        guint reset_day, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_manager_set_data_plan_finish (FerryManager *self, GAsyncResult *result, GError **error);
void ferry_manager_clear_data_plan_async (FerryManager *self, const char *connection,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean ferry_manager_clear_data_plan_finish (FerryManager *self, GAsyncResult *result, GError **error);
void ferry_manager_set_data_usage_async (FerryManager *self, const char *connection, guint64 used,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean ferry_manager_set_data_usage_finish (FerryManager *self, GAsyncResult *result, GError **error);

void ferry_manager_watch_async (FerryManager *self, GVariant *filter, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
GListModel *ferry_manager_watch_finish (FerryManager *self, GAsyncResult *result, GError **error);

G_END_DECLS
