/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-response.h"

#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "ferry-cmd-util.h"

/* What a new file may be used for, less what the user's mask takes away. */
#define FILE_MODE 0666

/**
 * ferry_cmd_response_check:
 * @output: file for what the server answers, `-` for standard output
 * @n_operations: how many transfers there are
 * @json: whether standard output gets JSON
 * @error: (nullable): of G_OPTION_ERROR
 *
 * Finds out what can be known before anything is sent.
 *
 * Returns: whether it can be written there
 */
gboolean
ferry_cmd_response_check (const char *output, guint n_operations, gboolean json, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (output);
  g_autofree char *shown = g_filename_display_name (output);
  gboolean standard = g_str_equal (output, "-");

  if (n_operations > 1)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("--output is about one transfer, and there are several"));
  else if (standard && json)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("--json and --output - would both write to standard output: name a file"));
  else if (!standard && g_file_test (output, G_FILE_TEST_IS_DIR))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("--output “%s” is a folder: a file would be right"), shown);
  else if (!standard && access (g_file_test (output, G_FILE_TEST_EXISTS) ? output : folder, W_OK) != 0)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--output “%s” cannot be written: %s"),
                 shown, g_strerror (errno));
  else
    return TRUE;
  return FALSE;
}

static GOutputStream *
open_output (const char *output, GError **error)
{
  int fd = g_str_equal (output, "-") ? dup (STDOUT_FILENO)
                                     : open (output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);

  if (fd < 0)
    {
      int number = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));
      return NULL;
    }
  return g_unix_output_stream_new (fd, TRUE);
}

/* @body NULL is an answer of no bytes. */
static gboolean
write_body (GInputStream *body, const char *output, GError **error)
{
  g_autoptr (GOutputStream) stream = open_output (output, error);

  if (stream == NULL)
    return FALSE;
  if (body != NULL && g_output_stream_splice (stream, body, G_OUTPUT_STREAM_SPLICE_NONE, NULL, error) < 0)
    return FALSE;
  return g_output_stream_close (stream, NULL, error);
}

/**
 * ferry_cmd_response_save:
 * @operation: an upload that has ended
 * @output: file for what the server answered, `-` for standard output
 *
 * Writes the response's body, also that of an error; says so where that cannot be done. Where no server
 * answered nothing is written.
 *
 * Returns: whether all is written that there is
 */
gboolean
ferry_cmd_response_save (FerryOperation *operation, const char *output)
{
  g_autofree char *shown = g_filename_display_name (output);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;

  if (!FERRY_IS_UPLOAD (operation))
    {
      g_printerr (_ ("ferry: --output is about an upload, and %s is none\n"),
                  ferry_operation_get_id (operation));
      return FALSE;
    }
  ferry_operation_open_result_async (operation, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  body = ferry_operation_open_result_finish (operation, result, &error);
  if (body == NULL && g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      if (ferry_operation_get_state (operation) != FERRY_STATE_COMPLETED)
        return TRUE;
    }
  if (error == NULL && write_body (body, output, &error))
    return TRUE;
  g_printerr (_ ("ferry: What the server answered cannot be written to %s: %s\n"), shown, error->message);
  return FALSE;
}
