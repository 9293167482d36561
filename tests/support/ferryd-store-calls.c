/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-calls.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "ferry-error.h"

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **answer = user_data;

  g_assert_null (*answer);
  *answer = g_object_ref (result);
}

static void
wait_for (GAsyncResult **answer)
{
  while (*answer == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferryd_store_calls_open:
 * @store: a store
 * @error: as ferryd_store_open_finish()
 *
 * Returns: (transfer full): what it holds
 */
FerrydStoreContents *
ferryd_store_calls_open (FerrydStore *store, GError **error)
{
  g_autoptr (GAsyncResult) answer = NULL;

  ferryd_store_open_async (store, NULL, on_answered, &answer);
  g_assert_null (answer);
  wait_for (&answer);
  return ferryd_store_open_finish (store, answer, error);
}

/**
 * ferryd_store_calls_commit:
 * @store: a store
 * @batch: (transfer full): changes
 * @durability: what the answer stands for
 * @error: as ferryd_store_commit_finish()
 *
 * Returns: (transfer full): the batch
 */
FerrydBatch *
ferryd_store_calls_commit (FerrydStore *store, FerrydBatch *batch, FerrydDurability durability,
                           GError **error)
{
  g_autoptr (GAsyncResult) answer = NULL;

  ferryd_store_commit_async (store, batch, durability, on_answered, &answer);
  g_assert_null (answer);
  wait_for (&answer);
  return ferryd_store_commit_finish (store, answer, error);
}

/**
 * ferryd_store_calls_read:
 * @store: a store
 * @ids: (array length=n_ids): operations
 * @n_ids: how many
 * @columns: what to read
 * @error: as ferryd_store_read_finish()
 *
 * Returns: (transfer full) (element-type FerrydRow): the rows
 */
GPtrArray *
ferryd_store_calls_read (FerrydStore *store, const FerrydId *ids, guint n_ids, FerrydColumns columns,
                         GError **error)
{
  g_autoptr (GAsyncResult) answer = NULL;

  ferryd_store_read_async (store, ids, n_ids, columns, on_answered, &answer);
  g_assert_null (answer);
  wait_for (&answer);
  return ferryd_store_read_finish (store, answer, error);
}

/**
 * ferryd_store_calls_must_open:
 * @store: a store that can be opened
 *
 * Returns: (transfer full): what it holds
 */
FerrydStoreContents *
ferryd_store_calls_must_open (FerrydStore *store)
{
  g_autoptr (GError) error = NULL;
  FerrydStoreContents *contents = ferryd_store_calls_open (store, &error);

  g_assert_no_error (error);
  return contents;
}

/**
 * ferryd_store_calls_must_commit:
 * @store: an open store
 * @batch: (transfer full): changes that it can make; durable on return
 */
void
ferryd_store_calls_must_commit (FerrydStore *store, FerrydBatch *batch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) done = ferryd_store_calls_commit (store, batch, FERRYD_DURABILITY_SYNCED, &error);

  g_assert_no_error (error);
  g_assert_true (done == batch);
}

/**
 * ferryd_store_calls_close:
 * @store: a store
 */
void
ferryd_store_calls_close (FerrydStore *store)
{
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (GError) error = NULL;

  ferryd_store_close_async (store, on_answered, &answer);
  wait_for (&answer);
  g_assert_true (ferryd_store_close_finish (store, answer, &error));
  g_assert_no_error (error);
}

/**
 * ferryd_store_calls_make_id:
 * @id: (out): the same for the same @n, spread as random ones are
 * @n: which
 */
void
ferryd_store_calls_make_id (FerrydId *id, guint n)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  gsize size = sizeof id->bytes;

  g_checksum_update (checksum, (const guchar *) &n, sizeof n);
  g_checksum_get_digest (checksum, id->bytes, &size);
}

/**
 * ferryd_store_calls_make_row:
 * @n: which
 *
 * Returns: (transfer full): a plain queued download, every column
 */
FerrydRow *
ferryd_store_calls_make_row (guint n)
{
  FerrydId id;
  FerrydRow *row;

  ferryd_store_calls_make_id (&id, n);
  row = ferryd_row_new (&id);
  row->columns = FERRYD_COLUMNS_ALL;
  row->state = FERRY_STATE_QUEUED;
  row->application = g_strdup ("org.example.App");
  row->group = g_strdup ("");
  row->host = g_strdup ("http://example.org:80");
  row->created = 1000 + n;
  row->pausable = TRUE;
  row->request = g_variant_ref_sink (g_variant_new_parsed ("{'uri': <%s>}", "http://example.org/file"));
  return row;
}

/**
 * ferryd_store_calls_make_full_row:
 * @n: which
 *
 * Returns: (transfer full): one with something in every column but the secrets, extremes where there are any
 */
FerrydRow *
ferryd_store_calls_make_full_row (guint n)
{
  FerrydRow *row = ferryd_store_calls_make_row (n);

  row->kind = FERRY_KIND_UPLOAD;
  g_free (row->group);
  row->group = g_strdup ("pictures “größer”");
  ferryd_store_calls_make_id (&row->completion_group, n + 1000000);
  memset (row->token_key, 0xa5, sizeof row->token_key);
  memcpy (row->token_key, &n, sizeof n);
  row->state = FERRY_STATE_ERROR;
  row->error_status = FERRY_TRANSFER_ERROR_ADDRESS_NOT_ALLOWED;
  row->finished = G_MAXINT64;
  row->attempt = 3;
  row->retry_at = 4711;
  row->order = -5;
  row->priority = FERRY_PRIORITY_LOW;
  row->cost_policy = FERRY_COST_POLICY_ALWAYS;
  row->max_speed = G_MAXUINT64;
  row->unconstrained = TRUE;
  row->bytes_received = (G_GUINT64_CONSTANT (1) << 53) + 1;
  row->bytes_sent = 7;
  row->total_to_receive = G_MAXINT64;
  row->total_to_send = -1;
  row->restarts = 2;
  row->furthest = G_MAXUINT64 - 1;
  memset (row->claim, 0x5a, sizeof row->claim);
  row->not_before = 12;
  row->not_after = 13;
  row->error_message = g_strdup ("The address is not allowed");
  row->response = g_variant_ref_sink (g_variant_new_parsed ("{'status': <uint32 403>}"));
  row->suggested_name = g_strdup ("name");
  row->progress = g_variant_ref_sink (g_variant_new_parsed ("(uint64 1, [(uint64 0, uint64 9)])"));
  row->upload_offset = 99;
  row->upload_url = g_strdup ("http://example.org/upload/1");
  row->notification_pending = TRUE;
  return row;
}

/**
 * ferryd_store_calls_make_insertion:
 * @first: the first row
 * @n: how many
 *
 * Returns: (transfer full): a batch that inserts plain rows
 */
FerrydBatch *
ferryd_store_calls_make_insertion (guint first, guint n)
{
  FerrydBatch *batch = ferryd_batch_new ();

  for (guint i = 0; i < n; i++)
    ferryd_batch_insert (batch, ferryd_store_calls_make_row (first + i));
  return batch;
}

static void
assert_equal_variant (GVariant *a, GVariant *b)
{
  if (a == NULL || b == NULL)
    g_assert_true (a == b);
  else
    g_assert_cmpvariant (a, b);
}

static void
assert_equal_hot (const FerrydRow *a, const FerrydRow *b, FerrydColumns columns)
{
  if (columns & FERRYD_COLUMN_IDENTITY)
    {
      g_assert_cmpint (a->kind, ==, b->kind);
      g_assert_cmpstr (a->application, ==, b->application);
      g_assert_cmpstr (a->group, ==, b->group);
      g_assert_cmpstr (a->host, ==, b->host);
      g_assert_true (ferryd_id_equal (&a->completion_group, &b->completion_group));
      g_assert_cmpmem (a->token_key, 16, b->token_key, 16);
      g_assert_cmpint (a->created, ==, b->created);
      g_assert_cmpint (a->pausable, ==, b->pausable);
    }
  if (columns & FERRYD_COLUMN_STATE)
    {
      g_assert_cmpint (a->state, ==, b->state);
      g_assert_cmpint (a->error_status, ==, b->error_status);
      g_assert_cmpint (a->finished, ==, b->finished);
      g_assert_cmpuint (a->attempt, ==, b->attempt);
      g_assert_cmpint (a->retry_at, ==, b->retry_at);
    }
  if (columns & FERRYD_COLUMN_POLICY)
    {
      g_assert_cmpint (a->priority, ==, b->priority);
      g_assert_cmpint (a->cost_policy, ==, b->cost_policy);
      g_assert_cmpuint (a->max_speed, ==, b->max_speed);
      g_assert_cmpint (a->unconstrained, ==, b->unconstrained);
    }
  if (columns & FERRYD_COLUMN_COUNTERS)
    {
      g_assert_cmpuint (a->bytes_received, ==, b->bytes_received);
      g_assert_cmpuint (a->bytes_sent, ==, b->bytes_sent);
      g_assert_cmpint (a->total_to_receive, ==, b->total_to_receive);
      g_assert_cmpint (a->total_to_send, ==, b->total_to_send);
      g_assert_cmpuint (a->restarts, ==, b->restarts);
      g_assert_cmpuint (a->furthest, ==, b->furthest);
    }
  if (columns & FERRYD_COLUMN_NOTIFICATION)
    g_assert_cmpint (a->notification_pending, ==, b->notification_pending);
  if (columns & FERRYD_COLUMN_ORDER)
    g_assert_cmpint (a->order, ==, b->order);
  if (columns & FERRYD_COLUMN_CLAIM)
    g_assert_cmpmem (a->claim, 16, b->claim, 16);
  if (columns & FERRYD_COLUMN_TIMES)
    {
      g_assert_cmpint (a->not_before, ==, b->not_before);
      g_assert_cmpint (a->not_after, ==, b->not_after);
    }
}

/**
 * ferryd_store_calls_assert_equal:
 * @a: a row
 * @b: another
 * @columns: in which they must be the same; so must their ids
 */
void
ferryd_store_calls_assert_equal (const FerrydRow *a, const FerrydRow *b, FerrydColumns columns)
{
  g_assert_true (ferryd_id_equal (&a->id, &b->id));
  assert_equal_hot (a, b, columns);
  if (columns & FERRYD_COLUMN_REQUEST)
    {
      assert_equal_variant (a->request, b->request);
      assert_equal_variant (a->secrets, b->secrets);
    }
  if (columns & FERRYD_COLUMN_ERROR)
    g_assert_cmpstr (a->error_message, ==, b->error_message);
  if (columns & FERRYD_COLUMN_RESPONSE)
    {
      assert_equal_variant (a->response, b->response);
      g_assert_cmpstr (a->suggested_name, ==, b->suggested_name);
    }
  if (columns & FERRYD_COLUMN_PROGRESS)
    assert_equal_variant (a->progress, b->progress);
  if (columns & FERRYD_COLUMN_UPLOAD)
    {
      g_assert_cmpuint (a->upload_offset, ==, b->upload_offset);
      g_assert_cmpstr (a->upload_url, ==, b->upload_url);
    }
}

/**
 * ferryd_store_calls_make_directory:
 *
 * Returns: (transfer full): path of a new, empty directory
 */
char *
ferryd_store_calls_make_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("ferry-store-XXXXXX", &error);

  g_assert_no_error (error);
  return directory;
}

/**
 * ferryd_store_calls_remove_directory:
 * @directory: with files and nothing else in it
 */
void
ferryd_store_calls_remove_directory (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}
