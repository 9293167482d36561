/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <ferry.h>

G_BEGIN_DECLS

FerryContentPart *ferry_cmd_form_parse (const char *word, gboolean *stream, GError **error);

G_END_DECLS
