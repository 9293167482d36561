/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-ranges.h"

/* Bytes of the model, one gboolean each. */
#define MODEL_SIZE 96

static void
assert_invariants (const FerrydRanges *ranges)
{
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (ranges, &n);

  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (held[i].start, <, held[i].end);
      if (i > 0)
        g_assert_cmpuint (held[i - 1].end, <, held[i].start);
    }
}

static gboolean
model_contains (const gboolean *model, guint start, guint end)
{
  for (guint i = start; i < end; i++)
    {
      if (!model[i])
        return FALSE;
    }
  return TRUE;
}

static void
assert_gap (const FerrydRanges *ranges, const gboolean *model, guint from, guint size)
{
  FerrydRange gap = { 0, 0 };
  guint start = from;
  guint end;

  while (start < size && model[start])
    start++;
  g_assert_cmpint (ferryd_ranges_next_gap (ranges, from, size, &gap), ==, start < size);
  if (start >= size)
    return;
  end = start;
  while (end < size && !model[end])
    end++;
  g_assert_cmpuint (gap.start, ==, start);
  g_assert_cmpuint (gap.end, ==, end);
}

static void
assert_same (const FerrydRanges *ranges, const gboolean *model)
{
  guint total = 0;
  guint prefix = 0;
  guint start = (guint) g_test_rand_int_range (0, MODEL_SIZE);
  guint end = (guint) g_test_rand_int_range (0, MODEL_SIZE + 1);
  g_autoptr (GVariant) variant = g_variant_ref_sink (ferryd_ranges_to_variant (ranges));
  g_autoptr (FerrydRanges) read = ferryd_ranges_from_variant (variant);
  g_autoptr (FerrydRanges) copy = ferryd_ranges_copy (ranges);

  assert_invariants (ranges);
  while (prefix < MODEL_SIZE && model[prefix])
    prefix++;
  for (guint i = 0; i < MODEL_SIZE; i++)
    {
      total += model[i] ? 1 : 0;
      g_assert_cmpint (ferryd_ranges_contains (ranges, i, i + 1), ==, model[i]);
      g_assert_cmpint (ferryd_ranges_contains (read, i, i + 1), ==, model[i]);
      g_assert_cmpint (ferryd_ranges_contains (copy, i, i + 1), ==, model[i]);
    }
  g_assert_cmpuint (ferryd_ranges_total (ranges), ==, total);
  g_assert_cmpuint (ferryd_ranges_prefix (ranges), ==, prefix);
  g_assert_cmpint (ferryd_ranges_contains (ranges, start, end), ==, model_contains (model, start, end));
  assert_gap (ranges, model, start, end);
}

static void
test_model (void)
{
  g_autoptr (FerrydRanges) ranges = ferryd_ranges_new ();
  gboolean model[MODEL_SIZE] = { FALSE };

  for (guint round = 0; round < 20000; round++)
    {
      guint start = (guint) g_test_rand_int_range (0, MODEL_SIZE);
      guint length = (guint) g_test_rand_int_range (0, 12);
      guint end = MIN (MODEL_SIZE, start + length);

      switch (g_test_rand_int_range (0, 60))
        {
        case 0:
          ferryd_ranges_clear (ranges);
          memset (model, 0, sizeof model);
          break;
        case 1:
          ferryd_ranges_truncate (ranges, end);
          memset (model + end, 0, (MODEL_SIZE - end) * sizeof model[0]);
          break;
        default:
          ferryd_ranges_add (ranges, start, end);
          for (guint i = start; i < end; i++)
            model[i] = TRUE;
          break;
        }
      assert_same (ranges, model);
    }
}

static void
test_limits (void)
{
  g_autoptr (FerrydRanges) ranges = ferryd_ranges_new ();
  FerrydRange gap;

  g_assert_false (ferryd_ranges_next_gap (ranges, 0, 0, &gap));
  g_assert_true (ferryd_ranges_contains (ranges, 7, 7));
  ferryd_ranges_add (ranges, 5, 5);
  ferryd_ranges_add (ranges, 6, 5);
  g_assert_cmpuint (ferryd_ranges_total (ranges), ==, 0);

  ferryd_ranges_add (ranges, G_MAXUINT64 - 1, G_MAXUINT64);
  ferryd_ranges_add (ranges, 0, G_GUINT64_CONSTANT (1) << 33);
  g_assert_cmpuint (ferryd_ranges_total (ranges), ==, (G_GUINT64_CONSTANT (1) << 33) + 1);
  g_assert_true (ferryd_ranges_next_gap (ranges, 0, G_MAXUINT64, &gap));
  g_assert_cmpuint (gap.start, ==, G_GUINT64_CONSTANT (1) << 33);
  g_assert_cmpuint (gap.end, ==, G_MAXUINT64 - 1);
  ferryd_ranges_add (ranges, gap.start, gap.end);
  g_assert_cmpuint (ferryd_ranges_prefix (ranges), ==, G_MAXUINT64);
}

static void
test_bad_variants (void)
{
  g_autoptr (GVariant) other = g_variant_ref_sink (g_variant_new_string ("ranges"));
  g_autoptr (GVariant) mixed = g_variant_ref_sink (g_variant_new_parsed (
      "[(@t 18446744073709551615, @t 2), (@t 4, @t 0), (@t 10, @t 5), (@t 2, @t 3), (@t 3, @t 4)]"));
  g_autoptr (FerrydRanges) from_other = ferryd_ranges_from_variant (other);
  g_autoptr (FerrydRanges) from_mixed = ferryd_ranges_from_variant (mixed);

  g_assert_cmpuint (ferryd_ranges_total (from_other), ==, 0);
  assert_invariants (from_mixed);
  g_assert_cmpuint (ferryd_ranges_total (from_mixed), ==, 10);
  g_assert_true (ferryd_ranges_contains (from_mixed, 2, 7));
  g_assert_true (ferryd_ranges_contains (from_mixed, 10, 15));
}

static void
test_subtract (void)
{
  g_autoptr (GVariant) all =
      g_variant_ref_sink (g_variant_new_parsed ("[(@t 0, @t 10), (@t 20, @t 10), (@t 50, @t 5)]"));
  g_autoptr (GVariant) some =
      g_variant_ref_sink (g_variant_new_parsed ("[(@t 2, @t 3), (@t 8, @t 14), (@t 50, @t 5)]"));
  g_autoptr (FerrydRanges) ranges = ferryd_ranges_from_variant (all);
  g_autoptr (FerrydRanges) known = ferryd_ranges_from_variant (some);
  g_autoptr (FerrydRanges) rest = ferryd_ranges_subtract (ranges, known);
  g_autoptr (FerrydRanges) nothing = ferryd_ranges_subtract (known, known);
  g_autoptr (GVariant) text = g_variant_ref_sink (ferryd_ranges_to_variant (rest));
  g_autofree char *printed = g_variant_print (text, FALSE);

  assert_invariants (rest);
  g_assert_cmpstr (printed, ==, "[(0, 2), (5, 3), (22, 8)]");
  g_assert_cmpuint (ferryd_ranges_total (rest), ==, 13);
  g_assert_cmpuint (ferryd_ranges_total (nothing), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/model", test_model);
  g_test_add_func ("/ranges/limits", test_limits);
  g_test_add_func ("/ranges/subtract", test_subtract);
  g_test_add_func ("/ranges/bad-variants", test_bad_variants);
  return g_test_run ();
}
