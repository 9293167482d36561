/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transport.h"

G_DEFINE_INTERFACE (FerrydTransport, ferryd_transport, G_TYPE_OBJECT)

static void
ferryd_transport_default_init (FerrydTransportInterface *iface)
{
}

/**
 * ferryd_transport_fetch:
 * @self: a transport
 * @request: what to ask for; borrowed for the call
 * @handler: where to report to; borrowed for the call
 * @user_data: for @handler's functions
 *
 * Begins an exchange. Whatever is wrong with it is told by `ended`, never from inside this call.
 *
 * Returns: (transfer none): the exchange, good until `ended` has been called or it was canceled
 */
FerrydFetch *
ferryd_transport_fetch (FerrydTransport *self, const FerrydFetchRequest *request,
                        const FerrydFetchHandler *handler, gpointer user_data)
{
  return FERRYD_TRANSPORT_GET_IFACE (self)->fetch (self, request, handler, user_data);
}

/**
 * ferryd_transport_cancel:
 * @self: a transport
 * @fetch: one of its exchanges that has not ended
 *
 * Forgets @fetch: closes its connection and calls none of its handlers any more. May be called from inside
 * them.
 */
void
ferryd_transport_cancel (FerrydTransport *self, FerrydFetch *fetch)
{
  FERRYD_TRANSPORT_GET_IFACE (self)->cancel (self, fetch);
}

/**
 * ferryd_transport_resume:
 * @self: a transport
 * @fetch: one of its exchanges, whose handler answered %FERRYD_FLOW_HOLD
 *
 * Goes on delivering. Nothing is delivered from inside this call.
 */
void
ferryd_transport_resume (FerrydTransport *self, FerrydFetch *fetch)
{
  FERRYD_TRANSPORT_GET_IFACE (self)->resume (self, fetch);
}

/**
 * ferryd_transport_release_last:
 * @self: a transport
 * @fetch: one of its exchanges, that was begun with `hold_last`
 *
 * What the last bytes of the entity waited for is done. Once is enough, however often they are sent.
 */
void
ferryd_transport_release_last (FerrydTransport *self, FerrydFetch *fetch)
{
  FERRYD_TRANSPORT_GET_IFACE (self)->release_last (self, fetch);
}

/**
 * ferryd_transport_drop_connections:
 * @self: a transport
 *
 * Closes every idle connection; those in use serve what they are serving and are closed after it.
 */
void
ferryd_transport_drop_connections (FerrydTransport *self)
{
  FERRYD_TRANSPORT_GET_IFACE (self)->drop_connections (self);
}

/**
 * ferryd_transport_new_response:
 * @status: status code, 0 for a protocol that has none
 * @uri: where it came from, after redirects
 * @headers: a(ss), one pair per field line
 * @resumable: a later part may be asked for
 *
 * Whether its end was proven is known at the end only: until then it is not.
 *
 * Returns: (transfer full) (nullable): the Response property, a{sv}; %NULL where it stays empty
 */
GVariant *
ferryd_transport_new_response (guint status, const char *uri, GVariant *headers, gboolean resumable)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  if (status == 0)
    return NULL;
  g_variant_dict_insert (&dict, "status", "u", status);
  g_variant_dict_insert (&dict, "uri", "s", uri);
  g_variant_dict_insert_value (&dict, "headers", headers);
  g_variant_dict_insert (&dict, "resumable", "b", resumable);
  g_variant_dict_insert (&dict, "complete-proved", "b", FALSE);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
