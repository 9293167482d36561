/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-redirect.h"
#include "ferryd-http-uri.h"

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    const char *expected; /* NULL when it is refused */
  } rows[] = {
    { "http://example.org", "http://example.org/" },
    { "HTTP://Example.org:80/a?b#c", "http://Example.org/a?b" },
    { "https://example.org:443/", "https://example.org/" },
    { "https://example.org:8443/", "https://example.org:8443/" },
    { "http://user:password@example.org/", "http://example.org/" },
    { "http://[::1]:8080/", "http://[::1]:8080/" },
    { "http://127.0.0.1/", "http://127.0.0.1/" },
    { "http://b\303\274cher.example/", "http://xn--bcher-kva.example/" },
    { "http://b%C3%BCcher.example/", "http://xn--bcher-kva.example/" },
    { "http://example.org/a b/\303\244?\303\266", "http://example.org/a%20b/%C3%A4?%C3%B6" },
    { "http://example.org/a%2Fb%20c", "http://example.org/a%2Fb%20c" },
    { "http://example.org/<\">", "http://example.org/%3C%22%3E" },
    { "http://my_host.example/", "http://my_host.example/" },
    { "ftp://example.org/", NULL },
    { "file:///etc/passwd", NULL },
    { "data:,x", NULL },
    { "javascript:alert(1)", NULL },
    { "unix:/run/x", NULL },
    { "http:///x", NULL },
    { "http://", NULL },
    { "//example.org/", NULL },
    { "/relative", NULL },
    { "", NULL },
    { "http://127.0.0.1%0d%0aX-Inj: 1/", NULL },
    { "http://ex%20ample.org/", NULL },
    { "http://example.org\\@evil.example/", NULL },
    { "http://example.org/a\r\nX: y", NULL },
    { "http://example.org/a\tb", NULL },
    { "http://exa$mple.org/", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GUri) uri = ferryd_http_uri_parse (NULL, rows[i].text);
      g_autofree char *text = uri != NULL ? g_uri_to_string (uri) : NULL;

      g_test_message ("%s", rows[i].text);
      g_assert_cmpstr (text, ==, rows[i].expected);
    }
}

static void
test_origin (void)
{
  static const struct
  {
    const char *a, *b;
    gboolean same;
  } rows[] = {
    { "http://h/a", "http://H:80/b?c", TRUE },      { "https://h/", "https://h:443/", TRUE },
    { "http://h/", "https://h/", FALSE },           { "http://h/", "http://h:81/", FALSE },
    { "http://h/", "http://sub.h/", FALSE },        { "http://h:443/", "https://h/", FALSE },
    { "http://[::1]/", "http://[0:0::1]/", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GUri) a = ferryd_http_uri_parse (NULL, rows[i].a);
      g_autoptr (GUri) b = ferryd_http_uri_parse (NULL, rows[i].b);
      g_autofree char *origin_a = ferryd_http_uri_get_origin (a);
      g_autofree char *origin_b = ferryd_http_uri_get_origin (b);

      g_assert_cmpint (ferryd_http_uri_same_origin (a, b), ==, rows[i].same);
      g_assert_cmpint (g_str_equal (origin_a, origin_b), ==, rows[i].same);
    }
}

static SoupMessageHeaders *
make_location (const char *location)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  if (location != NULL)
    soup_message_headers_append (headers, "Location", location);
  return headers;
}

static void
test_follow (void)
{
  g_autofree char *path = g_strnfill (8 * 1024, 'x');
  const struct
  {
    const char *from, *location;
    const char *to; /* or NULL, and */
    const char *status;
  } rows[] = {
    { "http://h/a/b?q", "c", "http://h/a/c", NULL },
    { "http://h/a/b", "/c", "http://h/c", NULL },
    { "http://h/a/b", "../c", "http://h/c", NULL },
    { "http://h/a/b", "?x", "http://h/a/b?x", NULL },
    { "http://h/a", "//i/b", "http://i/b", NULL },
    { "http://h/a", "https://h/a", "https://h/a", NULL },
    { "https://h/a", "https://i/a", "https://i/a", NULL },
    { "http://h/a", "http://user:pw@h/b#f", "http://h/b", NULL },
    { "http://h/a", "/b c", "http://h/b%20c", NULL },
    { "https://h/a", "http://h/a", NULL, "https-to-http-on-redirection" },
    { "http://h/a", "file:///etc/passwd", NULL, "redirect-failed" },
    { "http://h/a", "ftp://h/b", NULL, "redirect-failed" },
    { "http://h/a", "data:,x", NULL, "redirect-failed" },
    { "http://h/a", "resource:///x", NULL, "redirect-failed" },
    { "http://h/a", "http://i\\@j/", NULL, "redirect-failed" },
    { "http://h/a", "http://i%0d%0a/", NULL, "redirect-failed" },
    { "http://h/a", "http://:80/", NULL, "redirect-failed" },
    { "http://h/a", "", NULL, "redirect-failed" },
    { "http://h/a", NULL, NULL, "redirect-failed" },
    { "http://h/a", path, "http://h/", NULL },
    { "http://h/a", "/a", NULL, "redirect-failed" },
    { "http://h/a", "/a#again", NULL, "redirect-failed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FerrydHttpChain) chain = ferryd_http_chain_new (rows[i].from, "GET");
      g_autoptr (SoupMessageHeaders) headers = make_location (rows[i].location);
      g_autoptr (FerrydFailure) failure = ferryd_http_chain_follow (chain, 302, headers);
      g_autofree char *to = g_uri_to_string (ferryd_http_chain_get_uri (chain));

      g_test_message ("%.100s", rows[i].location != NULL ? rows[i].location : "none");
      if (rows[i].to != NULL)
        {
          g_assert_null (failure);
          g_assert_true (rows[i].location == path || g_str_equal (to, rows[i].to));
          continue;
        }
      g_assert_nonnull (failure);
      g_assert_cmpstr (ferry_transfer_error_to_status (failure->status), ==, rows[i].status);
      g_assert_cmpint (failure->remedy, ==, FERRYD_REMEDY_FINAL);
      g_assert_cmpstr (to, ==, rows[i].from);
    }
}

static void
test_long_and_double (void)
{
  g_autofree char *path = g_strnfill (8 * 1024 + 1, 'x');
  g_autoptr (FerrydHttpChain) chain = ferryd_http_chain_new ("http://h/a", "GET");
  g_autoptr (SoupMessageHeaders) too_long = make_location (path);
  g_autoptr (SoupMessageHeaders) two = make_location ("/b");
  g_autoptr (FerrydFailure) failure = ferryd_http_chain_follow (chain, 302, too_long);
  g_autoptr (FerrydFailure) ambiguous = NULL;

  g_assert_cmpint (failure->status, ==, FERRY_TRANSFER_ERROR_REDIRECT_FAILED);
  soup_message_headers_append (two, "Location", "/c");
  ambiguous = ferryd_http_chain_follow (chain, 302, two);
  g_assert_cmpint (ambiguous->status, ==, FERRY_TRANSFER_ERROR_REDIRECT_FAILED);
}

static void
follow (FerrydHttpChain *chain, const char *location)
{
  g_autoptr (SoupMessageHeaders) headers = make_location (location);

  g_assert_null (ferryd_http_chain_follow (chain, 302, headers));
}

static void
test_loop (void)
{
  g_autoptr (FerrydHttpChain) chain = ferryd_http_chain_new ("http://h/a", "GET");
  g_autoptr (SoupMessageHeaders) back = make_location ("http://h/b");
  g_autoptr (FerrydFailure) failure = NULL;

  follow (chain, "http://h/b");
  follow (chain, "http://i/c");
  failure = ferryd_http_chain_follow (chain, 302, back);
  g_assert_cmpint (failure->status, ==, FERRY_TRANSFER_ERROR_REDIRECT_FAILED);
}

/* A mirror is asked as after a redirect to where it is. */
static void
test_other_origin (void)
{
  g_autoptr (FerrydHttpChain) chain = ferryd_http_chain_new ("http://mirror/a", "GET");

  ferryd_http_chain_set_origin (chain, "http://mirror:80/b");
  g_assert_true (ferryd_http_chain_may_send (chain, "Authorization"));
  ferryd_http_chain_set_origin (chain, "http://h/a");
  g_assert_false (ferryd_http_chain_may_send (chain, "Authorization"));
  g_assert_true (ferryd_http_chain_may_send (chain, "User-Agent"));
  follow (chain, "http://h/a");
  g_assert_false (ferryd_http_chain_may_send (chain, "Authorization"));
}

static void
test_headers_left_behind (void)
{
  g_autoptr (FerrydHttpChain) chain = ferryd_http_chain_new ("http://h/a", "GET");

  g_assert_true (ferryd_http_chain_may_send (chain, "Authorization"));
  follow (chain, "/b");
  g_assert_true (ferryd_http_chain_may_send (chain, "Authorization"));
  follow (chain, "https://h/c");
  g_assert_false (ferryd_http_chain_may_send (chain, "Authorization"));
  g_assert_false (ferryd_http_chain_may_send (chain, "X-Anything"));
  g_assert_true (ferryd_http_chain_may_send (chain, "accept"));
  g_assert_true (ferryd_http_chain_may_send (chain, "Accept-Language"));
  g_assert_true (ferryd_http_chain_may_send (chain, "USER-AGENT"));
  follow (chain, "https://h/d");
  g_assert_false (ferryd_http_chain_may_send (chain, "Authorization"));
}

static void
test_statuses (void)
{
  static const guint followed[] = { 301, 302, 303, 307, 308 };
  guint n = 0;

  for (guint status = 100; status < 600; status++)
    {
      gboolean expected = n < G_N_ELEMENTS (followed) && followed[n] == status;

      g_assert_cmpint (ferryd_http_is_redirect (status), ==, expected);
      n += expected;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-uri/parse", test_parse);
  g_test_add_func ("/http-uri/origin", test_origin);
  g_test_add_func ("/http-redirect/follow", test_follow);
  g_test_add_func ("/http-redirect/long-and-double", test_long_and_double);
  g_test_add_func ("/http-redirect/loop", test_loop);
  g_test_add_func ("/http-redirect/headers-left-behind", test_headers_left_behind);
  g_test_add_func ("/http-redirect/other-origin", test_other_origin);
  g_test_add_func ("/http-redirect/statuses", test_statuses);
  return g_test_run ();
}
