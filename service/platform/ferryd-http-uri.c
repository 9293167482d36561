/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-uri.h"

#include <libsoup/soup.h>
#include <string.h>

/* What may stand in a host name after conversion to ASCII: letters, digits, and these. An underscore is not
 * legal in one, but in use. */
#define HOST_PUNCTUATION "-._"

/* A host that GUri has unescaped may contain anything, line ends included, and libsoup would send it as it
 * is. */
static gboolean
is_safe_host (const char *host)
{
  if (host == NULL || *host == '\0')
    return FALSE;
  if (strchr (host, ':') != NULL)
    return g_hostname_is_ip_address (host);
  for (const char *p = host; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr (HOST_PUNCTUATION, *p) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_forbidden_bytes (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      /* Programs disagree about what a backslash separates, so also about which host it leads to. */
      if (g_ascii_iscntrl (*p) || *p == '\\')
        return TRUE;
    }
  return FALSE;
}

static int
get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return port;
  return g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;
}

/**
 * ferryd_http_uri_parse:
 * @base: (nullable): what @text may be relative to
 * @text: a URI reference, from a caller or a server
 *
 * Reads it the way it is going to be asked for: host in ASCII (IDNA), what may not stand in a URI escaped,
 * without user information and fragment.
 *
 * Returns: (transfer full) (nullable): NULL unless it is an http or https URI with a host that is safe to use
 */
GUri *
ferryd_http_uri_parse (GUri *base, const char *text)
{
  g_autofree char *escaped = NULL;
  g_autoptr (GUri) parsed = NULL;
  const char *path;

  if (has_forbidden_bytes (text))
    return NULL;
  escaped = g_uri_escape_string (
      text, G_URI_RESERVED_CHARS_GENERIC_DELIMITERS G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS "%", FALSE);
  parsed = g_uri_parse_relative (base, escaped, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (parsed == NULL)
    return NULL;
  if (!g_str_equal (g_uri_get_scheme (parsed), "http") && !g_str_equal (g_uri_get_scheme (parsed), "https"))
    return NULL;
  if (!is_safe_host (g_uri_get_host (parsed)))
    return NULL;
  path = g_uri_get_path (parsed);
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (parsed), NULL, g_uri_get_host (parsed),
                      get_port (parsed), *path != '\0' ? path : "/", g_uri_get_query (parsed), NULL);
}

/**
 * ferryd_http_uri_same_origin:
 * @a: a URI of ferryd_http_uri_parse()
 * @b: another
 *
 * Returns: whether scheme, host and port are the same
 */
gboolean
ferryd_http_uri_same_origin (GUri *a, GUri *b)
{
  return g_str_equal (g_uri_get_scheme (a), g_uri_get_scheme (b)) && get_port (a) == get_port (b) &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

/**
 * ferryd_http_uri_get_origin:
 * @uri: a URI of ferryd_http_uri_parse()
 *
 * Returns: (transfer full): its origin as one string, the same for all URIs of that origin
 */
char *
ferryd_http_uri_get_origin (GUri *uri)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);

  return g_strdup_printf ("%s://%s:%d", g_uri_get_scheme (uri), host, get_port (uri));
}
