/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-descriptor.h"
#include "ferryd-entity.h"
#include "ferryd-failure.h"
#include "ferryd-id.h"

G_BEGIN_DECLS

/**
 * FerrydContentPiece:
 * @bytes: (owned) (nullable): what it is; NULL for part of a file
 * @path: (owned) (nullable): of the file, in the file system's encoding; NULL where it has no name
 * @spool: number of the file in the state directory that holds it, from 1 on; 0: it is the caller's own file
 * @device: of a file that was given as a descriptor, 0 of one that was named
 * @inode: of such a file
 * @born: when such a file was made, nanoseconds; 0 where that is not known
 * @offset: of the first byte of the file that is meant
 * @length: bytes, -1 for all from @offset on
 *
 * Part of what is sent: bytes, or where to find them.
 */
typedef struct
{
  GBytes *bytes;
  char *path;
  guint spool;
  guint64 device;
  guint64 inode;
  guint64 born;
  guint64 offset;
  gint64 length;
} FerrydContentPiece;

/**
 * FerrydContent:
 *
 * What a request is to send along, as it is kept: pieces one after the other. Reference counted; immutable
 * once it is shared, so that threads may share it.
 */
typedef struct _FerrydContent FerrydContent;

/* @type: (nullable): the media type that goes with it. */
FerrydContent *ferryd_content_new (const char *type);
FerrydContent *ferryd_content_ref (FerrydContent *content);
void ferryd_content_unref (FerrydContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydContent, ferryd_content_unref)

/* @piece: its members are copied. */
void ferryd_content_add (FerrydContent *content, const FerrydContentPiece *piece);

const char *ferryd_content_get_type (const FerrydContent *content);
guint ferryd_content_count_pieces (const FerrydContent *content);
const FerrydContentPiece *ferryd_content_get_piece (const FerrydContent *content, guint i);
guint ferryd_content_count_spools (const FerrydContent *content);

/* (transfer floating) */
GVariant *ferryd_content_to_variant (const FerrydContent *content);
FerrydContent *ferryd_content_from_variant (GVariant *variant);

char *ferryd_content_get_spool_path (const char *directory, const FerrydId *id, guint spool);

/* Times that sending begins anew because what is sent has changed: a file that changes more often than this
 * meanwhile will not be caught in a stable moment. */
#define FERRYD_CONTENT_MAX_FRESH 3

/* Both may block: for a worker. */
FerrydEntity *ferryd_content_open (const FerrydContent *content, const char *spool_directory,
                                   const FerrydId *id, const FerrydDescriptor *held, GVariant **snapshot,
                                   FerrydFailure **failure);
FerrydFailure *ferryd_content_verify (const FerrydContent *content, const FerrydEntity *entity,
                                      GVariant *snapshot);

/* The first of them, on a worker. */
void ferryd_content_open_async (FerrydContent *content, const char *spool_directory, const FerrydId *id,
                                FerrydDescriptor *held, GVariant *snapshot, GAsyncReadyCallback callback,
                                gpointer user_data);
FerrydEntity *ferryd_content_open_finish (GAsyncResult *result, GVariant **snapshot, FerrydFailure **failure);

G_END_DECLS
