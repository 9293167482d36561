/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean ferryd_store_directory_prepare (const char *directory, gboolean *shared, GError **error);
gboolean ferryd_store_directory_sync (const char *directory, GError **error);

G_END_DECLS
