/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-curl-library.h"
#include "ferryd-proxy-resolver.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydCurlOrder:
 * @uri: (owned): ftp, without user information
 * @peers: (owned) (nullable): credentials and trust
 * @proxies: (owned): who knows the ways to the server
 * @connect_timeout: milliseconds
 * @response_timeout: milliseconds
 * @authorities: the file with all authorities that are to be trusted, -1 for the system's
 *
 * What a transfer is to be like, beside which bytes are wanted.
 */
typedef struct
{
  char *uri;
  FerrydPeers *peers;
  FerrydProxyResolver *proxies;
  guint connect_timeout;
  guint response_timeout;
  int authorities;
} FerrydCurlOrder;

void ferryd_curl_order_init (FerrydCurlOrder *order, const FerrydFetchRequest *request);
void ferryd_curl_order_clear (FerrydCurlOrder *order);
char **ferryd_curl_order_find_proxies (const FerrydCurlOrder *order, GCancellable *cancellable);
CURLcode ferryd_curl_set_up (const FerrydCurlLibrary *library, CURL *easy, FerrydCurlOrder *order,
                             const char *proxy);
char *ferryd_curl_proxy_for (const char *proxy);

G_END_DECLS
