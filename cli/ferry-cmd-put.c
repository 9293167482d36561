/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-request.h"
#include "ferry-cmd-transfer.h"
#include "ferry-cmd-util.h"

/**
 * ferry_cmd_put:
 * @command: `put`
 * @argv: its arguments
 *
 * Uploads, and waits for it unless that is not wanted.
 *
 * Returns: the worst exit status of them
 */
FerryCmdStatus
ferry_cmd_put (const FerryCmd *command, GStrv argv)
{
  g_auto (FerryCmdRequest) request = { 0 };
  g_autoptr (FerryUploader) uploader = ferry_uploader_new ();
  g_autoptr (GError) error = NULL;

  if (!ferry_cmd_request_parse_put (command, &argv, &request, &error))
    return error->domain == FERRY_ERROR ? ferry_cmd_report (error) : ferry_cmd_refuse_usage (command, error);
  return ferry_cmd_transfer (FERRY_FACTORY (uploader), &request);
}
