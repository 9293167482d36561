/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-proof.h"

#include "ferryd-http-failure.h"

/* Idle connections of others that are passed over while looking for the body's own. */
#define WRONG_CONNECTIONS_MAX 8

/* Milliseconds granted to an answer that is only asked for to be sure. */
#define RESPONSE_TIMEOUT_MAX 10000

struct _FerrydSoupProof
{
  FerrydDeadlines *deadlines;   /* (unowned): outlives the proof */
  FerrydSessionShard *shard;    /* (unowned): outlives the proof */
  FerrydSoupExchange *exchange; /* (owned): the present request */
  FerrydSoupLimits limits;
  FerrydSoupClaim claim;
  FerrydSoupProofHandler handler;
  gpointer user_data;       /* (unowned) */
  guint n_wrong;            /* connections passed over */
  gboolean same_connection; /* the body's connection was there to be used again, so its end mark had come */
};

static void proof_ask (FerrydSoupProof *self);

static void
proof_end (FerrydSoupProof *self, gboolean proved, const FerrydFailure *failure)
{
  FerrydBodyEnd end = FERRYD_BODY_END_UNPROVED;

  if (proved || self->same_connection)
    end = FERRYD_BODY_END_PROVED;
  else if (self->claim.framing == FERRYD_HTTP_FRAMING_CHUNKED && self->claim.keepalive)
    end = FERRYD_BODY_END_DOUBTFUL;
  self->handler.ended (end, end == FERRYD_BODY_END_PROVED ? NULL : failure, self->user_data);
}

/* libsoup takes any idle connection to the server. While it is somebody else's, the next one is tried; the
 * request has not been written, and that connection is lost to its owner's successors only. */
static void
proof_starting (gpointer user_data)
{
  FerrydSoupProof *self = user_data;

  if (self->claim.framing != FERRYD_HTTP_FRAMING_CHUNKED || self->same_connection)
    return;
  if (soup_message_get_connection_id (ferryd_soup_exchange_get_message (self->exchange)) ==
      self->claim.connection)
    self->same_connection = TRUE;
  else if (!ferryd_soup_exchange_has_connected (self->exchange) && self->n_wrong < WRONG_CONNECTIONS_MAX)
    {
      self->n_wrong++;
      proof_ask (self);
    }
}

static void
proof_answered (GInputStream *stream, gpointer user_data)
{
  FerrydSoupProof *self = user_data;
  SoupMessage *message = ferryd_soup_exchange_get_message (self->exchange);
  FerrydHttpFraming framing;
  gint64 length;
  gboolean usable;
  g_autoptr (FerrydFailure) unusable = NULL;
  g_autoptr (FerrydFailure) failure = NULL;
  guint8 nothing[1];

  /* A HEAD's response has no body, but libsoup wants to be told that it was read. */
  g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), nothing, sizeof nothing, NULL,
                                            NULL);
  g_input_stream_close (stream, NULL, NULL);
  unusable = ferryd_http_read_framing (soup_message_get_response_headers (message), FALSE, &framing, &length);
  usable = unusable == NULL && soup_message_get_status (message) == SOUP_STATUS_OK && length != -1;
  if (usable && length > self->claim.received)
    failure = ferryd_http_failure_short (self->claim.received, length);
  proof_end (self, usable && length == self->claim.received, failure);
}

static void
proof_failed (const FerrydFailure *failure, gpointer user_data)
{
  proof_end (user_data, FALSE, NULL);
}

static void
proof_ask (FerrydSoupProof *self)
{
  static const FerrydSoupExchangeHandler handler = { proof_starting, proof_answered, proof_failed };
  g_autoptr (SoupMessage) message = self->handler.new_message (self->user_data);

  ferryd_soup_exchange_free (self->exchange);
  self->exchange =
      ferryd_soup_exchange_new (self->deadlines, self->shard, message, &self->limits, &handler, self);
}

/**
 * ferryd_soup_proof_is_needed:
 * @framing: what marked the end of a body
 *
 * Returns: whether the libsoup this runs with may report a body as whole that was cut
 */
gboolean
ferryd_soup_proof_is_needed (FerrydHttpFraming framing)
{
  if (framing == FERRYD_HTTP_FRAMING_CHUNKED)
    return !soup_check_version (3, 6, 5);
  return framing == FERRYD_HTTP_FRAMING_CLOSE;
}

/**
 * ferryd_soup_proof_new:
 * @deadlines: for its time limits; outlives the proof
 * @shard: whose session the body came through; outlives the proof
 * @limits: the body's own
 * @claim: what is to be proved
 * @handler: what it needs, and whom it reports to
 * @user_data: for @handler's functions
 *
 * Begins. The body's stream has been closed just before, and nobody else uses the session.
 *
 * Returns: (transfer full): the proof
 */
FerrydSoupProof *
ferryd_soup_proof_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard, const FerrydSoupLimits *limits,
                       const FerrydSoupClaim *claim, const FerrydSoupProofHandler *handler,
                       gpointer user_data)
{
  FerrydSoupProof *self = g_new0 (FerrydSoupProof, 1);

  self->deadlines = deadlines;
  self->shard = shard;
  self->limits = *limits;
  self->limits.response_timeout = MIN (limits->response_timeout, RESPONSE_TIMEOUT_MAX);
  self->claim = *claim;
  self->handler = *handler;
  self->user_data = user_data;
  proof_ask (self);
  return self;
}

/**
 * ferryd_soup_proof_free:
 * @self: (nullable) (transfer full): a proof
 *
 * Forgets it.
 */
void
ferryd_soup_proof_free (FerrydSoupProof *self)
{
  if (self == NULL)
    return;
  ferryd_soup_exchange_free (self->exchange);
  g_free (self);
}
