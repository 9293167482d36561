/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-content.h"

G_BEGIN_DECLS

/**
 * FerrydSource:
 * @key: (owned): what the caller calls it, for errors: "source", "part 2: file"
 * @bytes: (owned) (nullable): what it is; NULL where it is a file
 * @text: (owned) (nullable): the file's path or file: URI, as given
 * @descriptor: (owned) (nullable): the file, a pipe or a socket, as given
 * @forbidden: (owned) (nullable): what must not occur in it
 * @offset: of the first byte that is meant
 * @length: bytes, -1 for all from there on
 * @copied: a file that was given is kept as a copy too, so that it may go away or change
 *
 * Part of what is to be sent, as a caller names it: one of the three.
 */
typedef struct
{
  char *key;
  GBytes *bytes;
  char *text;
  FerrydDescriptor *descriptor;
  char *forbidden;
  guint64 offset;
  gint64 length;
  gboolean copied;
} FerrydSource;

FerrydSource *ferryd_source_new (const char *key);
void ferryd_source_free (FerrydSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSource, ferryd_source_free)

/**
 * FerrydSpooling:
 * @directory: where the service keeps what exists nowhere else
 * @id: whose it is
 * @max_size: bytes of all of it together
 * @cancellable: (nullable): gives up
 *
 * What is kept of that which can be read once only. Borrowed for the call.
 */
typedef struct
{
  const char *directory;
  FerrydId id;
  guint64 max_size;
  GCancellable *cancellable;
} FerrydSpooling;

gboolean ferryd_sources_have_descriptors (GPtrArray *sources);
/* Blocks for as long as somebody writes to a pipe: for a thread of its own where there are descriptors. */
FerrydContent *ferryd_sources_find (GPtrArray *sources, const char *type, const FerrydSpooling *spooling,
                                    GError **error);

G_END_DECLS
