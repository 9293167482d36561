/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GVariant *ferry_cmd_secret_from_text (const char *option, const char *text, GError **error);
GVariant *ferry_cmd_secret_from_file (const char *option, const char *path, GError **error);

G_END_DECLS
