/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-fetch-private.h"

#include "ferryd-http-failure.h"

/* Bytes of an error response's body that are kept for the application (contract, OpenResult). */
#define ERROR_BODY_MAX (1024 * 1024)

/* Microseconds that a redirect's Retry-After is waited for on the spot (RFC 9110 section 10.2.3). */
#define REDIRECT_WAIT_MAX (60 * G_USEC_PER_SEC)

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

/**
 * ferryd_soup_fetch_end:
 * @self: (transfer full): a fetch
 * @failure: (nullable): why its body is not whole
 * @end: how sure it is that it is
 *
 * Everything is closed before the caller hears of it, who may begin the next one from there.
 */
void
ferryd_soup_fetch_end (FerrydFetch *self, const FerrydFailure *failure, FerrydBodyEnd end)
{
  g_autoptr (FerrydFailure) copy = ferryd_failure_copy (failure);
  FerrydFetchHandler handler = self->handler;
  gpointer user_data = self->user_data;

  ferryd_soup_fetch_forget (self);
  handler.ended (copy, end, user_data);
}

/**
 * ferryd_soup_fetch_fail:
 * @self: (transfer full): a fetch
 * @failure: (transfer full): why it ends
 */
void
ferryd_soup_fetch_fail (FerrydFetch *self, FerrydFailure *failure)
{
  g_autoptr (FerrydFailure) owned = failure;

  ferryd_soup_fetch_end (self, owned, FERRYD_BODY_END_UNPROVED);
}

static void
fetch_deadline_passed (gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->body == NULL)
    fetch_send (self);
  else if (self->failure != NULL)
    ferryd_soup_fetch_end_error_body (self);
  else
    ferryd_soup_fetch_fail (self, ferryd_http_failure_timeout (FERRYD_HTTP_PHASE_BODY));
}

/**
 * ferryd_soup_fetch_get_limits:
 * @self: a fetch
 *
 * Returns: what each of its requests is allowed
 */
FerrydSoupLimits
ferryd_soup_fetch_get_limits (FerrydFetch *self)
{
  const FerrydFetchRequest *request = ferryd_soup_request_get (self->request);

  return (FerrydSoupLimits){
    .connect_timeout = request->connect_timeout,
    .response_timeout = request->response_timeout,
    .fresh = request->fresh_connection,
  };
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
    .digest = self->response.digest,
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
    ferryd_soup_fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
  else
    {
      ferryd_soup_fetch_watch_body (self);
      ferryd_soup_body_start (self->body);
    }
}

static void
fetch_answer (FerrydFetch *self, GInputStream *stream)
{
  if (self->response.kind == FERRYD_ANSWER_WHOLE || self->response.kind == FERRYD_ANSWER_PART)
    ferryd_soup_fetch_open_body (self, stream, self->response.length);
  else
    fetch_discard_body (self, stream);
  if (ferryd_soup_fetch_wants_proof (self))
    ferryd_session_shard_reserve (self->shard);
  g_rc_box_acquire (self);
  ferryd_soup_fetch_obey (self, fetch_tell_answer (self));
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
      ferryd_soup_fetch_fail (self, failure);
      return;
    }
  self->failure = failure;
  self->error_body = g_byte_array_new ();
  ferryd_soup_fetch_open_body (self, stream, ERROR_BODY_MAX);
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
      ferryd_soup_fetch_fail (self, failure);
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
    .ranged = request->ranged,
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
    ferryd_soup_fetch_end (self, failure, FERRYD_BODY_END_UNPROVED);
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

static void
fetch_restarted (gpointer user_data)
{
  FerrydFetch *self = user_data;

  if (self->sending != NULL)
    ferryd_soup_sending_repeat (self->sending);
}

/* Asks at where the chain is now. Each place has its own session: a connection to it may be waiting there. */
static void
fetch_send (FerrydFetch *self)
{
  static const FerrydSoupExchangeHandler handler = { fetch_starting, fetch_answered, fetch_failed,
                                                     fetch_interim, fetch_restarted };
  const FerrydFetchRequest *request = ferryd_soup_request_get (self->request);
  g_autoptr (FerrydPeers) peers = ferryd_http_chain_has_left_origin (self->chain)
                                      ? ferryd_peers_for_other_origin (request->peers)
                                      : ferryd_peers_ref (request->peers);
  FerrydSessionKey key = { .application = request->application, .peers = peers };
  FerrydSoupLimits limits = ferryd_soup_fetch_get_limits (self);
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
    ferryd_soup_fetch_fail (self,
                            ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_FINAL,
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
  if (self->chain != NULL && request->origin != NULL)
    ferryd_http_chain_set_origin (self->chain, request->origin);
  self->watch = ferryd_socket_poll_add (shared->poll, fetch_turn, self);
  ferryd_deadline_init (&self->deadline, shared->deadlines, fetch_deadline_passed, self);
  ferryd_deadline_init (&self->slow, shared->deadlines, ferryd_soup_fetch_window_passed, self);
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
