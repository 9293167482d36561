/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ferry-error.h"

static void
set_error (const char *directory, int saved_errno, GError **error)
{
  g_set_error (
      error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
      "The state cannot be saved in “%s”: %s. Make it a directory that you own and can write, or name "
      "another one by XDG_STATE_HOME.",
      directory, g_strerror (saved_errno));
}

/**
 * ferryd_store_directory_sync:
 * @directory: a directory
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Makes the names in @directory survive a power loss. Blocks.
 *
 * Returns: whether they do
 */
gboolean
ferryd_store_directory_sync (const char *directory, GError **error)
{
  int fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    set_error (directory, errno, error);
  if (fd >= 0)
    close (fd);
  return synced;
}

/* Every directory that is new is a new name in the one above it. */
static gboolean
create_with_parents (const char *directory, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (directory);

  if (g_file_test (directory, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (!create_with_parents (parent, error))
    return FALSE;
  if (g_mkdir (directory, 0700) != 0 && errno != EEXIST)
    {
      set_error (directory, errno, error);
      return FALSE;
    }
  return ferryd_store_directory_sync (parent, error);
}

/* Whether other machines can have the same files open, so that memory mapped from them is not the same
 * memory. */
static gboolean
is_network_type (guint32 type)
{
  static const guint32 types[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC,
                                   AFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC,       CODA_SUPER_MAGIC };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (type == types[i])
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_store_directory_prepare:
 * @directory: where the state is to be
 * @shared: (out): whether it is on a file system that other machines can have mounted
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Makes it a directory that only its owner can look into. Blocks.
 *
 * Returns: whether it is
 */
gboolean
ferryd_store_directory_prepare (const char *directory, gboolean *shared, GError **error)
{
  struct statfs file_system;
  struct stat info;
  gboolean prepared;
  int fd;

  if (!create_with_parents (directory, error))
    return FALSE;
  fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  prepared = fd >= 0 && fstat (fd, &info) == 0 && ((info.st_mode & 0777) == 0700 || fchmod (fd, 0700) == 0) &&
             fstatfs (fd, &file_system) == 0;
  if (prepared)
    *shared = is_network_type ((guint32) file_system.f_type);
  else
    set_error (directory, errno, error);
  if (fd >= 0)
    close (fd);
  return prepared;
}
