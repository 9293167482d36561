/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/**
 * ferryd_sink_part_name:
 * @id: the operation
 * @name: (out caller-allocates): its partial file's name
 */
void
ferryd_sink_part_name (const FerrydId *id, char name[FERRYD_SINK_PART_SIZE])
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  g_snprintf (name, FERRYD_SINK_PART_SIZE, ".ferry-%s.part", text);
}

/**
 * ferryd_sink_folder_failure:
 * @saved_errno: what an access to the folder said
 * @directory: its path
 *
 * Returns: (transfer full): what that means to a download
 */
FerrydFailure *
ferryd_sink_folder_failure (int saved_errno, const char *directory)
{
  g_autofree char *shown = g_filename_display_name (directory);

  switch (saved_errno)
    {
    case ENOENT:
    case ENOTDIR:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL,
                                 "The folder “%s” is not there any more.", shown);
    case EACCES:
    case EPERM:
    case EROFS:
    case EEXIST:
    case EISDIR:
      return ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL,
                                 "No file can be created in the folder “%s”: %s.", shown,
                                 g_strerror (saved_errno));
    default:
      return ferryd_failure_new_from_errno (saved_errno, "The folder “%s” cannot be used", shown);
    }
}

/**
 * ferryd_sink_folder_open:
 * @target: where a download goes
 * @failure: (out): why not
 *
 * Opens the destination's folder and makes sure that it is the one the download was created for.
 *
 * Returns: a descriptor, -1 with @failure set
 */
int
ferryd_sink_folder_open (const FerrydDestination *target, FerrydFailure **failure)
{
  struct stat folder;
  int fd = open (target->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  /* A folder may let files be created in it and not be read. */
  if (fd < 0 && errno == EACCES)
    fd = open (target->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &folder) != 0)
    {
      *failure = ferryd_sink_folder_failure (errno, target->directory);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  if ((target->device != 0 || target->inode != 0) &&
      !ferryd_sink_file_is (&folder, target->device, target->inode))
    {
      g_autofree char *shown = g_filename_display_name (target->directory);

      *failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL,
                                     "The folder “%s” is not the one the download was created for.", shown);
      close (fd);
      return -1;
    }
  return fd;
}

/**
 * ferryd_sink_folder_sync:
 * @folder: descriptor of a folder
 * @file: descriptor of a file in it
 * @directory: the folder's path
 *
 * Makes durable what names the folder has.
 *
 * Returns: (transfer full) (nullable): why that did not work
 */
FerrydFailure *
ferryd_sink_folder_sync (int folder, int file, const char *directory)
{
  int result;

  do
    result = fsync (folder);
  while (result != 0 && errno == EINTR);
  /* A folder that cannot be read has no descriptor that can be synced: then the whole file system. */
  if (result != 0 && errno == EBADF)
    result = syncfs (file);
  /* What a file system has no notion of (FUSE) it cannot be asked for. */
  if (result == 0 || errno == EINVAL || errno == ENOSYS)
    return NULL;
  return ferryd_sink_folder_failure (errno, directory);
}

/**
 * ferryd_sink_file_is:
 * @file: what stat says
 * @device: wanted
 * @inode: wanted
 *
 * Returns: whether it is that very file
 */
gboolean
ferryd_sink_file_is (const struct stat *file, guint64 device, guint64 inode)
{
  return (guint64) file->st_dev == device && (guint64) file->st_ino == inode;
}

/**
 * ferryd_sink_name_is:
 * @folder: descriptor of a folder
 * @name: a name in it
 * @device: wanted
 * @inode: wanted
 *
 * Returns: whether the name, not followed as a link, is that very regular file
 */
gboolean
ferryd_sink_name_is (int folder, const char *name, guint64 device, guint64 inode)
{
  struct stat file;

  return fstatat (folder, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (file.st_mode) &&
         ferryd_sink_file_is (&file, device, inode);
}
