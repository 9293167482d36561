/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"

#define LOCK_FILE "lock"

/* Between two tries while another process has the directory, microseconds. */
#define RETRY_INTERVAL (50 * G_TIME_SPAN_MILLISECOND)

/* Longest description of a holder that is read, bytes. */
#define HOLDER_SIZE 512

struct _FerrydStoreLock
{
  int fd; /* (owned): of the lock file, locked */
};

/* The lock belongs to the open file description, so it ends with the process however that ends, holds between
 * two stores of one process, and, unlike flock(), is seen by the other clients of an NFS server. */
static gboolean
try_lock (int fd)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int result;

  do
    result = fcntl (fd, F_OFD_SETLK, &whole);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

static char *
read_holder (int fd)
{
  char text[HOLDER_SIZE];
  gssize length = pread (fd, text, sizeof text, 0);

  return length > 0 ? g_strchomp (g_utf8_make_valid (text, length)) : g_strdup ("unknown");
}

static gboolean
wait_for_lock (int fd, const char *directory, gint64 patience, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + patience;

  while (!try_lock (fd))
    {
      int saved_errno = errno;

      if (saved_errno != EAGAIN && saved_errno != EACCES)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE, "“%s” cannot be locked: %s.",
                       directory, g_strerror (saved_errno));
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () >= deadline)
        {
          g_autofree char *other = read_holder (fd);

          g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                       "“%s” is in use by another Ferry service (%s). End that one first, or give this one a "
                       "state directory of its own by XDG_STATE_HOME.",
                       directory, other);
          return FALSE;
        }
      g_usleep (RETRY_INTERVAL);
    }
  return TRUE;
}

static void
write_holder (int fd, const char *holder)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf ("pid %d host %s bus %s\n", (int) getpid (), g_get_host_name (), holder);
  if (ftruncate (fd, 0) != 0 || pwrite (fd, text, strlen (text), 0) < 0)
    g_message ("The lock file cannot say who has the store: %s", g_strerror (errno));
}

/**
 * ferryd_store_lock_take:
 * @directory: a state directory
 * @holder: the bus we are on, for whoever finds the directory taken
 * @patience: microseconds to wait for another process that may be on its way out
 * @cancellable: (nullable): ends the waiting
 * @error: FERRY_ERROR_STORE_UNAVAILABLE, naming pid, host and bus of the holder
 *
 * Blocks.
 *
 * Returns: (transfer full): the lock
 */
FerrydStoreLock *
ferryd_store_lock_take (const char *directory, const char *holder, gint64 patience, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = g_build_filename (directory, LOCK_FILE, NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  FerrydStoreLock *lock;

  if (fd < 0)
    {
      int saved_errno = errno;

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                   "The state cannot be saved in “%s”: %s. Make the directory and its files writable.",
                   directory, g_strerror (saved_errno));
      return NULL;
    }
  if (!wait_for_lock (fd, directory, patience, cancellable, error))
    {
      close (fd);
      return NULL;
    }
  fchmod (fd, 0600);
  write_holder (fd, holder);
  lock = g_new0 (FerrydStoreLock, 1);
  lock->fd = fd;
  return lock;
}

/**
 * ferryd_store_lock_free:
 * @lock: (transfer full) (nullable): a lock
 *
 * Gives the directory back. The file stays: removing it would let two processes lock two files of the same
 * name.
 */
void
ferryd_store_lock_free (FerrydStoreLock *lock)
{
  if (lock == NULL)
    return;
  if (ftruncate (lock->fd, 0) != 0)
    g_message ("The lock file cannot be emptied: %s", g_strerror (errno));
  close (lock->fd);
  g_free (lock);
}
