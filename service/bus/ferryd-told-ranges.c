/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-told-ranges.h"

/**
 * ferryd_told_ranges_clear:
 * @told: what has been told
 *
 * Frees what is in it.
 */
void
ferryd_told_ranges_clear (FerrydToldRanges *told)
{
  g_clear_pointer (&told->ranges, ferryd_ranges_free);
}

/* Whether some of what was told is void: it began again, or the disk has lost it. */
static gboolean
is_void (const FerrydToldRanges *told, const FerrydDescription *description)
{
  g_autoptr (FerrydRanges) lost = ferryd_ranges_subtract (told->ranges, description->ranges);

  return told->restarts != description->restarts || ferryd_ranges_total (lost) > 0;
}

/**
 * ferryd_told_ranges_update:
 * @told: what has been told
 * @description: the download as it is now
 *
 * The first time everything is taken for told: it was in the Ranges property.
 *
 * Returns: (transfer floating) (nullable): arguments of RangesDownloaded; %NULL where there is nothing new
 */
GVariant *
ferryd_told_ranges_update (FerrydToldRanges *told, const FerrydDescription *description)
{
  g_autoptr (FerrydRanges) before = NULL;
  g_autoptr (FerrydRanges) added = NULL;
  gboolean is_first = told->ranges == NULL;
  gboolean restarted;

  if (description->kind != FERRY_KIND_DOWNLOAD || description->ranges == NULL ||
      description->state == FERRY_STATE_CANCELED)
    return NULL;
  restarted = !is_first && is_void (told, description);
  before = g_steal_pointer (&told->ranges);
  told->ranges = ferryd_ranges_copy (description->ranges);
  told->restarts = description->restarts;
  if (is_first)
    return NULL;
  if (restarted)
    ferryd_ranges_clear (before);
  added = ferryd_ranges_subtract (told->ranges, before);
  if (!restarted && ferryd_ranges_total (added) == 0)
    return NULL;
  return g_variant_new ("(@a(tt)b)", ferryd_ranges_to_variant (added), restarted);
}
