/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "ferry-error.h"
#include "ferry-interfaces.h"
#include "ferry-names.h"
#include "ferry-options.h"
#include "ferryd-operation-properties.h"
#include "ferryd-told.h"

static const GDBusInterfaceInfo *const interfaces[] = {
  &org_ferry_transfer1_operation_interface,
  &org_ferry_transfer1_download_operation_interface,
  &org_ferry_transfer1_upload_operation_interface,
};

/* Of an operation under way, with everything there is to tell. */
static FerrydDescription *
make_description (const char *options)
{
  g_autoptr (GVariant) given = g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, NULL);
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (GError) error = NULL;
  FerrydDescription *d = g_new0 (FerrydDescription, 1);

  checked = ferry_options_check (FERRY_OPTIONS_DOWNLOAD, given, &error);
  g_assert_no_error (error);
  d->request =
      ferryd_request_new (FERRY_KIND_DOWNLOAD, "http://server.example/file", "/tmp/file", checked, &error);
  g_assert_no_error (error);
  g_assert_true (ferryd_id_parse ("0123456789abcdef0123456789abcdef", &d->id));
  d->application = g_strdup ("org.example.App");
  d->group = g_strdup ("");
  d->state = FERRY_STATE_RUNNING;
  d->error_status = -1;
  d->total_to_receive = -1;
  d->total_to_send = -1;
  d->time_remaining = -1;
  d->is_complete = TRUE;
  d->destination = g_strdup ("/tmp/file");
  d->suggested_name = g_strdup ("file");
  d->ranges = ferryd_ranges_new ();
  return d;
}

static GVariant *
value_of (const FerrydDescription *description, const char *name)
{
  guint n_rows, index;
  const FerrydProperty *table = ferryd_operation_properties_get_table (&n_rows);

  g_assert_true (ferryd_operation_properties_find (NULL, name, &index));
  return g_variant_ref_sink (table[index].get (description));
}

static void
assert_value (const FerrydDescription *description, const char *name, const char *expected)
{
  g_autoptr (GVariant) value = value_of (description, name);
  g_autofree char *text = g_variant_print (value, FALSE);

  g_test_message ("%s", name);
  g_assert_cmpstr (text, ==, expected);
}

/* The table has exactly the members of the XML, of their types, and each getter keeps the type. */
static void
test_complete (void)
{
  g_autoptr (FerrydDescription) description = make_description ("{}");
  guint n_rows, n_members = 0;
  const FerrydProperty *table = ferryd_operation_properties_get_table (&n_rows);

  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      for (guint j = 0; interfaces[i]->properties[j] != NULL; j++, n_members++)
        {
          const GDBusPropertyInfo *info = interfaces[i]->properties[j];
          g_autoptr (GVariant) value = NULL;
          guint index;

          g_test_message ("%s.%s", interfaces[i]->name, info->name);
          g_assert_true (ferryd_operation_properties_find (interfaces[i]->name, info->name, &index));
          g_assert_cmpstr (table[index].signature, ==, info->signature);
          value = value_of (description, info->name);
          g_assert_cmpstr (g_variant_get_type_string (value), ==, info->signature);
        }
    }
  g_assert_cmpuint (n_members, ==, n_rows);
}

/* What is said to need no complete description can be had without one. */
static void
test_incomplete (void)
{
  FerrydDescription hot = { .application = (char *) "", .group = (char *) "", .error_status = -1 };
  FerrydProperties complete = ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COMPLETE);
  g_autoptr (GVariant) dict = g_variant_ref_sink (ferryd_operation_properties_to_dict (~complete, &hot));
  guint index;

  g_assert_cmpuint (
      g_variant_n_children (dict), ==,
      __builtin_popcountll (~complete & ferryd_operation_properties_of_kind (FERRY_KIND_DOWNLOAD)));
  g_assert_true (ferryd_operation_properties_find (NULL, "Uri", &index));
  g_assert_false (ferryd_operation_properties_suffice (FERRYD_PROPERTY (index), &hot));
  g_assert_true (ferryd_operation_properties_find (NULL, "State", &index));
  g_assert_true (ferryd_operation_properties_suffice (FERRYD_PROPERTY (index), &hot));
}

static void
test_kinds (void)
{
  FerrydProperties download = ferryd_operation_properties_of_kind (FERRY_KIND_DOWNLOAD);
  FerrydProperties upload = ferryd_operation_properties_of_kind (FERRY_KIND_UPLOAD);
  guint index;

  g_assert_true (ferryd_operation_properties_find (NULL, "Source", &index));
  g_assert_cmpuint (download & FERRYD_PROPERTY (index), ==, 0);
  g_assert_cmpuint (upload & FERRYD_PROPERTY (index), !=, 0);
  g_assert_true (ferryd_operation_properties_find (NULL, "Ranges", &index));
  g_assert_cmpuint (download & FERRYD_PROPERTY (index), !=, 0);
  g_assert_cmpuint (upload & FERRYD_PROPERTY (index), ==, 0);
  g_assert_false (ferryd_operation_properties_find (FERRY_OPERATION_INTERFACE, "Ranges", &index));
  g_assert_false (ferryd_operation_properties_find (NULL, "Password", &index));
}

static void
test_values (void)
{
  g_autoptr (FerrydDescription) d =
      make_description ("{'title': <'A file'>, 'priority': <'high'>, 'cost-policy': <'always'>}");

  d->priority = FERRY_PRIORITY_HIGH;
  d->cost_policy = FERRY_COST_POLICY_ALWAYS;
  assert_value (d, "Id", "'0123456789abcdef0123456789abcdef'");
  assert_value (d, "Kind", "'download'");
  assert_value (d, "Title", "'A file'");
  assert_value (d, "Priority", "'high'");
  assert_value (d, "CostPolicy", "'always'");
  assert_value (d, "CompletionGroup", "'/'");
  assert_value (d, "State", "'running'");
  assert_value (d, "BlockedBy", "[]");
  assert_value (d, "ErrorStatus", "''");
  assert_value (d, "ErrorMessage", "''");
  assert_value (d, "TotalBytesToReceive", "-1");
  assert_value (d, "Response", "{}");
  assert_value (d, "Ranges", "[]");
  assert_value (d, "RandomAccess", "false");

  g_assert_true (ferryd_id_parse ("ffffffffffffffffffffffffffffffff", &d->completion_group));
  assert_value (d, "CompletionGroup", "'" FERRY_COMPLETION_GROUP_PATH "/ffffffffffffffffffffffffffffffff'");
  d->state = FERRY_STATE_ERROR;
  d->error_status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  assert_value (d, "State", "'error'");
  assert_value (d, "ErrorStatus", "'not-found'");
  ferryd_ranges_add (d->ranges, 10, 30);
  assert_value (d, "Ranges", "[(10, 20)]");
}

/* The deciding cause comes first. */
static void
test_causes (void)
{
  g_autoptr (FerrydDescription) d = make_description ("{}");

  d->causes = FERRYD_CAUSE (FERRY_CAUSE_SLOT) | FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE) |
              FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL);
  assert_value (d, "BlockedBy", "['user.paused-all', 'network.none', 'slot']");
  d->causes = FERRYD_CAUSE (FERRY_CAUSE_APPLICATION);
  assert_value (d, "BlockedBy", "['application']");
}

static void
test_told (void)
{
  g_autoptr (FerrydDescription) d = make_description ("{}");
  FerrydProperties counters = ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COUNTER);
  g_autoptr (FerrydTold) told = ferryd_told_new (~(FerrydProperties) 0);
  g_autoptr (GVariant) dict = NULL;
  FerrydProperties all = ferryd_operation_properties_of_kind (FERRY_KIND_DOWNLOAD);
  FerrydProperties changed;
  guint state, received, uri;

  g_assert_true (ferryd_operation_properties_find (NULL, "State", &state));
  g_assert_true (ferryd_operation_properties_find (NULL, "BytesReceived", &received));
  g_assert_true (ferryd_operation_properties_find (NULL, "Uri", &uri));

  /* Everything at first, nothing the second time. */
  g_assert_cmphex (ferryd_told_update (told, ~(FerrydProperties) 0, d), ==, all);
  g_assert_cmphex (ferryd_told_update (told, ~(FerrydProperties) 0, d), ==, 0);

  /* Then what has changed, of what is looked at. */
  d->bytes_received = 7;
  d->state = FERRY_STATE_PAUSED_NO_NETWORK;
  changed = ferryd_told_update (told, counters, d);
  g_assert_cmphex (changed, ==, FERRYD_PROPERTY (received));
  dict = g_variant_ref_sink (ferryd_told_to_dict (told, changed));
  g_assert_cmpuint (g_variant_n_children (dict), ==, 1);
  g_assert_cmphex (ferryd_told_update (told, FERRYD_PROPERTY (state), d), ==, FERRYD_PROPERTY (state));

  /* What the description does not suffice for stays as it was. */
  d->is_complete = FALSE;
  g_assert_cmphex (ferryd_told_update (told, FERRYD_PROPERTY (uri), d), ==, 0);
}

/* Only some are kept, and they do not get mixed up. */
static void
test_told_some (void)
{
  g_autoptr (FerrydDescription) d = make_description ("{}");
  g_autoptr (GVariant) dict = NULL;
  g_autoptr (FerrydTold) told = NULL;
  FerrydProperties some = 0;
  const char *id, *state, *destination;
  guint index;

  g_assert_true (ferryd_operation_properties_find (NULL, "Id", &index));
  some |= FERRYD_PROPERTY (index);
  g_assert_true (ferryd_operation_properties_find (NULL, "State", &index));
  some |= FERRYD_PROPERTY (index);
  g_assert_true (ferryd_operation_properties_find (NULL, "Destination", &index));
  some |= FERRYD_PROPERTY (index);

  told = ferryd_told_new (some);
  g_assert_cmphex (ferryd_told_update (told, ~(FerrydProperties) 0, d), ==, some);
  dict = g_variant_ref_sink (ferryd_told_to_dict (told, ~(FerrydProperties) 0));
  g_assert_cmpuint (g_variant_n_children (dict), ==, 3);
  g_assert_true (g_variant_lookup (dict, "Id", "&s", &id));
  g_assert_true (g_variant_lookup (dict, "State", "&s", &state));
  g_assert_true (g_variant_lookup (dict, "Destination", "&s", &destination));
  g_assert_cmpstr (id, ==, "0123456789abcdef0123456789abcdef");
  g_assert_cmpstr (state, ==, "running");
  g_assert_cmpstr (destination, ==, "/tmp/file");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/operation-properties/complete", test_complete);
  g_test_add_func ("/operation-properties/incomplete", test_incomplete);
  g_test_add_func ("/operation-properties/kinds", test_kinds);
  g_test_add_func ("/operation-properties/values", test_values);
  g_test_add_func ("/operation-properties/causes", test_causes);
  g_test_add_func ("/operation-properties/told", test_told);
  g_test_add_func ("/operation-properties/told-some", test_told_some);

  return g_test_run ();
}
