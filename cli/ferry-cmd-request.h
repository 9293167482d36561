/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

/**
 * FerryCmdRequest:
 * @requests: (owned) (element-type FerryDownloadRequest): what to ask the service for, one for each URL
 * @detach: do not wait
 * @no_start: create it only
 * @json: print JSON
 *
 * What a command line of `ferry get` says.
 */
typedef struct
{
  GPtrArray *requests;
  gboolean detach;
  gboolean no_start;
  gboolean json;
} FerryCmdRequest;

gboolean ferry_cmd_request_parse (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request,
                                  GError **error);
void ferry_cmd_request_clear (FerryCmdRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryCmdRequest, ferry_cmd_request_clear)

G_END_DECLS
