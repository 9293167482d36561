/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-stream.h"

/* More than a socket holds. */
#define LENGTH (4 * 1024 * 1024)

/* A stream of LENGTH bytes that fails instead of ending. */
#define TEST_TYPE_BROKEN_STREAM (test_broken_stream_get_type ())
G_DECLARE_FINAL_TYPE (TestBrokenStream, test_broken_stream, TEST, BROKEN_STREAM, GInputStream)

struct _TestBrokenStream
{
  GInputStream parent_instance;

  gsize given; /* bytes so far */
};

G_DEFINE_FINAL_TYPE (TestBrokenStream, test_broken_stream, G_TYPE_INPUT_STREAM)

static gssize
test_broken_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable,
                         GError **error)
{
  TestBrokenStream *self = TEST_BROKEN_STREAM (stream);
  gsize n = MIN (count, LENGTH - self->given);

  if (n == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "broken");
      return -1;
    }
  memset (buffer, 'b', n);
  self->given += n;
  return (gssize) n;
}

static void
test_broken_stream_class_init (TestBrokenStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = test_broken_stream_read;
}

static void
test_broken_stream_init (TestBrokenStream *self)
{
}

typedef struct
{
  int fd;       /* (owned) */
  gsize length; /* bytes that came */
  int end;      /* 0 at the end of the file, else errno */
  gint done;    /* atomic */
} Reader;

/* What another process does. */
static gpointer
read_all (gpointer data)
{
  Reader *reader = data;
  g_autofree char *buffer = g_malloc (LENGTH);
  gssize n;

  while ((n = read (reader->fd, buffer, LENGTH)) > 0)
    reader->length += (gsize) n;
  reader->end = n == 0 ? 0 : errno;
  g_atomic_int_set (&reader->done, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
assert_read (GInputStream *stream, gsize length, int end)
{
  Reader reader = { .fd = ferry_stream_open_descriptor (stream, NULL) };
  GThread *thread;

  g_assert_cmpint (reader.fd, >=, 0);
  thread = g_thread_new ("reader", read_all, &reader);
  while (!g_atomic_int_get (&reader.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (reader.length, ==, length);
  g_assert_cmpint (reader.end, ==, end);
  g_assert_true (g_close (reader.fd, NULL));
}

static void
test_whole (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (g_malloc0 (LENGTH), LENGTH, g_free);
  g_autoptr (GInputStream) empty = g_memory_input_stream_new ();

  assert_read (stream, LENGTH, 0);
  assert_read (empty, 0, 0);
}

/* What stopped half-way does not look like the whole. */
static void
test_broken (void)
{
  g_autoptr (GInputStream) stream = g_object_new (TEST_TYPE_BROKEN_STREAM, NULL);

  assert_read (stream, LENGTH, ECONNRESET);
}

/* A file goes as it is, and a device as what is in it. */
static void
test_descriptors (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("ferry-test-XXXXXX", &path, NULL);
  g_autoptr (GInputStream) file = g_unix_input_stream_new (fd, TRUE);
  g_autoptr (GInputStream) device =
      g_unix_input_stream_new (g_open ("/dev/null", O_RDONLY | O_CLOEXEC), TRUE);
  struct stat here, there;
  int copy = ferry_stream_open_descriptor (file, NULL);

  g_assert_no_errno (fstat (fd, &here));
  g_assert_no_errno (fstat (copy, &there));
  g_assert_cmpuint (here.st_ino, ==, there.st_ino);
  g_assert_true (g_close (copy, NULL));
  g_assert_no_errno (g_unlink (path));
  assert_read (device, 0, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-stream/whole", test_whole);
  g_test_add_func ("/client-stream/broken", test_broken);
  g_test_add_func ("/client-stream/descriptors", test_descriptors);
  return g_test_run ();
}
