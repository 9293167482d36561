/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-redirect.h"

#include "ferryd-http-uri.h"

#include <string.h>

/* Redirects followed in one exchange; what browsers allow as well (the Fetch standard). */
#define REDIRECTS_MAX 20

/* Bytes of a Location; what the contract allows a caller's URI. */
#define LOCATION_MAX (8 * 1024)

struct _FerrydHttpChain
{
  GUri *uri;            /* (owned): where it is now */
  char *method;         /* (owned): what is asked there */
  GHashTable *visited;  /* (owned): set of (owned) URIs it has been at, this one included */
  guint n_redirects;    /* followed so far */
  gboolean left_origin; /* it was at another origin: what was left behind then is not taken up again */
};

/* The caller's headers that go to every origin (contract, decision 4). */
static const char *const portable_headers[] = { "Accept", "Accept-Language", "User-Agent" };

/**
 * ferryd_http_chain_new:
 * @uri: where the exchange begins
 * @method: the request method
 *
 * Returns: (transfer full) (nullable): its chain; NULL when @uri is none that can be asked
 */
FerrydHttpChain *
ferryd_http_chain_new (const char *uri, const char *method)
{
  g_autoptr (GUri) parsed = ferryd_http_uri_parse (NULL, uri);
  FerrydHttpChain *self;

  if (parsed == NULL)
    return NULL;
  self = g_new0 (FerrydHttpChain, 1);
  self->uri = g_steal_pointer (&parsed);
  self->method = g_strdup (method);
  self->visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->visited, g_uri_to_string (self->uri));
  return self;
}

/**
 * ferryd_http_chain_set_origin:
 * @self: a new chain
 * @origin: a URI
 *
 * What the caller sends is for the origin of @origin. Where the chain begins at another, it is as if it had
 * been redirected there.
 */
void
ferryd_http_chain_set_origin (FerrydHttpChain *self, const char *origin)
{
  g_autoptr (GUri) parsed = ferryd_http_uri_parse (NULL, origin);

  self->left_origin = parsed == NULL || !ferryd_http_uri_same_origin (parsed, self->uri);
}

/**
 * ferryd_http_chain_free:
 * @self: (transfer full): a chain
 *
 * Frees it.
 */
void
ferryd_http_chain_free (FerrydHttpChain *self)
{
  g_uri_unref (self->uri);
  g_free (self->method);
  g_hash_table_unref (self->visited);
  g_free (self);
}

/**
 * ferryd_http_chain_get_uri:
 * @self: a chain
 *
 * Returns: (transfer none): where it is now
 */
GUri *
ferryd_http_chain_get_uri (FerrydHttpChain *self)
{
  return self->uri;
}

/**
 * ferryd_http_chain_get_method:
 * @self: a chain
 *
 * Returns: (transfer none): the method to use there
 */
const char *
ferryd_http_chain_get_method (FerrydHttpChain *self)
{
  return self->method;
}

/**
 * ferryd_http_chain_has_left_origin:
 * @self: a chain
 *
 * Returns: whether it was ever at another origin than its first, wherever it is now
 */
gboolean
ferryd_http_chain_has_left_origin (FerrydHttpChain *self)
{
  return self->left_origin;
}

/**
 * ferryd_http_chain_may_send:
 * @self: a chain
 * @header: name of a header of the caller's
 *
 * Returns: whether it may be sent to where the chain is now
 */
gboolean
ferryd_http_chain_may_send (FerrydHttpChain *self, const char *header)
{
  if (!self->left_origin)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (portable_headers); i++)
    {
      if (g_ascii_strcasecmp (portable_headers[i], header) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_http_is_redirect:
 * @status: status code of a response
 *
 * Returns: whether it is one that says where to go on (300 and 305 are not followed, 304 is none)
 */
gboolean
ferryd_http_is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What is asked at the next place (RFC 9110 section 15.4); NULL where a redirect would change what is meant.
 */
static const char *
method_after (const char *method, guint status)
{
  if (g_str_equal (method, "GET") || g_str_equal (method, "HEAD") || status == 307 || status == 308)
    return method;
  return status == 303 ? "GET" : NULL;
}

/* The one Location of @headers; NULL for none or several different ones. */
static const char *
find_location (SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const char *name, *value, *found = NULL;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Location") != 0)
        continue;
      if (found != NULL && !g_str_equal (found, value))
        return NULL;
      found = value;
    }
  return found;
}

static FerrydFailure *
redirect_failed (const char *why)
{
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_REDIRECT_FAILED, FERRYD_REMEDY_FINAL,
                             "The server's redirect %s", why);
}

static FerrydFailure *
chain_move (FerrydHttpChain *self, GUri *next)
{
  g_autofree char *text = g_uri_to_string (next);

  if (g_str_equal (g_uri_get_scheme (self->uri), "https") && g_str_equal (g_uri_get_scheme (next), "http"))
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_HTTPS_TO_HTTP_ON_REDIRECTION, FERRYD_REMEDY_FINAL,
                               "The server's redirect leads from https to http");
  if (g_hash_table_contains (self->visited, text))
    return redirect_failed ("leads back to where it came from");
  if (++self->n_redirects > REDIRECTS_MAX)
    return redirect_failed ("is one too many");
  if (!ferryd_http_uri_same_origin (self->uri, next))
    self->left_origin = TRUE;
  g_hash_table_add (self->visited, g_steal_pointer (&text));
  g_uri_unref (self->uri);
  self->uri = g_uri_ref (next);
  return NULL;
}

/**
 * ferryd_http_chain_follow:
 * @self: a chain
 * @status: status code of the response to its last request, for which ferryd_http_is_redirect() holds
 * @headers: that response's
 *
 * Moves the chain to where the response says.
 *
 * Returns: (transfer full) (nullable): NULL when it has moved, else why it may not
 */
FerrydFailure *
ferryd_http_chain_follow (FerrydHttpChain *self, guint status, SoupMessageHeaders *headers)
{
  const char *location = find_location (headers);
  const char *method = method_after (self->method, status);
  g_autoptr (GUri) next = NULL;
  FerrydFailure *failure;

  if (location == NULL || *location == '\0')
    return redirect_failed ("does not say where to");
  if (strlen (location) > LOCATION_MAX)
    return redirect_failed ("is too long");
  next = ferryd_http_uri_parse (self->uri, location);
  if (next == NULL)
    return redirect_failed ("does not lead to a web address");
  if (method == NULL)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_UNEXPECTED_REDIRECTION, FERRYD_REMEDY_FINAL,
                               "The server redirects a request that may not be repeated elsewhere");
  failure = chain_move (self, next);
  if (failure == NULL && method != self->method)
    {
      g_free (self->method);
      self->method = g_strdup (method);
    }
  return failure;
}
