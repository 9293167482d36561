/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store.h"

G_BEGIN_DECLS

/* A store's calls with the main context run until they are answered, and rows to give to it. */

FerrydStoreContents *ferryd_store_calls_open (FerrydStore *store, GError **error);
FerrydBatch *ferryd_store_calls_commit (FerrydStore *store, FerrydBatch *batch, FerrydDurability durability,
                                        GError **error);
GPtrArray *ferryd_store_calls_read (FerrydStore *store, const FerrydId *ids, guint n_ids,
                                    FerrydColumns columns, GError **error);
FerrydStoreContents *ferryd_store_calls_must_open (FerrydStore *store);
void ferryd_store_calls_must_commit (FerrydStore *store, FerrydBatch *batch);
void ferryd_store_calls_close (FerrydStore *store);

void ferryd_store_calls_make_id (FerrydId *id, guint n);
FerrydRow *ferryd_store_calls_make_row (guint n);
FerrydRow *ferryd_store_calls_make_full_row (guint n);
FerrydBatch *ferryd_store_calls_make_insertion (guint first, guint n);
void ferryd_store_calls_assert_equal (const FerrydRow *a, const FerrydRow *b, FerrydColumns columns);

char *ferryd_store_calls_make_directory (void);
void ferryd_store_calls_remove_directory (const char *directory);

G_END_DECLS
