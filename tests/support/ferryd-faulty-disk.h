/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * FerrydFaultyDisk:
 *
 * The disk under SQLite as a test wants it: it counts what is asked of it and fails when told to. For the
 * whole process, from its making to its end.
 */
typedef struct _FerrydFaultyDisk FerrydFaultyDisk;

FerrydFaultyDisk *ferryd_faulty_disk_new (void);
void ferryd_faulty_disk_free (FerrydFaultyDisk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydFaultyDisk, ferryd_faulty_disk_free)
void ferryd_faulty_disk_fail_writes (FerrydFaultyDisk *self, int result);
void ferryd_faulty_disk_fail_one_write (FerrydFaultyDisk *self, int result);
void ferryd_faulty_disk_fail_syncs (FerrydFaultyDisk *self, int result);
guint ferryd_faulty_disk_count_syncs (FerrydFaultyDisk *self);
guint ferryd_faulty_disk_count_commits (FerrydFaultyDisk *self);

G_END_DECLS
