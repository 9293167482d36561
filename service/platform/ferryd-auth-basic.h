/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * FerrydAuthBasic:
 *
 * Basic authentication (RFC 7617) in UTF-8, which servers and browsers agree on by now. libsoup's own is in
 * ISO 8859-1 where that is possible, so that passwords with umlauts are wrong.
 */
#define FERRYD_TYPE_AUTH_BASIC (ferryd_auth_basic_get_type ())
G_DECLARE_FINAL_TYPE (FerrydAuthBasic, ferryd_auth_basic, FERRYD, AUTH_BASIC, SoupAuth)

G_END_DECLS
