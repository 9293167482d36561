/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-request.h"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *variant = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return variant;
}

static FerrydRequest *
make_request (const char *uri, const char *destination, const char *options_text)
{
  g_autoptr (GVariant) options = parse (options_text);
  g_autoptr (GError) error = NULL;
  FerrydRequest *request = ferryd_request_new (FERRY_KIND_DOWNLOAD, uri, destination, options, &error);

  g_assert_no_error (error);
  return request;
}

static void
assert_variant (GVariant *variant, const char *text)
{
  g_autofree char *printed = variant != NULL ? g_variant_print (variant, FALSE) : NULL;

  g_assert_cmpstr (printed, ==, text);
}

static const char everything[] =
    "{'method': <'POST'>, 'headers': <[('X-A', '1'), ('Authorization', 'Bearer secret'), ('x-a', '2'), "
    "('Cookie', 'secret=1'), ('cookie', 'secret=2')]>, 'cost-policy': <'always'>, 'priority': <'low'>, "
    "'group': <'g'>, 'completion-group': <objectpath "
    "'/org/ferry/Transfer1/CompletionGroup/0123456789abcdef0123456789abcdef'>, 'max-speed': <uint64 5>, "
    "'title': <'T'>, 'metadata': <{'k': <7>}>, 'application-id': <'org.example.App'>, 'token': <'t'>, "
    "'not-before': <int64 11>, 'not-after': <int64 12>, 'recoverable-errors': <['unknown', "
    "'address-not-allowed']>, "
    "'idempotent': <true>, 'start': <true>, 'exists': <'replace'>, 'checksum': <'sha256:00ff'>, "
    "'expected-size': <uint64 9>}";

static void
assert_everything (const FerrydRequest *request)
{
  static const guint8 group[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

  g_assert_cmpint (request->kind, ==, FERRY_KIND_DOWNLOAD);
  g_assert_cmpstr (request->uri, ==, "https://example.org/a?b#c");
  g_assert_cmpstr (request->destination, ==, "/tmp/x");
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpint (request->cost_policy, ==, FERRY_COST_POLICY_ALWAYS);
  g_assert_cmpint (request->priority, ==, FERRY_PRIORITY_LOW);
  g_assert_cmpint (request->exists, ==, FERRY_EXISTS_REPLACE);
  g_assert_cmpstr (request->group, ==, "g");
  g_assert_cmpmem (request->completion_group.bytes, 16, group, 16);
  g_assert_cmpuint (request->max_speed, ==, 5);
  g_assert_cmpstr (request->title, ==, "T");
  assert_variant (request->metadata, "{'k': <7>}");
  g_assert_cmpstr (request->token, ==, "t");
  g_assert_cmpint (request->not_before, ==, 11);
  g_assert_cmpint (request->not_after, ==, 12);
  g_assert_cmpstr (request->checksum, ==, "sha256:00ff");
  g_assert_cmpint (request->expected_size, ==, 9);
  g_assert_true (request->idempotent);
  g_assert_true (request->start);
  g_assert_true (ferryd_request_is_recoverable (request, FERRY_TRANSFER_ERROR_UNKNOWN));
  g_assert_true (ferryd_request_is_recoverable (request, FERRY_TRANSFER_ERROR_ADDRESS_NOT_ALLOWED));
  g_assert_false (ferryd_request_is_recoverable (request, FERRY_TRANSFER_ERROR_TIMEOUT));
}

static void
test_options (void)
{
  g_autoptr (FerrydRequest) request = make_request ("https://example.org/a?b#c", "/tmp/x", everything);

  assert_everything (request);
  assert_variant (request->headers, "[('X-A', '1'), ('Authorization', 'Bearer secret'), ('x-a', '2'), "
                                    "('Cookie', 'secret=1'), ('cookie', 'secret=2')]");
}

static void
test_defaults (void)
{
  g_autoptr (FerrydRequest) file = make_request ("http://h/", "/tmp/x", "{}");
  g_autoptr (FerrydRequest) folder = make_request ("http://h/", "/tmp/", "{}");
  g_autoptr (FerrydRequest) strict = make_request ("http://h/", "/tmp/", "{'exists': <'fail'>}");
  g_autoptr (GVariant) none = parse ("{}");
  g_autoptr (FerrydRequest) upload = ferryd_request_new (FERRY_KIND_UPLOAD, "http://h/", NULL, none, NULL);

  g_assert_cmpstr (file->method, ==, "GET");
  g_assert_cmpstr (upload->method, ==, "PUT");
  g_assert_null (upload->destination);
  g_assert_cmpint (file->exists, ==, FERRY_EXISTS_FAIL);
  g_assert_cmpint (folder->exists, ==, FERRY_EXISTS_RENAME);
  g_assert_cmpint (strict->exists, ==, FERRY_EXISTS_FAIL);
  g_assert_null (file->headers);
  g_assert_null (file->token);
  g_assert_null (file->checksum);
  g_assert_null (file->target);
  g_assert_cmpstr (file->title, ==, "");
  g_assert_cmpstr (file->group, ==, "");
  assert_variant (file->metadata, "{}");
  g_assert_cmpint (file->expected_size, ==, -1);
  g_assert_cmpint (file->not_before, ==, 0);
  g_assert_cmpint (file->not_after, ==, 0);
  g_assert_false (file->start);
}

/* The Options property: as given, less headers, credentials, certificates and descriptors. */
static void
test_shown_options (void)
{
  g_autoptr (FerrydRequest) request = make_request (
      "http://h/", "x",
      "{'title': <'T'>, 'headers': <[('A', 'b')]>, 'server-credential': <('u', 'p')>, "
      "'proxy-credential': <('u', 'p')>, 'ca-certificates': <'PEM'>, 'destination-fd': <handle 0>, "
      "'destination-dir-fd': <handle 1>, 'body-fd': <handle 2>, 'application-id': <'a.b'>, "
      "'start': <true>, 'token': <'t'>, 'metadata': <{'headers': <1>}>}");

  assert_variant (request->options,
                  "{'title': <'T'>, 'application-id': <'a.b'>, 'start': <true>, 'token': <'t'>, "
                  "'metadata': <{'headers': <1>}>}");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *options;
    int code;
    const char *named;
  } cases[] = {
    { "{'priority': <'urgent'>}", FERRY_ERROR_INVALID_ARGUMENT, "priority" },
    { "{'cost-policy': <''>}", FERRY_ERROR_INVALID_ARGUMENT, "cost-policy" },
    { "{'exists': <'FAIL'>}", FERRY_ERROR_INVALID_ARGUMENT, "exists" },
    { "{'recoverable-errors': <['unknown', 'bad luck']>}", FERRY_ERROR_INVALID_ARGUMENT, "bad luck" },
    { "{'completion-group': <'/org/ferry/Transfer1/Operation/0123456789abcdef0123456789abcdef'>}",
      FERRY_ERROR_NOT_FOUND, "Operation" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) options = parse (cases[i].options);
      g_autoptr (GError) error = NULL;

      g_assert_null (ferryd_request_new (FERRY_KIND_DOWNLOAD, "http://h/", "/x", options, &error));
      g_assert_error (error, FERRY_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].named));
    }
}

/* Through bytes, as the store keeps it. */
static FerrydRequest *
store_and_load (const FerrydRequest *request)
{
  g_autoptr (GVariant) secrets = NULL;
  g_autoptr (GVariant) variant = ferryd_request_to_variant (request, &secrets);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);
  g_autoptr (GVariant) loaded =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  FerrydRequest *result = ferryd_request_from_variant (request->kind, loaded, secrets);

  g_assert_nonnull (result);
  return result;
}

static void
test_round_trip (void)
{
  g_autoptr (FerrydRequest) request = make_request ("https://example.org/a?b#c", "/tmp/x", everything);
  g_autoptr (FerrydRequest) loaded = store_and_load (request);
  g_autoptr (FerrydRequest) again = store_and_load (loaded);

  assert_everything (loaded);
  g_assert_true (g_variant_equal (request->options, loaded->options));
  /* Secret ones last; the order within a name stays. */
  assert_variant (loaded->headers, "[('X-A', '1'), ('x-a', '2'), ('Authorization', 'Bearer secret'), "
                                   "('Cookie', 'secret=1'), ('cookie', 'secret=2')]");
  assert_everything (again);
  g_assert_true (g_variant_equal (loaded->headers, again->headers));
  g_assert_null (loaded->target);
}

static void
test_round_trip_target (void)
{
  g_autoptr (FerrydRequest) request = make_request ("http://h/", "file:///tmp/%FF/", "{}");
  g_autoptr (FerrydRequest) loaded = NULL;
  g_autoptr (FerrydRequest) named = NULL;

  request->target = g_new0 (FerrydDestination, 1);
  request->target->directory = g_strdup ("/tmp/\xff");
  request->target->device = G_MAXUINT64;
  request->target->inode = 77;
  loaded = store_and_load (request);
  g_assert_cmpstr (loaded->target->directory, ==, "/tmp/\xff");
  g_assert_cmpuint (loaded->target->device, ==, G_MAXUINT64);
  g_assert_cmpuint (loaded->target->inode, ==, 77);
  g_assert_null (loaded->target->leaf);
  g_assert_null (loaded->headers);
  g_assert_cmpint (loaded->exists, ==, FERRY_EXISTS_RENAME);

  request->target->leaf = g_strdup ("\xfe");
  named = store_and_load (request);
  g_assert_cmpstr (named->target->leaf, ==, "\xfe");
}

/* What was edited is not overwritten by the options, which say what it was at first. */
static void
test_round_trip_edited (void)
{
  g_autoptr (FerrydRequest) request = make_request ("https://example.org/a?b#c", "/tmp/x", everything);
  g_autoptr (FerrydRequest) copy = ferryd_request_copy (request);
  g_autoptr (FerrydRequest) loaded = NULL;

  copy->priority = FERRY_PRIORITY_DEFAULT;
  copy->cost_policy = FERRY_COST_POLICY_DEFAULT;
  copy->exists = FERRY_EXISTS_FAIL;
  copy->max_speed = 0;
  memset (copy->recoverable, 0, sizeof copy->recoverable);
  memset (&copy->completion_group, 0, sizeof copy->completion_group);
  loaded = store_and_load (copy);
  g_assert_cmpint (loaded->priority, ==, FERRY_PRIORITY_DEFAULT);
  g_assert_cmpint (loaded->cost_policy, ==, FERRY_COST_POLICY_DEFAULT);
  g_assert_cmpint (loaded->exists, ==, FERRY_EXISTS_FAIL);
  g_assert_cmpuint (loaded->max_speed, ==, 0);
  g_assert_false (ferryd_request_is_recoverable (loaded, FERRY_TRANSFER_ERROR_UNKNOWN));
  g_assert_cmpuint (loaded->completion_group.bytes[1], ==, 0);
  g_assert_true (g_variant_equal (loaded->options, request->options));
  /* The first one is as it was. */
  assert_everything (request);
}

/* No byte of a secret is in what goes into the main file. */
static void
test_secrets (void)
{
  g_autoptr (FerrydRequest) request = make_request ("https://example.org/", "/tmp/x", everything);
  g_autoptr (FerrydRequest) open =
      make_request ("https://example.org/", "/tmp/x", "{'headers': <[('A', 'b')]>}");
  g_autoptr (GVariant) secrets = NULL;
  g_autoptr (GVariant) none = NULL;
  g_autoptr (GVariant) variant = ferryd_request_to_variant (request, &secrets);
  g_autoptr (GVariant) open_variant = ferryd_request_to_variant (open, &none);
  g_autoptr (FerrydRequest) without = ferryd_request_from_variant (FERRY_KIND_DOWNLOAD, variant, NULL);

  g_assert_null (memmem (g_variant_get_data (variant), g_variant_get_size (variant), "secret", 6));
  assert_variant (secrets, "{'headers': <[('Authorization', 'Bearer secret'), ('Cookie', 'secret=1'), "
                           "('cookie', 'secret=2')]>}");
  g_assert_null (none);
  assert_variant (without->headers, "[('X-A', '1'), ('x-a', '2')]");
}

/* Peers come back whole with what is secret, and without it the request says what misses. */
static void
test_peers (void)
{
  g_autoptr (FerrydRequest) request = make_request (
      "https://example.org/", "/tmp/x",
      "{'server-credential': <('user', 'hunter2')>, 'proxy-credential': <('p', 'hunter3')>, "
      "'proxy': <'socks5://p:1'>, 'ca-certificates': <'PEM'>, 'certificate-fingerprint': <'sha256:00'>, "
      "'headers': <[('Cookie', 'hunter4')]>}");
  g_autoptr (GVariant) secrets = NULL;
  g_autoptr (GVariant) variant = ferryd_request_to_variant (request, &secrets);
  g_autoptr (FerrydRequest) loaded = ferryd_request_from_variant (FERRY_KIND_DOWNLOAD, variant, secrets);
  g_autoptr (FerrydRequest) without = ferryd_request_from_variant (FERRY_KIND_DOWNLOAD, variant, NULL);
  g_autoptr (FerrydRequest) copy = NULL;

  g_assert_true (ferryd_peers_equal (request->peers, loaded->peers));
  g_assert_null (loaded->lost);
  assert_variant (loaded->options, "{'proxy': <'socks5://p:1'>, 'certificate-fingerprint': <'sha256:00'>}");
  g_assert_null (memmem (g_variant_get_data (variant), g_variant_get_size (variant), "hunter", 6));
  g_assert_null (memmem (g_variant_get_data (variant), g_variant_get_size (variant), "user", 4));

  g_assert_cmpuint (g_strv_length (without->lost), ==, 3);
  g_assert_cmpstr (without->peers->ca_certificates, ==, "PEM");
  g_assert_null (without->peers->server_credential);
  copy = ferryd_request_copy (without);
  ferryd_request_set_header (copy, "cookie", NULL);
  ferryd_request_set_peers (copy, "proxy-credential", NULL);
  g_assert_cmpuint (g_strv_length (copy->lost), ==, 1);
  g_assert_cmpstr (copy->lost[0], ==, "server-credential");
  ferryd_request_set_peers (copy, "server-credential", request->peers->server_credential);
  g_assert_null (copy->lost);
  g_assert_cmpuint (g_strv_length (without->lost), ==, 3);
}

/* At another origin: the way there, and nothing that was given for the first one. */
static void
test_peers_elsewhere (void)
{
  g_autoptr (GVariant) all = parse ("{'server-credential': <('u', 'p')>, 'proxy-credential': <('p', 'q')>, "
                                    "'proxy': <'socks5://p:1'>, 'ca-certificates': <'PEM'>}");
  g_autoptr (GVariant) way =
      parse ("{'proxy-credential': <('p', 'q')>, 'proxy': <'socks5://p:1'>, 'title': <'t'>}");
  g_autoptr (GVariant) server =
      parse ("{'server-credential': <('u', 'p')>, 'certificate-fingerprint': <'sha256:00'>}");
  g_autoptr (GVariant) nothing = parse ("{'title': <'t'>, 'proxy': <''>, 'server-credential': <('', '')>}");
  g_autoptr (FerrydPeers) everything_of_it = ferryd_peers_new (all);
  g_autoptr (FerrydPeers) wanted = ferryd_peers_new (way);
  g_autoptr (FerrydPeers) own = ferryd_peers_new (server);
  g_autoptr (FerrydPeers) elsewhere = ferryd_peers_for_other_origin (everything_of_it);

  g_assert_true (ferryd_peers_equal (elsewhere, wanted));
  g_assert_false (ferryd_peers_equal (elsewhere, everything_of_it));
  g_assert_false (ferryd_peers_equal (own, NULL));
  g_assert_null (ferryd_peers_for_other_origin (own));
  g_assert_null (ferryd_peers_for_other_origin (NULL));
  g_assert_null (ferryd_peers_new (nothing));
}

static void
test_from_foreign_variant (void)
{
  static const char *const bad[] = {
    "{}",
    "{'version': <1>, 'uri': <'http://h/'>, 'options': <@a{sv} {}>}",
    "{'version': <uint32 2>, 'uri': <'http://h/'>, 'options': <@a{sv} {}>}",
    "{'version': <uint32 1>, 'options': <@a{sv} {}>}",
    "{'version': <uint32 1>, 'uri': <'http://h/'>}",
    "{'version': <uint32 1>, 'uri': <'http://h/'>, 'options': <{'priority': <'x'>}>}",
  };
  g_autoptr (GVariant) other = g_variant_ref_sink (g_variant_new_string ("x"));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) variant = parse (bad[i]);

      g_assert_null (ferryd_request_from_variant (FERRY_KIND_DOWNLOAD, variant, NULL));
    }
  g_assert_null (ferryd_request_from_variant (FERRY_KIND_DOWNLOAD, other, NULL));
}

static void
test_set_header (void)
{
  g_autoptr (FerrydRequest) request =
      make_request ("http://h/", "/x", "{'headers': <[('A', '1'), ('B', '2'), ('a', '3')]>}");

  ferryd_request_set_header (request, "C", "4");
  assert_variant (request->headers, "[('A', '1'), ('B', '2'), ('a', '3'), ('C', '4')]");
  ferryd_request_set_header (request, "a", "5");
  assert_variant (request->headers, "[('a', '5'), ('B', '2'), ('C', '4')]");
  ferryd_request_set_header (request, "b", NULL);
  assert_variant (request->headers, "[('a', '5'), ('C', '4')]");
  ferryd_request_set_header (request, "none", NULL);
  assert_variant (request->headers, "[('a', '5'), ('C', '4')]");
  ferryd_request_set_header (request, "A", NULL);
  ferryd_request_set_header (request, "c", NULL);
  g_assert_null (request->headers);
  ferryd_request_set_header (request, "D", "");
  assert_variant (request->headers, "[('D', '')]");
}

static void
test_host (void)
{
  static const struct
  {
    const char *uri, *host;
  } cases[] = {
    { "http://example.org/a", "http://example.org:80" },
    { "HTTPS://Example.ORG/A", "https://example.org:443" },
    { "https://example.org:443/", "https://example.org:443" },
    { "https://example.org:8443?x", "https://example.org:8443" },
    { "ftp://example.org/", "ftp://example.org:21" },
    { "http://[2001:DB8::1]/", "http://[2001:db8::1]:80" },
    { "http://127.0.0.1:8080/", "http://127.0.0.1:8080" },
    { "http://B\xc3\xbc"
      "cher.example/",
      "http://xn--bcher-kva.example:80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerrydRequest) request = make_request (cases[i].uri, "/x", "{}");
      g_autofree char *host = ferryd_request_get_host (request);

      g_assert_cmpstr (host, ==, cases[i].host);
      g_assert_cmpstr (request->uri, ==, cases[i].uri);
    }
}

static void
test_token_key (void)
{
  static const guint8 zero[16] = { 0 };
  g_autoptr (FerrydRequest) none = make_request ("http://h/", "/x", "{}");
  g_autoptr (FerrydRequest) ab = make_request ("http://h/", "/x", "{'token': <'ab'>}");
  g_autoptr (FerrydRequest) b = make_request ("http://other/", "/y", "{'token': <'b'>}");
  g_autoptr (FerrydRequest) upload = ferryd_request_copy (ab);
  guint8 key[16], other[16];

  ferryd_request_get_token_key (none, "app", key);
  g_assert_cmpmem (key, 16, zero, 16);

  ferryd_request_get_token_key (ab, "app", key);
  g_assert_cmpint (memcmp (key, zero, 16), !=, 0);
  ferryd_request_get_token_key (ab, "app", other);
  g_assert_cmpmem (key, 16, other, 16);

  ferryd_request_get_token_key (ab, "other", other);
  g_assert_cmpint (memcmp (key, other, 16), !=, 0);
  upload->kind = FERRY_KIND_UPLOAD;
  ferryd_request_get_token_key (upload, "app", other);
  g_assert_cmpint (memcmp (key, other, 16), !=, 0);
  /* Where one ends and the next begins counts. */
  ferryd_request_get_token_key (b, "appa", other);
  g_assert_cmpint (memcmp (key, other, 16), !=, 0);
}

/* With a token, what was asked for at first is known for ever, whatever is edited or becomes of it. */
static void
test_asked (void)
{
  g_autoptr (FerrydRequest) none = make_request ("http://h/", "/x", "{}");
  g_autoptr (FerrydRequest) first = make_request ("http://h/", "/x", "{'token': <'t'>}");
  g_autoptr (FerrydRequest) same = make_request ("http://h/", "/x", "{'token': <'t'>, 'title': <'T'>}");
  g_autoptr (FerrydRequest) other = make_request ("http://h/", "/y", "{'token': <'t'>}");
  g_autoptr (FerrydRequest) edited = ferryd_request_copy (first);
  g_autoptr (FerrydRequest) loaded = NULL;

  g_assert_null (none->asked);
  g_assert_cmpstr (first->asked, ==, same->asked);
  g_assert_cmpstr (first->asked, !=, other->asked);
  g_free (edited->uri);
  edited->uri = g_strdup ("http://elsewhere/");
  g_free (edited->destination);
  edited->destination = g_strdup ("/x (2)");
  loaded = store_and_load (edited);
  g_assert_cmpstr (loaded->uri, ==, "http://elsewhere/");
  g_assert_cmpstr (loaded->asked, ==, first->asked);
}

static void
test_pausable (void)
{
  static const struct
  {
    const char *options;
    gboolean pausable;
  } cases[] = {
    { "{}", TRUE },
    { "{'method': <'PUT'>}", TRUE },
    { "{'method': <'POST'>}", FALSE },
    { "{'method': <'get'>}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerrydRequest) request = make_request ("http://h/", "/x", cases[i].options);

      g_assert_cmpint (ferryd_request_is_pausable (request), ==, cases[i].pausable);
    }
}

/* What FTP has not is refused by name, and not where it asks for nothing. */
static void
test_scheme (void)
{
  static const struct
  {
    const char *options;
    const char *named; /* NULL where they are right */
    int code;
    gboolean sends;
  } rows[] = {
    { "@a{sv} {}", NULL, 0 },
    { "{'random-access': <false>, 'mirrors': <@as []>, 'headers': <@a(ss) []>, 'method': <'GET'>}", NULL, 0 },
    { "{'checksum': <'sha256:00'>, 'proxy': <'socks5://a'>, 'connections': <uint32 2>}", NULL, 0 },
    { "{'random-access': <true>}", "'random-access'", FERRY_ERROR_INVALID_ARGUMENT },
    { "{'mirrors': <['http://example.org/']>}", "'mirrors'", FERRY_ERROR_INVALID_ARGUMENT },
    { "{'headers': <[('A', 'b')]>}", "'headers'", FERRY_ERROR_INVALID_ARGUMENT },
    { "{'body': <'/etc/hostname'>, 'method': <'POST'>}", "'body'", FERRY_ERROR_INVALID_ARGUMENT, TRUE },
    { "@a{sv} {}", "'body-fd'", FERRY_ERROR_INVALID_ARGUMENT, TRUE },
    { "{'method': <'HEAD'>}", "'method'", FERRY_ERROR_INVALID_ARGUMENT },
    { "{'certificate-fingerprint': <'sha256:00'>}", "'certificate-fingerprint'", FERRY_ERROR_NOT_SUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FerrydRequest) http = make_request ("https://h/f", "/x", rows[i].options);
      g_autoptr (FerrydRequest) ftp = make_request ("FTP://h/f", "/x", rows[i].options);
      g_autoptr (GError) error = NULL;

      g_assert_true (ferryd_request_check_scheme (http, rows[i].sends, NULL));
      g_assert_true (ferryd_request_check_scheme (ftp, rows[i].sends, &error) == (rows[i].named == NULL));
      if (rows[i].named == NULL)
        continue;
      g_assert_error (error, FERRY_ERROR, rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].named));
    }
}

static void
test_scheme_of_uploads (void)
{
  g_autoptr (FerrydRequest) request = make_request ("http://h/f", "/x", "@a{sv} {}");
  g_autoptr (FerrydRequest) changed = ferryd_request_copy (request);
  g_autoptr (GError) error = NULL;

  changed->kind = FERRY_KIND_UPLOAD;
  g_assert_true (ferryd_request_check_scheme (changed, TRUE, NULL));
  g_free (changed->uri);
  changed->uri = g_strdup ("ftp://h/f");
  g_assert_false (ferryd_request_check_scheme (changed, TRUE, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/options", test_options);
  g_test_add_func ("/request/defaults", test_defaults);
  g_test_add_func ("/request/shown-options", test_shown_options);
  g_test_add_func ("/request/refused", test_refused);
  g_test_add_func ("/request/round-trip", test_round_trip);
  g_test_add_func ("/request/round-trip/target", test_round_trip_target);
  g_test_add_func ("/request/round-trip/edited", test_round_trip_edited);
  g_test_add_func ("/request/secrets", test_secrets);
  g_test_add_func ("/request/peers", test_peers);
  g_test_add_func ("/request/peers/elsewhere", test_peers_elsewhere);
  g_test_add_func ("/request/from-foreign-variant", test_from_foreign_variant);
  g_test_add_func ("/request/set-header", test_set_header);
  g_test_add_func ("/request/scheme", test_scheme);
  g_test_add_func ("/request/scheme/uploads", test_scheme_of_uploads);
  g_test_add_func ("/request/host", test_host);
  g_test_add_func ("/request/token-key", test_token_key);
  g_test_add_func ("/request/asked", test_asked);
  g_test_add_func ("/request/pausable", test_pausable);
  return g_test_run ();
}
