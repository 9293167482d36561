/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/stat.h>

#include "ferryd-sink.h"

G_BEGIN_DECLS

/* `.ferry-`, the operation's id, `.part` and the end of the string. */
#define FERRYD_SINK_PART_SIZE (sizeof ".ferry-.part" + FERRYD_ID_TEXT_SIZE - 1)

void ferryd_sink_part_name (const FerrydId *id, char name[FERRYD_SINK_PART_SIZE]);
int ferryd_sink_folder_open (const FerrydDestination *target, FerrydFailure **failure);
FerrydFailure *ferryd_sink_folder_failure (int saved_errno, const char *directory);
FerrydFailure *ferryd_sink_folder_sync (int folder, int file, const char *directory);
gboolean ferryd_sink_file_is (const struct stat *file, guint64 device, guint64 inode);
gboolean ferryd_sink_name_is (int folder, const char *name, guint64 device, guint64 inode);

G_END_DECLS
