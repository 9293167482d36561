/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-store.h"
#include "ferryd-store-calls.h"
#include "ferryd-store.h"

static void
test_new (void)
{
  FerrydId id;
  g_autoptr (FerrydRow) row = NULL;

  ferryd_store_calls_make_id (&id, 1);
  row = ferryd_row_new (&id);
  g_assert_true (ferryd_id_equal (&row->id, &id));
  g_assert_cmpint (row->columns, ==, 0);
  g_assert_cmpint (row->error_status, ==, -1);
  g_assert_cmpint (row->total_to_receive, ==, -1);
  g_assert_cmpint (row->total_to_send, ==, -1);
  g_assert_null (row->application);
}

static void
test_clear (void)
{
  static const FerrydRow zero = { 0 };
  g_autoptr (FerrydRow) row = ferryd_store_calls_make_full_row (1);

  row->secrets = g_variant_ref_sink (g_variant_new_string ("secret"));
  ferryd_row_clear (row);
  g_assert_cmpmem (row, sizeof *row, &zero, sizeof zero);
  ferryd_row_clear (row);
  ferryd_row_free (NULL);
}

static void
test_batch (void)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  FerrydRow *row = ferryd_store_calls_make_row (1);
  FerrydId other;

  ferryd_store_calls_make_id (&other, 2);
  g_assert_cmpuint (ferryd_batch_size (batch), ==, 0);
  ferryd_batch_insert (batch, row);
  ferryd_batch_update (batch, ferryd_store_calls_make_row (3));
  ferryd_batch_delete (batch, &other);
  ferryd_batch_set (batch, "paused", g_variant_new_boolean (TRUE));
  ferryd_batch_set (batch, "gone", NULL);
  g_assert_cmpuint (ferryd_batch_size (batch), ==, 5);

  g_assert_cmpint (ferryd_batch_peek (batch, 0)->kind, ==, FERRYD_CHANGE_INSERT);
  g_assert_true (ferryd_batch_peek (batch, 0)->row == row);
  g_assert_cmpint (ferryd_batch_peek (batch, 1)->kind, ==, FERRYD_CHANGE_UPDATE);
  g_assert_cmpint (ferryd_batch_peek (batch, 2)->kind, ==, FERRYD_CHANGE_DELETE);
  g_assert_true (ferryd_id_equal (&ferryd_batch_peek (batch, 2)->row->id, &other));
  g_assert_cmpint (ferryd_batch_peek (batch, 3)->kind, ==, FERRYD_CHANGE_SETTING);
  g_assert_cmpstr (ferryd_batch_peek (batch, 3)->name, ==, "paused");
  g_assert_true (g_variant_get_boolean (ferryd_batch_peek (batch, 3)->value));
  g_assert_null (ferryd_batch_peek (batch, 4)->value);
  ferryd_batch_free (NULL);
}

static void
note_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  g_string_append_c (user_data, batch != NULL ? 'c' : 'f');
}

static void
insert (FerrydFakeStore *fake, guint n, GString *heard)
{
  FerrydBatch *batch = ferryd_batch_new ();

  ferryd_batch_insert (batch, ferryd_store_calls_make_row (n));
  ferryd_store_commit_async (FERRYD_STORE (fake), batch, FERRYD_DURABILITY_SYNCED, note_answer, heard);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* The fake keeps the promises of the interface that the engine's tests are built on. */
static void
test_fake_order (void)
{
  g_autoptr (FerrydFakeStore) fake = ferryd_fake_store_new ();
  g_autoptr (FerrydStoreContents) contents = ferryd_store_calls_open (FERRYD_STORE (fake), NULL);
  g_autoptr (GString) heard = g_string_new (NULL);

  g_assert_cmpuint (contents->rows->len, ==, 0);
  ferryd_fake_store_hold (fake);
  insert (fake, 1, heard);
  insert (fake, 1, heard);
  insert (fake, 2, heard);
  settle ();
  g_assert_cmpuint (ferryd_fake_store_count_held (fake), ==, 3);
  g_assert_cmpuint (ferryd_fake_store_count_rows (fake), ==, 0);
  g_assert_cmpstr (heard->str, ==, "");
  ferryd_fake_store_release (fake);
  settle ();
  g_assert_cmpstr (heard->str, ==, "cfc");
  g_assert_cmpuint (ferryd_fake_store_count_syncs (fake), ==, 1);
  g_assert_cmpuint (ferryd_fake_store_count_rows (fake), ==, 2);
  ferryd_fake_store_fail_next (fake);
  insert (fake, 3, heard);
  insert (fake, 4, heard);
  g_assert_cmpstr (heard->str, ==, "cfc");
  settle ();
  g_assert_cmpstr (heard->str, ==, "cfcfc");
}

static void
test_fake_restart (void)
{
  g_autoptr (FerrydFakeStore) fake = ferryd_fake_store_new ();
  g_autoptr (FerrydStoreContents) contents = ferryd_store_calls_open (FERRYD_STORE (fake), NULL);
  g_autoptr (FerrydStoreContents) again = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (FerrydBatch) batch = NULL;
  g_autoptr (FerrydBatch) full = ferryd_batch_new ();
  g_autoptr (GPtrArray) rows = NULL;
  FerrydId id;

  ferryd_batch_insert (full, ferryd_store_calls_make_full_row (1));
  ferryd_batch_set (full, "paused", g_variant_new_boolean (TRUE));
  batch = ferryd_store_calls_commit (FERRYD_STORE (fake), g_steal_pointer (&full), FERRYD_DURABILITY_SYNCED,
                                     NULL);
  g_assert_cmpint (ferryd_batch_peek (batch, 0)->row->sequence, ==, 1);
  ferryd_fake_store_hold (fake);
  insert (fake, 2, heard);
  ferryd_fake_store_crash (fake);
  settle ();
  g_assert_cmpstr (heard->str, ==, "f");

  again = ferryd_store_calls_open (FERRYD_STORE (fake), NULL);
  g_assert_cmpuint (again->rows->len, ==, 1);
  ferryd_store_calls_assert_equal (g_ptr_array_index (again->rows, 0), ferryd_batch_peek (batch, 0)->row,
                                   FERRYD_COLUMNS_HOT);
  g_assert_cmpuint (g_variant_n_children (again->settings), ==, 1);
  ferryd_store_calls_make_id (&id, 1);
  rows = ferryd_store_calls_read (FERRYD_STORE (fake), &id, 1, FERRYD_COLUMNS_COLD, NULL);
  ferryd_store_calls_assert_equal (g_ptr_array_index (rows, 0), ferryd_batch_peek (batch, 0)->row,
                                   FERRYD_COLUMNS_COLD);
  g_assert_nonnull (ferryd_fake_store_peek (fake, &id));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/row/new", test_new);
  g_test_add_func ("/row/clear", test_clear);
  g_test_add_func ("/row/batch", test_batch);
  g_test_add_func ("/row/fake-store/order", test_fake_order);
  g_test_add_func ("/row/fake-store/restart", test_fake_restart);

  return g_test_run ();
}
