/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#include "ferry-names.h"
#include "ferryd-inbox.h"
#include "ferryd-nodes.h"
#include "ferryd-paths.h"

#define ID "0123456789abcdef0123456789abcdef"

static void
test_find (void)
{
  static const struct
  {
    const char *path;
    FerrydNode node;
  } cases[] = {
    { "/", FERRYD_NODE_BRANCH },
    { "/org", FERRYD_NODE_BRANCH },
    { "/org/ferry", FERRYD_NODE_BRANCH },
    { "/org/fer", FERRYD_NODE_NOTHING },
    { "/other", FERRYD_NODE_NOTHING },
    { FERRY_ROOT_PATH, FERRYD_NODE_MANAGER },
    { FERRY_ROOT_PATH "0", FERRYD_NODE_NOTHING },
    { FERRY_DOWNLOADER_PATH, FERRYD_NODE_DOWNLOADER },
    { FERRY_DOWNLOADER_PATH "/x", FERRYD_NODE_NOTHING },
    { FERRY_UPLOADER_PATH, FERRYD_NODE_UPLOADER },
    { FERRY_OPERATION_PATH, FERRYD_NODE_OPERATIONS },
    { FERRY_OPERATION_PATH "/" ID, FERRYD_NODE_OPERATION },
    { FERRY_OPERATION_PATH "/" ID "0", FERRYD_NODE_NOTHING },
    { FERRY_OPERATION_PATH "/" ID "/x", FERRYD_NODE_NOTHING },
    { FERRY_OPERATION_PATH "/0123456789ABCDEF0123456789ABCDEF", FERRYD_NODE_NOTHING },
    { FERRY_OPERATION_PATH "/x", FERRYD_NODE_NOTHING },
    { FERRY_COMPLETION_GROUP_PATH, FERRYD_NODE_COMPLETION_GROUPS },
    { FERRY_COMPLETION_GROUP_PATH "/" ID, FERRYD_NODE_COMPLETION_GROUP },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydId id;

      g_test_message ("%s", cases[i].path);
      g_assert_cmpint (ferryd_nodes_find (cases[i].path, &id), ==, cases[i].node);
    }
}

static void
test_paths (void)
{
  FerrydId id, again;
  g_autofree char *operation = NULL;
  g_autofree char *group = NULL;

  g_assert_true (ferryd_id_parse (ID, &id));
  operation = ferryd_paths_of_operation (&id);
  group = ferryd_paths_of_completion_group (&id);
  g_assert_cmpstr (operation, ==, FERRY_OPERATION_PATH "/" ID);
  g_assert_cmpstr (group, ==, FERRY_COMPLETION_GROUP_PATH "/" ID);
  g_assert_true (ferryd_paths_parse_operation (operation, &again));
  g_assert_true (ferryd_id_equal (&id, &again));
  g_assert_false (ferryd_paths_parse_operation (group, &again));
  g_assert_false (ferryd_paths_parse_completion_group (operation, &again));
}

static GDBusNodeInfo *
introspect (FerrydNode node, FerryKind kind, const char *path, const GArray *operations)
{
  g_autofree char *xml = ferryd_nodes_introspect (node, kind, path, operations);
  g_autoptr (GError) error = NULL;
  GDBusNodeInfo *info = g_dbus_node_info_new_for_xml (xml, &error);

  g_assert_no_error (error);
  return info;
}

static void
assert_children (const GDBusNodeInfo *info, const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; info->nodes != NULL && info->nodes[i] != NULL; i++)
    g_string_append_printf (names, "%s ", info->nodes[i]->path);
  g_assert_cmpstr (names->str, ==, expected);
}

/* The way down to the objects, and the interfaces each has. */
static void
test_introspect (void)
{
  g_autoptr (GDBusNodeInfo) top = introspect (FERRYD_NODE_BRANCH, 0, "/", NULL);
  g_autoptr (GDBusNodeInfo) manager = introspect (FERRYD_NODE_MANAGER, 0, FERRY_ROOT_PATH, NULL);
  g_autoptr (GDBusNodeInfo) download =
      introspect (FERRYD_NODE_OPERATION, FERRY_KIND_DOWNLOAD, FERRY_OPERATION_PATH "/" ID, NULL);
  g_autoptr (GDBusNodeInfo) upload =
      introspect (FERRYD_NODE_OPERATION, FERRY_KIND_UPLOAD, FERRY_OPERATION_PATH "/" ID, NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GDBusNodeInfo) branch = NULL;
  FerrydId id;

  assert_children (top, "org ");
  assert_children (manager, "Downloader Uploader Operation CompletionGroup ");
  g_assert_nonnull (g_dbus_node_info_lookup_interface (manager, FERRY_MANAGER_INTERFACE));
  g_assert_nonnull (g_dbus_node_info_lookup_interface (manager, "org.freedesktop.DBus.Properties"));
  g_assert_null (g_dbus_node_info_lookup_interface (top, FERRY_MANAGER_INTERFACE));

  g_assert_nonnull (g_dbus_node_info_lookup_interface (download, FERRY_OPERATION_INTERFACE));
  g_assert_nonnull (g_dbus_node_info_lookup_interface (download, FERRY_DOWNLOAD_OPERATION_INTERFACE));
  g_assert_null (g_dbus_node_info_lookup_interface (download, FERRY_UPLOAD_OPERATION_INTERFACE));
  g_assert_nonnull (g_dbus_node_info_lookup_interface (upload, FERRY_UPLOAD_OPERATION_INTERFACE));
  g_assert_null (g_dbus_node_info_lookup_interface (upload, FERRY_DOWNLOAD_OPERATION_INTERFACE));

  g_assert_true (ferryd_id_parse (ID, &id));
  g_array_append_val (ids, id);
  branch = introspect (FERRYD_NODE_OPERATIONS, 0, FERRY_OPERATION_PATH, ids);
  assert_children (branch, ID " ");
}

/* What the dispatcher takes from the connection, and what it leaves to GDBus. */
static void
test_inbox (void)
{
  static const struct
  {
    const char *path;
    const char *interface;
    gboolean is_ours;
  } cases[] = {
    { FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE, TRUE },
    { FERRY_ROOT_PATH, NULL, TRUE },
    { FERRY_OPERATION_PATH "/nonsense", "org.freedesktop.DBus.Properties", TRUE },
    { FERRY_ROOT_PATH, "org.freedesktop.DBus.Peer", FALSE },
    { FERRY_ROOT_PATH "0", FERRY_MANAGER_INTERFACE, FALSE },
    { "/org/ferry", FERRY_MANAGER_INTERFACE, FALSE },
    { "/", "org.freedesktop.DBus.Introspectable", TRUE },
    { "/org", "org.freedesktop.DBus.Introspectable", TRUE },
    { "/org/ferry", "org.freedesktop.DBus.Introspectable", TRUE },
    { "/or", "org.freedesktop.DBus.Introspectable", FALSE },
    { "/other", "org.freedesktop.DBus.Introspectable", FALSE },
  };
  g_autoptr (GDBusMessage) signal = g_dbus_message_new_signal (FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE, "S");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GDBusMessage) message =
          g_dbus_message_new_method_call (FERRY_BUS_NAME, cases[i].path, cases[i].interface, "Member");

      g_test_message ("%s %s", cases[i].path, cases[i].interface);
      g_assert_cmpint (ferryd_inbox_is_ours (message), ==, cases[i].is_ours);
    }
  g_assert_false (ferryd_inbox_is_ours (signal));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/nodes/find", test_find);
  g_test_add_func ("/nodes/paths", test_paths);
  g_test_add_func ("/nodes/introspect", test_introspect);
  g_test_add_func ("/nodes/inbox", test_inbox);

  return g_test_run ();
}
