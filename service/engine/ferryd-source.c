/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"

/* Bytes read from a pipe at a time: what a pipe holds. */
#define CHUNK_SIZE (64 * 1024)

/**
 * ferryd_source_new:
 * @key: what the caller calls it
 *
 * Returns: (transfer full): a source of all that there is, of nothing yet
 */
FerrydSource *
ferryd_source_new (const char *key)
{
  FerrydSource *source = g_new0 (FerrydSource, 1);

  source->key = g_strdup (key);
  source->length = -1;
  return source;
}

/**
 * ferryd_source_free:
 * @source: (transfer full): a source
 */
void
ferryd_source_free (FerrydSource *source)
{
  g_free (source->key);
  g_clear_pointer (&source->bytes, g_bytes_unref);
  g_free (source->text);
  g_free (source->forbidden);
  g_clear_pointer (&source->descriptor, ferryd_descriptor_unref);
  g_free (source);
}

static gboolean
is_stream (const FerrydSource *source)
{
  struct stat file;

  return fstat (ferryd_descriptor_peek (source->descriptor), &file) == 0 && !S_ISREG (file.st_mode);
}

/**
 * ferryd_sources_have_descriptors:
 * @sources: (element-type FerrydSource): what is to be sent
 *
 * Returns: whether any of it may be a pipe or a socket, which can keep whoever reads it waiting for ever
 */
gboolean
ferryd_sources_have_descriptors (GPtrArray *sources)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const FerrydSource *source = g_ptr_array_index (sources, i);

      if (source->descriptor != NULL)
        return TRUE;
    }
  return FALSE;
}

static void G_GNUC_PRINTF (4, 5)
    set_error (GError **error, FerryError code, const FerrydSource *source, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (source->text != NULL)
    g_set_error (error, FERRY_ERROR, (int) code, "%s “%s”: %s", source->key, source->text, what);
  else
    g_set_error (error, FERRY_ERROR, (int) code, "%s: %s", source->key, what);
}

/* Whether the part that is meant is there. */
static gboolean
check_part (const FerrydSource *source, guint64 size, GError **error)
{
  if (source->offset > size)
    set_error (error, FERRY_ERROR_INVALID_ARGUMENT, source,
               "source-offset is %" G_GUINT64_FORMAT ", but there are only %" G_GUINT64_FORMAT
               " bytes; right is at most that",
               source->offset, size);
  else if (source->length >= 0 && (guint64) source->length > size - source->offset)
    set_error (error, FERRY_ERROR_INVALID_ARGUMENT, source,
               "source-length is %" G_GINT64_FORMAT ", but there are only %" G_GUINT64_FORMAT
               " bytes from source-offset on; right is at most that",
               source->length, size - source->offset);
  else
    return TRUE;
  return FALSE;
}

/* Files that the kernel makes up while they are read (of /proc, say) call themselves empty: what would be
 * sent is nothing. */
static gboolean
check_length (const FerrydSource *source, int fd, guint64 size, GError **error)
{
  char byte;

  if (size > 0 || pread (fd, &byte, 1, 0) <= 0)
    return TRUE;
  set_error (error, FERRY_ERROR_SOURCE_UNAVAILABLE, source,
             "it does not say how long it is; give what it says through a pipe");
  return FALSE;
}

/* Whether what must not occur does not. */
static gboolean
check_forbidden (const FerrydSource *source, int fd, GError **error)
{
  gsize length = source->forbidden != NULL ? strlen (source->forbidden) : 0;
  g_autofree char *buffer = length > 0 ? g_malloc (CHUNK_SIZE + length) : NULL;
  gsize kept = 0;
  off_t position = 0;
  ssize_t n;

  while (length > 0 && (n = pread (fd, buffer + kept, CHUNK_SIZE, position)) > 0)
    {
      if (memmem (buffer, kept + (gsize) n, source->forbidden, length) != NULL)
        {
          set_error (error, FERRY_ERROR_INVALID_ARGUMENT, source,
                     "the boundary '%s' occurs in it; give another, or none", source->forbidden + 2);
          return FALSE;
        }
      position += n;
      kept += (gsize) n;
      if (kept >= length)
        {
          memmove (buffer, buffer + kept - (length - 1), length - 1);
          kept = length - 1;
        }
    }
  return TRUE;
}

/* A file by its name. */

static char *
path_from_text (const FerrydSource *source, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = NULL;

  if (source->text[0] == '/')
    return g_strdup (source->text);
  if (g_ascii_strncasecmp (source->text, "file:", strlen ("file:")) == 0)
    path = g_filename_from_uri (source->text, &host, NULL);
  if (path != NULL && (host == NULL || host[0] == '\0' || g_ascii_strcasecmp (host, "localhost") == 0))
    return g_steal_pointer (&path);
  set_error (error, FERRY_ERROR_INVALID_ARGUMENT, source,
             "right would be an absolute path, or a URI like “file:///folder/file”");
  return NULL;
}

static gboolean
find_named (const FerrydSource *source, FerrydContent *content, GError **error)
{
  FerrydContentPiece piece = { .offset = source->offset, .length = source->length };
  g_autofree char *path = path_from_text (source, error);
  struct stat file;
  int saved_errno;
  int fd;

  if (path == NULL)
    return FALSE;
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  saved_errno = errno;
  if (fd < 0)
    {
      set_error (error, FERRY_ERROR_SOURCE_UNAVAILABLE, source,
                 "%s; name a file that is there and that you may read", g_strerror (saved_errno));
      return FALSE;
    }
  if (fstat (fd, &file) != 0 || !S_ISREG (file.st_mode))
    {
      close (fd);
      set_error (error, FERRY_ERROR_SOURCE_UNAVAILABLE, source,
                 "this is no regular file; name one, or give a pipe as a descriptor");
      return FALSE;
    }
  if (!check_length (source, fd, (guint64) file.st_size, error) ||
      !check_part (source, (guint64) file.st_size, error) || !check_forbidden (source, fd, error))
    {
      close (fd);
      return FALSE;
    }
  close (fd);
  piece.path = path;
  ferryd_content_add (content, &piece);
  return TRUE;
}

/* A file that was given. */

static gboolean
find_given (const FerrydSource *source, const struct stat *file, const char *path, FerrydContent *content,
            GError **error)
{
  FerrydContentPiece piece = {
    .path = (char *) path,
    .device = (guint64) file->st_dev,
    .inode = (guint64) file->st_ino,
    .born = ferryd_descriptor_get_birth (ferryd_descriptor_peek (source->descriptor)),
    .offset = source->offset,
    .length = source->length,
  };

  int fd = ferryd_descriptor_peek (source->descriptor);

  if (!check_length (source, fd, (guint64) file->st_size, error) ||
      !check_part (source, (guint64) file->st_size, error) || !check_forbidden (source, fd, error))
    return FALSE;
  ferryd_content_add (content, &piece);
  return TRUE;
}

/* What can be read once only. */

static int
open_spool (const FerrydSource *source, const FerrydSpooling *spooling, guint number, char **path,
            GError **error)
{
  int fd = -1;

  *path = ferryd_content_get_spool_path (spooling->directory, &spooling->id, number);
  if (g_mkdir_with_parents (spooling->directory, 0700) == 0)
    fd = open (*path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    set_error (error, FERRY_ERROR_STORE_UNAVAILABLE, source, "it cannot be kept: %s", g_strerror (errno));
  return fd;
}

/* Waits for the next bytes. @position is -1 where there are no positions to read from. Returns how many, 0 at
 * the end, -1 with an error. */
static gssize
read_stream (const FerrydSource *source, GCancellable *cancellable, gint64 position, guint8 *buffer,
             GError **error)
{
  int fd = ferryd_descriptor_peek (source->descriptor);

  for (;;)
    {
      GPollFD fds[2] = { { .fd = fd, .events = G_IO_IN }, { 0 } };
      gboolean can_cancel = g_cancellable_make_pollfd (cancellable, &fds[1]);
      int n_ready = g_poll (fds, can_cancel ? 2 : 1, -1);
      ssize_t n;

      if (can_cancel)
        g_cancellable_release_fd (cancellable);
      if (g_cancellable_is_cancelled (cancellable))
        {
          set_error (error, FERRY_ERROR_SOURCE_UNAVAILABLE, source, "its end was not waited for");
          return -1;
        }
      if (n_ready <= 0)
        continue;
      n = position < 0 ? read (fd, buffer, CHUNK_SIZE) : pread (fd, buffer, CHUNK_SIZE, (off_t) position);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n < 0)
        set_error (error, FERRY_ERROR_SOURCE_UNAVAILABLE, source, "it cannot be read: %s",
                   g_strerror (errno));
      return n;
    }
}

static gboolean
write_spool (const FerrydSource *source, int fd, const guint8 *bytes, gsize size, GError **error)
{
  while (size > 0)
    {
      ssize_t n = write (fd, bytes, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_error (error, FERRY_ERROR_STORE_UNAVAILABLE, source, "it cannot be kept: %s",
                     g_strerror (errno));
          return FALSE;
        }
      bytes += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
copy_stream (const FerrydSource *source, const FerrydSpooling *spooling, int fd, guint64 *size,
             guint64 *spooled, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK_SIZE);
  gboolean has_positions = !is_stream (source);

  for (*size = 0;;)
    {
      gssize n =
          read_stream (source, spooling->cancellable, has_positions ? (gint64) *size : -1, buffer, error);

      if (n <= 0)
        return n == 0;
      *size += (guint64) n;
      *spooled += (guint64) n;
      if (*spooled > spooling->max_size)
        {
          set_error (error, FERRY_ERROR_LIMIT_EXCEEDED, source,
                     "more than %" G_GUINT64_FORMAT " bytes came, which is the most that is kept "
                     "(max-spool-size); give a file instead",
                     spooling->max_size);
          return FALSE;
        }
      if (!write_spool (source, fd, buffer, (gsize) n, error))
        return FALSE;
    }
}

static gboolean
sync_spool (const FerrydSource *source, const FerrydSpooling *spooling, int fd, GError **error)
{
  int folder = open (spooling->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fsync (fd) == 0 && folder >= 0 && fsync (folder) == 0;
  int saved_errno = errno;

  if (folder >= 0)
    close (folder);
  if (!synced)
    set_error (error, FERRY_ERROR_STORE_UNAVAILABLE, source, "it cannot be kept: %s",
               g_strerror (saved_errno));
  return synced;
}

static gboolean
spool (const FerrydSource *source, const FerrydSpooling *spooling, guint number, guint64 *spooled,
       FerrydContent *content, GError **error)
{
  FerrydContentPiece piece = { .spool = number, .offset = source->offset, .length = source->length };
  g_autofree char *path = NULL;
  int fd = open_spool (source, spooling, number, &path, error);
  guint64 size = 0;
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = copy_stream (source, spooling, fd, &size, spooled, error) && check_part (source, size, error) &&
         check_forbidden (source, fd, error) && sync_spool (source, spooling, fd, error);
  close (fd);
  if (!done)
    {
      g_unlink (path);
      return FALSE;
    }
  ferryd_content_add (content, &piece);
  return TRUE;
}

/* A file without a name lives as long as it is held open. One of them is; of several there is a copy. */
static gboolean
find (const FerrydSource *source, gboolean alone, const FerrydSpooling *spooling, guint64 *spooled,
      FerrydContent *content, GError **error)
{
  g_autofree char *path = NULL;
  struct stat file;

  if (source->bytes != NULL)
    {
      ferryd_content_add (content, &(FerrydContentPiece){ .bytes = source->bytes, .length = -1 });
      return TRUE;
    }
  if (source->text != NULL)
    return find_named (source, content, error);
  if (!ferryd_descriptor_check (source->descriptor, FERRYD_DESCRIPTOR_SOURCE, source->key, &file, error))
    return FALSE;
  if (S_ISREG (file.st_mode) && !source->copied)
    path = ferryd_descriptor_get_path (source->descriptor);
  if (path != NULL || (S_ISREG (file.st_mode) && alone && !source->copied))
    return find_given (source, &file, path, content, error);
  return spool (source, spooling, ferryd_content_count_spools (content) + 1, spooled, content, error);
}

/**
 * ferryd_sources_find:
 * @sources: (element-type FerrydSource): what is to be sent, in order
 * @type: (nullable): the media type that goes with it
 * @spooling: what is kept of that which can be read once only
 * @error: return location for a FERRY_ERROR
 *
 * Finds files on disk, and reads pipes and sockets to their ends, durably. After a failure nothing of that is
 * left.
 *
 * Returns: (transfer full) (nullable): where it all is
 */
FerrydContent *
ferryd_sources_find (GPtrArray *sources, const char *type, const FerrydSpooling *spooling, GError **error)
{
  g_autoptr (FerrydContent) content = ferryd_content_new (type);
  guint64 spooled = 0;

  for (guint i = 0; i < sources->len; i++)
    {
      if (find (g_ptr_array_index (sources, i), sources->len == 1, spooling, &spooled, content, error))
        continue;
      for (guint n = ferryd_content_count_spools (content); n > 0; n--)
        {
          g_autofree char *path = ferryd_content_get_spool_path (spooling->directory, &spooling->id, n);

          g_unlink (path);
        }
      return NULL;
    }
  return g_steal_pointer (&content);
}
