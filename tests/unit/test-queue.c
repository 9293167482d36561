/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define URI "http://server.example/file"

#define BOTH_KINDS (1u << FERRY_KIND_DOWNLOAD | 1u << FERRY_KIND_UPLOAD)

typedef FerrydQueueKit Kit;

static void
format (const FerrydId *id, char text[FERRYD_ID_TEXT_SIZE])
{
  ferryd_id_format (id, text);
}

static guint
count (Kit *kit)
{
  const FerrydFilter filter = { .kinds = BOTH_KINDS };
  g_autoptr (GArray) ids = ferryd_queue_list (kit->queue, &filter);

  g_assert_cmpuint (ids->len, ==, ferryd_fake_store_count_rows (kit->store));
  return ids->len;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GPtrArray *
one (FerrydCreation *creation)
{
  GPtrArray *creations = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);

  g_ptr_array_add (creations, creation);
  return creations;
}

/* Creation. */

static void
test_create (Kit *kit, gconstpointer data)
{
  FerrydId id =
      ferryd_queue_kit_create (kit, "file", "{'title': <'T'>, 'group': <'g'>, 'priority': <'low'>}");
  g_autoptr (FerrydDescription) description = ferryd_queue_kit_describe (kit, &id);
  g_autofree char *path = ferryd_queue_kit_path (kit, "file");

  g_assert_true (ferryd_queue_contains (kit->queue, &id));
  g_assert_true (ferryd_id_equal (&description->id, &id));
  g_assert_cmpint (description->kind, ==, FERRY_KIND_DOWNLOAD);
  g_assert_cmpstr (description->application, ==, APP);
  g_assert_cmpstr (description->group, ==, "g");
  g_assert_cmpint (description->state, ==, FERRY_STATE_IDLE);
  g_assert_cmphex (description->causes, ==, FERRYD_CAUSE (FERRY_CAUSE_APPLICATION));
  g_assert_cmpint (description->priority, ==, FERRY_PRIORITY_LOW);
  g_assert_cmpint (description->error_status, ==, -1);
  g_assert_cmpint (description->created, ==, ferryd_clock_now (FERRYD_CLOCK (kit->clock)));
  g_assert_cmpint (description->finished, ==, 0);
  g_assert_cmpuint (description->attempt, ==, 0);
  g_assert_cmpint (description->total_to_receive, ==, -1);
  g_assert_true (description->is_complete);
  g_assert_cmpstr (description->request->uri, ==, URI);
  g_assert_cmpstr (description->request->title, ==, "T");
  g_assert_cmpstr (description->destination, ==, path);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 0);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 0);
}

/* Not answered, and not there, before it is durable. */
static void
test_create_durable (Kit *kit, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) created = NULL;
  g_autoptr (GError) error = NULL;
  FerrydCreation *creation;
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_fake_store_hold (kit->store);
  ferryd_queue_create_async (kit->queue, APP, one (ferryd_queue_kit_ask (kit, URI, "file", "{}")),
                             keep_result, &result);
  while (ferryd_fake_store_count_held (kit->store) == 0)
    g_main_context_iteration (NULL, TRUE);
  ferryd_queue_kit_settle (kit);
  g_assert_null (result);
  g_assert_cmpuint (count (kit), ==, 0);
  g_assert_cmpuint (ferryd_signal_log_count (kit->log), ==, 0);
  g_assert_true (ferryd_queue_is_busy (kit->queue));

  ferryd_fake_store_release (kit->store);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  created = ferryd_queue_create_finish (kit->queue, result, &error);
  g_assert_no_error (error);
  creation = g_ptr_array_index (created, 0);
  format (&creation->id, text);
  ferryd_signal_log_skip (kit->log, "busy-changed");
  ferryd_signal_log_expect (kit->log, "added (%s)", text);
  g_assert_cmpuint (count (kit), ==, 1);
}

static void
test_create_fails (Kit *kit, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  ferryd_fake_store_fail_next (kit->store);
  g_assert_false (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, URI, "file", "{'token': <'t'>}"), NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_cmpuint (count (kit), ==, 0);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
  /* Destination, token and quota are free again. */
  ferryd_queue_kit_create (kit, "file", "{'token': <'t'>}");
}

static void
test_create_many (Kit *kit, gconstpointer data)
{
  g_autoptr (GPtrArray) created = NULL;
  g_autoptr (GArray) ids = NULL;
  const FerrydFilter filter = { .kinds = BOTH_KINDS };
  GPtrArray *creations = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  guint syncs = ferryd_fake_store_count_syncs (kit->store);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *leaf = g_strdup_printf ("file-%u", i);

      g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, leaf, "{}"));
    }
  created = ferryd_queue_kit_create_many (kit, APP, creations, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (created->len, ==, 100);
  g_assert_cmpuint (ferryd_fake_store_count_syncs (kit->store) - syncs, ==, 1);
  ids = ferryd_queue_list (kit->queue, &filter);
  g_assert_cmpuint (ids->len, ==, 100);
  for (guint i = 0; i < ids->len; i++)
    g_assert_true (ferryd_id_equal (&g_array_index (ids, FerrydId, i),
                                    &((FerrydCreation *) g_ptr_array_index (created, i))->id));
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "added"), ==, 100);
}

/* All or none, whatever is wrong with one of them. */
static void
test_create_many_none (Kit *kit, gconstpointer data)
{
  static const struct
  {
    const char *leaf, *options;
    int code;
  } bad[] = {
    { "/nowhere/at/all", "{}", FERRY_ERROR_DESTINATION_UNAVAILABLE },
    { "first", "{}", FERRY_ERROR_DESTINATION_EXISTS },
    { "older", "{}", FERRY_ERROR_DESTINATION_EXISTS },
    { "other", "{'token': <'t'>}", FERRY_ERROR_INVALID_ARGUMENT },
  };
  FerrydId older = ferryd_queue_kit_create (kit, "older", "{'token': <'t'>}");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GPtrArray *creations = g_ptr_array_new ();
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, "first", "{}"));
      g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, bad[i].leaf, bad[i].options));
      g_test_message ("%s", bad[i].leaf);
      g_assert_null (ferryd_queue_kit_create_many (kit, APP, creations, &error));
      g_assert_error (error, FERRY_ERROR, bad[i].code);
      g_assert_cmpuint (count (kit), ==, 1);
    }
  g_assert_true (ferryd_queue_contains (kit->queue, &older));
  ferryd_queue_kit_create (kit, "first", "{}");
}

static void
test_token (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{'token': <'t'>}");
  FerrydId again, other;
  g_autoptr (GError) error = NULL;
  char text[FERRYD_ID_TEXT_SIZE];

  /* The same once more is the same, and nobody hears of it; other options do not count. */
  g_assert_true (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, URI, "file", "{'token': <'t'>, 'title': <'x'>}"), &again, &error));
  g_assert_no_error (error);
  g_assert_true (ferryd_id_equal (&id, &again));
  g_assert_cmpuint (count (kit), ==, 1);

  g_assert_false (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, "http://server.example/other", "file", "{'token': <'t'>}"), NULL,
      &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, URI, "elsewhere", "{'token': <'t'>}"), NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  /* Another application's token is another. */
  g_assert_true (ferryd_queue_kit_try_create (
      kit, "org.example.Other", ferryd_queue_kit_ask (kit, URI, "else", "{'token': <'t'>}"), &other, &error));
  g_assert_false (ferryd_id_equal (&id, &other));
  format (&other, text);
  ferryd_signal_log_skip (kit->log, "busy-changed");
  ferryd_signal_log_expect (kit->log, "added (%s)", text);
}

/* Two calls with one token at the same time, as after a lost reply. */
static void
test_token_at_once (Kit *kit, gconstpointer data)
{
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GPtrArray) a = NULL;
  g_autoptr (GPtrArray) b = NULL;
  g_autoptr (GError) error = NULL;

  ferryd_queue_create_async (kit->queue, APP,
                             one (ferryd_queue_kit_ask (kit, URI, "file", "{'token': <'t'>}")), keep_result,
                             &first);
  ferryd_queue_create_async (kit->queue, APP,
                             one (ferryd_queue_kit_ask (kit, URI, "file", "{'token': <'t'>}")), keep_result,
                             &second);
  while (first == NULL || second == NULL)
    g_main_context_iteration (NULL, TRUE);
  a = ferryd_queue_create_finish (kit->queue, first, &error);
  g_assert_no_error (error);
  b = ferryd_queue_create_finish (kit->queue, second, &error);
  g_assert_no_error (error);
  g_assert_true (ferryd_id_equal (&((FerrydCreation *) g_ptr_array_index (a, 0))->id,
                                  &((FerrydCreation *) g_ptr_array_index (b, 0))->id));
  g_assert_cmpuint (count (kit), ==, 1);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "added"), ==, 1);
}

/* As long as it exists: not after it was removed. */
static void
test_token_removed (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{'token': <'t'>}");
  FerrydId again;

  g_assert_true (ferryd_queue_kit_verb (kit, &id, FERRY_VERB_CANCEL, NULL));
  g_assert_true (ferryd_queue_kit_verb (kit, &id, FERRY_VERB_REMOVE, NULL));
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  ferryd_signal_log_skip (kit->log, "removed");
  again = ferryd_queue_kit_create (kit, "file", "{'token': <'t'>}");
  g_assert_false (ferryd_id_equal (&id, &again));
}

static void
test_claims (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (GError) error = NULL;

  /* Whoever asks, and whatever it would do with a file that is there. */
  g_assert_false (ferryd_queue_kit_try_create (
      kit, "org.example.Other", ferryd_queue_kit_ask (kit, URI, "file", "{'exists': <'replace'>}"), NULL,
      &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS);
  ferryd_queue_kit_create (kit, "file", "{'exists': <'rename'>}");
  ferryd_queue_kit_create (kit, "file", "{'exists': <'rename'>}");

  g_assert_true (ferryd_queue_kit_verb (kit, &id, FERRY_VERB_CANCEL, NULL));
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  ferryd_queue_kit_create (kit, "file", "{}");
}

static void
test_quota (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId id;
  GPtrArray *creations = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  values.max_operations_per_application = 2;
  ferryd_settings_override (kit->settings, &values);
  id = ferryd_queue_kit_create (kit, "a", "{}");
  g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, "b", "{}"));
  g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, "c", "{}"));
  g_assert_null (ferryd_queue_kit_create_many (kit, APP, creations, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED);
  g_clear_error (&error);
  ferryd_queue_kit_create (kit, "b", "{}");
  g_assert_false (
      ferryd_queue_kit_try_create (kit, APP, ferryd_queue_kit_ask (kit, URI, "c", "{}"), NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED);
  g_clear_error (&error);

  /* Another application has its own, and what has ended does not count. */
  g_assert_true (ferryd_queue_kit_try_create (kit, "org.example.Other",
                                              ferryd_queue_kit_ask (kit, URI, "c", "{}"), NULL, &error));
  ferryd_signal_log_skip (kit->log, "added");
  g_assert_true (ferryd_queue_kit_verb (kit, &id, FERRY_VERB_CANCEL, NULL));
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  ferryd_queue_kit_create (kit, "d", "{}");
}

/* Listing. */

static void
assert_listed (Kit *kit, const FerrydFilter *filter, const FerrydId *const *ids, guint n_ids)
{
  g_autoptr (GArray) listed = ferryd_queue_list (kit->queue, filter);

  g_assert_cmpuint (listed->len, ==, n_ids);
  for (guint i = 0; i < n_ids; i++)
    g_assert_true (ferryd_id_equal (&g_array_index (listed, FerrydId, i), ids[i]));
}

#define ASSERT_LISTED(filter, ...)                         \
  G_STMT_START                                             \
  {                                                        \
    const FerrydFilter wanted = filter;                    \
    const FerrydId *const ids[] = { __VA_ARGS__ };         \
                                                           \
    assert_listed (kit, &wanted, ids, G_N_ELEMENTS (ids)); \
  }                                                        \
  G_STMT_END
#define FILTER(...)                  \
  {                                  \
    .kinds = BOTH_KINDS, __VA_ARGS__ \
  }

static void
test_list (Kit *kit, gconstpointer data)
{
  FerrydId a = ferryd_queue_kit_create (kit, "a", "{'group': <'g'>, 'priority': <'low'>}");
  FerrydId b = ferryd_queue_kit_create (kit, "b", "{'priority': <'high'>}");
  FerrydId c = ferryd_queue_kit_create (kit, "c", "{'group': <'g'>}");
  FerrydId d, none;

  ferryd_id_generate (&none);
  g_assert_true (ferryd_queue_kit_try_create (kit, "", ferryd_queue_kit_ask (kit, URI, "d", "{}"), &d, NULL));
  ferryd_signal_log_skip (kit->log, "added");
  g_assert_true (ferryd_queue_kit_verb (kit, &b, FERRY_VERB_CANCEL, NULL));
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");

  /* Oldest first, whatever the priority. */
  ASSERT_LISTED (FILTER (.limit = 0), &a, &b, &c, &d);
  ASSERT_LISTED (FILTER (.application = APP), &a, &b, &c);
  ASSERT_LISTED (FILTER (.application = ""), &d);
  ASSERT_LISTED (FILTER (.group = "g"), &a, &c);
  ASSERT_LISTED (FILTER (.group = ""), &b, &d);
  ASSERT_LISTED (FILTER (.states = 1u << FERRY_STATE_CANCELED), &b);
  ASSERT_LISTED (FILTER (.states = 1u << FERRY_STATE_CANCELED | 1u << FERRY_STATE_IDLE, .application = APP),
                 &a, &b, &c);
  ASSERT_LISTED (FILTER (.limit = 2), &a, &b);
  ASSERT_LISTED (FILTER (.after = &a, .limit = 2), &b, &c);
  ASSERT_LISTED (FILTER (.after = &b), &c, &d);
  ASSERT_LISTED (FILTER (.after = &b, .application = APP), &c);
  assert_listed (kit, &(FerrydFilter) FILTER (.after = &d), NULL, 0);
  assert_listed (kit, &(FerrydFilter) FILTER (.after = &none), NULL, 0);
  assert_listed (kit, &(FerrydFilter) FILTER (.group = "h"), NULL, 0);
  assert_listed (kit, &(FerrydFilter) FILTER (.completion_group = &none), NULL, 0);
  assert_listed (kit, &(FerrydFilter){ .kinds = 1u << FERRY_KIND_UPLOAD }, NULL, 0);
}

/* Restart. */

static void
test_restart (Kit *kit, gconstpointer data)
{
  FerrydId a =
      ferryd_queue_kit_create (kit, "a", "{'token': <'t'>, 'title': <'T'>, 'headers': <[('Cookie', 'c')]>}");
  FerrydId b =
      ferryd_queue_kit_create (kit, "b", "{'group': <'g'>, 'priority': <'high'>, 'max-speed': <uint64 7>}");
  FerrydId c = ferryd_queue_kit_run (kit, "c", "{}");
  FerrydId again;
  g_autoptr (FerrydDescription) description = NULL;
  g_autoptr (FerrydDescription) other = NULL;
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_fetch (kit, 0);
  g_assert_true (ferryd_queue_kit_verb (kit, &b, FERRY_VERB_CANCEL, NULL));
  ferryd_queue_kit_expect_changes (kit, &b);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 1);
  ferryd_queue_kit_restart (kit);

  ASSERT_LISTED (FILTER (.limit = 0), &a, &b, &c);
  description = ferryd_queue_kit_describe (kit, &a);
  g_assert_cmpint (description->state, ==, FERRY_STATE_IDLE);
  g_assert_cmpstr (description->application, ==, APP);
  g_assert_cmpstr (description->request->title, ==, "T");
  g_assert_cmpuint (g_variant_n_children (description->request->headers), ==, 1);
  other = ferryd_queue_kit_describe (kit, &b);
  g_assert_cmpint (other->state, ==, FERRY_STATE_CANCELED);
  g_assert_cmpstr (other->group, ==, "g");
  g_assert_cmpint (other->priority, ==, FERRY_PRIORITY_HIGH);
  g_assert_cmpuint (other->max_speed, ==, 7);
  g_assert_cmpint (other->finished, ==, ferryd_clock_now (FERRYD_CLOCK (kit->clock)));

  /* What was started goes on by itself. */
  ferryd_queue_kit_wait_state (kit, &c, FERRY_STATE_RUNNING);
  ferryd_queue_kit_fetch (kit, 1);
  ferryd_queue_kit_expect_changes (kit, &c);

  /* Token and claims are known. */
  g_assert_true (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, URI, "a", "{'token': <'t'>}"), &again, &error));
  g_assert_true (ferryd_id_equal (&a, &again));
  g_assert_false (
      ferryd_queue_kit_try_create (kit, APP, ferryd_queue_kit_ask (kit, URI, "c", "{}"), NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/queue/" name, Kit, NULL, ferryd_queue_kit_set_up, function, ferryd_queue_kit_tear_down)
  ADD ("create", test_create);
  ADD ("create/durable", test_create_durable);
  ADD ("create/fails", test_create_fails);
  ADD ("create-many", test_create_many);
  ADD ("create-many/none", test_create_many_none);
  ADD ("token", test_token);
  ADD ("token/at-once", test_token_at_once);
  ADD ("token/removed", test_token_removed);
  ADD ("claims", test_claims);
  ADD ("quota", test_quota);
  ADD ("list", test_list);
  ADD ("restart", test_restart);
#undef ADD
  return g_test_run ();
}
