/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-fetch.h"

#include "ferryd-http-failure.h"
#include "ferryd-http-redirect.h"
#include "ferryd-http-response.h"
#include "ferryd-soup-body.h"
#include "ferryd-soup-exchange.h"
#include "ferryd-soup-proof.h"
#include "ferryd-soup-request.h"
#include "ferryd-soup-sending.h"

/* Bytes of an error response's body that are kept for the application (contract, OpenResult). */
#define ERROR_BODY_MAX (1024 * 1024)

/* Milliseconds granted to an error response's body as a whole: its status is known already. */
#define ERROR_BODY_TIME_MAX 10000

/* Microseconds that a redirect's Retry-After is waited for on the spot (RFC 9110 section 10.2.3). */
#define REDIRECT_WAIT_MAX (60 * G_USEC_PER_SEC)

/* A body that keeps dripping never stalls: fewer bytes a second than this, over a window of so many stall
 * time-outs, is as good as nothing. With the default of two minutes the window is five. */
#define LOW_SPEED 10
#define LOW_SPEED_WINDOW(stall_timeout) ((gint64) (stall_timeout) *5 / 2)

struct _FerrydFetch
{
  const FerrydSoupShared *shared; /* (unowned): outlives the fetch */
  FerrydFetchHandler handler;
  gpointer user_data;           /* (unowned) */
  FerrydSoupRequest *request;   /* (owned) */
  FerrydSoupSending *sending;   /* (owned) (nullable): what is sent along */
  FerrydHttpChain *chain;       /* (owned) (nullable): NULL when the URI cannot be asked */
  FerrydSocketWatch *watch;     /* (owned): for what must not happen inside a call of the caller's */
  FerrydDeadline deadline;      /* the stall time-out, or the wait before a redirect is followed */
  FerrydDeadline slow;          /* the end of a window of low speed, or of the time for an error's body */
  FerrydSessionShard *shard;    /* (owned) (nullable) */
  FerrydSoupExchange *exchange; /* (owned) (nullable): the present or last request */
  FerrydSoupBody *body;         /* (owned) (nullable): being read */
  FerrydSoupProof *proof;       /* (owned) (nullable): under way */
  FerrydHttpResponse response;  /* that was answered; its strings are owned */
  FerrydFailure *failure;       /* (owned) (nullable): of an error response whose body is being collected */
  GByteArray *error_body;       /* (owned) (nullable): what has been collected */
  gint64 window_start;          /* bytes received when the window of low speed began */
  gboolean answered;            /* has told what the response means; nothing but its body is left */
  gboolean held;                /* until ferryd_soup_fetch_resume() */
  gboolean over;                /* calls nobody any more */
};

static void fetch_send (FerrydFetch *self);

static void
fetch_release (FerrydFetch *self)
{
  g_rc_box_release (self);
}

/**
 * ferryd_soup_fetch_forget:
 * @self: (transfer full): a fetch
 *
 * Closes what it has open and frees it, without calling anybody.
 */
void
ferryd_soup_fetch_forget (FerrydFetch *self)
{
  self->over = TRUE;
  g_hash_table_steal (self->shared->fetches, self);
  ferryd_deadline_clear (&self->deadline);
  ferryd_deadline_clear (&self->slow);
  g_clear_pointer (&self->watch, ferryd_socket_watch_free);
  if (self->body != NULL)
    ferryd_soup_exchange_hang_up (self->exchange);
  g_clear_pointer (&self->body, ferryd_soup_body_free);
  g_clear_pointer (&self->proof, ferryd_soup_proof_free);
  g_clear_pointer (&self->sending, ferryd_soup_sending_free);
  g_clear_pointer (&self->exchange, ferryd_soup_exchange_free);
  g_clear_pointer (&self->shard, ferryd_session_shard_release);
  g_clear_pointer (&self->chain, ferryd_http_chain_free);
  g_clear_pointer (&self->request, ferryd_soup_request_free);
  g_clear_pointer (&self->failure, ferryd_failure_free);
  g_clear_pointer (&self->error_body, g_byte_array_unref);
  ferryd_http_response_clear (&self->response);
  fetch_release (self);
}

/* Everything is closed before the caller hears of it, who may begin the next one from there. */
static void
fetch_end (FerrydFetch *self, const FerrydFailure *failure, FerrydBodyEnd end)
{
  g_autoptr (FerrydFailure) copy = ferryd_failure_copy (failure);
  FerrydFetchHandler handler = self->handler;
  gpointer user_data = self->user_data;

  ferryd_soup_fetch_forget (self);
  handler.ended (copy, end, user_data);
}

static void
fetch_fail (FerrydFetch *self, FerrydFailure *failure)
{
  g_autoptr (FerrydFailure) owned = failure;

  fetch_end (self, owned, FERRYD_BODY_END_UNPROVED);
}

/* Ends with the error response's status, whatever came of its body. */
static void
fetch_end_error_body (FerrydFetch *self)
{
  if (self->error_body->len > 0)
    self->failure->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->error_body));
  fetch_end (self, self->failure, FERRYD_BODY_END_UNPROVED);
}

static guint
get_stall_timeout (FerrydFetch *self)
{
  return ferryd_soup_request_get (self->request)->stall_timeout;
}

static void
fetch_watch_body (FerrydFetch *self)
{
  guint stall_timeout = get_stall_timeout (self);

  self->window_start = ferryd_soup_body_get_received (self->body);
  ferryd_deadline_set (&self->deadline, stall_timeout);
  ferryd_deadline_set (&self->slow,
                       self->failure != NULL ? ERROR_BODY_TIME_MAX : LOW_SPEED_WINDOW (stall_timeout));
}

static void
fetch_deadline_passed (gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->body == NULL)
    fetch_send (self);
  else if (self->failure != NULL)
    fetch_end_error_body (self);
  else
    fetch_fail (self, ferryd_http_failure_timeout (FERRYD_HTTP_PHASE_BODY));
}

static void
fetch_window_passed (gpointer user_data)
{
  FerrydFetch *self = user_data;
  gint64 received = ferryd_soup_body_get_received (self->body);
  gint64 window = LOW_SPEED_WINDOW (get_stall_timeout (self));

  if (self->failure != NULL)
    fetch_end_error_body (self);
  else if ((received - self->window_start) * 1000 < LOW_SPEED * window)
    fetch_fail (self, ferryd_http_failure_timeout (FERRYD_HTTP_PHASE_BODY));
  else
    {
      self->window_start = received;
      ferryd_deadline_set (&self->slow, window);
    }
}

static SoupMessage *
fetch_new_head (gpointer user_data)
{
  FerrydFetch *self = user_data;

  return ferryd_soup_request_new_head (self->request, self->chain);
}

static void
fetch_proved (FerrydBodyEnd end, const FerrydFailure *failure, gpointer user_data)
{
  fetch_end (user_data, failure, end);
}

static FerrydSoupLimits
fetch_get_limits (FerrydFetch *self)
{
  const FerrydFetchRequest *request = ferryd_soup_request_get (self->request);

  return (FerrydSoupLimits){
    .connect_timeout = request->connect_timeout,
    .response_timeout = request->response_timeout,
    .fresh = request->fresh_connection,
  };
}

static gboolean
fetch_wants_proof (FerrydFetch *self)
{
  return ferryd_soup_request_get (self->request)->prove_end && self->response.length == -1 &&
         ferryd_soup_proof_is_needed (self->response.framing) &&
         g_str_equal (ferryd_http_chain_get_method (self->chain), "GET");
}

static void
fetch_prove (FerrydFetch *self)
{
  static const FerrydSoupProofHandler handler = { fetch_new_head, fetch_proved };
  SoupMessage *message = ferryd_soup_exchange_get_message (self->exchange);
  FerrydSoupLimits limits = fetch_get_limits (self);
  FerrydSoupClaim claim = {
    .framing = self->response.framing,
    .connection = soup_message_get_connection_id (message),
    .keepalive = soup_message_is_keepalive (message),
    .received = ferryd_soup_body_get_received (self->body),
  };

  ferryd_deadline_clear (&self->deadline);
  ferryd_deadline_clear (&self->slow);
  g_clear_pointer (&self->body, ferryd_soup_body_free);
  self->proof = ferryd_soup_proof_new (self->shared->deadlines, self->shard, &limits, &claim, &handler, self);
}

/* Whether a body of unknown length that ended without an error is known to have ended where it should. */
static FerrydBodyEnd
fetch_judge_end (FerrydFetch *self)
{
  if (self->response.framing == FERRYD_HTTP_FRAMING_CHUNKED &&
      !ferryd_soup_proof_is_needed (self->response.framing))
    return FERRYD_BODY_END_PROVED;
  return FERRYD_BODY_END_UNPROVED;
}

static void
fetch_body_done (const GError *error, gpointer user_data)
{
  FerrydFetch *self = user_data;
  FerrydHttpTrouble trouble = { .phase = FERRYD_HTTP_PHASE_BODY };
  gint64 received = ferryd_soup_body_get_received (self->body);
  gint64 length = self->response.length;

  if (self->failure != NULL)
    fetch_end_error_body (self);
  else if (length != -1 && received == length)
    fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    fetch_fail (self, ferryd_http_failure_from_error (error, &trouble));
  else if (length != -1)
    fetch_fail (self, ferryd_http_failure_short (received, length));
  else if (error != NULL)
    fetch_fail (self, ferryd_http_failure_from_error (error, &trouble));
  else if (fetch_wants_proof (self))
    fetch_prove (self);
  else
    fetch_end (self, NULL, fetch_judge_end (self));
}

/* What the caller answered to a call. */
static void
fetch_obey (FerrydFetch *self, FerrydFlow flow)
{
  if (self->over)
    return;
  if (flow == FERRYD_FLOW_STOP)
    fetch_end (self, NULL, FERRYD_BODY_END_UNPROVED);
  else if (flow == FERRYD_FLOW_HOLD)
    {
      self->held = TRUE;
      ferryd_deadline_clear (&self->deadline);
      ferryd_deadline_clear (&self->slow);
    }
}

static FerrydFlow
fetch_body_bytes (const guint8 *bytes, gsize size, gpointer user_data)
{
  FerrydFetch *self = user_data;
  guint64 offset = self->response.first + ferryd_soup_body_get_received (self->body) - size;
  FerrydFlow flow;

  ferryd_deadline_set (&self->deadline, get_stall_timeout (self));
  if (self->failure != NULL)
    {
      g_byte_array_append (self->error_body, bytes, size);
      return FERRYD_FLOW_CONTINUE;
    }
  g_rc_box_acquire (self);
  flow = self->handler.body (offset, bytes, size, self->user_data);
  fetch_obey (self, flow);
  fetch_release (self);
  return flow;
}

static void
fetch_open_body (FerrydFetch *self, GInputStream *stream, gint64 length)
{
  static const FerrydSoupBodyHandler handler = { fetch_body_bytes, fetch_body_done };

  self->body = ferryd_soup_body_new (stream, ferryd_soup_exchange_find_socket (self->exchange), length,
                                     self->shared->poll, self->shared->buffer, &handler, self);
}

static void
fetch_discard_body (FerrydFetch *self, GInputStream *stream)
{
  ferryd_soup_exchange_hang_up (self->exchange);
  ferryd_soup_body_discard (stream, self->shared->buffer);
}

static FerrydFlow
fetch_tell_answer (FerrydFetch *self)
{
  SoupMessage *message = ferryd_soup_exchange_get_message (self->exchange);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autoptr (GVariant) list = g_variant_ref_sink (ferryd_http_list_headers (headers));
  g_autofree char *uri = g_uri_to_string (ferryd_http_chain_get_uri (self->chain));
  g_autofree char *name = ferryd_http_get_suggested_name (headers, ferryd_http_chain_get_uri (self->chain));
  g_autofree char *address = ferryd_soup_exchange_get_remote_address (self->exchange);
  FerrydAnswer answer = {
    .kind = self->response.kind,
    .status = soup_message_get_status (message),
    .uri = uri,
    .headers = list,
    .first = self->response.first,
    .length = self->response.length,
    .total = self->response.total,
    .validator = self->response.validator,
    .etag = self->response.etag,
    .last_modified = self->response.last_modified,
    .resumable = self->response.resumable,
    .suggested_name = name,
    .remote_address = address,
  };

  self->answered = TRUE;
  return self->handler.answered (&answer, self->user_data);
}

/* Begins or goes on with what follows the answer: the body, or without one the end. */
static void
fetch_go_on (FerrydFetch *self)
{
  if (self->body == NULL)
    fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
  else
    {
      fetch_watch_body (self);
      ferryd_soup_body_start (self->body);
    }
}

static void
fetch_answer (FerrydFetch *self, GInputStream *stream)
{
  if (self->response.kind == FERRYD_ANSWER_WHOLE || self->response.kind == FERRYD_ANSWER_PART)
    fetch_open_body (self, stream, self->response.length);
  else
    fetch_discard_body (self, stream);
  if (fetch_wants_proof (self))
    ferryd_session_shard_reserve (self->shard);
  g_rc_box_acquire (self);
  fetch_obey (self, fetch_tell_answer (self));
  if (!self->over && !self->held)
    fetch_go_on (self);
  fetch_release (self);
}

/* What was answered belongs to the failure it is. */
static void
fetch_add_response (FerrydFetch *self, guint status, SoupMessageHeaders *headers, FerrydFailure *failure)
{
  g_autoptr (GVariant) list = g_variant_ref_sink (ferryd_http_list_headers (headers));
  g_autofree char *uri = g_uri_to_string (ferryd_http_chain_get_uri (self->chain));

  failure->response = ferryd_transport_new_response (status, uri, list, FALSE);
}

static void
fetch_refuse (FerrydFetch *self, GInputStream *stream, guint status, FerrydFailure *failure)
{
  if (status < 400)
    {
      fetch_discard_body (self, stream);
      fetch_fail (self, failure);
      return;
    }
  self->failure = failure;
  self->error_body = g_byte_array_new ();
  fetch_open_body (self, stream, ERROR_BODY_MAX);
  fetch_go_on (self);
}

static void
fetch_redirect (FerrydFetch *self, guint status, SoupMessageHeaders *headers)
{
  gint64 wait = ferryd_http_get_retry_after (headers);
  FerrydFailure *failure = NULL;

  if (status == SOUP_STATUS_SEE_OTHER && self->sending != NULL &&
      !ferryd_soup_sending_is_whole (self->sending))
    failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_UNEXPECTED_REDIRECTION, FERRYD_REMEDY_FINAL,
                                  "The server speaks of a result before it has got everything");
  else
    failure = ferryd_http_chain_follow (self->chain, status, headers);

  if (failure == NULL && wait > REDIRECT_WAIT_MAX)
    {
      failure = ferryd_http_failure_from_status (status, headers, FALSE);
      failure->remedy = FERRYD_REMEDY_RETRY;
    }
  if (failure != NULL)
    {
      fetch_add_response (self, status, headers, failure);
      fetch_fail (self, failure);
    }
  else if (wait > 0)
    ferryd_deadline_set (&self->deadline, wait / 1000);
  else
    fetch_send (self);
}

/* Whether the same request, without the question whether its body is welcome, is worth trying. */
static gboolean
fetch_drop_continue (FerrydFetch *self)
{
  return self->sending != NULL &&
         ferryd_soup_sending_drop_continue (self->sending, ferryd_http_chain_get_uri (self->chain));
}

static void
fetch_answered (GInputStream *stream, gpointer user_data)
{
  FerrydFetch *self = user_data;
  const FerrydFetchRequest *request = ferryd_soup_request_get (self->request);
  SoupMessage *message = ferryd_soup_exchange_get_message (self->exchange);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint status = soup_message_get_status (message);
  FerrydHttpQuestion question = {
    .first = request->first,
    .last = request->last,
    .if_range = request->if_range,
    .conditional = ferryd_soup_request_is_conditional (self->request, self->chain),
    .any_success = request->any_success,
    .is_head = g_str_equal (ferryd_http_chain_get_method (self->chain), "HEAD"),
    .fresh = request->fresh_connection,
  };
  FerrydFailure *failure;

  if (status == SOUP_STATUS_EXPECTATION_FAILED && fetch_drop_continue (self))
    {
      fetch_discard_body (self, stream);
      fetch_send (self);
      return;
    }
  if (ferryd_http_is_redirect (status))
    {
      fetch_discard_body (self, stream);
      fetch_redirect (self, status, headers);
      return;
    }
  failure = ferryd_http_response_read (&self->response, &question, status, headers);
  if (failure != NULL)
    {
      fetch_add_response (self, status, headers, failure);
      fetch_refuse (self, stream, status, failure);
    }
  else
    fetch_answer (self, stream);
}

static void
fetch_failed (const FerrydFailure *failure, gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (ferryd_soup_exchange_missed_continue (self->exchange) && fetch_drop_continue (self))
    fetch_send (self);
  else
    fetch_end (self, failure, FERRYD_BODY_END_UNPROVED);
}

static void
fetch_starting (gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->sending != NULL)
    ferryd_soup_sending_start (self->sending, self->exchange);
}

static void
fetch_interim (guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->sending != NULL)
    ferryd_soup_sending_take_interim (self->sending, status, headers);
}

/* Asks at where the chain is now. Each place has its own session: a connection to it may be waiting there. */
static void
fetch_send (FerrydFetch *self)
{
  static const FerrydSoupExchangeHandler handler = { fetch_starting, fetch_answered, fetch_failed,
                                                     fetch_interim };
  const FerrydFetchRequest *request = ferryd_soup_request_get (self->request);
  g_autoptr (FerrydPeers) peers = ferryd_http_chain_has_left_origin (self->chain)
                                      ? ferryd_peers_for_other_origin (request->peers)
                                      : ferryd_peers_ref (request->peers);
  FerrydSessionKey key = { .application = request->application, .peers = peers };
  FerrydSoupLimits limits = fetch_get_limits (self);
  g_autoptr (SoupMessage) message = NULL;

  if (self->sending != NULL && ferryd_soup_sending_hold_empty (self->sending))
    return;
  message = ferryd_soup_request_new_message (self->request, self->chain);
  if (self->sending != NULL && ferryd_soup_request_sends_entity (self->request, self->chain))
    ferryd_soup_sending_prepare (self->sending, message, &limits);
  else
    g_clear_pointer (&self->sending, ferryd_soup_sending_free);
  g_clear_pointer (&self->exchange, ferryd_soup_exchange_free);
  g_clear_pointer (&self->shard, ferryd_session_shard_release);
  self->shard = ferryd_session_pool_acquire (
      self->shared->pool, &key, ferryd_http_chain_get_uri (self->chain), request->fresh_connection);
  self->exchange =
      ferryd_soup_exchange_new (self->shared->deadlines, self->shard, message, &limits, &handler, self);
}

/* What could not be done inside the caller's own call. */
static void
fetch_turn (gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->answered)
    fetch_go_on (self);
  else if (self->chain == NULL)
    fetch_fail (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_FINAL,
                                          "The address is not one that can be asked"));
  else
    fetch_send (self);
}

/**
 * ferryd_soup_fetch_new:
 * @shared: what it has in common with the others; it adds itself to their set
 * @request: what is asked; borrowed for the call
 * @handler: whom to report to; borrowed for the call
 * @user_data: for @handler's functions
 *
 * Begins an exchange, soon.
 *
 * Returns: (transfer none): the fetch, good until it has ended or ferryd_soup_fetch_forget()
 */
FerrydFetch *
ferryd_soup_fetch_new (const FerrydSoupShared *shared, const FerrydFetchRequest *request,
                       const FerrydFetchHandler *handler, gpointer user_data)
{
  FerrydFetch *self = g_rc_box_new0 (FerrydFetch);

  self->shared = shared;
  self->handler = *handler;
  self->user_data = user_data;
  self->request = ferryd_soup_request_new (request);
  if (request->entity != NULL)
    self->sending = ferryd_soup_sending_new (request, handler, user_data, shared->silent_origins);
  self->chain = ferryd_http_chain_new (request->uri, request->method);
  self->watch = ferryd_socket_poll_add (shared->poll, fetch_turn, self);
  ferryd_deadline_init (&self->deadline, shared->deadlines, fetch_deadline_passed, self);
  ferryd_deadline_init (&self->slow, shared->deadlines, fetch_window_passed, self);
  g_hash_table_add (shared->fetches, self);
  ferryd_socket_watch_soon (self->watch);
  return self;
}

/**
 * ferryd_soup_fetch_resume:
 * @self: a fetch
 *
 * Goes on with one that was answered %FERRYD_FLOW_HOLD, soon; another is left alone.
 */
void
ferryd_soup_fetch_resume (FerrydFetch *self)
{
  if (!self->held)
    return;
  self->held = FALSE;
  ferryd_socket_watch_soon (self->watch);
}

/**
 * ferryd_soup_fetch_release_last:
 * @self: a fetch
 *
 * The last bytes of its entity need not wait any more. Where that was all of the request, it is sent soon.
 */
void
ferryd_soup_fetch_release_last (FerrydFetch *self)
{
  if (self->sending == NULL)
    return;
  ferryd_soup_sending_release_last (self->sending);
  if (self->exchange == NULL)
    ferryd_socket_watch_soon (self->watch);
}
