/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ferryd-failpoint.h"

/* Bytes copied in one go: between two of them a stop is noticed. */
#define COPY_CHUNK (1024 * 1024)

/* -1 where it is not there, or another one is. */
static int
open_folder (const FerrydFolder *folder)
{
  const FerrydDestination as_target = {
    .directory = folder->path,
    .device = folder->device,
    .inode = folder->inode,
  };
  g_autoptr (FerrydFailure) failure = NULL;
  int fd = ferryd_sink_folder_open (&as_target, &failure);

  if (failure != NULL)
    g_message ("A partial file is not where it was: %s", failure->message);
  return fd;
}

/**
 * ferryd_sink_move_rename:
 * @sink: one whose folder is open
 * @record: says of which folder the partial file is
 * @failure: (out): why it cannot be moved though it is there
 *
 * Returns: whether the recorded partial file is in the sink's folder now, durably
 */
gboolean
ferryd_sink_move_rename (FerrydSink *sink, const FerrydProgressRecord *record, FerrydFailure **failure)
{
  int former = open_folder (&record->folder);
  gboolean moved;

  if (former < 0)
    return FALSE;
  moved = ferryd_sink_name_is (former, sink->part, record->device, record->inode) &&
          renameat (former, sink->part, sink->folder, sink->part) == 0;
  FERRYD_FAILPOINT ("sink-moved");
  if (moved)
    {
      int file = openat (sink->folder, sink->part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

      /* The new name first: a power loss between the two leaves both, not none. */
      *failure = ferryd_sink_folder_sync (sink->folder, file, sink->target->directory);
      if (*failure == NULL)
        *failure = ferryd_sink_folder_sync (former, file, record->folder.path);
      if (file >= 0)
        close (file);
    }
  close (former);
  return moved;
}

static int
open_former (const char *part, const FerrydProgressRecord *record, int flags)
{
  int former = open_folder (&record->folder);
  int file = -1;

  if (former < 0)
    return -1;
  if (ferryd_sink_name_is (former, part, record->device, record->inode))
    file = openat (former, part, flags | O_NOFOLLOW | O_CLOEXEC);
  close (former);
  return file;
}

/**
 * ferryd_sink_move_open_former:
 * @sink: one whose folder is open and does not have the partial file
 * @record: says of which folder the partial file is
 *
 * Returns: the recorded partial file where it is, open for reading and writing; -1 where it is not there
 */
int
ferryd_sink_move_open_former (FerrydSink *sink, const FerrydProgressRecord *record)
{
  return open_former (sink->part, record, O_RDWR);
}

/**
 * ferryd_sink_move_open_to_read:
 * @spec: a sink that is not open
 * @record: says of which folder the partial file is
 *
 * Returns: the recorded partial file where it is, open for reading; -1 where it is not there
 */
int
ferryd_sink_move_open_to_read (const FerrydSinkSpec *spec, const FerrydProgressRecord *record)
{
  char part[FERRYD_SINK_PART_SIZE];

  ferryd_sink_part_name (&spec->id, part);
  return open_former (part, record, O_RDONLY);
}

static FerrydFailure *
copy_chunk (FerrydSink *sink, int from, guint8 *buffer, guint64 offset, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (from, buffer, size - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return ferryd_sink_failure (sink, n == 0 ? EIO : errno, "read");
      for (gssize written = 0; written < n;)
        {
          gssize m = pwrite (sink->file, buffer + written, (gsize) (n - written),
                             (off_t) (offset + done + (guint64) written));

          if (m < 0 && errno != EINTR)
            return ferryd_sink_failure (sink, errno, "written");
          written += MAX (m, 0);
        }
      done += (gsize) n;
    }
  return NULL;
}

/**
 * ferryd_sink_move_copy:
 * @sink: one with a new and empty file, and ranges as the former file has them
 * @from: the former file
 * @cancellable: (nullable): to give up
 *
 * Copies what is held, and syncs it with its name. What was held and not copied begins at the former file
 * again.
 *
 * Returns: (transfer full) (nullable): why it is not all there
 */
FerrydFailure *
ferryd_sink_move_copy (FerrydSink *sink, int from, GCancellable *cancellable)
{
  g_autofree guint8 *buffer = g_malloc (COPY_CHUNK);
  guint n;
  const FerrydRange *ranges = ferryd_ranges_peek (sink->ranges, &n);

  for (guint i = 0; i < n; i++)
    {
      for (guint64 at = ranges[i].start; at < ranges[i].end; at += COPY_CHUNK)
        {
          FerrydFailure *failure =
              g_cancellable_is_cancelled (cancellable)
                  ? ferryd_sink_failure (sink, ECANCELED, "copied")
                  : copy_chunk (sink, from, buffer, at, MIN (ranges[i].end - at, COPY_CHUNK));

          FERRYD_FAILPOINT ("sink-copying");
          if (failure != NULL)
            return failure;
        }
    }
  if (fsync (sink->file) != 0)
    return ferryd_sink_failure (sink, errno, "synced");
  FERRYD_FAILPOINT ("sink-copied");
  return ferryd_sink_folder_sync (sink->folder, sink->file, sink->target->directory);
}

static void
delete_in (const FerrydSinkSpec *spec, const FerrydFolder *folder)
{
  char part[FERRYD_SINK_PART_SIZE];
  int fd;

  if (folder->path == NULL ||
      (folder->device == spec->target->device && folder->inode == spec->target->inode))
    return;
  fd = open_folder (folder);
  if (fd < 0)
    return;
  ferryd_sink_part_name (&spec->id, part);
  if (unlinkat (fd, part, 0) != 0 && errno != ENOENT)
    g_message ("Partial file %s cannot be deleted: %s", part, g_strerror (errno));
  close (fd);
}

/**
 * ferryd_sink_move_delete_former:
 * @spec: a sink
 * @record: says where a partial file may have been left
 *
 * Takes away what is not needed any more. In a folder that is not the one recorded nothing is touched.
 */
void
ferryd_sink_move_delete_former (const FerrydSinkSpec *spec, const FerrydProgressRecord *record)
{
  delete_in (spec, &record->former);
}

/**
 * ferryd_sink_move_delete:
 * @spec: a sink
 * @record: says where else than beside the destination there may be a partial file
 *
 * Takes all of them away.
 */
void
ferryd_sink_move_delete (const FerrydSinkSpec *spec, const FerrydProgressRecord *record)
{
  delete_in (spec, &record->former);
  delete_in (spec, &record->folder);
}

/**
 * ferryd_sink_is_copied:
 * @sink: a sink
 *
 * Returns: whether its file is a copy of one that is still where the record says
 */
gboolean
ferryd_sink_is_copied (FerrydSink *sink)
{
  return sink->copied;
}

typedef struct
{
  FerrydSink *sink;             /* (owned) */
  FerrydProgressRecord *record; /* (owned) */
} Forgetting;

static void
forgetting_free (gpointer data)
{
  Forgetting *forgetting = data;

  ferryd_sink_close (forgetting->sink);
  ferryd_progress_record_free (forgetting->record);
  g_free (forgetting);
}

static void
forget_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Forgetting *forgetting = data;
  const FerrydSinkSpec spec = { .id = forgetting->sink->id, .target = forgetting->sink->target };

  FERRYD_FAILPOINT ("sink-copy-recorded");
  ferryd_sink_move_delete_former (&spec, forgetting->record);
  FERRYD_FAILPOINT ("sink-former-deleted");
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_sink_forget_former_async:
 * @sink: one whose file was copied
 * @record: says where from, and is durable with what the copy is
 * @callback: called in the caller's thread-default context, with nothing to finish
 * @user_data: for @callback
 */
void
ferryd_sink_forget_former_async (FerrydSink *sink, const FerrydProgressRecord *record,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Forgetting *forgetting = g_new (Forgetting, 1);

  g_atomic_ref_count_inc (&sink->ref_count);
  *forgetting = (Forgetting){ sink, ferryd_progress_record_copy (record) };
  g_task_set_source_tag (task, ferryd_sink_forget_former_async);
  g_task_set_task_data (task, forgetting, forgetting_free);
  ferryd_sink_run (task, forget_worker);
}
