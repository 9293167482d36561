/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-property.h"

#include "ferry-enums.h"

static GParamSpec *
create_param (const FerryPropertySpec *spec)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (spec->type)
    {
    case FERRY_PROPERTY_STRING:
      return g_param_spec_string (spec->name, NULL, NULL, NULL, flags);
    case FERRY_PROPERTY_ENUM:
      return g_param_spec_enum (spec->name, NULL, NULL, spec->enum_type (), 0, flags);
    case FERRY_PROPERTY_BOOLEAN:
      return g_param_spec_boolean (spec->name, NULL, NULL, FALSE, flags);
    case FERRY_PROPERTY_UINT:
      return g_param_spec_uint (spec->name, NULL, NULL, 0, G_MAXUINT, 0, flags);
    case FERRY_PROPERTY_INT64:
      return g_param_spec_int64 (spec->name, NULL, NULL, -1, G_MAXINT64, 0, flags);
    case FERRY_PROPERTY_TIME:
      return g_param_spec_boxed (spec->name, NULL, NULL, G_TYPE_DATE_TIME, flags);
    case FERRY_PROPERTY_STRV:
      return g_param_spec_boxed (spec->name, NULL, NULL, G_TYPE_STRV, flags);
    case FERRY_PROPERTY_VARIANT:
    default:
      return g_param_spec_variant (spec->name, NULL, NULL, (const GVariantType *) spec->dbus_type, NULL,
                                   flags);
    }
}

/**
 * ferry_property_install:
 * @specs: a table
 * @n_specs: its length
 * @interface: whose rows are meant
 * @klass: the class that gets them as read-only properties
 *
 * Installs a GObject property for each row of @interface.
 */
void
ferry_property_install (const FerryPropertySpec *specs, guint n_specs, const char *interface,
                        GObjectClass *klass)
{
  for (guint i = 0; i < n_specs; i++)
    {
      if (g_str_equal (specs[i].interface, interface))
        g_object_class_install_property (klass, i + 1, create_param (&specs[i]));
    }
}

static gint64
read_int64 (GVariant *variant)
{
  guint64 bytes;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64))
    return g_variant_get_int64 (variant);
  bytes = g_variant_get_uint64 (variant);
  return (gint64) MIN (bytes, (guint64) G_MAXINT64);
}

static GDateTime *
read_time (GVariant *variant)
{
  gint64 unix_us = g_variant_get_int64 (variant);
  g_autoptr (GDateTime) seconds = NULL;

  if (unix_us == 0)
    return NULL;
  seconds = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  return seconds != NULL ? g_date_time_add (seconds, unix_us % G_USEC_PER_SEC) : NULL;
}

/**
 * ferry_property_to_value:
 * @spec: a row
 * @variant: (nullable): what came over the bus for it; NULL leaves the default
 * @value: (inout): an initialised value of the GObject property's type
 *
 * Converts. A word of an enumeration that this library does not know (the service is newer) leaves the
 * default too.
 */
void
ferry_property_to_value (const FerryPropertySpec *spec, GVariant *variant, GValue *value)
{
  int number;

  if (variant == NULL)
    {
      g_value_reset (value);
      return;
    }

  switch (spec->type)
    {
    case FERRY_PROPERTY_STRING:
      g_value_set_string (value, g_variant_get_string (variant, NULL));
      break;
    case FERRY_PROPERTY_ENUM:
      if (ferry_enum_from_nick (spec->enum_type (), g_variant_get_string (variant, NULL), &number))
        g_value_set_enum (value, number);
      break;
    case FERRY_PROPERTY_BOOLEAN:
      g_value_set_boolean (value, g_variant_get_boolean (variant));
      break;
    case FERRY_PROPERTY_UINT:
      g_value_set_uint (value, g_variant_get_uint32 (variant));
      break;
    case FERRY_PROPERTY_INT64:
      g_value_set_int64 (value, read_int64 (variant));
      break;
    case FERRY_PROPERTY_TIME:
      g_value_take_boxed (value, read_time (variant));
      break;
    case FERRY_PROPERTY_STRV:
      g_value_take_boxed (value, g_variant_dup_strv (variant, NULL));
      break;
    case FERRY_PROPERTY_VARIANT:
    default:
      g_value_set_variant (value, variant);
      break;
    }
}

static const FerryPropertySpec *
find_spec (const FerryPropertySpec *specs, guint n_specs, const char *interface, const char *dbus_name)
{
  for (guint i = 0; i < n_specs; i++)
    {
      if (g_str_equal (specs[i].dbus_name, dbus_name) &&
          (interface == NULL || g_str_equal (specs[i].interface, interface)))
        return &specs[i];
    }
  return NULL;
}

/**
 * ferry_property_update:
 * @specs: a table
 * @n_specs: its length
 * @values: (array length=n_specs): what @object holds
 * @interface: (nullable): whose properties @changed has; NULL for any
 * @changed: an a{sv}
 * @object: whose properties they are
 *
 * Takes over what is new and notifies of it, after all of it is taken over. Names and types that the table
 * does not have are passed over: a newer service may have more.
 */
void
ferry_property_update (const FerryPropertySpec *specs, guint n_specs, GVariant **values,
                       const char *interface, GVariant *changed, GObject *object)
{
  GVariantIter iter;
  const char *dbus_name;
  GVariant *item;

  g_object_freeze_notify (object);
  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_loop (&iter, "{&sv}", &dbus_name, &item))
    {
      const FerryPropertySpec *spec = find_spec (specs, n_specs, interface, dbus_name);
      GVariant **held;

      if (spec == NULL || !g_variant_is_of_type (item, (const GVariantType *) spec->dbus_type))
        continue;
      held = &values[spec - specs];
      if (*held != NULL && g_variant_equal (*held, item))
        continue;
      g_clear_pointer (held, g_variant_unref);
      *held = g_variant_ref (item);
      g_object_notify (object, spec->name);
    }
  g_object_thaw_notify (object);
}

/**
 * ferry_property_to_dict:
 * @specs: a table
 * @n_specs: its length
 * @values: (array length=n_specs): what an object holds
 *
 * Returns: (transfer full): an a{sv} of the D-Bus names and what is held for them
 */
GVariant *
ferry_property_to_dict (const FerryPropertySpec *specs, guint n_specs, GVariant **values)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  for (guint i = 0; i < n_specs; i++)
    {
      if (values[i] != NULL)
        g_variant_builder_add (&builder, "{sv}", specs[i].dbus_name, values[i]);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
