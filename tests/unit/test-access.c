/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "ferry-interfaces.h"
#include "ferry-names.h"
#include "ferryd-access.h"

static const GDBusInterfaceInfo *const interfaces[] = {
  &org_ferry_transfer1_manager_interface,
  &org_ferry_transfer1_downloader_interface,
  &org_ferry_transfer1_uploader_interface,
  &org_ferry_transfer1_operation_interface,
  &org_ferry_transfer1_download_operation_interface,
  &org_ferry_transfer1_upload_operation_interface,
  &org_ferry_transfer1_completion_group_interface,
};

static FerrydCaller host = { .name = (char *) ":1.1", .application = (char *) "org.example.App" };
static FerrydCaller guest = { .name = (char *) ":1.2",
                              .application = (char *) "org.example.App",
                              .sandboxed = TRUE };

static gboolean
is_listed (const char *interface, const char *member, FerrydAccessKind kind)
{
  g_test_message ("%s.%s, %d", interface, member, kind);
  return ferryd_access_get_level (interface, member, kind) != FERRYD_ACCESS_NOBODY;
}

/* The table and the XML have the same members, each for what can be done to it and nothing else. */
static void
test_complete (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      const char *name = interfaces[i]->name;

      for (guint j = 0; interfaces[i]->methods != NULL && interfaces[i]->methods[j] != NULL; j++)
        {
          const char *method = interfaces[i]->methods[j]->name;

          g_assert_true (is_listed (name, method, FERRYD_ACCESS_CALL));
          g_assert_false (is_listed (name, method, FERRYD_ACCESS_READ));
          g_assert_false (is_listed (name, method, FERRYD_ACCESS_WRITE));
        }
      for (guint j = 0; interfaces[i]->properties != NULL && interfaces[i]->properties[j] != NULL; j++)
        {
          const GDBusPropertyInfo *property = interfaces[i]->properties[j];
          gboolean writable = (property->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) != 0;

          g_assert_true (is_listed (name, property->name, FERRYD_ACCESS_READ));
          g_assert_cmpint (is_listed (name, property->name, FERRYD_ACCESS_WRITE), ==, writable);
          g_assert_false (is_listed (name, property->name, FERRYD_ACCESS_CALL));
        }
    }
}

static void
test_denied (void)
{
  g_assert_false (
      ferryd_access_allows (&host, TRUE, FERRY_MANAGER_INTERFACE, "Shutdown", FERRYD_ACCESS_CALL));
  g_assert_false (ferryd_access_allows (&host, TRUE, "org.example.Other", "Create", FERRYD_ACCESS_CALL));
  /* A member of one interface does not open that of another. */
  g_assert_false (
      ferryd_access_allows (&host, TRUE, FERRY_OPERATION_INTERFACE, "Create", FERRYD_ACCESS_CALL));
}

static void
test_levels (void)
{
  g_assert_true (
      ferryd_access_allows (&guest, FALSE, FERRY_DOWNLOADER_INTERFACE, "Create", FERRYD_ACCESS_CALL));
  g_assert_true (
      ferryd_access_allows (&guest, FALSE, FERRY_MANAGER_INTERFACE, "NetworkCost", FERRYD_ACCESS_READ));

  g_assert_true (ferryd_access_allows (&guest, TRUE, FERRY_OPERATION_INTERFACE, "State", FERRYD_ACCESS_READ));
  g_assert_false (
      ferryd_access_allows (&guest, FALSE, FERRY_OPERATION_INTERFACE, "State", FERRYD_ACCESS_READ));
  g_assert_false (
      ferryd_access_allows (&guest, FALSE, FERRY_OPERATION_INTERFACE, "Cancel", FERRYD_ACCESS_CALL));
  g_assert_false (
      ferryd_access_allows (&guest, FALSE, FERRY_OPERATION_INTERFACE, "Uri", FERRYD_ACCESS_WRITE));

  g_assert_true (
      ferryd_access_allows (&host, FALSE, FERRY_MANAGER_INTERFACE, "PauseAll", FERRYD_ACCESS_CALL));
  g_assert_false (
      ferryd_access_allows (&guest, TRUE, FERRY_MANAGER_INTERFACE, "PauseAll", FERRYD_ACCESS_CALL));
  g_assert_false (
      ferryd_access_allows (&guest, TRUE, FERRY_MANAGER_INTERFACE, "ResumeAll", FERRYD_ACCESS_CALL));
}

static void
test_owners (void)
{
  FerrydCaller nameless = { .application = (char *) "", .sandboxed = TRUE };

  g_assert_true (ferryd_access_owns (&host, "org.example.Other"));
  g_assert_true (ferryd_access_owns (&guest, "org.example.App"));
  g_assert_false (ferryd_access_owns (&guest, "org.example.Other"));
  g_assert_false (ferryd_access_owns (&guest, "org.example.App.Devel"));
  g_assert_false (ferryd_access_owns (&nameless, ""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/access/complete", test_complete);
  g_test_add_func ("/access/denied", test_denied);
  g_test_add_func ("/access/levels", test_levels);
  g_test_add_func ("/access/owners", test_owners);

  return g_test_run ();
}
