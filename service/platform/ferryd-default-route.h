/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GStrv ferryd_default_route_parse (const char *ipv4, const char *ipv6);
GStrv ferryd_default_route_list (void);

G_END_DECLS
