/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean ferry_cmd_parse_size (const char *text, guint64 *bytes);
gboolean ferry_cmd_parse_time (const char *text, gint64 now, gint64 *time);

G_END_DECLS
