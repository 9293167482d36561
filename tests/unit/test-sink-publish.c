/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ferryd-sink-kit.h"

#define SIZE 3000

static void
assert_text (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
get_ready (FerrydSinkKit *kit)
{
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, SIZE);
  g_assert_null (ferryd_sink_kit_verify (kit, SIZE));
  ferryd_sink_snapshot (kit->sink, kit->record);
}

static void
assert_exists_failure (FerrydSinkKit *kit, const char *name)
{
  struct stat part;

  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, name, FALSE),
                                  FERRY_TRANSFER_ERROR_DESTINATION_EXISTS, FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_assert_file (kit->part, SIZE);
  g_assert_cmpint (stat (kit->part, &part), ==, 0);
  g_assert_cmpuint (part.st_mode & 07777, ==, 0600);
}

static void
test_occupied (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  get_ready (kit);
  assert_exists_failure (kit, "done");
  assert_text (path, "old");
  g_assert_null (ferryd_sink_kit_publish (kit, "done", TRUE));
  ferryd_sink_kit_assert_file (path, SIZE);
  g_assert_false (g_file_test (kit->part, G_FILE_TEST_EXISTS));
}

static void
test_other_name (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");
  g_autofree char *other = ferryd_sink_kit_path (kit, "done (2)");

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  get_ready (kit);
  assert_exists_failure (kit, "done");
  g_assert_null (ferryd_sink_kit_publish (kit, "done (2)", FALSE));
  ferryd_sink_kit_assert_file (other, SIZE);
  assert_text (path, "old");
}

static void
test_links (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *target = ferryd_sink_kit_path (kit, "target");
  g_autofree char *path = ferryd_sink_kit_path (kit, "link");
  g_autofree char *dangling = ferryd_sink_kit_path (kit, "dangling");
  g_autofree char *nowhere = ferryd_sink_kit_path (kit, "nowhere");

  g_assert_true (g_file_set_contents (target, "old", -1, NULL));
  g_assert_cmpint (symlink ("target", path), ==, 0);
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  get_ready (kit);
  assert_exists_failure (kit, "link");
  assert_exists_failure (kit, "dangling");
  g_assert_null (ferryd_sink_kit_publish (kit, "link", TRUE));
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  ferryd_sink_kit_assert_file (path, SIZE);
  assert_text (target, "old");
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));
}

static void
test_irreplaceable (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *folder = ferryd_sink_kit_path (kit, "folder");
  g_autofree char *fifo = ferryd_sink_kit_path (kit, "fifo");

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  get_ready (kit);
  assert_exists_failure (kit, "folder");
  assert_exists_failure (kit, "fifo");
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, "folder", TRUE),
                                  FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, "fifo", TRUE),
                                  FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  ferryd_sink_kit_assert_file (kit->part, SIZE);
}

static void
test_twice (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);

  get_ready (kit);
  kit->record->publish_name = g_strdup ("done");
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  g_assert_null (ferryd_sink_kit_publish (kit, "done", TRUE));
  ferryd_sink_kit_assert_file (path, SIZE);
  ferryd_sink_kit_close (kit);
  g_assert_true (ferryd_sink_is_published (&spec, kit->record));
}

/* A kill between link and unlink, where renaming without replacing is not to be had. */
static void
test_second_name (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  get_ready (kit);
  g_assert_cmpint (link (kit->part, path), ==, 0);
  g_assert_null (ferryd_sink_kit_publish (kit, "done", FALSE));
  ferryd_sink_kit_assert_file (path, SIZE);
  g_assert_false (g_file_test (kit->part, G_FILE_TEST_EXISTS));
}

static void
test_odd_names (FerrydSinkKit *kit, gconstpointer data)
{
  static const char *const names[] = { "na\xff\xfeme", "-rf *", " ", "new\nline", "“ü”" };
  g_autofree char *longest = g_strnfill (255, 'x');

  for (guint i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      const char *name = i < G_N_ELEMENTS (names) ? names[i] : longest;
      g_autofree char *path = ferryd_sink_kit_path (kit, name);

      get_ready (kit);
      g_assert_null (ferryd_sink_kit_publish (kit, name, FALSE));
      ferryd_sink_kit_assert_file (path, SIZE);
      get_ready (kit);
      assert_exists_failure (kit, name);
    }
}

/* What has our name by now is not what was verified. */
static void
test_stolen (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *stolen = ferryd_sink_kit_path (kit, "stolen");
  g_autofree char *path = ferryd_sink_kit_path (kit, "done");

  get_ready (kit);
  g_assert_cmpint (g_rename (kit->part, stolen), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, "done", TRUE), FERRY_TRANSFER_ERROR_IO_ERROR,
                                  FERRYD_REMEDY_RETRY);
  g_assert_true (g_file_set_contents (kit->part, "wrong", -1, NULL));
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, "done", TRUE), FERRY_TRANSFER_ERROR_IO_ERROR,
                                  FERRYD_REMEDY_RETRY);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_folder_gone (FerrydSinkKit *kit, gconstpointer data)
{
  get_ready (kit);
  g_assert_cmpint (g_unlink (kit->part), ==, 0);
  g_assert_cmpint (g_rmdir (kit->folder), ==, 0);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (kit, "done", FALSE),
                                  FERRY_TRANSFER_ERROR_DESTINATION_LOST, FERRYD_REMEDY_FINAL);
  g_assert_false (g_file_test (kit->folder, G_FILE_TEST_EXISTS));
}

/* From here on this process is on a file system that knows neither renameat2() nor, with @links FALSE, links.
 */
static void
forbid_rename (gboolean links)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 1, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, links ? SYS_renameat2 : SYS_linkat, 1, 2),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  /* Of this thread and those it makes; the kit has not made any yet. */
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

static void
test_without_rename (void)
{
  if (g_test_subprocess ())
    {
      FerrydSinkKit kit = { NULL };
      g_autofree char *path = NULL;

      forbid_rename (TRUE);
      ferryd_sink_kit_set_up (&kit, NULL);
      path = ferryd_sink_kit_path (&kit, "done");
      g_assert_true (g_file_set_contents (path, "old", -1, NULL));
      get_ready (&kit);
      assert_exists_failure (&kit, "done");
      assert_text (path, "old");
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_null (ferryd_sink_kit_publish (&kit, "done", FALSE));
      ferryd_sink_kit_assert_file (path, SIZE);
      g_assert_false (g_file_test (kit.part, G_FILE_TEST_EXISTS));
      ferryd_sink_kit_tear_down (&kit, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_without_links (void)
{
  if (g_test_subprocess ())
    {
      FerrydSinkKit kit = { NULL };

      forbid_rename (FALSE);
      ferryd_sink_kit_set_up (&kit, NULL);
      get_ready (&kit);
      ferryd_sink_kit_assert_failure (ferryd_sink_kit_publish (&kit, "done", FALSE),
                                      FERRY_TRANSFER_ERROR_DESTINATION_UNAVAILABLE, FERRYD_REMEDY_FINAL);
      ferryd_sink_kit_assert_file (kit.part, SIZE);
      g_assert_null (ferryd_sink_kit_publish (&kit, "done", TRUE));
      ferryd_sink_kit_tear_down (&kit, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

#define ADD(name, function)                                                                 \
  g_test_add ("/sink-publish/" name, FerrydSinkKit, NULL, ferryd_sink_kit_set_up, function, \
              ferryd_sink_kit_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("occupied", test_occupied);
  ADD ("other-name", test_other_name);
  ADD ("links", test_links);
  ADD ("irreplaceable", test_irreplaceable);
  ADD ("twice", test_twice);
  ADD ("second-name", test_second_name);
  ADD ("odd-names", test_odd_names);
  ADD ("stolen", test_stolen);
  /* Takes its folder away, and the rest with it. */
  ADD ("folder-gone", test_folder_gone);
  g_test_add_func ("/sink-publish/without-rename", test_without_rename);
  g_test_add_func ("/sink-publish/without-links", test_without_links);
  return g_test_run ();
}
