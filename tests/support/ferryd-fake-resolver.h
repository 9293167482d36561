/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_RESOLVER (ferryd_fake_resolver_get_type ())
G_DECLARE_FINAL_TYPE (FerrydFakeResolver, ferryd_fake_resolver, FERRYD, FAKE_RESOLVER, GResolver)

void ferryd_fake_resolver_install (void);

G_END_DECLS
