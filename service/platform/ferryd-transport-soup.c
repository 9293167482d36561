/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-transport-soup.h"

#include <libsoup/soup.h>

#include "ferryd-soup-body.h"
#include "ferryd-soup-fetch.h"

/* Of reading bodies, below everything else in the I/O thread: commands, and what keeps connections going. */
#define BODY_PRIORITY 100

struct _FerrydTransportSoup
{
  GObject parent_instance;

  FerrydSocketPoll *poll;     /* (owned) */
  FerrydDeadlines *deadlines; /* (owned) */
  FerrydSessionPool *pool;    /* (owned) */
  guint8 *buffer;             /* (owned): FERRYD_BODY_BUFFER_SIZE bytes */
  GHashTable *silent_origins; /* (owned): as in @shared */
  GHashTable *fetches;        /* (owned): set of (owned) FerrydFetch */
  FerrydSoupShared shared;    /* the above, as the fetches see it */
};

static void ferryd_transport_soup_transport_init (FerrydTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydTransportSoup, ferryd_transport_soup, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_TRANSPORT,
                                                      ferryd_transport_soup_transport_init))

static FerrydFetch *
transport_soup_fetch (FerrydTransport *transport, const FerrydFetchRequest *request,
                      const FerrydFetchHandler *handler, gpointer user_data)
{
  return ferryd_soup_fetch_new (&FERRYD_TRANSPORT_SOUP (transport)->shared, request, handler, user_data);
}

static void
transport_soup_cancel (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_soup_fetch_forget (fetch);
}

static void
transport_soup_resume (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_soup_fetch_resume (fetch);
}

static void
transport_soup_release_last (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_soup_fetch_release_last (fetch);
}

static void
transport_soup_drop_connections (FerrydTransport *transport)
{
  ferryd_session_pool_drop (FERRYD_TRANSPORT_SOUP (transport)->pool);
}

static void
ferryd_transport_soup_finalize (GObject *object)
{
  FerrydTransportSoup *self = FERRYD_TRANSPORT_SOUP (object);
  g_autoptr (GList) fetches = g_hash_table_get_keys (self->fetches);

  for (GList *l = fetches; l != NULL; l = l->next)
    ferryd_soup_fetch_forget (l->data);
  g_hash_table_unref (self->fetches);
  g_hash_table_unref (self->silent_origins);
  ferryd_session_pool_free (self->pool);
  ferryd_deadlines_free (self->deadlines);
  ferryd_socket_poll_free (self->poll);
  g_free (self->buffer);
  G_OBJECT_CLASS (ferryd_transport_soup_parent_class)->finalize (object);
}

static void
ferryd_transport_soup_class_init (FerrydTransportSoupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_transport_soup_finalize;
}

static void
ferryd_transport_soup_transport_init (FerrydTransportInterface *iface)
{
  iface->fetch = transport_soup_fetch;
  iface->cancel = transport_soup_cancel;
  iface->resume = transport_soup_resume;
  iface->release_last = transport_soup_release_last;
  iface->drop_connections = transport_soup_drop_connections;
}

static void
ferryd_transport_soup_init (FerrydTransportSoup *self)
{
  self->buffer = g_malloc (FERRYD_BODY_BUFFER_SIZE);
  self->silent_origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->fetches = g_hash_table_new (NULL, NULL);
}

/**
 * ferryd_transport_soup_new:
 * @context: the main context of the I/O thread, the only one the transport is used in afterwards
 * @trust: (nullable): the certificate authorities to trust, NULL for the system's
 *
 * Returns: (transfer full): a transport for http and https
 */
FerrydTransport *
ferryd_transport_soup_new (GMainContext *context, GTlsDatabase *trust)
{
  FerrydTransportSoup *self = g_object_new (FERRYD_TYPE_TRANSPORT_SOUP, NULL);

  self->poll = ferryd_socket_poll_new (context, BODY_PRIORITY);
  self->deadlines = ferryd_deadlines_new (context);
  self->pool = ferryd_session_pool_new (self->deadlines, trust);
  self->shared = (FerrydSoupShared){
    .poll = self->poll,
    .deadlines = self->deadlines,
    .pool = self->pool,
    .buffer = self->buffer,
    .silent_origins = self->silent_origins,
    .fetches = self->fetches,
  };
  return FERRYD_TRANSPORT (self);
}

/**
 * ferryd_transport_soup_prepare_process:
 *
 * Keeps libsoup to HTTP/1.1, for which it only has a variable of the environment: with HTTP/2 it can hang for
 * ever and grow without bound below 3.7.1, and only a build that says so offers it from there on. To be
 * called in main(), before there are threads.
 */
void
ferryd_transport_soup_prepare_process (void)
{
  if (!FERRYD_HTTP2 || !soup_check_version (3, 7, 1))
    g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}
