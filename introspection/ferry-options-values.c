/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-options-private.h"

#include <gio/gio.h>

#include "ferry-interfaces.h"

/* RFC 7468 section 5. */
#define CERTIFICATE_BEGIN "-----BEGIN CERTIFICATE-----"

/* How much of a text an error shows, in characters. */
#define MAX_SHOWN 60

/* The checks of the table. Each is called with a value of the row's type and within its range and size. */

/* FALSE with an error that says what is right and, unless the key is secret, what was given. */
static gboolean
refuse (const FerryOptionSpec *spec, const char *text, GError **error)
{
  g_autofree char *shown = spec->secret ? g_strdup ("the value") : ferry_options_quote (text);

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "%s is not %s", shown, spec->right);
  return FALSE;
}

static gboolean
has_control_character (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_iscntrl (*c))
        return TRUE;
    }
  return FALSE;
}

/**
 * ferry_options_quote:
 * @text: anything, also what is not UTF-8
 *
 * Returns: (transfer full): @text quoted for an error: shortened, and without control characters
 */
char *
ferry_options_quote (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, MIN (strlen (text), 4 * MAX_SHOWN + 1));
  g_autofree char *start = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), MAX_SHOWN));

  for (char *c = start; *c != '\0'; c++)
    {
      if (g_ascii_iscntrl (*c))
        *c = '?';
    }
  return g_strdup_printf ("'%s%s'", start, strlen (start) < strlen (text) ? "…" : "");
}

static gboolean
check_method (const FerryOptionSpec *spec, const char *method, const char *const *refused, GError **error)
{
  if (!ferry_header_is_token (method))
    return refuse (spec, method, error);
  for (guint i = 0; refused[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (method, refused[i]) == 0)
        return refuse (spec, method, error);
    }
  return TRUE;
}

/* CONNECT makes a tunnel, HEAD has no body to store, TRACE reflects credentials. */
gboolean
ferry_options_check_is_download_method (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  static const char *const refused[] = { "CONNECT", "HEAD", "TRACE", NULL };

  return check_method (spec, g_variant_get_string (value, NULL), refused, error);
}

/* What GET is sent with has no meaning (RFC 9110 section 9.3.1). */
gboolean
ferry_options_check_is_upload_method (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  static const char *const refused[] = { "CONNECT", "GET", "HEAD", "TRACE", NULL };

  return check_method (spec, g_variant_get_string (value, NULL), refused, error);
}

gboolean
ferry_options_check_is_headers (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  GVariantIter iter;
  const char *name, *field_value;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &field_value))
    {
      if (!ferry_options_check_header (name, field_value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_digest (const char *text, const char *prefix, gsize n_digits)
{
  const char *digits = text + strlen (prefix);

  return g_str_has_prefix (text, prefix) && strlen (digits) == n_digits &&
         strspn (digits, "0123456789abcdefABCDEF") == n_digits;
}

gboolean
ferry_options_check_is_checksum (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  return is_digest (text, "sha256:", 64) || is_digest (text, "sha512:", 128) || refuse (spec, text, error);
}

gboolean
ferry_options_check_is_fingerprint (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  return is_digest (text, "sha256:", 64) || refuse (spec, text, error);
}

/* As deep as GVariant and the bus let a value be. */
static gboolean
has_handle (GVariant *value)
{
  const char *type = g_variant_get_type_string (value);

  if (strchr (type, 'h') != NULL)
    return TRUE;
  if (!g_variant_is_container (value) || strchr (type, 'v') == NULL)
    return FALSE;
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (has_handle (child))
        return TRUE;
    }
  return FALSE;
}

gboolean
ferry_options_check_is_metadata (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  return !has_handle (value) || refuse (spec, "", error);
}

gboolean
ferry_options_check_is_not_empty (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  return text[0] != '\0' || refuse (spec, text, error);
}

/* As desktop files and sandboxes name applications; empty is the application of those that have none. */
gboolean
ferry_options_check_is_application_id (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *id = g_variant_get_string (value, NULL);

  for (const char *c = id; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr ("._-", *c) == NULL)
        return refuse (spec, id, error);
    }
  return TRUE;
}

gboolean
ferry_options_check_is_bus_name (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *name = g_variant_get_string (value, NULL);

  return (g_dbus_is_name (name) && !g_dbus_is_unique_name (name)) || refuse (spec, name, error);
}

gboolean
ferry_options_check_is_action_name (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *name = g_variant_get_string (value, NULL);

  return g_action_name_is_valid (name) || refuse (spec, name, error);
}

gboolean
ferry_options_check_is_operation_id (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *id = g_variant_get_string (value, NULL);

  return (strlen (id) == 32 && strspn (id, "0123456789abcdef") == 32) || refuse (spec, id, error);
}

/* The XML says which properties there are. */
gboolean
ferry_options_check_is_properties (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "&s", &name))
    {
      if (g_dbus_interface_info_lookup_property (
              (GDBusInterfaceInfo *) &org_ferry_transfer1_operation_interface, name) == NULL &&
          g_dbus_interface_info_lookup_property (
              (GDBusInterfaceInfo *) &org_ferry_transfer1_download_operation_interface, name) == NULL &&
          g_dbus_interface_info_lookup_property (
              (GDBusInterfaceInfo *) &org_ferry_transfer1_upload_operation_interface, name) == NULL)
        return refuse (spec, name, error);
    }
  return TRUE;
}

/* Not looked at on disk here: that may block, and belongs to the call. */
gboolean
ferry_options_check_is_path (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  g_autofree char *path = g_str_has_prefix (text, "file:") ? g_filename_from_uri (text, NULL, NULL) : NULL;

  return text[0] == '/' || path != NULL || refuse (spec, text, error);
}

/* RFC 7617 section 2. */
/**
 * ferry_options_check_credential:
 * @user: a user's name
 * @password: the password
 * @error: (out): shows neither
 *
 * Returns: whether they can be kept and sent
 */
gboolean
ferry_options_check_credential (const char *user, const char *password, GError **error)
{
  if (!has_control_character (user) && !has_control_character (password) &&
      strlen (user) + strlen (password) <= FERRY_MAX_CREDENTIAL)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "user and password must be without control characters and have at most %d bytes",
               FERRY_MAX_CREDENTIAL);
  return FALSE;
}

gboolean
ferry_options_check_is_credential (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *user, *password;

  g_variant_get (value, "(&s&s)", &user, &password);
  return ferry_options_check_credential (user, password, error);
}

gboolean
ferry_options_check_is_proxy (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  static const char *const schemes[] = { "http",    "https",  "socks",   "socks4",
                                         "socks4a", "socks5", "socks5h", NULL };
  const char *text = g_variant_get_string (value, NULL);
  g_autoptr (GUri) uri = NULL;

  if (text[0] == '\0' || strcmp (text, "direct://") == 0)
    return TRUE;
  if (!has_control_character (text))
    uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  if (uri == NULL || !g_strv_contains (schemes, g_uri_get_scheme (uri)) || g_uri_get_host (uri) == NULL ||
      !ferry_uri_check_host (g_uri_get_host (uri)) || g_uri_get_port (uri) == 0 ||
      g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL ||
      (g_uri_get_path (uri)[0] != '\0' && strcmp (g_uri_get_path (uri), "/") != 0))
    return refuse (spec, text, error);
  return TRUE;
}

/* One that cannot be read would trust nobody in addition, and nobody would be told. */
gboolean
ferry_options_check_is_certificates (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  const char *next = text;

  if (strstr (text, CERTIFICATE_BEGIN) == NULL)
    return refuse (spec, text, error);
  while ((next = strstr (next, CERTIFICATE_BEGIN)) != NULL)
    {
      g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (next, -1, NULL);

      if (certificate == NULL)
        return refuse (spec, text, error);
      next += strlen (CERTIFICATE_BEGIN);
    }
  return TRUE;
}

gboolean
ferry_options_check_is_mirrors (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  GVariantIter iter;
  const char *uri;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "&s", &uri))
    {
      g_autoptr (GVariant) credential = NULL;
      g_autofree char *bare = NULL;

      /* As for an upload: http and https only. */
      if (!ferry_options_check_uri (FERRY_OPTIONS_UPLOAD, uri, error))
        return FALSE;
      bare = ferry_uri_split_credential (uri, &credential, error);
      if (bare == NULL)
        return FALSE;
      if (strlen (bare) == strlen (uri))
        continue;
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "a mirror is another server, to which no credential goes: leave user and password "
                           "out");
      return FALSE;
    }
  return TRUE;
}

gboolean
ferry_options_check_is_notification (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  g_autoptr (GPtrArray) values = ferry_options_check_values (FERRY_OPTIONS_NOTIFICATION, value, error);

  return values != NULL;
}

/* An index into the message's descriptors; whether there is one is for the call to say. */
gboolean
ferry_options_check_is_descriptor (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  gint32 handle = g_variant_get_handle (value);

  if (handle >= 0 && handle < FERRY_MAX_DESCRIPTORS)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "handle %d is not %s", handle, spec->right);
  return FALSE;
}

gboolean
ferry_options_check_is_resumable (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  static const char *const words[] = { "auto", "never", "tus", "http", NULL };
  const char *word = g_variant_get_string (value, NULL);

  return g_strv_contains (words, word) || refuse (spec, word, error);
}

gboolean
ferry_options_check_is_token (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  return ferry_header_is_token (text) || refuse (spec, text, error);
}

/* RFC 2046 section 5.1.1; a space, which must not be last, is not taken at all. */
gboolean
ferry_options_check_is_boundary (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr ("'()+_,-./:=?", *c) == NULL)
        return refuse (spec, text, error);
    }
  return text[0] != '\0' || refuse (spec, text, error);
}

/* What ends up between quotes in a part's header. */
gboolean
ferry_options_check_is_line (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  return !has_control_character (text) || refuse (spec, text, error);
}

/* RFC 9110 section 8.3.1; parameters are the client's business. */
gboolean
ferry_options_check_is_media_type (const FerryOptionSpec *spec, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  g_auto (GStrv) parameters = g_strsplit (text, ";", 2);
  g_auto (GStrv) types = NULL;

  if (has_control_character (text) || parameters[0] == NULL)
    return refuse (spec, text, error);
  types = g_strsplit (g_strchomp (parameters[0]), "/", 2);
  if (g_strv_length (types) != 2 || !ferry_header_is_token (types[0]) || !ferry_header_is_token (types[1]))
    return refuse (spec, text, error);
  return TRUE;
}
