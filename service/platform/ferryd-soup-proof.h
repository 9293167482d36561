/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-http-response.h"
#include "ferryd-soup-exchange.h"

G_BEGIN_DECLS

/**
 * FerrydSoupProof:
 *
 * Finds out whether a body without length was whole: asks for its headers again, over its own connection if
 * that is still there.
 */
typedef struct _FerrydSoupProof FerrydSoupProof;

/**
 * FerrydSoupClaim:
 * @framing: what marked the end of the body; not %FERRYD_HTTP_FRAMING_LENGTH
 * @connection: libsoup's number of the connection it came over
 * @keepalive: the server meant to keep that connection
 * @received: bytes of the body
 *
 * What is to be proved.
 */
typedef struct
{
  FerrydHttpFraming framing;
  guint64 connection;
  gboolean keepalive;
  gint64 received;
} FerrydSoupClaim;

/**
 * FerrydSoupProofHandler:
 * @new_message: returns a HEAD request for what the body was of (transfer full)
 * @ended: the last call; with @failure (nullable) (borrowed) the body was not whole
 *
 * What a proof needs, and whom it reports to. @ended may free it.
 */
typedef struct
{
  SoupMessage *(*new_message) (gpointer user_data);
  void (*ended) (FerrydBodyEnd end, const FerrydFailure *failure, gpointer user_data);
} FerrydSoupProofHandler;

gboolean ferryd_soup_proof_is_needed (FerrydHttpFraming framing);

FerrydSoupProof *ferryd_soup_proof_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard,
                                        const FerrydSoupLimits *limits, const FerrydSoupClaim *claim,
                                        const FerrydSoupProofHandler *handler, gpointer user_data);
void ferryd_soup_proof_free (FerrydSoupProof *self);

G_END_DECLS
