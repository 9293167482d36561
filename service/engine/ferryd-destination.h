/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"
#include "ferryd-descriptor.h"

G_BEGIN_DECLS

/**
 * FerrydDestination:
 * @directory: (owned): absolute path of the folder the file goes into, in the file system's encoding; `""`
 *   where a file was given that has no name
 * @device: of that folder when it was looked at
 * @inode: of that folder when it was looked at
 * @leaf: (owned) (nullable): name in that folder; NULL where it is the response that gives the name
 * @there_device: of the regular file that had the name when it was looked at; not kept
 * @there_inode: of that file, 0 for none
 * @file_device: of the file that was given to write to, 0 where none was
 * @file_inode: of that file, 0 where none was given
 * @file_born: when that file was made, nanoseconds of its file system's clock; 0 where that is not known
 * @held: (owned) (nullable): that file, as long as this process has it open
 *
 * Where a download goes, found on disk: a name in a folder, or a file that the caller gave and whose name
 * only serves to find it again.
 */
typedef struct
{
  char *directory;
  guint64 device;
  guint64 inode;
  char *leaf;
  guint64 there_device;
  guint64 there_inode;
  guint64 file_device;
  guint64 file_inode;
  guint64 file_born;
  FerrydDescriptor *held;
} FerrydDestination;

FerrydDestination *ferryd_destination_resolve (const char *text, FerryExists exists, const char *forbidden,
                                               GError **error);
FerrydDestination *ferryd_destination_copy (const FerrydDestination *destination);
FerrydDestination *ferryd_destination_resolve_in (const FerrydDescriptor *folder, const char *leaf,
                                                  FerryExists exists, const char *forbidden, GError **error);
FerrydDestination *ferryd_destination_resolve_file (FerrydDescriptor *file, const char *forbidden,
                                                    GError **error);
void ferryd_destination_free (FerrydDestination *destination);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDestination, ferryd_destination_free)

gboolean ferryd_destination_is_given (const FerrydDestination *destination);
void ferryd_destination_claim_file (guint64 device, guint64 inode, guint8 claim[16]);
void ferryd_destination_claim (guint64 device, guint64 inode, const char *leaf, guint8 claim[16]);
char *ferryd_destination_candidate (const char *leaf, guint n);
char *ferryd_destination_to_text (const char *directory, const char *leaf);

G_END_DECLS
