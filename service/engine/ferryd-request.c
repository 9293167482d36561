/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-request.h"

#include <string.h>

#include "ferry-enum-types.h"
#include "ferry-names.h"

/* Options that the Options property does not show: they are kept elsewhere, or not at all. */
static const char *const hidden_options[] = {
  "headers", "server-credential", "proxy-credential", "ca-certificates", NULL,
};

/* What is in a URI stays as it was written. */
#define URI_FLAGS (G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_PARSE_RELAXED)

/* The caller's `a{sv}` may hold handles, whose type no other option has. */
static gboolean
is_shown (const char *key, GVariant *value)
{
  return !g_strv_contains (hidden_options, key) && !g_str_has_suffix (key, "-fd") &&
         !g_variant_is_of_type (value, G_VARIANT_TYPE_HANDLE);
}

static GVariant *
filter_options (GVariant *options)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      if (is_shown (key, value))
        g_variant_builder_add (&builder, "{sv}", key, value);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static char *
get_string (GVariant *options, const char *key, const char *otherwise)
{
  char *value = NULL;

  if (!g_variant_lookup (options, key, "s", &value))
    value = g_strdup (otherwise);
  return value;
}

static gboolean
get_enum (GVariant *options, const char *key, GType type, int otherwise, int *result, GError **error)
{
  g_autofree char *nick = get_string (options, key, NULL);
  g_autofree char *nicks = NULL;

  *result = otherwise;
  if (nick == NULL || ferry_enum_from_nick (type, nick, result))
    return TRUE;
  nicks = ferry_enum_list_nicks (type);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "Option '%s' is '%s'; right would be one of %s", key, nick, nicks);
  return FALSE;
}

/**
 * ferryd_request_read_exists:
 * @options: `a{sv}`, normalised by ferry_options_check()
 * @destination: (nullable): as asked for
 * @exists: (out): what an occupied name means there; in a folder another name is found, unless asked
 * otherwise
 * @error: FERRY_ERROR
 *
 * Returns: FALSE where the option is no such word
 */
gboolean
ferryd_request_read_exists (GVariant *options, const char *destination, FerryExists *exists, GError **error)
{
  gboolean is_folder = destination != NULL && g_str_has_suffix (destination, "/");
  int value;

  if (!get_enum (options, "exists", FERRY_TYPE_EXISTS, is_folder ? FERRY_EXISTS_RENAME : FERRY_EXISTS_FAIL,
                 &value, error))
    return FALSE;
  *exists = value;
  return TRUE;
}

static gboolean
read_enums (FerrydRequest *self, GVariant *options, GError **error)
{
  int priority, cost_policy;

  if (!ferryd_request_read_exists (options, self->destination, &self->exists, error) ||
      !get_enum (options, "priority", FERRY_TYPE_PRIORITY, FERRY_PRIORITY_DEFAULT, &priority, error) ||
      !get_enum (options, "cost-policy", FERRY_TYPE_COST_POLICY, FERRY_COST_POLICY_DEFAULT, &cost_policy,
                 error))
    return FALSE;
  self->priority = priority;
  self->cost_policy = cost_policy;
  return TRUE;
}

static gboolean
read_recoverable (FerrydRequest *self, GVariant *options, GError **error)
{
  g_autofree const char **statuses = NULL;

  if (!g_variant_lookup (options, "recoverable-errors", "^a&s", &statuses))
    return TRUE;
  for (guint i = 0; statuses[i] != NULL; i++)
    {
      FerryTransferError code;

      if (!ferry_transfer_error_from_status (statuses[i], &code))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                       "Option 'recoverable-errors' has '%s', which is not an error status", statuses[i]);
          return FALSE;
        }
      self->recoverable[code / 64] |= G_GUINT64_CONSTANT (1) << (code % 64);
    }
  return TRUE;
}

/* The option is an object path, or a string with the same text; `/` and nothing mean none. */
static gboolean
read_completion_group (FerrydRequest *self, GVariant *options, GError **error)
{
  const char *path = NULL;
  const char *text;

  if (!g_variant_lookup (options, "completion-group", "&s", &path) &&
      !g_variant_lookup (options, "completion-group", "&o", &path))
    return TRUE;
  if (g_str_equal (path, "") || g_str_equal (path, "/"))
    return TRUE;
  text = g_str_has_prefix (path, FERRY_COMPLETION_GROUP_PATH "/")
             ? path + strlen (FERRY_COMPLETION_GROUP_PATH "/")
             : "";
  if (ferryd_id_parse (text, &self->completion_group))
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no completion group '%s'", path);
  return FALSE;
}

static gboolean
read_options (FerrydRequest *self, GVariant *options, GError **error)
{
  guint64 size;

  self->method = get_string (options, "method", self->kind == FERRY_KIND_DOWNLOAD ? "GET" : "PUT");
  self->headers = g_variant_lookup_value (options, "headers", G_VARIANT_TYPE ("a(ss)"));
  self->peers = ferryd_peers_new (options);
  self->options = filter_options (options);
  self->title = get_string (options, "title", "");
  self->metadata = g_variant_lookup_value (options, "metadata", G_VARIANT_TYPE_VARDICT);
  if (self->metadata == NULL)
    self->metadata = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  self->group = get_string (options, "group", "");
  self->token = get_string (options, "token", NULL);
  self->checksum = get_string (options, "checksum", NULL);
  self->expected_size =
      g_variant_lookup (options, "expected-size", "t", &size) ? (gint64) MIN (size, G_MAXINT64) : -1;
  self->connections = 1;
  g_variant_lookup (options, "connections", "u", &self->connections);
  g_variant_lookup (options, "mirrors", "^as", &self->mirrors);
  g_variant_lookup (options, "random-access", "b", &self->random_access);
  g_variant_lookup (options, "max-speed", "t", &self->max_speed);
  g_variant_lookup (options, "not-before", "x", &self->not_before);
  g_variant_lookup (options, "not-after", "x", &self->not_after);
  g_variant_lookup (options, "idempotent", "b", &self->idempotent);
  g_variant_lookup (options, "start", "b", &self->start);
  return read_enums (self, options, error) && read_recoverable (self, options, error) &&
         read_completion_group (self, options, error);
}

/**
 * ferryd_request_new:
 * @kind: download or upload
 * @uri: what to transfer, checked by ferry_options_check_uri(), without user information
 * @place: (nullable): the destination of a download, the source of an upload, as given
 * @options: `a{sv}`, normalised by ferry_options_check(), with credentials as options of their own
 *   (ferry_options_take_credentials())
 * @error: FERRY_ERROR
 *
 * Returns: (transfer full) (nullable): the request, without `target` and `content`
 */
FerrydRequest *
ferryd_request_new (FerryKind kind, const char *uri, const char *place, GVariant *options, GError **error)
{
  g_autoptr (FerrydRequest) self = g_new0 (FerrydRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->uri = g_strdup (uri);
  if (kind == FERRY_KIND_DOWNLOAD)
    self->destination = g_strdup (place);
  else
    self->source = g_strdup (place != NULL ? place : "");
  if (!read_options (self, options, error))
    return NULL;
  if (self->token != NULL)
    self->asked = g_strjoin ("\n", uri, place, NULL);
  return g_steal_pointer (&self);
}

/**
 * ferryd_request_ref:
 * @request: a request
 *
 * Returns: (transfer full): @request
 */
FerrydRequest *
ferryd_request_ref (FerrydRequest *request)
{
  g_atomic_ref_count_inc (&request->ref_count);
  return request;
}

/**
 * ferryd_request_unref:
 * @request: (transfer full): a request
 */
void
ferryd_request_unref (FerrydRequest *request)
{
  if (!g_atomic_ref_count_dec (&request->ref_count))
    return;
  g_free (request->uri);
  g_free (request->method);
  g_free (request->destination);
  g_free (request->source);
  g_clear_pointer (&request->content, ferryd_content_unref);
  g_clear_pointer (&request->target, ferryd_destination_free);
  g_clear_pointer (&request->headers, g_variant_unref);
  ferryd_peers_unref (request->peers);
  g_clear_pointer (&request->options, g_variant_unref);
  g_free (request->title);
  g_clear_pointer (&request->metadata, g_variant_unref);
  g_free (request->group);
  g_free (request->token);
  g_free (request->asked);
  g_free (request->checksum);
  g_strfreev (request->lost);
  g_strfreev (request->mirrors);
  g_free (request);
}

/**
 * ferryd_request_copy:
 * @request: a request
 *
 * Returns: (transfer full): a copy that nobody shares yet and that may be changed
 */
FerrydRequest *
ferryd_request_copy (const FerrydRequest *request)
{
  FerrydRequest *copy = g_new (FerrydRequest, 1);

  *copy = *request;
  g_atomic_ref_count_init (&copy->ref_count);
  copy->uri = g_strdup (request->uri);
  copy->method = g_strdup (request->method);
  copy->destination = g_strdup (request->destination);
  copy->source = g_strdup (request->source);
  copy->content = request->content != NULL ? ferryd_content_ref (request->content) : NULL;
  copy->target = ferryd_destination_copy (request->target);
  if (copy->headers != NULL)
    g_variant_ref (copy->headers);
  ferryd_peers_ref (copy->peers);
  g_variant_ref (copy->options);
  copy->title = g_strdup (request->title);
  g_variant_ref (copy->metadata);
  copy->group = g_strdup (request->group);
  copy->token = g_strdup (request->token);
  copy->asked = g_strdup (request->asked);
  copy->checksum = g_strdup (request->checksum);
  copy->lost = g_strdupv (request->lost);
  copy->mirrors = g_strdupv (request->mirrors);
  return copy;
}

/* What is said anew need not be read any more. */
static void
find_again (FerrydRequest *copy, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint n = 0;

  for (guint i = 0; copy->lost != NULL && copy->lost[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (copy->lost[i], name) == 0)
        continue;
      g_strv_builder_add (builder, copy->lost[i]);
      n++;
    }
  g_clear_pointer (&copy->lost, g_strfreev);
  if (n > 0)
    copy->lost = g_strv_builder_end (builder);
}

/**
 * ferryd_request_set_peers:
 * @copy: a request that nobody shares yet
 * @option: name of an option that says something of peers
 * @value: (nullable): its value from now on, NULL for none
 */
void
ferryd_request_set_peers (FerrydRequest *copy, const char *option, GVariant *value)
{
  g_autoptr (FerrydPeers) old = copy->peers;

  copy->peers = ferryd_peers_with (old, option, value);
  find_again (copy, option);
}

/**
 * ferryd_request_set_default_method:
 * @copy: a request that nobody shares yet, with its content
 *
 * Forms are posted, unless a method was given.
 */
void
ferryd_request_set_default_method (FerrydRequest *copy)
{
  g_autoptr (GVariant) given = g_variant_lookup_value (copy->options, "method", NULL);

  if (given != NULL || copy->kind != FERRY_KIND_UPLOAD || copy->content == NULL ||
      ferryd_content_get_type (copy->content) == NULL)
    return;
  g_free (copy->method);
  copy->method = g_strdup ("POST");
}

/**
 * ferryd_request_set_header:
 * @copy: a request that nobody shares yet
 * @name: field name
 * @value: (nullable): its only value from now on, NULL to send none
 *
 * Replaces every value of that name, where the first of them stood.
 */
void
ferryd_request_set_header (FerrydRequest *copy, const char *name, const char *value)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GVariant) headers = NULL;
  gboolean is_set = value == NULL;
  GVariantIter iter;
  const char *old_name, *old_value;

  if (copy->headers != NULL)
    {
      g_variant_iter_init (&iter, copy->headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &old_name, &old_value))
        {
          if (g_ascii_strcasecmp (old_name, name) != 0)
            g_variant_builder_add (&builder, "(ss)", old_name, old_value);
          else if (!is_set)
            g_variant_builder_add (&builder, "(ss)", name, value);
          is_set = is_set || g_ascii_strcasecmp (old_name, name) == 0;
        }
    }
  if (!is_set)
    g_variant_builder_add (&builder, "(ss)", name, value);

  headers = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_clear_pointer (&copy->headers, g_variant_unref);
  if (g_variant_n_children (headers) > 0)
    copy->headers = g_steal_pointer (&headers);
  find_again (copy, name);
}

/**
 * ferryd_request_is_recoverable:
 * @request: a request
 * @status: why it failed
 *
 * Returns: whether the application wants to mend @status itself
 */
gboolean
ferryd_request_is_recoverable (const FerrydRequest *request, FerryTransferError status)
{
  /* Nothing that an application could do mends this one. */
  if (status == FERRY_TRANSFER_ERROR_DEADLINE_PASSED)
    return FALSE;
  return (request->recoverable[status / 64] >> (status % 64) & 1) != 0;
}

/**
 * ferryd_request_is_pausable:
 * @request: a request
 *
 * Returns: whether Pause applies: only what GET and PUT ask for can be asked for again (methods have case,
 * RFC 9110 section 9.1)
 */
gboolean
ferryd_request_is_pausable (const FerrydRequest *request)
{
  return g_str_equal (request->method, "GET") || g_str_equal (request->method, "PUT");
}

/**
 * ferryd_request_is_repeatable:
 * @request: a request
 *
 * Returns: whether it may be sent again although it was sent whole and nothing is known of what the server
 * did (contract, decision 2)
 */
gboolean
ferryd_request_is_repeatable (const FerrydRequest *request)
{
  return request->idempotent || ferryd_request_is_pausable (request) ||
         g_str_equal (request->method, "DELETE");
}

static int
get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return port;
  if (g_str_equal (g_uri_get_scheme (uri), "https"))
    return 443;
  if (g_str_equal (g_uri_get_scheme (uri), "ftp"))
    return 21;
  return 80;
}

/**
 * ferryd_request_name_host:
 * @text: a URI
 *
 * Returns: (transfer full): `scheme://host:port`, in lower case and with the port the scheme stands for: what
 * the limit per host counts; `""` where it is none
 */
char *
ferryd_request_name_host (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, URI_FLAGS, NULL);
  g_autofree char *ascii = NULL;
  g_autofree char *host = NULL;
  gboolean is_ipv6;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return g_strdup ("");
  /* An international name and its ASCII form are one host. */
  ascii = g_hostname_to_ascii (g_uri_get_host (uri));
  host = g_ascii_strdown (ascii != NULL ? ascii : g_uri_get_host (uri), -1);
  is_ipv6 = strchr (host, ':') != NULL;
  return g_strdup_printf ("%s://%s%s%s:%d", g_uri_get_scheme (uri), is_ipv6 ? "[" : "", host,
                          is_ipv6 ? "]" : "", get_port (uri));
}

/**
 * ferryd_request_get_host:
 * @request: a request
 *
 * Returns: (transfer full): `scheme://host:port`, in lower case and with the port the scheme stands for: what
 * the limit per host counts
 */
char *
ferryd_request_get_host (const FerrydRequest *request)
{
  return ferryd_request_name_host (request->uri);
}

/**
 * ferryd_request_count_sources:
 * @request: a request
 *
 * Returns: how many URIs it may be fetched from
 */
guint
ferryd_request_count_sources (const FerrydRequest *request)
{
  return 1 + (request->mirrors != NULL ? g_strv_length (request->mirrors) : 0);
}

/**
 * ferryd_request_get_source:
 * @request: a request
 * @source: which, 0 for its own URI, then the mirrors
 *
 * Returns: (transfer none): a URI it may be fetched from
 */
const char *
ferryd_request_get_source (const FerrydRequest *request, guint source)
{
  return source == 0 ? request->uri : request->mirrors[source - 1];
}

/**
 * ferryd_request_get_hosts:
 * @request: a request
 *
 * Returns: (transfer full): the hosts of its sources, each once, its own first
 */
GStrv
ferryd_request_get_hosts (const FerrydRequest *request)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < ferryd_request_count_sources (request); i++)
    {
      char *host = ferryd_request_name_host (ferryd_request_get_source (request, i));

      if (!g_hash_table_contains (seen, host))
        g_strv_builder_add (builder, host);
      g_hash_table_add (seen, host);
    }
  return g_strv_builder_end (builder);
}

/**
 * ferryd_request_get_host_index:
 * @request: a request
 * @hosts: what ferryd_request_get_hosts() gave for it
 * @source: one of its sources
 *
 * Returns: which of @hosts the source is at
 */
guint
ferryd_request_get_host_index (const FerrydRequest *request, const char *const *hosts, guint source)
{
  g_autofree char *host = ferryd_request_name_host (ferryd_request_get_source (request, source));
  guint i = 0;

  while (!g_str_equal (hosts[i], host))
    i++;
  return i;
}

/**
 * ferryd_request_get_token_key:
 * @request: a request
 * @application: whose it is
 * @key: (out): digest of application, kind and token; all zero without a token
 */
void
ferryd_request_get_token_key (const FerrydRequest *request, const char *application, guint8 key[16])
{
  g_autoptr (GChecksum) checksum = NULL;
  const char *kind = ferry_enum_to_nick (FERRY_TYPE_KIND, (int) request->kind);
  guint8 digest[32]; /* of SHA-256 */
  gsize size = sizeof digest;

  memset (key, 0, 16);
  if (request->token == NULL)
    return;
  /* With their terminators, so that no two triples are one text. */
  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, (const guchar *) application, (gssize) strlen (application) + 1);
  g_checksum_update (checksum, (const guchar *) kind, (gssize) strlen (kind) + 1);
  g_checksum_update (checksum, (const guchar *) request->token, (gssize) strlen (request->token) + 1);
  g_checksum_get_digest (checksum, digest, &size);
  memcpy (key, digest, 16);
}
