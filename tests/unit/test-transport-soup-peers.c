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
#define FLOOD(text, times) { FERRYD_SCRIPT_FLOOD, text, times }
#define STAY { FERRYD_SCRIPT_STAY, NULL, 0 }
#define END { FERRYD_SCRIPT_END, NULL, 0 }
/* clang-format on */

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define BASIC \
  "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno"
#define PROXY "HTTP/1.1 407 Needed\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 2\r\n\r\nno"
#define DIGEST(parameters)                                                         \
  "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", " parameters \
  "\r\nContent-Length: 2\r\n\r\nno"

/* `user:word` and `proxy:key` in Base64. */
#define USER "\r\nAuthorization: Basic dXNlcjp3b3Jk\r\n"
#define KEY "\r\nProxy-Authorization: Basic cHJveHk6a2V5\r\n"

typedef struct
{
  FetchKit kit;
  FerrydScriptServer *other; /* (owned): another origin, or a proxy */
  char *other_base;          /* (owned) */
  FerrydPeers *peers;        /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fetch_kit_init (&fixture->kit, ferryd_transport_soup_new (NULL, NULL), "127.0.0.1", NULL);
  fixture->other = ferryd_script_server_new ("127.0.0.1", NULL);
  fixture->other_base =
      g_strdup_printf ("http://127.0.0.1:%u", ferryd_script_server_get_port (fixture->other));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fetch_kit_clear (&fixture->kit);
  ferryd_script_server_free (fixture->other);
  ferryd_peers_unref (fixture->peers);
  g_free (fixture->other_base);
}

static void
set (Fixture *fixture, const char *option, const char *value)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (value));
  FerrydPeers *old = fixture->peers;

  fixture->peers = ferryd_peers_with (old, option, variant);
  ferryd_peers_unref (old);
}

static void
set_proxy (Fixture *fixture)
{
  g_autofree char *value = g_strdup_printf ("'%s'", fixture->other_base);

  set (fixture, "proxy", value);
}

static FetchLog *
run (Fixture *fixture, const char *path)
{
  FerrydFetchRequest request = fetch_kit_request (NULL);

  request.peers = fixture->peers;
  return fetch_kit_run (&fixture->kit, path, request);
}

static gboolean
has (FerrydScriptServer *server, guint n, const char *text)
{
  g_autofree char *request = ferryd_script_server_dup_request (server, n);

  g_assert_nonnull (request);
  return strstr (request, text) != NULL;
}

/* Asked for once, given from then on. */
static void
test_basic (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (BASIC), READ, SEND (OK), READ, SEND (OK), STAY };
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (fixture->kit.server, script);
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/");
  fetch_log_assert_body (log, "hello");
  next = run (fixture, "/next");
  fetch_log_assert_body (next, "hello");
  g_assert_false (has (fixture->kit.server, 0, "\r\nAuthorization:"));
  g_assert_true (has (fixture->kit.server, 1, USER));
  g_assert_true (has (fixture->kit.server, 2, USER));
}

/* What is cached of one credential serves neither another one nor an operation without. */
static void
test_no_leak (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep first[] = { READ, SEND (BASIC), READ, SEND (OK), STAY };
  static const FerrydScriptStep second[] = { READ, SEND (BASIC), STAY };
  static const FerrydScriptStep third[] = { READ, SEND (BASIC), READ, SEND (BASIC), STAY };
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) without = NULL;
  g_autoptr (FetchLog) other = NULL;

  ferryd_script_server_add (fixture->kit.server, first);
  ferryd_script_server_add (fixture->kit.server, second);
  ferryd_script_server_add (fixture->kit.server, third);
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/");
  fetch_log_assert_body (log, "hello");
  without = fetch_kit_get (&fixture->kit, "/");
  fetch_log_assert_failed (without, "unauthorized", FERRYD_REMEDY_FINAL);
  g_assert_false (has (fixture->kit.server, 2, "\r\nAuthorization:"));
  set (fixture, "server-credential", "('user', 'other')");
  other = run (fixture, "/");
  fetch_log_assert_failed (other, "unauthorized", FERRYD_REMEDY_FINAL);
  g_assert_false (has (fixture->kit.server, 3, "\r\nAuthorization:"));
  g_assert_false (has (fixture->kit.server, 4, USER));
}

/* A wrong one is given once, and the answer is what OpenResult shows. */
static void
test_wrong (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (BASIC), READ, SEND (BASIC), READ, SEND (OK), STAY };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (fixture->kit.server, script);
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/");
  fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
  g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->kit.server), ==, 2);
  g_assert_cmpmem (g_bytes_get_data (log->failure->body, NULL), g_bytes_get_size (log->failure->body), "no",
                   2);
}

/* The caller's own header comes first, the credential when it was not enough. */
static void
test_header (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (BASIC), READ, SEND (OK), STAY };
  g_autoptr (GVariant) headers =
      g_variant_ref_sink (g_variant_new_parsed ("[('Authorization', 'Bearer t')]"));
  FerrydFetchRequest request = fetch_kit_request (NULL);
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (fixture->kit.server, script);
  set (fixture, "server-credential", "('user', 'word')");
  request.peers = fixture->peers;
  request.headers = headers;
  log = fetch_kit_run (&fixture->kit, "/", request);
  fetch_log_assert_body (log, "hello");
  g_assert_true (has (fixture->kit.server, 0, "\r\nAuthorization: Bearer t\r\n"));
  g_assert_true (has (fixture->kit.server, 1, USER));
  g_assert_false (has (fixture->kit.server, 1, "Bearer"));
}

static void
test_digest (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (DIGEST ("nonce=\"one\", qop=\"auth\"")),
                                             READ, SEND (DIGEST ("nonce=\"two\", qop=\"auth\", stale=true")),
                                             READ, SEND (OK),
                                             STAY };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (fixture->kit.server, script);
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/file");
  fetch_log_assert_body (log, "hello");
  g_assert_true (has (fixture->kit.server, 1, "nonce=\"one\""));
  g_assert_true (has (fixture->kit.server, 2, "nonce=\"two\""));
  g_assert_true (has (fixture->kit.server, 2, "username=\"user\""));
  g_assert_false (has (fixture->kit.server, 2, "word"));
}

/* A nonce that is stale for ever, and challenges that make no sense. */
static void
test_challenges (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep stale[] = { READ, SEND (DIGEST ("nonce=\"1\", qop=\"auth\"")),
                                            READ, SEND (DIGEST ("nonce=\"2\", qop=\"auth\", stale=true")),
                                            READ, SEND (DIGEST ("nonce=\"3\", qop=\"auth\", stale=true")),
                                            READ, SEND (DIGEST ("nonce=\"4\", qop=\"auth\", stale=true")),
                                            READ, SEND (DIGEST ("nonce=\"5\", qop=\"auth\", stale=true")),
                                            READ, SEND (OK),
                                            STAY };
  static const char *const senseless[] = {
    DIGEST ("nonce=\"1\", algorithm=SHA-3"),
    DIGEST ("nonce=\"1\", qop=\"auth-int\""),
    DIGEST ("opaque=\"x\""),
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: \r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
  };

  set (fixture, "server-credential", "('user', 'word')");
  ferryd_script_server_add (fixture->kit.server, stale);
  {
    g_autoptr (FetchLog) log = run (fixture, "/");

    fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
    g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->kit.server), ==, 4);
  }
  for (guint i = 0; i < G_N_ELEMENTS (senseless); i++)
    {
      const FerrydScriptStep script[] = { READ, SEND (senseless[i]), READ, SEND (senseless[i]), END };
      FerrydFetchRequest request = fetch_kit_request (NULL);
      g_autoptr (FetchLog) log = NULL;

      g_test_message ("%s", senseless[i]);
      ferryd_script_server_add (fixture->kit.server, script);
      request.peers = fixture->peers;
      request.fresh_connection = TRUE;
      log = fetch_kit_run (&fixture->kit, "/", request);
      fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
      /* The server reads from its script until the client has gone. */
      ferryd_transport_drop_connections (fixture->kit.transport);
      fetch_kit_settle ();
    }
}

/* libsoup reads the body of a challenge into memory. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    READ,
    SEND ("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nTransfer-Encoding: chunked\r\n\r\n"),
    FLOOD ("400\r\n" /* and 1024 bytes */
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n",
           1 << 24),
    END
  };
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (fixture->kit.server, script);
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/");
  fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
}

/* Neither to another origin, nor back at the first one. */
static void
test_redirects (Fixture *fixture, gconstpointer data)
{
  g_autofree char *there =
      g_strdup_printf ("HTTP/1.1 302 F\r\nLocation: %s/b\r\nContent-Length: 0\r\n\r\n", fixture->other_base);
  g_autofree char *back =
      g_strdup_printf ("HTTP/1.1 302 F\r\nLocation: %s/c\r\nContent-Length: 0\r\n\r\n", fixture->kit.base);
  const FerrydScriptStep first[] = { READ, SEND (BASIC), READ, SEND (there), STAY };
  const FerrydScriptStep other[] = { READ, SEND (BASIC), STAY };
  const FerrydScriptStep open[] = { READ, SEND (back), STAY };
  const FerrydScriptStep again[] = { READ, SEND (BASIC), STAY };

  set (fixture, "server-credential", "('user', 'word')");
  ferryd_script_server_add (fixture->kit.server, first);
  ferryd_script_server_add (fixture->other, other);
  {
    g_autoptr (FetchLog) log = run (fixture, "/a");

    fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
    g_assert_true (has (fixture->kit.server, 1, USER));
    g_assert_false (has (fixture->other, 0, "\r\nAuthorization:"));
    g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->other), ==, 1);
  }
  ferryd_transport_drop_connections (fixture->kit.transport);
  fetch_kit_settle ();
  ferryd_script_server_add (fixture->kit.server, first);
  ferryd_script_server_add (fixture->other, open);
  ferryd_script_server_add (fixture->kit.server, again);
  {
    g_autoptr (FetchLog) log = run (fixture, "/a");

    fetch_log_assert_failed (log, "unauthorized", FERRYD_REMEDY_FINAL);
    g_assert_true (has (fixture->kit.server, 4, "GET /c "));
    g_assert_false (has (fixture->kit.server, 4, "\r\nAuthorization:"));
    g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->kit.server), ==, 5);
  }
}

/* The whole URI is asked for at the proxy; each side gets its own credential only. */
static void
test_proxy (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ,      SEND (PROXY), READ,      SEND (BASIC), READ,
                                             SEND (OK), READ,         SEND (OK), STAY };
  g_autofree char *line = g_strdup_printf ("GET %s/a HTTP/1.1\r\n", fixture->kit.base);
  g_autoptr (FetchLog) log = NULL;
  g_autoptr (FetchLog) next = NULL;

  ferryd_script_server_add (fixture->other, script);
  set_proxy (fixture);
  set (fixture, "proxy-credential", "('proxy', 'key')");
  set (fixture, "server-credential", "('user', 'word')");
  log = run (fixture, "/a");
  fetch_log_assert_body (log, "hello");
  next = run (fixture, "/b");
  fetch_log_assert_body (next, "hello");
  for (guint i = 0; i < 3; i++)
    g_assert_true (has (fixture->other, i, line));
  g_assert_true (has (fixture->other, 1, KEY));
  g_assert_false (has (fixture->other, 1, "\r\nAuthorization:"));
  g_assert_true (has (fixture->other, 2, KEY));
  g_assert_true (has (fixture->other, 2, USER));
  g_assert_true (has (fixture->other, 3, KEY));
  g_assert_cmpuint (ferryd_script_server_get_n_connections (fixture->kit.server), ==, 0);
}

static void
test_proxy_refuses (Fixture *fixture, gconstpointer data)
{
  static const FerrydScriptStep script[] = { READ, SEND (PROXY), READ, SEND (PROXY), STAY };
  static const FerrydScriptStep fake[] = { READ, SEND (PROXY), STAY };

  set (fixture, "proxy-credential", "('proxy', 'key')");
  ferryd_script_server_add (fixture->kit.server, fake);
  {
    /* Not a proxy, but it would like to know. */
    g_autoptr (FetchLog) log = run (fixture, "/a");

    fetch_log_assert_failed (log, "proxy-authentication-required", FERRYD_REMEDY_FINAL);
    g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->kit.server), ==, 1);
  }
  ferryd_script_server_add (fixture->other, script);
  set_proxy (fixture);
  {
    g_autoptr (FetchLog) log = run (fixture, "/a");

    fetch_log_assert_failed (log, "proxy-authentication-required", FERRYD_REMEDY_FINAL);
    g_assert_cmpuint (ferryd_script_server_get_n_requests (fixture->other), ==, 2);
  }
}

typedef struct
{
  const char *name;
  FerrydScriptStep script[4];
  const char *status;
  FerrydRemedy remedy;
} Tunnel;

static const Tunnel tunnels[] = {
  { "502",
    { READ, SEND ("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"), END },
    "cannot-connect",
    FERRYD_REMEDY_RETRY },
  { "503",
    { READ, SEND ("HTTP/1.1 503 Bad\r\nContent-Length: 3\r\n\r\nbad"), END },
    "cannot-connect",
    FERRYD_REMEDY_RETRY },
  { "504",
    { READ, SEND ("HTTP/1.1 504 Bad\r\nConnection: close\r\n\r\n"), END },
    "cannot-connect",
    FERRYD_REMEDY_RETRY },
  { "403",
    { READ, SEND ("HTTP/1.1 403 Not there\r\nContent-Length: 0\r\n\r\n"), END },
    "cannot-connect",
    FERRYD_REMEDY_RETRY },
  { "407",
    { READ, SEND ("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"), END },
    "proxy-authentication-required",
    FERRYD_REMEDY_FINAL },
  { "401",
    { READ, SEND ("HTTP/1.1 401 Wrong\r\nContent-Length: 0\r\n\r\n"), END },
    "proxy-authentication-required",
    FERRYD_REMEDY_FINAL },
  { "close", { READ, END }, "cannot-connect", FERRYD_REMEDY_RETRY },
  { "reset", { READ, { FERRYD_SCRIPT_RESET, NULL, 0 } }, "connection-reset", FERRYD_REMEDY_RETRY },
  { "silence", { READ, STAY }, "timeout", FERRYD_REMEDY_RETRY },
};

/* What a proxy can answer to CONNECT instead of connecting. */
static void
test_tunnel (Fixture *fixture, gconstpointer data)
{
  const Tunnel *tunnel = data;
  FerrydFetchRequest request = fetch_kit_request ("https://server.example/");
  g_autoptr (FetchLog) log = NULL;

  ferryd_script_server_add (fixture->other, tunnel->script);
  set_proxy (fixture);
  request.peers = fixture->peers;
  if (g_str_equal (tunnel->status, "timeout"))
    request.connect_timeout = FETCH_SHORT;
  log = fetch_kit_run (&fixture->kit, "", request);
  fetch_log_assert_failed (log, tunnel->status, tunnel->remedy);
  g_assert_true (has (fixture->other, 0, "CONNECT server.example:443 HTTP/1.1\r\n"));
  g_assert_false (has (fixture->other, 0, "\r\nAuthorization"));
}

static void
test_no_proxy (Fixture *fixture, gconstpointer data)
{
  g_autofree char *gone = g_strdup ("'http://127.0.0.1:1'");
  g_autoptr (FetchLog) log = NULL;

  set (fixture, "proxy", gone);
  log = run (fixture, "/a");
  fetch_log_assert_failed (log, "cannot-connect", FERRYD_REMEDY_RETRY);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (fixture->kit.server), ==, 0);
}

#define ADD(path, func) g_test_add ("/transport-soup/peers/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ferryd_transport_soup_prepare_process ();
  ADD ("basic", test_basic);
  ADD ("no-leak", test_no_leak);
  ADD ("wrong", test_wrong);
  ADD ("header", test_header);
  ADD ("digest", test_digest);
  ADD ("challenges", test_challenges);
  ADD ("flood", test_flood);
  ADD ("redirects", test_redirects);
  ADD ("proxy", test_proxy);
  ADD ("proxy-refuses", test_proxy_refuses);
  ADD ("no-proxy", test_no_proxy);
  for (guint i = 0; i < G_N_ELEMENTS (tunnels); i++)
    {
      g_autofree char *path = g_strdup_printf ("/transport-soup/peers/tunnel/%s", tunnels[i].name);

      g_test_add (path, Fixture, &tunnels[i], set_up, test_tunnel, tear_down);
    }
  return g_test_run ();
}
