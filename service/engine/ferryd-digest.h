/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydDigest:
 *
 * A running checksum whose state can be saved and taken up again (GChecksum's cannot), so that a large file
 * is not read a second time after a restart. Over nettle.
 */
typedef struct _FerrydDigest FerrydDigest;

/* @checksum: `sha256:HEX` or `sha512:HEX`. NULL where it is neither. */
FerrydDigest *ferryd_digest_new (const char *checksum);
void ferryd_digest_free (FerrydDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDigest, ferryd_digest_free)
FerrydDigest *ferryd_digest_copy (const FerrydDigest *digest);

void ferryd_digest_update (FerrydDigest *digest, const guint8 *bytes, gsize size);
const char *ferryd_digest_expected (const FerrydDigest *digest);
guint64 ferryd_digest_position (const FerrydDigest *digest);
void ferryd_digest_reset (FerrydDigest *digest);
/* Ends the digest; it cannot be updated any more. */
gboolean ferryd_digest_matches (FerrydDigest *digest, char **actual);

/* (transfer floating) */
GVariant *ferryd_digest_save (const FerrydDigest *digest);
/* FALSE where @state is not one of this algorithm, library version and machine; the digest is then at 0. */
gboolean ferryd_digest_restore (FerrydDigest *digest, GVariant *state);

G_END_DECLS
