/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-descriptors.h"

/* A call that carries duplicates of @fd, so many. */
static GDBusMessage *
make_message (int fd, int n)
{
  GDBusMessage *message = g_dbus_message_new_method_call (NULL, "/", NULL, "M");
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  for (int i = 0; i < n; i++)
    g_assert_cmpint (g_unix_fd_list_append (list, fd, NULL), ==, i);
  if (n > 0)
    g_dbus_message_set_unix_fd_list (message, list);
  return message;
}

static GVariant *
make_options (gint32 handle)
{
  return g_variant_ref_sink (g_variant_new_parsed ("{'key': <%h>}", handle));
}

static guint
count_open (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_lookup (void)
{
  g_autoptr (GDBusMessage) message = make_message (STDIN_FILENO, 2);
  g_autoptr (GVariant) options = make_options (1);
  g_autoptr (FerrydDescriptor) descriptor = NULL;
  guint before = count_open ();

  g_assert_true (ferryd_descriptors_lookup (message, options, "other", &descriptor, NULL));
  g_assert_null (descriptor);
  g_assert_true (ferryd_descriptors_lookup (message, options, "key", &descriptor, NULL));
  g_assert_nonnull (descriptor);
  /* Its own, so it outlives the message; and no child gets it. */
  g_clear_object (&message);
  g_assert_cmpuint (count_open (), ==, before - 1);
  g_assert_cmpint (fcntl (ferryd_descriptor_peek (descriptor), F_GETFD), ==, FD_CLOEXEC);
  ferryd_descriptor_unref (ferryd_descriptor_ref (descriptor));
  g_assert_cmpint (fcntl (ferryd_descriptor_peek (descriptor), F_GETFD), >=, 0);
  g_clear_pointer (&descriptor, ferryd_descriptor_unref);
  g_assert_cmpuint (count_open (), ==, before - 2);
}

static void
test_bad_handle (void)
{
  const struct
  {
    int carried;
    gint32 handle;
  } rows[] = { { 0, 0 }, { 0, 3 }, { 1, 1 }, { 2, 15 }, { 2, -1 }, { 2, G_MAXINT32 }, { 2, G_MININT32 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GDBusMessage) message = make_message (STDIN_FILENO, rows[i].carried);
      g_autoptr (GVariant) options = make_options (rows[i].handle);
      g_autoptr (FerrydDescriptor) descriptor = NULL;
      g_autoptr (GError) error = NULL;
      guint before = count_open ();

      g_assert_false (ferryd_descriptors_lookup (message, options, "key", &descriptor, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "'key'"));
      g_assert_null (descriptor);
      g_assert_cmpuint (count_open (), ==, before);
    }
}

static void
test_too_many (void)
{
  g_autoptr (GDBusMessage) none = make_message (STDIN_FILENO, 0);
  g_autoptr (GDBusMessage) most = make_message (STDIN_FILENO, FERRY_MAX_DESCRIPTORS);
  g_autoptr (GDBusMessage) more = make_message (STDIN_FILENO, FERRY_MAX_DESCRIPTORS + 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (ferryd_descriptors_check (none, NULL));
  g_assert_true (ferryd_descriptors_check (most, NULL));
  g_assert_false (ferryd_descriptors_check (more, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "17"));
}

/* What may be what for: a letter of D(estination), F(older), S(ource) for each use it is right for. */
static void
assert_uses (int fd, const char *right)
{
  g_autoptr (FerrydDescriptor) descriptor = ferryd_descriptor_new (fd);
  const char *uses = "DFS";

  g_assert_cmpint (fd, >=, 0);
  for (FerrydDescriptorUse use = FERRYD_DESCRIPTOR_DESTINATION; use <= FERRYD_DESCRIPTOR_SOURCE; use++)
    {
      g_autoptr (GError) error = NULL;
      struct stat file;
      gboolean expected = strchr (right, uses[use]) != NULL;

      g_assert_true (ferryd_descriptor_check (descriptor, use, "the-key", &file, &error) == expected);
      if (expected)
        continue;
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "'the-key'"));
      g_assert_nonnull (strstr (error->message, "right is"));
    }
}

static void
test_uses (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ferry-descriptors-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  int pair[2];

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  assert_uses (open (path, O_RDWR | O_CLOEXEC), "DS");
  assert_uses (open (path, O_RDONLY | O_CLOEXEC), "S");
  assert_uses (open (path, O_WRONLY | O_CLOEXEC), "");
  assert_uses (open (path, O_RDWR | O_APPEND | O_CLOEXEC), "S");
  assert_uses (open (path, O_PATH | O_CLOEXEC), "");
  assert_uses (open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "F");
  assert_uses (open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC), "F");
  assert_uses (open ("/dev/null", O_RDWR | O_CLOEXEC), "");
  g_assert_cmpint (pipe2 (pair, O_CLOEXEC), ==, 0);
  assert_uses (pair[0], "S");
  assert_uses (pair[1], "");
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  assert_uses (pair[0], "S");
  close (pair[1]);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_path (void)
{
  g_autofree char *made = g_dir_make_tmp ("ferry-descriptors-XXXXXX", NULL);
  g_autofree char *folder = realpath (made, NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *moved = g_build_filename (folder, "moved", NULL);
  g_autofree char *deleted = g_strconcat (moved, " (deleted)", NULL);
  g_autofree char *now = NULL;
  g_autofree char *later = NULL;
  g_autoptr (FerrydDescriptor) descriptor = NULL;
  int pair[2];

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  descriptor = ferryd_descriptor_new (open (path, O_RDWR | O_CLOEXEC));
  now = ferryd_descriptor_get_path (descriptor);
  g_assert_cmpstr (now, ==, path);
  g_assert_cmpint (g_rename (path, moved), ==, 0);
  later = ferryd_descriptor_get_path (descriptor);
  g_assert_cmpstr (later, ==, moved);
  g_assert_cmpint (g_unlink (moved), ==, 0);
  g_assert_null (ferryd_descriptor_get_path (descriptor));
  /* What has the name that the kernel gives to the deleted file is another one. */
  g_assert_true (g_file_set_contents (deleted, "x", 1, NULL));
  g_assert_null (ferryd_descriptor_get_path (descriptor));
  g_assert_cmpint (g_unlink (deleted), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);

  g_clear_pointer (&descriptor, ferryd_descriptor_unref);
  g_assert_cmpint (pipe2 (pair, O_CLOEXEC), ==, 0);
  descriptor = ferryd_descriptor_new (pair[0]);
  close (pair[1]);
  g_assert_null (ferryd_descriptor_get_path (descriptor));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/descriptors/lookup", test_lookup);
  g_test_add_func ("/descriptors/bad-handle", test_bad_handle);
  g_test_add_func ("/descriptors/too-many", test_too_many);
  g_test_add_func ("/descriptors/uses", test_uses);
  g_test_add_func ("/descriptors/path", test_path);
  return g_test_run ();
}
