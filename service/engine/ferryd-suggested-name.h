/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names for a downloaded file. What a server says never chooses a path, only a leaf name that is safe to
 * take. */

char *ferryd_suggested_name_from_uri (const char *uri);
char *ferryd_suggested_name_sanitise (const char *name);

G_END_DECLS
