/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-nodes.h"

#include <string.h>

#include "ferry-interfaces.h"
#include "ferry-names.h"
#include "ferryd-paths.h"

/* How introspection data begins (D-Bus specification, "Introspection data format"). */
static const char doctype[] =
    "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
    "  \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n";

/* The interfaces that every object has beside its own (D-Bus specification, "Standard interfaces"). */
static const char standard_interfaces[] =
    "  <interface name=\"org.freedesktop.DBus.Introspectable\">\n"
    "    <method name=\"Introspect\">\n"
    "      <arg type=\"s\" name=\"xml_data\" direction=\"out\"/>\n"
    "    </method>\n"
    "  </interface>\n"
    "  <interface name=\"org.freedesktop.DBus.Peer\">\n"
    "    <method name=\"Ping\"/>\n"
    "    <method name=\"GetMachineId\">\n"
    "      <arg type=\"s\" name=\"machine_uuid\" direction=\"out\"/>\n"
    "    </method>\n"
    "  </interface>\n"
    "  <interface name=\"org.freedesktop.DBus.Properties\">\n"
    "    <method name=\"Get\">\n"
    "      <arg type=\"s\" name=\"interface_name\" direction=\"in\"/>\n"
    "      <arg type=\"s\" name=\"property_name\" direction=\"in\"/>\n"
    "      <arg type=\"v\" name=\"value\" direction=\"out\"/>\n"
    "    </method>\n"
    "    <method name=\"GetAll\">\n"
    "      <arg type=\"s\" name=\"interface_name\" direction=\"in\"/>\n"
    "      <arg type=\"a{sv}\" name=\"properties\" direction=\"out\"/>\n"
    "    </method>\n"
    "    <method name=\"Set\">\n"
    "      <arg type=\"s\" name=\"interface_name\" direction=\"in\"/>\n"
    "      <arg type=\"s\" name=\"property_name\" direction=\"in\"/>\n"
    "      <arg type=\"v\" name=\"value\" direction=\"in\"/>\n"
    "    </method>\n"
    "    <signal name=\"PropertiesChanged\">\n"
    "      <arg type=\"s\" name=\"interface_name\"/>\n"
    "      <arg type=\"a{sv}\" name=\"changed_properties\"/>\n"
    "      <arg type=\"as\" name=\"invalidated_properties\"/>\n"
    "    </signal>\n"
    "  </interface>\n";

/* Which interfaces are where. */
static const struct
{
  FerrydNode node;
  int kind; /* FerryKind of the operations that have it, -1 for all */
  const GDBusInterfaceInfo *info;
} interfaces[] = {
  { FERRYD_NODE_MANAGER, -1, &org_ferry_transfer1_manager_interface },
  { FERRYD_NODE_DOWNLOADER, -1, &org_ferry_transfer1_downloader_interface },
  { FERRYD_NODE_UPLOADER, -1, &org_ferry_transfer1_uploader_interface },
  { FERRYD_NODE_OPERATION, -1, &org_ferry_transfer1_operation_interface },
  { FERRYD_NODE_OPERATION, FERRY_KIND_DOWNLOAD, &org_ferry_transfer1_download_operation_interface },
  { FERRYD_NODE_OPERATION, FERRY_KIND_UPLOAD, &org_ferry_transfer1_upload_operation_interface },
  { FERRYD_NODE_COMPLETION_GROUP, -1, &org_ferry_transfer1_completion_group_interface },
};

static const struct
{
  const char *path;
  FerrydNode node;
} nodes[] = {
  { FERRY_ROOT_PATH, FERRYD_NODE_MANAGER },
  { FERRY_DOWNLOADER_PATH, FERRYD_NODE_DOWNLOADER },
  { FERRY_UPLOADER_PATH, FERRYD_NODE_UPLOADER },
  { FERRY_OPERATION_PATH, FERRYD_NODE_OPERATIONS },
  { FERRY_COMPLETION_GROUP_PATH, FERRYD_NODE_COMPLETION_GROUPS },
};

static gboolean
is_below (const char *path, const char *branch)
{
  gsize length = strlen (branch);

  if (g_str_equal (branch, "/"))
    return path[1] != '\0';
  return strncmp (path, branch, length) == 0 && path[length] == '/';
}

/**
 * ferryd_nodes_find:
 * @path: an object path
 * @id: (out): for an operation or completion group, which
 *
 * Returns: what can be there; whether that operation exists is another question
 */
FerrydNode
ferryd_nodes_find (const char *path, FerrydId *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      if (g_str_equal (path, nodes[i].path))
        return nodes[i].node;
    }
  if (ferryd_paths_parse_operation (path, id))
    return FERRYD_NODE_OPERATION;
  if (ferryd_paths_parse_completion_group (path, id))
    return FERRYD_NODE_COMPLETION_GROUP;
  return is_below (FERRY_ROOT_PATH, path) ? FERRYD_NODE_BRANCH : FERRYD_NODE_NOTHING;
}

static gboolean
has (guint i, FerrydNode node, FerryKind kind)
{
  return interfaces[i].node == node && (interfaces[i].kind < 0 || interfaces[i].kind == (int) kind);
}

/**
 * ferryd_nodes_get_interface:
 * @node: a place
 * @kind: of the operation there
 * @name: name of an interface
 *
 * Returns: (transfer none) (nullable): the interface, if the object there has it
 */
const GDBusInterfaceInfo *
ferryd_nodes_get_interface (FerrydNode node, FerryKind kind, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      if (has (i, node, kind) && g_str_equal (interfaces[i].info->name, name))
        return interfaces[i].info;
    }
  return NULL;
}

/**
 * ferryd_nodes_find_method:
 * @node: a place
 * @kind: of the operation there
 * @method: name of a method
 *
 * For calls that name no interface.
 *
 * Returns: (transfer none) (nullable): the interface that has it
 */
const GDBusInterfaceInfo *
ferryd_nodes_find_method (FerrydNode node, FerryKind kind, const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      if (has (i, node, kind) &&
          g_dbus_interface_info_lookup_method ((GDBusInterfaceInfo *) interfaces[i].info, method) != NULL)
        return interfaces[i].info;
    }
  return NULL;
}

/* The first component of @path behind @branch, once. */
static void
add_child (GString *xml, GHashTable *seen, const char *branch, const char *path)
{
  const char *rest = path + (g_str_equal (branch, "/") ? 1 : strlen (branch) + 1);
  g_autofree char *name = g_strndup (rest, strcspn (rest, "/"));

  if (g_hash_table_contains (seen, name))
    return;
  g_string_append_printf (xml, "  <node name=\"%s\"/>\n", name);
  g_hash_table_add (seen, g_steal_pointer (&name));
}

/**
 * ferryd_nodes_introspect:
 * @node: a place where something is
 * @kind: of the operation there
 * @path: its path
 * @children: (nullable) (element-type FerrydId): of the branches with operations and completion groups
 *
 * Returns: (transfer full): introspection data (D-Bus specification, "Introspection data format")
 */
char *
ferryd_nodes_introspect (FerrydNode node, FerryKind kind, const char *path, const GArray *children)
{
  GString *xml = g_string_new (doctype);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_string_append (xml, "<node>\n");
  g_string_append (xml, standard_interfaces);
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      if (has (i, node, kind))
        g_dbus_interface_info_generate_xml ((GDBusInterfaceInfo *) interfaces[i].info, 2, xml);
    }
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      if (is_below (nodes[i].path, path))
        add_child (xml, seen, path, nodes[i].path);
    }
  for (guint i = 0; children != NULL && i < children->len; i++)
    {
      char text[FERRYD_ID_TEXT_SIZE];

      ferryd_id_format (&g_array_index (children, FerrydId, i), text);
      g_string_append_printf (xml, "  <node name=\"%s\"/>\n", text);
    }
  g_string_append (xml, "</node>\n");
  return g_string_free (xml, FALSE);
}
