/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd.h"

G_BEGIN_DECLS

typedef struct _FerryCmdProgress FerryCmdProgress;

FerryCmdProgress *ferry_cmd_progress_new (GPtrArray *operations);
void ferry_cmd_progress_free (FerryCmdProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCmdProgress, ferry_cmd_progress_free)

G_END_DECLS
