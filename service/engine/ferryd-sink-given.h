/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/stat.h>

#include "ferryd-sink.h"

G_BEGIN_DECLS

/* A file that the caller gave, in place of a partial file and its name. All block. */

int ferryd_sink_given_open (const FerrydDestination *target, int flags, struct stat *file,
                            FerrydFailure **failure);
guint64 ferryd_sink_given_get_modified (int file);
gboolean ferryd_sink_given_is_left_alone (int file, const FerrydProgressRecord *record);
FerrydFailure *ferryd_sink_given_empty (const FerrydDestination *target, int file);
void ferryd_sink_given_delete (const FerrydDestination *target, const FerrydProgressRecord *record);
gboolean ferryd_sink_given_is_complete (const FerrydDestination *target, const FerrydProgressRecord *record);

G_END_DECLS
