/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-request.h"

#include <glib/gi18n.h>

#include "ferry-cmd-options.h"

/* FILE as the service wants it: without one the current folder. */
static FerryDownloadRequest *
create_request (const char *uri, const char *file, gboolean into_folder)
{
  g_autoptr (GFile) destination = g_file_new_for_path (file != NULL ? file : ".");
  FerryDownloadRequest *request = ferry_download_request_new (uri, destination);

  ferry_download_request_set_into_folder (request, into_folder || file == NULL ||
                                                       g_str_has_suffix (file, "/") ||
                                                       g_file_test (file, G_FILE_TEST_IS_DIR));
  return request;
}

/* What comes after the first URL is another one, or FILE. */
static gboolean
looks_like_uri (const char *word)
{
  g_autofree char *scheme = g_uri_parse_scheme (word);

  return scheme != NULL && g_str_has_prefix (word + strlen (scheme), "://");
}

static gboolean
set_option (const char *key, GVariant *value, gpointer user_data, GError **error)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_HANDLE))
    return ferry_download_request_set_descriptor (user_data, key, g_variant_get_handle (value), error);
  ferry_download_request_set_option (user_data, key, value);
  return TRUE;
}

static gboolean
add_request (FerryCmdRequest *self, FerryDownloadRequest *request, FerryCmdOptions *options, GError **error)
{
  /* So that creating can be repeated if the service goes away before it answers. */
  g_autofree char *token = g_uuid_string_random ();

  g_ptr_array_add (self->requests, request);
  ferry_download_request_set_option (request, "token", g_variant_new_string (token));
  ferry_download_request_set_option (request, "application-id",
                                     g_variant_new_string (FERRY_COMMAND_APPLICATION));
  ferry_download_request_set_option (request, "start", g_variant_new_boolean (!self->no_start));
  return ferry_cmd_options_foreach (options, set_option, request, error);
}

/* FILE and the descriptors that stand for it, or for its folder. */
static gboolean
check_file (const char *file, FerryCmdOptions *options, GError **error)
{
  g_autoptr (GVariant) descriptor = ferry_cmd_options_lookup (options, "destination-fd");
  g_autoptr (GVariant) folder = ferry_cmd_options_lookup (options, "destination-dir-fd");

  if (file != NULL && descriptor != NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("FILE “%s” and --destination-fd: one of them would be right"), file);
  else if (folder != NULL && (file == NULL || strchr (file, '/') != NULL))
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("With --destination-dir-fd, FILE is the name of a file in that folder"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
add_requests (FerryCmdRequest *self, GStrv words, FerryCmdOptions *options, GError **error)
{
  guint n_uris = 1;
  const char *file;

  while (words[n_uris] != NULL && looks_like_uri (words[n_uris]))
    n_uris++;
  file = words[n_uris];
  if (file != NULL && words[n_uris + 1] != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is one too many: URLs and then one FILE would be right"), words[n_uris + 1]);
      return FALSE;
    }
  if (!check_file (file, options, error) ||
      (n_uris > 1 && !ferry_cmd_options_check_for_many (options, error)))
    return FALSE;
  for (guint i = 0; i < n_uris; i++)
    {
      if (!g_utf8_validate (words[i], -1, NULL))
        {
          g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The URL is not UTF-8"));
          return FALSE;
        }
      if (!add_request (self, create_request (words[i], file, n_uris > 1), options, error))
        return FALSE;
    }
  return TRUE;
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
  g_autoptr (FerryCmdOptions) options = ferry_cmd_options_new (FERRY_CMD_OPTIONS_GET);
  const GOptionEntry entries[] = {
    { "detach", 'd', 0, G_OPTION_ARG_NONE, &request->detach, N_ ("Leave it to the service, print its id"),
      NULL },
    { "no-start", 0, 0, G_OPTION_ARG_NONE, &request->no_start, N_ ("Create it only: “ferry start” starts it"),
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &request->json, N_ ("Print its properties as JSON"), NULL },
    { NULL },
  };

  *request = (FerryCmdRequest){ .requests = g_ptr_array_new_with_free_func (g_object_unref) };
  return ferry_cmd_options_parse (options, command, entries, argv, 1, G_MAXUINT, error) &&
         add_requests (request, *argv, options, error);
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
  g_clear_pointer (&request->requests, g_ptr_array_unref);
}
