/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-row.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_STORE (ferryd_store_get_type ())
G_DECLARE_INTERFACE (FerrydStore, ferryd_store, FERRYD, STORE, GObject)

/**
 * FerrydChangeKind:
 * @FERRYD_CHANGE_INSERT: a new operation, every column; fails the whole batch where the id or a token
 *   is there
 * @FERRYD_CHANGE_UPDATE: the columns named by the row; unknown ids are passed over
 * @FERRYD_CHANGE_DELETE: the operation and its secrets
 * @FERRYD_CHANGE_SETTING: a name and value of the service's own (PauseAll, behaviour of a group)
 */
typedef enum
{
  FERRYD_CHANGE_INSERT,
  FERRYD_CHANGE_UPDATE,
  FERRYD_CHANGE_DELETE,
  FERRYD_CHANGE_SETTING,
} FerrydChangeKind;

/**
 * FerrydChange:
 * @row: (owned) (nullable): what is inserted or updated; for DELETE only its id
 * @name: (owned) (nullable): of a SETTING
 * @value: (owned) (nullable): of a SETTING, NULL deletes it
 */
typedef struct
{
  FerrydChangeKind kind;
  FerrydRow *row;
  char *name;
  GVariant *value;
} FerrydChange;

/**
 * FerrydBatch:
 *
 * Changes that take effect together or not at all, in order.
 */
typedef struct _FerrydBatch FerrydBatch;

FerrydBatch *ferryd_batch_new (void);
void ferryd_batch_free (FerrydBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydBatch, ferryd_batch_free)
void ferryd_batch_insert (FerrydBatch *batch, FerrydRow *row);
void ferryd_batch_update (FerrydBatch *batch, FerrydRow *row);
void ferryd_batch_delete (FerrydBatch *batch, const FerrydId *id);
void ferryd_batch_set (FerrydBatch *batch, const char *name, GVariant *value);
guint ferryd_batch_size (const FerrydBatch *batch);
FerrydChange *ferryd_batch_peek (const FerrydBatch *batch, guint i);

/**
 * FerrydStoreContents:
 * @rows: (element-type FerrydRow): hot columns of every operation, oldest first
 * @settings: a{sv} of all settings
 * @damaged: (nullable): where a damaged database was set aside; what it held is not in @rows
 *
 * What the store held when it was opened.
 */
typedef struct
{
  GPtrArray *rows;
  GVariant *settings;
  char *damaged;
} FerrydStoreContents;

void ferryd_store_contents_free (FerrydStoreContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStoreContents, ferryd_store_contents_free)

/**
 * FerrydDurability:
 * @FERRYD_DURABILITY_SYNCED: answered when a power loss cannot undo it
 * @FERRYD_DURABILITY_SOON: progress: written at once or a moment later, which a killed process leaves behind,
 *   but not synced
 */
typedef enum
{
  FERRYD_DURABILITY_SYNCED,
  FERRYD_DURABILITY_SOON,
} FerrydDurability;

/**
 * FerrydStoreInterface:
 * @open_async: takes the store for this process, brings its format up to date and reads it. Fails with
 *   FERRY_ERROR_STORE_UNAVAILABLE: another process has it (the message names its pid, host and bus), it was
 *   written by a newer version, or it cannot be written. A damaged one is set aside, never deleted.
 * @commit_async: takes @batch (transfer full). Answered when all of it is durable, or with
 *   FERRY_ERROR_STORE_UNAVAILABLE when none of it is. Batches take effect in the order of the calls; those
 *   that wait share one transaction and one sync, but one batch failing does not fail another.
 *   The `sequence` of rows inserted is set in the rows of @batch, which the finish function hands back.
 * @read_async: cold columns of the operations named; a row for each id in the same order, NULL for those that
 *   are not there. Sees every batch committed before the call.
 * @close_async: waits for what was committed, then gives the store back.
 *
 * What must survive. All calls from the main thread, all answers there; no call blocks.
 */
struct _FerrydStoreInterface
{
  GTypeInterface parent;

  void (*open_async) (FerrydStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data);
  FerrydStoreContents *(*open_finish) (FerrydStore *self, GAsyncResult *result, GError **error);
  void (*commit_async) (FerrydStore *self, FerrydBatch *batch, FerrydDurability durability,
                        GAsyncReadyCallback callback, gpointer user_data);
  FerrydBatch *(*commit_finish) (FerrydStore *self, GAsyncResult *result, GError **error);
  void (*read_async) (FerrydStore *self, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                      GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray *(*read_finish) (FerrydStore *self, GAsyncResult *result, GError **error);
  void (*close_async) (FerrydStore *self, GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*close_finish) (FerrydStore *self, GAsyncResult *result, GError **error);
};

void ferryd_store_open_async (FerrydStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
FerrydStoreContents *ferryd_store_open_finish (FerrydStore *self, GAsyncResult *result, GError **error);
void ferryd_store_commit_async (FerrydStore *self, FerrydBatch *batch, FerrydDurability durability,
                                GAsyncReadyCallback callback, gpointer user_data);
FerrydBatch *ferryd_store_commit_finish (FerrydStore *self, GAsyncResult *result, GError **error);
void ferryd_store_read_async (FerrydStore *self, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                              GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *ferryd_store_read_finish (FerrydStore *self, GAsyncResult *result, GError **error);
void ferryd_store_close_async (FerrydStore *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_store_close_finish (FerrydStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
