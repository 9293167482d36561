/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transport-curl.h"

#include "ferryd-curl-fetch.h"
#include "ferryd-curl-job.h"

/* Microseconds granted at the end to threads whose connections are closed already: one that waits for a name
 * server is left behind. */
#define LAST_WAIT (2 * G_USEC_PER_SEC)

struct _FerrydTransportCurl
{
  GObject parent_instance;

  FerrydDeadlines *deadlines; /* (owned) */
  GHashTable *fetches;        /* (owned): set of (owned) FerrydFetch */
  FerrydCurlShared shared;    /* the above, as the fetches see it */
};

static void ferryd_transport_curl_transport_init (FerrydTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydTransportCurl, ferryd_transport_curl, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_TRANSPORT,
                                                      ferryd_transport_curl_transport_init))

static FerrydFetch *
transport_curl_fetch (FerrydTransport *transport, const FerrydFetchRequest *request,
                      const FerrydFetchHandler *handler, gpointer user_data)
{
  return ferryd_curl_fetch_new (&FERRYD_TRANSPORT_CURL (transport)->shared, request, handler, user_data);
}

static void
transport_curl_cancel (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_curl_fetch_forget (fetch);
}

static void
transport_curl_resume (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_curl_fetch_resume (fetch);
}

/* Nothing is sent along with FTP. */
static void
transport_curl_release_last (FerrydTransport *transport, FerrydFetch *fetch)
{
}

/* Each fetch has connections of its own, and none is kept. */
static void
transport_curl_drop_connections (FerrydTransport *transport)
{
}

static void
ferryd_transport_curl_finalize (GObject *object)
{
  FerrydTransportCurl *self = FERRYD_TRANSPORT_CURL (object);
  g_autoptr (GList) fetches = g_hash_table_get_keys (self->fetches);

  for (GList *l = fetches; l != NULL; l = l->next)
    ferryd_curl_fetch_forget (l->data);
  ferryd_curl_job_wait_for_all (LAST_WAIT);
  g_hash_table_unref (self->fetches);
  ferryd_deadlines_free (self->deadlines);
  G_OBJECT_CLASS (ferryd_transport_curl_parent_class)->finalize (object);
}

static void
ferryd_transport_curl_class_init (FerrydTransportCurlClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_transport_curl_finalize;
}

static void
ferryd_transport_curl_transport_init (FerrydTransportInterface *iface)
{
  iface->fetch = transport_curl_fetch;
  iface->cancel = transport_curl_cancel;
  iface->resume = transport_curl_resume;
  iface->release_last = transport_curl_release_last;
  iface->drop_connections = transport_curl_drop_connections;
}

static void
ferryd_transport_curl_init (FerrydTransportCurl *self)
{
  self->fetches = g_hash_table_new (NULL, NULL);
}

/**
 * ferryd_transport_curl_new:
 * @context: (transfer none): the main context of the I/O thread, the only one the transport is used in
 *   afterwards; outlives it
 *
 * Costs nothing until something is fetched: only then libcurl is loaded.
 *
 * Returns: (transfer full): a transport for ftp
 */
FerrydTransportCurl *
ferryd_transport_curl_new (GMainContext *context)
{
  FerrydTransportCurl *self = g_object_new (FERRYD_TYPE_TRANSPORT_CURL, NULL);

  self->deadlines = ferryd_deadlines_new (context);
  self->shared = (FerrydCurlShared){
    .context = context,
    .deadlines = self->deadlines,
    .fetches = self->fetches,
  };
  return self;
}

/**
 * ferryd_transport_curl_has:
 * @self: a transport
 * @fetch: a fetch of any transport's that has not ended
 *
 * Returns: whether it is one of @self
 */
gboolean
ferryd_transport_curl_has (FerrydTransportCurl *self, const FerrydFetch *fetch)
{
  return g_hash_table_contains (self->fetches, fetch);
}
