/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store.h"

G_BEGIN_DECLS

/**
 * FerrydStoreDatabase:
 *
 * The store as blocking calls, for one thread: #FerrydStoreSqlite is this behind a queue.
 */
typedef struct _FerrydStoreDatabase FerrydStoreDatabase;

FerrydStoreDatabase *ferryd_store_database_open (const char *directory, const char *holder, gint64 patience,
                                                 GCancellable *cancellable, FerrydStoreContents **contents,
                                                 GError **error);
void ferryd_store_database_close (FerrydStoreDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStoreDatabase, ferryd_store_database_close)

void ferryd_store_database_commit (FerrydStoreDatabase *self, FerrydBatch *const *batches, GError **errors,
                                   guint n, FerrydDurability durability);
void ferryd_store_database_tidy (FerrydStoreDatabase *self);
GPtrArray *ferryd_store_database_read (FerrydStoreDatabase *self, const FerrydId *ids, guint n_ids,
                                       FerrydColumns columns, GError **error);

G_END_DECLS
