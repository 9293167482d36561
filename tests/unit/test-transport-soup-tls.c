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

/* (transfer full): what says that the kit's own certificate is right, or else one like it that it is not. */
static char *
make_fingerprint (const char *name, gboolean right)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "tls", name, NULL);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (file, NULL);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *hex = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  if (!right)
    hex[0] = hex[0] == '0' ? '1' : '0';
  return g_strconcat ("sha256:", hex, NULL);
}

static FetchLog *
run_with (FetchKit *kit, const char *option, const char *value)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_string (value));
  g_autoptr (FerrydPeers) peers = ferryd_peers_with (NULL, option, variant);
  FerrydFetchRequest request = fetch_kit_request (NULL);

  request.peers = peers;
  return fetch_kit_run (kit, "/", request);
}

/* It replaces chain, name and date checks; a certificate that passes them all is wrong if it is another. */
static void
test_pinned (FetchKit *kit, gconstpointer name)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 5\r\n\r\nhello"), STAY };
  g_autofree char *right = make_fingerprint (name, TRUE);
  g_autofree char *wrong = make_fingerprint (name, FALSE);
  g_autoptr (FetchLog) good = NULL;
  g_autoptr (FetchLog) bad = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, script);
  bad = run_with (kit, "certificate-fingerprint", wrong);
  fetch_log_assert_failed (bad, "certificate-is-invalid", FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (kit->server), ==, 0);
  good = run_with (kit, "certificate-fingerprint", right);
  fetch_log_assert_body (good, "hello");
}

static char *
read_pem (const char *name)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "tls", name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  return g_strdup (strstr (text, "-----BEGIN CERTIFICATE-----"));
}

/* Trusted in addition, which mends neither name nor date; and nobody else trusts it then. */
static void
test_authorities (FetchKit *kit, gconstpointer name)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 5\r\n\r\nhello"), STAY };
  g_autofree char *pem = read_pem ("stranger.pem");
  gboolean is_right = g_str_equal (name, "stranger.pem") || g_str_equal (name, "localhost.pem");
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) without = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, script);
  log = run_with (kit, "ca-certificates", pem);
  if (is_right)
    fetch_log_assert_body (log, "hello");
  else
    fetch_log_assert_failed (log, "certificate-expired", FERRYD_REMEDY_FINAL);
  if (!g_str_equal (name, "stranger.pem"))
    return;
  without = fetch_kit_get (kit, "/");
  fetch_log_assert_failed (without, "certificate-is-invalid", FERRYD_REMEDY_FINAL);
}

/* At another origin neither counts. */
static void
test_trust_elsewhere (FetchKit *kit, gconstpointer option)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "tls", "stranger.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (file, NULL);
  g_autoptr (FerrydScriptServer) other = ferryd_script_server_new ("127.0.0.1", certificate);
  g_autofree char *there =
      g_strdup_printf ("HTTP/1.1 302 F\r\nLocation: https://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n",
                       ferryd_script_server_get_port (other));
  const FerrydScriptStep first[] = { READ, SEND (there), STAY };
  static const FerrydScriptStep second[] = { READ, SEND (OK "Content-Length: 0\r\n\r\n"), STAY };
  g_autofree char *value = g_str_equal (option, "ca-certificates") ? read_pem ("stranger.pem")
                                                                   : make_fingerprint ("stranger.pem", TRUE);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, first);
  ferryd_script_server_add (other, second);
  log = run_with (kit, option, value);
  fetch_log_assert_failed (log, "certificate-is-invalid", FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (kit->server), ==, 1);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (other), ==, 0);
  ferryd_transport_drop_connections (kit->transport);
  fetch_kit_settle ();
}

static void
set_up_stranger (FetchKit *kit, gconstpointer data)
{
  set_up (kit, "stranger.pem");
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
  ADD ("pinned/localhost", "localhost.pem", test_pinned);
  ADD ("pinned/stranger", "stranger.pem", test_pinned);
  ADD ("pinned/expired", "expired.pem", test_pinned);
  ADD ("pinned/other-host", "other-host.pem", test_pinned);
  ADD ("authorities/localhost", "localhost.pem", test_authorities);
  ADD ("authorities/stranger", "stranger.pem", test_authorities);
  ADD ("authorities/expired", "expired.pem", test_authorities);
  g_test_add ("/transport-soup/tls/elsewhere/authorities", FetchKit, "ca-certificates", set_up_stranger,
              test_trust_elsewhere, tear_down);
  g_test_add ("/transport-soup/tls/elsewhere/pinned", FetchKit, "certificate-fingerprint", set_up_stranger,
              test_trust_elsewhere, tear_down);
  g_test_add_func ("/transport-soup/tls/not-tls", test_not_tls);
  return g_test_run ();
}
