/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-told.h"

struct _FerrydTold
{
  FerrydProperties properties; /* those whose values are kept */
  GVariant *values[];          /* (owned) (nullable): one for each of them, in the order of the table */
};

/* Thousands of these exist while a long list is watched: there is only room for what is kept. */
static GVariant **
value_of (FerrydTold *told, guint index)
{
  return &told->values[__builtin_popcountll (told->properties & (FERRYD_PROPERTY (index) - 1))];
}

/**
 * ferryd_told_new:
 * @properties: of which values are to be kept
 *
 * Returns: (transfer full): nothing has been told
 */
FerrydTold *
ferryd_told_new (FerrydProperties properties)
{
  guint n_values = __builtin_popcountll (properties);
  FerrydTold *told = g_malloc0 (sizeof (FerrydTold) + n_values * sizeof (GVariant *));

  told->properties = properties;
  return told;
}

/**
 * ferryd_told_free:
 * @told: (transfer full): what has been told
 */
void
ferryd_told_free (FerrydTold *told)
{
  guint n_values = __builtin_popcountll (told->properties);

  for (guint i = 0; i < n_values; i++)
    g_clear_pointer (&told->values[i], g_variant_unref);
  g_free (told);
}

/**
 * ferryd_told_update:
 * @told: what has been told
 * @properties: what to look at; those that @description does not suffice for are left as they are
 * @description: the operation as it is now
 *
 * Takes over the values of @description.
 *
 * Returns: the properties whose values are others than before
 */
FerrydProperties
ferryd_told_update (FerrydTold *told, FerrydProperties properties, const FerrydDescription *description)
{
  guint n_rows;
  const FerrydProperty *table = ferryd_operation_properties_get_table (&n_rows);
  FerrydProperties changed = 0;

  properties &= told->properties & ferryd_operation_properties_of_kind (description->kind);
  if (!description->is_complete)
    properties &= ~ferryd_operation_properties_with_flags (FERRYD_PROPERTY_COMPLETE);

  for (guint i = 0; i < n_rows; i++)
    {
      GVariant **old;
      g_autoptr (GVariant) value = NULL;

      if ((properties & FERRYD_PROPERTY (i)) == 0)
        continue;
      old = value_of (told, i);
      value = g_variant_ref_sink (table[i].get (description));
      if (*old != NULL && g_variant_equal (*old, value))
        continue;
      g_clear_pointer (old, g_variant_unref);
      *old = g_steal_pointer (&value);
      changed |= FERRYD_PROPERTY (i);
    }
  return changed;
}

/**
 * ferryd_told_to_dict:
 * @told: what has been told
 * @properties: which to give; those that have no value are left out
 *
 * Returns: (transfer floating): their values, a{sv}
 */
GVariant *
ferryd_told_to_dict (FerrydTold *told, FerrydProperties properties)
{
  guint n_rows;
  const FerrydProperty *table = ferryd_operation_properties_get_table (&n_rows);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < n_rows; i++)
    {
      if ((properties & told->properties & FERRYD_PROPERTY (i)) != 0 && *value_of (told, i) != NULL)
        g_variant_builder_add (&builder, "{sv}", table[i].name, *value_of (told, i));
    }
  return g_variant_builder_end (&builder);
}
