/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-memory-file.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static gboolean
write_all (int fd, const char *text)
{
  gsize size = strlen (text);

  while (size > 0)
    {
      gssize written = write (fd, text, size);

      if (written <= 0)
        return FALSE;
      text += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/**
 * ferryd_memory_file_new:
 * @name: for who looks into /proc
 * @texts: (array zero-terminated=1): what is in it, one after the other
 *
 * For libraries that read something from files only. The file goes when it is closed.
 *
 * Returns: a file descriptor, to be closed; -1 where there is no memory for it
 */
int
ferryd_memory_file_new (const char *name, const char *const *texts)
{
  int fd = memfd_create (name, MFD_CLOEXEC);

  for (guint i = 0; fd >= 0 && texts[i] != NULL; i++)
    {
      if (write_all (fd, texts[i]))
        continue;
      close (fd);
      return -1;
    }
  return fd;
}

/**
 * ferryd_memory_file_get_path:
 * @fd: of ferryd_memory_file_new()
 *
 * Returns: (transfer full): a path by which this process can read the file from its beginning
 */
char *
ferryd_memory_file_get_path (int fd)
{
  return g_strdup_printf ("/proc/self/fd/%d", fd);
}
