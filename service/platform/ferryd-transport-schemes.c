/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transport-schemes.h"

struct _FerrydTransportSchemes
{
  GObject parent_instance;

  FerrydTransport *http;    /* (owned): for http and https */
  FerrydTransportCurl *ftp; /* (owned) */
};

static void ferryd_transport_schemes_transport_init (FerrydTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydTransportSchemes, ferryd_transport_schemes, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_TRANSPORT,
                                                      ferryd_transport_schemes_transport_init))

/* Whose fetch it is. */
static FerrydTransport *
find_owner (FerrydTransport *transport, const FerrydFetch *fetch)
{
  FerrydTransportSchemes *self = FERRYD_TRANSPORT_SCHEMES (transport);

  return ferryd_transport_curl_has (self->ftp, fetch) ? FERRYD_TRANSPORT (self->ftp) : self->http;
}

static FerrydFetch *
transport_schemes_fetch (FerrydTransport *transport, const FerrydFetchRequest *request,
                         const FerrydFetchHandler *handler, gpointer user_data)
{
  FerrydTransportSchemes *self = FERRYD_TRANSPORT_SCHEMES (transport);
  gboolean is_ftp = g_ascii_strncasecmp (request->uri, "ftp:", 4) == 0;

  return ferryd_transport_fetch (is_ftp ? FERRYD_TRANSPORT (self->ftp) : self->http, request, handler,
                                 user_data);
}

static void
transport_schemes_cancel (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_transport_cancel (find_owner (transport, fetch), fetch);
}

static void
transport_schemes_resume (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_transport_resume (find_owner (transport, fetch), fetch);
}

static void
transport_schemes_release_last (FerrydTransport *transport, FerrydFetch *fetch)
{
  ferryd_transport_release_last (find_owner (transport, fetch), fetch);
}

static void
transport_schemes_drop_connections (FerrydTransport *transport)
{
  FerrydTransportSchemes *self = FERRYD_TRANSPORT_SCHEMES (transport);

  ferryd_transport_drop_connections (self->http);
  ferryd_transport_drop_connections (FERRYD_TRANSPORT (self->ftp));
}

static void
ferryd_transport_schemes_finalize (GObject *object)
{
  FerrydTransportSchemes *self = FERRYD_TRANSPORT_SCHEMES (object);

  g_object_unref (self->ftp);
  g_object_unref (self->http);
  G_OBJECT_CLASS (ferryd_transport_schemes_parent_class)->finalize (object);
}

static void
ferryd_transport_schemes_class_init (FerrydTransportSchemesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_transport_schemes_finalize;
}

static void
ferryd_transport_schemes_transport_init (FerrydTransportInterface *iface)
{
  iface->fetch = transport_schemes_fetch;
  iface->cancel = transport_schemes_cancel;
  iface->resume = transport_schemes_resume;
  iface->release_last = transport_schemes_release_last;
  iface->drop_connections = transport_schemes_drop_connections;
}

static void
ferryd_transport_schemes_init (FerrydTransportSchemes *self)
{
}

/**
 * ferryd_transport_schemes_new:
 * @http: (transfer full): a transport for http and https
 * @ftp: (transfer full): one for ftp
 *
 * Returns: (transfer full): a transport for all of them, by the scheme of what is asked
 */
FerrydTransport *
ferryd_transport_schemes_new (FerrydTransport *http, FerrydTransportCurl *ftp)
{
  FerrydTransportSchemes *self = g_object_new (FERRYD_TYPE_TRANSPORT_SCHEMES, NULL);

  self->http = http;
  self->ftp = ftp;
  return FERRYD_TRANSPORT (self);
}
