/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* URIs and header fields as clients give them: what a parser would mend is refused, and errors keep secrets.
 */

#include "ferry-error.h"
#include "ferry-options.h"

/* Stands where a secret would; in no message. */
#define CANARY "hunter2"

/* Line breaks would not be TAP. */
static void
say (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  g_test_message ("%s", escaped);
}

static void
test_good_uris (void)
{
  static const char *const good[] = {
    "http://example.org",
    "https://example.org/",
    "HTTPS://Example.ORG/Path?query=1&x=%20#fragment",
    "http://example.org./",
    "http://localhost:8080/",
    "http://127.0.0.1:1/",
    "http://127.0.0.1:65535/",
    "http://[::1]:8080/x",
    "http://[2001:db8::1]/",
    "http://xn--bcher-kva.example/",
    "http://bücher.example/",
    "http://a-b.c1.example/",
    "http://1a.example/x",
    "http://example.org:/",
    "http://example.org/%C3%BC/ü",
    "http://example.org/user:pass@path",
    "http://example.org/?x=http://a@b",
    "http://user:pass@example.org/",
    "https://%C3%BC%40:@[::1]:8080/a",
    "http://@example.org/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", good[i]);
      ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, good[i], &error);
      g_assert_no_error (error);
      g_assert_true (ferry_options_check_uri (FERRY_OPTIONS_UPLOAD, good[i], NULL));
    }
}

/* Downloads only. */
static void
test_ftp_uris (void)
{
  static const char *const good[] = {
    "ftp://example.org/f",          "FTP://eve:secret@example.org:2121/a/b%20c",
    "ftp://example.org/f;type=i",   "ftp://example.org/f;type=I",
    "ftp://example.org/f%3Btype=a", "ftp://example.org/f?x",
    "ftp://example.org/%2Fetc/f",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", good[i]);
      ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, good[i], &error);
      g_assert_no_error (error);
      g_assert_false (ferry_options_check_uri (FERRY_OPTIONS_UPLOAD, good[i], &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED);
    }
}

static void
test_bad_uris (void)
{
  static const char *const bad[] = {
    "",
    "x",
    "/" CANARY,
    "example.org/" CANARY,
    "//example.org/" CANARY,
    "http:",
    "http:" CANARY,
    "http:/" CANARY,
    "http://",
    "http:///" CANARY,
    "http://?" CANARY,
    "http://:80/" CANARY,
    "http://example.org:0/" CANARY,
    "http://example.org:65536/" CANARY,
    "http://example.org:-1/" CANARY,
    "http://example.org:" CANARY "/",
    "http://example.org/" CANARY " x",
    " http://example.org/" CANARY,
    "http://example.org/" CANARY "\n",
    "http://example.org/" CANARY "\r\nX: y",
    "http://example.org/\x7f" CANARY,
    "http://example.org/%zz" CANARY,
    "http://example.org/%" CANARY,
    "http://example.org/\xff" CANARY,
    "http://127.0.0.1%0d%0aX-Injected/" CANARY,
    "http://ex%20ample.org/" CANARY,
    "http://%65xample.org/" CANARY,
    "http://example.org\\@evil/" CANARY,
    "http://example.org\\" CANARY,
    "http://example.org/" CANARY "\\b",
    "http://exa_mple.org/" CANARY,
    "http://-example.org/" CANARY,
    "http://example-.org/" CANARY,
    "http://example..org/" CANARY,
    "http://.example.org/" CANARY,
    "http://./" CANARY,
    "http://example.org../" CANARY,
    "http://127.1/" CANARY,
    "http://127.0.0.256/" CANARY,
    "http://2130706433/" CANARY,
    "http://0x7f.1/" CANARY,
    "http://0x7f000001/" CANARY,
    "http://1.2.3.4.5/" CANARY,
    "http://[::1/" CANARY,
    "http://[fe80::1%25eth0]/" CANARY,
    "http://[" CANARY "]/",
    "http://exam<ple.org/" CANARY,
    "http://exam\"ple.org/" CANARY,
    "http://eve:" CANARY "@exa_mple.org/",
    "http://eve:" CANARY "@/",
    "http://eve:x@" CANARY "@exa_mple.org/",
    "http://eve:x/" CANARY "@example.org/",
    "http://eve:" CANARY "@example.org:0/",
    "ftp:///" CANARY,
    "ftp://exa_mple.org/" CANARY,
    "ftp://example.org/" CANARY "%0d%0aDELE%20x",
    "ftp://example.org/" CANARY "%00",
    "ftp://example.org/" CANARY "/",
    "ftp://example.org/" CANARY ";type=a",
    "ftp://example.org/" CANARY ";TYPE=D",
    "ftp://example.org/" CANARY ";type=i/f",
    "ftp://example.org/" CANARY ";type=",
    "ftp://example.org/" CANARY "/;type=i",
    "ftp://example.org/" CANARY "?a%0a",
    "ftp://example.org/" CANARY "?a;type=a",
    "ftp://example.org",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      say (bad[i]);
      g_assert_false (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, bad[i], &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      if (!g_str_has_prefix (bad[i], "http://[" CANARY))
        g_assert_null (strstr (error->message, CANARY));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_hosts_of_63 (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *good = g_strdup_printf ("http://%s.example/", label);
  g_autofree char *bad = g_strdup_printf ("http://%sa.example/", label);
  g_autofree char *longest =
      g_strdup_printf ("http://%s.%s.%s.%.61s/", label, label, label, label); /* 3 * 64 + 61 = 253 */
  g_autofree char *longer = g_strdup_printf ("http://%s.%s.%s.%.62s/", label, label, label, label);

  g_assert_true (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, good, NULL));
  g_assert_false (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, bad, NULL));
  g_assert_true (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, longest, NULL));
  g_assert_false (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, longer, NULL));
}

static void
test_length (void)
{
  g_autofree char *path = g_strnfill (FERRY_MAX_URI, 'a');
  g_autoptr (GString) uri = g_string_new ("http://example.org/");
  g_autoptr (GError) error = NULL;

  g_string_append_len (uri, path, FERRY_MAX_URI - uri->len);
  g_assert_cmpuint (uri->len, ==, 8192);
  g_assert_true (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, uri->str, NULL));
  g_string_append_c (uri, 'a');
  g_assert_false (ferry_options_check_uri (FERRY_OPTIONS_DOWNLOAD, uri->str, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "8192"));
}

static void
test_not_supported (void)
{
  static const struct
  {
    const char *uri;
    const char *names;
  } uris[] = {
    { "file:///" CANARY, "'file'" }, { "sftp://example.org/" CANARY, "'sftp'" },
    { "data:," CANARY, "'data'" },   { "javascript:" CANARY, "'javascript'" },
    { "unix:/" CANARY, "'unix'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      for (guint scope = FERRY_OPTIONS_DOWNLOAD; scope <= FERRY_OPTIONS_UPLOAD; scope <<= 1)
        {
          g_autoptr (GError) error = NULL;

          g_test_message ("%s", uris[i].uri);
          g_assert_false (ferry_options_check_uri (scope, uris[i].uri, &error));
          g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED);
          g_assert_nonnull (strstr (error->message, uris[i].names));
          g_assert_null (strstr (error->message, CANARY));
        }
    }
}

/* User and password come out decoded, and all the rest stays as it was written. */
static void
test_credentials (void)
{
  static const struct
  {
    const char *uri, *bare, *user, *password;
  } uris[] = {
    { "http://example.org/a@b?c@d#e", "http://example.org/a@b?c@d#e", NULL, NULL },
    { "http://u:p@example.org", "http://example.org", "u", "p" },
    { "HTTPS://u@Example.org:8080/%41?x=1", "HTTPS://Example.org:8080/%41?x=1", "u", "" },
    { "https://%C3%BC%40%3A:p%2F:q@[::1]/", "https://[::1]/", "ü@:", "p/:q" },
    { "http://:p@h/", "http://h/", "", "p" },
    { "http://@h/", "http://h/", NULL, NULL },
    { "http://:@h/", "http://h/", NULL, NULL },
  };
  static const char *const bad[] = { "http://u:" CANARY "%0A@h/", "http://%ff" CANARY ":p@h/" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (GVariant) credential = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *bare = ferry_uri_split_credential (uris[i].uri, &credential, &error);
      const char *user = NULL;
      const char *password = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (bare, ==, uris[i].bare);
      if (credential != NULL)
        g_variant_get (credential, "(&s&s)", &user, &password);
      g_assert_cmpstr (user, ==, uris[i].user);
      g_assert_cmpstr (password, ==, uris[i].password);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) credential = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_null (ferry_uri_split_credential (bad[i], &credential, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, CANARY));
      g_assert_null (credential);
    }
}

static void
test_take_credentials (void)
{
  static const struct
  {
    const char *uri, *options, *taken, *names;
  } cases[] = {
    { "http://h/", "@a{sv} {}", "@a{sv} {}", NULL },
    { "http://u:p@h/", "{'title': <'t'>}", "{'title': <'t'>, 'server-credential': <('u', 'p')>}", NULL },
    { "http://h/", "{'proxy': <'socks5://u:p@x:1'>}",
      "{'proxy': <'socks5://x:1'>, 'proxy-credential': <('u', 'p')>}", NULL },
    { "http://h/", "{'proxy': <''>, 'proxy-credential': <('u', 'p')>}",
      "{'proxy': <''>, 'proxy-credential': <('u', 'p')>}", NULL },
    { "http://@h/", "{'server-credential': <('u', 'p')>}", "{'server-credential': <('u', 'p')>}", NULL },
    { "http://u:" CANARY "@h/", "{'server-credential': <('u', 'p')>}", NULL, "'server-credential'" },
    { "http://h/", "{'proxy': <'http://u:" CANARY "@x'>, 'proxy-credential': <('u', 'p')>}", NULL,
      "'proxy-credential'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed (cases[i].options));
      g_autoptr (GError) error = NULL;
      g_autofree char *bare = NULL;
      g_autoptr (GVariant) taken = ferry_options_take_credentials (options, cases[i].uri, &bare, &error);
      g_autoptr (GVariant) wanted = NULL;
      g_autoptr (GVariantDict) dict = NULL;
      GVariantIter iter;
      const char *key;
      GVariant *value;

      g_test_message ("%s %s", cases[i].uri, cases[i].options);
      if (cases[i].names != NULL)
        {
          g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
          g_assert_nonnull (strstr (error->message, cases[i].names));
          g_assert_null (strstr (error->message, CANARY));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (bare, ==, "http://h/");
      wanted = g_variant_ref_sink (g_variant_new_parsed (cases[i].taken));
      g_assert_cmpuint (g_variant_n_children (taken), ==, g_variant_n_children (wanted));
      dict = g_variant_dict_new (taken);
      g_variant_iter_init (&iter, wanted);
      while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
        {
          g_autoptr (GVariant) found = g_variant_dict_lookup_value (dict, key, NULL);

          g_assert_nonnull (found);
          g_assert_true (g_variant_equal (found, value));
        }
    }
}

static void
test_good_headers (void)
{
  static const char *const good[][2] = {
    { "Accept", "text/html, */*;q=0.8" },
    { "X-Empty", "" },
    { "X!#$%&'*+-.^_`|~9", "\tspaces and\ttabs " },
    { "Authorization", "Bearer abc" },
    { "Cookie", "a=b; c=d" },
    { "If-None-Match", "\"x\"" },
    { "X-Umlaut", "ü" },
    { "Proxy", "is no prefix of itself" },
    { "Ranges", "x" },
    { "TEE", "x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", good[i][0]);
      ferry_options_check_header (good[i][0], good[i][1], &error);
      g_assert_no_error (error);
    }
}

static void
test_bad_headers (void)
{
  static const char *const names[] = {
    "",    " ",   "a b", "a:",  "X-A: " CANARY, "X\r\nY", "X\n", "X\x01", "ü",
    "(x)", "X\"", "X/Y", "X,Y", "[x]",          "X\x7f",  "X ",  " X",    "Authorization:" CANARY
  };
  static const char *const values[] = { CANARY "\r\nX: y", CANARY "\n",   CANARY "\r",
                                        CANARY "\x01",     CANARY "\x1f", CANARY "\x7f" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      say (names[i]);
      g_assert_false (ferry_options_check_header (names[i], CANARY, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, CANARY));
    }
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ferry_options_check_header ("X-Name", values[i], &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "'X-Name'"));
      g_assert_null (strstr (error->message, CANARY));
    }
}

static void
test_own_headers (void)
{
  static const char *const owned[] = {
    "Host",    "Content-Length", "Transfer-Encoding", "TE",
    "Trailer", "Connection",     "Upgrade",           "Expect",
    "Range",   "If-Range",       "Accept-Encoding",   "Proxy-Authorization",
    "Proxy-",  "Proxy-Whatever", "Keep-Alive",        "HTTP2-Settings",
  };

  for (guint i = 0; i < G_N_ELEMENTS (owned); i++)
    {
      g_autofree char *lower = g_ascii_strdown (owned[i], -1);
      g_autofree char *upper = g_ascii_strup (owned[i], -1);
      const char *const spellings[] = { owned[i], lower, upper };

      for (guint j = 0; j < G_N_ELEMENTS (spellings); j++)
        {
          g_autoptr (GError) error = NULL;

          g_test_message ("%s", spellings[j]);
          g_assert_false (ferry_options_check_header (spellings[j], CANARY, &error));
          g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
          g_assert_nonnull (strstr (error->message, spellings[j]));
          g_assert_null (strstr (error->message, CANARY));
        }
    }
}

static void
test_header_size (void)
{
  g_autofree char *value = g_strnfill (FERRY_MAX_HEADERS - 1, 'x');

  g_assert_true (ferry_options_check_header ("X", value, NULL));
  g_assert_false (ferry_options_check_header ("XY", value, NULL));
}

static void
test_secret_headers (void)
{
  static const char *const secret[] = { "Authorization", "authorization",       "COOKIE",      "Cookie",
                                        "X-Api-Key",     "Proxy-Authorization", "X-Auth-Token" };
  static const char *const open[] = { "Accept",      "",          "Authorizatio", "Authorization2",
                                      "Set-Cookie2", "User-Agent" };

  for (guint i = 0; i < G_N_ELEMENTS (secret); i++)
    g_assert_true (ferry_options_header_is_secret (secret[i]));
  for (guint i = 0; i < G_N_ELEMENTS (open); i++)
    g_assert_false (ferry_options_header_is_secret (open[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uri/credentials", test_credentials);
  g_test_add_func ("/uri/take-credentials", test_take_credentials);
  g_test_add_func ("/uri/good", test_good_uris);
  g_test_add_func ("/uri/ftp", test_ftp_uris);
  g_test_add_func ("/uri/bad", test_bad_uris);
  g_test_add_func ("/uri/hosts-of-63", test_hosts_of_63);
  g_test_add_func ("/uri/length", test_length);
  g_test_add_func ("/uri/not-supported", test_not_supported);
  g_test_add_func ("/headers/good", test_good_headers);
  g_test_add_func ("/headers/bad", test_bad_headers);
  g_test_add_func ("/headers/own", test_own_headers);
  g_test_add_func ("/headers/size", test_header_size);
  g_test_add_func ("/headers/secret", test_secret_headers);
  return g_test_run ();
}
