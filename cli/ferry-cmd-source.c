/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-source.h"

#include <fcntl.h>
#include <ferry.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the name means the same to every process: `/dev/stdin` and what a shell puts for `<(command)` do
 * not. */
static gboolean
is_everybodys (const char *path)
{
  return !g_str_has_prefix (path, "/dev/") && !g_str_has_prefix (path, "/proc/");
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
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;
  struct stat info;
  int fd =
      g_str_equal (word, "-") ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open (word, O_RDONLY | O_CLOEXEC);

  *source = (FerryCmdSource){ 0 };
  if (fd < 0 || fstat (fd, &info) != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE, _ ("“%s” cannot be read: %s"), shown,
                   g_strerror (errno));
      return FALSE;
    }
  source->stream = g_unix_input_stream_new (fd, TRUE);
  if (S_ISDIR (info.st_mode))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE,
                   _ ("“%s” is a folder: a file would be right"), shown);
      return FALSE;
    }
  if (g_str_equal (word, "-") || !S_ISREG (info.st_mode))
    return TRUE;
  file = g_file_new_for_path (word);
  path = g_file_get_path (file);
  if (!is_everybodys (path))
    return TRUE;
  source->file = g_steal_pointer (&file);
  g_clear_object (&source->stream);
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
  g_clear_object (&source->stream);
}
