/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>

#include "ferryd-curl-failure.h"
#include "ferryd-curl-job.h"
#include "ferryd-curl-setup.h"

/* GnuTLS's bits: invalid, and why. */
#define INVALID 2
#define SIGNER_NOT_FOUND 64
#define EXPIRED 1024

/* What curl and the server say, and what it means. */
static void
test_failures (void)
{
  static const struct
  {
    FerrydCurlTrouble trouble;
    FerryTransferError status;
    FerrydRemedy remedy;
  } rows[] = {
    { { CURLE_LOGIN_DENIED, 530 }, FERRY_TRANSFER_ERROR_UNAUTHORIZED, FERRYD_REMEDY_FINAL },
    { { CURLE_LOGIN_DENIED, 421 }, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY },
    { { CURLE_WEIRD_SERVER_REPLY, 421 }, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY },
    { { CURLE_WEIRD_SERVER_REPLY, 500 },
      FERRY_TRANSFER_ERROR_ERROR_HTTP_INVALID_SERVER_RESPONSE,
      FERRYD_REMEDY_RETRY },
    { { CURLE_REMOTE_FILE_NOT_FOUND, 550 }, FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL },
    { { CURLE_REMOTE_ACCESS_DENIED, 550 }, FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL },
    { { CURLE_FTP_COULDNT_RETR_FILE, 450 }, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY },
    { { CURLE_COULDNT_RESOLVE_HOST }, FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED, FERRYD_REMEDY_RETRY },
    { { CURLE_COULDNT_CONNECT, 0, ECONNREFUSED }, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_RETRY },
    { { CURLE_COULDNT_CONNECT, 0, EHOSTUNREACH },
      FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE,
      FERRYD_REMEDY_RETRY },
    { { CURLE_COULDNT_CONNECT, 0, ENETUNREACH },
      FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE,
      FERRYD_REMEDY_RETRY },
    { { .code = CURLE_PROXY, .proxy = CURLPX_REPLY_CONNECTION_REFUSED },
      FERRY_TRANSFER_ERROR_CANNOT_CONNECT,
      FERRYD_REMEDY_RETRY },
    { { .code = CURLE_PROXY, .proxy = CURLPX_USER_REJECTED },
      FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED,
      FERRYD_REMEDY_FINAL },
    { { .code = CURLE_PROXY, .proxy = CURLPX_NO_AUTH },
      FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED,
      FERRYD_REMEDY_FINAL },
    { { .code = CURLE_RECV_ERROR, .tunnel = 407 },
      FERRY_TRANSFER_ERROR_PROXY_AUTHENTICATION_REQUIRED,
      FERRYD_REMEDY_FINAL },
    { { .code = CURLE_COULDNT_CONNECT, .tunnel = 403 },
      FERRY_TRANSFER_ERROR_CANNOT_CONNECT,
      FERRYD_REMEDY_RETRY },
    { { .code = CURLE_PARTIAL_FILE, .tunnel = 200, .in_body = TRUE },
      FERRY_TRANSFER_ERROR_DISCONNECTED,
      FERRYD_REMEDY_RETRY },
    { { CURLE_OPERATION_TIMEDOUT }, FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY },
    { { .code = CURLE_PARTIAL_FILE, .reply = 426, .in_body = TRUE },
      FERRY_TRANSFER_ERROR_DISCONNECTED,
      FERRYD_REMEDY_RETRY },
    { { .code = CURLE_RECV_ERROR, .reply = 150, .os_error = ECONNRESET, .in_body = TRUE },
      FERRY_TRANSFER_ERROR_CONNECTION_RESET,
      FERRYD_REMEDY_RETRY },
    { { CURLE_RECV_ERROR, 220 }, FERRY_TRANSFER_ERROR_CONNECTION_ABORTED, FERRYD_REMEDY_RETRY },
    { { CURLE_PEER_FAILED_VERIFICATION, 234, 0, INVALID | SIGNER_NOT_FOUND },
      FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID,
      FERRYD_REMEDY_FINAL },
    { { CURLE_PEER_FAILED_VERIFICATION, 234, 0, INVALID | EXPIRED },
      FERRY_TRANSFER_ERROR_CERTIFICATE_EXPIRED,
      FERRYD_REMEDY_FINAL },
    { { CURLE_PEER_FAILED_VERIFICATION, 234, 0, INVALID },
      FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS,
      FERRYD_REMEDY_FINAL },
    { { CURLE_PEER_FAILED_VERIFICATION, 234 },
      FERRY_TRANSFER_ERROR_CERTIFICATE_COMMON_NAME_IS_INCORRECT,
      FERRYD_REMEDY_FINAL },
    { { CURLE_USE_SSL_FAILED, 530 }, FERRY_TRANSFER_ERROR_CERTIFICATE_IS_INVALID, FERRYD_REMEDY_FINAL },
    { { CURLE_SSL_CONNECT_ERROR, 234 },
      FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS,
      FERRYD_REMEDY_RETRY },
    { { CURLE_URL_MALFORMAT }, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_FINAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FerrydFailure) failure = ferryd_curl_failure_new (&rows[i].trouble);

      g_test_message ("%d, reply %ld: %s", rows[i].trouble.code, rows[i].trouble.reply, failure->message);
      g_assert_cmpint (failure->status, ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, rows[i].remedy);
      g_assert_null (failure->response);
    }
}

static void
test_proxies (void)
{
  static const char *const rows[][2] = {
    { "direct://", "" },
    { "http://proxy:3128", "http://proxy:3128" },
    { "socks5://proxy:1080", "socks5h://proxy:1080" },
    { "socks5://eve:a%40b@proxy:1080", "socks5h://eve:a%40b@proxy:1080" },
    { "socks4a://proxy", "socks4a://proxy" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *found = ferryd_curl_proxy_for (rows[i][0]);

      g_assert_cmpstr (found, ==, rows[i][1]);
    }
}

/* Both are needed to know a file again. */
static void
test_validators (void)
{
  static const struct
  {
    gint64 total, modified;
    const char *validator;
  } rows[] = {
    { 10, 1700000000, "size=10;modified=1700000000" },
    { 0, 0, "size=0;modified=0" },
    { -1, 1700000000, NULL },
    { 10, -1, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FerrydCurlNews news = { .total = rows[i].total, .modified = rows[i].modified };
      g_autofree char *found = ferryd_curl_news_get_validator (&news);

      g_assert_cmpstr (found, ==, rows[i].validator);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/curl/failures", test_failures);
  g_test_add_func ("/curl/proxies", test_proxies);
  g_test_add_func ("/curl/validators", test_validators);
  return g_test_run ();
}
