/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-exchange.h"

#include "ferryd-http-failure.h"
#include "ferryd-soup-challenges.h"

/* Connections libsoup may open for one message. It repeats a request on its own when a connection dies under
 * it, and with some servers without end. */
#define CONNECTIONS_MAX 4

/* Interim responses (1xx) that are read past before the final one. */
#define INTERIM_MAX 50

struct _FerrydSoupExchange
{
  FerrydSessionShard *shard; /* (unowned): outlives the exchange */
  SoupMessage *message;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  FerrydSoupLimits limits;
  FerrydSoupExchangeHandler handler;
  gpointer user_data;               /* (unowned) */
  FerrydSoupChallenges *challenges; /* (owned) (nullable): until it has reported */
  FerrydDeadline deadline;
  FerrydHttpPhase phase;
  FerrydFailure *failure; /* (owned) (nullable): why it was canceled */
  GTlsCertificateFlags certificate_errors;
  GSocket *plain; /* (owned) (nullable): of the connection that was opened, where nothing stands above it */
  guint64 connection;   /* libsoup's number of the last one opened, 0 for none */
  guint n_connections;  /* opened */
  guint n_interim;      /* interim responses read */
  gboolean got_headers; /* of the final response; libsoup also reports a proxy's refusal, without */
  gboolean waits;       /* for 100, with the body */
  gboolean waited;      /* in vain */
  gboolean refused;     /* the final response came in its place */
  gboolean has_sent;    /* something of the body */
  gboolean challenged;  /* the response asks for a credential */
  gboolean over;        /* has reported, or was freed */
};

/**
 * ferryd_soup_exchange_give_up:
 * @self: an exchange that has not reported
 * @failure: (transfer full): why
 *
 * From inside libsoup: the failure is reported when libsoup has let go of the message.
 */
void
ferryd_soup_exchange_give_up (FerrydSoupExchange *self, FerrydFailure *failure)
{
  if (self->failure == NULL)
    self->failure = failure;
  else
    ferryd_failure_free (failure);
  g_cancellable_cancel (self->cancellable);
}

static void
exchange_report_failure (FerrydSoupExchange *self, FerrydFailure *failure)
{
  g_autoptr (FerrydFailure) owned = failure;

  self->over = TRUE;
  ferryd_deadline_clear (&self->deadline);
  g_clear_pointer (&self->challenges, ferryd_soup_challenges_free);
  self->handler.failed (owned, self->user_data);
}

static void
exchange_too_late (gpointer user_data)
{
  FerrydSoupExchange *self = g_rc_box_acquire (user_data);

  self->waited = self->waits;
  g_cancellable_cancel (self->cancellable);
  exchange_report_failure (self, ferryd_http_failure_timeout (self->phase));
  g_rc_box_release (self);
}

static GSocket *
get_socket (GIOStream *stream)
{
  g_autoptr (GIOStream) base = NULL;

  if (G_IS_SOCKET_CONNECTION (stream))
    return g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  if (!G_IS_TLS_CONNECTION (stream))
    return NULL;
  g_object_get (stream, "base-io-stream", &base, NULL);
  return base != NULL ? get_socket (base) : NULL;
}

static FerrydHttpTrouble
exchange_get_trouble (FerrydSoupExchange *self)
{
  return (FerrydHttpTrouble){
    .phase = self->phase,
    .header_bytes =
        soup_message_metrics_get_response_header_bytes_received (soup_message_get_metrics (self->message)),
    .certificate_errors = self->certificate_errors,
    .pinned = ferryd_trust_is_pinned (ferryd_session_shard_get_trust (self->shard)),
    .fresh = self->limits.fresh,
  };
}

static GTlsCertificateFlags
exchange_judge (FerrydSoupExchange *self, GTlsCertificate *certificate, GTlsCertificateFlags errors)
{
  self->certificate_errors = ferryd_trust_judge (ferryd_session_shard_get_trust (self->shard), certificate,
                                                 errors, soup_message_get_uri (self->message));
  return self->certificate_errors;
}

/* Nothing of the request has been sent. A session that was resumed has not been verified by the TLS library,
 * and a certificate that it believes may still be another than the one pinned. */
static void
exchange_check_tls (FerrydSoupExchange *self, GIOStream *stream)
{
  GTlsConnection *connection = G_IS_TLS_CONNECTION (stream) ? G_TLS_CONNECTION (stream) : NULL;
  FerrydHttpTrouble trouble;

  if (connection == NULL)
    return;
  if (g_tls_connection_get_protocol_version (connection) < G_TLS_PROTOCOL_VERSION_TLS_1_2)
    ferryd_soup_exchange_give_up (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS,
                                                            FERRYD_REMEDY_RETRY,
                                                            "The server does not offer TLS 1.2 or newer"));
  else if (exchange_judge (self, g_tls_connection_get_peer_certificate (connection),
                           g_tls_connection_get_peer_certificate_errors (connection)) != 0)
    {
      trouble = exchange_get_trouble (self);
      ferryd_soup_exchange_give_up (self, ferryd_http_failure_from_certificate (&trouble));
    }
}

static void
exchange_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *stream,
                        FerrydSoupExchange *self)
{
  guint64 connection = soup_message_get_connection_id (message);
  GSocket *socket;

  switch (event)
    {
    case G_SOCKET_CLIENT_CONNECTING:
      /* Each address of a server is an event; one connection may try them all. */
      if (connection != self->connection && ++self->n_connections > CONNECTIONS_MAX)
        ferryd_soup_exchange_give_up (self, ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT,
                                                                FERRYD_REMEDY_RETRY,
                                                                "The server drops every connection"));
      self->connection = connection;
      break;
    case G_SOCKET_CLIENT_TLS_HANDSHAKED:
      exchange_check_tls (self, stream);
      break;
    case G_SOCKET_CLIENT_COMPLETE:
      socket = get_socket (stream);
      if (socket != NULL)
        ferryd_session_shard_add_socket (self->shard, connection, socket);
      /* To a proxy there may be TLS below what looks like a socket. */
      if (G_IS_SOCKET_CONNECTION (stream) && !G_IS_TCP_WRAPPER_CONNECTION (stream))
        g_set_object (&self->plain, socket);
      break;
    default:
      break;
    }
}

static gboolean
exchange_accept_certificate (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                             FerrydSoupExchange *self)
{
  return exchange_judge (self, certificate, errors) == 0;
}

static void
exchange_wrote_headers (SoupMessage *message, FerrydSoupExchange *self)
{
  if (self->limits.continue_timeout == 0)
    return;
  self->waits = TRUE;
  ferryd_deadline_set (&self->deadline, self->limits.continue_timeout);
}

static void
exchange_starting (SoupMessage *message, FerrydSoupExchange *self)
{
  ferryd_soup_exchange_has_sent (self, !self->limits.sends);
  if (self->handler.starting != NULL)
    self->handler.starting (self->user_data);
}

static void
exchange_restarted (SoupMessage *message, FerrydSoupExchange *self)
{
  gboolean challenged = self->challenged;

  self->phase = FERRYD_HTTP_PHASE_CONNECT;
  self->got_headers = FALSE;
  self->challenged = FALSE;
  self->refused = FALSE;
  /* What the server was doing with the beginning of the body is not known, unless it has said so. */
  if (self->has_sent && !challenged)
    ferryd_soup_exchange_give_up (
        self, ferryd_failure_new (FERRY_TRANSFER_ERROR_CONNECTION_ABORTED, FERRYD_REMEDY_AT_ONCE,
                                  "The server closed the connection without an answer"));
  else if (self->handler.restarted != NULL)
    self->handler.restarted (self->user_data);
  self->has_sent = FALSE;
  ferryd_deadline_set (&self->deadline, self->limits.connect_timeout);
}

static void
exchange_got_informational (SoupMessage *message, FerrydSoupExchange *self)
{
  guint status = soup_message_get_status (message);

  if (status == SOUP_STATUS_CONTINUE && self->waits)
    {
      self->waits = FALSE;
      ferryd_deadline_set (&self->deadline, self->limits.stall_timeout);
    }
  else if (status != SOUP_STATUS_CONTINUE && status != SOUP_STATUS_SWITCHING_PROTOCOLS &&
           self->handler.interim != NULL)
    self->handler.interim (status, soup_message_get_response_headers (message), self->user_data);
  if (status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    ferryd_soup_exchange_give_up (
        self,
        ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "it switches to a protocol nobody asked for"));
  else if (++self->n_interim > INTERIM_MAX)
    ferryd_soup_exchange_give_up (
        self, ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "it never becomes final"));
}

static void
exchange_got_headers (SoupMessage *message, FerrydSoupExchange *self)
{
  self->got_headers = TRUE;
  self->refused = self->waits;
  self->waits = FALSE;
  self->challenged = soup_message_get_status (message) == SOUP_STATUS_UNAUTHORIZED ||
                     soup_message_get_status (message) == SOUP_STATUS_PROXY_UNAUTHORIZED;
  /* The server may go on reading what it was promised, and would take the next request for that (RFC 9110
   * section 10.1.1). */
  if (self->challenged && self->refused)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Connection", "close");
  /* libsoup would read the body into memory, however long, and repeat the request. */
  if (soup_message_get_status (message) == SOUP_STATUS_MISDIRECTED_REQUEST)
    ferryd_soup_exchange_give_up (self, ferryd_http_failure_from_status (
                                            SOUP_STATUS_MISDIRECTED_REQUEST,
                                            soup_message_get_response_headers (message), self->limits.fresh));
}

static FerrydFailure *
exchange_explain (FerrydSoupExchange *self, const GError *error)
{
  FerrydHttpTrouble trouble = exchange_get_trouble (self);

  return ferryd_http_failure_from_error (error, &trouble);
}

static void
exchange_sent (GObject *session, GAsyncResult *result, gpointer user_data)
{
  FerrydSoupExchange *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = soup_session_send_finish (SOUP_SESSION (session), result, &error);

  gboolean failed = stream == NULL || self->failure != NULL;

  if (stream != NULL && (self->over || failed))
    g_input_stream_close (stream, NULL, NULL);
  if (self->over)
    g_debug ("An abandoned request has ended");
  else if (failed)
    exchange_report_failure (self, self->failure != NULL ? g_steal_pointer (&self->failure)
                                                         : exchange_explain (self, error));
  else if (!self->got_headers)
    exchange_report_failure (self, ferryd_http_failure_from_tunnel (soup_message_get_status (self->message)));
  else
    {
      self->over = TRUE;
      ferryd_deadline_clear (&self->deadline);
      g_clear_pointer (&self->challenges, ferryd_soup_challenges_free);
      self->handler.answered (stream, self->user_data);
    }
  g_rc_box_release (self);
}

static void
exchange_stop_challenges (FerrydFailure *failure, gpointer user_data)
{
  ferryd_soup_exchange_give_up (user_data, failure);
}

/**
 * ferryd_soup_exchange_new:
 * @deadlines: for its time limits; outlives the exchange
 * @shard: whose session it is sent in; outlives the exchange
 * @message: the request
 * @limits: what it is allowed
 * @handler: whom to report to
 * @user_data: for @handler's functions
 *
 * Sends @message.
 *
 * Returns: (transfer full): the exchange
 */
FerrydSoupExchange *
ferryd_soup_exchange_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard, SoupMessage *message,
                          const FerrydSoupLimits *limits, const FerrydSoupExchangeHandler *handler,
                          gpointer user_data)
{
  FerrydSoupExchange *self = g_rc_box_new0 (FerrydSoupExchange);

  self->shard = shard;
  self->message = g_object_ref (message);
  self->cancellable = g_cancellable_new ();
  self->limits = *limits;
  self->handler = *handler;
  self->user_data = user_data;
  ferryd_deadline_init (&self->deadline, deadlines, exchange_too_late, self);
  ferryd_deadline_set (&self->deadline, limits->connect_timeout);
  /* What is cached of authentication is the session's, which has one credential for one origin. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_COLLECT_METRICS);
  self->challenges = ferryd_soup_challenges_new (deadlines, shard, message, exchange_stop_challenges, self);
  g_signal_connect (message, "network-event", G_CALLBACK (exchange_network_event), self);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (exchange_accept_certificate), self);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (exchange_wrote_headers), self);
  g_signal_connect (message, "starting", G_CALLBACK (exchange_starting), self);
  g_signal_connect (message, "restarted", G_CALLBACK (exchange_restarted), self);
  g_signal_connect (message, "got-informational", G_CALLBACK (exchange_got_informational), self);
  g_signal_connect (message, "got-headers", G_CALLBACK (exchange_got_headers), self);
  soup_session_send_async (ferryd_session_shard_get_session (shard), message, G_PRIORITY_DEFAULT,
                           self->cancellable, exchange_sent, g_rc_box_acquire (self));
  return self;
}

/**
 * ferryd_soup_exchange_free:
 * @self: (nullable) (transfer full): an exchange
 *
 * Forgets it. Before it was answered this closes its connection; the body's stream is the caller's to close.
 */
void
ferryd_soup_exchange_free (FerrydSoupExchange *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_cancellable_cancel (self->cancellable);
  ferryd_deadline_clear (&self->deadline);
  g_clear_pointer (&self->challenges, ferryd_soup_challenges_free);
  self->over = TRUE;
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->plain);
  g_clear_pointer (&self->failure, ferryd_failure_free);
  g_rc_box_release (self);
}

/**
 * ferryd_soup_exchange_get_message:
 * @self: an exchange
 *
 * Returns: (transfer none): its message
 */
SoupMessage *
ferryd_soup_exchange_get_message (FerrydSoupExchange *self)
{
  return self->message;
}

/**
 * ferryd_soup_exchange_has_connected:
 * @self: an exchange
 *
 * Returns: whether a new connection was opened for it
 */
gboolean
ferryd_soup_exchange_has_connected (FerrydSoupExchange *self)
{
  return self->n_connections > 0;
}

/**
 * ferryd_soup_exchange_find_socket:
 * @self: an exchange that was answered
 *
 * Returns: (transfer none) (nullable): the socket that serves it alone; NULL for HTTP/2, where it does not,
 * or when it is not known
 */
GSocket *
ferryd_soup_exchange_find_socket (FerrydSoupExchange *self)
{
  if (soup_message_get_http_version (self->message) == SOUP_HTTP_2_0)
    return NULL;
  return ferryd_session_shard_find_socket (self->shard, soup_message_get_connection_id (self->message));
}

/**
 * ferryd_soup_exchange_get_remote_address:
 * @self: an exchange that was answered
 *
 * Returns: (transfer full) (nullable): the address it was connected to
 */
char *
ferryd_soup_exchange_get_remote_address (FerrydSoupExchange *self)
{
  GSocketAddress *address = soup_message_get_remote_address (self->message);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;
  return g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/**
 * ferryd_soup_exchange_get_plain_socket:
 * @self: an exchange whose request is about to be written
 *
 * Returns: (transfer none) (nullable): the socket that was opened for it, where bytes written to it go to the
 * server as they are; NULL where that is not so, or not known
 */
GSocket *
ferryd_soup_exchange_get_plain_socket (FerrydSoupExchange *self)
{
  return self->plain;
}

/**
 * ferryd_soup_exchange_has_sent:
 * @self: an exchange whose request is being written
 * @whole: to its end
 *
 * Time runs anew: for the next bytes of the body, or for the answer.
 */
void
ferryd_soup_exchange_has_sent (FerrydSoupExchange *self, gboolean whole)
{
  self->has_sent = self->has_sent || self->phase == FERRYD_HTTP_PHASE_SEND;
  self->phase = whole ? FERRYD_HTTP_PHASE_RESPONSE : FERRYD_HTTP_PHASE_SEND;
  ferryd_deadline_set (&self->deadline, whole ? self->limits.response_timeout : self->limits.stall_timeout);
}

/**
 * ferryd_soup_exchange_set_limited:
 * @self: an exchange whose request is being written
 * @limited: whether no more of it may be for now
 *
 * Time does not run as long as that is so.
 */
void
ferryd_soup_exchange_set_limited (FerrydSoupExchange *self, gboolean limited)
{
  if (self->over || self->phase != FERRYD_HTTP_PHASE_SEND)
    return;
  if (limited)
    ferryd_deadline_clear (&self->deadline);
  else
    ferryd_deadline_set (&self->deadline, self->limits.stall_timeout);
}

/**
 * ferryd_soup_exchange_missed_continue:
 * @self: an exchange that has failed
 *
 * Returns: whether it did because the server never said 100, so that the same without asking for that may do
 */
gboolean
ferryd_soup_exchange_missed_continue (FerrydSoupExchange *self)
{
  return self->waited;
}

/**
 * ferryd_soup_exchange_hang_up:
 * @self: an exchange that was answered, and of whose body no more is wanted
 *
 * To be called before the body's stream is closed. Where the final response came in the place of 100, libsoup
 * (as of 3.6) reads one more header section then, blocking, and waits for a server that has nothing to say;
 * so the connection, which is of no more use, is ended first.
 */
void
ferryd_soup_exchange_hang_up (FerrydSoupExchange *self)
{
  GSocket *socket = self->refused ? ferryd_soup_exchange_find_socket (self) : NULL;

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}
