/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define FERRYD_STORE_FILE "ferry.db"

/**
 * FerrydStoreVerdict:
 * @FERRYD_STORE_VERDICT_MISSING: there is none
 * @FERRYD_STORE_VERDICT_SOUND: ours, of a version we know, its structure whole
 * @FERRYD_STORE_VERDICT_DAMAGED: not a database, not ours, or its structure broken
 * @FERRYD_STORE_VERDICT_NEWER: ours, of a version we do not know
 * @FERRYD_STORE_VERDICT_UNREADABLE: nobody knows: it cannot be read just now
 *
 * What a database file is, found without changing it.
 */
typedef enum
{
  FERRYD_STORE_VERDICT_MISSING,
  FERRYD_STORE_VERDICT_SOUND,
  FERRYD_STORE_VERDICT_DAMAGED,
  FERRYD_STORE_VERDICT_NEWER,
  FERRYD_STORE_VERDICT_UNREADABLE,
} FerrydStoreVerdict;

FerrydStoreVerdict ferryd_store_schema_inspect_header (const char *path, GError **error);
FerrydStoreVerdict ferryd_store_schema_inspect (const char *path, GError **error);
gboolean ferryd_store_schema_set_aside (const char *directory, char **damaged, GError **error);
gboolean ferryd_store_schema_has_remains (const char *directory);
gboolean ferryd_store_schema_create (const char *directory, gboolean shared, GError **error);
gboolean ferryd_store_schema_migrate (sqlite3 *db, GError **error);

G_END_DECLS
