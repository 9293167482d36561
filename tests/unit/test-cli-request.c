/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-parse.h"
#include "ferry-cmd-request.h"

/* Options that every request has. */
#define TOKEN_KEY "token"

static const FerryCmd command = { .name = "get", .arguments = "URL [FILE]", .help = "Download" };

static gboolean
parse (const char *const *words, FerryCmdRequest *request, GError **error)
{
  g_auto (GStrv) argv = g_strdupv ((GStrv) words);

  return ferry_cmd_request_parse_get (&command, &argv, request, error);
}

#define WORDS(...) ((const char *const[]){ "get", __VA_ARGS__, NULL })

static FerryDownloadRequest *
get_only (FerryCmdRequest *request)
{
  g_assert_cmpuint (request->requests->len, ==, 1);
  return request->requests->pdata[0];
}

static void
assert_option (FerryCmdRequest *request, const char *key, const char *wanted)
{
  g_autoptr (GVariant) options = ferry_request_get_options (FERRY_REQUEST (get_only (request)));
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
  g_assert_cmpstr (ferry_request_get_uri (FERRY_REQUEST (get_only (&request))), ==, "http://h/x");
  path = g_file_get_path (ferry_download_request_get_destination (get_only (&request)));
  g_assert_cmpstr (path, ==, here);
  g_assert_true (ferry_download_request_get_into_folder (get_only (&request)));
  g_assert_false (request.detach || request.no_start || request.json);
  assert_option (&request, "start", "true");
  assert_option (&request, "application-id", "'org.ferry.Ferry'");
  assert_option (&request, "exists", NULL);
  assert_option (&request, "headers", NULL);
  options = ferry_request_get_options (FERRY_REQUEST (get_only (&request)));
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
      path = g_file_get_path (ferry_download_request_get_destination (get_only (&request)));
      g_assert_true (g_path_is_absolute (path));
      g_assert_cmpint (ferry_download_request_get_into_folder (get_only (&request)), ==,
                       cases[i].into_folder);
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

/* A file of one line. */
static char *
write_file (const char *line)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("ferry-test-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (g_close (fd, NULL));
  g_assert_true (g_file_set_contents (path, line, -1, NULL));
  return g_steal_pointer (&path);
}

static void
test_more_options (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autofree char *certificates = write_file ("PEM");
  g_autofree char *body_option = g_strconcat ("--body=", certificates, NULL);
  g_autofree char *body = g_strdup_printf ("'%s'", certificates);

  g_assert_true (parse (
      WORDS ("--max-speed=1.5M", "--not-after=2030-01-31T22:00:00Z", "--connections=4", "--random-access",
             "--proxy=socks5://p:1", "--certificate-fingerprint=sha256:00", "--completion-group=/g",
             "--mirror=http://a/", "--mirrors=http://b/", "--success-notification", "title=Done",
             "--success-notification", "body=a=b", "--failure-notification=title=Not", "--ca-certificates",
             certificates, body_option, "--server-credential=user:pass:word",
             "--recoverable-errors=not-found", "--recoverable-error=disk-full", "u"),
      &request, NULL));
  assert_option (&request, "max-speed", "uint64 1500000");
  assert_option (&request, "not-after", "int64 1896127200000000");
  assert_option (&request, "connections", "uint32 4");
  assert_option (&request, "random-access", "true");
  assert_option (&request, "proxy", "'socks5://p:1'");
  assert_option (&request, "certificate-fingerprint", "'sha256:00'");
  assert_option (&request, "completion-group", "'/g'");
  assert_option (&request, "mirrors", "['http://a/', 'http://b/']");
  assert_option (&request, "ca-certificates", "'PEM'");
  assert_option (&request, "body", body);
  assert_option (&request, "server-credential", "('user', 'pass:word')");
  assert_option (&request, "failure-notification", "{'title': <'Not'>}");
  assert_option (&request, "recoverable-errors", "['not-found', 'disk-full']");
  g_assert_no_errno (g_unlink (certificates));
}

static void
test_credential_file (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autofree char *right = write_file ("user:pass word\nmore\n");
  g_autofree char *wrong = write_file ("hush\n");
  g_auto (FerryCmdRequest) refused = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (WORDS ("--proxy-credential-file", right, "u"), &request, NULL));
  assert_option (&request, "proxy-credential", "('user', 'pass word')");
  g_assert_false (parse (WORDS ("--proxy-credential-file", wrong, "u"), &refused, &error));
  g_assert_nonnull (strstr (error->message, "--proxy-credential-file"));
  g_assert_null (strstr (error->message, "hush"));
  g_assert_no_errno (g_unlink (right));
  g_assert_no_errno (g_unlink (wrong));
}

static void
test_descriptors (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autofree char *option = NULL;
  GUnixFDList *descriptors;
  int fd = g_open ("/dev/null", O_RDWR | O_CLOEXEC);

  option = g_strdup_printf ("--destination-fd=%d", fd);
  g_assert_true (parse (WORDS (option, "--body=-", "u"), &request, NULL));
  descriptors = ferry_request_get_descriptors (FERRY_REQUEST (get_only (&request)));
  g_assert_cmpint (g_unix_fd_list_get_length (descriptors), ==, 2);
  assert_option (&request, "body", NULL);
  g_assert_true (g_close (fd, NULL));
}

static void
test_several (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  const char *const names[] = { "http://h/a", "ftp://h/b", "http://h/c" };
  g_autofree char *folder = g_dir_make_tmp ("ferry-test-XXXXXX", NULL);
  g_autoptr (GHashTable) tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_true (parse (WORDS (names[0], names[1], names[2], "--title=t", folder), &request, NULL));
  g_assert_cmpuint (request.requests->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      FerryDownloadRequest *one = request.requests->pdata[i];
      g_autoptr (GVariant) options = ferry_request_get_options (FERRY_REQUEST (one));
      g_autofree char *path = g_file_get_path (ferry_download_request_get_destination (one));
      char *token;

      g_assert_cmpstr (ferry_request_get_uri (FERRY_REQUEST (one)), ==, names[i]);
      g_assert_cmpstr (path, ==, folder);
      g_assert_true (ferry_download_request_get_into_folder (one));
      g_assert_true (g_variant_lookup (options, "title", "s", NULL));
      g_assert_true (g_variant_lookup (options, TOKEN_KEY, "s", &token));
      g_assert_true (g_hash_table_add (tokens, token));
    }
  g_assert_no_errno (g_rmdir (folder));
}

static void
test_sizes (void)
{
  static const struct
  {
    const char *text;
    gint64 bytes; /* -1: none */
  } cases[] = {
    { "0", 0 },
    { "5000", 5000 },
    { "9223372036854775807", G_MAXINT64 },
    { "9223372036854775808", -1 },
    { "1.5M", 1500000 },
    { "1.5MB", 1500000 },
    { "1.5 MB/s", 1500000 },
    { "64Ki", 65536 },
    { "64KiB/s", 65536 },
    { "2k", 2000 },
    { "2K", 2000 },
    { "3G", 3000000000 },
    { "1T", 1000000000000 },
    { "8Gi", 8589934592 },
    { "100B", 100 },
    { "10000000T", -1 },
    { "", -1 },
    { ".", -1 },
    { "1.2.3k", -1 },
    { "k", -1 },
    { "1.5", -1 },
    { "-1k", -1 },
    { "1e3", -1 },
    { "0x10", -1 },
    { "1 kk", -1 },
    { "5km", -1 },
    { "nan", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 bytes = 0;

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (ferry_cmd_parse_size (cases[i].text, &bytes), ==, cases[i].bytes >= 0);
      if (cases[i].bytes >= 0)
        g_assert_cmpuint (bytes, ==, (guint64) cases[i].bytes);
    }
}

static void
test_times (void)
{
  const gint64 now = 1000 * G_USEC_PER_SEC;
  static const struct
  {
    const char *text;
    gint64 seconds; /* Unix time; 0: none */
  } cases[] = {
    { "+90s", 1090 },
    { "+2h", 8200 },
    { "+1d12h", 130600 },
    { "+1w", 605800 },
    { "+1m30s", 1090 },
    { "1970-01-02", 86400 },
    { "1970-01-02T01:00", 90000 },
    { "1970-01-02 01:00:30", 90030 },
    { "1970-01-02T01:00:00Z", 90000 },
    { "1970-01-02T01:00:00+01:00", 86400 },
    { "+", 0 },
    { "+2", 0 },
    { "+h", 0 },
    { "+2x", 0 },
    { "+9999999999999d", 0 },
    { "2h", 0 },
    { "", 0 },
    { "1970-13-01", 0 },
    { "1950-01-01", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 time = 0;

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpint (ferry_cmd_parse_time (cases[i].text, now, &time), ==, cases[i].seconds != 0);
      if (cases[i].seconds != 0)
        g_assert_cmpint (time, ==, cases[i].seconds * G_USEC_PER_SEC);
    }
}

static void
test_metadata (void)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) metadata = NULL;
  const char *value;

  g_assert_true (parse (WORDS ("--metadata", "a=b=c", "--metadata", "d=", "u"), &request, NULL));
  options = ferry_request_get_options (FERRY_REQUEST (get_only (&request)));
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
  assert_usage (WORDS ("http://h/a", "http://h/b", "f", "fourth"), "fourth");
  assert_usage (WORDS ("--token=t", "http://h/a", "http://h/b"), "--token");
  assert_usage (WORDS ("--mirror=http://m/", "http://h/a", "http://h/b"), "--mirror");
  assert_usage (WORDS ("--body=-", "http://h/a", "http://h/b"), "--body");
  assert_usage (WORDS ("--destination-fd=0", "u", "f"), "--destination-fd");
  assert_usage (WORDS ("--destination-fd=4000", "u"), "");
  assert_usage (WORDS ("--destination-dir-fd=0", "u"), "--destination-dir-fd");
  assert_usage (WORDS ("--destination-dir-fd=0", "u", "a/b"), "--destination-dir-fd");
  assert_usage (WORDS ("--max-speed=fast", "u"), "fast");
  assert_usage (WORDS ("--connections=many", "u"), "many");
  assert_usage (WORDS ("--not-before=tomorrow", "u"), "tomorrow");
  assert_usage (WORDS ("--ca-certificates=/not/there", "u"), "/not/there");
  assert_usage (WORDS ("--success-notification=Done", "u"), "Done");
  assert_usage (WORDS ("--server-credential-file=/not/there", "u"), "/not/there");
  assert_usage (WORDS ("--server-credential=a:b", "--server-credential-file=/dev/null", "u"), "-file");
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
  g_assert_true (g_setenv ("TZ", "UTC", TRUE));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-request/plain", test_plain);
  g_test_add_func ("/cli-request/file", test_file);
  g_test_add_func ("/cli-request/options", test_options);
  g_test_add_func ("/cli-request/more-options", test_more_options);
  g_test_add_func ("/cli-request/credential-file", test_credential_file);
  g_test_add_func ("/cli-request/descriptors", test_descriptors);
  g_test_add_func ("/cli-request/several", test_several);
  g_test_add_func ("/cli-request/sizes", test_sizes);
  g_test_add_func ("/cli-request/times", test_times);
  g_test_add_func ("/cli-request/metadata", test_metadata);
  g_test_add_func ("/cli-request/usage", test_usage);
  g_test_add_func ("/cli-request/prefix", test_prefix);
  return g_test_run ();
}
