/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-request.h"

#include <string.h>

#include "ferry-enum-types.h"
#include "ferry-headers.h"

/* Of the serialised form. 1: the first. A reader takes what it knows of an older one and refuses a newer one.
 */
#define FORMAT_VERSION 1

/* Splits @headers by whether they are secret; both are NULL where there are none of that sort. */
static void
split_headers (GVariant *headers, GVariant **open, GVariant **secret)
{
  g_auto (GVariantBuilder) open_builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_auto (GVariantBuilder) secret_builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  guint n_open = 0, n_secret = 0;
  GVariantIter iter;
  const char *name, *value;

  *open = NULL;
  *secret = NULL;
  if (headers == NULL)
    return;
  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    {
      gboolean is_secret = ferry_options_header_is_secret (name);

      g_variant_builder_add (is_secret ? &secret_builder : &open_builder, "(ss)", name, value);
      n_secret += is_secret ? 1 : 0;
      n_open += is_secret ? 0 : 1;
    }
  if (n_open > 0)
    *open = g_variant_builder_end (&open_builder);
  if (n_secret > 0)
    *secret = g_variant_builder_end (&secret_builder);
}

static GVariant *
join_headers (GVariant *open, GVariant *secret)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  GVariant *parts[] = { open, secret };

  if (open == NULL && secret == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GVariantIter iter;
      GVariant *pair;

      if (parts[i] == NULL)
        continue;
      g_variant_iter_init (&iter, parts[i]);
      while (g_variant_iter_loop (&iter, "@(ss)", &pair))
        g_variant_builder_add_value (&builder, pair);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
put_enum (GVariantDict *dict, const char *key, GType type, int value)
{
  if (value != 0)
    g_variant_dict_insert (dict, key, "s", ferry_enum_to_nick (type, value));
}

static int
take_enum (GVariant *variant, const char *key, GType type)
{
  const char *nick;
  int value;

  if (g_variant_lookup (variant, key, "&s", &nick) && ferry_enum_from_nick (type, nick, &value))
    return value;
  return 0;
}

static void
put_target (GVariantDict *dict, const FerrydDestination *target)
{
  if (target == NULL)
    return;
  g_variant_dict_insert (dict, "directory", "^ay", target->directory);
  g_variant_dict_insert (dict, "device", "t", target->device);
  g_variant_dict_insert (dict, "inode", "t", target->inode);
  if (target->leaf != NULL)
    g_variant_dict_insert (dict, "leaf", "^ay", target->leaf);
  if (ferryd_destination_is_given (target))
    g_variant_dict_insert (dict, "file", "(ttt)", target->file_device, target->file_inode, target->file_born);
}

static FerrydDestination *
take_target (GVariant *variant)
{
  g_autoptr (FerrydDestination) target = g_new0 (FerrydDestination, 1);

  if (!g_variant_lookup (variant, "directory", "^ay", &target->directory))
    return NULL;
  g_variant_lookup (variant, "device", "t", &target->device);
  g_variant_lookup (variant, "inode", "t", &target->inode);
  g_variant_lookup (variant, "leaf", "^ay", &target->leaf);
  g_variant_lookup (variant, "file", "(ttt)", &target->file_device, &target->file_inode, &target->file_born);
  return g_steal_pointer (&target);
}

/* What may be written after creation. A member that has its zero value is left out; the options say only what
 * it was at first. */
static void
put_editable (GVariantDict *dict, const FerrydRequest *request)
{
  static const FerrydId none = { { 0 } };

  put_enum (dict, "exists", FERRY_TYPE_EXISTS, (int) request->exists);
  put_enum (dict, "priority", FERRY_TYPE_PRIORITY, (int) request->priority);
  put_enum (dict, "cost-policy", FERRY_TYPE_COST_POLICY, (int) request->cost_policy);
  if (request->max_speed != 0)
    g_variant_dict_insert (dict, "max-speed", "t", request->max_speed);
  if (request->recoverable[0] != 0 || request->recoverable[1] != 0)
    g_variant_dict_insert (dict, "recoverable", "(tt)", request->recoverable[0], request->recoverable[1]);
  if (!ferryd_id_equal (&request->completion_group, &none))
    g_variant_dict_insert_value (dict, "completion-group",
                                 g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE,
                                                            request->completion_group.bytes,
                                                            sizeof none.bytes, sizeof (guint8)));
}

static void
take_editable (GVariant *variant, FerrydRequest *request)
{
  g_autoptr (GVariant) group =
      g_variant_lookup_value (variant, "completion-group", G_VARIANT_TYPE_BYTESTRING);

  request->exists = take_enum (variant, "exists", FERRY_TYPE_EXISTS);
  request->priority = take_enum (variant, "priority", FERRY_TYPE_PRIORITY);
  request->cost_policy = take_enum (variant, "cost-policy", FERRY_TYPE_COST_POLICY);
  if (!g_variant_lookup (variant, "max-speed", "t", &request->max_speed))
    request->max_speed = 0;
  if (!g_variant_lookup (variant, "recoverable", "(tt)", &request->recoverable[0], &request->recoverable[1]))
    memset (request->recoverable, 0, sizeof request->recoverable);
  memset (&request->completion_group, 0, sizeof request->completion_group);
  if (group != NULL && g_variant_get_size (group) == sizeof request->completion_group.bytes)
    memcpy (request->completion_group.bytes, g_variant_get_data (group),
            sizeof request->completion_group.bytes);
}

/* What is secret of a request, and the names of what that is. */
typedef struct
{
  GVariantDict values;
  GStrvBuilder *names; /* (owned) */
  guint n_names;
} Secrets;

static void
add_name (Secrets *secrets, const char *name)
{
  g_strv_builder_add (secrets->names, name);
  secrets->n_names++;
}

static void
add_secret_headers (Secrets *secrets, GVariant *headers)
{
  GVariantIter iter;
  const char *name;

  if (headers == NULL)
    return;
  g_variant_dict_insert_value (&secrets->values, "headers", headers);
  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, NULL))
    add_name (secrets, name);
}

static void
add_credential (Secrets *secrets, const char *option, GVariant *credential)
{
  if (credential == NULL)
    return;
  g_variant_dict_insert_value (&secrets->values, option, credential);
  add_name (secrets, option);
}

/* The names stay with the rest, so that a request whose secrets cannot be read is not sent without them. */
static GVariant *
end_secrets (Secrets *secrets, GVariantDict *dict)
{
  g_auto (GStrv) names = g_strv_builder_end (secrets->names);
  GVariant *values = g_variant_ref_sink (g_variant_dict_end (&secrets->values));

  g_strv_builder_unref (secrets->names);
  if (secrets->n_names == 0)
    {
      g_variant_unref (values);
      return NULL;
    }
  g_variant_dict_insert (dict, "kept-apart", "^as", names);
  return values;
}

static GVariant *
put_peers (GVariantDict *dict, const FerrydRequest *request, GVariant *secret_headers)
{
  const FerrydPeers *peers = request->peers;
  Secrets secrets = { .names = g_strv_builder_new () };

  g_variant_dict_init (&secrets.values, NULL);
  add_secret_headers (&secrets, secret_headers);
  if (peers != NULL)
    {
      add_credential (&secrets, "server-credential", peers->server_credential);
      add_credential (&secrets, "proxy-credential", peers->proxy_credential);
      if (peers->ca_certificates != NULL)
        g_variant_dict_insert (dict, "ca-certificates", "s", peers->ca_certificates);
    }
  return end_secrets (&secrets, dict);
}

static void
take_peers (GVariant *variant, GVariant *secrets, FerrydRequest *request)
{
  static const char *const credentials[] = { "server-credential", "proxy-credential" };
  g_autoptr (GVariant) certificates =
      g_variant_lookup_value (variant, "ca-certificates", G_VARIANT_TYPE_STRING);

  if (certificates != NULL)
    ferryd_request_set_peers (request, "ca-certificates", certificates);
  for (guint i = 0; secrets != NULL && i < G_N_ELEMENTS (credentials); i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (secrets, credentials[i], G_VARIANT_TYPE ("(ss)"));

      if (value != NULL)
        ferryd_request_set_peers (request, credentials[i], value);
    }
  if (secrets == NULL)
    g_variant_lookup (variant, "kept-apart", "^as", &request->lost);
}

/**
 * ferryd_request_to_variant:
 * @request: a request
 * @secrets: (out) (transfer full) (nullable): `a{sv}`, what of it is secret; NULL where nothing is
 *
 * Serialises a request for the store. What cannot be edited after creation is told by the options and not
 * written a second time. Secret headers come back behind the others; the order among values of one name
 * stays.
 *
 * Returns: (transfer full): `a{sv}` without anything secret
 */
GVariant *
ferryd_request_to_variant (const FerrydRequest *request, GVariant **secrets)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  GVariant *open_headers, *secret_headers;

  g_variant_dict_insert (&dict, "version", "u", FORMAT_VERSION);
  g_variant_dict_insert (&dict, "uri", "s", request->uri);
  if (request->destination != NULL)
    g_variant_dict_insert (&dict, "destination", "s", request->destination);
  if (request->source != NULL && request->source[0] != '\0')
    g_variant_dict_insert (&dict, "source", "s", request->source);
  if (request->content != NULL)
    g_variant_dict_insert_value (&dict, "content", ferryd_content_to_variant (request->content));
  if (request->asked != NULL)
    g_variant_dict_insert (&dict, "asked", "s", request->asked);
  g_variant_dict_insert_value (&dict, "options", request->options);
  put_target (&dict, request->target);
  put_editable (&dict, request);

  split_headers (request->headers, &open_headers, &secret_headers);
  if (open_headers != NULL)
    g_variant_dict_insert_value (&dict, "headers", open_headers);
  *secrets = put_peers (&dict, request, secret_headers);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/**
 * ferryd_request_from_variant:
 * @kind: download or upload
 * @variant: what ferryd_request_to_variant() made
 * @secrets: (nullable): the same for what is secret
 *
 * Where @secrets is NULL although there were some, `lost` names them.
 *
 * Returns: (transfer full) (nullable): the request; NULL where @variant is none, or of a newer version
 */
FerrydRequest *
ferryd_request_from_variant (FerryKind kind, GVariant *variant, GVariant *secrets)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) open_headers = NULL;
  g_autoptr (GVariant) secret_headers = NULL;
  g_autoptr (GVariant) content = NULL;
  FerrydRequest *request;
  guint version;
  const char *uri;
  const char *place = NULL;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT) ||
      !g_variant_lookup (variant, "version", "u", &version) || version > FORMAT_VERSION ||
      !g_variant_lookup (variant, "uri", "&s", &uri))
    return NULL;
  g_variant_lookup (variant, kind == FERRY_KIND_DOWNLOAD ? "destination" : "source", "&s", &place);
  options = g_variant_lookup_value (variant, "options", G_VARIANT_TYPE_VARDICT);
  if (options == NULL)
    return NULL;
  request = ferryd_request_new (kind, uri, place, options, NULL);
  if (request == NULL)
    return NULL;

  if (request->asked != NULL)
    {
      g_clear_pointer (&request->asked, g_free);
      g_variant_lookup (variant, "asked", "s", &request->asked);
    }
  content = g_variant_lookup_value (variant, "content", G_VARIANT_TYPE_VARDICT);
  request->content = ferryd_content_from_variant (content);
  ferryd_request_set_default_method (request);
  request->target = take_target (variant);
  take_editable (variant, request);
  open_headers = g_variant_lookup_value (variant, "headers", G_VARIANT_TYPE ("a(ss)"));
  if (secrets != NULL && !g_variant_is_of_type (secrets, G_VARIANT_TYPE_VARDICT))
    secrets = NULL;
  take_peers (variant, secrets, request);
  if (secrets != NULL)
    secret_headers = g_variant_lookup_value (secrets, "headers", G_VARIANT_TYPE ("a(ss)"));
  g_clear_pointer (&request->headers, g_variant_unref);
  request->headers = join_headers (open_headers, secret_headers);
  return request;
}
