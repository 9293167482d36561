/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydSpeed:
 * @smoothed: bytes/s, 0 before the end of the first step
 * @step_bytes: bytes since @step_begin
 * @step_begin: microseconds of g_get_monotonic_time(), 0 before the first byte
 *
 * How fast bytes come. All zero is one that has seen none. A plain value.
 */
typedef struct
{
  guint64 smoothed;
  guint64 step_bytes;
  gint64 step_begin;
} FerrydSpeed;

void ferryd_speed_add (FerrydSpeed *speed, guint64 bytes, gint64 now);
guint64 ferryd_speed_get (const FerrydSpeed *speed, gint64 now);

G_END_DECLS
