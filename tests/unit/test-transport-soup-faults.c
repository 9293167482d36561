/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <libsoup/soup.h>
#include <string.h>

#include "ferryd-fake-resolver.h"
#include "ferryd-fetch-kit.h"
#include "ferryd-transport-soup.h"

/* clang-format off */
#define READ { FERRYD_SCRIPT_READ, NULL, 0 }
#define SEND(text) { FERRYD_SCRIPT_SEND, text, 0 }
#define FLOOD(text, n) { FERRYD_SCRIPT_FLOOD, text, n }
#define DRIP(text, milliseconds) { FERRYD_SCRIPT_DRIP, text, milliseconds }
#define STAY { FERRYD_SCRIPT_STAY, NULL, 0 }
#define RESET { FERRYD_SCRIPT_RESET, NULL, 0 }
#define END { FERRYD_SCRIPT_END, NULL, 0 }
/* clang-format on */

#define OK "HTTP/1.1 200 OK\r\n"
#define PARTIAL "HTTP/1.1 206 Partial Content\r\n"

/* What a request asks beside the whole. */
enum
{
  PLAIN = 0,
  RANGE = 1 << 0,       /* from byte 5 on, bound to "v1" */
  FRESH = 1 << 1,       /* on a connection of its own */
  HASTY = 1 << 2,       /* with short time limits */
  CONDITIONAL = 1 << 3, /* with a condition of the caller's own */
};

typedef struct
{
  const char *name;
  guint how;
  FerrydScriptStep script[8];
  const char *status;
  FerrydRemedy remedy;
} Fault;

static const Fault faults[] = {
  /* Connections. */
  { "no-answer", PLAIN, { READ, END }, "connection-aborted", FERRYD_REMEDY_AT_ONCE },
  { "no-answer-again", FRESH, { READ, END }, "connection-aborted", FERRYD_REMEDY_RETRY },
  { "reset-before-answer", PLAIN, { READ, RESET }, "connection-reset", FERRYD_REMEDY_RETRY },
  { "cut-status-line",
    PLAIN,
    { READ, SEND ("HTTP/1.1 2"), END },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "silence", HASTY, { READ, STAY }, "timeout", FERRYD_REMEDY_RETRY },
  { "header-drip",
    HASTY,
    { READ, SEND (OK), DRIP ("X-Pad: 12345\r\n", 20) },
    "timeout",
    FERRYD_REMEDY_RETRY },
  /* What is not HTTP, or too much of it. */
  { "garbage",
    PLAIN,
    { READ, SEND ("SSH-2.0-OpenSSH_9.2\r\n\r\n"), END },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "garbage-again",
    FRESH,
    { READ, SEND ("SSH-2.0-OpenSSH_9.2\r\n\r\n"), END },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "http-9",
    PLAIN,
    { READ, SEND ("HTTP/9.9 200 OK\r\n\r\n"), END },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "header-too-large",
    PLAIN,
    { READ, SEND (OK), FLOOD ("X-Pad: 12345678901234567890\r\n", 8000), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "interim-flood",
    PLAIN,
    { READ, FLOOD ("HTTP/1.1 103 Early Hints\r\n\r\n", 51), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "switching",
    PLAIN,
    { READ, SEND ("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  /* Lengths. */
  { "two-lengths",
    PLAIN,
    { READ, SEND (OK "Content-Length: 5\r\nContent-Length: 3\r\n\r\nhello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "length-plus",
    PLAIN,
    { READ, SEND (OK "Content-Length: +5\r\n\r\nhello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "length-word",
    PLAIN,
    { READ, SEND (OK "Content-Length: five\r\n\r\nhello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  { "length-and-chunks",
    PLAIN,
    { READ, SEND (OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "unknown-coding",
    PLAIN,
    { READ, SEND (OK "Transfer-Encoding: gzip\r\n\r\nhello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_FINAL },
  /* Bodies. */
  { "short",
    PLAIN,
    { READ, SEND (OK "Content-Length: 10\r\n\r\nhello"), END },
    "disconnected",
    FERRYD_REMEDY_RETRY },
  { "short-close",
    PLAIN,
    { READ, SEND (OK "Connection: close\r\nContent-Length: 10\r\n\r\nhello"), END },
    "disconnected",
    FERRYD_REMEDY_RETRY },
  { "reset-in-body",
    PLAIN,
    { READ, SEND (OK "Content-Length: 10\r\n\r\nhello"), RESET },
    "connection-reset",
    FERRYD_REMEDY_RETRY },
  { "stall",
    HASTY,
    { READ, SEND (OK "Content-Length: 10\r\n\r\nhello"), STAY },
    "timeout",
    FERRYD_REMEDY_RETRY },
  { "stall-at-once",
    HASTY,
    { READ, SEND (OK "Content-Length: 10\r\n\r\n"), STAY },
    "timeout",
    FERRYD_REMEDY_RETRY },
  { "cut-in-chunk",
    PLAIN,
    { READ, SEND (OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"), END },
    "disconnected",
    FERRYD_REMEDY_RETRY },
  /* Statuses. */
  { "204",
    PLAIN,
    { READ, SEND ("HTTP/1.1 204 No Content\r\n\r\n"), STAY },
    "unexpected-status-code",
    FERRYD_REMEDY_FINAL },
  { "205",
    PLAIN,
    { READ, SEND ("HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n"), STAY },
    "unexpected-status-code",
    FERRYD_REMEDY_FINAL },
  { "300",
    PLAIN,
    { READ, SEND ("HTTP/1.1 300 Choose\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), STAY },
    "multiple-choices",
    FERRYD_REMEDY_FINAL },
  { "304-unasked",
    PLAIN,
    { READ, SEND ("HTTP/1.1 304 Not Modified\r\n\r\n"), STAY },
    "not-modified",
    FERRYD_REMEDY_AT_ONCE },
  { "305",
    PLAIN,
    { READ, SEND ("HTTP/1.1 305 Proxy\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), STAY },
    "use-proxy",
    FERRYD_REMEDY_FINAL },
  { "401",
    PLAIN,
    { READ, SEND ("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"),
      STAY },
    "unauthorized",
    FERRYD_REMEDY_FINAL },
  { "401-endless",
    PLAIN,
    { READ, SEND ("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n"),
      FLOOD ("0123456789abcdef", 200000), STAY },
    "unauthorized",
    FERRYD_REMEDY_FINAL },
  { "404",
    PLAIN,
    { READ, SEND ("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), STAY },
    "not-found",
    FERRYD_REMEDY_FINAL },
  { "408",
    PLAIN,
    { READ, SEND ("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n"), STAY },
    "request-timeout",
    FERRYD_REMEDY_RETRY },
  { "421",
    PLAIN,
    { READ, SEND ("HTTP/1.1 421 No\r\n\r\n"), FLOOD ("no", 1000), STAY },
    "unexpected-client-error",
    FERRYD_REMEDY_AT_ONCE },
  { "429",
    PLAIN,
    { READ, SEND ("HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"), STAY },
    "unexpected-client-error",
    FERRYD_REMEDY_RETRY },
  { "501",
    PLAIN,
    { READ, SEND ("HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n"), STAY },
    "not-implemented",
    FERRYD_REMEDY_FINAL },
  { "503",
    PLAIN,
    { READ, SEND ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), STAY },
    "service-unavailable",
    FERRYD_REMEDY_RETRY },
  /* Ranges. */
  { "206-unasked",
    PLAIN,
    { READ, SEND (PARTIAL "Content-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\nhello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "206-elsewhere",
    RANGE,
    { READ, SEND (PARTIAL "Content-Range: bytes 6-9/10\r\nContent-Length: 4\r\n\r\nello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_AT_ONCE },
  { "206-elsewhere-again",
    RANGE | FRESH,
    { READ, SEND (PARTIAL "Content-Range: bytes 6-9/10\r\nContent-Length: 4\r\n\r\nello"), STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_RESTART },
  { "206-changed",
    RANGE,
    { READ, SEND (PARTIAL "ETag: \"v2\"\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nhello"),
      STAY },
    "error-http-invalid-server-response",
    FERRYD_REMEDY_RESTART },
  { "416",
    RANGE,
    { READ, SEND ("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"), STAY },
    "requested-range-not-satisfiable",
    FERRYD_REMEDY_RESTART },
  { "416-unasked",
    PLAIN,
    { READ, SEND ("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"), STAY },
    "requested-range-not-satisfiable",
    FERRYD_REMEDY_FINAL },
  /* Redirects. */
  { "no-location",
    PLAIN,
    { READ, SEND ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), STAY },
    "redirect-failed",
    FERRYD_REMEDY_FINAL },
  { "to-file",
    PLAIN,
    { READ, SEND ("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"), STAY },
    "redirect-failed",
    FERRYD_REMEDY_FINAL },
  { "to-itself",
    PLAIN,
    { READ, SEND ("HTTP/1.1 302 Found\r\nLocation: ?secret=1\r\n\r\n"), STAY },
    "redirect-failed",
    FERRYD_REMEDY_FINAL },
};

static FerrydFetchRequest
make_request (guint how)
{
  FerrydFetchRequest request = fetch_kit_request (NULL);

  if ((how & RANGE) != 0)
    {
      request.first = 5;
      request.if_range = "\"v1\"";
    }
  if ((how & HASTY) != 0)
    {
      request.response_timeout = FETCH_SHORT;
      request.stall_timeout = FETCH_SHORT;
    }
  request.fresh_connection = (how & FRESH) != 0;
  return request;
}

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  FetchKit kit;
  FetchLog *log;

  fetch_kit_init (&kit, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
  ferryd_script_server_add (kit.server, fault->script);
  log = fetch_kit_run (&kit, "/?secret=1", make_request (fault->how));
  fetch_log_assert_failed (log, fault->status, fault->remedy);
  g_assert_null (strstr (log->failure->message, "secret"));
  g_assert_cmpint (log->failure->retry_after, ==, -1);
  fetch_log_free (log);
  fetch_kit_clear (&kit);
}

static void
set_up (FetchKit *kit, gconstpointer data)
{
  fetch_kit_init (kit, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
}

static void
tear_down (FetchKit *kit, gconstpointer data)
{
  fetch_kit_clear (kit);
}

/* libsoup below 3.6 warns when it builds a stream of such a length; the response is refused all the same. */
static void
test_negative_length (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: -5\r\n\r\nhello"), STAY };
  g_autoptr (FetchLog) log = NULL;

  if (!soup_check_version (3, 6, 0))
    g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_WARNING, "*out of range*");
  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/");
  if (!soup_check_version (3, 6, 0))
    g_test_assert_expected_messages ();
  fetch_log_assert_failed (log, "error-http-invalid-server-response", FERRYD_REMEDY_FINAL);
}

static void
test_refused (FetchKit *kit, gconstpointer data)
{
  FerrydFetchRequest request = fetch_kit_request ("http://127.0.0.1:1/");
  g_autoptr (FetchLog) log = fetch_kit_run (kit, "", request);

  fetch_log_assert_failed (log, "cannot-connect", FERRYD_REMEDY_RETRY);
}

static void
test_no_such_host (FetchKit *kit, gconstpointer data)
{
  FerrydFetchRequest request = fetch_kit_request ("http://no-such-host.invalid/");
  g_autoptr (FetchLog) log = fetch_kit_run (kit, "", request);

  fetch_log_assert_failed (log, "host-name-not-resolved", FERRYD_REMEDY_RETRY);
}

/* Trying all of a server's addresses is one connection, however many do not answer. */
static void
test_many_addresses (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 2\r\n\r\nhi"), STAY };
  g_autofree char *uri =
      g_strdup_printf ("http://many.example:%u/", ferryd_script_server_get_port (kit->server));
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_run (kit, "", fetch_kit_request (uri));
  fetch_log_assert_body (log, "hi");
}

static void
test_idn (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 2\r\n\r\nhi"), STAY };
  g_autofree char *uri = g_strdup_printf ("http://b\303\274cher.example:%u/\303\244",
                                          ferryd_script_server_get_port (kit->server));
  g_autoptr (FetchLog) log = NULL;
  g_autofree char *request = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_run (kit, "", fetch_kit_request (uri));
  fetch_log_assert_body (log, "hi");
  request = ferryd_script_server_dup_request (kit->server, 0);
  g_assert_nonnull (strstr (request, "\r\nHost: xn--bcher-kva.example:"));
  g_assert_nonnull (strstr (request, "GET /%C3%A4 HTTP/1.1\r\n"));
}

static void
test_bad_uris (FetchKit *kit, gconstpointer data)
{
  static const char *const uris[] = { "file:///etc/passwd", "http://127.0.0.1%0d%0aX-Inj: 1/", "http:///x",
                                      "http://a\\@b/", "nonsense" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (FetchLog) log = fetch_kit_run (kit, "", fetch_kit_request (uris[i]));

      fetch_log_assert_failed (log, "cannot-connect", FERRYD_REMEDY_FINAL);
    }
}

/* The kernel completes the connection, but TLS never comes. */
static void
test_connect_timeout (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { STAY };
  g_autofree char *uri =
      g_strdup_printf ("https://127.0.0.1:%u/", ferryd_script_server_get_port (kit->server));
  FerrydFetchRequest request = fetch_kit_request (uri);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.connect_timeout = FETCH_SHORT;
  log = fetch_kit_run (kit, "", request);
  fetch_log_assert_failed (log, "timeout", FERRYD_REMEDY_RETRY);
  g_assert_nonnull (strstr (log->failure->message, "Connecting"));
}

static void
test_low_speed (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 1000000\r\n\r\n"),
                                             DRIP ("x", 20) };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  /* One byte every 20 ms is enough for a window of one second. */
  ferryd_script_server_add (kit->server, script);
  request.stall_timeout = 400;
  log = fetch_kit_begin (kit, "/", request);
  log->cancel_at = 60;
  fetch_log_wait (log);
  g_assert_cmpuint (log->n_ended, ==, 0);
}

static void
test_low_speed_ends (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 1000000\r\n\r\n"),
                                             DRIP ("x", 125) };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  /* Eight bytes a second, and none of them so late that it would be a stall. */
  ferryd_script_server_add (kit->server, script);
  request.stall_timeout = 500;
  log = fetch_kit_run (kit, "/", request);
  fetch_log_assert_failed (log, "timeout", FERRYD_REMEDY_RETRY);
  g_assert_cmpuint (log->received, >, 3);
}

static void
test_error_body (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ, SEND ("HTTP/1.1 503 Busy\r\nRetry-After: 90\r\nContent-Length: 4\r\n\r\nbusy"), END
  };
  static const FerrydScriptStep cut[] = { READ, SEND ("HTTP/1.1 500 Oh\r\nContent-Length: 10\r\n\r\nhal"),
                                          END };
  static const FerrydScriptStep stalled[] = { READ, SEND ("HTTP/1.1 404 No\r\n\r\nhal"), STAY };
  static const FerrydScriptStep endless[] = { READ, SEND ("HTTP/1.1 404 No\r\n\r\n"),
                                              FLOOD ("0123456789abcdef", 100000), STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  const FerrydScriptStep *scripts[] = { script, cut, stalled, endless };
  const gsize sizes[] = { 4, 3, 3, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (FetchLog) log = NULL;

      request.stall_timeout = scripts[i] == stalled ? FETCH_SHORT : FETCH_LONG;
      ferryd_script_server_add (kit->server, scripts[i]);
      log = fetch_kit_run (kit, "/", request);
      g_assert_cmpuint (log->n_answers + log->n_bodies, ==, 0);
      fetch_log_assert_failed (log,
                               i == 0   ? "service-unavailable"
                               : i == 1 ? "internal-server-error"
                                        : "not-found",
                               i <= 1 ? FERRYD_REMEDY_RETRY : FERRYD_REMEDY_FINAL);
      g_assert_nonnull (log->failure->body);
      g_assert_cmpuint (g_bytes_get_size (log->failure->body), ==, sizes[i]);
      g_assert_cmpint (log->failure->retry_after, ==, i == 0 ? 90 * G_USEC_PER_SEC : -1);
    }
}

static void
test_answers_without_body (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep unchanged[] = { READ,
                                                SEND (
                                                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
                                                READ,
                                                SEND ("HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\n"
                                                      "Content-Length: 3\r\n\r\nend"),
                                                READ,
                                                SEND (OK "Content-Length: 2\r\n\r\nhi"),
                                                STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (GVariant) headers =
      g_variant_ref_sink (g_variant_new_parsed ("[('if-modified-since', 'Sun, 06 Nov 1994 08:49:37 GMT')]"));
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;
  g_autoptr (FetchLog) third = NULL;

  ferryd_script_server_add (kit->server, unchanged);
  request.headers = headers;
  first = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (first, "");
  g_assert_cmpint (first->answer.kind, ==, FERRYD_ANSWER_UNCHANGED);
  second = fetch_kit_run (kit, "/", make_request (RANGE));
  fetch_log_assert_body (second, "");
  g_assert_cmpint (second->answer.kind, ==, FERRYD_ANSWER_NOTHING_BEYOND);
  g_assert_cmpint (second->answer.total, ==, 5);
  g_assert_cmpint (second->end, ==, FERRYD_BODY_END_PROVED);
  g_assert_cmpuint (second->n_bodies, ==, 0);
  /* A range that is answered with the whole, on the same connection still. */
  third = fetch_kit_run (kit, "/", make_request (RANGE));
  fetch_log_assert_body (third, "hi");
  g_assert_cmpint (third->answer.kind, ==, FERRYD_ANSWER_WHOLE);
  g_assert_cmpint (third->answer.first, ==, 0);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 1);
}

static void
test_extra_bytes (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 5\r\n\r\nhello, and more"),
                                             STAY };
  static const FerrydScriptStep next[] = { READ, SEND (OK "Content-Length: 2\r\n\r\nhi"), STAY };
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, next);
  first = fetch_kit_get (kit, "/");
  fetch_log_assert_body (first, "hello");
  second = fetch_kit_get (kit, "/");
  fetch_log_assert_body (second, "hi");
}

/* A connection that was kept and has died meanwhile is nobody's fault. */
static void
test_dead_keep_alive (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Content-Length: 2\r\n\r\nhi"), READ, END };
  static const FerrydScriptStep next[] = { READ, SEND (OK "Content-Length: 3\r\n\r\nyes"), STAY };
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, next);
  first = fetch_kit_get (kit, "/");
  second = fetch_kit_get (kit, "/");
  fetch_log_assert_body (second, "yes");
}

static void
test_interim (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, FLOOD ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 50),
                                             SEND (OK "Content-Length: 2\r\n\r\nhi"), STAY };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/");
  fetch_log_assert_body (log, "hi");
}

#define ADD(path, func) g_test_add ("/transport-soup/" path, FetchKit, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_fake_resolver_install ();
  ferryd_transport_soup_prepare_process ();
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/transport-soup/fault/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  ADD ("negative-length", test_negative_length);
  ADD ("refused", test_refused);
  ADD ("no-such-host", test_no_such_host);
  ADD ("many-addresses", test_many_addresses);
  ADD ("idn", test_idn);
  ADD ("bad-uris", test_bad_uris);
  ADD ("connect-timeout", test_connect_timeout);
  ADD ("low-speed/enough", test_low_speed);
  ADD ("low-speed/too-low", test_low_speed_ends);
  ADD ("error-body", test_error_body);
  ADD ("answers-without-body", test_answers_without_body);
  ADD ("extra-bytes", test_extra_bytes);
  ADD ("dead-keep-alive", test_dead_keep_alive);
  ADD ("interim", test_interim);
  return g_test_run ();
}
