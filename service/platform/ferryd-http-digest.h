/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

char *ferryd_http_get_digest (guint status, SoupMessageHeaders *headers);
void ferryd_http_want_digest (SoupMessageHeaders *headers);

G_END_DECLS
