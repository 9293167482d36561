/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-headers.h"

#include "ferry-options-private.h"

/* RFC 9110 section 5.6.2. */
#define TOKEN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

/* Framing, routing, conditions and coding are the service's: one of these from a client would make the two
 * sides of a connection, or a resumed download and its beginning, disagree. */
static const char *const owned[] = {
  "Accept-Encoding", "Connection",        "Content-Length", "Expect", "Host",
  "HTTP2-Settings",  "If-Range",          "Keep-Alive",     "Range",  "TE",
  "Trailer",         "Transfer-Encoding", "Upgrade",
};

#define OWNED_PREFIX "Proxy-"

/* Those of the contract, and what widespread services take in their place. */
static const char *const secret[] = {
  "Authorization", "Cookie",         "Proxy-Authorization",  "Api-Key",       "X-Api-Key",
  "X-Auth-Token",  "X-Access-Token", "X-Amz-Security-Token", "Private-Token",
};

static gboolean
is_among (const char *name, const char *const *names, guint n_names)
{
  for (guint i = 0; i < n_names; i++)
    {
      if (g_ascii_strcasecmp (name, names[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * ferry_header_is_token:
 * @text: a text
 *
 * Returns: whether @text is a token (RFC 9110 section 5.6.2), as methods and field names are
 */
gboolean
ferry_header_is_token (const char *text)
{
  return text[0] != '\0' && strspn (text, TOKEN_CHARACTERS) == strlen (text);
}

/* Field values (RFC 9110 section 5.5): visible characters, spaces, tabs, and bytes beyond ASCII. */
static gboolean
is_value (const char *value)
{
  for (const char *c = value; *c != '\0'; c++)
    {
      if (*c != '\t' && g_ascii_iscntrl (*c))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferry_options_check_header:
 * @name: a field name
 * @value: its value
 * @error: (out): never shows @value
 *
 * Returns: whether a client may have this field sent
 */
gboolean
ferry_options_check_header (const char *name, const char *value, GError **error)
{
  if (!ferry_header_is_token (name))
    {
      /* Whoever gives `Name: value` as the name gives away the value if all of it is shown. */
      g_autofree char *token = g_strndup (name, strspn (name, TOKEN_CHARACTERS));
      g_autofree char *shown = ferry_options_quote (token);

      g_set_error (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
          "the field name that begins with %s is not one: letters, digits and !#$%%&'*+-.^_`|~ are right",
          shown);
      return FALSE;
    }
  if (is_among (name, owned, G_N_ELEMENTS (owned)) ||
      g_ascii_strncasecmp (name, OWNED_PREFIX, strlen (OWNED_PREFIX)) == 0)
    {
      g_autofree char *shown = ferry_options_quote (name);

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "the field %s is the service's own: leave it out", shown);
      return FALSE;
    }
  if (!is_value (value) || strlen (name) + strlen (value) > FERRY_MAX_HEADERS)
    {
      g_autofree char *shown = ferry_options_quote (name);

      g_set_error (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
          "the value of the field %s is wrong: one line without control characters, at most %d bytes, "
          "is right",
          shown, FERRY_MAX_HEADERS);
      return FALSE;
    }
  return TRUE;
}

/**
 * ferry_options_header_is_secret:
 * @name: a field name
 *
 * Returns: whether the value of @name is kept and shown like a password, that is, never shown
 */
gboolean
ferry_options_header_is_secret (const char *name)
{
  return is_among (name, secret, G_N_ELEMENTS (secret));
}
