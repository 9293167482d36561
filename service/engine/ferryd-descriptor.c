/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ferry-error.h"

struct _FerrydDescriptor
{
  gatomicrefcount ref_count;
  int fd; /* (owned) */
};

/**
 * ferryd_descriptor_new:
 * @fd: (transfer full): an open file descriptor
 *
 * Returns: (transfer full): the owner of @fd
 */
FerrydDescriptor *
ferryd_descriptor_new (int fd)
{
  FerrydDescriptor *descriptor = g_new (FerrydDescriptor, 1);

  g_atomic_ref_count_init (&descriptor->ref_count);
  descriptor->fd = fd;
  return descriptor;
}

/**
 * ferryd_descriptor_ref:
 * @descriptor: a descriptor
 *
 * Returns: (transfer full): @descriptor
 */
FerrydDescriptor *
ferryd_descriptor_ref (FerrydDescriptor *descriptor)
{
  g_atomic_ref_count_inc (&descriptor->ref_count);
  return descriptor;
}

/**
 * ferryd_descriptor_unref:
 * @descriptor: (transfer full): a descriptor
 */
void
ferryd_descriptor_unref (FerrydDescriptor *descriptor)
{
  if (!g_atomic_ref_count_dec (&descriptor->ref_count))
    return;
  close (descriptor->fd);
  g_free (descriptor);
}

/**
 * ferryd_descriptor_peek:
 * @descriptor: a descriptor
 *
 * Returns: (transfer none): the file descriptor; good as long as @descriptor is
 */
int
ferryd_descriptor_peek (const FerrydDescriptor *descriptor)
{
  return descriptor->fd;
}

static const char *
name_type (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a folder";
    case S_IFIFO:
      return "a pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    case S_IFLNK:
      return "a symbolic link";
    default:
      return "no file";
    }
}

static gboolean
has_type (mode_t mode, FerrydDescriptorUse use)
{
  switch (use)
    {
    case FERRYD_DESCRIPTOR_DESTINATION:
      return S_ISREG (mode);
    case FERRYD_DESCRIPTOR_FOLDER:
      return S_ISDIR (mode);
    case FERRYD_DESCRIPTOR_SOURCE:
    default:
      return S_ISREG (mode) || S_ISFIFO (mode) || S_ISSOCK (mode);
    }
}

static const char *
name_right (FerrydDescriptorUse use)
{
  switch (use)
    {
    case FERRYD_DESCRIPTOR_DESTINATION:
      return "a regular file, open for reading and writing";
    case FERRYD_DESCRIPTOR_FOLDER:
      return "a folder";
    case FERRYD_DESCRIPTOR_SOURCE:
    default:
      return "a regular file, a pipe or a socket, open for reading";
    }
}

/* What is wrong with the way it is open; NULL for nothing. Data goes to positions, which a descriptor that
 * appends does not do. */
static const char *
find_wrong_mode (int flags, FerrydDescriptorUse use)
{
  if (use == FERRYD_DESCRIPTOR_FOLDER)
    return NULL;
  if ((flags & O_PATH) != 0)
    return "open as a path only (O_PATH)";
  if (use == FERRYD_DESCRIPTOR_SOURCE)
    return (flags & O_ACCMODE) == O_WRONLY ? "open for writing only" : NULL;
  if ((flags & O_ACCMODE) == O_RDONLY)
    return "open for reading only";
  if ((flags & O_ACCMODE) == O_WRONLY)
    return "open for writing only";
  return (flags & O_APPEND) != 0 ? "open for appending (O_APPEND)" : NULL;
}

/**
 * ferryd_descriptor_check:
 * @descriptor: a descriptor
 * @use: what it is given for
 * @key: the option it came in, for the error
 * @file: (out): what it is
 * @error: %FERRY_ERROR_INVALID_ARGUMENT
 *
 * Returns: whether it is of the type, and open in the way, that @use needs
 */
gboolean
ferryd_descriptor_check (const FerrydDescriptor *descriptor, FerrydDescriptorUse use, const char *key,
                         struct stat *file, GError **error)
{
  int flags = fcntl (descriptor->fd, F_GETFL);
  const char *wrong;

  if (flags < 0 || fstat (descriptor->fd, file) != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   "Option '%s': the descriptor cannot be used: %s; right is %s", key, g_strerror (errno),
                   name_right (use));
      return FALSE;
    }
  wrong = has_type (file->st_mode, use) ? find_wrong_mode (flags, use) : name_type (file->st_mode);
  if (wrong == NULL)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "Option '%s': the descriptor is %s; right is %s", key, wrong, name_right (use));
  return FALSE;
}

/**
 * ferryd_descriptor_get_path:
 * @descriptor: a descriptor
 *
 * Returns: (transfer full) (nullable): an absolute path at which the very same file is now, in the file
 * system's encoding; %NULL where it has none (any more) that this process can see
 */
char *
ferryd_descriptor_get_path (const FerrydDescriptor *descriptor)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", descriptor->fd);
  g_autofree char *path = g_file_read_link (link, NULL);
  struct stat file, there;

  /* A deleted file's, a pipe's and a memory file's are no paths, or those of something else. */
  if (path == NULL || path[0] != '/' || fstat (descriptor->fd, &file) != 0 || lstat (path, &there) != 0 ||
      file.st_dev != there.st_dev || file.st_ino != there.st_ino)
    return NULL;
  return g_steal_pointer (&path);
}

/**
 * ferryd_descriptor_get_birth:
 * @fd: a file descriptor
 *
 * Returns: when it was made, in nanoseconds; 0 where the file system does not know
 */
guint64
ferryd_descriptor_get_birth (int fd)
{
  struct statx info;

  if (statx (fd, "", AT_EMPTY_PATH, STATX_BTIME, &info) != 0 || (info.stx_mask & STATX_BTIME) == 0)
    return 0;
  return (guint64) info.stx_btime.tv_sec * G_GUINT64_CONSTANT (1000000000) + info.stx_btime.tv_nsec;
}
