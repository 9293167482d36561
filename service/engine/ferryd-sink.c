/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ferryd-boot.h"
#include "ferryd-failpoint.h"
#include "ferryd-sink-given.h"

/* Bytes written between two journal pages: what a killed process may lose. A page costs about as much as the
 * write of 16 KiB, and a download smaller than this never has one. */
#define JOURNAL_INTERVAL (1024 * 1024)

/* Bytes compared in one go. */
#define COMPARE_CHUNK (64 * 1024)

/* (private): @spec becomes a sink that has nothing open yet. */
FerrydSink *
ferryd_sink_new (const FerrydSinkSpec *spec)
{
  FerrydSink *sink = g_new0 (FerrydSink, 1);

  g_atomic_ref_count_init (&sink->ref_count);
  sink->id = spec->id;
  sink->target = ferryd_destination_copy (spec->target);
  sink->journal_directory = g_strdup (spec->journal_directory);
  sink->checksum = g_strdup (spec->checksum);
  sink->told = spec->told;
  ferryd_sink_part_name (&spec->id, sink->part);
  sink->folder = -1;
  sink->file = -1;
  sink->ranges = ferryd_ranges_new ();
  sink->synced = ferryd_ranges_new ();
  return sink;
}

/**
 * ferryd_sink_close:
 * @sink: (transfer full): a sink
 *
 * Lets go of the partial file and leaves it as it is. What a worker has under way for it goes on to its end,
 * and is still answered.
 */
void
ferryd_sink_close (FerrydSink *sink)
{
  if (!g_atomic_ref_count_dec (&sink->ref_count))
    return;
  if (sink->file >= 0)
    close (sink->file);
  if (sink->folder >= 0)
    close (sink->folder);
  ferryd_destination_free (sink->target);
  g_free (sink->journal_directory);
  g_free (sink->checksum);
  ferryd_ranges_free (sink->ranges);
  ferryd_ranges_free (sink->synced);
  g_clear_pointer (&sink->syncing, ferryd_ranges_free);
  g_clear_pointer (&sink->digest, ferryd_digest_free);
  g_free (sink);
}

/**
 * ferryd_sink_drop:
 * @sink: (transfer full): a sink without a call under way
 *
 * Lets go of the partial file and deletes it; a file that was given is emptied.
 */
void
ferryd_sink_drop (FerrydSink *sink)
{
  const FerrydSinkSpec spec = {
    .id = sink->id,
    .target = sink->target,
    .journal_directory = sink->journal_directory,
  };

  ferryd_sink_delete (&spec, NULL);
  ferryd_sink_close (sink);
}

/**
 * ferryd_sink_settle:
 * @sink: a sink without a call under way
 * @record: gets the time of modification of a file that was given
 */
void
ferryd_sink_settle (FerrydSink *sink, FerrydProgressRecord *record)
{
  if (ferryd_destination_is_given (sink->target))
    record->modified = ferryd_sink_given_get_modified (sink->file);
}

/* (private): a failure of the partial file. @doing ends "The partial file in … cannot be". */
FerrydFailure *
ferryd_sink_failure (FerrydSink *sink, int saved_errno, const char *doing)
{
  g_autofree char *shown = g_filename_display_name (sink->target->directory);

  return ferryd_failure_new_from_errno (saved_errno, "The partial file in “%s” cannot be %s", shown, doing);
}

/**
 * ferryd_sink_get_ranges:
 * @sink: a sink
 *
 * Returns: (transfer none): what is held; changes with every write
 */
const FerrydRanges *
ferryd_sink_get_ranges (FerrydSink *sink)
{
  return sink->ranges;
}

/**
 * ferryd_sink_get_unsynced:
 * @sink: a sink
 *
 * Returns: bytes that a power loss would take away
 */
guint64
ferryd_sink_get_unsynced (FerrydSink *sink)
{
  return sink->unsynced;
}

/**
 * ferryd_sink_snapshot:
 * @sink: a sink
 * @record: (inout): gets device, inode, birth, epoch, ranges and digest
 *
 * What @record may say durably once a sync begun after this call has ended well.
 */
void
ferryd_sink_snapshot (FerrydSink *sink, FerrydProgressRecord *record)
{
  record->device = sink->device;
  record->inode = sink->inode;
  record->born = sink->born;
  record->epoch = sink->epoch;
  ferryd_ranges_free (record->ranges);
  record->ranges = ferryd_ranges_copy (sink->ranges);
  g_clear_pointer (&record->digest, g_variant_unref);
  if (sink->digest != NULL)
    record->digest = g_variant_ref_sink (ferryd_digest_save (sink->digest));
}

/**
 * ferryd_sink_expect:
 * @sink: a sink
 * @total: bytes of the whole, -1 not known
 *
 * Looks whether what is missing has room, so that a download that cannot fit is not begun.
 *
 * Returns: (transfer full) (nullable): why not
 */
FerrydFailure *
ferryd_sink_expect (FerrydSink *sink, gint64 total)
{
  struct statvfs space;
  struct rlimit limit;
  guint64 held = ferryd_ranges_total (sink->ranges);
  guint64 missing, available;

  if (total < 0)
    return NULL;
  if (getrlimit (RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      (guint64) total > limit.rlim_cur)
    return ferryd_sink_failure (sink, EFBIG, "written");
  /* Some file systems (FUSE) do not know and say 0 of everything. */
  if (fstatvfs (sink->file, &space) != 0 || space.f_blocks == 0)
    return NULL;
  missing = (guint64) total > held ? (guint64) total - held : 0;
  if (__builtin_mul_overflow ((guint64) space.f_bavail, (guint64) space.f_frsize, &available) ||
      missing <= available)
    return NULL;
  return ferryd_sink_failure (sink, ENOSPC, "written");
}

/* (private): goes back to what the last good sync made sure. After a failed write-back the kernel may call
 * pages clean that never got to the disk, so neither a second sync nor the journal proves anything about the
 * rest. */
void
ferryd_sink_distrust (FerrydSink *sink)
{
  guint n;
  const FerrydRange *synced = ferryd_ranges_peek (sink->synced, &n);

  ferryd_sink_journal_remove (sink->journal_directory, &sink->id);
  ferryd_ranges_clear (sink->ranges);
  for (guint i = 0; i < n; i++)
    ferryd_ranges_add (sink->ranges, synced[i].start, synced[i].end);
  g_clear_pointer (&sink->syncing, ferryd_ranges_free);
  sink->unsynced = 0;
  sink->unjournaled = 0;
  ferryd_sink_digest_cut (sink);
}

static void
write_journal (FerrydSink *sink)
{
  FerrydSinkIdentity identity = { .device = sink->device, .inode = sink->inode, .epoch = sink->epoch };

  if (ferryd_boot_get_id (identity.boot))
    ferryd_sink_journal_write (sink->journal_directory, &sink->id, &identity, sink->ranges);
  sink->unjournaled = 0;
}

/* @size bytes at @offset are in the file. */
static void
account (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size)
{
  if (size == 0)
    return;
  ferryd_ranges_add (sink->ranges, offset, offset + size);
  sink->unsynced += size;
  sink->unjournaled += size;
  ferryd_sink_digest_written (sink, offset, bytes, size);
  if (sink->unjournaled >= JOURNAL_INTERVAL)
    write_journal (sink);
}

static gboolean
leaves_what_is_written (int saved_errno)
{
  return saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG;
}

/* Somebody may take the file away, shorten it or link it elsewhere while it is written to. What is cut off
 * would come back as zeros with the next write, so this is found out before each. */
static FerrydFailure *
check_untouched (FerrydSink *sink)
{
  g_autofree char *shown = NULL;
  struct stat file;
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (sink->ranges, &n);

  if (fstat (sink->file, &file) != 0)
    return ferryd_sink_failure (sink, errno, "looked at");
  /* Nothing else has a length. */
  if (!S_ISREG (file.st_mode))
    return NULL;
  if ((n == 0 || (guint64) file.st_size >= held[n - 1].end) &&
      (file.st_nlink == 1 || ferryd_destination_is_given (sink->target)))
    return NULL;
  ferryd_ranges_truncate (sink->ranges, (guint64) file.st_size);
  ferryd_ranges_truncate (sink->synced, (guint64) file.st_size);
  g_clear_pointer (&sink->syncing, ferryd_ranges_free);
  sink->unsynced = MIN (sink->unsynced, ferryd_ranges_total (sink->ranges));
  ferryd_sink_digest_cut (sink);
  shown = g_filename_display_name (sink->target->directory);
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY,
                             "Somebody changed the partial file in “%s”.", shown);
}

/**
 * ferryd_sink_write:
 * @sink: a sink
 * @offset: where
 * @bytes: (array length=size): what
 * @size: how many
 *
 * After a failure the ranges say what is held all the same: on a full disk what still fitted, after an error
 * of the device only what was synced.
 *
 * Returns: (transfer full) (nullable): why it is not all written
 */
FerrydFailure *
ferryd_sink_write (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size)
{
  FerrydFailure *failure;
  gsize done = 0;
  int saved_errno = 0;

  if (offset > (guint64) G_MAXINT64 - size)
    return ferryd_sink_failure (sink, EFBIG, "written");
  failure = check_untouched (sink);
  if (failure != NULL)
    return failure;
  while (done < size && saved_errno == 0)
    {
      gssize n = pwrite (sink->file, bytes + done, size - done, (off_t) (offset + done));

      if (n > 0)
        done += (gsize) n;
      else if (n == 0)
        saved_errno = EIO;
      else if (errno != EINTR && errno != EAGAIN)
        saved_errno = errno;
    }
  account (sink, offset, bytes, done);
  FERRYD_FAILPOINT ("sink-written");
  if (saved_errno == 0)
    return NULL;
  if (!leaves_what_is_written (saved_errno))
    ferryd_sink_distrust (sink);
  return ferryd_sink_failure (sink, saved_errno, "written");
}

/**
 * ferryd_sink_compare:
 * @sink: a sink
 * @offset: where
 * @bytes: (array length=size): what
 * @size: how many
 * @equal: (out): whether the file has these bytes there
 *
 * Returns: (transfer full) (nullable): why that cannot be said
 */
FerrydFailure *
ferryd_sink_compare (FerrydSink *sink, guint64 offset, const guint8 *bytes, gsize size, gboolean *equal)
{
  g_autofree guint8 *buffer = g_malloc (COMPARE_CHUNK);
  gsize done = 0;

  *equal = FALSE;
  if (offset > (guint64) G_MAXINT64 - size || !ferryd_ranges_contains (sink->ranges, offset, offset + size))
    return NULL;
  while (done < size)
    {
      gssize n = pread (sink->file, buffer, MIN (size - done, COMPARE_CHUNK), (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return ferryd_sink_failure (sink, errno, "read");
      if (n == 0 || memcmp (buffer, bytes + done, (gsize) n) != 0)
        return NULL;
      done += (gsize) n;
    }
  *equal = TRUE;
  return NULL;
}

/**
 * ferryd_sink_restart:
 * @sink: a sink
 * @epoch: a new one, in the durable record already
 *
 * Nothing is held any more, also after a failure.
 *
 * Returns: (transfer full) (nullable): why the file is not empty
 */
FerrydFailure *
ferryd_sink_restart (FerrydSink *sink, guint64 epoch)
{
  /* Before the truncation: a page of the old epoch is not believed, but it need not be put to the test. */
  ferryd_sink_journal_remove (sink->journal_directory, &sink->id);
  sink->epoch = epoch;
  ferryd_ranges_clear (sink->ranges);
  ferryd_ranges_clear (sink->synced);
  g_clear_pointer (&sink->syncing, ferryd_ranges_free);
  sink->unsynced = 0;
  sink->unjournaled = 0;
  ferryd_sink_digest_cut (sink);
  while (ftruncate (sink->file, 0) != 0)
    {
      if (errno != EINTR)
        return ferryd_sink_failure (sink, errno, "emptied");
    }
  return NULL;
}
