/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-sending.h"

#include "ferryd-http-response.h"
#include "ferryd-soup-sender.h"

/* Bytes of an entity that is worth a question whether the server wants it, and a connection of its own, on
 * which it costs least. */
#define LARGE_SIZE (1024 * 1024)

/* Of the time for an answer, what 100 is waited for: two seconds with the default of two minutes. */
#define CONTINUE_SHARE 60

/* Origins that are remembered never to say 100. */
#define SILENT_ORIGINS_MAX 256

struct _FerrydSoupSending
{
  FerrydEntity *entity; /* (owned) */
  guint64 first;        /* byte of it that is sent first */
  guint64 end;          /* behind the byte of it that is sent last */
  FerrydFetchHandler handler;
  gpointer user_data;           /* (unowned): of @handler */
  FerrydLimiterShare *share;    /* (unowned) (nullable): what limits it */
  GHashTable *silent_origins;   /* (unowned): set of (owned) origins; outlives this */
  FerrydSoupSender *sender;     /* (owned) (nullable): of the present request */
  FerrydSoupExchange *exchange; /* (unowned) (nullable): that it is sent in */
  SoupMessage *message;         /* (unowned) (nullable): the present request's */
  guint stall_timeout;          /* milliseconds */
  gboolean hold_last;           /* until it is released */
  gboolean told_empty;          /* that there is nothing to send, which waits too */
  gboolean repeatable;          /* the request may be sent again although it was sent whole */
  gboolean expects;             /* the present request asks for 100 */
  gboolean no_continue;         /* no request does any more */
  gboolean whole;               /* the present request is sent */
};

static void
on_sent (guint64 offset, gpointer user_data)
{
  FerrydSoupSending *self = user_data;

  self->whole = offset == self->end;
  if (self->exchange != NULL)
    ferryd_soup_exchange_has_sent (self->exchange, self->whole);
  if (self->handler.sent != NULL)
    self->handler.sent (offset, self->user_data);
}

static void
on_last_held (gpointer user_data)
{
  FerrydSoupSending *self = user_data;

  if (self->handler.last_held != NULL)
    self->handler.last_held (self->user_data);
}

static void
on_interim (guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  ferryd_soup_sending_take_interim (user_data, status, headers);
}

/* The server may still be reading what it was promised, and would take the next request for that. */
static void
on_early (gpointer user_data)
{
  FerrydSoupSending *self = user_data;

  if (self->message != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (self->message), "Connection", "close");
  if (self->exchange != NULL)
    ferryd_soup_exchange_has_sent (self->exchange, TRUE);
}

/* Whoever may not send has not stalled. */
static void
on_limited (gboolean limited, gpointer user_data)
{
  FerrydSoupSending *self = user_data;

  if (self->exchange != NULL)
    ferryd_soup_exchange_set_limited (self->exchange, limited);
}

static void
on_failed (FerrydFailure *failure, gpointer user_data)
{
  FerrydSoupSending *self = user_data;

  if (self->exchange != NULL)
    ferryd_soup_exchange_give_up (self->exchange, failure);
  else
    ferryd_failure_free (failure);
}

/**
 * ferryd_soup_sending_new:
 * @request: what is asked, with an entity; borrowed for the call
 * @handler: whom to tell of what is sent; borrowed for the call
 * @user_data: for @handler's functions
 * @silent_origins: set of origins that never say 100; outlives this
 *
 * Returns: (transfer full): what is sent
 */
FerrydSoupSending *
ferryd_soup_sending_new (const FerrydFetchRequest *request, const FerrydFetchHandler *handler,
                         gpointer user_data, GHashTable *silent_origins)
{
  FerrydSoupSending *self = g_new0 (FerrydSoupSending, 1);

  self->entity = ferryd_entity_ref (request->entity);
  self->first = request->entity_first;
  self->end = request->entity_end != 0 ? request->entity_end : ferryd_entity_get_length (request->entity);
  self->stall_timeout = request->stall_timeout;
  self->hold_last = request->hold_last;
  self->share = request->share;
  self->repeatable = request->repeatable;
  self->handler = *handler;
  self->user_data = user_data;
  self->silent_origins = silent_origins;
  return self;
}

/**
 * ferryd_soup_sending_stop:
 * @self: what is sent
 *
 * The present request is over.
 */
void
ferryd_soup_sending_stop (FerrydSoupSending *self)
{
  self->exchange = NULL;
  self->message = NULL;
  g_clear_pointer (&self->sender, ferryd_soup_sender_forget);
}

/**
 * ferryd_soup_sending_free:
 * @self: (transfer full) (nullable): what is sent
 */
void
ferryd_soup_sending_free (FerrydSoupSending *self)
{
  if (self == NULL)
    return;
  ferryd_soup_sending_stop (self);
  ferryd_entity_unref (self->entity);
  g_free (self);
}

static guint64
get_size (FerrydSoupSending *self)
{
  return self->end - self->first;
}

/**
 * ferryd_soup_sending_hold_empty:
 * @self: what is sent
 *
 * Of an entity without a byte the header section is the last that is sent.
 *
 * Returns: whether the request has to wait for ferryd_soup_sending_release_last(); the caller was told
 */
gboolean
ferryd_soup_sending_hold_empty (FerrydSoupSending *self)
{
  if (!self->hold_last || get_size (self) > 0)
    return FALSE;
  if (!self->told_empty)
    {
      self->told_empty = TRUE;
      on_last_held (self);
    }
  return self->hold_last;
}

static char *
get_origin (GUri *uri)
{
  return g_strdup_printf ("%s://%s:%d", g_uri_get_scheme (uri), g_uri_get_host (uri), g_uri_get_port (uri));
}

static gboolean
is_silent (FerrydSoupSending *self, GUri *uri)
{
  g_autofree char *origin = get_origin (uri);

  return self->no_continue || g_hash_table_contains (self->silent_origins, origin);
}

static void
set_body (FerrydSoupSending *self)
{
  static const FerrydSoupSenderHandler handler = { on_sent,  on_last_held, on_interim,
                                                   on_early, on_limited,   on_failed };

  soup_message_headers_set_content_length (soup_message_get_request_headers (self->message),
                                           (goffset) get_size (self));
  g_clear_pointer (&self->sender, ferryd_soup_sender_forget);
  self->whole = get_size (self) == 0;
  if (self->whole)
    return;
  self->sender = ferryd_soup_sender_new (self->entity, self->first, self->end, self->hold_last, self->share,
                                         &handler, self);
  soup_message_set_request_body (self->message, NULL, G_INPUT_STREAM (self->sender),
                                 (gssize) get_size (self));
}

/**
 * ferryd_soup_sending_prepare:
 * @self: what is sent
 * @message: the request it is sent with
 * @limits: that request's; completed
 */
void
ferryd_soup_sending_prepare (FerrydSoupSending *self, SoupMessage *message, FerrydSoupLimits *limits)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  gboolean is_large = get_size (self) > LARGE_SIZE;

  ferryd_soup_sending_stop (self);
  self->message = message;
  self->expects = is_large && !is_silent (self, soup_message_get_uri (message));
  set_body (self);
  /* A connection from the pool may be closed by the server just when the request comes, and then it is not
   * known what became of that. */
  if (is_large || !self->repeatable)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  if (get_size (self) == 0)
    return;
  if (self->expects)
    soup_message_headers_set_expectations (headers, SOUP_EXPECTATION_CONTINUE);
  limits->sends = TRUE;
  limits->stall_timeout = self->stall_timeout;
  limits->continue_timeout = self->expects ? MAX (limits->response_timeout / CONTINUE_SHARE, 1) : 0;
}

/**
 * ferryd_soup_sending_repeat:
 * @self: what is sent
 *
 * The present request is sent once more from its beginning. libsoup has let go of the body by then.
 */
void
ferryd_soup_sending_repeat (FerrydSoupSending *self)
{
  if (self->message == NULL || get_size (self) == 0)
    return;
  set_body (self);
  if (self->handler.sent != NULL)
    self->handler.sent (self->first, self->user_data);
}

/**
 * ferryd_soup_sending_start:
 * @self: what is sent
 * @exchange: (unowned): that the present request is sent in, and that is about to write it
 */
void
ferryd_soup_sending_start (FerrydSoupSending *self, FerrydSoupExchange *exchange)
{
  self->exchange = exchange;
  if (self->sender != NULL)
    ferryd_soup_sender_set_socket (self->sender, ferryd_soup_exchange_get_plain_socket (exchange));
  /* Of nothing the header section is the last that is sent. */
  else
    on_sent (self->end, self);
}

/**
 * ferryd_soup_sending_take_interim:
 * @self: what is sent
 * @status: of an interim response
 * @headers: its fields
 *
 * Passes it on.
 */
void
ferryd_soup_sending_take_interim (FerrydSoupSending *self, guint status, SoupMessageHeaders *headers)
{
  g_autoptr (GVariant) list = NULL;
  g_autofree char *uri = NULL;

  if (self->handler.interim == NULL || self->message == NULL)
    return;
  list = g_variant_ref_sink (ferryd_http_list_headers (headers));
  uri = g_uri_to_string (soup_message_get_uri (self->message));
  self->handler.interim (status, uri, list, self->user_data);
}

/**
 * ferryd_soup_sending_release_last:
 * @self: what is sent
 *
 * What the last bytes waited for is done.
 */
void
ferryd_soup_sending_release_last (FerrydSoupSending *self)
{
  self->hold_last = FALSE;
  if (self->sender != NULL)
    ferryd_soup_sender_release_last (self->sender);
}

/**
 * ferryd_soup_sending_drop_continue:
 * @self: what is sent
 * @uri: where the server did not say 100, or would not
 *
 * Returns: whether the same request without asking for it is another request
 */
gboolean
ferryd_soup_sending_drop_continue (FerrydSoupSending *self, GUri *uri)
{
  if (!self->expects)
    return FALSE;
  self->no_continue = TRUE;
  if (g_hash_table_size (self->silent_origins) >= SILENT_ORIGINS_MAX)
    g_hash_table_remove_all (self->silent_origins);
  g_hash_table_add (self->silent_origins, get_origin (uri));
  return TRUE;
}

/**
 * ferryd_soup_sending_is_whole:
 * @self: what is sent
 *
 * Returns: whether the present request is sent to its end
 */
gboolean
ferryd_soup_sending_is_whole (FerrydSoupSending *self)
{
  return self->whole;
}
