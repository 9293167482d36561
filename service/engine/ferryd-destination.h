/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"

G_BEGIN_DECLS

/**
 * FerrydDestination:
 * @directory: (owned): absolute path of the folder the file goes into, in the file system's encoding
 * @device: of that folder when it was looked at
 * @inode: of that folder when it was looked at
 * @leaf: (owned) (nullable): name in that folder; NULL where it is the response that gives the name
 *
 * Where a download goes, found on disk.
 */
typedef struct
{
  char *directory;
  guint64 device;
  guint64 inode;
  char *leaf;
} FerrydDestination;

FerrydDestination *ferryd_destination_resolve (const char *text, FerryExists exists, const char *forbidden,
                                               GError **error);
FerrydDestination *ferryd_destination_copy (const FerrydDestination *destination);
void ferryd_destination_free (FerrydDestination *destination);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDestination, ferryd_destination_free)

void ferryd_destination_claim (guint64 device, guint64 inode, const char *leaf, guint8 claim[16]);
char *ferryd_destination_candidate (const char *leaf, guint n);
char *ferryd_destination_to_text (const char *directory, const char *leaf);

G_END_DECLS
