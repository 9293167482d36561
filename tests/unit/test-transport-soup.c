/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

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

#define MEBIBYTE (1024 * 1024)

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

static void
assert_requested (FetchKit *kit, guint n, const char *line)
{
  g_autofree char *request = ferryd_script_server_dup_request (kit->server, n);

  g_assert_nonnull (request);
  if (strstr (request, line) == NULL)
    g_error ("Request %u does not have \"%s\":\n%s", n, line, request);
}

static void
assert_not_requested (FetchKit *kit, guint n, const char *line)
{
  g_autofree char *request = ferryd_script_server_dup_request (kit->server, n);

  g_assert_nonnull (request);
  if (strstr (request, line) != NULL)
    g_error ("Request %u has \"%s\":\n%s", n, line, request);
}

static void
test_whole (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"v1\"\r\nX-Two: a\r\nX-Two: b\r\n"
          "Set-Cookie: secret=1\r\nContent-Encoding: gzip\r\n\r\nhello"),
    END,
  };
  g_autoptr (FetchLog) log = NULL;
  g_autofree char *headers = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_get (kit, "/folder/a%20file.txt?query#fragment");
  fetch_log_assert_body (log, "hello");
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_PROVED);
  g_assert_cmpint (log->answer.kind, ==, FERRYD_ANSWER_WHOLE);
  g_assert_cmpuint (log->answer.status, ==, 200);
  g_assert_cmpint (log->answer.length, ==, 5);
  g_assert_cmpint (log->answer.total, ==, 5);
  g_assert_cmpstr (log->answer.validator, ==, "\"v1\"");
  g_assert_cmpstr (log->answer.suggested_name, ==, "a file.txt");
  g_assert_cmpstr (log->answer.remote_address, ==, "127.0.0.1");
  g_assert_true (g_str_has_suffix (log->answer.uri, "/folder/a%20file.txt?query"));
  g_assert_true (log->answer.resumable);
  headers = g_variant_print (log->answer.headers, FALSE);
  g_assert_nonnull (strstr (headers, "('X-Two', 'a')"));
  g_assert_nonnull (strstr (headers, "('X-Two', 'b')"));
  g_assert_null (strstr (headers, "secret"));
  assert_requested (kit, 0, "GET /folder/a%20file.txt?query HTTP/1.1\r\n");
  assert_requested (kit, 0, "\r\nUser-Agent: Ferry/" PACKAGE_VERSION "\r\n");
  assert_requested (kit, 0, "\r\nAccept-Encoding: identity\r\n");
  assert_not_requested (kit, 0, "\r\nRange:");
  assert_not_requested (kit, 0, "\r\nConnection: close");
}

static void
test_caller_headers (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                             END };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (GVariant) headers = g_variant_ref_sink (
      g_variant_new_parsed ("[('User-Agent', 'Mine/1'), ('X-List', 'a'), ('X-List', 'b')]"));
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.headers = headers;
  log = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (log, "");
  g_assert_cmpuint (log->n_bodies, ==, 0);
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_PROVED);
  assert_requested (kit, 0, "\r\nUser-Agent: Mine/1\r\n");
  assert_requested (kit, 0, "\r\nX-List: a\r\n");
  assert_requested (kit, 0, "\r\nX-List: b\r\n");
  assert_not_requested (kit, 0, "Ferry/");
}

/* Larger than a turn, than the buffer, and than what a socket holds: offsets and order have to be right. */
static void
test_bulk (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 25165824\r\n\r\n"),
    BULK (24 * MEBIBYTE),
    END,
  };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  log->check_only = TRUE;
  fetch_log_wait (log);
  g_assert_null (log->failure);
  g_assert_cmpuint (log->received, ==, 24 * MEBIBYTE);
}

static void
test_range (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 6000000000-6000000004/7000000000\r\n"
          "Content-Length: 5\r\nETag: \"v1\"\r\n\r\nhello"),
    END,
  };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.first = G_GINT64_CONSTANT (6000000000);
  request.if_range = "\"v1\"";
  log = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpint (log->answer.kind, ==, FERRYD_ANSWER_PART);
  g_assert_cmpint (log->answer.first, ==, G_GINT64_CONSTANT (6000000000));
  g_assert_cmpint (log->answer.length, ==, 5);
  g_assert_cmpint (log->answer.total, ==, G_GINT64_CONSTANT (7000000000));
  assert_requested (kit, 0, "\r\nRange: bytes=6000000000-\r\n");
  assert_requested (kit, 0, "\r\nIf-Range: \"v1\"\r\n");
}

static void
test_range_bounded (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\nhello"),
    END,
  };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.last = 2;
  log = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (log, "hel");
  g_assert_cmpint (log->answer.length, ==, 3);
  assert_requested (kit, 0, "\r\nRange: bytes=0-2\r\n");
  assert_not_requested (kit, 0, "If-Range");
}

static void
test_keep_alive (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"),
    READ,
    SEND ("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"),
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    READ,
    SEND ("HTTP/1.1 302 Found\r\nLocation: /5\r\nContent-Length: 4\r\n\r\nmove"),
    READ,
    SEND ("HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n"),
    BULK (3 * MEBIBYTE),
    STAY,
  };

  ferryd_script_server_add (kit->server, script);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);
      g_autoptr (FetchLog) log = fetch_kit_get (kit, path);

      g_assert_cmpuint (log->n_ended, ==, 1);
    }
  g_assert_cmpuint (ferryd_script_server_get_n_requests (kit->server), ==, 5);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 1);
}

static void
test_applications_apart (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                             STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, script);
  first = fetch_kit_run (kit, "/", request);
  request.application = "org.example.Other";
  second = fetch_kit_run (kit, "/", request);
  fetch_log_assert_body (second, "");
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 2);
}

static void
test_fresh_connection (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                             READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
                                             STAY };
  static const FerrydScriptStep fresh[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nf"),
                                            STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;
  g_autoptr (FetchLog) third = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, fresh);
  first = fetch_kit_run (kit, "/1", request);
  request.fresh_connection = TRUE;
  second = fetch_kit_run (kit, "/2", request);
  fetch_log_assert_body (second, "f");
  assert_requested (kit, 1, "\r\nConnection: close\r\n");
  assert_requested (kit, 1, "\r\nCache-Control: no-cache\r\n");
  request.fresh_connection = FALSE;
  third = fetch_kit_run (kit, "/3", request);
  fetch_log_assert_body (third, "2");
}

static void
test_drop_connections (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                                             STAY };
  static const FerrydScriptStep held[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
                                           STAY };
  g_autoptr (FetchLog) first = NULL;
  g_autoptr (FetchLog) second = NULL;
  g_autoptr (FetchLog) third = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, held);
  ferryd_script_server_add (kit->server, script);
  first = fetch_kit_get (kit, "/");
  ferryd_transport_drop_connections (kit->transport);
  /* In use while connections are dropped: it is served, but its connection is not used again. */
  second = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  second->answer_flow = FERRYD_FLOW_HOLD;
  while (second->n_answers == 0)
    g_main_context_iteration (NULL, TRUE);
  ferryd_transport_drop_connections (kit->transport);
  ferryd_transport_resume (kit->transport, second->fetch);
  fetch_log_wait (second);
  fetch_log_assert_body (second, "ab");
  third = fetch_kit_get (kit, "/");
  fetch_log_assert_body (third, "");
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 3);
}

static void
test_side_by_side (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n"),
                                             BULK (8 * MEBIBYTE), END };
  static const FerrydScriptStep small[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
                                            END };
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify) fetch_log_free);

  for (guint i = 0; i < 20; i++)
    ferryd_script_server_add (kit->server, i % 5 == 0 ? script : small);
  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (logs, fetch_kit_begin (kit, "/", fetch_kit_request (NULL)));
  for (guint i = 0; i < 20; i++)
    {
      FetchLog *log = g_ptr_array_index (logs, i);

      fetch_log_wait (log);
      g_assert_null (log->failure);
      g_assert_true (log->received == 2 || log->received == 8 * MEBIBYTE);
    }
}

static void
test_hold (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"),
                                             BULK (4 * MEBIBYTE), STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;
  guint64 received;

  ferryd_script_server_add (kit->server, script);
  request.stall_timeout = FETCH_SHORT;
  log = fetch_kit_begin (kit, "/", request);
  log->check_only = TRUE;
  log->answer_flow = FERRYD_FLOW_HOLD;
  log->body_flow_at = MEBIBYTE;
  log->body_flow = FERRYD_FLOW_HOLD;
  while (log->n_answers == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_kit_settle ();
  g_assert_cmpuint (log->received, ==, 0);
  ferryd_transport_resume (kit->transport, log->fetch);
  g_assert_cmpuint (log->received, ==, 0);
  while (log->body_flow_at != -1)
    g_main_context_iteration (NULL, TRUE);
  received = log->received;
  /* Held for longer than a stall may last: that is not the server's doing. */
  g_usleep (2 * FETCH_SHORT * 1000);
  fetch_kit_settle ();
  g_assert_cmpuint (log->received, ==, received);
  g_assert_nonnull (log->fetch);
  ferryd_transport_resume (kit->transport, log->fetch);
  fetch_log_wait (log);
  g_assert_null (log->failure);
  g_assert_cmpuint (log->received, ==, 4 * MEBIBYTE);
}

static void
test_hold_before_end (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                   "5\r\nhello\r\n5\r\nwor"),
                                             END };
  static const FerrydScriptStep nothing[] = { READ, SEND ("HTTP/1.1 304 Not Modified\r\n\r\n"), STAY };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new_parsed ("[('If-None-Match', '\"v1\"')]"));
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) unchanged = NULL;

  /* The end, and that it is a cut, was read together with the bytes that were answered HOLD. */
  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_begin (kit, "/", request);
  log->body_flow_at = 1;
  log->body_flow = FERRYD_FLOW_HOLD;
  while (log->n_bodies == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_kit_settle ();
  g_assert_nonnull (log->fetch);
  ferryd_transport_resume (kit->transport, log->fetch);
  fetch_log_wait (log);
  fetch_log_assert_failed (log, "disconnected", FERRYD_REMEDY_RETRY);

  ferryd_script_server_add (kit->server, nothing);
  request.headers = headers;
  unchanged = fetch_kit_begin (kit, "/", request);
  unchanged->answer_flow = FERRYD_FLOW_HOLD;
  while (unchanged->n_answers == 0)
    g_main_context_iteration (NULL, TRUE);
  fetch_kit_settle ();
  g_assert_nonnull (unchanged->fetch);
  ferryd_transport_resume (kit->transport, unchanged->fetch);
  fetch_log_wait (unchanged);
  g_assert_null (unchanged->failure);
  g_assert_cmpint (unchanged->answer.kind, ==, FERRYD_ANSWER_UNCHANGED);
}

static void
test_stop (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
                                             STAY };
  g_autoptr (FetchLog) at_answer = NULL;
  g_autoptr (FetchLog) in_body = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, script);
  at_answer = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  at_answer->answer_flow = FERRYD_FLOW_STOP;
  fetch_log_wait (at_answer);
  g_assert_cmpuint (at_answer->n_bodies, ==, 0);
  g_assert_null (at_answer->failure);
  g_assert_cmpint (at_answer->end, ==, FERRYD_BODY_END_UNPROVED);
  in_body = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  in_body->body_flow_at = 1;
  in_body->body_flow = FERRYD_FLOW_STOP;
  fetch_log_wait (in_body);
  fetch_log_assert_body (in_body, "hello");
  g_assert_cmpint (in_body->end, ==, FERRYD_BODY_END_UNPROVED);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 2);
}

static void
test_cancel (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep silent[] = { READ, STAY };
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
                                             STAY };
  static const FerrydScriptStep error[] = { READ, SEND ("HTTP/1.1 500 Oh\r\nContent-Length: 50\r\n\r\nhello"),
                                            STAY };
  FetchKit other;
  FetchLog *log;

  fetch_kit_init (&other, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
  /* Before anything has happened. */
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  fetch_log_cancel (log);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_ended + log->n_answers, ==, 0);
  fetch_log_free (log);

  /* While it connects, to a server that must not take a script away from those below. */
  log = fetch_kit_begin (&other, "/", fetch_kit_request (NULL));
  g_main_context_iteration (NULL, FALSE);
  fetch_log_cancel (log);
  fetch_kit_settle ();
  fetch_log_free (log);
  fetch_kit_clear (&other);

  /* While it waits for a response. */
  ferryd_script_server_add (kit->server, silent);
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  while (ferryd_script_server_get_n_requests (kit->server) == 0)
    g_main_context_iteration (NULL, FALSE);
  fetch_log_cancel (log);
  fetch_kit_settle ();
  fetch_log_free (log);

  for (guint i = 0; i < 3; i++)
    ferryd_script_server_add (kit->server, i < 2 ? script : error);
  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  log->cancel_answer = TRUE;
  fetch_log_wait (log);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_bodies + log->n_ended, ==, 0);
  fetch_log_free (log);

  log = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  log->cancel_at = 1;
  fetch_log_wait (log);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_bodies, ==, 1);
  g_assert_cmpuint (log->n_ended, ==, 0);
  fetch_log_free (log);
}

/* The transport goes while fetches are in every phase: nobody is called, and nothing is left (the leak
 * checker). */
static void
test_finalize (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep silent[] = { READ, STAY };
  static const FerrydScriptStep script[] = { READ,
                                             SEND ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
                                             STAY };
  FetchLog *logs[3];

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, silent);
  logs[0] = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  while (logs[0]->n_bodies == 0)
    g_main_context_iteration (NULL, TRUE);
  logs[1] = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  while (ferryd_script_server_get_n_requests (kit->server) < 2)
    g_main_context_iteration (NULL, FALSE);
  logs[2] = fetch_kit_begin (kit, "/", fetch_kit_request (NULL));
  g_assert_finalize_object (kit->transport);
  fetch_kit_settle ();
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_assert_cmpuint (logs[i]->n_ended, ==, 0);
      logs[i]->fetch = NULL;
      fetch_log_free (logs[i]);
    }
  kit->transport = ferryd_transport_soup_new (NULL, NULL);
}

static void
test_ipv6 (void)
{
  static const FerrydScriptStep script[] = { READ, SEND ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv6"),
                                             END };
  FetchKit kit;
  FetchLog *log;

  fetch_kit_init (&kit, ferryd_transport_soup_new (NULL, NULL), "::1", NULL);
  ferryd_script_server_add (kit.server, script);
  log = fetch_kit_get (&kit, "/");
  fetch_log_assert_body (log, "v6");
  g_assert_cmpstr (log->answer.remote_address, ==, "::1");
  fetch_log_free (log);
  fetch_kit_clear (&kit);
}

static void
test_prepare_process (void)
{
  g_unsetenv ("SOUP_FORCE_HTTP1");
  ferryd_transport_soup_prepare_process ();
  if (!FERRYD_HTTP2 || !soup_check_version (3, 7, 1))
    g_assert_cmpstr (g_getenv ("SOUP_FORCE_HTTP1"), ==, "1");
}

#define ADD(path, func) g_test_add ("/transport-soup/" path, FetchKit, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport-soup/prepare-process", test_prepare_process);
  ADD ("whole", test_whole);
  ADD ("caller-headers", test_caller_headers);
  ADD ("bulk", test_bulk);
  ADD ("range", test_range);
  ADD ("range-bounded", test_range_bounded);
  ADD ("keep-alive", test_keep_alive);
  ADD ("applications-apart", test_applications_apart);
  ADD ("fresh-connection", test_fresh_connection);
  ADD ("drop-connections", test_drop_connections);
  ADD ("side-by-side", test_side_by_side);
  ADD ("hold", test_hold);
  ADD ("hold-before-end", test_hold_before_end);
  ADD ("stop", test_stop);
  ADD ("cancel", test_cancel);
  ADD ("finalize", test_finalize);
  g_test_add_func ("/transport-soup/ipv6", test_ipv6);
  return g_test_run ();
}
