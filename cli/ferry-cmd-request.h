/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd-options.h"
#include "ferry-cmd.h"

G_BEGIN_DECLS

/**
 * FerryCmdRequest:
 * @requests: (owned) (element-type FerryRequest): what to ask the service for, one for each URL or file
 * @detach: do not wait
 * @no_start: create it only
 * @streams: `put`: something comes from a stream, which the service reads while it creates the upload:
 * whether all of that has come is known only afterwards
 * @json: print JSON
 * @output: (owned) (nullable): `put`: file for what the server answers, `-` for standard output
 *
 * What a command line of `ferry get` or `ferry put` says.
 */
typedef struct
{
  GPtrArray *requests;
  gboolean detach;
  gboolean no_start;
  gboolean streams;
  gboolean json;
  char *output;
} FerryCmdRequest;

gboolean ferry_cmd_request_parse_get (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request,
                                      GError **error);
gboolean ferry_cmd_request_parse_put (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request,
                                      GError **error);
void ferry_cmd_request_clear (FerryCmdRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryCmdRequest, ferry_cmd_request_clear)

/* What the two have in common. */

gboolean ferry_cmd_request_read (FerryCmdRequest *self, FerryCmdOptions *options, const FerryCmd *command,
                                 const GOptionEntry *entries, GStrv *argv, GError **error);
gboolean ferry_cmd_request_add (FerryCmdRequest *self, FerryRequest *request, FerryCmdOptions *options,
                                GError **error);
gboolean ferry_cmd_request_looks_like_uri (const char *word);
gboolean ferry_cmd_request_check_text (const char *uri, GError **error);

G_END_DECLS
