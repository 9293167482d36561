/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-sink.h"

G_BEGIN_DECLS

/* One MiB, which is also how much may be written between two journal pages. */
#define FERRYD_SINK_KIT_MIB (1024 * 1024)

/**
 * FerrydSinkKit:
 * @base: (owned): folder of this test alone, gone at its end
 * @folder: (owned): where the download goes
 * @target: the same for the next opening; borrows from @folder, and says nothing of its identity
 * @journal: (owned): the journal's folder, not there yet
 * @part: (owned): path of the partial file
 * @checksum: (owned) (nullable): for the next opening
 * @id: of the operation
 * @record: (owned): what the store would have
 * @sink: (owned) (nullable): open
 *
 * A sink in real folders, with what a test would otherwise repeat. Byte i of the file is always the same, so
 * that any part of it can be written and compared. Calls wait for their answer.
 */
typedef struct
{
  char *base;
  char *folder;
  FerrydDestination target;
  char *journal;
  char *part;
  char *checksum;
  FerrydId id;
  FerrydProgressRecord *record;
  FerrydSink *sink;
} FerrydSinkKit;

void ferryd_sink_kit_set_up (FerrydSinkKit *kit, gconstpointer data);
void ferryd_sink_kit_tear_down (FerrydSinkKit *kit, gconstpointer data);

FerrydSinkSpec ferryd_sink_kit_spec (FerrydSinkKit *kit);
FerrydFailure *ferryd_sink_kit_try_open (FerrydSinkKit *kit);
void ferryd_sink_kit_open (FerrydSinkKit *kit);
void ferryd_sink_kit_close (FerrydSinkKit *kit);

void ferryd_sink_kit_expect_checksum (FerrydSinkKit *kit, guint64 size);
void ferryd_sink_kit_write (FerrydSinkKit *kit, guint64 start, guint64 end);
guint8 *ferryd_sink_kit_bytes (guint64 start, guint64 end);
FerrydFailure *ferryd_sink_kit_sync (FerrydSinkKit *kit);
FerrydFailure *ferryd_sink_kit_verify (FerrydSinkKit *kit, guint64 size);
FerrydFailure *ferryd_sink_kit_publish (FerrydSinkKit *kit, const char *name, gboolean replace);
void ferryd_sink_kit_checkpoint (FerrydSinkKit *kit);

char *ferryd_sink_kit_path (FerrydSinkKit *kit, const char *name);
char *ferryd_sink_kit_page (FerrydSinkKit *kit);
void ferryd_sink_kit_assert_file (const char *path, guint64 size);
void ferryd_sink_kit_assert_held (FerrydSinkKit *kit, guint64 prefix, guint64 total);
void ferryd_sink_kit_assert_failure (FerrydFailure *failure, FerryTransferError status, FerrydRemedy remedy);

G_END_DECLS
