/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-peers.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_PROXY_RESOLVER (ferryd_proxy_resolver_get_type ())
G_DECLARE_FINAL_TYPE (FerrydProxyResolver, ferryd_proxy_resolver, FERRYD, PROXY_RESOLVER, GObject)

FerrydProxyResolver *ferryd_proxy_resolver_new (const FerrydPeers *peers);
gboolean ferryd_proxy_resolver_find_credential (FerrydProxyResolver *self, const char *authority, char **user,
                                                char **password);

G_END_DECLS
