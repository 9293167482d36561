/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ferryd-failpoint.h"
#include "ferryd-sink-given.h"

/* What the mode of a new file is where the process's umask is not to be had. */
#define USUAL_UMASK 022

/* Never 0, so that it can be kept by g_once. */
#define UMASK_KNOWN 01000

/* From /proc, because umask() changes what it tells, for all threads. */
static gsize
read_umask (void)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return UMASK_KNOWN | USUAL_UMASK;
  line = strstr (status, "\nUmask:");
  if (line == NULL)
    return UMASK_KNOWN | USUAL_UMASK;
  return UMASK_KNOWN | (g_ascii_strtoull (line + strlen ("\nUmask:"), NULL, 8) & 0777);
}

/* The mode that any other program's new file would have. */
static mode_t
usual_mode (void)
{
  static gsize mask = 0; /* constant once there: the service never changes its umask */

  if (g_once_init_enter (&mask))
    g_once_init_leave (&mask, read_umask ());
  return 0666 & ~((mode_t) mask & 0777);
}

static FerrydFailure *
name_failure (FerrydSinkCall *call, int saved_errno)
{
  g_autofree char *path = g_build_filename (call->sink->target->directory, call->name, NULL);
  g_autofree char *shown = g_filename_display_name (path);

  switch (saved_errno)
    {
    case EEXIST:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_EXISTS, FERRYD_REMEDY_FINAL,
                                 "“%s” is there already.", shown);
    case EISDIR:
    case ENOTDIR:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL,
                                 "“%s” is not a file that can be replaced.", shown);
    case EOPNOTSUPP:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL,
                                 "The file system of “%s” cannot name a file without replacing another.",
                                 shown);
    default:
      return ferryd_sink_folder_failure (saved_errno, call->sink->target->directory);
    }
}

/* The partial file's name does not lead to it any more. */
static FerrydFailure *
lost_failure (FerrydSink *sink)
{
  struct stat folder;
  g_autofree char *shown = g_filename_display_name (sink->target->directory);

  if (fstat (sink->folder, &folder) == 0 && folder.st_nlink == 0)
    return ferryd_sink_folder_failure (ENOENT, sink->target->directory);
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY,
                             "Somebody took the partial file out of “%s”.", shown);
}

/* Where the file system cannot rename without replacing. */
static int
link_new (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;

  if (linkat (sink->folder, sink->part, sink->folder, call->name, 0) != 0)
    return errno == EPERM || errno == ENOSYS ? EOPNOTSUPP : errno;
  return unlinkat (sink->folder, sink->part, 0) == 0 ? 0 : errno;
}

static int
rename_new (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;

  if (renameat2 (sink->folder, sink->part, sink->folder, call->name, RENAME_NOREPLACE) == 0)
    return 0;
  return errno == EINVAL || errno == ENOSYS ? link_new (call) : errno;
}

static int
rename_over (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;

  return renameat (sink->folder, sink->part, sink->folder, call->name) == 0 ? 0 : errno;
}

/* What stands in the way of the name, as an errno; 0 for nothing. For a name that has to be new this only
 * saves touching the file in vain: the rename decides. */
static int
check_name (FerrydSinkCall *call)
{
  struct stat there;

  if (fstatat (call->sink->folder, call->name, &there, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? 0 : errno;
  if (!call->replace)
    return EEXIST;
  return S_ISREG (there.st_mode) || S_ISLNK (there.st_mode) ? 0 : EISDIR;
}

static FerrydFailure *
give_name (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;
  int saved_errno;

  if (!ferryd_sink_name_is (sink->folder, sink->part, sink->device, sink->inode))
    return lost_failure (sink);
  saved_errno = check_name (call);
  if (saved_errno != 0)
    return name_failure (call, saved_errno);
  /* Before the name, so that nobody finds a file there that he cannot read; file systems without modes
   * refuse. */
  if (fchmod (sink->file, usual_mode ()) != 0)
    g_debug ("Mode of %s: %s", sink->part, g_strerror (errno));
  FERRYD_FAILPOINT ("sink-before-rename");
  saved_errno = call->replace ? rename_over (call) : rename_new (call);
  return saved_errno != 0 ? name_failure (call, saved_errno) : NULL;
}

/* A kill between link and unlink leaves both names. */
static void
drop_second_name (int folder, const char *part, guint64 device, guint64 inode)
{
  if (ferryd_sink_name_is (folder, part, device, inode) && unlinkat (folder, part, 0) != 0)
    g_message ("Partial file %s cannot be deleted: %s", part, g_strerror (errno));
}

/* A file that was given has its name; its data was synced when it was verified. */
static FerrydFailure *
publish_part (FerrydSinkCall *call)
{
  FerrydSink *sink = call->sink;
  FerrydFailure *failure = NULL;

  if (ferryd_sink_name_is (sink->folder, call->name, sink->device, sink->inode))
    drop_second_name (sink->folder, sink->part, sink->device, sink->inode);
  else
    failure = give_name (call);
  if (failure != NULL)
    return failure;
  FERRYD_FAILPOINT ("sink-renamed");
  return ferryd_sink_folder_sync (sink->folder, sink->file, sink->target->directory);
}

static void
publish_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FerrydSinkCall *call = data;
  FerrydSink *sink = call->sink;
  FerrydFailure *failure = ferryd_destination_is_given (sink->target) ? NULL : publish_part (call);

  if (failure == NULL)
    {
      FERRYD_FAILPOINT ("sink-folder-synced");
      ferryd_sink_journal_remove (sink->journal_directory, &sink->id);
    }
  g_task_return_pointer (task, failure, (GDestroyNotify) ferryd_failure_free);
}

/**
 * ferryd_sink_publish_async:
 * @sink: a sink that has been verified
 * @name: leaf name for the file
 * @replace: whether a file or symbolic link of that name is replaced
 * @callback: called in the caller's thread-default context
 * @user_data: for @callback
 *
 * Gives the file its name, for good.
 */
void
ferryd_sink_publish_async (FerrydSink *sink, const char *name, gboolean replace, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  FerrydSinkCall *call = ferryd_sink_call_new (sink);

  g_task_set_source_tag (task, ferryd_sink_publish_async);
  call->name = g_strdup (name);
  call->replace = replace;
  g_task_set_task_data (task, call, (GDestroyNotify) ferryd_sink_call_free);
  ferryd_sink_run (task, publish_worker);
}

/**
 * ferryd_sink_publish_finish:
 * @sink: the sink
 * @result: what the callback got
 *
 * Returns: (transfer full) (nullable): why the file does not have its name durably
 */
FerrydFailure *
ferryd_sink_publish_finish (FerrydSink *sink, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/**
 * ferryd_sink_is_published:
 * @spec: a sink that is not open
 * @record: what was recorded before its last step
 *
 * Finds out after a kill whether the last step had been done, and does what was left of it: the folder is
 * synced, a second name and the journal page are gone. Blocks.
 *
 * Returns: whether the name decided for is that file, durably
 */
gboolean
ferryd_sink_is_published (const FerrydSinkSpec *spec, const FerrydProgressRecord *record)
{
  g_autoptr (FerrydFailure) failure = NULL;
  char part[FERRYD_SINK_PART_SIZE];
  int folder, file;

  if (record->publish_name == NULL || record->inode == 0)
    return FALSE;
  if (ferryd_destination_is_given (spec->target))
    return ferryd_sink_given_is_complete (spec->target, record);
  folder = ferryd_sink_folder_open (spec->target, &failure);
  if (folder < 0)
    return FALSE;
  if (!ferryd_sink_name_is (folder, record->publish_name, record->device, record->inode))
    {
      close (folder);
      return FALSE;
    }
  file = openat (folder, record->publish_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file >= 0 && record->born != 0 && ferryd_descriptor_get_birth (file) != record->born)
    {
      close (file);
      close (folder);
      return FALSE;
    }
  ferryd_sink_part_name (&spec->id, part);
  drop_second_name (folder, part, record->device, record->inode);
  failure = ferryd_sink_folder_sync (folder, file, spec->target->directory);
  if (file >= 0)
    close (file);
  close (folder);
  if (failure != NULL)
    return FALSE;
  ferryd_sink_journal_remove (spec->journal_directory, &spec->id);
  return TRUE;
}
