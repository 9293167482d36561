/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-failure.h"

/* Bytes of a header section from which on libsoup refuses it (64 KiB, 100 KiB since 3.6). It reports that
 * with the code of a lost connection, so the size has to tell which it was. */
#define HEADER_BYTES_LIMIT (64 * 1024)

/* A status code without a meaning: what libsoup calls it is no name. */
#define UNKNOWN_STATUS 999

/* Seconds: the longest wait a server is granted. */
#define RETRY_AFTER_MAX (24 * 60 * 60)

/* Certificate faults, the one that decides first. */
static const struct
{
  GTlsCertificateFlags flags;
  FerryTransferError status;
  const char *what;
} certificate_faults[] = {
  { G_TLS_CERTIFICATE_REVOKED, FERRY_TRANSFER_ERROR_CERTIFICATE_REVOKED, "was revoked" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY, FERRY_TRANSFER_ERROR_CERTIFICATE_COMMON_NAME_IS_INCORRECT,
    "is for another host" },
  { G_TLS_CERTIFICATE_EXPIRED, FERRY_TRANSFER_ERROR_CERTIFICATE_EXPIRED, "has expired" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, FERRY_TRANSFER_ERROR_CERTIFICATE_EXPIRED, "is not valid yet" },
  { G_TLS_CERTIFICATE_UNKNOWN_CA, FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID,
    "is not signed by a trusted authority" },
};

/**
 * ferryd_http_failure_from_certificate:
 * @trouble: with what is wrong with the server's certificate
 *
 * Returns: (transfer full): what it means
 */
FerrydFailure *
ferryd_http_failure_from_certificate (const FerrydHttpTrouble *trouble)
{
  GTlsCertificateFlags errors = trouble->certificate_errors;

  if (trouble->pinned)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID, FERRYD_REMEDY_FINAL,
                               "The server's certificate is not the one with the fingerprint given");
  for (guint i = 0; i < G_N_ELEMENTS (certificate_faults); i++)
    {
      if ((errors & certificate_faults[i].flags) != 0)
        return ferryd_failure_new (certificate_faults[i].status, FERRYD_REMEDY_FINAL,
                                   "The server's certificate %s", certificate_faults[i].what);
    }
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS, FERRYD_REMEDY_FINAL,
                             "The server's certificate is not secure");
}

static FerrydFailure *
failure_from_lost_connection (const FerrydHttpTrouble *trouble)
{
  if (trouble->phase == FERRYD_HTTP_PHASE_BODY)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                               "The connection ended before the file did");
  /* Before a request is written, only a proxy is waited for an answer of. */
  if (trouble->phase == FERRYD_HTTP_PHASE_CONNECT)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY,
                               "The connection was closed before it was made");
  if (trouble->header_bytes >= HEADER_BYTES_LIMIT)
    return ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "its header section is too large");
  if (trouble->header_bytes > 0)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                               "The connection ended in the middle of the server's answer");
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CONNECTION_ABORTED,
                             trouble->fresh ? FERRYD_REMEDY_RETRY : FERRYD_REMEDY_AT_ONCE,
                             "The server closed the connection without an answer");
}

/* Codes of GIOErrorEnum, and what they mean to a request wherever it had come. */
static const struct
{
  int code;
  FerryTransferError status;
  const char *message;
} io_errors[] = {
  { G_IO_ERROR_HOST_NOT_FOUND, FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED,
    "The server's name could not be found" },
  { G_IO_ERROR_HOST_UNREACHABLE, FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE, "The server cannot be reached" },
  { G_IO_ERROR_NETWORK_UNREACHABLE, FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE,
    "The server's network cannot be reached" },
  { G_IO_ERROR_CONNECTION_REFUSED, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, "The server refuses connections" },
  { G_IO_ERROR_PROXY_FAILED, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, "The proxy could not connect" },
  { G_IO_ERROR_PROXY_NOT_ALLOWED, FERRY_TRANSFER_ERROR_CANNOT_CONNECT,
    "The proxy does not allow the connection" },
  { G_IO_ERROR_PROXY_AUTH_FAILED, FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    "The proxy does not accept the credential" },
  { G_IO_ERROR_PROXY_NEED_AUTH, FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    "The proxy needs a credential" },
  { G_IO_ERROR_TIMED_OUT, FERRY_TRANSFER_ERROR_TIMEOUT, "The server did not answer in time" },
  /* GLib's other name for it is G_IO_ERROR_CONNECTION_CLOSED. */
  { G_IO_ERROR_BROKEN_PIPE, FERRY_TRANSFER_ERROR_CONNECTION_RESET, "The connection was reset" },
};

static FerrydFailure *
failure_from_io_error (int code, const FerrydHttpTrouble *trouble)
{
  FerryTransferError status = trouble->phase == FERRYD_HTTP_PHASE_CONNECT
                                  ? FERRY_TRANSFER_ERROR_CANNOT_CONNECT
                                  : FERRY_TRANSFER_ERROR_DISCONNECTED;
  const char *message = trouble->phase == FERRYD_HTTP_PHASE_CONNECT ? "The connection could not be made"
                                                                    : "The connection failed";

  if (code == G_IO_ERROR_PARTIAL_INPUT)
    return failure_from_lost_connection (trouble);
  for (guint i = 0; i < G_N_ELEMENTS (io_errors); i++)
    {
      if (io_errors[i].code == code)
        {
          status = io_errors[i].status;
          message = io_errors[i].message;
        }
    }
  return ferryd_failure_new (status,
                             status == FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED
                                 ? FERRYD_REMEDY_FINAL
                                 : FERRYD_REMEDY_RETRY,
                             "%s", message);
}

/**
 * ferryd_http_failure_from_error:
 * @error: what libsoup or GIO failed with
 * @trouble: what else is known
 *
 * Its message never repeats that of @error, which may name addresses and come in the service's language.
 *
 * Returns: (transfer full): what it means
 */
FerrydFailure *
ferryd_http_failure_from_error (const GError *error, const FerrydHttpTrouble *trouble)
{
  if (trouble->certificate_errors != 0 || g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return ferryd_http_failure_from_certificate (trouble);
  if (error->domain == G_TLS_ERROR)
    {
      if (trouble->phase != FERRYD_HTTP_PHASE_CONNECT)
        return failure_from_lost_connection (trouble);
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS, FERRYD_REMEDY_RETRY,
                                 "No secure connection could be agreed on with the server");
    }
  if (error->domain == G_RESOLVER_ERROR)
    return failure_from_io_error (G_IO_ERROR_HOST_NOT_FOUND, trouble);
  if (g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING))
    return ferryd_http_failure_invalid (FERRYD_REMEDY_FINAL, "it does not say how its body ends");
  if (error->domain == SOUP_SESSION_ERROR)
    return ferryd_http_failure_invalid (trouble->fresh ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_AT_ONCE,
                                        "it is not HTTP");
  return failure_from_io_error (error->domain == G_IO_ERROR ? error->code : G_IO_ERROR_FAILED, trouble);
}

/**
 * ferryd_http_failure_from_tunnel:
 * @status: what a proxy answered to CONNECT
 *
 * Returns: (transfer full): what that means to the request that the tunnel was for
 */
FerrydFailure *
ferryd_http_failure_from_tunnel (guint status)
{
  /* Some say 401 to a wrong credential; nobody but the proxy has seen the request. */
  if (status == SOUP_STATUS_PROXY_UNAUTHORIZED || status == SOUP_STATUS_UNAUTHORIZED)
    return failure_from_io_error (G_IO_ERROR_PROXY_NEED_AUTH, &(FerrydHttpTrouble){ 0 });
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY,
                             "The proxy answered %u instead of connecting", status);
}

static FerrydRemedy
remedy_for_status (guint status, gboolean fresh)
{
  switch (status)
    {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return FERRYD_REMEDY_RETRY;
    case 421:
      /* RFC 9110 section 15.5.20: another connection may do. */
      return fresh ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_AT_ONCE;
    default:
      return FERRYD_REMEDY_FINAL;
    }
}

/**
 * ferryd_http_failure_from_status:
 * @status: status code of a final response that is a failure
 * @headers: its headers
 * @fresh: the request had a connection of its own
 *
 * Returns: (transfer full): what it means; without a body
 */
FerrydFailure *
ferryd_http_failure_from_status (guint status, SoupMessageHeaders *headers, gboolean fresh)
{
  const char *phrase = soup_status_get_phrase (status);
  gboolean is_known = !g_str_equal (phrase, soup_status_get_phrase (UNKNOWN_STATUS));
  FerrydFailure *failure =
      ferryd_failure_new (ferry_transfer_error_from_http (status), remedy_for_status (status, fresh),
                          "The server answered %u%s%s%s", status, is_known ? " (" : "",
                          is_known ? phrase : "", is_known ? ")" : "");

  failure->retry_after = ferryd_http_get_retry_after (headers);
  /* RFC 9110 section 15.5.14: too large only for now. */
  if (status == 413 && failure->retry_after >= 0)
    failure->remedy = FERRYD_REMEDY_RETRY;
  return failure;
}

/**
 * ferryd_http_failure_timeout:
 * @phase: what took too long
 *
 * Returns: (transfer full): the failure that is
 */
FerrydFailure *
ferryd_http_failure_timeout (FerrydHttpPhase phase)
{
  static const char *const messages[] = {
    [FERRYD_HTTP_PHASE_CONNECT] = "Connecting to the server took too long",
    [FERRYD_HTTP_PHASE_SEND] = "The server stopped receiving",
    [FERRYD_HTTP_PHASE_RESPONSE] = "The server did not answer in time",
    [FERRYD_HTTP_PHASE_BODY] = "The server stopped sending",
  };

  return ferryd_failure_new (FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY, "%s", messages[phase]);
}

/**
 * ferryd_http_failure_invalid:
 * @remedy: what helps
 * @what: what is wrong with the response, as half a sentence
 *
 * Returns: (transfer full): the failure of a response that is not to be used
 */
FerrydFailure *
ferryd_http_failure_invalid (FerrydRemedy remedy, const char *what)
{
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE, remedy,
                             "The server's answer cannot be used: %s", what);
}

/**
 * ferryd_http_failure_short:
 * @received: bytes of a body
 * @length: bytes it was to have
 *
 * Returns: (transfer full): the failure of a body that ended early
 */
FerrydFailure *
ferryd_http_failure_short (gint64 received, gint64 length)
{
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY,
                             "The server sent %" G_GINT64_FORMAT " bytes of %" G_GINT64_FORMAT, received,
                             length);
}

/**
 * ferryd_http_get_retry_after:
 * @headers: a response's
 *
 * Reads Retry-After (RFC 9110 section 10.2.3). A date counts from the response's own Date, so that neither
 * side's clock has to be right.
 *
 * Returns: microseconds to wait, at most a day; -1 when there is none or it makes no sense
 */
gint64
ferryd_http_get_retry_after (SoupMessageHeaders *headers)
{
  const char *value = soup_message_headers_get_one (headers, "Retry-After");
  const char *date = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) then = NULL;
  g_autoptr (GDateTime) base = NULL;
  guint64 seconds;
  gint64 wait;

  if (value == NULL)
    return -1;
  if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT32, &seconds, NULL))
    return (gint64) MIN (seconds, RETRY_AFTER_MAX) * G_USEC_PER_SEC;
  if (g_ascii_isdigit (*value))
    return -1;
  then = soup_date_time_new_from_http_string (value);
  if (then == NULL)
    return -1;
  base = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  if (base == NULL)
    base = g_date_time_new_now_utc ();
  wait = g_date_time_difference (then, base);
  return CLAMP (wait, 0, (gint64) RETRY_AFTER_MAX * G_USEC_PER_SEC);
}
