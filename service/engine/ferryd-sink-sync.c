/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-private.h"

#include <errno.h>
#include <unistd.h>

#include "ferryd-failpoint.h"
#include "ferryd-sink-given.h"

/* (private): what a call hands to its worker. */
FerrydSinkCall *
ferryd_sink_call_new (FerrydSink *sink)
{
  FerrydSinkCall *call = g_new0 (FerrydSinkCall, 1);

  g_atomic_ref_count_inc (&sink->ref_count);
  call->sink = sink;
  return call;
}

/* (private) */
void
ferryd_sink_call_free (FerrydSinkCall *call)
{
  ferryd_sink_close (call->sink);
  g_clear_pointer (&call->digest, ferryd_digest_free);
  g_free (call->name);
  g_free (call);
}

typedef struct
{
  GTask *task; /* (owned) */
  GTaskThreadFunc func;
} Work;

static void
do_work (gpointer data, gpointer user_data)
{
  Work *work = data;

  work->func (work->task, NULL, g_task_get_task_data (work->task), NULL);
  g_object_unref (work->task);
  g_free (work);
}

/* (private): runs @func on a thread, which has to return @task.
 *
 * Not g_task_run_in_thread(): its few threads are shared with GIO, name look-up among them, and a handful of
 * sinks on a file system that does not answer would take them all. This pool has no limit, as each sink has
 * at most one call under way; idle threads are GLib's and reused. */
void
ferryd_sink_run (GTask *task, GTaskThreadFunc func)
{
  static gsize pool = 0; /* the process's GThreadPool, constant once there */
  Work *work = g_new (Work, 1);

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize) g_thread_pool_new (do_work, NULL, -1, FALSE, NULL));
  work->task = g_object_ref (task);
  work->func = func;
  g_thread_pool_push ((GThreadPool *) pool, work, NULL);
}

static int
sync_data (int file)
{
  int result;

  do
    result = fdatasync (file);
  while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

/* Worker: syncs the data and, where asked to, the name. */
static FerrydFailure *
sync_file (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;
  int saved_errno = sync_data (sink->file);

  if (saved_errno != 0)
    {
      call->sync_failed = TRUE;
      return ferryd_sink_failure (sink, saved_errno, "synced");
    }
  return call->with_folder ? ferryd_sink_folder_sync (sink->folder, sink->file, sink->target->directory)
                           : NULL;
}

static void
sync_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FerrydSinkCall *call = data;
  FerrydFailure *failure = sync_file (call);

  if (failure == NULL && call->digest != NULL)
    failure = ferryd_sink_digest_file (call->sink, call->digest, call->size);
  FERRYD_FAILPOINT ("sink-synced");
  g_task_return_pointer (task, failure, (GDestroyNotify) ferryd_failure_free);
}

/* The part that syncing and verifying have in common: what is written by now is going to be synced. */
static FerrydSinkCall *
begin_sync (FerrydSink *sink)
{
  g_clear_pointer (&sink->syncing, ferryd_ranges_free);
  sink->syncing = ferryd_ranges_copy (sink->ranges);
  sink->syncing_bytes = sink->unsynced;
  return ferryd_sink_call_new (sink);
}

static FerrydFailure *
end_sync (FerrydSink *sink, GAsyncResult *result)
{
  FerrydSinkCall *call = g_task_get_task_data (G_TASK (result));
  g_autoptr (FerrydFailure) failure = g_task_propagate_pointer (G_TASK (result), NULL);

  if (call->emptied)
    {
      ferryd_ranges_clear (sink->synced);
      ferryd_sink_distrust (sink);
    }
  else if (call->sync_failed)
    ferryd_sink_distrust (sink);
  /* NULL: begun again from nothing meanwhile. */
  else if (failure == NULL && sink->syncing != NULL)
    {
      ferryd_ranges_free (sink->synced);
      sink->synced = g_steal_pointer (&sink->syncing);
      sink->unsynced -= sink->syncing_bytes;
      sink->folder_synced |= call->with_folder;
    }
  return g_steal_pointer (&failure);
}

/**
 * ferryd_sink_sync_async:
 * @sink: a sink
 * @callback: called in the caller's thread-default context
 * @user_data: for @callback
 *
 * Makes what is written by now safe from power loss, the first time also the file's name. Writing may go on.
 */
void
ferryd_sink_sync_async (FerrydSink *sink, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  FerrydSinkCall *call = begin_sync (sink);

  g_task_set_source_tag (task, ferryd_sink_sync_async);
  call->with_folder = !sink->folder_synced && sink->folder >= 0;
  ferryd_sink_begin_catching_up (sink, call);
  g_task_set_task_data (task, call, (GDestroyNotify) ferryd_sink_call_free);
  ferryd_sink_run (task, sync_worker);
}

/**
 * ferryd_sink_sync_finish:
 * @sink: the sink
 * @result: what the callback got
 *
 * After a failure to write back, what was written since the last good sync is not held any more.
 *
 * Returns: (transfer full) (nullable): why it is not synced
 */
FerrydFailure *
ferryd_sink_sync_finish (FerrydSink *sink, GAsyncResult *result)
{
  FerrydFailure *failure = end_sync (sink, result);

  if (failure == NULL)
    ferryd_sink_end_catching_up (sink, g_task_get_task_data (G_TASK (result)));
  return failure;
}

static FerrydFailure *
size_failure (FerrydSink *sink, guint64 actual, guint64 size)
{
  g_autofree char *shown = g_filename_display_name (sink->target->directory);

  return ferryd_failure_new (FERRY_TRANSFER_ERROR_SIZE_MISMATCH, FERRYD_REMEDY_FINAL,
                             "The file for “%s” has %" G_GUINT64_FORMAT " bytes, not %" G_GUINT64_FORMAT ".",
                             shown, actual, size);
}

/* Worker: size and checksum, as the file has them. */
static FerrydFailure *
check_file (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;
  struct stat file;
  g_autoptr (FerrydFailure) failure = NULL;
  g_autofree char *actual = NULL;

  if (fstat (sink->file, &file) != 0)
    return ferryd_sink_failure (sink, errno, "checked");
  if ((guint64) file.st_size != call->size)
    return size_failure (sink, (guint64) file.st_size, call->size);
  if (call->digest == NULL)
    return NULL;
  failure = ferryd_sink_digest_file (sink, call->digest, call->size);
  if (failure != NULL)
    return g_steal_pointer (&failure);
  if (ferryd_digest_matches (call->digest, &actual))
    return NULL;
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH, FERRYD_REMEDY_FINAL,
                             "The data has the checksum %s, not %s%s.", actual,
                             ferryd_digest_expected (call->digest),
                             call->told ? ", which the server itself says it has" : "");
}

static void
verify_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FerrydSinkCall *call = data;
  FerrydSink *sink = call->sink;
  FerrydFailure *failure = check_file (call);

  if (failure == NULL)
    failure = sync_file (call);
  else if (ferryd_destination_is_given (sink->target) && failure->remedy == FERRYD_REMEDY_FINAL)
    {
      g_autoptr (FerrydFailure) emptying = ferryd_sink_given_empty (sink->target, sink->file);

      call->emptied = TRUE;
    }
  FERRYD_FAILPOINT ("sink-verified");
  g_task_return_pointer (task, failure, (GDestroyNotify) ferryd_failure_free);
}

/**
 * ferryd_sink_verify_async:
 * @sink: a sink
 * @size: bytes of the whole
 * @callback: called in the caller's thread-default context
 * @user_data: for @callback
 *
 * Makes sure that the file is whole and what it has to be, and syncs its data. Its name is not synced: it is
 * going to have another, and should a power loss take the file away with the name, the download begins again.
 * Nothing is written meanwhile.
 */
void
ferryd_sink_verify_async (FerrydSink *sink, guint64 size, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  FerrydSinkCall *call = begin_sync (sink);

  g_task_set_source_tag (task, ferryd_sink_verify_async);
  call->size = size;
  call->digest = sink->digest != NULL ? ferryd_digest_copy (sink->digest) : NULL;
  call->told = sink->told;
  g_task_set_task_data (task, call, (GDestroyNotify) ferryd_sink_call_free);
  if (ferryd_ranges_total (sink->ranges) == size && ferryd_ranges_contains (sink->ranges, 0, size))
    ferryd_sink_run (task, verify_worker);
  else
    g_task_return_pointer (task, size_failure (sink, ferryd_ranges_total (sink->ranges), size),
                           (GDestroyNotify) ferryd_failure_free);
}

/**
 * ferryd_sink_verify_finish:
 * @sink: the sink
 * @result: what the callback got
 *
 * Returns: (transfer full) (nullable): why the file must not be published
 */
FerrydFailure *
ferryd_sink_verify_finish (FerrydSink *sink, GAsyncResult *result)
{
  return end_sync (sink, result);
}
