/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-request.h"

#include <glib/gi18n.h>

#include "ferry-cmd-util.h"

/* The options whose value the service takes as the text it is, and checks. */
static const GOptionEntry text_entries[] = {
  { "method", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Request method instead of GET"), N_ ("METHOD") },
  { "cost-policy", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("default, unrestricted-only or always"),
    N_ ("POLICY") },
  { "priority", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("default, high or low"), N_ ("PRIORITY") },
  { "group", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Group that it belongs to"), N_ ("NAME") },
  { "title", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("What it is called in lists"), N_ ("TEXT") },
  { "token", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("The same token again means the same download"),
    N_ ("TEXT") },
  { "exists", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("If the file exists: fail, replace or rename"),
    N_ ("WHAT") },
  { "checksum", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("sha256:HEX or sha512:HEX that the file must have"),
    N_ ("SUM") },
  { "application-id", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Application that it belongs to"), N_ ("ID") },
};

/* Where the parser puts what it finds. */
typedef struct
{
  char *texts[G_N_ELEMENTS (text_entries)]; /* (owned) (nullable): by row */
  GStrv headers;                            /* (owned) (nullable): `Name: value` each */
  GStrv metadata;                           /* (owned) (nullable): `key=value` each */
  GStrv recoverable_errors;                 /* (owned) (nullable): error statuses */
  char *expected_size;                      /* (owned) (nullable): bytes, in decimal */
  gboolean idempotent;
} Parsed;

static void
parsed_clear (Parsed *parsed)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_entries); i++)
    g_free (parsed->texts[i]);
  g_strfreev (parsed->headers);
  g_strfreev (parsed->metadata);
  g_strfreev (parsed->recoverable_errors);
  g_free (parsed->expected_size);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parsed, parsed_clear)

static gboolean
add_headers (FerryDownloadRequest *request, GStrv headers, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      const char *colon = strchr (headers[i], ':');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (colon == NULL || colon == headers[i])
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("--header “%s” has no name: --header 'Name: value' would be right"), headers[i]);
          return FALSE;
        }
      name = g_strndup (headers[i], colon - headers[i]);
      value = g_strstrip (g_strdup (colon + 1));
      g_variant_builder_add (&builder, "(ss)", name, value);
    }
  if (headers != NULL)
    ferry_download_request_set_option (request, "headers", g_variant_builder_end (&builder));
  return TRUE;
}

static gboolean
add_metadata (FerryDownloadRequest *request, GStrv metadata, GError **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  for (guint i = 0; metadata != NULL && metadata[i] != NULL; i++)
    {
      const char *equals = strchr (metadata[i], '=');
      g_autofree char *key = NULL;

      if (equals == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("--metadata “%s” has no value: --metadata key=value would be right"), metadata[i]);
          return FALSE;
        }
      key = g_strndup (metadata[i], equals - metadata[i]);
      g_variant_dict_insert (&dict, key, "s", equals + 1);
    }
  if (metadata != NULL)
    ferry_download_request_set_option (request, "metadata", g_variant_dict_end (&dict));
  return TRUE;
}

static gboolean
add_expected_size (FerryDownloadRequest *request, const char *text, GError **error)
{
  guint64 size;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &size, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--expected-size “%s” is not a number of bytes"), text);
      return FALSE;
    }
  ferry_download_request_set_option (request, "expected-size", g_variant_new_uint64 (size));
  return TRUE;
}

static gboolean
add_options (FerryDownloadRequest *request, Parsed *parsed, GError **error)
{
  /* So that creating can be repeated if the service goes away before it answers. */
  g_autofree char *token = g_uuid_string_random ();

  ferry_download_request_set_option (request, "token", g_variant_new_string (token));
  ferry_download_request_set_option (request, "application-id",
                                     g_variant_new_string (FERRY_COMMAND_APPLICATION));
  for (guint i = 0; i < G_N_ELEMENTS (text_entries); i++)
    {
      if (parsed->texts[i] != NULL)
        ferry_download_request_set_option (request, text_entries[i].long_name,
                                           g_variant_new_string (parsed->texts[i]));
    }
  if (parsed->idempotent)
    ferry_download_request_set_option (request, "idempotent", g_variant_new_boolean (TRUE));
  if (parsed->recoverable_errors != NULL)
    ferry_download_request_set_option (
        request, "recoverable-errors",
        g_variant_new_strv ((const char *const *) parsed->recoverable_errors, -1));
  return add_headers (request, parsed->headers, error) && add_metadata (request, parsed->metadata, error) &&
         add_expected_size (request, parsed->expected_size, error);
}

/* FILE as the service wants it: without one the current folder. */
static FerryDownloadRequest *
create_request (const char *uri, const char *file)
{
  g_autoptr (GFile) destination = g_file_new_for_path (file != NULL ? file : ".");
  FerryDownloadRequest *request = ferry_download_request_new (uri, destination);

  ferry_download_request_set_into_folder (request, file == NULL || g_str_has_suffix (file, "/") ||
                                                       g_file_test (file, G_FILE_TEST_IS_DIR));
  return request;
}

/**
 * ferry_cmd_request_parse:
 * @command: `get`
 * @argv: (inout): its arguments
 * @request: (out caller-allocates): what they say
 * @error: (nullable): what is wrong with them
 *
 * Returns: whether they can be understood; if they are right the service says
 */
gboolean
ferry_cmd_request_parse (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request, GError **error)
{
  g_auto (Parsed) parsed = { 0 };
  GOptionEntry entries[G_N_ELEMENTS (text_entries) + 9] = { 0 };
  const GOptionEntry other_entries[] = {
    { "detach", 'd', 0, G_OPTION_ARG_NONE, &request->detach, N_ ("Leave it to the service, print its id"),
      NULL },
    { "no-start", 0, 0, G_OPTION_ARG_NONE, &request->no_start, N_ ("Create it only: “ferry start” starts it"),
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &request->json, N_ ("Print its properties as JSON"), NULL },
    { "header", 'H', 0, G_OPTION_ARG_STRING_ARRAY, &parsed.headers, N_ ("Header of the request (repeatable)"),
      N_ ("'NAME: VALUE'") },
    { "metadata", 0, 0, G_OPTION_ARG_STRING_ARRAY, &parsed.metadata,
      N_ ("Note that is kept with it (repeatable)"), N_ ("KEY=VALUE") },
    { "expected-size", 0, 0, G_OPTION_ARG_STRING, &parsed.expected_size, N_ ("Size that the file must have"),
      N_ ("BYTES") },
    { "recoverable-error", 0, 0, G_OPTION_ARG_STRING_ARRAY, &parsed.recoverable_errors,
      N_ ("Error status that pauses it instead of ending it (repeatable)"), N_ ("STATUS") },
    { "idempotent", 0, 0, G_OPTION_ARG_NONE, &parsed.idempotent, N_ ("The method may be repeated"), NULL },
    { NULL },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (other_entries) == 9);
  *request = (FerryCmdRequest){ 0 };
  memcpy (entries, text_entries, sizeof text_entries);
  for (guint i = 0; i < G_N_ELEMENTS (text_entries); i++)
    entries[i].arg_data = &parsed.texts[i];
  memcpy (entries + G_N_ELEMENTS (text_entries), other_entries, sizeof other_entries);

  if (!ferry_cmd_parse (command, entries, argv, 1, 2, error))
    return FALSE;
  if (!g_utf8_validate ((*argv)[0], -1, NULL))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The URL is not UTF-8"));
      return FALSE;
    }
  request->request = create_request ((*argv)[0], (*argv)[1]);
  ferry_download_request_set_option (request->request, "start", g_variant_new_boolean (!request->no_start));
  return add_options (request->request, &parsed, error);
}

/**
 * ferry_cmd_request_clear:
 * @request: what a command line said
 *
 * Frees what it owns.
 */
void
ferry_cmd_request_clear (FerryCmdRequest *request)
{
  g_clear_object (&request->request);
}
