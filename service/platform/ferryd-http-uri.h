/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GUri *ferryd_http_uri_parse (GUri *base, const char *text);
gboolean ferryd_http_uri_same_origin (GUri *a, GUri *b);
char *ferryd_http_uri_get_origin (GUri *uri);

G_END_DECLS
