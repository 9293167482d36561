/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-destination.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"

/* A user that is not root and owns nothing. */
#define NOBODY 65534

typedef struct
{
  char *base; /* (owned): of this test alone */
} Fixture;

static char *
at (Fixture *fixture, const char *name)
{
  return g_strconcat (fixture->base, "/", name, NULL);
}

static void
put_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = at (fixture, name);

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
}

static void
put_folder (Fixture *fixture, const char *name)
{
  g_autofree char *path = at (fixture, name);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
}

static void
put_link (Fixture *fixture, const char *target, const char *name)
{
  g_autofree char *path = at (fixture, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = NULL;

  fixture->base = g_dir_make_tmp ("ferry-destination-XXXXXX", NULL);
  g_assert_nonnull (fixture->base);
  put_folder (fixture, "folder");
  put_folder (fixture, "state");
  put_folder (fixture, "state/below");
  put_file (fixture, "file");
  put_link (fixture, "file", "link");
  put_link (fixture, "nowhere", "dangling");
  put_link (fixture, "folder", "folder-link");
  put_link (fixture, "state/below", "state-link");
  fifo = at (fixture, "fifo");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "fifo", "link",        "dangling", "folder-link", "state-link",
                                       "file", "state/below", "state",    "folder" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = at (fixture, names[i]);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  /* Fails where resolving left anything behind. */
  g_assert_cmpint (g_rmdir (fixture->base), ==, 0);
  g_free (fixture->base);
}

static void
assert_fails (const char *text, FerryExists exists, const char *forbidden, FerryError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydDestination) destination = ferryd_destination_resolve (text, exists, forbidden, &error);

  g_assert_null (destination);
  g_assert_error (error, FERRY_ERROR, (int) code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
assert_resolves (const char *text, FerryExists exists, const char *directory, const char *leaf)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydDestination) destination = ferryd_destination_resolve (text, exists, NULL, &error);
  struct stat folder;

  g_assert_no_error (error);
  g_assert_nonnull (destination);
  g_assert_cmpstr (destination->directory, ==, directory);
  g_assert_cmpstr (destination->leaf, ==, leaf);
  g_assert_cmpint (stat (directory, &folder), ==, 0);
  g_assert_cmpuint (destination->device, ==, folder.st_dev);
  g_assert_cmpuint (destination->inode, ==, folder.st_ino);
}

static void
test_words (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = at (fixture, "new.bin");
  g_autofree char *folder = at (fixture, "folder/");
  g_autofree char *folder_slashes = at (fixture, "folder///");
  g_autofree char *folder_path = at (fixture, "folder");
  g_autofree char *uri = g_strconcat ("file://", fixture->base, "/a%20b%23c", NULL);
  g_autofree char *uri_host = g_strconcat ("FILE://localhost", fixture->base, "/x", NULL);
  g_autofree char *uri_folder = g_strconcat ("file://", folder, NULL);
  g_autofree char *uri_bytes = g_strconcat ("file://", fixture->base, "/na%FFme", NULL);

  assert_resolves (path, FERRY_EXISTS_FAIL, fixture->base, "new.bin");
  assert_resolves (folder, FERRY_EXISTS_FAIL, folder_path, NULL);
  assert_resolves (folder_slashes, FERRY_EXISTS_RENAME, folder_path, NULL);
  assert_resolves (uri, FERRY_EXISTS_FAIL, fixture->base, "a b#c");
  assert_resolves (uri_host, FERRY_EXISTS_FAIL, fixture->base, "x");
  assert_resolves (uri_folder, FERRY_EXISTS_FAIL, folder_path, NULL);
  assert_resolves (uri_bytes, FERRY_EXISTS_FAIL, fixture->base, "na\xffme");
}

static void
test_bad_words (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name_255 = g_strnfill (255, 'n');
  g_autofree char *name_256 = g_strnfill (256, 'n');
  g_autofree char *longest = at (fixture, name_255);
  g_autofree char *too_long = at (fixture, name_256);
  g_autofree char *dot = at (fixture, ".");
  g_autofree char *dots = at (fixture, "folder/..");
  g_autofree char *fragment = g_strconcat ("file://", fixture->base, "/x#y", NULL);
  g_autofree char *elsewhere = g_strconcat ("file://example.com", fixture->base, "/x", NULL);
  g_autofree char *part = at (fixture, ".ferry-00112233445566778899aabbccddeeff.part");
  g_autofree char *deep = g_strnfill (5000, '/');

  assert_resolves (longest, FERRY_EXISTS_FAIL, fixture->base, name_255);
  assert_fails (too_long, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails ("", FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails ("file", FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails ("folder/", FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails ("file:x", FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails ("https://example.com/x", FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails (fragment, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails (elsewhere, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails (dot, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails (dots, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
  assert_fails (part, FERRY_EXISTS_REPLACE, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  deep[4998] = 'x';
  assert_fails (deep, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_INVALID_ARGUMENT);
}

static void
test_occupied (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    gboolean replaceable;
    FerryError when_fail;
  } cases[] = {
    { "file", TRUE, FERRY_ERROR_DESTINATION_EXISTS },
    { "link", TRUE, FERRY_ERROR_DESTINATION_EXISTS },
    { "dangling", TRUE, FERRY_ERROR_DESTINATION_EXISTS },
    { "folder", FALSE, FERRY_ERROR_DESTINATION_UNAVAILABLE },
    { "folder-link", FALSE, FERRY_ERROR_DESTINATION_UNAVAILABLE },
    { "fifo", FALSE, FERRY_ERROR_DESTINATION_UNAVAILABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = at (fixture, cases[i].name);

      assert_fails (path, FERRY_EXISTS_FAIL, NULL, cases[i].when_fail);
      if (cases[i].replaceable)
        {
          assert_resolves (path, FERRY_EXISTS_REPLACE, fixture->base, cases[i].name);
          assert_resolves (path, FERRY_EXISTS_RENAME, fixture->base, cases[i].name);
        }
      else
        {
          assert_fails (path, FERRY_EXISTS_REPLACE, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
          assert_fails (path, FERRY_EXISTS_RENAME, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
        }
    }
  assert_fails ("/dev/null", FERRY_EXISTS_REPLACE, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
}

static void
test_folder_message (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = at (fixture, "folder");
  g_autoptr (GError) error = NULL;

  g_assert_null (ferryd_destination_resolve (folder, FERRY_EXISTS_FAIL, NULL, &error));
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_nonnull (strstr (error->message, "add a “/”"));
}

static void
test_folders (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = at (fixture, "missing/x");
  g_autofree char *missing_folder = at (fixture, "missing/");
  g_autofree char *below_file = at (fixture, "file/x");
  g_autofree char *file_folder = at (fixture, "file/");
  g_autofree char *through_link = at (fixture, "folder-link/x");
  g_autofree char *link_path = at (fixture, "folder-link");

  assert_fails (missing, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_fails (missing_folder, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_fails (below_file, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_fails (file_folder, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_resolves (through_link, FERRY_EXISTS_FAIL, link_path, "x");
}

/* Root may write anywhere, so root becomes somebody else for a while. */
static void
test_permission (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = at (fixture, "folder");
  g_autofree char *inside = at (fixture, "folder/x");
  g_autofree char *folder_text = at (fixture, "folder/");
  gboolean root = geteuid () == 0;

  if (root)
    {
      g_assert_cmpint (chown (fixture->base, NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (chown (folder, NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
    }
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  assert_fails (inside, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_fails (folder_text, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  g_assert_cmpint (g_chmod (folder, 0666), ==, 0);
  assert_fails (inside, FERRY_EXISTS_FAIL, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  g_assert_cmpint (g_chmod (folder, 0300), ==, 0);
  assert_resolves (inside, FERRY_EXISTS_FAIL, folder, "x");
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
}

/* Anybody may put files into a sticky folder, but only their owner replaces them. */
static void
test_sticky (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = at (fixture, "folder");
  g_autofree char *file = at (fixture, "folder/others");

  if (geteuid () != 0)
    {
      g_test_message ("nothing to see without another user's file");
      return;
    }
  put_file (fixture, "folder/others");
  g_assert_cmpint (g_chmod (fixture->base, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 01777), ==, 0);
  g_assert_cmpint (seteuid (NOBODY), ==, 0);
  assert_fails (file, FERRY_EXISTS_REPLACE, NULL, FERRY_ERROR_DESTINATION_UNAVAILABLE);
  assert_resolves (file, FERRY_EXISTS_RENAME, folder, "others");
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (chown (file, NOBODY, NOBODY), ==, 0);
  g_assert_cmpint (seteuid (NOBODY), ==, 0);
  assert_resolves (file, FERRY_EXISTS_REPLACE, folder, "others");
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_remove (file), ==, 0);
}

static void
test_forbidden (Fixture *fixture, gconstpointer data)
{
  g_autofree char *state = at (fixture, "state");
  static const char *const inside[] = { "state/x",      "state/",       "state/below/x",
                                        "state/below/", "state-link/x", "folder/../state/x",
                                        "state-link/" };
  g_autofree char *outside = at (fixture, "folder/x");
  g_autofree char *above = at (fixture, "x");
  g_autofree char *missing = at (fixture, "no-state");

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autofree char *path = at (fixture, inside[i]);

      assert_fails (path, FERRY_EXISTS_REPLACE, state, FERRY_ERROR_DESTINATION_UNAVAILABLE);
    }
  g_clear_pointer (&state, g_free);
  state = at (fixture, "folder-link/../state");
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autofree char *path = at (fixture, inside[i]);
      g_autoptr (FerrydDestination) allowed = NULL;

      assert_fails (path, FERRY_EXISTS_REPLACE, state, FERRY_ERROR_DESTINATION_UNAVAILABLE);
      allowed = ferryd_destination_resolve (path, FERRY_EXISTS_REPLACE, missing, NULL);
      g_assert_nonnull (allowed);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FerrydDestination) allowed =
          ferryd_destination_resolve (i == 0 ? outside : above, FERRY_EXISTS_FAIL, state, NULL);

      g_assert_nonnull (allowed);
    }
}

static void
test_claim (void)
{
  static const guint8 known[16] = { 0xdb, 0x82, 0x44, 0xdb };
  guint8 first[16], again[16], other[16];

  ferryd_destination_claim (1, 2, "name", first);
  ferryd_destination_claim (1, 2, "name", again);
  g_assert_cmpmem (first, 16, again, 16);
  ferryd_destination_claim (2, 1, "name", other);
  g_assert_cmpint (memcmp (first, other, 16), !=, 0);
  ferryd_destination_claim (1, 2, "Name", other);
  g_assert_cmpint (memcmp (first, other, 16), !=, 0);
  /* In stores of earlier versions: sha256 (01 00… 02 00… "name"). */
  g_assert_cmpmem (first, 4, known, 4);
}

static void
test_candidate (void)
{
  static const struct
  {
    const char *leaf;
    guint n;
    const char *expected;
  } cases[] = {
    { "name.ext", 1, "name.ext" },       { "name.ext", 2, "name (2).ext" },
    { "name", 3, "name (3)" },           { "a.tar.gz", 1, "a.tar.gz" },
    { "a.tar.gz", 2, "a (2).tar.gz" },   { "a.b.Tar.XZ", 12, "a.b (12).Tar.XZ" },
    { ".tar.gz", 2, ".tar (2).gz" },     { "a.b.c", 2, "a.b (2).c" },
    { ".hidden", 2, ".hidden (2)" },     { "dot.", 2, "dot. (2)" },
    { "Mr. Smith", 2, "Mr. Smith (2)" }, { "name.ext", G_MAXUINT, "name (4294967295).ext" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *actual = ferryd_destination_candidate (cases[i].leaf, cases[i].n);

      g_assert_cmpstr (actual, ==, cases[i].expected);
    }
}

static void
test_long_candidate (void)
{
  g_autoptr (GString) leaf = g_string_new ("");

  while (leaf->len < 250)
    g_string_append (leaf, "é€");
  g_string_append (leaf, ".gz");
  for (guint n = 1; n < 20000000; n = n * 3 + 1)
    {
      g_autofree char *actual = ferryd_destination_candidate (leaf->str, n);
      g_autofree char *end = n == 1 ? g_strdup (".gz") : g_strdup_printf (" (%u).gz", n);

      g_assert_cmpuint (strlen (actual), <=, 255);
      g_assert_cmpuint (strlen (actual), >, 250);
      g_assert_true (g_utf8_validate (actual, -1, NULL));
      g_assert_true (g_str_has_suffix (actual, end));
    }
}

static void
test_text (void)
{
  static const struct
  {
    const char *directory;
    const char *leaf;
    const char *expected;
  } cases[] = {
    { "/home/user", "file", "/home/user/file" },     { "/", "file", "/file" },
    { "/home/üser", NULL, "/home/üser/" },           { "/", NULL, "/" },
    { "/home", "na\xffme", "file:///home/na%FFme" }, { "/ho\xffme", NULL, "file:///ho%FFme/" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *actual = ferryd_destination_to_text (cases[i].directory, cases[i].leaf);

      g_assert_cmpstr (actual, ==, cases[i].expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/destination/words", Fixture, NULL, set_up, test_words, tear_down);
  g_test_add ("/destination/bad-words", Fixture, NULL, set_up, test_bad_words, tear_down);
  g_test_add ("/destination/occupied", Fixture, NULL, set_up, test_occupied, tear_down);
  g_test_add ("/destination/folder-message", Fixture, NULL, set_up, test_folder_message, tear_down);
  g_test_add ("/destination/folders", Fixture, NULL, set_up, test_folders, tear_down);
  g_test_add ("/destination/permission", Fixture, NULL, set_up, test_permission, tear_down);
  g_test_add ("/destination/sticky", Fixture, NULL, set_up, test_sticky, tear_down);
  g_test_add ("/destination/forbidden", Fixture, NULL, set_up, test_forbidden, tear_down);
  g_test_add_func ("/destination/claim", test_claim);
  g_test_add_func ("/destination/candidate", test_candidate);
  g_test_add_func ("/destination/long-candidate", test_long_candidate);
  g_test_add_func ("/destination/text", test_text);
  return g_test_run ();
}
