/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-options-kit.h"

/* (transfer full) */
GVariant *
ferryd_options_kit_new_dictionary (const char *key, GVariant *value)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", key, value);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* (transfer full): @text in GVariant text form */
GVariant *
ferryd_options_kit_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

/* @shows: whether the canary is no secret here, and so helps whoever reads the message. */
void
ferryd_options_kit_assert_refused_as (FerryOptionsScope scope, GVariant *options, FerryError code,
                                      const char *names, gboolean shows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) checked = ferry_options_check (scope, options, &error);

  g_assert_null (checked);
  g_assert_error (error, FERRY_ERROR, (int) code);
  if (strstr (error->message, names) == NULL)
    g_error ("'%s' is not in: %s", names, error->message);
  g_assert_cmpint (strstr (error->message, FERRYD_OPTIONS_KIT_CANARY) != NULL, ==, shows);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  /* What would be right is part of it, but not a page. */
  g_assert_cmpuint (strlen (error->message), <, 1500);
}

void
ferryd_options_kit_assert_refused (FerryOptionsScope scope, GVariant *options, FerryError code,
                                   const char *names)
{
  ferryd_options_kit_assert_refused_as (scope, options, code, names, FALSE);
}

/* (transfer full): normalised @options */
GVariant *
ferryd_options_kit_assert_taken (FerryOptionsScope scope, GVariant *options)
{
  g_autoptr (GError) error = NULL;
  GVariant *checked = ferry_options_check (scope, options, &error);

  g_assert_no_error (error);
  g_assert_nonnull (checked);
  g_assert_false (g_variant_is_floating (checked));
  g_assert_true (g_variant_is_of_type (checked, G_VARIANT_TYPE_VARDICT));
  return checked;
}

void
ferryd_options_kit_assert_text_refused (FerryOptionsScope scope, const char *text, FerryError code,
                                        const char *names)
{
  g_autoptr (GVariant) options = ferryd_options_kit_parse (text);

  g_test_message ("%.200s", text);
  ferryd_options_kit_assert_refused (scope, options, code, names);
}

void
ferryd_options_kit_assert_text_taken (FerryOptionsScope scope, const char *text, const char *normalised)
{
  g_autoptr (GVariant) options = ferryd_options_kit_parse (text);
  g_autoptr (GVariant) wanted = ferryd_options_kit_parse (normalised);
  g_autoptr (GVariant) checked = NULL;

  g_test_message ("%.200s", text);
  checked = ferryd_options_kit_assert_taken (scope, options);
  if (!g_variant_equal (checked, wanted))
    {
      g_autofree char *shown = g_variant_print (checked, TRUE);

      g_error ("%s became %s", text, shown);
    }
}
