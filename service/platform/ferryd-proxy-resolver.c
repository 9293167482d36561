/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-proxy-resolver.h"

#include <string.h>

#define URI_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_SCHEME_NORMALIZE)

/* Schemes of proxies, and what their ports are where the URI does not say: those of the protocols, as
 * everywhere. */
static const struct
{
  const char *scheme;
  const char *protocol; /* GIO's name for it */
  int port;
} protocols[] = {
  { "http", "http", 80 },
  { "https", "https", 443 },
  { "socks", "socks5", 1080 },
  { "socks4", "socks4", 1080 },
  { "socks4a", "socks4a", 1080 },
  { "socks5", "socks5", 1080 },
  /* The name is looked up by the proxy, which GIO does with every socks5. */
  { "socks5h", "socks5", 1080 },
};

struct _FerrydProxyResolver
{
  GObject parent_instance;

  GProxyResolver *base; /* (owned): who knows the proxies */
  GVariant *credential; /* (owned) (nullable): (ss), for all of them */
  GHashTable *found;    /* (owned): `host:port` of HTTP proxies to (owned) (ss) that stood in their URI */
};

static void ferryd_proxy_resolver_interface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydProxyResolver, ferryd_proxy_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      ferryd_proxy_resolver_interface_init))

static void
set_from_variant (GVariant *credential, char **user, char **password)
{
  g_variant_get (credential, "(ss)", user, password);
}

/* (transfer full) (nullable): what goes to GIO instead of @proxy; NULL leaves it as it is. */
static char *
rewrite (FerrydProxyResolver *self, const char *proxy)
{
  g_autoptr (GUri) uri = g_uri_parse (proxy, URI_FLAGS, NULL);
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;
  int port;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      if (!g_str_equal (protocols[i].scheme, g_uri_get_scheme (uri)))
        continue;
      port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : protocols[i].port;
      user = g_strdup (g_uri_get_user (uri));
      password = g_strdup (g_uri_get_password (uri));
      /* libsoup speaks HTTP with a proxy itself: in its URI a credential makes libsoup ask for that URI, so
       * it is given when the proxy asks for it. */
      if (g_str_equal (protocols[i].scheme, "http"))
        {
          if (user != NULL)
            g_hash_table_replace (
                self->found, g_strdup_printf ("%s:%d", g_uri_get_host (uri), port),
                g_variant_ref_sink (g_variant_new ("(ss)", user, password != NULL ? password : "")));
          return g_uri_join (URI_FLAGS, "http", NULL, g_uri_get_host (uri), port, "", NULL, NULL);
        }
      if (user == NULL && self->credential != NULL)
        set_from_variant (self->credential, &user, &password);
      return g_uri_join_with_user (URI_FLAGS, protocols[i].protocol, user, password, NULL,
                                   g_uri_get_host (uri), port, "", NULL, NULL);
    }
  return NULL;
}

static char **
rewrite_all (FerrydProxyResolver *self, char **proxies)
{
  for (guint i = 0; proxies != NULL && proxies[i] != NULL; i++)
    {
      char *changed = rewrite (self, proxies[i]);

      if (changed == NULL)
        continue;
      g_free (proxies[i]);
      proxies[i] = changed;
    }
  return proxies;
}

static gboolean
resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
resolver_lookup (GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GError **error)
{
  FerrydProxyResolver *self = FERRYD_PROXY_RESOLVER (resolver);

  return rewrite_all (self, g_proxy_resolver_lookup (self->base, uri, cancellable, error));
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char **proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, rewrite_all (g_task_get_source_object (task), proxies),
                           (GDestroyNotify) g_strfreev);
}

static void
resolver_lookup_async (GProxyResolver *resolver, const char *uri, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydProxyResolver *self = FERRYD_PROXY_RESOLVER (resolver);
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_set_source_tag (task, resolver_lookup_async);
  g_proxy_resolver_lookup_async (self->base, uri, cancellable, on_found, task);
}

static char **
resolver_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_proxy_resolver_interface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = resolver_is_supported;
  iface->lookup = resolver_lookup;
  iface->lookup_async = resolver_lookup_async;
  iface->lookup_finish = resolver_lookup_finish;
}

static void
ferryd_proxy_resolver_finalize (GObject *object)
{
  FerrydProxyResolver *self = FERRYD_PROXY_RESOLVER (object);

  g_clear_object (&self->base);
  g_clear_pointer (&self->credential, g_variant_unref);
  g_hash_table_unref (self->found);
  G_OBJECT_CLASS (ferryd_proxy_resolver_parent_class)->finalize (object);
}

static void
ferryd_proxy_resolver_class_init (FerrydProxyResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_proxy_resolver_finalize;
}

static void
ferryd_proxy_resolver_init (FerrydProxyResolver *self)
{
  self->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
}

/**
 * ferryd_proxy_resolver_new:
 * @peers: (nullable): an operation's proxy and the credential for proxies
 *
 * Which proxies lead to a server: the operation's own, else those of the session, which are asked anew for
 * every connection. Nobody waits for them in a call: a session's may come from a script that is fetched.
 *
 * Returns: (transfer full): a resolver for one session
 */
FerrydProxyResolver *
ferryd_proxy_resolver_new (const FerrydPeers *peers)
{
  FerrydProxyResolver *self = g_object_new (FERRYD_TYPE_PROXY_RESOLVER, NULL);

  if (peers != NULL && peers->proxy_credential != NULL)
    self->credential = g_variant_ref (peers->proxy_credential);
  if (peers != NULL && peers->proxy != NULL)
    self->base = g_simple_proxy_resolver_new (peers->proxy, NULL);
  else
    self->base = g_object_ref (g_proxy_resolver_get_default ());
  return self;
}

/**
 * ferryd_proxy_resolver_find_credential:
 * @self: a resolver
 * @authority: `host:port` of a proxy that asks for one
 * @user: (out) (transfer full): for it
 * @password: (out) (transfer full): for it
 *
 * Returns: whether there is one: the operation's, or the one the session's settings have for this proxy
 */
gboolean
ferryd_proxy_resolver_find_credential (FerrydProxyResolver *self, const char *authority, char **user,
                                       char **password)
{
  GVariant *credential = self->credential;

  if (credential == NULL)
    credential = g_hash_table_lookup (self->found, authority);
  if (credential == NULL)
    return FALSE;
  set_from_variant (credential, user, password);
  return TRUE;
}
