/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-id.h"
#include "ferryd-ranges.h"

G_BEGIN_DECLS

/**
 * FerrydSinkIdentity:
 * @boot: the kernel's boot id; what was written but not synced is there as long as this boot lasts
 * @device: of the partial file
 * @inode: of the partial file
 * @epoch: of the download
 *
 * What a journal page is believed for: all four have to be the same.
 */
typedef struct
{
  guint8 boot[16];
  guint64 device;
  guint64 inode;
  guint64 epoch;
} FerrydSinkIdentity;

void ferryd_sink_journal_write (const char *directory, const FerrydId *id, const FerrydSinkIdentity *identity,
                                const FerrydRanges *ranges);
FerrydRanges *ferryd_sink_journal_read (const char *directory, const FerrydId *id,
                                        const FerrydSinkIdentity *identity);
void ferryd_sink_journal_remove (const char *directory, const FerrydId *id);

G_END_DECLS
