/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd-interrupt.h"
#include "ferry-cmd.h"

G_BEGIN_DECLS

FerryCmdStatus ferry_cmd_follow (GPtrArray *operations, FerryCmdInterrupt *interrupt, gboolean json,
                                 const char *output);

G_END_DECLS
