/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gmodule.h>
#include <math.h>

#include "ferryd-library.h"

typedef struct
{
  __typeof__ (floor) *floor;
  __typeof__ (ceil) *ceil;
} Math;

static void
test_load (void)
{
  static const FerrydSymbol symbols[] = { FERRYD_SYMBOL (Math, floor), FERRYD_SYMBOL (Math, ceil) };
  g_autoptr (GError) error = NULL;
  Math table = { NULL, NULL };

  g_assert_true (ferryd_library_load ("libm.so.6", symbols, G_N_ELEMENTS (symbols), &table, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (table.floor (1.5), ==, 1);
  g_assert_cmpfloat (table.ceil (1.5), ==, 2);
}

static void
test_absent (void)
{
  static const FerrydSymbol symbols[] = { FERRYD_SYMBOL (Math, floor) };
  g_autoptr (GError) error = NULL;
  Math table = { NULL, NULL };

  g_assert_false (ferryd_library_load ("libferry-is-not-there.so.9", symbols, 1, &table, &error));
  g_assert_error (error, G_MODULE_ERROR, G_MODULE_ERROR_FAILED);
  g_assert_null (table.floor);
}

static void
test_lacking (void)
{
  static const FerrydSymbol symbols[] = { FERRYD_SYMBOL (Math, floor),
                                          { "ferry_is_not_in_there", G_STRUCT_OFFSET (Math, ceil) } };
  g_autoptr (GError) error = NULL;
  Math table = { NULL, NULL };

  g_assert_false (ferryd_library_load ("libm.so.6", symbols, G_N_ELEMENTS (symbols), &table, &error));
  g_assert_error (error, G_MODULE_ERROR, G_MODULE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "ferry_is_not_in_there"));
  g_assert_null (table.floor);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/load", test_load);
  g_test_add_func ("/library/absent", test_absent);
  g_test_add_func ("/library/lacking", test_lacking);
  return g_test_run ();
}
