/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydRange:
 * @start: first byte
 * @end: the byte behind the last; greater than @start
 */
typedef struct
{
  guint64 start;
  guint64 end;
} FerrydRange;

/**
 * FerrydRanges:
 *
 * A set of bytes of a file: ascending ranges that neither touch nor overlap. A download is the complement of
 * the ranges it holds. A plain value without locks; whoever shares one guards it.
 */
typedef struct _FerrydRanges FerrydRanges;

FerrydRanges *ferryd_ranges_new (void);
FerrydRanges *ferryd_ranges_copy (const FerrydRanges *ranges);
void ferryd_ranges_free (FerrydRanges *ranges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydRanges, ferryd_ranges_free)

void ferryd_ranges_add (FerrydRanges *ranges, guint64 start, guint64 end);
void ferryd_ranges_truncate (FerrydRanges *ranges, guint64 size);
void ferryd_ranges_clear (FerrydRanges *ranges);

guint64 ferryd_ranges_total (const FerrydRanges *ranges);
FerrydRanges *ferryd_ranges_subtract (const FerrydRanges *ranges, const FerrydRanges *known);
guint64 ferryd_ranges_prefix (const FerrydRanges *ranges);
gboolean ferryd_ranges_contains (const FerrydRanges *ranges, guint64 start, guint64 end);
gboolean ferryd_ranges_next_gap (const FerrydRanges *ranges, guint64 from, guint64 size, FerrydRange *gap);
const FerrydRange *ferryd_ranges_peek (const FerrydRanges *ranges, guint *n);

/* Both (transfer floating): type a(tt), offset and length. */
GVariant *ferryd_ranges_to_variant (const FerrydRanges *ranges);
FerrydRanges *ferryd_ranges_from_variant (GVariant *variant);

G_END_DECLS
