/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-fetch-private.h"

#include "ferryd-http-failure.h"

/* Milliseconds granted to an error response's body as a whole: its status is known already. */
#define ERROR_BODY_TIME_MAX 10000

/* A body that keeps dripping never stalls: fewer bytes a second than this, over a window of so many stall
 * time-outs, is as good as nothing. With the default of two minutes the window is five. */
#define LOW_SPEED 10
#define LOW_SPEED_WINDOW(stall_timeout) ((gint64) (stall_timeout) *5 / 2)

/**
 * ferryd_soup_fetch_end_error_body:
 * @self: a fetch whose error response is being read
 *
 * Ends with its status, whatever came of its body.
 */
void
ferryd_soup_fetch_end_error_body (FerrydFetch *self)
{
  if (self->error_body->len > 0)
    self->failure->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->error_body));
  ferryd_soup_fetch_end (self, self->failure, FERRYD_BODY_END_UNPROVED);
}

static guint
get_stall_timeout (FerrydFetch *self)
{
  return ferryd_soup_request_get (self->request)->stall_timeout;
}

/**
 * ferryd_soup_fetch_watch_body:
 * @self: a fetch with a body
 *
 * Sets the limits for it.
 */
void
ferryd_soup_fetch_watch_body (FerrydFetch *self)
{
  guint stall_timeout = get_stall_timeout (self);

  self->window_start = ferryd_soup_body_get_received (self->body);
  ferryd_deadline_set (&self->deadline, stall_timeout);
  ferryd_deadline_set (&self->slow,
                       self->failure != NULL ? ERROR_BODY_TIME_MAX : LOW_SPEED_WINDOW (stall_timeout));
}

/**
 * ferryd_soup_fetch_window_passed:
 * @user_data: a fetch whose window of low speed, or time for an error's body, is over
 *
 * Ends it, or begins the next window.
 */
void
ferryd_soup_fetch_window_passed (gpointer user_data)
{
  FerrydFetch *self = user_data;
  gint64 received = ferryd_soup_body_get_received (self->body);
  gint64 window = LOW_SPEED_WINDOW (get_stall_timeout (self));

  if (self->failure != NULL)
    ferryd_soup_fetch_end_error_body (self);
  else if ((received - self->window_start) * 1000 < LOW_SPEED * window)
    ferryd_soup_fetch_fail (self, ferryd_http_failure_timeout (FERRYD_HTTP_PHASE_BODY));
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
  ferryd_soup_fetch_end (user_data, failure, end);
}

/**
 * ferryd_soup_fetch_wants_proof:
 * @self: a fetch that was answered
 *
 * Returns: whether the end of its body has to be proved
 */
gboolean
ferryd_soup_fetch_wants_proof (FerrydFetch *self)
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
  FerrydSoupLimits limits = ferryd_soup_fetch_get_limits (self);
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
    ferryd_soup_fetch_end_error_body (self);
  else if (length != -1 && received == length)
    ferryd_soup_fetch_end (self, NULL, FERRYD_BODY_END_PROVED);
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    ferryd_soup_fetch_fail (self, ferryd_http_failure_from_error (error, &trouble));
  else if (length != -1)
    ferryd_soup_fetch_fail (self, ferryd_http_failure_short (received, length));
  else if (error != NULL)
    ferryd_soup_fetch_fail (self, ferryd_http_failure_from_error (error, &trouble));
  else if (ferryd_soup_fetch_wants_proof (self))
    fetch_prove (self);
  else
    ferryd_soup_fetch_end (self, NULL, fetch_judge_end (self));
}

/**
 * ferryd_soup_fetch_obey:
 * @self: a fetch, which it may end
 * @flow: what the caller answered to a call
 *
 * Does that.
 */
void
ferryd_soup_fetch_obey (FerrydFetch *self, FerrydFlow flow)
{
  if (self->over)
    return;
  if (flow == FERRYD_FLOW_STOP)
    ferryd_soup_fetch_end (self, NULL, FERRYD_BODY_END_UNPROVED);
  else if (flow == FERRYD_FLOW_HOLD)
    {
      self->held = TRUE;
      ferryd_deadline_clear (&self->deadline);
      ferryd_deadline_clear (&self->slow);
    }
}

static gsize
fetch_body_room (gpointer user_data)
{
  FerrydFetch *self = user_data;
  gboolean free = self->failure != NULL || self->handler.room == NULL;
  gsize room = free ? G_MAXSIZE : self->handler.room (self->user_data);

  if (room == 0)
    ferryd_soup_fetch_obey (self, FERRYD_FLOW_HOLD);
  return room;
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
  ferryd_soup_fetch_obey (self, flow);
  g_rc_box_release (self);
  return flow;
}

/**
 * ferryd_soup_fetch_open_body:
 * @self: a fetch that was answered
 * @stream: (transfer none): the body
 * @length: bytes wanted, -1 for all there are
 *
 * Makes it ready to be read.
 */
void
ferryd_soup_fetch_open_body (FerrydFetch *self, GInputStream *stream, gint64 length)
{
  static const FerrydSoupBodyHandler handler = { fetch_body_bytes, fetch_body_done, fetch_body_room };

  self->body = ferryd_soup_body_new (stream, ferryd_soup_exchange_find_socket (self->exchange), length,
                                     self->shared->poll, self->shared->buffer, &handler, self);
}
