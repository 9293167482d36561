/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"

G_BEGIN_DECLS

#define FERRY_TYPE_OPERATION_LIST (ferry_operation_list_get_type ())
G_DECLARE_FINAL_TYPE (FerryOperationList, ferry_operation_list, FERRY, OPERATION_LIST, GObject)

void ferry_operation_list_new_async (FerryBus *bus, GVariant *filter, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
FerryOperationList *ferry_operation_list_new_finish (GAsyncResult *result, GError **error);

G_END_DECLS
