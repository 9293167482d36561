/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#include "ferryd-fetch-kit.h"
#include "ferryd-transport-soup.h"

/* clang-format off */
#define READ { FERRYD_SCRIPT_READ, NULL, 0 }
#define TAKE(size) { FERRYD_SCRIPT_TAKE, NULL, size }
#define TAKE_TEXT(text) { FERRYD_SCRIPT_TAKE, text, 0 }
#define SEND(text) { FERRYD_SCRIPT_SEND, text, 0 }
#define STAY { FERRYD_SCRIPT_STAY, NULL, 0 }
#define RESET { FERRYD_SCRIPT_RESET, NULL, 0 }
#define END { FERRYD_SCRIPT_END, NULL, 0 }
/* clang-format on */

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define CREATED "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"
#define KIB ((guint64) 1024)
#define MIB (1024 * KIB)

typedef struct
{
  FetchKit kit;
  char *path; /* (owned): a file of its own */
} Kit;

static void
set_up (Kit *kit, gconstpointer tls)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GTlsDatabase) trust = NULL;
  int fd = g_file_open_tmp ("ferry-upload-XXXXXX", &kit->path, NULL);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  if (tls != NULL)
    {
      g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "tls", "localhost.pem", NULL);
      g_autofree char *authorities =
          g_test_build_filename (G_TEST_DIST, "data", "tls", "authorities.pem", NULL);

      certificate = g_tls_certificate_new_from_file (file, NULL);
      trust = g_tls_file_database_new (authorities, NULL);
    }
  fetch_kit_init (&kit->kit, ferryd_transport_soup_new (NULL, trust), "127.0.0.1", certificate);
}

static void
tear_down (Kit *kit, gconstpointer tls)
{
  fetch_kit_clear (&kit->kit);
  g_unlink (kit->path);
  g_free (kit->path);
}

/* A file that begins with @before bytes nobody asked for. */
static int
make_file (Kit *kit, guint64 before, guint64 size)
{
  g_autofree guint8 *bytes = g_malloc (before + size);

  memset (bytes, 0xff, before);
  for (guint64 i = 0; i < size; i++)
    bytes[before + i] = ferryd_script_byte (i);
  g_assert_true (g_file_set_contents (kit->path, (const char *) bytes, (gssize) (before + size), NULL));
  return open (kit->path, O_RDONLY | O_CLOEXEC);
}

static FerrydEntity *
make_entity (Kit *kit, guint64 size)
{
  FerrydEntity *entity = ferryd_entity_new ();

  ferryd_entity_add_file (entity, make_file (kit, 0, size), 0, size);
  return entity;
}

static FerrydFetchRequest
make_request (FerrydEntity *entity)
{
  FerrydFetchRequest request = fetch_kit_request (NULL);

  request.method = "PUT";
  request.entity = entity;
  request.repeatable = TRUE;
  request.any_success = TRUE;
  return request;
}

static FetchLog *
run (Kit *kit, FerrydFetchRequest request)
{
  return fetch_kit_run (&kit->kit, "/up", request);
}

static void
assert_asked (Kit *kit, guint n, const char *line, gboolean asked)
{
  g_autofree char *request = ferryd_script_server_dup_request (kit->kit.server, n);

  g_assert_nonnull (request);
  if ((strstr (request, line) != NULL) != asked)
    g_error ("%s: %s", line, request);
}

static void
test_small (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, TAKE (700), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 700);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->answer.status, ==, 201);
  g_assert_cmpuint (log->sent, ==, 700);
  assert_asked (kit, 0, "PUT /up HTTP/1.1\r\n", TRUE);
  assert_asked (kit, 0, "Content-Length: 700\r\n", TRUE);
  assert_asked (kit, 0, "Expect:", FALSE);
}

static void
test_empty (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_body (log, "hello");
  assert_asked (kit, 0, "Content-Length: 0\r\n", TRUE);
}

static void
test_large (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CONTINUE), TAKE (12 * MIB), SEND (CREATED),
                                             READ, TAKE (700),      SEND (CREATED),  STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 12 * MIB);
  g_autoptr (FerrydEntity) small = NULL;
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->sent, ==, 12 * MIB);
  assert_asked (kit, 0, "Expect: 100-continue\r\n", TRUE);
  /* The connection is as good as before. */
  small = make_entity (kit, 700);
  next = run (kit, make_request (small));
  fetch_log_assert_body (next, "hello");
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->kit.server), ==, 1);
}

/* Part of a file between bytes from memory, from the middle of the entity on. */
static void
test_pieces (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = {
    READ, TAKE_TEXT ("o-"), TAKE (300 * KIB), TAKE_TEXT ("-post"), SEND (CREATED), STAY
  };
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  g_autoptr (FetchLog) log = NULL;
  FerrydFetchRequest request;

  ferryd_entity_add_bytes (entity, g_bytes_new_static ("hello-", 6));
  ferryd_entity_add_file (entity, make_file (kit, 1000, 301 * KIB), 1000, 300 * KIB);
  ferryd_entity_add_bytes (entity, g_bytes_new_static ("-post", 5));
  ferryd_script_server_add (kit->kit.server, script);
  request = make_request (entity);
  request.entity_first = 4;
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->sent, ==, 300 * KIB + 11);
  assert_asked (kit, 0, "Content-Length: 307207\r\n", TRUE);
}

/* Nothing behind the part that is asked for is sent, and that part may be empty. */
static void
test_part (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, TAKE (200 * KIB), SEND (CREATED), STAY };
  static const FerrydScriptStep none[] = { READ, SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) empty = NULL;
  FerrydFetchRequest request = make_request (entity);

  ferryd_entity_add_file (entity, make_file (kit, 10 * KIB, 290 * KIB), 0, 300 * KIB);
  ferryd_script_server_add (kit->kit.server, script);
  request.entity_first = 10 * KIB;
  request.entity_end = 210 * KIB;
  request.fresh_connection = TRUE;
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->sent, ==, 210 * KIB);
  assert_asked (kit, 0, "Content-Length: 204800\r\n", TRUE);
  ferryd_script_server_add (kit->kit.server, none);
  request.entity_first = 300 * KIB;
  request.entity_end = 0;
  empty = run (kit, request);
  fetch_log_assert_body (empty, "hello");
  assert_asked (kit, 1, "Content-Length: 0\r\n", TRUE);
}

/* The last bytes wait, and the server has not got the whole until they are let go. */
static void
test_hold (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, TAKE (300 * KIB), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 300 * KIB);
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;

  request.method = "POST";
  request.repeatable = FALSE;
  request.hold_last = TRUE;
  ferryd_script_server_add (kit->kit.server, script);
  log = fetch_kit_begin (&kit->kit, "/up", request);
  log->keep_last = TRUE;
  while (log->n_held == 0 || ferryd_script_server_get_n_taken (kit->kit.server) < 296 * KIB)
    g_main_context_iteration (NULL, log->n_held == 0);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_held, ==, 1);
  g_assert_cmpuint (ferryd_script_server_get_n_taken (kit->kit.server), ==, 296 * KIB);
  ferryd_transport_release_last (kit->kit.transport, log->fetch);
  fetch_log_wait (log);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->sent, ==, 300 * KIB);
}

static void
test_hold_empty (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;

  request.hold_last = TRUE;
  ferryd_script_server_add (kit->kit.server, script);
  log = fetch_kit_begin (&kit->kit, "/up", request);
  log->keep_last = TRUE;
  while (log->n_held == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_kit_settle ();
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->kit.server), ==, 0);
  g_assert_cmpuint (log->n_sent, ==, 0);
  ferryd_transport_release_last (kit->kit.transport, log->fetch);
  fetch_log_wait (log);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->n_sent, ==, 1);
}

/* The final response before the body is sent, and the server goes on reading or resets. */
static void
test_early (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = {
    READ, SEND (CONTINUE), TAKE (MIB),
    SEND ("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"), STAY
  };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 40 * MIB);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_failed (log, "request-entity-too-large", FERRYD_REMEDY_FINAL);
  g_assert_cmpmem (g_bytes_get_data (log->failure->body, NULL), g_bytes_get_size (log->failure->body), "big",
                   3);
  g_assert_cmpuint (log->sent, <, 40 * MIB);
}

/* Refused before anything of the body was sent. */
static void
test_refused (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
                                             STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 2 * MIB);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_failed (log, "forbidden", FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (log->sent, ==, 0);
}

static void
test_no_continue (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep silent[] = { READ, STAY };
  static const FerrydScriptStep script[] = { READ, TAKE (2 * MIB), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 2 * MIB);
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  request.response_timeout = FETCH_SHORT * 60;
  ferryd_script_server_add (kit->kit.server, silent);
  ferryd_script_server_add (kit->kit.server, script);
  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
  assert_asked (kit, 0, "Expect: 100-continue\r\n", TRUE);
  assert_asked (kit, 1, "Expect:", FALSE);
  /* It is remembered. */
  next = run (kit, request);
  fetch_log_assert_body (next, "hello");
  assert_asked (kit, 2, "Expect:", FALSE);
}

static void
test_417 (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep refuses[] = { READ, SEND ("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
                                              STAY };
  static const FerrydScriptStep script[] = { READ, TAKE (2 * MIB), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 2 * MIB);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, refuses);
  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_body (log, "hello");
  assert_asked (kit, 1, "Expect:", FALSE);
}

/* An interim response while the body is being sent. */
static void
test_interim (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = {
    READ, SEND (CONTINUE), TAKE (MIB), SEND ("HTTP/1.1 104 Upload\r\nLocation: /there\r\n\r\n"), TAKE (0),
    STAY
  };
  static const FerrydScriptStep early[] = {
    READ, SEND ("HTTP/1.1 104 Upload\r\nLocation: /there\r\n\r\n" CONTINUE), TAKE (12 * MIB), SEND (CREATED),
    STAY,
  };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 12 * MIB);
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FerrydEntity) huge = NULL;
  g_autoptr (FetchLog) broken = NULL;

  ferryd_script_server_add (kit->kit.server, early);
  log = run (kit, make_request (entity));
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->interim, ==, 104);
  ferryd_script_server_add (kit->kit.server, script);
  huge = make_entity (kit, 40 * MIB);
  broken = fetch_kit_begin (&kit->kit, "/up", make_request (huge));
  while (broken->interim == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_log_cancel (broken);
  g_assert_cmpuint (broken->interim, ==, 104);
  g_assert_cmpuint (broken->sent, <, 40 * MIB);
  g_assert_cmpuint (broken->n_interim, ==, 1);
}

static void
test_redirect (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = {
    READ,
    TAKE (700),
    SEND ("HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"),
    READ,
    TAKE (700),
    SEND ("HTTP/1.1 303 Done\r\nLocation: /result\r\nContent-Length: 0\r\n\r\n"),
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    STAY,
  };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 700);
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (GVariant) headers = NULL;
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  headers = g_variant_ref_sink (g_variant_new_parsed ("[('Content-Type', 'text/x-own'), ('X-Own', 'yes')]"));
  request.headers = headers;
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
  assert_asked (kit, 1, "PUT /there HTTP/1.1\r\n", TRUE);
  assert_asked (kit, 1, "Content-Type: text/x-own\r\n", TRUE);
  assert_asked (kit, 2, "Content-Type", FALSE);
  assert_asked (kit, 2, "X-Own: yes\r\n", TRUE);
  assert_asked (kit, 2, "GET /result HTTP/1.1\r\n", TRUE);
  assert_asked (kit, 2, "Content-Length", FALSE);
}

static void
test_moved (Kit *kit, gconstpointer status)
{
  static const FerrydScriptStep script[] = {
    READ, TAKE (700), SEND ("HTTP/1.1 302 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"), STAY
  };
  static const FerrydScriptStep early[] = {
    READ, SEND ("HTTP/1.1 303 Done\r\nLocation: /result\r\nContent-Length: 0\r\n\r\n"), STAY
  };
  g_autoptr (FerrydEntity) small = make_entity (kit, 700);
  g_autoptr (FerrydEntity) large = NULL;
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (small));
  fetch_log_assert_failed (log, "unexpected-redirection", FERRYD_REMEDY_FINAL);
  large = make_entity (kit, 2 * MIB);
  ferryd_script_server_add (kit->kit.server, early);
  next = run (kit, make_request (large));
  fetch_log_assert_failed (next, "unexpected-redirection", FERRYD_REMEDY_FINAL);
}

/* A file that is shorter than it was. */
static void
test_truncated (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 500 * KIB);
  g_autoptr (FetchLog) log = NULL;

  g_assert_cmpint (truncate (kit->path, 200 * KIB), ==, 0);
  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_failed (log, "source-changed", FERRYD_REMEDY_RESTART);
}

/* A server that takes nothing any more. */
static void
test_stalled (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CONTINUE), TAKE (1), READ, END };
  g_autoptr (FerrydEntity) entity = ferryd_entity_new ();
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;

  /* The server reads for an empty line that never comes, byte by byte: slowly, but it does. What counts is
   * that a deadline is set while there is sending to do. */
  ferryd_entity_add_file (entity, make_file (kit, 0, 40 * MIB), 0, 40 * MIB);
  request.stall_timeout = FETCH_SHORT;
  ferryd_script_server_add (kit->kit.server, script);
  log = fetch_kit_begin (&kit->kit, "/up", request);
  fetch_log_wait (log);
  fetch_log_assert_failed (log, "timeout", FERRYD_REMEDY_RETRY);
}

/* What it may not send it does not, and that is no stall. */
static void
test_limited (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, TAKE (300 * KIB), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 300 * KIB);
  g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, g_get_monotonic_time);
  g_autoptr (FerrydLimiterShare) share = ferryd_limiter_share_new (limiter);
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;
  gint64 began = g_get_monotonic_time ();

  ferryd_limiter_share_set_rate (share, MIB);
  request.share = share;
  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpuint (log->sent, ==, 300 * KIB);
  /* But for what a bucket holds, a fifth of a second's. */
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 90 * G_TIME_SPAN_MILLISECOND);
}

/* Bytes that come one by one, each later than the time in which something has to be sent. */
static void
test_very_slow (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, TAKE (3), SEND (CREATED), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 3);
  g_autoptr (FerrydLimiter) limiter = ferryd_limiter_new (NULL, g_get_monotonic_time);
  g_autoptr (FerrydLimiterShare) share = ferryd_limiter_share_new (limiter);
  FerrydFetchRequest request = make_request (entity);
  g_autoptr (FetchLog) log = NULL;

  ferryd_limiter_share_set_rate (share, 4);
  request.share = share;
  request.stall_timeout = FETCH_SHORT;
  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, request);
  fetch_log_assert_body (log, "hello");
}

static void
test_reset (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CONTINUE), TAKE (MIB), RESET };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 40 * MIB);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = run (kit, make_request (entity));
  fetch_log_assert_failed (log, "connection-reset", FERRYD_REMEDY_RETRY);
  g_assert_cmpuint (log->sent, <, 40 * MIB);
}

static void
test_cancel (Kit *kit, gconstpointer tls)
{
  static const FerrydScriptStep script[] = { READ, SEND (CONTINUE), TAKE (MIB), STAY };
  g_autoptr (FerrydEntity) entity = make_entity (kit, 40 * MIB);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->kit.server, script);
  log = fetch_kit_begin (&kit->kit, "/up", make_request (entity));
  while (log->sent == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_log_cancel (log);
}

#define ADD(path, func) g_test_add ("/transport-soup/uploads/" path, Kit, NULL, set_up, func, tear_down)
#define ADD_TLS(path, func) \
  g_test_add ("/transport-soup/uploads/tls/" path, Kit, "tls", set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_transport_soup_prepare_process ();
  ADD ("small", test_small);
  ADD ("empty", test_empty);
  ADD ("large", test_large);
  ADD ("pieces", test_pieces);
  ADD ("part", test_part);
  ADD ("hold", test_hold);
  ADD ("hold-empty", test_hold_empty);
  ADD ("early", test_early);
  ADD ("refused", test_refused);
  ADD ("no-continue", test_no_continue);
  ADD ("417", test_417);
  ADD ("interim", test_interim);
  ADD ("redirect", test_redirect);
  ADD ("moved", test_moved);
  ADD ("truncated", test_truncated);
  ADD ("limited", test_limited);
  ADD ("very-slow", test_very_slow);
  ADD ("reset", test_reset);
  ADD ("stalled", test_stalled);
  ADD ("cancel", test_cancel);
  ADD_TLS ("small", test_small);
  ADD_TLS ("large", test_large);
  ADD_TLS ("pieces", test_pieces);
  ADD_TLS ("hold", test_hold);
  ADD_TLS ("limited", test_limited);
  ADD_TLS ("very-slow", test_very_slow);
  ADD_TLS ("refused", test_refused);
  ADD_TLS ("truncated", test_truncated);
  ADD_TLS ("cancel", test_cancel);
  return g_test_run ();
}
