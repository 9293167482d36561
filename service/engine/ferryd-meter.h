/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-ranges.h"

G_BEGIN_DECLS

/**
 * FerrydMeter:
 *
 * How far a transfer is: written by the I/O thread as bytes come in, read by the main thread when somebody
 * asks, so that progress nobody looks at costs no message and no wake-up. Reference counted and locked.
 */
typedef struct _FerrydMeter FerrydMeter;

FerrydMeter *ferryd_meter_new (void);
FerrydMeter *ferryd_meter_ref (FerrydMeter *meter);
void ferryd_meter_unref (FerrydMeter *meter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydMeter, ferryd_meter_unref)

/* I/O thread */
void ferryd_meter_reset (FerrydMeter *meter, const FerrydRanges *held);
void ferryd_meter_add (FerrydMeter *meter, guint64 start, guint64 end, gint64 now);
void ferryd_meter_set_total (FerrydMeter *meter, gint64 total);
void ferryd_meter_set_to_send (FerrydMeter *meter, guint64 total);
void ferryd_meter_set_sent (FerrydMeter *meter, guint64 sent, gint64 now);
void ferryd_meter_stop (FerrydMeter *meter);

/* main thread */
guint64 ferryd_meter_get_held (FerrydMeter *meter);
guint64 ferryd_meter_get_furthest (FerrydMeter *meter);
gint64 ferryd_meter_get_total (FerrydMeter *meter);
guint64 ferryd_meter_get_sent (FerrydMeter *meter);
gint64 ferryd_meter_get_to_send (FerrydMeter *meter);
guint64 ferryd_meter_get_speed (FerrydMeter *meter, gint64 now);
FerrydRanges *ferryd_meter_copy_ranges (FerrydMeter *meter);

G_END_DECLS
