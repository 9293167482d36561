/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-sink-private.h"

G_BEGIN_DECLS

/* A partial file that follows its destination into another folder. Worker. */

gboolean ferryd_sink_move_rename (FerrydSink *sink, const FerrydProgressRecord *record,
                                  FerrydFailure **failure);
int ferryd_sink_move_open_former (FerrydSink *sink, const FerrydProgressRecord *record);
int ferryd_sink_move_open_to_read (const FerrydSinkSpec *spec, const FerrydProgressRecord *record);
FerrydFailure *ferryd_sink_move_copy (FerrydSink *sink, int from, GCancellable *cancellable);
void ferryd_sink_move_delete (const FerrydSinkSpec *spec, const FerrydProgressRecord *record);
void ferryd_sink_move_delete_former (const FerrydSinkSpec *spec, const FerrydProgressRecord *record);

G_END_DECLS
