/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the rules of the contract about header fields are, apart from the options: the engine needs them too.
 */

/* Names and values of all header fields of a request, in bytes. */
#define FERRY_MAX_HEADERS 65536

gboolean ferry_options_check_header (const char *name, const char *value, GError **error);
gboolean ferry_options_header_is_secret (const char *name);

G_END_DECLS
