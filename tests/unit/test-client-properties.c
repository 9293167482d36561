/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-completion-group-private.h"
#include "ferry-download.h"
#include "ferry-enum-types.h"
#include "ferry-interfaces.h"
#include "ferry-manager-private.h"
#include "ferry-names.h"
#include "ferry-operation-private.h"
#include "ferry-upload.h"

/* The library's tables against the XML, which is the source of both sides. */

static const FerryPropertySpec *
find (const FerryPropertySpec *specs, guint n_specs, const char *interface, const char *dbus_name)
{
  for (guint i = 0; i < n_specs; i++)
    {
      if (g_str_equal (specs[i].interface, interface) && g_str_equal (specs[i].dbus_name, dbus_name))
        return &specs[i];
    }
  return NULL;
}

static guint
compare (const FerryPropertySpec *specs, guint n_specs, const GDBusInterfaceInfo *info)
{
  guint n = 0;

  for (; info->properties != NULL && info->properties[n] != NULL; n++)
    {
      const GDBusPropertyInfo *property = info->properties[n];
      const FerryPropertySpec *spec = find (specs, n_specs, info->name, property->name);

      g_test_message ("%s.%s", info->name, property->name);
      g_assert_nonnull (spec);
      g_assert_cmpstr (spec->dbus_type, ==, property->signature);
    }
  return n;
}

static void
test_operation (void)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);
  guint n = compare (specs, n_specs, &org_ferry_transfer1_operation_interface) +
            compare (specs, n_specs, &org_ferry_transfer1_download_operation_interface) +
            compare (specs, n_specs, &org_ferry_transfer1_upload_operation_interface);

  g_assert_cmpuint (n, ==, n_specs);
}

static void
test_manager (void)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_manager_get_specs (&n_specs);

  g_assert_cmpuint (compare (specs, n_specs, &org_ferry_transfer1_manager_interface), ==, n_specs);
}

static void
test_completion_group (void)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_completion_group_get_specs (&n_specs);

  g_assert_cmpuint (compare (specs, n_specs, &org_ferry_transfer1_completion_group_interface), ==, n_specs);
}

/* Every row is a GObject property of the class, of a type that its values convert to. */
static void
test_classes (void)
{
  g_autoptr (GTypeClass) download = g_type_class_ref (FERRY_TYPE_DOWNLOAD);
  g_autoptr (GTypeClass) upload = g_type_class_ref (FERRY_TYPE_UPLOAD);
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      gboolean of_uploads = g_str_equal (specs[i].interface, FERRY_UPLOAD_OPERATION_INTERFACE);
      GParamSpec *pspec =
          g_object_class_find_property (G_OBJECT_CLASS (of_uploads ? upload : download), specs[i].name);
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GVariant) variant = g_variant_ref_sink (
          g_variant_new_from_data ((const GVariantType *) specs[i].dbus_type, NULL, 0, FALSE, NULL, NULL));

      g_test_message ("%s", specs[i].name);
      g_assert_nonnull (pspec);
      g_value_init (&value, pspec->value_type);
      ferry_property_to_value (&specs[i], variant, &value);
      ferry_property_to_value (&specs[i], NULL, &value);
      g_assert_true (specs[i].type != FERRY_PROPERTY_ENUM || G_TYPE_IS_ENUM (pspec->value_type));
    }
}

static void
test_values (void)
{
  const FerryPropertySpec state = { .type = FERRY_PROPERTY_ENUM, .enum_type = ferry_state_get_type };
  const FerryPropertySpec count = { .type = FERRY_PROPERTY_INT64 };
  const FerryPropertySpec time = { .type = FERRY_PROPERTY_TIME };
  g_autoptr (GVariant) running = g_variant_ref_sink (g_variant_new_string ("running"));
  g_autoptr (GVariant) unknown = g_variant_ref_sink (g_variant_new_string ("of-a-newer-service"));
  g_autoptr (GVariant) huge = g_variant_ref_sink (g_variant_new_uint64 (G_MAXUINT64));
  g_autoptr (GVariant) minus = g_variant_ref_sink (g_variant_new_int64 (-1));
  g_autoptr (GVariant) when = g_variant_ref_sink (g_variant_new_int64 (1500000));
  g_autoptr (GVariant) never = g_variant_ref_sink (g_variant_new_int64 (0));
  g_auto (GValue) state_value = G_VALUE_INIT;
  g_auto (GValue) count_value = G_VALUE_INIT;
  g_auto (GValue) time_value = G_VALUE_INIT;

  g_value_init (&state_value, FERRY_TYPE_STATE);
  ferry_property_to_value (&state, running, &state_value);
  g_assert_cmpint (g_value_get_enum (&state_value), ==, FERRY_STATE_RUNNING);
  ferry_property_to_value (&state, unknown, &state_value);
  g_assert_cmpint (g_value_get_enum (&state_value), ==, FERRY_STATE_RUNNING);

  g_value_init (&count_value, G_TYPE_INT64);
  ferry_property_to_value (&count, huge, &count_value);
  g_assert_cmpint (g_value_get_int64 (&count_value), ==, G_MAXINT64);
  ferry_property_to_value (&count, minus, &count_value);
  g_assert_cmpint (g_value_get_int64 (&count_value), ==, -1);

  g_value_init (&time_value, G_TYPE_DATE_TIME);
  ferry_property_to_value (&time, when, &time_value);
  g_assert_cmpint (g_date_time_get_microsecond (g_value_get_boxed (&time_value)), ==, 500000);
  ferry_property_to_value (&time, never, &time_value);
  g_assert_null (g_value_get_boxed (&time_value));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-properties/operation", test_operation);
  g_test_add_func ("/client-properties/manager", test_manager);
  g_test_add_func ("/client-properties/completion-group", test_completion_group);
  g_test_add_func ("/client-properties/classes", test_classes);
  g_test_add_func ("/client-properties/values", test_values);
  return g_test_run ();
}
