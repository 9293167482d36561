/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd-format.h"
#include "ferry-cmd.h"

G_BEGIN_DECLS

/* Characters of an id that people are shown: enough that two among thousands hardly share them. */
#define FERRY_CMD_SHORT_ID 8

FerryOperation *ferry_cmd_find (const char *prefix, GError **error);
char *ferry_cmd_match_prefix (const char *const *ids, const char *prefix, GError **error);

char *ferry_cmd_short_id (FerryOperation *operation);
char *ferry_cmd_name (FerryOperation *operation);
void ferry_cmd_get_bytes (FerryOperation *operation, gint64 *moved, gint64 *total);
void ferry_cmd_figures (FerryOperation *operation, const char *name, FerryCmdFigures *figures);
const char *ferry_cmd_state (FerryOperation *operation);

GVariant *ferry_cmd_filter (const char *group, GStrv states, const char *const *properties);
GListModel *ferry_cmd_query (GVariant *filter, GError **error);

G_END_DECLS
