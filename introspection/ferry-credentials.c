/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-options-private.h"

#include <gio/gio.h>

/* So that user and password come out decoded. */
#define URI_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY)

/* Where user information ends in @uri, behind the `@`; NULL where there is none. Whatever follows stays as it
 * was written. */
static const char *
find_host (const char *uri, const char **authority)
{
  const char *start = strstr (uri, "://");
  const char *at;

  if (start == NULL)
    return NULL;
  start += strlen ("://");
  at = memchr (start, '@', strcspn (start, "/?#"));
  *authority = start;
  return at != NULL ? at + 1 : NULL;
}

/**
 * ferry_uri_split_credential:
 * @uri: a URI that was found right
 * @credential: (out) (transfer full) (nullable): (ss), user and password in it, decoded; NULL for none
 * @error: (out): FERRY_ERROR_INVALID_ARGUMENT where they cannot be decoded; shows nothing of them
 *
 * Returns: (transfer full) (nullable): @uri without user information; NULL with @error
 */
char *
ferry_uri_split_credential (const char *uri, GVariant **credential, GError **error)
{
  const char *authority = NULL;
  const char *host = find_host (uri, &authority);
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;

  *credential = NULL;
  if (host == NULL)
    return g_strdup (uri);
  if (!g_uri_split_with_user (uri, URI_FLAGS, NULL, &user, &password, NULL, NULL, NULL, NULL, NULL, NULL,
                              NULL) ||
      (user != NULL && !ferry_options_check_credential (user, password != NULL ? password : "", NULL)))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "User and password in the URI are wrong: without control characters and at most %d bytes "
                   "is right",
                   FERRY_MAX_CREDENTIAL);
      return NULL;
    }
  if ((user != NULL && *user != '\0') || (password != NULL && *password != '\0'))
    *credential = g_variant_ref_sink (
        g_variant_new ("(ss)", user != NULL ? user : "", password != NULL ? password : ""));
  return g_strdup_printf ("%.*s%s", (int) (authority - uri), uri, host);
}

/* Moves the credential in @uri to the option @key. */
static char *
take (GVariantDict *dict, const char *uri, const char *what, const char *key, GError **error)
{
  g_autoptr (GVariant) credential = NULL;
  g_autofree char *bare = ferry_uri_split_credential (uri, &credential, error);

  if (credential == NULL)
    return g_steal_pointer (&bare);
  if (g_variant_dict_contains (dict, key))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option '%s' is a second credential beside the one in %s: give user and password once",
                   key, what);
      return NULL;
    }
  g_variant_dict_insert_value (dict, key, credential);
  return g_steal_pointer (&bare);
}

/**
 * ferry_options_take_credentials:
 * @options: a{sv}, of ferry_options_check()
 * @uri: of ferry_options_check_uri()
 * @bare: (out) (transfer full): @uri without user and password
 * @error: (out): FERRY_ERROR_INVALID_ARGUMENT, naming the key, where there are two credentials for one
 *
 * Users and passwords in URIs become options of their own, so that no URI has to be kept secret.
 *
 * Returns: (transfer full) (nullable): @options with them; NULL with @error
 */
GVariant *
ferry_options_take_credentials (GVariant *options, const char *uri, char **bare, GError **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (options);
  g_autofree char *proxy = NULL;
  const char *given;

  *bare = NULL;
  if (g_variant_dict_lookup (&dict, "proxy", "&s", &given))
    {
      proxy = take (&dict, given, "'proxy'", "proxy-credential", error);
      if (proxy == NULL)
        return NULL;
      g_variant_dict_insert (&dict, "proxy", "s", proxy);
    }
  *bare = take (&dict, uri, "the URI", "server-credential", error);
  return *bare != NULL ? g_variant_ref_sink (g_variant_dict_end (&dict)) : NULL;
}
