/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

char *ferry_cmd_table_header (void);
char *ferry_cmd_table_row (FerryOperation *operation);

G_END_DECLS
