/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store-writer.h"

G_BEGIN_DECLS

/**
 * FerrydStoreReader:
 *
 * The thread that answers who only asks, so that nobody waits for a disk that the writer is waiting for: with
 * a write-ahead log a second connection reads what is committed while the first one writes. Where there is no
 * such log (a file system of the network) it hands everything on to the writer.
 */
typedef struct _FerrydStoreReader FerrydStoreReader;

FerrydStoreReader *ferryd_store_reader_new (const char *directory, FerrydStoreWriter *writer);
void ferryd_store_reader_free (FerrydStoreReader *self);

/* A READ without secrets is answered here; a CLOSE gives the connection up and goes on to the writer. */
void ferryd_store_reader_push (FerrydStoreReader *self, FerrydStoreJob *job);

G_END_DECLS
