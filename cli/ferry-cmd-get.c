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

/**
 * ferry_cmd_get:
 * @command: `get`
 * @argv: its arguments
 *
 * Downloads, and waits for it unless that is not wanted.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_get (const FerryCmd *command, GStrv argv)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (FerryDownloader) downloader = ferry_downloader_new ();
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FerryCmdInterrupt) interrupt = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  FerryDownload *download;

  if (!ferry_cmd_request_parse (command, &argv, &request, &error))
    return ferry_cmd_refuse_usage (command, error);

  /* Whoever interrupts while the download is being created is to hear of it too: that it is there and goes
   * on. */
  interrupt = ferry_cmd_interrupt_new ();
  ferry_downloader_create_request_async (downloader, request.request, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  download = ferry_downloader_create_request_finish (downloader, result, &error);
  if (download == NULL)
    return ferry_cmd_report (error);
  g_ptr_array_add (operations, download);

  if (!request.detach && !request.no_start)
    return ferry_cmd_follow (operations, interrupt, request.json);
  if (request.json)
    {
      g_autoptr (GVariant) properties = ferry_operation_get_properties (FERRY_OPERATION (download));

      ferry_cmd_print_json (properties);
    }
  else
    tell_detached (FERRY_OPERATION (download), !request.no_start);
  return FERRY_CMD_DONE;
}
