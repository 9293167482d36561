/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-given.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ferryd-sink-folder.h"

static char *
get_path (const FerrydDestination *target)
{
  return target->leaf != NULL ? g_build_filename (target->directory, target->leaf, NULL) : NULL;
}

static FerrydFailure *
lost_failure (const FerrydDestination *target, const char *why)
{
  g_autofree char *path = get_path (target);
  g_autofree char *shown = g_filename_display_name (path != NULL ? path : "");

  if (path == NULL)
    return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL,
                               "The file given to write to has no name at which it could be found again.");
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL, "The file “%s” %s.",
                             shown, why);
}

static FerrydFailure *
file_failure (const FerrydDestination *target, int saved_errno)
{
  g_autofree char *path = get_path (target);
  g_autofree char *shown = g_filename_display_name (path != NULL ? path : "");

  switch (saved_errno)
    {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return lost_failure (target, "is not there any more");
    case EACCES:
    case EPERM:
    case EROFS:
    case ETXTBSY:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL,
                                 "The file “%s” cannot be written to: %s.", shown, g_strerror (saved_errno));
    default:
      return ferryd_failure_new_from_errno (saved_errno, "The file “%s” cannot be used", shown);
    }
}

/* A description of its own of what @fd refers to: flags that somebody sets on the one that was given have no
 * effect here. */
static int
reopen (int fd, int flags)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  return open (path, flags | O_CLOEXEC | O_NONBLOCK);
}

/* The kernel's own path of a file has no symbolic links in it, so whoever has put one there since has no say.
 * Nothing is opened but a path: opening a device may do something. */
static int
find (const char *path)
{
  struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
  long fd = syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);

  /* An old kernel, or a filter that does not know the call. */
  if (fd < 0 && (errno == ENOSYS || errno == EPERM))
    return open (path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  return (int) fd;
}

static gboolean
is_given (const FerrydDestination *target, int fd, struct stat *file)
{
  return fstat (fd, file) == 0 && S_ISREG (file->st_mode) &&
         ferryd_sink_file_is (file, target->file_device, target->file_inode) &&
         (target->file_born == 0 || ferryd_descriptor_get_birth (fd) == target->file_born);
}

static int
open_found (const FerrydDestination *target, int flags, struct stat *file, FerrydFailure **failure)
{
  g_autofree char *path = get_path (target);
  int found, fd;

  if (path == NULL)
    {
      *failure = lost_failure (target, "");
      return -1;
    }
  found = find (path);
  if (found < 0)
    {
      *failure = file_failure (target, errno);
      return -1;
    }
  if (!is_given (target, found, file))
    {
      *failure = lost_failure (target, "is not the one the download was created for");
      close (found);
      return -1;
    }
  fd = reopen (found, flags);
  if (fd < 0)
    *failure = file_failure (target, errno);
  close (found);
  return fd;
}

static int
open_held (const FerrydDestination *target, int flags, struct stat *file, FerrydFailure **failure)
{
  int held = ferryd_descriptor_peek (target->held);
  int fd = reopen (held, flags);

  /* Who gave it could open it; its mode may not let this process. */
  if (fd < 0)
    fd = fcntl (held, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0 && fstat (fd, file) == 0)
    return fd;
  *failure = file_failure (target, errno);
  if (fd >= 0)
    close (fd);
  return -1;
}

/**
 * ferryd_sink_given_open:
 * @target: with a file that was given
 * @flags: O_RDWR or O_RDONLY
 * @file: (out): what it is
 * @failure: (out): why not
 *
 * Opens the very file: the one held, or, after a restart, the one at its path if device, inode and time of
 * birth are the same.
 *
 * Returns: a descriptor, -1 with @failure set
 */
int
ferryd_sink_given_open (const FerrydDestination *target, int flags, struct stat *file,
                        FerrydFailure **failure)
{
  if (target->held != NULL)
    return open_held (target, flags, file, failure);
  return open_found (target, flags, file, failure);
}

/**
 * ferryd_sink_given_get_modified:
 * @file: its descriptor
 *
 * Returns: its time of modification in nanoseconds, 0 where that cannot be told
 */
guint64
ferryd_sink_given_get_modified (int file)
{
  struct stat info;

  if (fstat (file, &info) != 0)
    return 0;
  return (guint64) info.st_mtim.tv_sec * G_GUINT64_CONSTANT (1000000000) + (guint64) info.st_mtim.tv_nsec;
}

/**
 * ferryd_sink_given_is_left_alone:
 * @file: its descriptor
 * @record: what was recorded of it
 *
 * Returns: whether nobody is known to have written to it since the last attempt ended
 */
gboolean
ferryd_sink_given_is_left_alone (int file, const FerrydProgressRecord *record)
{
  return record->modified == 0 || ferryd_sink_given_get_modified (file) == record->modified;
}

/**
 * ferryd_sink_given_empty:
 * @target: with a file that was given
 * @file: its descriptor, open for writing
 *
 * Returns: (transfer full) (nullable): why it is not empty
 */
FerrydFailure *
ferryd_sink_given_empty (const FerrydDestination *target, int file)
{
  while (ftruncate (file, 0) != 0)
    {
      if (errno != EINTR)
        return file_failure (target, errno);
    }
  return NULL;
}

/**
 * ferryd_sink_given_delete:
 * @target: with a file that was given
 * @record: (nullable): what was recorded of it; %NULL where it was written to in any case
 *
 * Deletes the data and leaves the file. What somebody has written to since the last attempt ended is not
 * touched.
 */
void
ferryd_sink_given_delete (const FerrydDestination *target, const FerrydProgressRecord *record)
{
  g_autoptr (FerrydFailure) failure = NULL;
  struct stat file;
  int fd = ferryd_sink_given_open (target, O_RDWR, &file, &failure);

  if (fd >= 0 && (record == NULL || ferryd_sink_given_is_left_alone (fd, record)))
    failure = ferryd_sink_given_empty (target, fd);
  if (fd >= 0)
    close (fd);
  if (failure != NULL)
    g_message ("The data of a download cannot be deleted: %s", failure->message);
}

/**
 * ferryd_sink_given_is_complete:
 * @target: with a file that was given
 * @record: what was recorded before its last step, when all was verified and synced
 *
 * Returns: whether the file still is what it was then
 */
gboolean
ferryd_sink_given_is_complete (const FerrydDestination *target, const FerrydProgressRecord *record)
{
  g_autoptr (FerrydFailure) failure = NULL;
  struct stat file;
  int fd = ferryd_sink_given_open (target, O_RDONLY, &file, &failure);

  if (fd < 0)
    return FALSE;
  close (fd);
  return (gint64) file.st_size == record->total;
}
