/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _FerryCmdInterrupt FerryCmdInterrupt;

FerryCmdInterrupt *ferry_cmd_interrupt_new (void);
void ferry_cmd_interrupt_free (FerryCmdInterrupt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCmdInterrupt, ferry_cmd_interrupt_free)

GCancellable *ferry_cmd_interrupt_get_cancellable (FerryCmdInterrupt *self);

G_END_DECLS
