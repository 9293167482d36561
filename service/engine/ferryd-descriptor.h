/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/**
 * FerrydDescriptor:
 *
 * A file descriptor that a caller gave. Reference counted, threads may share it; it is closed with its last
 * reference, so that no way out of a call can leak it.
 */
typedef struct _FerrydDescriptor FerrydDescriptor;

FerrydDescriptor *ferryd_descriptor_new (int fd);
FerrydDescriptor *ferryd_descriptor_ref (FerrydDescriptor *descriptor);
void ferryd_descriptor_unref (FerrydDescriptor *descriptor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDescriptor, ferryd_descriptor_unref)

/* Borrowed. */
int ferryd_descriptor_peek (const FerrydDescriptor *descriptor);

/**
 * FerrydDescriptorUse:
 * @FERRYD_DESCRIPTOR_DESTINATION: a regular file, open for reading and writing, not for appending
 * @FERRYD_DESCRIPTOR_FOLDER: a folder, open in any way, O_PATH too
 * @FERRYD_DESCRIPTOR_SOURCE: a regular file, a pipe or a socket, open for reading
 *
 * What a descriptor is given for.
 */
typedef enum
{
  FERRYD_DESCRIPTOR_DESTINATION,
  FERRYD_DESCRIPTOR_FOLDER,
  FERRYD_DESCRIPTOR_SOURCE,
} FerrydDescriptorUse;

/* May block: for a worker. */
gboolean ferryd_descriptor_check (const FerrydDescriptor *descriptor, FerrydDescriptorUse use,
                                  const char *key, struct stat *file, GError **error);
guint64 ferryd_descriptor_get_birth (int fd);
char *ferryd_descriptor_get_path (const FerrydDescriptor *descriptor);

G_END_DECLS
