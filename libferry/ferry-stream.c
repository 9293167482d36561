/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gfiledescriptorbased.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The service reads files, pipes and sockets by itself. Anything else is copied into a socket here, while the
 * call that hands its other end over waits for its answer. */

static int
fail (GError **error)
{
  int number = errno;

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));
  return -1;
}

/* -1 without an error where the service could not read what @stream has. */
static int
duplicate (GInputStream *stream, GError **error)
{
  struct stat info;
  int fd, copy;

  if (!G_IS_FILE_DESCRIPTOR_BASED (stream))
    return -1;
  fd = g_file_descriptor_based_get_fd (G_FILE_DESCRIPTOR_BASED (stream));
  if (fstat (fd, &info) != 0)
    return fail (error);
  if (!S_ISREG (info.st_mode) && !S_ISFIFO (info.st_mode) && !S_ISSOCK (info.st_mode))
    return -1;
  copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  return copy >= 0 ? copy : fail (error);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GSocketConnection) connection = G_SOCKET_CONNECTION (user_data);
  GInputStream *marks = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GError) error = NULL;
  char mark;

  /* A socket that is closed while it has something to read tells the other end of that once all is read: what
   * stopped half-way is not taken for the whole. So the mark is taken only when the whole is there. */
  if (g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error) >= 0)
    (void) g_input_stream_read (marks, &mark, 1, NULL, NULL);
  else
    g_debug ("A stream could not be read to its end: %s", error->message);
  (void) g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
}

/**
 * ferry_stream_open_descriptor:
 * @stream: (transfer none): what is to be read; its place is undefined afterwards
 * @error: (nullable):
 *
 * Makes what a stream gives readable by another process. Where it has to be copied for that the
 * thread-default main context does so as it runs.
 *
 * Returns: a descriptor, which the caller closes; reading from it fails where reading the stream does; -1
 * with
 * @error
 */
int
ferry_stream_open_descriptor (GInputStream *stream, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  int ends[2];
  int fd = duplicate (stream, &cause);

  if (fd >= 0)
    return fd;
  if (cause != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return -1;
    }
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail (error);
  socket = g_socket_new_from_fd (ends[0], error);
  if (socket == NULL || send (ends[1], "", 1, MSG_NOSIGNAL) != 1)
    {
      if (socket != NULL)
        (void) fail (error);
      else
        (void) close (ends[0]);
      (void) close (ends[1]);
      return -1;
    }
  connection = g_socket_connection_factory_create_connection (socket);
  g_output_stream_splice_async (g_io_stream_get_output_stream (G_IO_STREAM (connection)), stream,
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, on_copied,
                                g_object_ref (connection));
  return ends[1];
}
