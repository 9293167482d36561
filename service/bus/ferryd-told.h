/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-operation-properties.h"

G_BEGIN_DECLS

/**
 * FerrydTold:
 *
 * What somebody has been told of an operation: the last value of each property, so that only what has changed
 * since needs to be told. A plain value.
 */
typedef struct _FerrydTold FerrydTold;

FerrydTold *ferryd_told_new (FerrydProperties properties);
void ferryd_told_free (FerrydTold *told);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydTold, ferryd_told_free)

FerrydProperties ferryd_told_update (FerrydTold *told, FerrydProperties properties,
                                     const FerrydDescription *description);
GVariant *ferryd_told_to_dict (FerrydTold *told, FerrydProperties properties);

G_END_DECLS
