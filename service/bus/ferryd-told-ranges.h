/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-description.h"

G_BEGIN_DECLS

/**
 * FerrydToldRanges:
 * @ranges: (owned) (nullable): bytes held; NULL before the first
 * @restarts: of the operation
 *
 * What somebody has been told of the ranges of a download. All zero is nothing.
 */
typedef struct
{
  FerrydRanges *ranges;
  guint restarts;
} FerrydToldRanges;

void ferryd_told_ranges_clear (FerrydToldRanges *told);
GVariant *ferryd_told_ranges_update (FerrydToldRanges *told, const FerrydDescription *description);

G_END_DECLS
