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
#define STAY { FERRYD_SCRIPT_STAY, NULL, 0 }
#define END { FERRYD_SCRIPT_END, NULL, 0 }
/* clang-format on */

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* libsoup reports a cut chunked body itself from here on, and needs no proof. */
#define SOUP_KNOWS soup_check_version (3, 6, 5)

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

static FerrydFetchRequest
proving (void)
{
  FerrydFetchRequest request = fetch_kit_request (NULL);

  request.prove_end = TRUE;
  return request;
}

static void
assert_head (FetchKit *kit, guint n)
{
  g_autofree char *request = ferryd_script_server_dup_request (kit->server, n);

  g_assert_nonnull (request);
  g_assert_true (g_str_has_prefix (request, "HEAD /file HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (request, "\r\nAccept-Encoding: identity\r\n"));
}

static void
test_chunks_complete (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (CHUNKED "2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
                                             READ, SEND (CHUNKED),
                                             READ, SEND (OK "Content-Length: 0\r\n\r\n"),
                                             STAY };
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_run (kit, "/file", proving ());
  fetch_log_assert_body (log, "hello");
  g_assert_cmpint (log->answer.length, ==, -1);
  g_assert_cmpint (log->answer.total, ==, -1);
  g_assert_false (log->answer.resumable);
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_PROVED);
  if (!SOUP_KNOWS)
    assert_head (kit, 1);
  next = fetch_kit_get (kit, "/");
  fetch_log_assert_body (next, "");
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, 1);
}

typedef struct
{
  const char *name;
  FerrydScriptStep body[4];
  FerrydScriptStep head[4];
  gboolean prove;
  gboolean fails;      /* with `disconnected` */
  FerrydBodyEnd end;   /* otherwise */
  guint n_connections; /* used in all */
} End;

static const End ends[] = {
  { "chunks-cut/unknown",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { READ, SEND (CHUNKED), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_DOUBTFUL,
    2 },
  { "chunks-cut/equal",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { READ, SEND (OK "Content-Length: 5\r\n\r\n"), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_PROVED,
    2 },
  { "chunks-cut/longer",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { READ, SEND (OK "Content-Length: 10\r\n\r\n"), STAY },
    TRUE,
    TRUE,
    FERRYD_BODY_END_UNPROVED,
    2 },
  { "chunks-cut/refused",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { READ, SEND ("HTTP/1.1 405 No\r\nContent-Length: 5\r\n\r\n"), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_DOUBTFUL,
    2 },
  { "chunks-cut/lost",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { READ, END },
    TRUE,
    FALSE,
    FERRYD_BODY_END_DOUBTFUL,
    2 },
  { "chunks-cut/no-final-line",
    { READ, SEND (CHUNKED "5\r\nhello\r\n0\r\n"), END },
    { READ, SEND (CHUNKED), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_DOUBTFUL,
    2 },
  { "chunks-cut/unasked",
    { READ, SEND (CHUNKED "5\r\nhello\r\n"), END },
    { END },
    FALSE,
    FALSE,
    FERRYD_BODY_END_UNPROVED,
    1 },
  { "close/equal",
    { READ, SEND (OK "\r\nhello"), END },
    { READ, SEND (OK "Content-Length: 5\r\n\r\n"), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_PROVED,
    2 },
  { "close/longer",
    { READ, SEND (OK "\r\nhello"), END },
    { READ, SEND (OK "Content-Length: 6\r\n\r\n"), STAY },
    TRUE,
    TRUE,
    FERRYD_BODY_END_UNPROVED,
    2 },
  { "close/shorter",
    { READ, SEND (OK "\r\nhello"), END },
    { READ, SEND (OK "Content-Length: 4\r\n\r\n"), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_UNPROVED,
    2 },
  { "close/unknown",
    { READ, SEND ("HTTP/1.0 200 OK\r\n\r\nhello"), END },
    { READ, SEND (OK "\r\n"), END },
    TRUE,
    FALSE,
    FERRYD_BODY_END_UNPROVED,
    2 },
  { "close/unasked",
    { READ, SEND (OK "\r\nhello"), END },
    { END },
    FALSE,
    FALSE,
    FERRYD_BODY_END_UNPROVED,
    1 },
  { "close/chunked",
    { READ, SEND (OK "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), END },
    { READ, SEND (CHUNKED), STAY },
    TRUE,
    FALSE,
    FERRYD_BODY_END_UNPROVED,
    2 },
};

static void
test_end (gconstpointer data)
{
  const End *end = data;
  FetchKit kit;
  FetchLog *log;
  FerrydFetchRequest request = fetch_kit_request (NULL);
  gboolean soup_knows = strstr (end->name, "chunk") != NULL && SOUP_KNOWS;

  set_up (&kit, NULL);
  ferryd_script_server_add (kit.server, end->body);
  ferryd_script_server_add (kit.server, end->head);
  request.prove_end = end->prove;
  log = fetch_kit_run (&kit, "/file", request);
  g_assert_cmpmem (log->body->data, log->body->len, "hello", 5);
  if (end->fails || soup_knows)
    fetch_log_assert_failed (log, "disconnected", FERRYD_REMEDY_RETRY);
  else
    {
      fetch_log_assert_body (log, "hello");
      g_assert_cmpint (log->end, ==, end->end);
    }
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit.server), ==,
                    soup_knows ? 1 : end->n_connections);
  if (end->prove && !soup_knows)
    assert_head (&kit, 1);
  fetch_log_free (log);
  tear_down (&kit, NULL);
}

/* A response cut in its header section looks like an empty file whose end the connection marks. */
static void
test_nothing (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "Server: x\r\n"), END };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, script);
  log = fetch_kit_run (kit, "/file", proving ());
  fetch_log_assert_body (log, "");
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_UNPROVED);
}

/* Only what GET gets can be asked for again. */
static void
test_other_method (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "\r\nhello"), END };
  FerrydFetchRequest request = proving ();
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (kit->server, script);
  request.method = "POST";
  log = fetch_kit_run (kit, "/file", request);
  fetch_log_assert_body (log, "hello");
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_UNPROVED);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (kit->server), ==, 1);
}

/* The caller's headers go along, but a condition would be answered 304. */
static void
test_headers (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "\r\nhello"), END };
  static const FerrydScriptStep head[] = { READ, SEND (OK "Content-Length: 5\r\n\r\n"), STAY };
  FerrydFetchRequest request = proving ();
  g_autoptr (GVariant) headers =
      g_variant_ref_sink (g_variant_new_parsed ("[('X-Key', 'k'), ('If-None-Match', '\"v\"')]"));
  g_autoptr (FetchLog) log = NULL;
  g_autofree char *asked = NULL;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, head);
  request.headers = headers;
  log = fetch_kit_run (kit, "/file", request);
  g_assert_cmpint (log->end, ==, FERRYD_BODY_END_PROVED);
  asked = ferryd_script_server_dup_request (kit->server, 1);
  g_assert_nonnull (strstr (asked, "\r\nX-Key: k\r\n"));
  g_assert_null (strstr (asked, "If-None-Match"));
}

static void
test_cancel (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (OK "\r\nhello"), END };
  static const FerrydScriptStep head[] = { READ, STAY };
  FetchLog *log;

  ferryd_script_server_add (kit->server, script);
  ferryd_script_server_add (kit->server, head);
  log = fetch_kit_begin (kit, "/file", proving ());
  while (ferryd_script_server_get_n_requests (kit->server) < 2)
    g_main_context_iteration (NULL, FALSE);
  fetch_log_cancel (log);
  fetch_kit_settle ();
  g_assert_cmpuint (log->n_ended, ==, 0);
  fetch_log_free (log);
}

static FetchLog *
begin_held (FetchKit *kit, FerrydFetchRequest request)
{
  FetchLog *log = fetch_kit_begin (kit, "/file", request);

  log->answer_flow = FERRYD_FLOW_HOLD;
  return log;
}

static void
wait_for_answer (FetchLog *log)
{
  while (log->n_answers == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
go_on (FetchLog *log)
{
  ferryd_transport_resume (log->kit->transport, log->fetch);
  fetch_log_wait (log);
  fetch_log_assert_body (log, "hello");
}

/* Sixteen fetches have a session each and sixteen more share those. One of the latter ends, and what is to be
 * proved takes over its connection; a last one opens the newest in that session and ends before. Of two idle
 * connections to the server the proof has to find the body's own, which is not the one libsoup offers first.
 */
static void
test_shared_session (FetchKit *kit, gconstpointer data)
{
  static const FerrydScriptStep other[] = { READ, SEND (OK "Content-Length: 5\r\n\r\nhello"), STAY };
  static const FerrydScriptStep own[] = { READ, SEND (OK "Content-Length: 5\r\n\r\nhello"),
                                          READ, SEND (CHUNKED "5\r\nhello\r\n0\r\n\r\n"),
                                          READ, SEND (CHUNKED),
                                          STAY };
  enum
  {
    SHARING = 16,
    PROVING = 32,
    LAST = 33,
    N = 34
  };
  FetchLog *logs[N];

  for (guint i = 0; i < PROVING; i++)
    {
      ferryd_script_server_add (kit->server, i == SHARING ? own : other);
      logs[i] = begin_held (kit, fetch_kit_request (NULL));
      wait_for_answer (logs[i]);
    }
  go_on (logs[SHARING]);
  fetch_kit_settle ();
  ferryd_script_server_add (kit->server, other);
  logs[PROVING] = begin_held (kit, proving ());
  logs[LAST] = begin_held (kit, fetch_kit_request (NULL));
  wait_for_answer (logs[PROVING]);
  wait_for_answer (logs[LAST]);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (kit->server), ==, N - 1);
  go_on (logs[LAST]);
  fetch_kit_settle ();
  go_on (logs[PROVING]);
  g_assert_cmpint (logs[PROVING]->end, ==, FERRYD_BODY_END_PROVED);
  for (guint i = 0; i < N; i++)
    {
      if (logs[i]->fetch != NULL)
        fetch_log_cancel (logs[i]);
      fetch_log_free (logs[i]);
    }
}

#define ADD(path, func) g_test_add ("/transport-soup/" path, FetchKit, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_transport_soup_prepare_process ();
  ADD ("end/chunks-complete", test_chunks_complete);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat ("/transport-soup/end/", ends[i].name, NULL);

      g_test_add_data_func (path, &ends[i], test_end);
    }
  ADD ("end/nothing", test_nothing);
  ADD ("end/other-method", test_other_method);
  ADD ("end/headers", test_headers);
  ADD ("end/cancel", test_cancel);
  ADD ("end/shared-session", test_shared_session);
  return g_test_run ();
}
