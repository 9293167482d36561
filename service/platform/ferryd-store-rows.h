/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sqlite3.h>

#include "ferryd-store.h"

G_BEGIN_DECLS

/**
 * FerrydStoreRows:
 *
 * Rows and settings to and from an open database, by statements that are prepared once. Blocks; transactions
 * are the caller's.
 */
typedef struct _FerrydStoreRows FerrydStoreRows;

FerrydStoreRows *ferryd_store_rows_new (sqlite3 *db, GError **error);
void ferryd_store_rows_free (FerrydStoreRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStoreRows, ferryd_store_rows_free)

GPtrArray *ferryd_store_rows_load (FerrydStoreRows *self, GError **error);
GVariant *ferryd_store_rows_load_settings (FerrydStoreRows *self, GError **error);
GArray *ferryd_store_rows_load_secrets (FerrydStoreRows *self, GError **error);

gboolean ferryd_store_rows_insert (FerrydStoreRows *self, FerrydRow *row, gint64 secret, GError **error);
gboolean ferryd_store_rows_update (FerrydStoreRows *self, const FerrydRow *row, gint64 secret,
                                   GError **error);
gboolean ferryd_store_rows_delete (FerrydStoreRows *self, const FerrydId *id, GError **error);
gboolean ferryd_store_rows_set (FerrydStoreRows *self, const char *name, GVariant *value, GError **error);
gboolean ferryd_store_rows_read (FerrydStoreRows *self, const FerrydId *id, FerrydColumns wanted,
                                 FerrydRow **row, gint64 *secret, GError **error);
gint64 ferryd_store_rows_get_secret (FerrydStoreRows *self, const FerrydId *id);

G_END_DECLS
