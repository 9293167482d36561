/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-ranges.h"

struct _FerrydRanges
{
  GArray *array; /* (owned) (element-type FerrydRange): ascending, a gap between any two */
  guint64 total; /* bytes in it */
};

/* The first range that ends at or behind @offset; the number of ranges where there is none. */
static guint
find_reaching (const FerrydRanges *ranges, guint64 offset)
{
  guint low = 0;
  guint high = ranges->array->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (ranges->array, FerrydRange, middle).end < offset)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * ferryd_ranges_new:
 *
 * Returns: (transfer full): an empty set
 */
FerrydRanges *
ferryd_ranges_new (void)
{
  FerrydRanges *ranges = g_new0 (FerrydRanges, 1);

  ranges->array = g_array_new (FALSE, FALSE, sizeof (FerrydRange));
  return ranges;
}

/**
 * ferryd_ranges_copy:
 * @ranges: a set
 *
 * Returns: (transfer full): another set of the same bytes
 */
FerrydRanges *
ferryd_ranges_copy (const FerrydRanges *ranges)
{
  FerrydRanges *copy = g_new0 (FerrydRanges, 1);

  copy->array = g_array_copy (ranges->array);
  copy->total = ranges->total;
  return copy;
}

/**
 * ferryd_ranges_free:
 * @ranges: (transfer full) (nullable): a set
 */
void
ferryd_ranges_free (FerrydRanges *ranges)
{
  if (ranges == NULL)
    return;
  g_array_unref (ranges->array);
  g_free (ranges);
}

/**
 * ferryd_ranges_add:
 * @ranges: a set
 * @start: first byte
 * @end: the byte behind the last; nothing is added where it is not greater than @start
 *
 * Puts bytes into the set, whether or not some of them are in it. Cheap at the end of a range, where a
 * download goes on.
 */
void
ferryd_ranges_add (FerrydRanges *ranges, guint64 start, guint64 end)
{
  guint first = find_reaching (ranges, start);
  guint behind = first;
  FerrydRange merged = { start, end };

  if (end <= start)
    return;
  while (behind < ranges->array->len)
    {
      const FerrydRange *range = &g_array_index (ranges->array, FerrydRange, behind);

      if (range->start > end)
        break;
      ranges->total -= range->end - range->start;
      merged.start = MIN (merged.start, range->start);
      merged.end = MAX (merged.end, range->end);
      behind++;
    }
  ranges->total += merged.end - merged.start;
  if (behind == first)
    {
      g_array_insert_val (ranges->array, first, merged);
      return;
    }
  g_array_index (ranges->array, FerrydRange, first) = merged;
  if (behind > first + 1)
    g_array_remove_range (ranges->array, first + 1, behind - first - 1);
}

/**
 * ferryd_ranges_truncate:
 * @ranges: a set
 * @size: bytes of the file
 *
 * Takes out every byte from @size on.
 */
void
ferryd_ranges_truncate (FerrydRanges *ranges, guint64 size)
{
  guint i = find_reaching (ranges, size);

  for (guint j = i; j < ranges->array->len; j++)
    {
      const FerrydRange *range = &g_array_index (ranges->array, FerrydRange, j);

      ranges->total -= range->end - MIN (MAX (range->start, size), range->end);
    }
  if (i == ranges->array->len)
    return;
  if (g_array_index (ranges->array, FerrydRange, i).start < size)
    {
      g_array_index (ranges->array, FerrydRange, i).end = size;
      i++;
    }
  g_array_set_size (ranges->array, i);
}

/**
 * ferryd_ranges_clear:
 * @ranges: a set
 *
 * Takes out every byte.
 */
void
ferryd_ranges_clear (FerrydRanges *ranges)
{
  g_array_set_size (ranges->array, 0);
  ranges->total = 0;
}

/**
 * ferryd_ranges_total:
 * @ranges: a set
 *
 * Returns: how many bytes are in the set
 */
guint64
ferryd_ranges_total (const FerrydRanges *ranges)
{
  return ranges->total;
}

/**
 * ferryd_ranges_subtract:
 * @ranges: a set
 * @known: another
 *
 * Returns: (transfer full): the bytes of @ranges that are not in @known
 */
FerrydRanges *
ferryd_ranges_subtract (const FerrydRanges *ranges, const FerrydRanges *known)
{
  FerrydRanges *rest = ferryd_ranges_new ();

  for (guint i = 0; i < ranges->array->len; i++)
    {
      const FerrydRange *range = &g_array_index (ranges->array, FerrydRange, i);
      FerrydRange gap = { range->start, range->start };

      while (ferryd_ranges_next_gap (known, gap.end, range->end, &gap))
        ferryd_ranges_add (rest, gap.start, gap.end);
    }
  return rest;
}

/**
 * ferryd_ranges_prefix:
 * @ranges: a set
 *
 * Returns: how many bytes from byte 0 on are in the set without a gap
 */
guint64
ferryd_ranges_prefix (const FerrydRanges *ranges)
{
  const FerrydRange *first;

  if (ranges->array->len == 0)
    return 0;
  first = &g_array_index (ranges->array, FerrydRange, 0);
  return first->start == 0 ? first->end : 0;
}

/**
 * ferryd_ranges_contains:
 * @ranges: a set
 * @start: first byte
 * @end: the byte behind the last
 *
 * Returns: whether every one of these bytes is in the set; of none at all this is true
 */
gboolean
ferryd_ranges_contains (const FerrydRanges *ranges, guint64 start, guint64 end)
{
  guint i;

  if (end <= start)
    return TRUE;
  i = find_reaching (ranges, end);
  return i < ranges->array->len && g_array_index (ranges->array, FerrydRange, i).start <= start;
}

/**
 * ferryd_ranges_next_gap:
 * @ranges: a set
 * @from: where to begin looking
 * @size: bytes of the file
 * @gap: (out caller-allocates): the first run of bytes between @from and @size that are not in the set
 *
 * Does not begin again at byte 0.
 *
 * Returns: whether there is one
 */
gboolean
ferryd_ranges_next_gap (const FerrydRanges *ranges, guint64 from, guint64 size, FerrydRange *gap)
{
  guint64 start = from;
  guint i = find_reaching (ranges, from);

  if (i < ranges->array->len && g_array_index (ranges->array, FerrydRange, i).start <= from)
    {
      start = g_array_index (ranges->array, FerrydRange, i).end;
      i++;
    }
  if (start >= size)
    return FALSE;
  gap->start = start;
  gap->end = size;
  if (i < ranges->array->len)
    gap->end = MIN (size, g_array_index (ranges->array, FerrydRange, i).start);
  return TRUE;
}

/**
 * ferryd_ranges_peek:
 * @ranges: a set
 * @n: (out): how many there are
 *
 * Returns: (transfer none) (array length=n): the ranges, good until the set changes
 */
const FerrydRange *
ferryd_ranges_peek (const FerrydRanges *ranges, guint *n)
{
  *n = ranges->array->len;
  return (const FerrydRange *) (gpointer) ranges->array->data;
}

/**
 * ferryd_ranges_to_variant:
 * @ranges: a set
 *
 * Returns: (transfer floating): a(tt), offset and length of each range
 */
GVariant *
ferryd_ranges_to_variant (const FerrydRanges *ranges)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(tt)"));

  for (guint i = 0; i < ranges->array->len; i++)
    {
      const FerrydRange *range = &g_array_index (ranges->array, FerrydRange, i);

      g_variant_builder_add (&builder, "(tt)", range->start, range->end - range->start);
    }
  return g_variant_builder_end (&builder);
}

/**
 * ferryd_ranges_from_variant:
 * @variant: a(tt) as ferryd_ranges_to_variant() makes it
 *
 * What is not a range (another type, an end beyond 64 bits) is passed over: bytes not held are fetched again,
 * bytes wrongly held would be missing for good.
 *
 * Returns: (transfer full): the set
 */
FerrydRanges *
ferryd_ranges_from_variant (GVariant *variant)
{
  FerrydRanges *ranges = ferryd_ranges_new ();
  GVariantIter iter;
  guint64 offset, length;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE ("a(tt)")))
    return ranges;
  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "(tt)", &offset, &length))
    {
      if (length <= G_MAXUINT64 - offset)
        ferryd_ranges_add (ranges, offset, offset + length);
    }
  return ranges;
}
