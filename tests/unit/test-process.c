/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-process.h"

#define PLAIN_CGROUP \
  "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.example.App-12.scope\n"

/* A proc file system with two processes: 100, and the service itself. */
typedef struct
{
  char *proc; /* (owned) */
} Fixture;

static char *
path_of (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->proc, name, NULL);
}

static void
make_directory (Fixture *fixture, const char *name)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
}

static void
make_link (Fixture *fixture, const char *name, const char *target)
{
  g_autofree char *path = path_of (fixture, name);

  unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
write_file (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
take_away (Fixture *fixture, const char *name)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_cmpint (remove (path), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->proc = g_dir_make_tmp ("ferry-process-XXXXXX", NULL);
  g_assert_nonnull (fixture->proc);
  make_directory (fixture, "self/ns");
  make_link (fixture, "self/ns/mnt", "mnt:[1]");
  make_link (fixture, "self/ns/net", "net:[2]");
  make_directory (fixture, "100/ns");
  make_directory (fixture, "100/root");
  make_link (fixture, "100/ns/mnt", "mnt:[1]");
  make_link (fixture, "100/ns/net", "net:[2]");
  write_file (fixture, "100/cgroup", PLAIN_CGROUP);
}

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
  return remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (nftw (fixture->proc, remove_one, 8, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (fixture->proc);
}

static void
assert_sandboxed (Fixture *fixture, const char *label, gboolean sandboxed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydProcess) process = ferryd_process_inspect (fixture->proc, 100, label, &error);

  g_assert_no_error (error);
  g_assert_nonnull (process);
  g_assert_cmpint (process->sandboxed, ==, sandboxed);
}

static void
assert_refused (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ferryd_process_inspect (fixture->proc, 100, NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED);
}

static void
test_plain (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FerrydProcess) process = ferryd_process_inspect (fixture->proc, 100, "unconfined", NULL);

  g_assert_nonnull (process);
  g_assert_false (process->sandboxed);
  g_assert_cmpstr (process->application, ==, "org.example.App");
}

static void
test_flatpak (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "100/root/.flatpak-info", "[Application]\nname=org.example.App\n");
  assert_sandboxed (fixture, NULL, TRUE);

  /* What it points to does not matter. */
  make_link (fixture, "100/root/.flatpak-info", "nowhere");
  assert_sandboxed (fixture, NULL, TRUE);
}

static void
test_snap (Fixture *fixture, gconstpointer data)
{
  assert_sandboxed (fixture, "snap.example.app (enforce)", TRUE);
  assert_sandboxed (fixture, "/usr/bin/snap.sh (enforce)", FALSE);
  write_file (fixture, "100/cgroup", "0::/user.slice/user@1000.service/app.slice/snap.example.app-1.scope\n");
  assert_sandboxed (fixture, NULL, TRUE);
}

static void
test_namespaces (Fixture *fixture, gconstpointer data)
{
  make_link (fixture, "100/ns/mnt", "mnt:[11]");
  assert_sandboxed (fixture, NULL, TRUE);
  make_link (fixture, "100/ns/mnt", "mnt:[1]");
  assert_sandboxed (fixture, NULL, FALSE);
  make_link (fixture, "100/ns/net", "net:[3]");
  assert_sandboxed (fixture, NULL, TRUE);
}

/* What cannot be read is never good news. */
static void
test_unreadable (Fixture *fixture, gconstpointer name)
{
  assert_sandboxed (fixture, NULL, FALSE);
  take_away (fixture, name);
  assert_refused (fixture);
}

static void
test_root_is_no_directory (Fixture *fixture, gconstpointer data)
{
  take_away (fixture, "100/root");
  write_file (fixture, "100/root", "");
  assert_refused (fixture);
}

static void
test_absent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ferryd_process_inspect (fixture->proc, 101, NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED);
}

/* The real one: a process is not in a sandbox from its own point of view. */
static void
test_self (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydProcess) process = ferryd_process_inspect ("/proc", getpid (), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (process);
  g_assert_nonnull (process->application);
}

#define USER "/user.slice/user-1000.slice/user@1000.service"

static void
test_applications (void)
{
  static const struct
  {
    const char *cgroup;
    const char *application;
  } cases[] = {
    { "0::" USER "/app.slice/app-org.example.App-1234.scope", "org.example.App" },
    { "0::" USER "/app.slice/app-gnome-org.example.App-1234.scope", "org.example.App" },
    { "0::" USER "/app.slice/app-gnome-org.example.My\\x2dApp-1234.scope", "org.example.My-App" },
    { "0::" USER "/app.slice/app-org.example.App.slice/app-org.example.App-7.scope/child",
      "org.example.App" },
    { "0::" USER "/app.slice/app-org.example.App@abc.service", "org.example.App" },
    { "0::" USER "/app.slice/app-KDE-org.example.App@abc.service", "org.example.App" },
    { "0::" USER "/app.slice/app-org.example.App.service", "org.example.App" },
    { "0::" USER "/app.slice/app-firefox-9.scope", "firefox" },
    { "12:cpu:/\n1:name=systemd:" USER "/app.slice/app-org.example.App-1.scope\n0::/\n", "org.example.App" },
    { "0::" USER "/app.slice/vte-spawn-1234.scope", "" },
    { "0::" USER "/app.slice/app-1234.scope", "" },
    { "0::" USER "/session.slice/org.gnome.Shell@wayland.service", "" },
    { "0::" USER "/app.slice", "" },
    { "0::" USER "/app.slice/app--1.scope", "" },
    { "0::" USER "/app.slice/app-org.example\\xff-1.scope", "" },
    { "0::" USER "/app.slice/app-org.example\\x00.App-1.scope", "" },
    { "0::" USER "/app.slice/app-org.example.App-1", "" },
    /* Somebody else's manager has no say. */
    { "0::/system.slice/app-org.example.App-1.scope", "" },
    { "3:memory:" USER "/app.slice/app-org.example.App-1.scope", "" },
    { "0::/", "" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *application = ferryd_process_get_application (cases[i].cgroup);

      g_test_message ("%s", cases[i].cgroup);
      g_assert_cmpstr (application, ==, cases[i].application);
    }
}

#define ADD(name, data, function) g_test_add ("/process/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("plain", NULL, test_plain);
  ADD ("flatpak", NULL, test_flatpak);
  ADD ("snap", NULL, test_snap);
  ADD ("namespaces", NULL, test_namespaces);
  ADD ("unreadable/root", "100/root", test_unreadable);
  ADD ("unreadable/mnt", "100/ns/mnt", test_unreadable);
  ADD ("unreadable/net", "100/ns/net", test_unreadable);
  ADD ("unreadable/cgroup", "100/cgroup", test_unreadable);
  ADD ("unreadable/own-mnt", "self/ns/mnt", test_unreadable);
  ADD ("root-is-no-directory", NULL, test_root_is_no_directory);
  ADD ("absent", NULL, test_absent);
  g_test_add_func ("/process/self", test_self);
  g_test_add_func ("/process/applications", test_applications);

  return g_test_run ();
}
