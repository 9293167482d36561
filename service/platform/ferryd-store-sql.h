/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

sqlite3 *ferryd_store_sql_open (const char *path, int flags, GError **error);
gboolean ferryd_store_sql_configure (sqlite3 *db, gboolean shared, GError **error);
gboolean ferryd_store_sql_exec (sqlite3 *db, const char *sql, GError **error);
gboolean ferryd_store_sql_get_int (sqlite3 *db, const char *sql, gint64 *value, GError **error);
sqlite3_stmt *ferryd_store_sql_prepare (sqlite3 *db, const char *sql, GError **error);
gboolean ferryd_store_sql_run (sqlite3_stmt *statement, GError **error);
gboolean ferryd_store_sql_is_damaged (sqlite3 *db);
void ferryd_store_sql_set_error (sqlite3 *db, GError **error);

void ferryd_store_sql_bind_variant (sqlite3_stmt *statement, int parameter, GVariant *value);
GVariant *ferryd_store_sql_column_variant (sqlite3_stmt *statement, int column);

G_END_DECLS
