/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-source.h"

#include <fcntl.h>
#include <ferry.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the name means the same to every process: `/dev/stdin` and what a shell puts for `<(command)` do
 * not. */
static gboolean
is_everybodys (const char *path)
{
  return !g_str_has_prefix (path, "/dev/") && !g_str_has_prefix (path, "/proc/");
}

/* Bytes that are copied at once: what a pipe holds. */
#define COPY_SIZE 65536

typedef struct
{
  int from; /* (owned) */
  int to;   /* (owned) */
} Copy;

/* Copies until either end closes: a reader that has had enough says itself why. */
static gpointer
copy_all (gpointer data)
{
  g_autofree Copy *copy = data;
  g_autofree char *buffer = g_malloc (COPY_SIZE);
  gssize n = 0, written = 0;
  sigset_t broken_pipe;

  (void) sigemptyset (&broken_pipe);
  (void) sigaddset (&broken_pipe, SIGPIPE);
  (void) pthread_sigmask (SIG_BLOCK, &broken_pipe, NULL);
  while (written >= 0 && (n = read (copy->from, buffer, COPY_SIZE)) > 0)
    {
      for (gssize done = 0; done < n && written >= 0; done += MAX (written, 0))
        written = write (copy->to, buffer + done, n - done);
    }
  (void) close (copy->from);
  (void) close (copy->to);
  return NULL;
}

/* A terminal, or /dev/null, is no file and no pipe, which the service reads: it becomes a pipe here. */
static gboolean
make_pipe (FerryCmdSource *source, GError **error)
{
  Copy *copy;
  int ends[2];

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;
  copy = g_new (Copy, 1);
  *copy = (Copy){ .from = source->fd, .to = ends[1] };
  source->fd = ends[0];
  g_thread_unref (g_thread_new ("source", copy_all, copy));
  return TRUE;
}

/**
 * ferry_cmd_source_open:
 * @word: a file's name as somebody wrote it, `-` for standard input
 * @source: (out caller-allocates): what it is
 * @error: (nullable): of FERRY_ERROR, as the service would have it
 *
 * Returns: whether it is there and can be read
 */
gboolean
ferry_cmd_source_open (const char *word, FerryCmdSource *source, GError **error)
{
  g_autofree char *shown = g_filename_display_name (word);
  g_autofree char *path = NULL;
  struct stat info;

  *source = (FerryCmdSource){ .fd = g_str_equal (word, "-") ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                                            : open (word, O_RDONLY | O_CLOEXEC) };
  if (source->fd < 0 || fstat (source->fd, &info) != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE, _ ("“%s” cannot be read: %s"), shown,
                   g_strerror (errno));
      return FALSE;
    }
  if (S_ISDIR (info.st_mode))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE,
                   _ ("“%s” is a folder: a file would be right"), shown);
      return FALSE;
    }
  if (S_ISCHR (info.st_mode))
    return make_pipe (source, error);
  if (g_str_equal (word, "-") || !S_ISREG (info.st_mode))
    return TRUE;
  source->file = g_file_new_for_path (word);
  path = g_file_get_path (source->file);
  if (!is_everybodys (path))
    {
      g_clear_object (&source->file);
      return TRUE;
    }
  (void) close (source->fd);
  source->fd = -1;
  return TRUE;
}

/**
 * ferry_cmd_source_clear:
 * @source: a source
 *
 * Frees what it owns.
 */
void
ferry_cmd_source_clear (FerryCmdSource *source)
{
  g_clear_object (&source->file);
  if (source->fd >= 0)
    (void) close (source->fd);
  source->fd = -1;
}
