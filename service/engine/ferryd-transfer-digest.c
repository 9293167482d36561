/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/**
 * ferryd_transfer_take_digest:
 * @self: an attempt with an open sink
 * @digest: (nullable): what the server says that all of what is fetched has, NULL for nothing
 *
 * That is what it has to have, unless the caller has said so: who knows what it has to be need not ask the
 * server.
 */
void
ferryd_transfer_take_digest (FerrydTransfer *self, const char *digest)
{
  g_autofree char *copy = digest != NULL && self->spec->request->checksum == NULL ? g_strdup (digest) : NULL;

  g_free (self->record->server_digest);
  self->record->server_digest = g_steal_pointer (&copy);
  ferryd_sink_expect_digest (self->sink, self->record->server_digest);
}

/* A digest of another kind cannot be compared. */
static gboolean
is_other (const char *held, const char *digest)
{
  return held != NULL && digest != NULL && strncmp (held, digest, strcspn (held, ":") + 1) == 0 &&
         !g_str_equal (held, digest);
}

/**
 * ferryd_strand_is_contradicted:
 * @strand: a fetch of something to go with what is held
 * @digest: (nullable): what its server says that all of it has
 *
 * Whatever its validator says, what has another digest is something else. The operation's own URI is believed
 * once that it changed: a server that goes on to contradict itself (some give the digest of the part) is not
 * taken at its word in the middle, but at the end.
 *
 * Returns: whether it cannot be of what is held
 */
gboolean
ferryd_strand_is_contradicted (FerrydStrand *strand, const char *digest)
{
  FerrydProgressRecord *record = strand->transfer->record;
  gboolean is_own = ferryd_transfer_is_own (strand->transfer, strand->source);

  if (!is_other (record->server_digest, digest) || (is_own && record->digest_failed))
    return FALSE;
  record->digest_failed = record->digest_failed || is_own;
  return TRUE;
}

/**
 * ferryd_transfer_may_fetch_again:
 * @self: an attempt that holds everything
 * @failure: why that is not what it has to be
 *
 * What does not fit the server's own digest may have been damaged on its way, or in a cache: all of it is
 * fetched once more.
 *
 * Returns: whether it is
 */
gboolean
ferryd_transfer_may_fetch_again (FerrydTransfer *self, const FerrydFailure *failure)
{
  if (failure->status != FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH || self->record->server_digest == NULL ||
      self->record->digest_failed || self->stopping || !ferryd_request_is_repeatable (self->spec->request))
    return FALSE;
  g_message ("%s It is fetched once more", failure->message);
  self->record->digest_failed = TRUE;
  self->fresh = TRUE;
  ferryd_transfer_restart (self);
  return TRUE;
}
