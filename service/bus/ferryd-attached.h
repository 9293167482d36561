/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-told-ranges.h"
#include "ferryd-told.h"

G_BEGIN_DECLS

/**
 * FerrydAttached:
 * @connections: (owned) (element-type FerrydCaller)
 * @told: (owned): what all of them have been told, but for @round
 * @ranges: the same of the ranges, but for @added
 * @round: counters that not all of them have been told yet
 * @added: (owned) (nullable): RangesDownloaded that goes with @round
 * @n_told: connections, the first ones, that have been told @round and @added
 * @running: as last seen: its counters change by themselves
 * @causes: as last told: those of what waits change with others, without a word
 * @settling: a complete description is on its way
 * @settle_again: and is out of date already
 * @end: (owned) (nullable): Ended with this is to be told when it has come
 *
 * An operation that somebody is attached to.
 */
typedef struct
{
  FerrydId id;
  GPtrArray *connections;
  FerrydTold *told;
  FerrydToldRanges ranges;
  FerrydProperties round;
  GVariant *added;
  guint n_told;
  gboolean running;
  FerrydCauses causes;
  gboolean settling;
  gboolean settle_again;
  FerrydDescription *end;
} FerrydAttached;

FerrydAttached *ferryd_attached_new (const FerrydId *id);
void ferryd_attached_free (gpointer data);

gboolean ferryd_attached_has_round (const FerrydAttached *attached);
void ferryd_attached_take (FerrydAttached *attached, const FerrydDescription *description);
guint ferryd_attached_count (FerrydAttached *attached, GDBusConnection *connection,
                             const FerrydDescription *description, guint left);
void ferryd_attached_tell (FerrydAttached *attached, GDBusConnection *connection,
                           const FerrydDescription *description);
void ferryd_attached_tell_end (FerrydAttached *attached, GDBusConnection *connection);

G_END_DECLS
