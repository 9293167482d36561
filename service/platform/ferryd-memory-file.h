/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

int ferryd_memory_file_new (const char *name, const char *const *texts);
char *ferryd_memory_file_get_path (int fd);

G_END_DECLS
