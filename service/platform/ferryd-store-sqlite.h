/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_STORE_SQLITE (ferryd_store_sqlite_get_type ())
G_DECLARE_FINAL_TYPE (FerrydStoreSqlite, ferryd_store_sqlite, FERRYD, STORE_SQLITE, GObject)

FerrydStore *ferryd_store_sqlite_new (const char *directory, const char *holder);
gboolean ferryd_store_sqlite_has_work (const char *directory);

G_END_DECLS
