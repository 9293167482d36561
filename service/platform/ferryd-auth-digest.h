/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * FerrydAuthDigest:
 *
 * Digest authentication with SHA-256 (RFC 7616), which libsoup does not have; it keeps MD5.
 */
#define FERRYD_TYPE_AUTH_DIGEST (ferryd_auth_digest_get_type ())
G_DECLARE_FINAL_TYPE (FerrydAuthDigest, ferryd_auth_digest, FERRYD, AUTH_DIGEST, SoupAuth)

G_END_DECLS
