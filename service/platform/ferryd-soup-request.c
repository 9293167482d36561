/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-soup-request.h"

#include "ferryd-http-digest.h"

#define USER_AGENT "Ferry/" PACKAGE_VERSION

struct _FerrydSoupRequest
{
  FerrydFetchRequest request; /* its strings and headers are owned */
};

/**
 * ferryd_soup_request_new:
 * @request: what is asked; borrowed for the call
 *
 * Returns: (transfer full): a copy of it
 */
FerrydSoupRequest *
ferryd_soup_request_new (const FerrydFetchRequest *request)
{
  FerrydSoupRequest *self = g_new0 (FerrydSoupRequest, 1);

  self->request = *request;
  self->request.application = g_strdup (request->application);
  self->request.peers = ferryd_peers_ref (request->peers);
  self->request.method = g_strdup (request->method);
  self->request.uri = g_strdup (request->uri);
  self->request.origin = g_strdup (request->origin);
  self->request.if_range = g_strdup (request->if_range);
  if (request->headers != NULL)
    self->request.headers = g_variant_ref_sink (request->headers);
  if (request->own_headers != NULL)
    self->request.own_headers = g_variant_ref_sink (request->own_headers);
  if (request->entity != NULL)
    self->request.entity = ferryd_entity_ref (request->entity);
  return self;
}

/**
 * ferryd_soup_request_free:
 * @self: (transfer full): a request
 *
 * Frees it.
 */
void
ferryd_soup_request_free (FerrydSoupRequest *self)
{
  g_free ((char *) self->request.application);
  ferryd_peers_unref (self->request.peers);
  g_free ((char *) self->request.method);
  g_free ((char *) self->request.uri);
  g_free ((char *) self->request.origin);
  g_free ((char *) self->request.if_range);
  g_clear_pointer (&self->request.headers, g_variant_unref);
  g_clear_pointer (&self->request.own_headers, g_variant_unref);
  g_clear_pointer (&self->request.entity, ferryd_entity_unref);
  g_free (self);
}

/**
 * ferryd_soup_request_get:
 * @self: a request
 *
 * Returns: (transfer none): what is asked
 */
const FerrydFetchRequest *
ferryd_soup_request_get (FerrydSoupRequest *self)
{
  return &self->request;
}

static gboolean
is_condition (const char *name)
{
  return g_ascii_strncasecmp (name, "If-", 3) == 0;
}

/**
 * ferryd_soup_request_is_conditional:
 * @self: a request
 * @chain: where it is now
 *
 * Returns: whether what is sent there has a condition of the caller's own that 304 answers
 */
gboolean
ferryd_soup_request_is_conditional (FerrydSoupRequest *self, FerrydHttpChain *chain)
{
  GVariantIter iter;
  const char *name, *value;

  if (self->request.headers == NULL)
    return FALSE;
  g_variant_iter_init (&iter, self->request.headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    {
      if ((g_ascii_strcasecmp (name, "If-None-Match") == 0 ||
           g_ascii_strcasecmp (name, "If-Modified-Since") == 0) &&
          ferryd_http_chain_may_send (chain, name))
        return TRUE;
    }
  return FALSE;
}

/* What the caller says of what is sent along is not for a request that sends nothing (RFC 9110
 * section 15.4). */
static gboolean
is_of_content (const char *name)
{
  return g_ascii_strncasecmp (name, "Content-", strlen ("Content-")) == 0;
}

static SoupMessage *
new_message (FerrydSoupRequest *self, FerrydHttpChain *chain, const char *method, gboolean with_conditions)
{
  SoupMessage *message = soup_message_new_from_uri (method, ferryd_http_chain_get_uri (chain));
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  gboolean left_content = self->request.entity != NULL && !ferryd_soup_request_sends_entity (self, chain);
  GVariantIter iter;
  const char *name, *value;

  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (self->request.headers != NULL)
    {
      g_variant_iter_init (&iter, self->request.headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
        {
          if (ferryd_http_chain_may_send (chain, name) && (with_conditions || !is_condition (name)) &&
              !(left_content && is_of_content (name)))
            soup_message_headers_append (headers, name, value);
        }
    }
  if (self->request.own_headers != NULL)
    {
      g_variant_iter_init (&iter, self->request.own_headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
        {
          if (!(left_content && is_of_content (name)))
            soup_message_headers_replace (headers, name, value);
        }
    }
  if (soup_message_headers_get_one (headers, "User-Agent") == NULL)
    soup_message_headers_append (headers, "User-Agent", USER_AGENT);
  return message;
}

/**
 * ferryd_soup_request_new_message:
 * @self: a request
 * @chain: where it is now
 *
 * Returns: (transfer full): the message that asks it there
 */
SoupMessage *
ferryd_soup_request_new_message (FerrydSoupRequest *self, FerrydHttpChain *chain)
{
  const FerrydFetchRequest *request = &self->request;
  SoupMessage *message = new_message (self, chain, ferryd_http_chain_get_method (chain), TRUE);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  gboolean ranged = request->ranged || request->first != 0 || request->last != -1;

  if (ranged)
    soup_message_headers_set_range (headers, request->first, request->last);
  if (ranged && request->if_range != NULL)
    soup_message_headers_replace (headers, "If-Range", request->if_range);
  if (request->wants_digest)
    ferryd_http_want_digest (headers);
  /* Once more, because the first answer was nonsense: perhaps a cache's. */
  if (!ranged && request->fresh_connection && soup_message_headers_get_one (headers, "Cache-Control") == NULL)
    soup_message_headers_append (headers, "Cache-Control", "no-cache");
  /* The proof of a body's end needs a connection that outlives it. */
  if (request->fresh_connection && !request->prove_end)
    soup_message_headers_append (headers, "Connection", "close");
  return message;
}

/**
 * ferryd_soup_request_sends_entity:
 * @self: a request
 * @chain: where it is now
 *
 * Returns: whether the entity goes there: behind 303 only the result is asked for
 */
gboolean
ferryd_soup_request_sends_entity (FerrydSoupRequest *self, FerrydHttpChain *chain)
{
  return self->request.entity != NULL &&
         g_str_equal (ferryd_http_chain_get_method (chain), self->request.method);
}

/**
 * ferryd_soup_request_new_head:
 * @self: a request
 * @chain: where it is now
 *
 * Returns: (transfer full): a message that asks for the headers of what the request gets there
 */
SoupMessage *
ferryd_soup_request_new_head (FerrydSoupRequest *self, FerrydHttpChain *chain)
{
  return new_message (self, chain, "HEAD", FALSE);
}
