/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-store.h"

#include <string.h>

#include "ferry-error.h"

/* A commit or a reading on its way. */
typedef struct
{
  FerrydBatch *batch; /* (owned) (nullable): of a commit, until it is answered */
  FerrydDurability durability;
  GArray *ids; /* (owned) (nullable) (element-type FerrydId): of a reading */
  FerrydColumns columns;
} Call;

struct _FerrydFakeStore
{
  GObject parent_instance;

  GPtrArray *rows;      /* (owned) (element-type FerrydRow): every column, oldest first */
  GHashTable *settings; /* (owned) (element-type utf8 GVariant) */
  GQueue held;          /* (owned) (element-type GTask): what waits, in order; their data a Call */
  gint64 sequence;      /* of the last row inserted */
  gboolean open;
  gboolean holding;
  guint failing; /* commits that will fail */
  guint syncs;   /* commits that had to be durable; those released together count once */
};

static void ferryd_fake_store_store_init (FerrydStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeStore, ferryd_fake_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_STORE, ferryd_fake_store_store_init))

static void
set_variant (GVariant **to, GVariant *from)
{
  g_clear_pointer (to, g_variant_unref);
  *to = from != NULL ? g_variant_ref_sink (from) : NULL;
}

static void
set_string (char **to, const char *from)
{
  g_free (*to);
  *to = g_strdup (from);
}

static void
copy_hot (FerrydRow *to, const FerrydRow *from, FerrydColumns columns)
{
  if (columns & FERRYD_COLUMN_IDENTITY)
    {
      to->kind = from->kind;
      set_string (&to->application, from->application != NULL ? from->application : "");
      set_string (&to->group, from->group != NULL ? from->group : "");
      set_string (&to->host, from->host != NULL ? from->host : "");
      to->completion_group = from->completion_group;
      memcpy (to->token_key, from->token_key, sizeof to->token_key);
      to->created = from->created;
      to->pausable = from->pausable;
    }
  if (columns & FERRYD_COLUMN_STATE)
    {
      to->state = from->state;
      to->error_status = from->error_status;
      to->finished = from->finished;
      to->attempt = from->attempt;
      to->retry_at = from->retry_at;
    }
  if (columns & FERRYD_COLUMN_POLICY)
    {
      to->priority = from->priority;
      to->cost_policy = from->cost_policy;
      to->max_speed = from->max_speed;
      to->unconstrained = from->unconstrained;
    }
  if (columns & FERRYD_COLUMN_COUNTERS)
    {
      to->bytes_received = from->bytes_received;
      to->bytes_sent = from->bytes_sent;
      to->total_to_receive = from->total_to_receive;
      to->total_to_send = from->total_to_send;
      to->restarts = from->restarts;
      to->furthest = from->furthest;
    }
  if (columns & FERRYD_COLUMN_ORDER)
    to->order = from->order;
  if (columns & FERRYD_COLUMN_NOTIFICATION)
    to->notification_pending = from->notification_pending;
  if (columns & FERRYD_COLUMN_CLAIM)
    memcpy (to->claim, from->claim, sizeof to->claim);
  if (columns & FERRYD_COLUMN_TIMES)
    {
      to->not_before = from->not_before;
      to->not_after = from->not_after;
    }
}

static void
copy_cold (FerrydRow *to, const FerrydRow *from, FerrydColumns columns)
{
  if (columns & FERRYD_COLUMN_REQUEST)
    {
      set_variant (&to->request, from->request);
      set_variant (&to->secrets, from->secrets);
    }
  if (columns & FERRYD_COLUMN_ERROR)
    set_string (&to->error_message, from->error_message);
  if (columns & FERRYD_COLUMN_RESPONSE)
    {
      set_variant (&to->response, from->response);
      set_string (&to->suggested_name, from->suggested_name);
    }
  if (columns & FERRYD_COLUMN_PROGRESS)
    set_variant (&to->progress, from->progress);
  if (columns & FERRYD_COLUMN_UPLOAD)
    {
      to->upload_offset = from->upload_offset;
      set_string (&to->upload_url, from->upload_url);
    }
}

static FerrydRow *
row_copy (const FerrydRow *row, FerrydColumns columns)
{
  FerrydRow *copy = ferryd_row_new (&row->id);

  copy->columns = columns;
  copy->sequence = row->sequence;
  copy->order = row->order;
  copy_hot (copy, row, columns);
  copy_cold (copy, row, columns);
  return copy;
}

static FerrydRow *
find (FerrydFakeStore *self, const FerrydId *id)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      FerrydRow *row = g_ptr_array_index (self->rows, i);

      if (ferryd_id_equal (&row->id, id))
        return row;
    }
  return NULL;
}

static gboolean
is_token_taken (FerrydFakeStore *self, const FerrydRow *row)
{
  static const guint8 none[sizeof row->token_key] = { 0 };

  if (memcmp (row->token_key, none, sizeof none) == 0)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      const FerrydRow *other = g_ptr_array_index (self->rows, i);

      if (memcmp (other->token_key, row->token_key, sizeof none) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
insert (FerrydFakeStore *self, FerrydRow *row)
{
  row->sequence = ++self->sequence;
  if (row->order == 0)
    row->order = row->sequence;
  g_ptr_array_add (self->rows, row_copy (row, FERRYD_COLUMNS_ALL));
}

static void
update (FerrydFakeStore *self, const FerrydRow *row)
{
  FerrydRow *kept = find (self, &row->id);

  if (kept == NULL)
    return;
  copy_hot (kept, row, row->columns);
  copy_cold (kept, row, row->columns);
}

static void
set (FerrydFakeStore *self, const char *name, GVariant *value)
{
  if (value == NULL)
    g_hash_table_remove (self->settings, name);
  else
    g_hash_table_insert (self->settings, g_strdup (name), g_variant_ref_sink (value));
}

/* All or nothing: what can fail is looked at first. */
static gboolean
apply (FerrydFakeStore *self, FerrydBatch *batch, GError **error)
{
  for (guint i = 0; i < ferryd_batch_size (batch); i++)
    {
      const FerrydChange *change = ferryd_batch_peek (batch, i);

      if (change->kind != FERRYD_CHANGE_INSERT)
        continue;
      if (find (self, &change->row->id) != NULL || is_token_taken (self, change->row))
        {
          g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                               "That id or token is there.");
          return FALSE;
        }
    }
  for (guint i = 0; i < ferryd_batch_size (batch); i++)
    {
      FerrydChange *change = ferryd_batch_peek (batch, i);

      if (change->kind == FERRYD_CHANGE_INSERT)
        insert (self, change->row);
      else if (change->kind == FERRYD_CHANGE_UPDATE)
        update (self, change->row);
      else if (change->kind == FERRYD_CHANGE_DELETE)
        g_ptr_array_remove (self->rows, find (self, &change->row->id));
      else
        set (self, change->name, change->value);
    }
  return TRUE;
}

static void
return_unavailable (GTask *task, const char *message)
{
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE, "%s", message);
}

static void
call_free (Call *call)
{
  g_clear_pointer (&call->batch, ferryd_batch_free);
  g_clear_pointer (&call->ids, g_array_unref);
  g_free (call);
}

static void
carry_out_commit (FerrydFakeStore *self, GTask *task, Call *call)
{
  g_autoptr (GError) error = NULL;

  if (self->failing > 0)
    {
      self->failing--;
      return_unavailable (task, "The disk is full.");
    }
  else if (!apply (self, call->batch, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_steal_pointer (&call->batch), (GDestroyNotify) ferryd_batch_free);
}

static void
carry_out_read (FerrydFakeStore *self, GTask *task, const Call *call)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_row_free);

  for (guint i = 0; i < call->ids->len; i++)
    {
      const FerrydRow *row = find (self, &g_array_index (call->ids, FerrydId, i));

      g_ptr_array_add (rows, row != NULL ? row_copy (row, call->columns) : NULL);
    }
  g_task_return_pointer (task, rows, (GDestroyNotify) g_ptr_array_unref);
}

/* Those that wait share one sync. */
static void
carry_out_held (FerrydFakeStore *self)
{
  gboolean synced = FALSE;
  GTask *next;

  while ((next = g_queue_pop_head (&self->held)) != NULL)
    {
      g_autoptr (GTask) task = next;
      Call *call = g_task_get_task_data (task);

      if (!self->open)
        {
          return_unavailable (task, "The store is not open.");
          continue;
        }
      synced = synced || (call->batch != NULL && call->durability == FERRYD_DURABILITY_SYNCED);
      if (call->batch != NULL)
        carry_out_commit (self, task, call);
      else
        carry_out_read (self, task, call);
    }
  if (synced)
    self->syncs++;
}

static void
take_call (FerrydFakeStore *self, GTask *task, Call *call)
{
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  g_queue_push_tail (&self->held, task);
  if (!self->holding)
    carry_out_held (self);
}

static GVariant *
make_settings (FerrydFakeStore *self)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->settings);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_variant_builder_add (&builder, "{sv}", name, value);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
ferryd_fake_store_open_async (FerrydStore *store, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  FerrydFakeStore *self = FERRYD_FAKE_STORE (store);
  g_autoptr (GTask) task = g_task_new (store, cancellable, callback, user_data);
  FerrydStoreContents *contents;

  g_task_set_source_tag (task, ferryd_fake_store_open_async);
  if (self->open)
    {
      return_unavailable (task, "The store is open already.");
      return;
    }
  self->open = TRUE;
  contents = g_new0 (FerrydStoreContents, 1);
  contents->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_row_free);
  for (guint i = 0; i < self->rows->len; i++)
    g_ptr_array_add (contents->rows, row_copy (g_ptr_array_index (self->rows, i), FERRYD_COLUMNS_HOT));
  contents->settings = make_settings (self);
  g_task_return_pointer (task, contents, (GDestroyNotify) ferryd_store_contents_free);
}

static FerrydStoreContents *
ferryd_fake_store_open_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_fake_store_commit_async (FerrydStore *store, FerrydBatch *batch, FerrydDurability durability,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydFakeStore *self = FERRYD_FAKE_STORE (store);
  GTask *task = g_task_new (store, NULL, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, ferryd_fake_store_commit_async);
  call->batch = batch;
  call->durability = durability;
  take_call (self, task, call);
}

static FerrydBatch *
ferryd_fake_store_commit_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_fake_store_read_async (FerrydStore *store, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydFakeStore *self = FERRYD_FAKE_STORE (store);
  GTask *task = g_task_new (store, NULL, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, ferryd_fake_store_read_async);
  call->ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_array_append_vals (call->ids, ids, n_ids);
  call->columns = columns;
  take_call (self, task, call);
}

static GPtrArray *
ferryd_fake_store_read_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_fake_store_close_async (FerrydStore *store, GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydFakeStore *self = FERRYD_FAKE_STORE (store);
  g_autoptr (GTask) task = g_task_new (store, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_fake_store_close_async);
  carry_out_held (self);
  self->open = FALSE;
  g_task_return_boolean (task, TRUE);
}

static gboolean
ferryd_fake_store_close_finish (FerrydStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_fake_store_store_init (FerrydStoreInterface *iface)
{
  iface->open_async = ferryd_fake_store_open_async;
  iface->open_finish = ferryd_fake_store_open_finish;
  iface->commit_async = ferryd_fake_store_commit_async;
  iface->commit_finish = ferryd_fake_store_commit_finish;
  iface->read_async = ferryd_fake_store_read_async;
  iface->read_finish = ferryd_fake_store_read_finish;
  iface->close_async = ferryd_fake_store_close_async;
  iface->close_finish = ferryd_fake_store_close_finish;
}

static void
ferryd_fake_store_finalize (GObject *object)
{
  FerrydFakeStore *self = FERRYD_FAKE_STORE (object);

  g_assert_cmpuint (self->held.length, ==, 0);
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->settings);
  G_OBJECT_CLASS (ferryd_fake_store_parent_class)->finalize (object);
}

static void
ferryd_fake_store_class_init (FerrydFakeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_store_finalize;
}

static void
ferryd_fake_store_init (FerrydFakeStore *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_row_free);
  self->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_queue_init (&self->held);
}

/**
 * ferryd_fake_store_new:
 *
 * Returns: (transfer full): an empty store, not open
 */
FerrydFakeStore *
ferryd_fake_store_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_STORE, NULL);
}

/**
 * ferryd_fake_store_hold:
 * @self: a store
 *
 * From now on commits wait, as they do for a slow disk, and readings behind them.
 */
void
ferryd_fake_store_hold (FerrydFakeStore *self)
{
  self->holding = TRUE;
}

/**
 * ferryd_fake_store_release:
 * @self: a store
 *
 * Carries out what waits, in the order of the calls and with one sync, and holds no more.
 */
void
ferryd_fake_store_release (FerrydFakeStore *self)
{
  self->holding = FALSE;
  carry_out_held (self);
}

/**
 * ferryd_fake_store_count_held:
 * @self: a store
 *
 * Returns: how many commits and readings wait
 */
guint
ferryd_fake_store_count_held (FerrydFakeStore *self)
{
  return self->held.length;
}

/**
 * ferryd_fake_store_fail_next:
 * @self: a store
 *
 * The next commit to be carried out fails, and nothing of it is kept. Called twice, the next two.
 */
void
ferryd_fake_store_fail_next (FerrydFakeStore *self)
{
  self->failing++;
}

/**
 * ferryd_fake_store_crash:
 * @self: a store
 *
 * Ends it as a kill of the service does: what waits was never written and fails, and it can be opened again.
 */
void
ferryd_fake_store_crash (FerrydFakeStore *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->held)) != NULL)
    {
      return_unavailable (task, "The service was killed.");
      g_object_unref (task);
    }
  self->open = FALSE;
  self->holding = FALSE;
}

/**
 * ferryd_fake_store_count_syncs:
 * @self: a store
 *
 * Returns: how often the disk was waited for
 */
guint
ferryd_fake_store_count_syncs (FerrydFakeStore *self)
{
  return self->syncs;
}

/**
 * ferryd_fake_store_count_rows:
 * @self: a store
 *
 * Returns: how many operations it holds
 */
guint
ferryd_fake_store_count_rows (FerrydFakeStore *self)
{
  return self->rows->len;
}

/**
 * ferryd_fake_store_peek:
 * @self: a store
 * @id: an operation
 *
 * Returns: (transfer none) (nullable): what is kept of it, every column; good until the next commit
 */
const FerrydRow *
ferryd_fake_store_peek (FerrydFakeStore *self, const FerrydId *id)
{
  return find (self, id);
}
