/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

/* The option that says where it goes; `text` is where the option's value goes. */
#define FERRY_CMD_RESPONSE_ENTRY(text)                                                           \
  {                                                                                              \
    "output", 'o', 0, G_OPTION_ARG_FILENAME, (text),                                             \
        N_ ("File for what the server answers to an upload, - for standard output"), N_ ("FILE") \
  }

gboolean ferry_cmd_response_check (const char *output, guint n_operations, gboolean json, GError **error);
gboolean ferry_cmd_response_save (FerryOperation *operation, const char *output);

G_END_DECLS
