/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-peers.h"

#include <string.h>

static FerrydPeers *
peers_new (void)
{
  FerrydPeers *self = g_new0 (FerrydPeers, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

/* (transfer full) (nullable): @self unless it says nothing. */
static FerrydPeers *
normalize (FerrydPeers *self)
{
  if (self->server_credential != NULL || self->proxy_credential != NULL || self->proxy != NULL ||
      self->ca_certificates != NULL || self->fingerprint != NULL)
    return self;
  ferryd_peers_unref (self);
  return NULL;
}

static void
set_string (char **member, GVariant *value)
{
  g_clear_pointer (member, g_free);
  if (value != NULL && *g_variant_get_string (value, NULL) != '\0')
    *member = g_variant_dup_string (value, NULL);
}

/* Neither user nor password: there is none. */
static void
set_credential (GVariant **member, GVariant *value)
{
  const char *user, *password;

  g_clear_pointer (member, g_variant_unref);
  if (value == NULL)
    return;
  g_variant_get (value, "(&s&s)", &user, &password);
  if (*user != '\0' || *password != '\0')
    *member = g_variant_ref_sink (value);
}

/* @value: (nullable): checked, of the type that @option has */
static void
set (FerrydPeers *self, const char *option, GVariant *value)
{
  if (strcmp (option, "server-credential") == 0)
    set_credential (&self->server_credential, value);
  else if (strcmp (option, "proxy-credential") == 0)
    set_credential (&self->proxy_credential, value);
  else if (strcmp (option, "proxy") == 0)
    set_string (&self->proxy, value);
  else if (strcmp (option, "ca-certificates") == 0)
    set_string (&self->ca_certificates, value);
  else if (strcmp (option, "certificate-fingerprint") == 0)
    set_string (&self->fingerprint, value);
}

/**
 * ferryd_peers_new:
 * @options: `a{sv}`, normalised by ferry_options_check(), with credentials as options of their own
 *
 * Returns: (transfer full) (nullable): what they say of peers, NULL for nothing
 */
FerrydPeers *
ferryd_peers_new (GVariant *options)
{
  FerrydPeers *self = peers_new ();
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    set (self, key, value);
  return normalize (self);
}

/**
 * ferryd_peers_ref:
 * @self: (nullable): peers
 *
 * Returns: (transfer full) (nullable): @self
 */
FerrydPeers *
ferryd_peers_ref (FerrydPeers *self)
{
  if (self != NULL)
    g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * ferryd_peers_unref:
 * @self: (transfer full) (nullable): peers
 */
void
ferryd_peers_unref (FerrydPeers *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->server_credential, g_variant_unref);
  g_clear_pointer (&self->proxy_credential, g_variant_unref);
  g_free (self->proxy);
  g_free (self->ca_certificates);
  g_free (self->fingerprint);
  g_free (self);
}

static GVariant *
ref_variant (GVariant *value)
{
  return value != NULL ? g_variant_ref (value) : NULL;
}

/**
 * ferryd_peers_with:
 * @self: (nullable): peers
 * @option: name of the option that says it
 * @value: (nullable): its value, of the option's type; NULL for none
 *
 * Returns: (transfer full) (nullable): @self with this one thing as @value says
 */
FerrydPeers *
ferryd_peers_with (const FerrydPeers *self, const char *option, GVariant *value)
{
  FerrydPeers *copy = peers_new ();

  if (self != NULL)
    {
      copy->server_credential = ref_variant (self->server_credential);
      copy->proxy_credential = ref_variant (self->proxy_credential);
      copy->proxy = g_strdup (self->proxy);
      copy->ca_certificates = g_strdup (self->ca_certificates);
      copy->fingerprint = g_strdup (self->fingerprint);
    }
  set (copy, option, value);
  return normalize (copy);
}

/**
 * ferryd_peers_for_other_origin:
 * @self: (nullable): peers
 *
 * What was given for the URI's own origin goes to no other: behind a redirect, at a mirror. The way there is
 * the same.
 *
 * Returns: (transfer full) (nullable): what is left of @self
 */
FerrydPeers *
ferryd_peers_for_other_origin (const FerrydPeers *self)
{
  FerrydPeers *copy;

  if (self == NULL)
    return NULL;
  copy = peers_new ();
  copy->proxy_credential = ref_variant (self->proxy_credential);
  copy->proxy = g_strdup (self->proxy);
  return normalize (copy);
}

static gboolean
equal_variants (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

/**
 * ferryd_peers_equal:
 * @a: (nullable): peers
 * @b: (nullable): others
 *
 * Returns: whether connections made for the one may serve the other
 */
gboolean
ferryd_peers_equal (const FerrydPeers *a, const FerrydPeers *b)
{
  if (a == b)
    return TRUE;
  return a != NULL && b != NULL && equal_variants (a->server_credential, b->server_credential) &&
         equal_variants (a->proxy_credential, b->proxy_credential) && g_strcmp0 (a->proxy, b->proxy) == 0 &&
         g_strcmp0 (a->ca_certificates, b->ca_certificates) == 0 &&
         g_strcmp0 (a->fingerprint, b->fingerprint) == 0;
}
