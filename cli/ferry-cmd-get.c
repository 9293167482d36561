/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "ferry-cmd-follow.h"
#include "ferry-cmd-operation.h"
#include "ferry-cmd-request.h"
#include "ferry-cmd-util.h"

static void
tell_detached (FerryOperation *operation, gboolean started)
{
  g_autofree char *id = ferry_cmd_short_id (operation);

  g_print ("%s\n", ferry_operation_get_id (operation));
  if (!isatty (STDERR_FILENO))
    return;
  if (started)
    g_printerr (_ ("The service downloads it: “ferry wait %s” waits for it.\n"), id);
  else
    g_printerr (_ ("It is there and not started: “ferry start %s” starts it.\n"), id);
}

/* Says which of several was refused; nothing of a URL that may hold a password. */
static void
prefix_refusal (FerryDownloadRequest *request, GError **error)
{
  g_autoptr (GUri) uri =
      g_uri_parse (ferry_download_request_get_uri (request), G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree char *shown = uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO) : NULL;

  if (shown != NULL && (*error)->domain == FERRY_ERROR)
    g_prefix_error (error, "%s: ", shown);
}

/* Asks for all of them before the first has answered. Those that are refused are told of at once, and stand
 * in the way of no other. */
static FerryCmdStatus
create_all (FerryDownloader *downloader, GPtrArray *requests, GPtrArray *operations)
{
  g_autofree GAsyncResult **results = g_new0 (GAsyncResult *, requests->len);
  FerryCmdStatus status = FERRY_CMD_DONE;

  for (guint i = 0; i < requests->len; i++)
    ferry_downloader_create_request_async (downloader, requests->pdata[i], NULL, ferry_cmd_keep_result,
                                           &results[i]);
  for (guint i = 0; i < requests->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      FerryDownload *download;
      FerryCmdStatus refusal;

      ferry_cmd_await (&results[i]);
      result = results[i];
      download = ferry_downloader_create_request_finish (downloader, result, &error);
      if (download != NULL)
        {
          g_ptr_array_add (operations, download);
          continue;
        }
      if (requests->len > 1)
        prefix_refusal (requests->pdata[i], &error);
      refusal = ferry_cmd_report (error);
      status = MAX (status, refusal);
    }
  return status;
}

/**
 * ferry_cmd_get:
 * @command: `get`
 * @argv: its arguments
 *
 * Downloads, and waits for it unless that is not wanted.
 *
 * Returns: the worst exit status of them
 */
FerryCmdStatus
ferry_cmd_get (const FerryCmd *command, GStrv argv)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (FerryDownloader) downloader = ferry_downloader_new ();
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FerryCmdInterrupt) interrupt = NULL;
  g_autoptr (GError) error = NULL;
  FerryCmdStatus status, followed;

  if (!ferry_cmd_request_parse (command, &argv, &request, &error))
    return ferry_cmd_refuse_usage (command, error);

  /* Whoever interrupts while the downloads are being created is to hear of it too: that they are there and go
   * on. */
  interrupt = ferry_cmd_interrupt_new ();
  status = create_all (downloader, request.requests, operations);
  if (operations->len > 0 && !request.detach && !request.no_start)
    {
      followed = ferry_cmd_follow (operations, interrupt, request.json);
      return MAX (status, followed);
    }
  for (guint i = 0; i < operations->len; i++)
    {
      FerryOperation *operation = operations->pdata[i];
      g_autoptr (GVariant) properties = ferry_operation_get_properties (operation);

      if (request.json)
        ferry_cmd_print_json (properties);
      else
        tell_detached (operation, !request.no_start);
    }
  return status;
}
