/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-operation.h"
#include "ferry-request.h"

G_BEGIN_DECLS

#define FERRY_TYPE_FACTORY (ferry_factory_get_type ())
#define FERRY_FACTORY(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_FACTORY, FerryFactory))
#define FERRY_IS_FACTORY(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_FACTORY))

/* Not to be derived from outside the library: its structures are private. */
typedef struct _FerryFactory FerryFactory;
typedef struct _FerryFactoryClass FerryFactoryClass;

GType ferry_factory_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryFactory, g_object_unref)

void ferry_factory_create_async (FerryFactory *self, FerryRequest *request, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
FerryOperation *ferry_factory_create_finish (FerryFactory *self, GAsyncResult *result, GError **error);

void ferry_factory_query_async (FerryFactory *self, GVariant *filter, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
GListModel *ferry_factory_query_finish (FerryFactory *self, GAsyncResult *result, GError **error);

G_END_DECLS
