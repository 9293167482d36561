/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-curl-failure.h"

#include <errno.h>

#include "ferryd-http-failure.h"

/* GnuTLS's bits of what is wrong with a certificate (gnutls_certificate_status_t), which are part of its
 * binary interface, and GIO's names for them. */
static const struct
{
  long bit;
  GTlsCertificateFlags flag;
} certificate_bits[] = {
  { 1 << 5, G_TLS_CERTIFICATE_REVOKED },       { 1 << 6, G_TLS_CERTIFICATE_UNKNOWN_CA },
  { 1 << 7, G_TLS_CERTIFICATE_UNKNOWN_CA },    { 1 << 8, G_TLS_CERTIFICATE_INSECURE },
  { 1 << 9, G_TLS_CERTIFICATE_NOT_ACTIVATED }, { 1 << 10, G_TLS_CERTIFICATE_EXPIRED },
  { 1 << 14, G_TLS_CERTIFICATE_BAD_IDENTITY },
};

static FerrydFailure *
from_certificate (long certificate)
{
  FerrydHttpTrouble trouble = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (certificate_bits); i++)
    {
      if ((certificate & certificate_bits[i].bit) != 0)
        trouble.certificate_errors |= certificate_bits[i].flag;
    }
  if (certificate == 0)
    trouble.certificate_errors = G_TLS_CERTIFICATE_BAD_IDENTITY;
  return ferryd_http_failure_from_certificate (&trouble);
}

static gboolean
is_unreachable (long os_error)
{
  return os_error == ENETUNREACH || os_error == EHOSTUNREACH;
}

static gboolean
is_for_now (long reply)
{
  return reply >= 400 && reply < 500;
}

/* What a server's own words mean, beside that something was refused. */
static FerrydFailure *
from_reply (const FerrydCurlTrouble *trouble)
{
  if (is_for_now (trouble->reply))
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY,
                               "The server answered %ld: not now", trouble->reply);
  switch (trouble->code)
    {
    case CURLE_LOGIN_DENIED:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_UNAUTHORIZED, FERRYD_REMEDY_FINAL,
                                 "The server does not accept the user and password");
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_FTP_COULDNT_RETR_FILE:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL,
                                 "The server answered %ld: there is no such file for this user",
                                 trouble->reply);
    default:
      return ferryd_http_failure_invalid (FERRYD_REMEDY_RETRY, "it is not what FTP has for that");
    }
}

static FerrydFailure *
from_lost_connection (const FerrydCurlTrouble *trouble)
{
  if (trouble->os_error == ECONNRESET)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRYD_REMEDY_RETRY,
                               "The connection was reset");
  return trouble->in_body ? ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                                                "The connection ended before the file did")
                          : ferryd_failure_new (FERRY_TRANSFER_ERROR_CONNECTION_ABORTED, FERRYD_REMEDY_RETRY,
                                                "The server closed the connection before it sent the file");
}

static gboolean
wants_credential (long proxy)
{
  return proxy == CURLPX_USER_REJECTED || proxy == CURLPX_NO_AUTH;
}

static FerrydFailure *
from_connecting (const FerrydCurlTrouble *trouble)
{
  if (wants_credential (trouble->proxy))
    return ferryd_http_failure_from_tunnel (SOUP_STATUS_PROXY_UNAUTHORIZED);
  if (is_unreachable (trouble->os_error))
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE, FERRYD_REMEDY_RETRY,
                               "The %s cannot be reached", trouble->through_proxy ? "proxy" : "server");
  if (trouble->proxy != CURLPX_OK)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY,
                               "The proxy could not connect");
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY,
                             "The %s refuses connections", trouble->through_proxy ? "proxy" : "server");
}

/**
 * ferryd_curl_failure_new:
 * @trouble: a transfer that failed
 *
 * Its message never repeats what the server said, which may be anything.
 *
 * Returns: (transfer full): what it means
 */
FerrydFailure *
ferryd_curl_failure_new (const FerrydCurlTrouble *trouble)
{
  if (trouble->tunnel >= 300)
    return ferryd_http_failure_from_tunnel ((guint) trouble->tunnel);
  switch (trouble->code)
    {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_FINAL,
                                 "The address is not one that can be asked");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED, FERRYD_REMEDY_RETRY,
                                 "The server's name could not be found");
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return from_connecting (trouble);
    case CURLE_OPERATION_TIMEDOUT:
      return ferryd_http_failure_timeout (trouble->in_body ? FERRYD_HTTP_PHASE_BODY
                                                           : FERRYD_HTTP_PHASE_RESPONSE);
    case CURLE_PEER_FAILED_VERIFICATION:
      return from_certificate (trouble->certificate);
    case CURLE_SSL_CACERT_BADFILE:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID, FERRYD_REMEDY_FINAL,
                                 "The certificates to be trusted cannot be read");
    case CURLE_USE_SSL_FAILED:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID, FERRYD_REMEDY_FINAL,
                                 "The server offers no secure connection, and its certificate matters");
    case CURLE_SSL_CONNECT_ERROR:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS, FERRYD_REMEDY_RETRY,
                                 "No secure connection could be agreed on with the server");
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_FTP_COULDNT_RETR_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_FTP_WEIRD_PASS_REPLY:
    case CURLE_FTP_WEIRD_PASV_REPLY:
    case CURLE_FTP_WEIRD_227_FORMAT:
    case CURLE_FTP_CANT_GET_HOST:
    case CURLE_FTP_COULDNT_SET_TYPE:
      return from_reply (trouble);
    default:
      return from_lost_connection (trouble);
    }
}
