/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Every row of the table, with what is wrong made from the table itself. */

#include "ferryd-options-kit.h"

#define CANARY FERRYD_OPTIONS_KIT_CANARY

/* Calls @visit for each row and each of its scopes. */
static void
for_each_row (void (*visit) (FerryOptionsScope scope, const FerryOptionSpec *spec))
{
  guint n_specs;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      for (guint scope = FERRY_OPTIONS_DOWNLOAD; scope <= FERRY_OPTIONS_NOTIFICATION; scope <<= 1)
        {
          if ((specs[i].scopes & scope) == 0)
            continue;
          g_test_message ("%s in scope %u", specs[i].key, scope);
          visit (scope, &specs[i]);
        }
    }
}

static gboolean
is_integer_type (const char *type)
{
  return type[1] == '\0' && strchr ("ynqiuxt", type[0]) != NULL;
}

static void
check_row_itself (FerryOptionsScope scope, const FerryOptionSpec *spec)
{
  guint n_specs, n_rows = 0;
  const FerryOptionSpec *specs = ferry_options_get_table (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    n_rows += (specs[i].scopes & scope) != 0 && strcmp (specs[i].key, spec->key) == 0;
  g_assert_cmpuint (n_rows, ==, 1);
  g_assert_true (g_variant_type_string_is_valid (spec->type));
  g_assert_nonnull (spec->right);
  g_assert_true (spec->max == 0 || is_integer_type (spec->type));
  g_assert_cmpuint (spec->min, <=, spec->max);
  if (spec->neutral != NULL)
    {
      g_autoptr (GVariant) neutral = ferryd_options_kit_parse (spec->neutral);
      g_autoptr (GVariant) options = ferryd_options_kit_new_dictionary (spec->key, neutral);
      g_autoptr (GVariant) checked = ferryd_options_kit_assert_taken (scope, options);

      g_assert_cmpstr (g_variant_get_type_string (neutral), ==, spec->type);
      g_assert_true (g_variant_equal (checked, options));
    }
}

static void
test_rows (void)
{
  for_each_row (check_row_itself);
}

static void
check_wrong_types (FerryOptionsScope scope, const FerryOptionSpec *spec)
{
  static const char *const samples[] = {
    "'" CANARY "'",
    "true",
    "byte 7",
    "int16 7",
    "uint16 7",
    "int32 7",
    "uint32 7",
    "int64 7",
    "uint64 7",
    "1.5",
    "handle 0",
    "objectpath '/a'",
    "signature 's'",
    "['" CANARY "']",
    "@as []",
    "@a{sv} {}",
    "{'a': <'" CANARY "'>}",
    "('a', '" CANARY "')",
    "[('a', 'b')]",
    "@a(ss) []",
    "(uint32 1,)",
    "[byte 1, 2]",
    "@av []",
    "{'a': 'b'}",
    "just 'a'",
    "<<'a'>>",
  };
  g_autofree char *type = g_strdup_printf ("'%s'", spec->type);

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GVariant) value = ferryd_options_kit_parse (samples[i]);
      const char *sample_type = g_variant_get_type_string (value);
      g_autoptr (GVariant) options = NULL;

      if (strcmp (sample_type, spec->type) == 0 ||
          (is_integer_type (spec->type) && is_integer_type (sample_type)))
        continue;
      options = ferryd_options_kit_new_dictionary (spec->key, value);
      ferryd_options_kit_assert_refused_as (scope, options, FERRY_ERROR_INVALID_ARGUMENT, spec->key,
                                            !spec->secret &&
                                                g_variant_is_of_type (value, G_VARIANT_TYPE_STRING));
      ferryd_options_kit_assert_refused_as (scope, options, FERRY_ERROR_INVALID_ARGUMENT, type,
                                            !spec->secret &&
                                                g_variant_is_of_type (value, G_VARIANT_TYPE_STRING));
    }
}

static void
test_wrong_types (void)
{
  for_each_row (check_wrong_types);
}

static void
check_number (FerryOptionsScope scope, const FerryOptionSpec *spec, const char *text)
{
  g_autoptr (GVariant) value = ferryd_options_kit_parse (text);
  g_autoptr (GVariant) options = ferryd_options_kit_new_dictionary (spec->key, value);

  ferryd_options_kit_assert_refused (scope, options, FERRY_ERROR_INVALID_ARGUMENT, spec->key);
}

static void
check_range (FerryOptionsScope scope, const FerryOptionSpec *spec)
{
  if (!is_integer_type (spec->type))
    return;
  check_number (scope, spec, "int16 -1");
  check_number (scope, spec, "int32 -1");
  check_number (scope, spec, "int64 -1");
  check_number (scope, spec, "int64 -9223372036854775808");
  if (spec->type[0] == 'u')
    check_number (scope, spec, "uint64 4294967296");
  if (spec->type[0] == 'x')
    check_number (scope, spec, "uint64 9223372036854775808");
  if (spec->max != 0)
    {
      g_autofree char *above = g_strdup_printf ("uint64 %" G_GUINT64_FORMAT, spec->max + 1);

      check_number (scope, spec, above);
    }
  if (spec->min != 0)
    {
      g_autofree char *below = g_strdup_printf ("uint64 %" G_GUINT64_FORMAT, spec->min - 1);

      check_number (scope, spec, below);
    }
}

static void
check_words (FerryOptionsScope scope, const FerryOptionSpec *spec)
{
  static const char *const wrong[] = { "nonsense", "", "Default", " default" };
  g_autoptr (GEnumClass) words = spec->enum_type != NULL ? g_type_class_ref (spec->enum_type ()) : NULL;
  gboolean is_list = spec->type[0] == 'a';

  for (guint i = 0; words != NULL && i < G_N_ELEMENTS (wrong); i++)
    {
      const char *list[] = { words->values[0].value_nick, wrong[i], NULL };
      g_autoptr (GVariant) options = ferryd_options_kit_new_dictionary (
          spec->key, is_list ? g_variant_new_strv (list, -1) : g_variant_new_string (wrong[i]));
      g_autofree char *shown = g_strdup_printf ("'%s'", wrong[i]);

      ferryd_options_kit_assert_refused (scope, options, FERRY_ERROR_INVALID_ARGUMENT, spec->key);
      ferryd_options_kit_assert_refused (scope, options, FERRY_ERROR_INVALID_ARGUMENT, shown);
    }
  for (guint i = 0; words != NULL && i < words->n_values; i++)
    {
      const char *list[] = { words->values[i].value_nick, NULL };
      g_autoptr (GVariant) options = ferryd_options_kit_new_dictionary (
          spec->key, is_list ? g_variant_new_strv (list, -1) : g_variant_new_string (list[0]));
      g_autoptr (GVariant) checked = ferryd_options_kit_assert_taken (scope, options);

      g_assert_true (g_variant_equal (checked, options));
    }
}

static void
check_size (FerryOptionsScope scope, const FerryOptionSpec *spec)
{
  g_autofree char *text = g_strnfill (spec->max_size + 1, 'a');
  g_autofree char *limit = g_strdup_printf ("%" G_GSIZE_FORMAT, spec->max_size);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) options = NULL;

  if (spec->max_size == 0)
    return;
  if (strcmp (spec->type, "s") == 0)
    value = g_variant_ref_sink (g_variant_new_string (text));
  else if (strcmp (spec->type, "(ss)") == 0)
    value = g_variant_ref_sink (g_variant_new ("(ss)", "a", text));
  else if (strcmp (spec->type, "a{sv}") == 0)
    value = ferryd_options_kit_new_dictionary ("a", g_variant_new_string (text));
  else
    value = g_variant_ref_sink (g_variant_new_parsed ("[('A', %s)]", text));
  options = ferryd_options_kit_new_dictionary (spec->key, value);
  ferryd_options_kit_assert_refused (scope, options, FERRY_ERROR_INVALID_ARGUMENT, spec->key);
  ferryd_options_kit_assert_refused (scope, options, FERRY_ERROR_INVALID_ARGUMENT, limit);
}

static void
test_wrong_values (void)
{
  for_each_row (check_range);
  for_each_row (check_words);
  for_each_row (check_size);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/rows", test_rows);
  g_test_add_func ("/options/wrong-types", test_wrong_types);
  g_test_add_func ("/options/wrong-values", test_wrong_values);
  return g_test_run ();
}
