/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <libsoup/soup.h>
#include <string.h>

#include "ferryd-fetch-kit.h"
#include "ferryd-transport-soup.h"

/* clang-format off */
#define SEND(text) { FERRYD_SCRIPT_SEND, text, 0 }
/* clang-format on */

/* Where a redirect to another server goes is known only when that runs: the script is put together then. */
typedef struct
{
  FetchKit kit;
  FerrydScriptServer *other; /* (owned) */
  char *other_base;          /* (owned) */
  GPtrArray *texts;          /* (element-type utf8) (owned): of scripts */
  GPtrArray *scripts;        /* (element-type FerrydScriptStep) (owned) */
} Pair;

static void
set_up (Pair *pair, gconstpointer data)
{
  fetch_kit_init (&pair->kit, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
  pair->other = ferryd_script_server_new ("127.0.0.1", NULL);
  pair->other_base = g_strdup_printf ("http://127.0.0.1:%u", ferryd_script_server_get_port (pair->other));
  pair->texts = g_ptr_array_new_with_free_func (g_free);
  pair->scripts = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Pair *pair, gconstpointer data)
{
  fetch_kit_clear (&pair->kit);
  ferryd_script_server_free (pair->other);
  g_ptr_array_unref (pair->scripts);
  g_ptr_array_unref (pair->texts);
  g_free (pair->other_base);
}

/* Has the next connection of @server answer one request so. */
static void
answer (Pair *pair, FerrydScriptServer *server, char *text)
{
  FerrydScriptStep *script = g_new0 (FerrydScriptStep, 4);

  script[0].verb = FERRYD_SCRIPT_READ;
  script[1] = (FerrydScriptStep) SEND (text);
  script[2].verb = FERRYD_SCRIPT_STAY;
  g_ptr_array_add (pair->texts, text);
  g_ptr_array_add (pair->scripts, script);
  ferryd_script_server_add (server, script);
}

static void
redirect (Pair *pair, FerrydScriptServer *from, guint status, const char *base, const char *path)
{
  answer (pair, from,
          g_strdup_printf ("HTTP/1.1 %u Moved\r\nLocation: %s%s\r\nConnection: close\r\n\r\n", status, base,
                           path));
}

static gboolean
has_line (FerrydScriptServer *server, guint n, const char *line)
{
  g_autofree char *request = ferryd_script_server_dup_request (server, n);

  g_assert_nonnull (request);
  return strstr (request, line) != NULL;
}

static FerrydFetchRequest
make_request (GVariant **headers)
{
  FerrydFetchRequest request = fetch_kit_request (NULL);

  *headers = g_variant_ref_sink (g_variant_new_parsed (
      "[('Authorization', 'Bearer t'), ('Cookie', 'c=1'), ('X-Api-Key', 'k'), ('Referer', 'r'),"
      " ('If-None-Match', '\"x\"'), ('Accept', 'a/b'), ('accept-language', 'de'),"
      " ('User-Agent', 'Mine/1')]"));
  request.headers = *headers;
  return request;
}

static void
test_same_origin (Pair *pair, gconstpointer data)
{
  guint status = GPOINTER_TO_UINT (data);
  g_autoptr (GVariant) headers = NULL;
  FerrydFetchRequest request = make_request (&headers);
  g_autoptr (FetchLog) log = NULL;

  redirect (pair, pair->kit.server, status, "", "/there/file%20name?x#y");
  answer (pair, pair->kit.server, g_strdup ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  log = fetch_kit_run (&pair->kit, "/here", request);
  fetch_log_assert_body (log, "hi");
  g_assert_true (g_str_has_suffix (log->answer.uri, "/there/file%20name?x"));
  g_assert_cmpstr (log->answer.suggested_name, ==, "file name");
  g_assert_true (has_line (pair->kit.server, 1, "GET /there/file%20name?x HTTP/1.1\r\n"));
  g_assert_true (has_line (pair->kit.server, 1, "\r\nAuthorization: Bearer t\r\n"));
  g_assert_true (has_line (pair->kit.server, 1, "\r\nX-Api-Key: k\r\n"));
}

/* There and back: what was left behind at the border stays behind. */
static void
test_other_origin (Pair *pair, gconstpointer data)
{
  static const char *const secrets[] = { "Bearer", "Cookie", "X-Api-Key", "Referer", "If-None-Match" };
  g_autoptr (GVariant) headers = NULL;
  FerrydFetchRequest request = make_request (&headers);
  g_autoptr (FetchLog) log = NULL;

  request.first = 7;
  request.if_range = "\"v\"";
  redirect (pair, pair->kit.server, 302, pair->other_base, "/a");
  redirect (pair, pair->other, 307, pair->kit.base, "/b");
  answer (
      pair, pair->kit.server,
      g_strdup ("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 7-8/9\r\nContent-Length: 2\r\n\r\nhi"));
  log = fetch_kit_run (&pair->kit, "/", request);
  fetch_log_assert_body (log, "hi");
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_assert_true (has_line (pair->kit.server, 0, secrets[i]));
      g_assert_false (has_line (pair->other, 0, secrets[i]));
      g_assert_false (has_line (pair->kit.server, 1, secrets[i]));
    }
  g_assert_true (has_line (pair->other, 0, "\r\nAccept: a/b\r\n"));
  g_assert_true (has_line (pair->other, 0, "\r\naccept-language: de\r\n") ||
                 has_line (pair->other, 0, "\r\nAccept-Language: de\r\n"));
  g_assert_true (has_line (pair->other, 0, "\r\nUser-Agent: Mine/1\r\n"));
  g_assert_true (has_line (pair->other, 0, "\r\nRange: bytes=7-\r\n"));
  g_assert_true (has_line (pair->kit.server, 1, "\r\nIf-Range: \"v\"\r\n"));
}

/* Each fetch begins where it was told to, whatever became of the last one. */
static void
test_from_the_start (Pair *pair, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FetchLog) log = NULL;

      redirect (pair, pair->kit.server, 301, "", "/signed");
      answer (pair, pair->kit.server,
              g_strdup ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));
      log = fetch_kit_get (&pair->kit, "/start");
      fetch_log_assert_body (log, "hi");
    }
  g_assert_true (has_line (pair->kit.server, 2, "GET /start "));
}

static void
test_too_many (Pair *pair, gconstpointer data)
{
  g_autoptr (FetchLog) enough = NULL;
  g_autoptr (FetchLog) too_many = NULL;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      redirect (pair, pair->kit.server, 302, "", path);
    }
  answer (pair, pair->kit.server,
          g_strdup ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));
  enough = fetch_kit_get (&pair->kit, "/");
  fetch_log_assert_body (enough, "hi");
  for (guint i = 0; i < 21; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      redirect (pair, pair->kit.server, 302, "", path);
    }
  too_many = fetch_kit_get (&pair->kit, "/");
  fetch_log_assert_failed (too_many, "redirect-failed", FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (pair->kit.server), ==, 42);
}

static void
test_retry_after (Pair *pair, gconstpointer data)
{
  g_autoptr (FetchLog) late = NULL;
  FetchLog *soon;

  answer (pair, pair->kit.server,
          g_strdup ("HTTP/1.1 302 Found\r\nLocation: /x\r\nRetry-After: 600\r\nConnection: close\r\n\r\n"));
  late = fetch_kit_get (&pair->kit, "/");
  fetch_log_assert_failed (late, "found", FERRYD_REMEDY_RETRY);
  g_assert_cmpint (late->failure->retry_after, ==, 600 * G_USEC_PER_SEC);
  /* A wait that is worth waiting for: nothing is asked meanwhile, and it can be canceled. */
  answer (pair, pair->kit.server,
          g_strdup ("HTTP/1.1 302 Found\r\nLocation: /x\r\nRetry-After: 30\r\nConnection: close\r\n\r\n"));
  soon = fetch_kit_begin (&pair->kit, "/", fetch_kit_request (NULL));
  while (ferryd_script_server_get_n_requests (pair->kit.server) < 2)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < 20; i++)
    {
      g_usleep (5000);
      fetch_kit_settle ();
    }
  g_assert_nonnull (soon->fetch);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (pair->kit.server), ==, 2);
  fetch_log_cancel (soon);
  fetch_log_free (soon);
}

static void
test_post (Pair *pair, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *line; /* of the second request, NULL when there is to be none */
  } cases[] = { { 301, NULL }, { 302, NULL }, { 303, "GET /x " }, { 307, "POST /x " }, { 308, "POST /x " } };
  FerrydFetchRequest request = fetch_kit_request (NULL);
  guint n = 0;

  request.method = "POST";
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FetchLog) log = NULL;

      redirect (pair, pair->kit.server, cases[i].status, "", "/x");
      if (cases[i].line != NULL)
        answer (pair, pair->kit.server,
                g_strdup ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));
      log = fetch_kit_run (&pair->kit, "/", request);
      n++;
      if (cases[i].line == NULL)
        fetch_log_assert_failed (log, "unexpected-redirection", FERRYD_REMEDY_FINAL);
      else
        {
          fetch_log_assert_body (log, "hi");
          g_assert_true (has_line (pair->kit.server, n++, cases[i].line));
        }
    }
}

#define ADD(path, data, func) \
  g_test_add ("/transport-soup/redirect/" path, Pair, GUINT_TO_POINTER (data), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_transport_soup_prepare_process ();
  ADD ("same-origin/301", 301, test_same_origin);
  ADD ("same-origin/302", 302, test_same_origin);
  ADD ("same-origin/303", 303, test_same_origin);
  ADD ("same-origin/307", 307, test_same_origin);
  ADD ("same-origin/308", 308, test_same_origin);
  ADD ("other-origin", 0, test_other_origin);
  ADD ("from-the-start", 0, test_from_the_start);
  ADD ("too-many", 0, test_too_many);
  ADD ("retry-after", 0, test_retry_after);
  ADD ("post", 0, test_post);
  return g_test_run ();
}
