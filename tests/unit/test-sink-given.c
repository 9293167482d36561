/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "ferryd-sink-given.h"
#include "ferryd-sink-kit.h"

#define MIB FERRYD_SINK_KIT_MIB

/* A file in the kit's folder that becomes the kit's destination; it has something in it. */
static char *
give (FerrydSinkKit *kit)
{
  char *path = ferryd_sink_kit_path (kit, "given");
  g_autoptr (FerrydDescriptor) descriptor = NULL;
  g_autoptr (FerrydDestination) target = NULL;

  g_assert_true (g_file_set_contents (path, "old content", -1, NULL));
  descriptor = ferryd_descriptor_new (open (path, O_RDWR | O_CLOEXEC));
  target = ferryd_destination_resolve_file (descriptor, NULL, NULL);
  g_assert_nonnull (target);
  g_assert_true (ferryd_destination_is_given (target));
  g_assert_cmpstr (target->leaf, ==, "given");
  kit->target = *target;
  kit->target.directory = kit->folder;
  kit->target.leaf = (char *) "given";
  kit->target.held = NULL;
  return path;
}

static guint64
get_size (const char *path)
{
  struct stat file;

  g_assert_cmpint (stat (path, &file), ==, 0);
  return (guint64) file.st_size;
}

static void
assert_lost (FerrydSinkKit *kit)
{
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_try_open (kit), FERRY_TRANSFER_ERROR_DESTINATION_LOST,
                                  FERRYD_REMEDY_FINAL);
}

static void
test_whole (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);
  g_autofree char *page = ferryd_sink_kit_page (kit);
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);

  ferryd_sink_kit_expect_checksum (kit, 2 * MIB);
  ferryd_sink_kit_open (kit);
  g_assert_cmpuint (get_size (path), ==, 0);
  g_assert_false (g_file_test (kit->part, G_FILE_TEST_EXISTS));
  ferryd_sink_kit_write (kit, 0, 2 * MIB);
  ferryd_sink_kit_checkpoint (kit);
  g_assert_null (ferryd_sink_kit_verify (kit, 2 * MIB));
  kit->record->total = 2 * MIB;
  kit->record->publish_name = g_strdup ("given");
  g_assert_true (ferryd_sink_is_published (&spec, kit->record));
  g_assert_null (ferryd_sink_kit_publish (kit, "given", FALSE));
  g_assert_false (g_file_test (page, G_FILE_TEST_EXISTS));
  ferryd_sink_kit_assert_file (path, 2 * MIB);
  g_assert_cmpint (truncate (path, 5), ==, 0);
  g_assert_false (ferryd_sink_is_published (&spec, kit->record));
}

static void
test_again (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);
  guint64 held;

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_write (kit, MIB, 3 * MIB);
  /* As a kill leaves it: what the journal page says is there too. */
  ferryd_sink_kit_open (kit);
  held = ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink));
  g_assert_cmpuint (held, >, 2 * MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_settle (kit->sink, kit->record);
  g_assert_cmpuint (kit->record->modified, !=, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, held, held);
  /* Somebody writes to it. */
  ferryd_sink_kit_close (kit);
  kit->record->modified--;
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, 0, 0);
  g_assert_cmpuint (get_size (path), ==, 0);
}

static void
test_emptied (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_close (kit);
  g_assert_cmpint (truncate (path, 0), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_assert_held (kit, 0, 0);
}

static void
test_lost (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);
  g_autofree char *moved = ferryd_sink_kit_path (kit, "moved");

  g_assert_cmpint (g_rename (path, moved), ==, 0);
  assert_lost (kit);
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  assert_lost (kit);
  g_assert_cmpuint (get_size (path), ==, 4);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (symlink (moved, path), ==, 0);
  assert_lost (kit);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_lost (kit);
  g_assert_cmpint (g_unlink (path), ==, 0);
  /* One that has its number, but was made later. */
  g_assert_cmpint (g_rename (moved, path), ==, 0);
  if (kit->target.file_born != 0)
    {
      kit->target.file_born++;
      assert_lost (kit);
      kit->target.file_born--;
    }
  g_assert_cmpuint (get_size (path), ==, strlen ("old content"));
  kit->target.leaf = NULL;
  assert_lost (kit);
}

static void
test_held (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);
  g_autoptr (FerrydDescriptor) descriptor = ferryd_descriptor_new (open (path, O_RDWR | O_CLOEXEC));
  struct stat file;

  kit->target.held = descriptor;
  g_assert_cmpint (g_unlink (path), ==, 0);
  /* What somebody does to his own descriptor moves nothing here. */
  g_assert_cmpint (fcntl (ferryd_descriptor_peek (descriptor), F_SETFL, O_APPEND), ==, 0);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, MIB, 2 * MIB);
  ferryd_sink_kit_write (kit, 0, MIB);
  g_assert_null (ferryd_sink_kit_verify (kit, 2 * MIB));
  g_assert_null (ferryd_sink_kit_publish (kit, "", FALSE));
  g_assert_cmpint (fstat (ferryd_descriptor_peek (descriptor), &file), ==, 0);
  g_assert_cmpint (file.st_size, ==, 2 * MIB);
  kit->target.held = NULL;
}

static void
test_wrong (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);

  ferryd_sink_kit_expect_checksum (kit, 2 * MIB);
  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_kit_assert_failure (ferryd_sink_kit_verify (kit, MIB), FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH,
                                  FERRYD_REMEDY_FINAL);
  ferryd_sink_kit_assert_held (kit, 0, 0);
  g_assert_cmpuint (get_size (path), ==, 0);
}

static void
test_delete (FerrydSinkKit *kit, gconstpointer data)
{
  g_autofree char *path = give (kit);
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);

  ferryd_sink_kit_open (kit);
  ferryd_sink_kit_write (kit, 0, MIB);
  ferryd_sink_kit_checkpoint (kit);
  ferryd_sink_settle (kit->sink, kit->record);
  ferryd_sink_kit_close (kit);
  kit->record->modified--;
  ferryd_sink_delete (&spec, kit->record);
  g_assert_cmpuint (get_size (path), ==, MIB);
  kit->record->modified++;
  ferryd_sink_delete (&spec, kit->record);
  g_assert_cmpuint (get_size (path), ==, 0);
  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  /* That made another file of the name. */
  ferryd_sink_delete (&spec, NULL);
  g_assert_cmpuint (get_size (path), ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                               \
  g_test_add ("/sink-given/" name, FerrydSinkKit, NULL, ferryd_sink_kit_set_up, func, \
              ferryd_sink_kit_tear_down)
  ADD ("whole", test_whole);
  ADD ("again", test_again);
  ADD ("emptied", test_emptied);
  ADD ("lost", test_lost);
  ADD ("held", test_held);
  ADD ("wrong", test_wrong);
  ADD ("delete", test_delete);
#undef ADD
  return g_test_run ();
}
