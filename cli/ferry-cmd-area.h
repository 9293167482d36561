/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryCmdArea FerryCmdArea;

gboolean ferry_cmd_area_is_possible (int fd);
FerryCmdArea *ferry_cmd_area_new (int fd);
void ferry_cmd_area_free (FerryCmdArea *self);
void ferry_cmd_area_leave (FerryCmdArea *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCmdArea, ferry_cmd_area_free)

void ferry_cmd_area_get_size (FerryCmdArea *self, guint *columns, guint *rows);
void ferry_cmd_area_draw (FerryCmdArea *self, GPtrArray *lines);

G_END_DECLS
