/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store.h"

struct _FerrydBatch
{
  GArray *changes; /* (owned) (element-type FerrydChange): in the order in which they take effect */
};

static void
ferryd_change_clear (FerrydChange *change)
{
  g_clear_pointer (&change->row, ferryd_row_free);
  g_clear_pointer (&change->name, g_free);
  g_clear_pointer (&change->value, g_variant_unref);
}

/**
 * ferryd_batch_new:
 *
 * Returns: (transfer full): an empty batch
 */
FerrydBatch *
ferryd_batch_new (void)
{
  FerrydBatch *batch = g_new0 (FerrydBatch, 1);

  batch->changes = g_array_new (FALSE, FALSE, sizeof (FerrydChange));
  g_array_set_clear_func (batch->changes, (GDestroyNotify) ferryd_change_clear);
  return batch;
}

/**
 * ferryd_batch_free:
 * @batch: (transfer full) (nullable): a batch
 */
void
ferryd_batch_free (FerrydBatch *batch)
{
  if (batch == NULL)
    return;
  g_array_unref (batch->changes);
  g_free (batch);
}

/**
 * ferryd_batch_insert:
 * @batch: a batch
 * @row: (transfer full): a new operation, every column
 */
void
ferryd_batch_insert (FerrydBatch *batch, FerrydRow *row)
{
  FerrydChange change = { .kind = FERRYD_CHANGE_INSERT, .row = row };

  g_array_append_val (batch->changes, change);
}

/**
 * ferryd_batch_update:
 * @batch: a batch
 * @row: (transfer full): an operation and the columns to be written
 */
void
ferryd_batch_update (FerrydBatch *batch, FerrydRow *row)
{
  FerrydChange change = { .kind = FERRYD_CHANGE_UPDATE, .row = row };

  g_array_append_val (batch->changes, change);
}

/**
 * ferryd_batch_delete:
 * @batch: a batch
 * @id: the operation to forget
 */
void
ferryd_batch_delete (FerrydBatch *batch, const FerrydId *id)
{
  FerrydChange change = { .kind = FERRYD_CHANGE_DELETE, .row = ferryd_row_new (id) };

  g_array_append_val (batch->changes, change);
}

/**
 * ferryd_batch_set:
 * @batch: a batch
 * @name: of a setting
 * @value: (nullable): its value, sunk if floating; NULL deletes it
 */
void
ferryd_batch_set (FerrydBatch *batch, const char *name, GVariant *value)
{
  FerrydChange change = { .kind = FERRYD_CHANGE_SETTING,
                          .name = g_strdup (name),
                          .value = value != NULL ? g_variant_ref_sink (value) : NULL };

  g_array_append_val (batch->changes, change);
}

/**
 * ferryd_batch_size:
 * @batch: a batch
 *
 * Returns: how many changes it has
 */
guint
ferryd_batch_size (const FerrydBatch *batch)
{
  return batch->changes->len;
}

/**
 * ferryd_batch_peek:
 * @batch: a batch
 * @i: below ferryd_batch_size()
 *
 * Returns: (transfer none): the change at @i, good until one is added
 */
FerrydChange *
ferryd_batch_peek (const FerrydBatch *batch, guint i)
{
  return &g_array_index (batch->changes, FerrydChange, i);
}

/**
 * ferryd_store_contents_free:
 * @contents: (transfer full) (nullable): what a store held
 */
void
ferryd_store_contents_free (FerrydStoreContents *contents)
{
  if (contents == NULL)
    return;
  g_clear_pointer (&contents->rows, g_ptr_array_unref);
  g_clear_pointer (&contents->settings, g_variant_unref);
  g_free (contents->damaged);
  g_free (contents);
}

G_DEFINE_INTERFACE (FerrydStore, ferryd_store, G_TYPE_OBJECT)

static void
ferryd_store_default_init (FerrydStoreInterface *iface)
{
}

/**
 * ferryd_store_open_async:
 * @self: a store
 * @cancellable: (nullable): gives up waiting for another process
 * @callback: called when it is open, or is not going to be
 * @user_data: for @callback
 *
 * Takes the store for this process, brings its format up to date and reads it.
 */
void
ferryd_store_open_async (FerrydStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  FERRYD_STORE_GET_IFACE (self)->open_async (self, cancellable, callback, user_data);
}

/**
 * ferryd_store_open_finish:
 * @self: a store
 * @result: of ferryd_store_open_async()
 * @error: FERRY_ERROR_STORE_UNAVAILABLE, or G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what it holds
 */
FerrydStoreContents *
ferryd_store_open_finish (FerrydStore *self, GAsyncResult *result, GError **error)
{
  return FERRYD_STORE_GET_IFACE (self)->open_finish (self, result, error);
}

/**
 * ferryd_store_commit_async:
 * @self: a store
 * @batch: (transfer full): changes that take effect together
 * @durability: what the answer stands for
 * @callback: (nullable): called when it is written, or is not going to be
 * @user_data: for @callback
 */
void
ferryd_store_commit_async (FerrydStore *self, FerrydBatch *batch, FerrydDurability durability,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_STORE_GET_IFACE (self)->commit_async (self, batch, durability, callback, user_data);
}

/**
 * ferryd_store_commit_finish:
 * @self: a store
 * @result: of ferryd_store_commit_async()
 * @error: FERRY_ERROR_STORE_UNAVAILABLE: nothing of it was written
 *
 * Returns: (transfer full): the batch, with the `sequence` and `order` of the rows that were inserted
 */
FerrydBatch *
ferryd_store_commit_finish (FerrydStore *self, GAsyncResult *result, GError **error)
{
  return FERRYD_STORE_GET_IFACE (self)->commit_finish (self, result, error);
}

/**
 * ferryd_store_read_async:
 * @self: a store
 * @ids: (array length=n_ids): operations, copied
 * @n_ids: how many
 * @columns: what to read of each
 * @callback: called with the rows
 * @user_data: for @callback
 */
void
ferryd_store_read_async (FerrydStore *self, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_STORE_GET_IFACE (self)->read_async (self, ids, n_ids, columns, callback, user_data);
}

/**
 * ferryd_store_read_finish:
 * @self: a store
 * @result: of ferryd_store_read_async()
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full) (element-type FerrydRow): a row for each id, NULL for one that is not there
 */
GPtrArray *
ferryd_store_read_finish (FerrydStore *self, GAsyncResult *result, GError **error)
{
  return FERRYD_STORE_GET_IFACE (self)->read_finish (self, result, error);
}

/**
 * ferryd_store_close_async:
 * @self: a store
 * @callback: (nullable): called when everything is written and the store is free for another process
 * @user_data: for @callback
 */
void
ferryd_store_close_async (FerrydStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_STORE_GET_IFACE (self)->close_async (self, callback, user_data);
}

/**
 * ferryd_store_close_finish:
 * @self: a store
 * @result: of ferryd_store_close_async()
 * @error: none at present
 *
 * Returns: TRUE
 */
gboolean
ferryd_store_close_finish (FerrydStore *self, GAsyncResult *result, GError **error)
{
  return FERRYD_STORE_GET_IFACE (self)->close_finish (self, result, error);
}
