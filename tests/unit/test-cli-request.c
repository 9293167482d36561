/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <locale.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-request.h"

/* Options that every request has. */
#define TOKEN_KEY "token"

static const FerryCmd command = { .name = "get", .arguments = "URL [FILE]", .help = "Download" };

static gboolean
parse (const char *const *words, FerryCmdRequest *request, GError **error)
{
  g_auto (GStrv) argv = g_strdupv ((GStrv) words);

  return ferry_cmd_request_parse (&command, &argv, request, error);
}

#define WORDS(...) ((const char *const[]){ "get", __VA_ARGS__, NULL })

static void
assert_option (FerryCmdRequest *request, const char *key, const char *wanted)
{
  g_autoptr (GVariant) options = ferry_download_request_get_options (request->request);
  g_autoptr (GVariant) found = g_variant_lookup_value (options, key, NULL);
  g_autofree char *text = found != NULL ? g_variant_print (found, TRUE) : NULL;

  g_assert_cmpstr (text, ==, wanted);
}

static void
assert_usage (const char *const *words, const char *named)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (parse (words, &request, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, named));
}

static void
test_plain (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *path = NULL;
  g_autoptr (GVariant) options = NULL;
  const char *token;

  g_assert_true (parse (WORDS ("http://h/x"), &request, NULL));
  g_assert_cmpstr (ferry_download_request_get_uri (request.request), ==, "http://h/x");
  path = g_file_get_path (ferry_download_request_get_destination (request.request));
  g_assert_cmpstr (path, ==, here);
  g_assert_true (ferry_download_request_get_into_folder (request.request));
  g_assert_false (request.detach || request.no_start || request.json);
  assert_option (&request, "start", "true");
  assert_option (&request, "application-id", "'org.ferry.Ferry'");
  assert_option (&request, "exists", NULL);
  assert_option (&request, "headers", NULL);
  options = ferry_download_request_get_options (request.request);
  g_assert_true (g_variant_lookup (options, TOKEN_KEY, "&s", &token) && strlen (token) > 30);
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ferry-test-XXXXXX", NULL);
  g_autofree char *below = g_build_filename (folder, "not-there", NULL);
  g_autofree char *slash = g_strconcat (below, "/", NULL);
  const struct
  {
    const char *word;
    gboolean into_folder;
  } cases[] = { { folder, TRUE }, { below, FALSE }, { slash, TRUE }, { "relative", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (FerryCmdRequest) request = { 0 };
      g_autofree char *path = NULL;

      g_assert_true (parse (WORDS ("http://h/x", cases[i].word), &request, NULL));
      path = g_file_get_path (ferry_download_request_get_destination (request.request));
      g_assert_true (g_path_is_absolute (path));
      g_assert_cmpint (ferry_download_request_get_into_folder (request.request), ==, cases[i].into_folder);
    }
  g_assert_no_errno (g_rmdir (folder));
}

static void
test_options (void)
{
  g_auto (FerryCmdRequest) request = { 0 };

  g_assert_true (
      parse (WORDS ("--detach", "--no-start", "--json", "--method=POST", "--header", "X-One: 1 ", "-H",
                    "X-Two:a:b", "--cost-policy", "always", "--priority=low", "--group=g", "--title=Grüße",
                    "--metadata", "a=b=c", "--metadata", "d=", "--token", "t", "--exists=rename",
                    "--checksum=sha256:00", "--expected-size", "5000000000", "--recoverable-error=disk-full",
                    "--idempotent", "--application-id=org.a.B", "u", "f"),
             &request, NULL));
  g_assert_true (request.detach && request.no_start && request.json);
  assert_option (&request, "start", "false");
  assert_option (&request, "method", "'POST'");
  assert_option (&request, "headers", "[('X-One', '1'), ('X-Two', 'a:b')]");
  assert_option (&request, "cost-policy", "'always'");
  assert_option (&request, "priority", "'low'");
  assert_option (&request, "group", "'g'");
  assert_option (&request, "title", "'Grüße'");
  assert_option (&request, "token", "'t'");
  assert_option (&request, "exists", "'rename'");
  assert_option (&request, "checksum", "'sha256:00'");
  assert_option (&request, "expected-size", "uint64 5000000000");
  assert_option (&request, "recoverable-errors", "['disk-full']");
  assert_option (&request, "idempotent", "true");
  assert_option (&request, "application-id", "'org.a.B'");
}

static void
test_metadata (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) metadata = NULL;
  const char *value;

  g_assert_true (parse (WORDS ("--metadata", "a=b=c", "--metadata", "d=", "u"), &request, NULL));
  options = ferry_download_request_get_options (request.request);
  metadata = g_variant_lookup_value (options, "metadata", G_VARIANT_TYPE_VARDICT);
  g_assert_true (g_variant_lookup (metadata, "a", "&s", &value));
  g_assert_cmpstr (value, ==, "b=c");
  g_assert_true (g_variant_lookup (metadata, "d", "&s", &value));
  g_assert_cmpstr (value, ==, "");
}

static void
test_usage (void)
{
  assert_usage ((const char *const[]){ "get", NULL }, "URL");
  assert_usage (WORDS ("u", "f", "third"), "third");
  assert_usage (WORDS ("--header", "nonsense", "u"), "nonsense");
  assert_usage (WORDS ("--header", ": x", "u"), "--header");
  assert_usage (WORDS ("--metadata", "nonsense", "u"), "nonsense");
  assert_usage (WORDS ("--expected-size", "-1", "u"), "-1");
  assert_usage (WORDS ("--expected-size", "9223372036854775808", "u"), "--expected-size");
  assert_usage (WORDS ("--nonsense", "u"), "--nonsense");
  assert_usage (WORDS ("a\xff"), "UTF-8");
  assert_usage (WORDS ("--title", "a\xff", "u"), "");
}

static void
test_prefix (void)
{
  const char *const ids[] = { "aa10", "aa20", "b000", NULL };
  g_autoptr (GError) several = NULL;
  g_autoptr (GError) none = NULL;
  g_autofree char *one = ferry_cmd_match_prefix (ids, "b", NULL);
  g_autofree char *longer = ferry_cmd_match_prefix (ids, "aa2", NULL);

  g_assert_cmpstr (one, ==, "b000");
  g_assert_cmpstr (longer, ==, "aa20");
  g_assert_null (ferry_cmd_match_prefix (ids, "aa", &several));
  g_assert_error (several, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (several->message, "aa10"));
  g_assert_nonnull (strstr (several->message, "aa20"));
  g_assert_null (ferry_cmd_match_prefix (ids, "c", &none));
  g_assert_error (none, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-request/plain", test_plain);
  g_test_add_func ("/cli-request/file", test_file);
  g_test_add_func ("/cli-request/options", test_options);
  g_test_add_func ("/cli-request/metadata", test_metadata);
  g_test_add_func ("/cli-request/usage", test_usage);
  g_test_add_func ("/cli-request/prefix", test_prefix);
  return g_test_run ();
}
