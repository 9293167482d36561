/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-interfaces.h"
#include "ferryd-members.h"

static const GDBusInterfaceInfo *const interfaces[] = {
  &org_ferry_transfer1_manager_interface,
  &org_ferry_transfer1_downloader_interface,
  &org_ferry_transfer1_uploader_interface,
  &org_ferry_transfer1_operation_interface,
  &org_ferry_transfer1_download_operation_interface,
  &org_ferry_transfer1_upload_operation_interface,
  &org_ferry_transfer1_completion_group_interface,
};

/* Members of the contract that answer NotSupported. Who builds one takes it out here: then nothing is
 * forgotten, and nothing is built by accident. */
static const char *const unsupported[] = {
  NULL,
};

/* Answers whether it is on the list. */
static gboolean
check (const char *interface, const char *member, FerrydHandler handler)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", interface + strlen ("org.ferry.Transfer1."), member);
  gboolean listed = g_strv_contains (unsupported, name);

  g_test_message ("%s", name);
  g_assert_cmpint (handler == NULL, ==, listed);
  return listed;
}

static void
test_members (void)
{
  guint n_listed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      const GDBusInterfaceInfo *info = interfaces[i];

      for (guint j = 0; info->methods != NULL && info->methods[j] != NULL; j++)
        {
          const char *member = info->methods[j]->name;

          n_listed += check (info->name, member, ferryd_members_find_method (info->name, member));
        }
      for (guint j = 0; info->properties != NULL && info->properties[j] != NULL; j++)
        {
          const GDBusPropertyInfo *property = info->properties[j];
          FerrydHandler handler = ferryd_members_find_write (info->name, property->name);

          if ((property->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) != 0)
            n_listed += check (info->name, property->name, handler);
          else
            g_assert_null (handler);
        }
    }
  g_assert_cmpuint (n_listed, ==, G_N_ELEMENTS (unsupported) - 1);
}

/* The same name in another interface is another member. */
static void
test_interface_counts (void)
{
  g_assert_nonnull (ferryd_members_find_method ("org.ferry.Transfer1.Downloader", "Create"));
  g_assert_null (ferryd_members_find_method ("org.ferry.Transfer1.Operation", "Create"));
  g_assert_null (ferryd_members_find_method ("org.ferry.Transfer1.Operation", "Priority"));
  g_assert_null (ferryd_members_find_write ("org.ferry.Transfer1.Operation", "Start"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/members/members", test_members);
  g_test_add_func ("/members/interface-counts", test_interface_counts);
  return g_test_run ();
}
