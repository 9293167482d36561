/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-request.h"

#include <glib/gi18n.h>

/* FILE as the service wants it: without one the current folder. */
static FerryRequest *
create_request (const char *uri, const char *file, gboolean into_folder)
{
  g_autoptr (GFile) destination = g_file_new_for_path (file != NULL ? file : ".");
  FerryDownloadRequest *request = ferry_download_request_new (uri, destination);

  ferry_download_request_set_into_folder (request, into_folder || file == NULL ||
                                                       g_str_has_suffix (file, "/") ||
                                                       g_file_test (file, G_FILE_TEST_IS_DIR));
  return FERRY_REQUEST (request);
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

  while (words[n_uris] != NULL && ferry_cmd_request_looks_like_uri (words[n_uris]))
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
      if (!ferry_cmd_request_check_text (words[i], error) ||
          !ferry_cmd_request_add (self, create_request (words[i], file, n_uris > 1), options, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferry_cmd_request_parse_get:
 * @command: `get`
 * @argv: (inout): its arguments
 * @request: (out caller-allocates): what they say
 * @error: (nullable): what is wrong with them
 *
 * Returns: whether they can be understood; if they are right the service says
 */
gboolean
ferry_cmd_request_parse_get (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request, GError **error)
{
  static const GOptionEntry no_others[] = { { NULL } };
  g_autoptr (FerryCmdOptions) options = ferry_cmd_options_new (FERRY_CMD_OPTIONS_GET);

  return ferry_cmd_request_read (request, options, command, no_others, argv, error) &&
         add_requests (request, *argv, options, error);
}
