/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store.h"

G_BEGIN_DECLS

/**
 * FerrydStoreJobKind:
 * @FERRYD_STORE_JOB_OPEN: answered with #FerrydStoreContents
 * @FERRYD_STORE_JOB_COMMIT: answered with its #FerrydBatch
 * @FERRYD_STORE_JOB_READ: answered with an array of rows
 * @FERRYD_STORE_JOB_CLOSE: answered with TRUE
 * @FERRYD_STORE_JOB_QUIT: ends the thread; not answered, and the last one
 *
 * What is asked of a writer.
 */
typedef enum
{
  FERRYD_STORE_JOB_OPEN,
  FERRYD_STORE_JOB_COMMIT,
  FERRYD_STORE_JOB_READ,
  FERRYD_STORE_JOB_CLOSE,
  FERRYD_STORE_JOB_QUIT,
} FerrydStoreJobKind;

/**
 * FerrydStoreJob:
 * @task: (owned) (nullable): who waits for it; touched by the main thread only, NULL for QUIT
 * @cancellable: (owned) (nullable): of OPEN
 * @batch: (owned) (nullable): of COMMIT, until it is answered
 * @durability: of COMMIT
 * @due: of COMMIT: when it is written at the latest, monotonic microseconds
 * @ids: (owned) (nullable) (element-type FerrydId): of READ
 * @columns: of READ
 * @contents: (owned) (nullable): answer to OPEN
 * @rows: (owned) (nullable): answer to READ
 * @error: (owned) (nullable): answer where it failed
 *
 * One call, on its way to the writer thread and back. Never in two threads at once.
 */
typedef struct
{
  FerrydStoreJobKind kind;
  GTask *task;
  GCancellable *cancellable;
  FerrydBatch *batch;
  FerrydDurability durability;
  gint64 due;
  GArray *ids;
  FerrydColumns columns;
  FerrydStoreContents *contents;
  GPtrArray *rows;
  GError *error;
} FerrydStoreJob;

void ferryd_store_job_free (FerrydStoreJob *job);

/**
 * FerrydStoreWriter:
 *
 * The thread that has the database, and the queue to it.
 */
typedef struct _FerrydStoreWriter FerrydStoreWriter;

/**
 * FerrydStoreAnswer:
 * @jobs: (transfer full) (element-type FerrydStoreJob): done, in the order in which they were asked for
 *
 * Called in the main context that the writer was made for.
 */
typedef void (*FerrydStoreAnswer) (GPtrArray *jobs);

FerrydStoreWriter *ferryd_store_writer_new (const char *directory, const char *holder, gint64 patience,
                                            FerrydStoreAnswer answer);
void ferryd_store_writer_free (FerrydStoreWriter *self);
void ferryd_store_writer_push (FerrydStoreWriter *self, FerrydStoreJob *job);
void ferryd_store_writer_answer (FerrydStoreWriter *self, FerrydStoreJob *job);

G_END_DECLS
