/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-cmd-form.h"
#include "ferry-cmd-request.h"
#include "ferry-content-part-private.h"
#include "ferry-options.h"
#include "ferry-request-private.h"

static const FerryCmd command = { .name = "put", .arguments = "FILE… URL", .help = "Upload" };

/* A folder with a file in it, which is the current one. */
typedef struct
{
  char *former; /* (owned) */
  char *folder; /* (owned) */
} Place;

#define NAME "a b.txt"

static void
set_up (Place *place, gconstpointer data)
{
  place->former = g_get_current_dir ();
  place->folder = g_dir_make_tmp ("ferry-test-XXXXXX", NULL);
  g_assert_no_errno (g_chdir (place->folder));
  g_assert_true (g_file_set_contents (NAME, "content", -1, NULL));
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_assert_no_errno (g_unlink (NAME));
  g_assert_no_errno (g_chdir (place->former));
  g_assert_no_errno (g_rmdir (place->folder));
  g_free (place->folder);
  g_free (place->former);
}

static gboolean
parse (const char *const *words, FerryCmdRequest *request, GError **error)
{
  g_auto (GStrv) argv = g_strdupv ((GStrv) words);

  return ferry_cmd_request_parse_put (&command, &argv, request, error);
}

#define WORDS(...) ((const char *const[]){ "put", __VA_ARGS__, NULL })

/* The call that the only request is. */
static void
make_call (FerryCmdRequest *request, FerryRequestCall *call)
{
  g_assert_cmpuint (request->requests->len, ==, 1);
  g_assert_true (ferry_request_make_call (request->requests->pdata[0], call, NULL));
}

static void
assert_child (GVariant *parameters, gsize index, const char *wanted)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (parameters, index);
  g_autofree char *text = g_variant_print (child, TRUE);

  g_assert_cmpstr (text, ==, wanted);
}

static void
assert_option (FerryCmdRequest *request, const char *key, const char *wanted)
{
  g_autoptr (GVariant) options = ferry_request_get_options (request->requests->pdata[0]);
  g_autoptr (GVariant) found = g_variant_lookup_value (options, key, NULL);
  g_autofree char *text = found != NULL ? g_variant_print (found, TRUE) : NULL;

  g_assert_cmpstr (text, ==, wanted);
}

/* Among the options that the call has. */
static void
assert_given (FerryRequestCall *call, const char *key, const char *wanted)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->parameters, 2);
  g_autoptr (GVariant) found = g_variant_lookup_value (options, key, NULL);
  g_autofree char *text = found != NULL ? g_variant_print (found, TRUE) : NULL;

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_file (Place *place, gconstpointer data)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_auto (FerryRequestCall) call = { 0 };
  g_autofree char *path = g_strdup_printf ("'%s/" NAME "'", place->folder);

  g_assert_true (parse (WORDS (NAME, "http://h/x"), &request, NULL));
  make_call (&request, &call);
  g_assert_cmpstr (call.method, ==, "Create");
  g_assert_false (call.once);
  g_assert_null (call.descriptors);
  assert_child (call.parameters, 0, "'http://h/x'");
  assert_child (call.parameters, 1, path);
  assert_option (&request, "start", "true");
  assert_option (&request, "application-id", "'org.ferry.Ferry'");
  g_assert_false (request.detach || request.no_start || request.json);
  g_assert_null (request.output);
}

static void
test_folder_url (Place *place, gconstpointer data)
{
  static const struct
  {
    const char *uri;
    const char *method; /* an option */
    const char *wanted;
  } cases[] = {
    { "http://h/d/", "--method=PUT", "http://h/d/a%20b.txt" },
    { "http://h", "--method=PUT", "http://h/a%20b.txt" },
    { "http://u:p@h:1/", "--method=PUT", "http://u:p@h:1/a%20b.txt" },
    { "http://h/d/", "--method=POST", "http://h/d/" },
    { "http://h/d/?q=/", "--method=PUT", "http://h/d/?q=/" },
    { "http://h/d", "--method=PUT", "http://h/d" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (FerryCmdRequest) request = { 0 };

      g_assert_true (parse (WORDS (cases[i].method, NAME, cases[i].uri), &request, NULL));
      g_assert_cmpstr (ferry_request_get_uri (request.requests->pdata[0]), ==, cases[i].wanted);
    }
}

static void
test_several (Place *place, gconstpointer data)
{
  g_auto (FerryCmdRequest) request = { 0 };

  g_assert_true (parse (WORDS ("/dev/null", "./" NAME, "http://h/"), &request, NULL));
  g_assert_cmpuint (request.requests->len, ==, 2);
  g_assert_cmpstr (ferry_request_get_uri (request.requests->pdata[1]), ==, "http://h/a%20b.txt");
}

static void
test_options (Place *place, gconstpointer data)
{
  g_auto (FerryCmdRequest) request = { 0 };

  g_assert_true (parse (WORDS ("--source-offset=1k", "--source-length=5", "--resumable=never",
                               "--method=POST", "-H", "X-One: 1", "--content-type=text/csv", "--idempotent",
                               "--cost-policy=always", "--priority=low", "--group=g", "--title=Grüße",
                               "--max-speed=1M", "--server-credential=u:p", "--recoverable-error=not-found",
                               "--output=answer", "--json", NAME, "http://h/x"),
                        &request, NULL));
  assert_option (&request, "source-offset", "uint64 1000");
  assert_option (&request, "source-length", "uint64 5");
  assert_option (&request, "resumable", "'never'");
  assert_option (&request, "method", "'POST'");
  assert_option (&request, "headers", "[('X-One', '1'), ('Content-Type', 'text/csv')]");
  assert_option (&request, "idempotent", "true");
  assert_option (&request, "title", "'Grüße'");
  assert_option (&request, "max-speed", "uint64 1000000");
  assert_option (&request, "server-credential", "('u', 'p')");
  assert_option (&request, "recoverable-errors", "['not-found']");
  g_assert_cmpstr (request.output, ==, "answer");
  g_assert_true (request.json);
}

/* What only this process can read goes along as a descriptor, and can be read only once. */
static void
test_streams (Place *place, gconstpointer data)
{
  const char *const words[] = { "-", "/dev/stdin", "/dev/null" };
  const char *const uris[] = { "'http://h/d/'", "'http://h/d/stdin'", "'http://h/d/null'" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_auto (FerryCmdRequest) request = { 0 };
      g_auto (FerryRequestCall) call = { 0 };

      g_assert_true (parse (WORDS (words[i], "http://h/d/"), &request, NULL));
      make_call (&request, &call);
      assert_child (call.parameters, 0, uris[i]);
      assert_child (call.parameters, 1, "''");
      g_assert_cmpint (g_unix_fd_list_get_length (call.descriptors), ==, 1);
      assert_given (&call, "source-fd", "handle 0");
      g_assert_true (request.streams);
      assert_option (&request, "start", "false");
      g_assert_true (call.once);
    }
}

static void
assert_part (GVariant *parts, gsize index, const char *key, const char *wanted)
{
  g_autoptr (GVariant) part = g_variant_get_child_value (parts, index);
  g_autoptr (GVariant) found = g_variant_lookup_value (part, key, NULL);
  g_autofree char *text = found != NULL ? g_variant_print (found, TRUE) : NULL;

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_form (Place *place, gconstpointer data)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_auto (FerryRequestCall) call = { 0 };
  g_auto (FerryRequestCall) again = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GVariant) parts = NULL;

  g_assert_true (parse (WORDS ("-F", "f=@" NAME, "--form", "key=value", "--form=in=@-", "--subtype=form-data",
                               "--boundary=b", "http://h/x"),
                        &request, NULL));
  make_call (&request, &call);
  g_assert_cmpstr (call.method, ==, "CreateMultipart");
  path = g_strdup_printf ("'%s/" NAME "'", place->folder);
  parts = g_variant_get_child_value (call.parameters, 1);
  g_assert_cmpuint (g_variant_n_children (parts), ==, 3);
  assert_part (parts, 0, "name", "'f'");
  assert_part (parts, 0, "file", path);
  assert_part (parts, 0, "content-type", "'text/plain'");
  assert_part (parts, 0, "filename", NULL);
  assert_part (parts, 1, "name", "'key'");
  assert_part (parts, 1, "text", "'value'");
  assert_part (parts, 1, "file", NULL);
  assert_part (parts, 2, "file-fd", "handle 0");
  assert_part (parts, 2, "filename", "'-'");
  g_assert_cmpint (g_unix_fd_list_get_length (call.descriptors), ==, 1);
  g_assert_true (call.once && request.streams);
  assert_option (&request, "start", "false");
  make_call (&request, &again);
  g_assert_cmpint (g_unix_fd_list_get_length (again.descriptors), ==, 1);
}

static void
test_form_words (Place *place, gconstpointer data)
{
  static const struct
  {
    const char *word;
    const char *key;    /* of the part */
    const char *wanted; /* NULL: the key is not there */
  } cases[] = {
    { "k=", "text", "''" },
    { "k=a=b", "text", "'a=b'" },
    { "k=red; green", "text", "'red; green'" },
    { "k=x;type=text/csv", "text", "'x'" },
    { "k=x;type=text/csv", "content-type", "'text/csv'" },
    { "k=x; type=text/csv;filename=\"a;type=b\"", "filename", "'a;type=b'" },
    { "k=\"@x;type=y\"", "text", "'@x;type=y'" },
    { "k=\"say \\\"hello\\\" \\\\\"", "text", "'say \"hello\" \\\\'" },
    { "k=\"open", "text", "'\"open'" },
    { "k=\"a\" and more", "text", "'\"a\" and more'" },
    { "k=<" NAME, "text", "'content'" },
    { "k=<" NAME, "filename", NULL },
    { "k=@" NAME ";filename=other.bin;type=a/b", "content-type", "'a/b'" },
    { "k=@" NAME ";filename=other.bin;type=a/b", "filename", "'other.bin'" },
    { "k=@\"" NAME "\"", "content-type", "'text/plain'" },
    { "k=x;headers=\"X-A: b\";headers=C:d", "headers", "[('X-A', 'b'), ('C', 'd')]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean stream = FALSE;
      g_autoptr (FerryContentPart) part = ferry_cmd_form_parse (cases[i].word, &stream, &error);
      g_autoptr (GUnixFDList) descriptors = NULL;
      g_autoptr (GVariant) described = NULL;
      g_autoptr (GVariant) found = NULL;
      g_autofree char *text = NULL;

      g_test_message ("%s", cases[i].word);
      g_assert_no_error (error);
      g_assert_false (stream);
      described = ferry_content_part_describe (part, &descriptors, NULL);
      found = g_variant_lookup_value (described, cases[i].key, NULL);
      text = found != NULL ? g_variant_print (found, FALSE) : NULL;
      g_assert_cmpstr (text, ==, cases[i].wanted);
    }
}

static void
assert_usage (const char *const *words, GQuark domain, const char *named)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (parse (words, &request, &error));
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (domain));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, named));
}

static void
test_usage (Place *place, gconstpointer data)
{
  const GQuark usage = G_OPTION_ERROR;

  assert_usage ((const char *const[]){ "put", NULL }, usage, "URL");
  assert_usage (WORDS ("http://h/"), usage, "FILE");
  assert_usage (WORDS ("http://h/", NAME), usage, NAME);
  assert_usage (WORDS (NAME, NAME, "http://h/x"), usage, "/");
  assert_usage (WORDS (NAME, "--method=POST", NAME, "http://h/d/"), usage, "/");
  assert_usage (WORDS ("--token=t", NAME, "/dev/null", "http://h/"), usage, "--token");
  assert_usage (WORDS (NAME, "./" NAME, "http://h/"), usage, "name");
  assert_usage (WORDS (NAME, "-", "http://h/"), usage, "name");
  assert_usage (WORDS ("--form", "a=b", NAME, "http://h/"), usage, "--form");
  assert_usage (WORDS ("--form", "a", "http://h/"), usage, "name=text");
  assert_usage (WORDS ("--form", "=a", "http://h/"), usage, "name=text");
  assert_usage (WORDS ("--form", "a=b;headers=x", "http://h/"), usage, "headers");
  assert_usage (WORDS ("--form", "a=b", "--source-offset=5", "http://h/"), usage, "--source-offset");
  assert_usage (WORDS ("--form", "a=b", "--content-type=a/b", "http://h/"), usage, "--content-type");
  assert_usage (WORDS ("--boundary=b", NAME, "http://h/x"), usage, "--boundary");
  assert_usage (WORDS ("--source-fd=0", NAME, "http://h/x"), usage, "--source-fd");
  assert_usage (WORDS ("--detach", "--output=-", NAME, "http://h/x"), usage, "--output");
  assert_usage (WORDS ("--json", "--output=-", NAME, "http://h/x"), usage, "--output");
  assert_usage (WORDS ("--output=/", NAME, "http://h/x"), usage, "--output");
  assert_usage (WORDS ("--output=not/there", NAME, "http://h/x"), usage, "not/there");
  assert_usage (WORDS ("--output=x", NAME, "/dev/null", "http://h/"), usage, "--output");
  assert_usage (WORDS ("--checksum=sha256:00", NAME, "http://h/"), usage, "--checksum");
  assert_usage (WORDS ("--source-fd=4000", "http://h/x"), G_IO_ERROR, "--source-fd 4000");
  assert_usage (WORDS ("not-there", "http://h/x"), FERRY_ERROR, "not-there");
  assert_usage (WORDS (NAME, "not-there", "http://h/"), FERRY_ERROR, "not-there");
  assert_usage (WORDS (".", "http://h/x"), FERRY_ERROR, "folder");
  assert_usage (WORDS ("--form", "a=@not-there", "http://h/"), FERRY_ERROR, "not-there");
  assert_usage (WORDS ("--form", "a=<not-there", "http://h/"), FERRY_ERROR, "not-there");
}

/* Every option of a call that creates transfers is one of the command that does so. */
static void
test_table (void)
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      g_test_message ("%s", specs[i].key);
      /* That is said by leaving --no-start away. */
      if (g_str_equal (specs[i].key, "start"))
        continue;
      if ((specs[i].scopes & FERRY_OPTIONS_DOWNLOAD) != 0)
        g_assert_true (ferry_cmd_options_has (FERRY_CMD_OPTIONS_GET, specs[i].key));
      if ((specs[i].scopes & (FERRY_OPTIONS_UPLOAD | FERRY_OPTIONS_MULTIPART)) != 0)
        g_assert_true (ferry_cmd_options_has (FERRY_CMD_OPTIONS_PUT, specs[i].key));
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/cli-put/" path, Place, NULL, set_up, function, tear_down)
  ADD ("file", test_file);
  ADD ("folder-url", test_folder_url);
  ADD ("several", test_several);
  ADD ("options", test_options);
  ADD ("streams", test_streams);
  ADD ("form", test_form);
  ADD ("form-words", test_form_words);
  ADD ("usage", test_usage);
#undef ADD
  g_test_add_func ("/cli-put/table", test_table);
  return g_test_run ();
}
