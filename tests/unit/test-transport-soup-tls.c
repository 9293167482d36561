/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <libsoup/soup.h>
#include <string.h>

#include "ferryd-fetch-kit.h"
#include "ferryd-transport-soup.h"

/* clang-format off */
#define READ { FERRYD_SCRIPT_READ, NULL, 0 }
#define SEND(text) { FERRYD_SCRIPT_SEND, text, 0 }
#define BULK(size) { FERRYD_SCRIPT_BULK, NULL, size }
#define STAY { FERRYD_SCRIPT_STAY, NULL, 0 }
#define END { FERRYD_SCRIPT_END, NULL, 0 }
/* clang-format on */

#define OK "HTTP/1.1 200 OK\r\n"
#define MEBIBYTE (1024 * 1024)

static void
set_up (FetchKit *kit, gconstpointer name)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "tls", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (file, &error);
  g_autofree char *authorities = g_test_build_filename (G_TEST_DIST, "data", "tls", "authorities.pem", NULL);
  g_autoptr (GTlsDatabase) trust = NULL;

  g_assert_no_error (error);
  trust = g_tls_file_database_new (authorities, &error);
  g_assert_no_error (error);
  fetch_kit_init (kit, ferryd_transport_soup_new (NULL, trust), "127.0.0.1", certificate);
}

static void
tear_down (FetchKit *kit, gconstpointer data)
{
  fetch_kit_clear (kit);
}

/* Many records, which are more than one turn, and the same connection again. */
static void
test_bulk (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ, SEND (OK "Content-Length: 8388608\r\n\r\n"), BULK (8 * MEBIBYTE),
    READ, SEND (OK "Content-Length: 5\r\n\r\nhello"),  STAY
  };
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  log->check_only = TRUE;
  fetch_log_wait (log);
  g_assert_null (log->failure);
  g_assert_cmpuint (log->received, ==, 8 * MEBIBYTE);
  next = fetch_kit_get (kit, "/");
  fetch_log_assert_body (next, "hello");
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 1);
}

static void
test_hold (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 2097152\r\n\r\n"),
                                             BULK (2 * MEBIBYTE), STAY };
  g_autoptr (FetchLog) log = NULL;

  /* What TLS holds above the socket wakes nobody: it has to be read all the same. */
  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  log->check_only = TRUE;
  log->body_flow = FERRYD_FLOW_HOLD;
  log->body_flow_at = 1;
  while (log->fetch != NULL)
    {
      guint n_bodies = log->n_bodies;

      while (log->fetch != NULL && log->n_bodies == n_bodies)
        g_main_context_iteration (NULL, TRUE);
      log->body_flow_at = log->received + 1;
      if (log->fetch != NULL)
        ferryd_transport_resume (kit->transport, log->fetch);
    }
  g_assert_null (log->failure);
  g_assert_cmpuint (log->received, ==, 2 * MEBIBYTE);
}

static void
test_truncated (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 10\r\n\r\nhello"), END };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/");
  fetch_log_assert_failed (log, "disconnected", FERRYD_REMEDY_RETRY);
}

static void
test_chunks (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ, SEND (OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), READ,
    SEND (OK "Transfer-Encoding: chunked\r\n\r\n"), STAY
  };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.prove_end = TRUE;
  log = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_PROVED);
}

static void
test_downgrade (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ, SEND ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), STAY
  };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/");
  fetch_log_assert_failed (log, "https-to-http-on-redirection", FERRYD_REMEDY_FINAL);
}

static void
refused (FetchKit *kit, const char *status)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 0\r\n\r\n"), STAY };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/");
  fetch_log_assert_failed (log, status, FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (kit->server), ==, 0);
}

static void
test_stranger (FetchKit *kit, gconstpointer data)
{
  refused (kit, "certificate-is-invalid");
}

static void
test_expired (FetchKit *kit, gconstpointer data)
{
  refused (kit, "certificate-expired");
}

static void
test_other_host (FetchKit *kit, gconstpointer data)
{
  refused (kit, "certificate-common-name-is-incorrect");
}

static void
test_not_tls (void)
{
  static const FerrydScriptStep script[] = { SEND ("HTTP/1.1 400 Bad Request\r\n\r\n"), STAY };
  FetchKit kit;
  FetchLog *log;
  g_autofree char *uri = NULL;

  fetch_kit_init (&kit, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
  uri = g_strdup_printf ("https://127.0.0.1:%u/", ferryd_script_server_get_port (kit.server));
  ferryd_script_server_add (kit.server, script);
  log = fetch_kit_run (&kit, "", fetch_kit_request (uri));
  fetch_log_assert_failed (log, "certificate-contains-errors", FERRYD_REMEDY_RETRY);
  fetch_log_free (log);
  fetch_kit_clear (&kit);
}

#define ADD(path, name, func) \
  g_test_add ("/transport-soup/tls/" path, FetchKit, name, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_transport_soup_prepare_process ();
  ADD ("bulk", "localhost.pem", test_bulk);
  ADD ("hold", "localhost.pem", test_hold);
  ADD ("truncated", "localhost.pem", test_truncated);
  ADD ("chunks", "localhost.pem", test_chunks);
  ADD ("downgrade", "localhost.pem", test_downgrade);
  ADD ("stranger", "stranger.pem", test_stranger);
  ADD ("expired", "expired.pem", test_expired);
  ADD ("other-host", "other-host.pem", test_other_host);
  g_test_add_func ("/transport-soup/tls/not-tls", test_not_tls);
  return g_test_run ();
}
