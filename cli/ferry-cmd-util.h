/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

gboolean ferry_cmd_parse (const FerryCmd *command, const GOptionEntry *entries, GStrv *argv, guint min_words,
                          guint max_words, GError **error);
FerryCmdStatus ferry_cmd_refuse_usage (const FerryCmd *command, const GError *error);

void ferry_cmd_keep_result (GObject *source, GAsyncResult *result, gpointer user_data);
void ferry_cmd_await (GAsyncResult **result);

FerryManager *ferry_cmd_get_manager (GError **error);

FerryCmdStatus ferry_cmd_report (const GError *error);

void ferry_cmd_print_json (GVariant *value);

G_END_DECLS
