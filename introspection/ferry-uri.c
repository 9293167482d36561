/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-options-private.h"

#include <gio/gio.h>

/* RFC 1035 section 2.3.4, in characters. */
#define MAX_LABEL 63
#define MAX_HOST 253

/* As libsoup takes URIs: what is percent-encoded stays so, and what must be becomes so. Internationalised
 * hosts become their ASCII form. */
/* What comes before the transfer type in an ftp URI. */
#define FTP_TYPE ";type="

#define URI_FLAGS                                                                    \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY | \
   G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

/* Letters, digits, hyphen (RFC 1123 section 2.1). */
static gboolean
is_label (const char *label)
{
  gsize length = strlen (label);

  return length >= 1 && length <= MAX_LABEL && label[0] != '-' && label[length - 1] != '-' &&
         strspn (label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

/* `127.1`, `0x7f.1` and `2130706433` are addresses to some resolvers and names to others. */
static gboolean
is_number (const char *label)
{
  if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
    return strspn (label + 2, "0123456789abcdefABCDEF") == strlen (label + 2);
  return strspn (label, "0123456789") == strlen (label);
}

/**
 * ferry_uri_check_host:
 * @host: the host of a parsed URI, without brackets
 *
 * libsoup sends whatever it decoded as a Host field, line breaks included.
 *
 * Returns: whether @host is an address or a name in ASCII form that can be looked up
 */
gboolean
ferry_uri_check_host (const char *host)
{
  g_auto (GStrv) labels = NULL;
  guint n_labels;

  if (g_hostname_is_ip_address (host))
    return strchr (host, '%') == NULL;
  labels = g_strsplit (host, ".", -1);
  n_labels = g_strv_length (labels);
  /* A last, empty label is the root. */
  if (n_labels > 1 && labels[n_labels - 1][0] == '\0')
    n_labels--;
  for (guint i = 0; i < n_labels; i++)
    {
      if (!is_label (labels[i]))
        return FALSE;
    }
  return n_labels > 0 && strlen (host) <= MAX_HOST && !is_number (labels[n_labels - 1]);
}

/* What a parser would rather mend than refuse: programs disagree about what a backslash separates, so also
 * about which host it leads to. Nothing of @uri goes into the message: where it is malformed, any part may be
 * a password. */
static gboolean
check_characters (const char *uri, GError **error)
{
  for (const char *c = uri; *c != '\0'; c++)
    {
      if (*c != ' ' && *c != '\\' && !g_ascii_iscntrl (*c))
        continue;
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "The URI contains a space, a backslash or a control character: percent-encode it");
      return FALSE;
    }
  return TRUE;
}

/* (transfer full) (nullable): NULL with @error for what is not a URI with a scheme. */
static char *
dup_scheme (const char *uri, GError **error)
{
  g_autofree char *scheme = NULL;

  if (strlen (uri) > FERRY_MAX_URI)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                 "The URI has %zu bytes, at most %d are right", strlen (uri), FERRY_MAX_URI);
  else if (!g_utf8_validate (uri, -1, NULL))
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "The URI is not valid UTF-8");
  else if (check_characters (uri, error))
    {
      scheme = g_uri_parse_scheme (uri);
      if (scheme == NULL)
        g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                             "The URI is not absolute: it must begin with 'https://' or 'http://'");
    }
  /* Schemes are the same in upper and lower case (RFC 3986 section 3.1). */
  return scheme != NULL ? g_ascii_strdown (scheme, -1) : NULL;
}

static gboolean
check_authority (GUri *parsed, const char *uri, GError **error)
{
  const char *host = g_uri_get_host (parsed);
  const char *authority = strstr (uri, "://");
  gboolean has_user;

  if (host == NULL || host[0] == '\0' || authority == NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "The URI has no host: it must be like 'https://host/path'");
      return FALSE;
    }
  authority += strlen ("://");
  has_user = g_uri_get_userinfo (parsed) != NULL;
  if (!ferry_uri_check_host (host) ||
      (!has_user && memchr (authority, '%', strcspn (authority, "/?#")) != NULL))
    {
      /* A second '@' may leave part of a password in the host. */
      g_autofree char *shown = has_user ? g_strdup ("") : ferry_options_quote (host);

      g_set_error (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
          "The URI's host %s is neither a name of letters, digits, hyphens and dots nor an IP address",
          shown);
      return FALSE;
    }
  if (g_uri_get_port (parsed) == 0)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "The URI's port is 0, 1 to 65535 are right");
      return FALSE;
    }
  return TRUE;
}

static gboolean
has_control (const char *text)
{
  while (*text != '\0' && !g_ascii_iscntrl (*text))
    text++;
  return *text != '\0';
}

static gboolean
refuse_ftp_path (const char *why, GError **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "The ftp URI's path %s", why);
  return FALSE;
}

/* A name goes as a line of the control connection, and must not become two; a folder is no file. FTP has no
 * queries: what looks like one is part of the name. */
static gboolean
check_ftp_path (GUri *parsed, GError **error)
{
  const char *query = g_uri_get_query (parsed);
  g_autofree char *raw = g_strconcat (g_uri_get_path (parsed), query != NULL ? "?" : NULL, query, NULL);
  g_autofree char *lower = g_ascii_strdown (raw, -1);
  const char *type = strstr (lower, FTP_TYPE);
  g_autofree char *name = NULL;

  if (type != NULL)
    {
      /* Of the transfer types (RFC 1738 section 3.2.2) only that one leaves a file as it is. */
      if (strcmp (type, FTP_TYPE "i") != 0)
        return refuse_ftp_path ("asks for another type than ';type=i', which changes what is sent", error);
      raw[type - lower] = '\0';
    }
  name = g_uri_unescape_string (raw, NULL);
  if (name == NULL || has_control (name))
    return refuse_ftp_path ("has a control character: no file can be asked for by that", error);
  if (name[0] == '\0' || g_str_has_suffix (name, "/"))
    return refuse_ftp_path ("is a folder's: it must name a file", error);
  return TRUE;
}

/**
 * ferry_options_check_uri:
 * @scope: the call it is given to
 * @uri: what a client gave
 * @error: (out): never shows user information, path or query
 *
 * Returns: whether the service can transfer from or to @uri
 */
gboolean
ferry_options_check_uri (FerryOptionsScope scope, const char *uri, GError **error)
{
  g_autofree char *scheme = dup_scheme (uri, error);
  g_autoptr (GUri) parsed = NULL;
  gboolean is_http;

  if (scheme == NULL)
    return FALSE;
  is_http = strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0;
  if (!is_http && !(strcmp (scheme, "ftp") == 0 && scope == FERRY_OPTIONS_DOWNLOAD))
    {
      g_autofree char *shown = ferry_options_quote (scheme);

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                   scope == FERRY_OPTIONS_DOWNLOAD
                       ? "The URI's scheme %s is not supported: 'http', 'https' and 'ftp' are"
                       : "The URI's scheme %s is not supported: 'http' and 'https' are",
                   shown);
      return FALSE;
    }
  parsed = g_uri_parse (uri, URI_FLAGS, NULL);
  if (parsed == NULL)
    {
      g_set_error_literal (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
          "The URI is malformed: host and port must be right, and '%' be followed by two hex "
          "digits");
      return FALSE;
    }
  if (!check_authority (parsed, uri, error))
    return FALSE;
  return is_http || check_ftp_path (parsed, error);
}
