/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-private.h"

#include <errno.h>
#include <unistd.h>

/* Bytes digested in one go. */
#define DIGEST_CHUNK (1024 * 1024)

/**
 * ferryd_sink_expect_digest:
 * @sink: a sink that is not being checked
 * @checksum: (nullable): what the whole has to give from now on, as the server says; NULL for nothing
 *
 * Where the caller has said something already, that counts. What is held is read for it later, as far as it
 * has not gone along with the writes.
 */
void
ferryd_sink_expect_digest (FerrydSink *sink, const char *checksum)
{
  if (sink->digest != NULL && !sink->told)
    return;
  if (sink->digest != NULL && g_strcmp0 (ferryd_digest_expected (sink->digest), checksum) == 0)
    return;
  g_clear_pointer (&sink->digest, ferryd_digest_free);
  sink->digest = checksum != NULL ? ferryd_digest_new (checksum) : NULL;
  sink->told = sink->digest != NULL;
  sink->catching_up = 0;
}

/**
 * ferryd_sink_is_behind:
 * @sink: a sink
 *
 * Returns: whether the digest has so much to read of what is held that what it has come to is worth to be
 *   recorded on the way: after syncs
 */
gboolean
ferryd_sink_is_behind (FerrydSink *sink)
{
  return sink->digest != NULL &&
         ferryd_ranges_prefix (sink->ranges) > ferryd_digest_position (sink->digest) + FERRYD_SINK_CATCH_UP;
}

/* (private): worker: takes @digest from where it is to @end, reading the file. */
FerrydFailure *
ferryd_sink_digest_file (FerrydSink *sink, FerrydDigest *digest, guint64 end)
{
  g_autofree guint8 *buffer = NULL;

  while (ferryd_digest_position (digest) < end)
    {
      guint64 position = ferryd_digest_position (digest);
      gssize n;

      if (buffer == NULL)
        buffer = g_malloc (DIGEST_CHUNK);
      n = pread (sink->file, buffer, MIN (end - position, DIGEST_CHUNK), (off_t) position);
      if (n > 0)
        ferryd_digest_update (digest, buffer, (gsize) n);
      else if (n == 0 || errno != EINTR)
        return ferryd_sink_failure (sink, n == 0 ? EIO : errno, "read");
    }
  return NULL;
}

/* (private): @size bytes were written at @offset: goes along with that where it can. */
void
ferryd_sink_digest_written (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size)
{
  if (sink->digest == NULL)
    return;
  if (offset < sink->catching_up)
    sink->catching_up = 0;
  if (offset == ferryd_digest_position (sink->digest))
    ferryd_digest_update (sink->digest, bytes, size);
  else if (offset < ferryd_digest_position (sink->digest))
    ferryd_digest_reset (sink->digest);
}

/* (private): less is held than before. */
void
ferryd_sink_digest_cut (FerrydSink *sink)
{
  sink->catching_up = 0;
  if (sink->digest != NULL && ferryd_digest_position (sink->digest) > ferryd_ranges_prefix (sink->ranges))
    ferryd_digest_reset (sink->digest);
}

/* (private): what was not written in order is read, some of it by each sync: it has just been written, so
 * that costs little now, and its state is recorded before much of it would have to be read again after a
 * kill. */
void
ferryd_sink_begin_catching_up (FerrydSink *sink, FerrydSinkCall *call)
{
  guint64 held = ferryd_ranges_prefix (sink->ranges);

  sink->catching_up = 0;
  if (sink->digest == NULL || ferryd_digest_position (sink->digest) >= held)
    return;
  call->digest = ferryd_digest_copy (sink->digest);
  call->size = MIN (held, ferryd_digest_position (sink->digest) + FERRYD_SINK_CATCH_UP);
  sink->catching_up = call->size;
}

/* (private): takes what a sync has read, unless that was written to meanwhile. */
void
ferryd_sink_end_catching_up (FerrydSink *sink, FerrydSinkCall *call)
{
  if (sink->catching_up > 0 && call->digest != NULL)
    {
      ferryd_digest_free (sink->digest);
      sink->digest = g_steal_pointer (&call->digest);
    }
  sink->catching_up = 0;
}
