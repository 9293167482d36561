/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydEntityPiece:
 * @bytes: (owned) (nullable): what it is, NULL for part of a file
 * @fd: (owned): of a regular file, -1 where there are @bytes
 * @offset: of the first byte in the file
 * @start: offset of the first byte in the entity
 * @length: bytes
 *
 * Bytes that belong together.
 */
typedef struct
{
  GBytes *bytes;
  int fd;
  guint64 offset;
  guint64 start;
  guint64 length;
} FerrydEntityPiece;

/**
 * FerrydEntity:
 *
 * What a request sends along: bytes from memory and parts of files, one after the other, never put together
 * anywhere. Keeps its files open. Reference counted; immutable once it is shared, so that threads may share
 * it.
 */
typedef struct _FerrydEntity FerrydEntity;

FerrydEntity *ferryd_entity_new (void);
FerrydEntity *ferryd_entity_ref (FerrydEntity *entity);
void ferryd_entity_unref (FerrydEntity *entity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydEntity, ferryd_entity_unref)

/* @bytes and @fd: (transfer full). */
void ferryd_entity_add_bytes (FerrydEntity *entity, GBytes *bytes);
void ferryd_entity_add_file (FerrydEntity *entity, int fd, guint64 offset, guint64 length);

guint64 ferryd_entity_get_length (const FerrydEntity *entity);
const FerrydEntityPiece *ferryd_entity_find_piece (const FerrydEntity *entity, guint64 position);
gssize ferryd_entity_read (const FerrydEntity *entity, guint64 position, void *buffer, gsize size);

G_END_DECLS
