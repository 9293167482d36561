/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-curl-setup.h"

#include <string.h>
#include <unistd.h>

#include "ferryd-memory-file.h"

/* The file of GnuTLS's own that https goes by. curl would take the folder it is in: the same authorities,
 * file by file, which costs ten times as much, and that for every connection. */
#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

/* Servers want the data connection to resume the session of the control connection, to know that it is the
 * same client's. curl with GnuTLS keeps no session of TLS 1.3 for that. */
#define TLS_VERSION ((long) (CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2))

/**
 * ferryd_curl_order_init:
 * @order: (out caller-allocates): what is asked, for another thread
 * @request: what is asked
 */
void
ferryd_curl_order_init (FerrydCurlOrder *order, const FerrydFetchRequest *request)
{
  order->uri = g_strdup (request->uri);
  order->peers = ferryd_peers_ref (request->peers);
  order->proxies = ferryd_proxy_resolver_new (request->peers);
  order->connect_timeout = request->connect_timeout;
  order->response_timeout = request->response_timeout;
  order->authorities = -1;
}

/**
 * ferryd_curl_order_clear:
 * @order: an order
 *
 * Frees what it owns.
 */
void
ferryd_curl_order_clear (FerrydCurlOrder *order)
{
  if (order->authorities >= 0)
    close (order->authorities);
  g_free (order->uri);
  ferryd_peers_unref (order->peers);
  g_object_unref (order->proxies);
}

/**
 * ferryd_curl_order_find_proxies:
 * @order: an order
 * @cancellable: for who does not want to know it any more
 *
 * Blocks: a session's may come from a script that is fetched.
 *
 * Returns: (transfer full) (nullable): the ways to the server, to be tried one after the other; %NULL where
 *   they cannot be found out
 */
char **
ferryd_curl_order_find_proxies (const FerrydCurlOrder *order, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  char **proxies =
      g_proxy_resolver_lookup (G_PROXY_RESOLVER (order->proxies), order->uri, cancellable, &error);

  if (proxies == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("The proxy for an ftp server cannot be found out: %s", error->message);
  return proxies;
}

/**
 * ferryd_curl_proxy_for:
 * @proxy: a proxy's URI, as GIO has it
 *
 * GIO has the proxy look up the server's name with every socks5, and curl is told so.
 *
 * Returns: (transfer full): the same for curl; empty for none
 */
char *
ferryd_curl_proxy_for (const char *proxy)
{
  static const char socks5[] = "socks5://";

  if (g_str_has_prefix (proxy, "direct:"))
    return g_strdup ("");
  if (g_str_has_prefix (proxy, socks5))
    return g_strconcat ("socks5h://", proxy + strlen (socks5), NULL);
  return g_strdup (proxy);
}

static gboolean
has_control (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        return TRUE;
    }
  return FALSE;
}

/* A line of FTP's control connection must not become two. */
static CURLcode
set_credential (const FerrydCurlLibrary *library, CURL *easy, GVariant *credential)
{
  const char *user;
  const char *password;

  if (credential == NULL)
    return CURLE_OK;
  g_variant_get (credential, "(&s&s)", &user, &password);
  if (has_control (user) || has_control (password))
    return CURLE_LOGIN_DENIED;
  library->curl_easy_setopt (easy, CURLOPT_USERNAME, user);
  return library->curl_easy_setopt (easy, CURLOPT_PASSWORD, password);
}

/* Whom to trust. curl reads authorities from one file only, so the system's and the operation's are put into
 * one. */
static CURLcode
set_authorities (const FerrydCurlLibrary *library, CURL *easy, FerrydCurlOrder *order)
{
  const char *system = g_file_test (SYSTEM_AUTHORITIES, G_FILE_TEST_EXISTS) ? SYSTEM_AUTHORITIES : NULL;
  g_autofree char *trusted = NULL;
  g_autofree char *path = NULL;

  if (system != NULL)
    library->curl_easy_setopt (easy, CURLOPT_CAPATH, NULL);
  if (order->peers == NULL || order->peers->ca_certificates == NULL)
    return system != NULL ? library->curl_easy_setopt (easy, CURLOPT_CAINFO, system) : CURLE_OK;
  if (order->authorities < 0)
    {
      if (system != NULL && !g_file_get_contents (system, &trusted, NULL, NULL))
        return CURLE_SSL_CACERT_BADFILE;
      order->authorities = ferryd_memory_file_new (
          "ferry-authorities", (const char *const[]){ order->peers->ca_certificates, "\n", trusted, NULL });
    }
  if (order->authorities < 0)
    return CURLE_SSL_CACERT_BADFILE;
  path = ferryd_memory_file_get_path (order->authorities);
  return library->curl_easy_setopt (easy, CURLOPT_CAINFO, path);
}

/* No less than for https, where the server offers TLS at all. Authorities say that it has to. */
static CURLcode
set_trust (const FerrydCurlLibrary *library, CURL *easy, FerrydCurlOrder *order)
{
  gboolean matters = order->peers != NULL && order->peers->ca_certificates != NULL;

  library->curl_easy_setopt (easy, CURLOPT_USE_SSL, (long) (matters ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  library->curl_easy_setopt (easy, CURLOPT_SSLVERSION, TLS_VERSION);
  library->curl_easy_setopt (easy, CURLOPT_SSL_VERIFYPEER, 1L);
  library->curl_easy_setopt (easy, CURLOPT_SSL_VERIFYHOST, 2L);
  return set_authorities (library, easy, order);
}

static CURLcode
set_proxy (const FerrydCurlLibrary *library, CURL *easy, const FerrydCurlOrder *order, const char *uri)
{
  g_autofree char *proxy = ferryd_curl_proxy_for (uri);
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  g_autofree char *authority = NULL;
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;

  library->curl_easy_setopt (easy, CURLOPT_NOPROXY, "");
  /* FTP goes through an HTTP proxy's tunnels, and does not become HTTP. */
  library->curl_easy_setopt (easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  library->curl_easy_setopt (easy, CURLOPT_PROXYAUTH, (long) (CURLAUTH_BASIC | CURLAUTH_DIGEST));
  /* Other proxies have their credential in the URI by now. */
  if (parsed != NULL && g_str_equal (g_uri_get_scheme (parsed), "http"))
    {
      authority = g_strdup_printf ("%s:%d", g_uri_get_host (parsed), g_uri_get_port (parsed));
      if (ferryd_proxy_resolver_find_credential (order->proxies, authority, &user, &password))
        {
          library->curl_easy_setopt (easy, CURLOPT_PROXYUSERNAME, user);
          library->curl_easy_setopt (easy, CURLOPT_PROXYPASSWORD, password);
        }
    }
  return library->curl_easy_setopt (easy, CURLOPT_PROXY, proxy);
}

/**
 * ferryd_curl_set_up:
 * @library: libcurl
 * @easy: a new transfer
 * @order: what it is to be like
 * @proxy: one of the ways to the server
 *
 * Nothing is shared with other transfers: no connection, no TLS session, no address.
 *
 * Returns: why that is not possible, or %CURLE_OK
 */
CURLcode
ferryd_curl_set_up (const FerrydCurlLibrary *library, CURL *easy, FerrydCurlOrder *order, const char *proxy)
{
  CURLcode code;

  library->curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  library->curl_easy_setopt (easy, CURLOPT_FAILONERROR, 1L);
  library->curl_easy_setopt (easy, CURLOPT_FILETIME, 1L);
  library->curl_easy_setopt (easy, CURLOPT_FTP_SKIP_PASV_IP, 1L);
  /* The control connection is silent while a file comes, and gateways forget silent ones. */
  library->curl_easy_setopt (easy, CURLOPT_TCP_KEEPALIVE, 1L);
  library->curl_easy_setopt (easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  library->curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT_MS, (long) order->connect_timeout);
  library->curl_easy_setopt (easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                             (long) MAX (order->response_timeout / 1000, 1));
  code = library->curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "ftp");
  if (code == CURLE_OK)
    code = library->curl_easy_setopt (easy, CURLOPT_URL, order->uri);
  if (code == CURLE_OK)
    code = set_proxy (library, easy, order, proxy);
  if (code == CURLE_OK)
    code = set_trust (library, easy, order);
  if (code != CURLE_OK || order->peers == NULL)
    return code;
  return set_credential (library, easy, order->peers->server_credential);
}
