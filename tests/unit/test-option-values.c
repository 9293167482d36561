/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Options with values that are right and wrong in ways of their own, alone and together. */

#include "ferryd-options-kit.h"

/* A real one, as text of a GVariant; `CN=a`, valid until 2126. */
/* clang-format off */
#define CERTIFICATE \
  "-----BEGIN CERTIFICATE-----\\n" \
  "MIIBbzCCARWgAwIBAgIUNtZKyv27w8jOd2K6068jtfcwfs0wCgYIKoZIzj0EAwIw\\n" \
  "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjUxOTM3MTZaGA8yMTI2MTEwMTE5MzcxNlow\\n" \
  "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAXsni2AkIaW\\n" \
  "eb6+GEMBAm+dbmIuFJHJ5vHkCTlgUXjkrfZGcWkbkGoO0mgfqD8CsAp80BhYipHU\\n" \
  "JeS8q8ZVetajUzBRMB0GA1UdDgQWBBS31IMRplL+KkxaC/OzbZ61kUUqFjAfBgNV\\n" \
  "HSMEGDAWgBS31IMRplL+KkxaC/OzbZ61kUUqFjAPBgNVHRMBAf8EBTADAQH/MAoG\\n" \
  "CCqGSM49BAMCA0gAMEUCIQD8uk1nRZcZx8xoJ11JY1fbC6mFWTkecWoqLcF7QS8J\\n" \
  "owIgFkkhl8WobTd+71sAYmMWtBeluhdWxVHc1ULXQLlSdbE=\\n" \
  "-----END CERTIFICATE-----\\n"
/* clang-format on */

#define HEX64 "0123456789abcdefABCDEF6789abcdef0123456789abcdef0123456789abcdef"

/* One right value for each row that is neither words nor a truth value, and what its check must refuse. */
static const struct
{
  const char *key;
  FerryOptionsScope scope; /* one of the key's */
  const char *good;        /* in text form; several are separated by a line feed */
  const char *bad;         /* (nullable): the same */
} checks[] = {
  { "method", FERRY_OPTIONS_DOWNLOAD, "'GET'\n'POST'\n'REPORT'\n'M-SEARCH'",
    "''\n'GE T'\n'HEAD'\n'head'\n'TRACE'\n'CONNECT'\n'GET\\r\\nX: y'\n'ü'" },
  { "method", FERRY_OPTIONS_UPLOAD, "'PUT'\n'POST'", "''\n'GET'\n'HEAD'\n'TRACE'\n'CONNECT'\n'P/UT'" },
  { "headers", FERRY_OPTIONS_DOWNLOAD, "@a(ss) []\n[('A', 'b'), ('A', 'c')]\n[('Cookie', 'a=b')]",
    "[('A', 'b'), ('Host', 'hunter2')]\n[('', 'hunter2')]\n[('A: hunter2', '')]\n[('A', 'hunter2\\n')]" },
  { "headers", FERRY_OPTIONS_PART, "[('Content-ID', 'x')]", "[('a b', 'hunter2')]" },
  { "body", FERRY_OPTIONS_DOWNLOAD, "'/a'\n'file:///a%20b'",
    "''\n'a'\n'./a'\n'file:a'\n'file://host:1/a'\n'http://a/b'" },
  { "body-fd", FERRY_OPTIONS_DOWNLOAD, "handle 0\nhandle 15", "handle -1\nhandle 16" },
  { "group", FERRY_OPTIONS_DOWNLOAD, "''\n'ü'", NULL },
  { "completion-group", FERRY_OPTIONS_DOWNLOAD, "objectpath '/a'\n'/org/ferry'", "'a'\n''\n'/a/'" },
  { "max-speed", FERRY_OPTIONS_DOWNLOAD, "uint64 1", NULL },
  { "not-before", FERRY_OPTIONS_DOWNLOAD, "int64 1", NULL },
  { "not-after", FERRY_OPTIONS_DOWNLOAD, "int64 1", NULL },
  { "server-credential", FERRY_OPTIONS_DOWNLOAD, "('a', 'b')",
    "('a', 'hunter2\\n')\n('hunter2\\u0001', 'b')" },
  { "proxy-credential", FERRY_OPTIONS_DOWNLOAD, "('a', 'b')", "('a', 'hunter2\\r')" },
  { "proxy", FERRY_OPTIONS_DOWNLOAD,
    "'http://127.0.0.1:3128'\n'https://user:x@example.org/'\n'socks5://[::1]:1080'\n'socks5h://"
    "u:p@a'\n'direct://'\n''",
    "'hunter2'\n'ftp://hunter2'\n'http://'\n'http://a/hunter2'\n'http://a?hunter2'\n'http://a:0/hunter2'\n"
    "'http://u:hunter2@a b'\n'http://u:hunter2@a_b'\n'http://a#hunter2'" },
  { "ca-certificates", FERRY_OPTIONS_DOWNLOAD, "'" CERTIFICATE "'\n'comment\\n" CERTIFICATE CERTIFICATE "'",
    "''\n'hunter2'\n'-----BEGIN CERTIFICATE-----\\nhunter2\\n-----END CERTIFICATE-----'\n'" CERTIFICATE
    "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----'" },
  { "certificate-fingerprint", FERRY_OPTIONS_DOWNLOAD, "'sha256:" HEX64 "'",
    "''\n'sha256:'\n'sha512:" HEX64 "'\n'sha256:" HEX64 "0'\n'" HEX64 "'" },
  { "title", FERRY_OPTIONS_DOWNLOAD, "''\n'A title'", NULL },
  { "metadata", FERRY_OPTIONS_DOWNLOAD, "@a{sv} {}\n{'a': <[<{'b': <uint16 1>}>]>}",
    "{'a': <handle 0>}\n{'a': <[<{'b': <handle 0>}>]>}\n{'a': <(1, @ah [])>}" },
  { "application-id", FERRY_OPTIONS_DOWNLOAD, "''\n'org.example.App'\n'firefox_x-1'",
    "'a b'\n'a/b'\n'a\\nb'\n'ü'" },
  { "token", FERRY_OPTIONS_DOWNLOAD, "'x'", "''" },
  { "success-notification", FERRY_OPTIONS_DOWNLOAD, "@a{sv} {}\n{'title': <'a'>, 'body': <'b'>}",
    "{'nonsense': <'a'>}\n{'title': <1>}" },
  { "failure-notification", FERRY_OPTIONS_COMPLETION_GROUP, "{'icon': <'a'>, 'default-action': <'app.a'>}",
    "{'nonsense': <'a'>}" },
  { "destination-fd", FERRY_OPTIONS_DOWNLOAD, "handle 0", "handle -1" },
  { "destination-dir-fd", FERRY_OPTIONS_SET_DESTINATION, "handle 0", "handle -1" },
  { "checksum", FERRY_OPTIONS_DOWNLOAD, "'sha256:" HEX64 "'\n'sha512:" HEX64 HEX64 "'",
    "''\n'sha256:'\n'md5:00'\n'SHA256:" HEX64 "'\n'sha256:" HEX64 "0'\n'sha512:" HEX64 "'\n'sha256:g" HEX64
    "'\n"
    "'" HEX64 "'" },
  { "expected-size", FERRY_OPTIONS_DOWNLOAD, "uint64 0\nuint64 9223372036854775807", NULL },
  { "mirrors", FERRY_OPTIONS_DOWNLOAD, "['http://a/', 'https://b/?c']",
    "['']\n['http://a/', 'http://a_/hunter2']\n['http://u:hunter2@a/']" },
  { "connections", FERRY_OPTIONS_DOWNLOAD, "uint32 1\nuint32 16", NULL },
  { "source-fd", FERRY_OPTIONS_UPLOAD, "handle 0", "handle -1" },
  { "source-offset", FERRY_OPTIONS_UPLOAD, "uint64 0", NULL },
  { "source-length", FERRY_OPTIONS_UPLOAD, "uint64 1", NULL },
  { "resumable", FERRY_OPTIONS_MULTIPART, "'auto'\n'never'\n'tus'\n'http'", "''\n'Auto'" },
  { "subtype", FERRY_OPTIONS_MULTIPART, "'form-data'", "''\n'a/b'" },
  { "boundary", FERRY_OPTIONS_MULTIPART, "'a:b=?'", "''\n'a b'\n'a\\r\\nb'\n'a\"'" },
  { "file", FERRY_OPTIONS_PART, "'/a'", "'a'" },
  { "file-fd", FERRY_OPTIONS_PART, "handle 0", "handle -1" },
  { "text", FERRY_OPTIONS_PART, "''\n'a\\nb'", NULL },
  { "name", FERRY_OPTIONS_PART, "'a'", "'a\\nb'" },
  { "filename", FERRY_OPTIONS_PART, "'a'", "'a\\rb'" },
  { "content-type", FERRY_OPTIONS_PART, "'text/plain; charset=utf-8'\n'a/b'",
    "''\n'text'\n'text/'\n'/a'\n'a/b/c'\n'a/b\\n'\n';a/b'" },
  { "properties", FERRY_OPTIONS_FILTER, "@as []\n['State', 'Destination', 'Source']",
    "['State', 'Nonsense']\n['']" },
  { "limit", FERRY_OPTIONS_FILTER, "uint32 0\nuint32 4294967295", NULL },
  { "after", FERRY_OPTIONS_FILTER, "'0123456789abcdef0123456789abcdef'",
    "''\n'0123456789ABCDEF0123456789abcdef'\n'0123456789abcdef0123456789abcde'" },
  { "handler-name", FERRY_OPTIONS_COMPLETION_GROUP, "'org.example.App'", "''\n'app'\n':1.5'\n'a b.c'" },
  { "handler-path", FERRY_OPTIONS_COMPLETION_GROUP, "objectpath '/a'", "'a'" },
  { "handler-action", FERRY_OPTIONS_COMPLETION_GROUP, "'done'", "''\n'a b'\n'a::b'" },
  { "title", FERRY_OPTIONS_NOTIFICATION, "'a'", NULL },
  { "body", FERRY_OPTIONS_NOTIFICATION, "'a'", NULL },
  { "icon", FERRY_OPTIONS_NOTIFICATION, "'a'", NULL },
  { "default-action", FERRY_OPTIONS_NOTIFICATION, "'app.a'", NULL },
};

/* (nullable): a key of type s that @key means nothing without. */
static const char *
get_companion (const char *key, FerryOptionsScope scope)
{
  static const char *const contents[] = { "file", "file-fd", "text", NULL };

  if (strcmp (key, "handler-path") == 0 || strcmp (key, "handler-action") == 0)
    return "handler-name";
  return scope == FERRY_OPTIONS_PART && !g_strv_contains (contents, key) ? "text" : NULL;
}

/* (transfer full) */
static GVariant *
with_companion (const char *key, FerryOptionsScope scope, GVariant *value)
{
  const char *companion = get_companion (key, scope);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, key, value);
  if (companion != NULL)
    g_variant_dict_insert (&dict, companion, "s", "org.example.App");
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
check_good (guint row, const FerryOptionSpec *spec, const char *text)
{
  g_autoptr (GVariant) value = ferryd_options_kit_parse (text);
  g_autoptr (GVariant) options = with_companion (spec->key, checks[row].scope, value);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) checked = ferry_options_check (checks[row].scope, options, &error);
  g_autoptr (GVariant) neutral = spec->neutral != NULL ? ferryd_options_kit_parse (spec->neutral) : NULL;

  g_test_message ("%s %s is right", spec->key, text);
  if (spec->supported || (neutral != NULL && g_variant_equal (neutral, value)))
    {
      g_autoptr (GVariant) got = NULL;

      g_assert_no_error (error);
      got = g_variant_lookup_value (checked, spec->key, G_VARIANT_TYPE (spec->type));
      g_assert_nonnull (got);
      /* A string is taken for an object path, too. */
      if (g_str_equal (spec->type, "o"))
        g_assert_cmpstr (g_variant_get_string (got, NULL), ==, g_variant_get_string (value, NULL));
      else
        g_assert_true (spec->lower_case || g_variant_equal (got, value));
      return;
    }
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED);
  if (get_companion (spec->key, checks[row].scope) == NULL)
    g_assert_nonnull (strstr (error->message, spec->key));
}

static void
test_checks (void)
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      gboolean is_covered = specs[i].enum_type != NULL || strcmp (specs[i].type, "b") == 0;

      for (guint j = 0; j < G_N_ELEMENTS (checks); j++)
        {
          g_auto (GStrv) good = g_strsplit (checks[j].good, "\n", -1);
          g_auto (GStrv) bad = g_strsplit (checks[j].bad != NULL ? checks[j].bad : "", "\n", -1);

          if (strcmp (checks[j].key, specs[i].key) != 0 || (specs[i].scopes & checks[j].scope) == 0)
            continue;
          is_covered = TRUE;
          g_assert_true (specs[i].check == NULL || bad[0] != NULL);
          for (guint k = 0; good[k] != NULL; k++)
            check_good (j, &specs[i], good[k]);
          for (guint k = 0; bad[k] != NULL; k++)
            {
              g_autoptr (GVariant) value = ferryd_options_kit_parse (bad[k]);
              g_autoptr (GVariant) options = with_companion (specs[i].key, checks[j].scope, value);

              g_test_message ("%s %s is wrong", specs[i].key, bad[k]);
              ferryd_options_kit_assert_refused (checks[j].scope, options, FERRY_ERROR_INVALID_ARGUMENT,
                                                 specs[i].key);
            }
        }
      if (!is_covered)
        g_error ("nothing here says what is right for '%s'", specs[i].key);
    }
}

static void
test_integers (void)
{
  static const char *const sevens[] = { "byte 7",   "int16 7", "uint16 7", "int32 7",
                                        "uint32 7", "int64 7", "uint64 7", "<7>" };

  for (guint i = 0; i < G_N_ELEMENTS (sevens); i++)
    {
      g_autofree char *limit = g_strdup_printf ("{'limit': <%s>}", sevens[i]);
      g_autofree char *size = g_strdup_printf ("{'expected-size': <%s>}", sevens[i]);

      ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_FILTER, limit, "{'limit': <uint32 7>}");
      ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD, size, "{'expected-size': <uint64 7>}");
    }
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD, "{'not-before': <0>}",
                                        "{'not-before': <int64 0>}");
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD, "{'connections': <1>}",
                                        "{'connections': <uint32 1>}");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'connections': <17>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "1 to 16");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'connections': <17>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "is 17");
}

static void
test_normalised (void)
{
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD, "@a{sv} {}", "@a{sv} {}");
  ferryd_options_kit_assert_text_taken (
      FERRY_OPTIONS_DOWNLOAD, "{'checksum': <'sha256:" HEX64 "'>}",
      "{'checksum': <'sha256:0123456789abcdefabcdef6789abcdef0123456789abcdef0123456789abcdef'>}");
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD, "{'title': <<'A B'>>}", "{'title': <'A B'>}");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'title': <<<'A B'>>>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'title'");
  /* What is opaque stays as it is. */
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD,
                                        "{'metadata': <{'a': <<byte 1>>, 'X': <'Y'>}>}",
                                        "{'metadata': <{'a': <<byte 1>>, 'X': <'Y'>}>}");
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD,
                                        "{'recoverable-errors': <['timeout', 'not-found']>}",
                                        "{'recoverable-errors': <['timeout', 'not-found']>}");
}

static void
test_unknown_keys (void)
{
  g_autofree char *name = g_strnfill (100000, 'k');
  g_autofree char *huge = g_strdup_printf ("{'%s': <1>}", name);

  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'nonsense': <1>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'nonsense'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'nonsense': <1>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'checksum'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'Title': <'a'>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'Title'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'': <'a'>}", FERRY_ERROR_INVALID_ARGUMENT,
                                          "''");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'a\\nb': <'a'>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'a?b'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, huge, FERRY_ERROR_INVALID_ARGUMENT, "kkk");
  /* Known elsewhere is unknown here. */
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'states': <['idle']>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'states'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, "{'source-fd': <handle 0>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'source-fd'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_UPLOAD, "{'checksum': <'x'>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'checksum'");
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_GROUP, "{'group': <'x'>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'group'");
}

static void
test_not_a_dictionary (void)
{
  static const char *const wrong[] = { "{'title': 'a'}", "'a'", "()", "@a{iv} {}" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD, wrong[i], FERRY_ERROR_INVALID_ARGUMENT,
                                            "a{sv}");
}

static void
test_given_twice (void)
{
  ferryd_options_kit_assert_text_refused (FERRY_OPTIONS_DOWNLOAD,
                                          "{'title': <'a'>, 'start': <true>, 'title': <'a'>}",
                                          FERRY_ERROR_INVALID_ARGUMENT, "'title'");
}

/* Combinations that mean nothing, and their neighbours that mean something or are merely not supported. */
static const struct
{
  FerryOptionsScope scope;
  const char *options;
  FerryError code;
  const char *names;
} combinations[] = {
  { FERRY_OPTIONS_DOWNLOAD, "{'body': <'/a'>, 'body-fd': <handle 0>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'body-fd'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'destination-fd': <handle 0>, 'destination-dir-fd': <handle 1>}",
    FERRY_ERROR_INVALID_ARGUMENT, "'destination-dir-fd'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'exists': <'fail'>, 'destination-fd': <handle 1>}",
    FERRY_ERROR_INVALID_ARGUMENT, "'exists'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'mirrors': <['http://a/']>, 'method': <'POST'>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'mirrors'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'random-access': <true>, 'method': <'POST'>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'random-access'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'not-before': <2>, 'not-after': <2>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'not-after'" },
  { FERRY_OPTIONS_UPLOAD, "{'not-before': <3>, 'not-after': <2>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'not-after'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'proxy': <'http://u:hunter2@a'>, 'proxy-credential': <('u', 'hunter2')>}",
    FERRY_ERROR_INVALID_ARGUMENT, "'proxy-credential'" },
  { FERRY_OPTIONS_PART, "{'file': <'/a'>, 'text': <'b'>}", FERRY_ERROR_INVALID_ARGUMENT, "'text'" },
  { FERRY_OPTIONS_PART, "{'file': <'/a'>, 'file-fd': <handle 0>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'file-fd'" },
  { FERRY_OPTIONS_PART, "{'text': <'a'>, 'file-fd': <handle 0>}", FERRY_ERROR_INVALID_ARGUMENT, "'file-fd'" },
  { FERRY_OPTIONS_PART, "{'name': <'a'>}", FERRY_ERROR_INVALID_ARGUMENT, "'file'" },
  { FERRY_OPTIONS_PART, "@a{sv} {}", FERRY_ERROR_INVALID_ARGUMENT, "'text'" },
  { FERRY_OPTIONS_COMPLETION_GROUP, "{'handler-action': <'a'>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'handler-name'" },
  { FERRY_OPTIONS_COMPLETION_GROUP, "{'handler-path': <objectpath '/a'>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'handler-name'" },
  /* Wrong comes before not supported, wherever it stands. */
  { FERRY_OPTIONS_DOWNLOAD, "{'max-speed': <1>, 'priority': <'x'>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'priority'" },
  { FERRY_OPTIONS_DOWNLOAD, "{'priority': <'x'>, 'max-speed': <1>}", FERRY_ERROR_INVALID_ARGUMENT,
    "'priority'" },
};

static void
test_combinations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (combinations); i++)
    ferryd_options_kit_assert_text_refused (combinations[i].scope, combinations[i].options,
                                            combinations[i].code, combinations[i].names);
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD,
                                        "{'proxy': <'http://a'>, 'proxy-credential': <('u', 'p')>}",
                                        "{'proxy-credential': <('u', 'p')>, 'proxy': <'http://a'>}");
  /* What asks for nothing contradicts nothing. */
  ferryd_options_kit_assert_text_taken (
      FERRY_OPTIONS_DOWNLOAD, "{'method': <'POST'>, 'mirrors': <@as []>, 'random-access': <false>}",
      "{'method': <'POST'>, 'mirrors': <@as []>, 'random-access': <false>}");
  ferryd_options_kit_assert_text_taken (FERRY_OPTIONS_DOWNLOAD,
                                        "{'exists': <'fail'>, 'destination-dir-fd': <handle 1>}",
                                        "{'destination-dir-fd': <handle 1>, 'exists': <'fail'>}");
}

static void
test_sizes (void)
{
  static const struct
  {
    const char *key;
    gsize limit;
  } limits[] = { { "title", 1024 }, { "group", 256 }, { "token", 256 } };
  g_autofree char *value = g_strnfill (65535, 'a');
  g_autoptr (GVariant) fits = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *text = g_strnfill (limits[i].limit, 'a');
      g_autoptr (GVariant) options =
          ferryd_options_kit_new_dictionary (limits[i].key, g_variant_new_string (text));
      g_autoptr (GVariant) checked = ferryd_options_kit_assert_taken (FERRY_OPTIONS_DOWNLOAD, options);
      g_autofree char *long_text = g_strconcat (text, "a", NULL);
      g_autoptr (GVariant) long_options =
          ferryd_options_kit_new_dictionary (limits[i].key, g_variant_new_string (long_text));

      g_assert_true (g_variant_equal (checked, options));
      ferryd_options_kit_assert_refused (FERRY_OPTIONS_DOWNLOAD, long_options, FERRY_ERROR_INVALID_ARGUMENT,
                                         limits[i].key);
    }
  fits = ferryd_options_kit_new_dictionary ("headers", g_variant_new_parsed ("[('A', %s)]", value));
  g_variant_unref (ferryd_options_kit_assert_taken (FERRY_OPTIONS_DOWNLOAD, fits));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/option-values/checks", test_checks);
  g_test_add_func ("/option-values/integers", test_integers);
  g_test_add_func ("/option-values/normalised", test_normalised);
  g_test_add_func ("/option-values/unknown-keys", test_unknown_keys);
  g_test_add_func ("/option-values/not-a-dictionary", test_not_a_dictionary);
  g_test_add_func ("/option-values/given-twice", test_given_twice);
  g_test_add_func ("/option-values/combinations", test_combinations);
  g_test_add_func ("/option-values/sizes", test_sizes);
  return g_test_run ();
}
