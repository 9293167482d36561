/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define GROUP "{'group': <'g'>, 'start': <true>}"
#define CAUSE(name) FERRYD_CAUSE (FERRY_CAUSE_##name)

typedef FerrydQueueKit Kit;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **kept)
{
  while (*kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *kept;
}

/* Nobody reads what is told in between. */
static void
skip_log (Kit *kit)
{
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  ferryd_signal_log_skip (kit->log, "removed");
  ferryd_signal_log_skip (kit->log, "busy-changed");
}

static void
restart (Kit *kit)
{
  ferryd_queue_kit_settle (kit);
  skip_log (kit);
  ferryd_queue_kit_restart (kit);
}

static gboolean
behave (Kit *kit, const char *group, FerryGroupBehavior behavior, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean done;

  ferryd_queue_set_group_behavior_async (kit->queue, APP, group, behavior, keep_result, &result);
  done = ferryd_queue_set_group_behavior_finish (kit->queue, wait_for (&result), error);
  ferryd_queue_kit_settle (kit);
  skip_log (kit);
  return done;
}

static void
serialize (Kit *kit)
{
  g_autoptr (GError) error = NULL;

  behave (kit, "g", FERRY_GROUP_BEHAVIOR_SERIALIZED, &error);
  g_assert_no_error (error);
}

static gboolean
make_current (Kit *kit, const FerrydId *id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean done;

  ferryd_queue_make_current_async (kit->queue, id, keep_result, &result);
  done = ferryd_queue_make_current_finish (kit->queue, wait_for (&result), error);
  ferryd_queue_kit_settle (kit);
  skip_log (kit);
  return done;
}

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
}

static FerrydId
add (Kit *kit, const char *leaf, const char *options)
{
  g_autoptr (GError) error = NULL;
  FerrydId id;

  ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, "http://server.example/file", leaf, options), &id, &error);
  g_assert_no_error (error);
  skip_log (kit);
  return id;
}

static void
create (Kit *kit, FerrydId *ids, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *leaf = g_strdup_printf ("%u", i);

      ids[i] = add (kit, leaf, GROUP);
    }
  ferryd_queue_kit_settle (kit);
  skip_log (kit);
}

/* Which of them runs, and nobody else of them. */
static void
assert_running (Kit *kit, const FerrydId *ids, guint n, guint which)
{
  ferryd_queue_kit_wait_state (kit, &ids[which], FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (ferryd_queue_kit_state (kit, &ids[i]) == FERRY_STATE_RUNNING, ==, i == which);
}

/* Ends what runs, one after the other, and looks that they come in this order. */
static void
assert_order (Kit *kit, const FerrydId *ids, guint n, const guint *order, guint n_order)
{
  for (guint i = 0; i < n_order; i++)
    {
      assert_running (kit, ids, n, order[i]);
      do_verb (kit, &ids[order[i]], FERRY_VERB_CANCEL);
    }
  skip_log (kit);
}

#define ASSERT_ORDER(kit, ids, ...)                                           \
  assert_order (kit, ids, G_N_ELEMENTS (ids), (const guint[]){ __VA_ARGS__ }, \
                sizeof ((const guint[]){ __VA_ARGS__ }) / sizeof (guint))

static void
test_one_at_a_time (Kit *kit, gconstpointer data)
{
  FerrydId ids[5];

  serialize (kit);
  create (kit, ids, 5);
  assert_running (kit, ids, 5, 0);
  ferryd_queue_kit_assert_causes (kit, &ids[1], CAUSE (GROUP));
  ferryd_queue_kit_assert_causes (kit, &ids[4], CAUSE (GROUP));
  ASSERT_ORDER (kit, ids, 0, 1, 2, 3, 4);
}

static void
test_high_beside (Kit *kit, gconstpointer data)
{
  FerrydId ids[2], high;

  serialize (kit);
  create (kit, ids, 2);
  high = add (kit, "high", "{'group': <'g'>, 'start': <true>, 'priority': <'high'>}");
  ferryd_queue_kit_wait_state (kit, &high, FERRY_STATE_RUNNING);
  assert_running (kit, ids, 2, 0);
  skip_log (kit);
}

/* Live in both directions, and nothing that runs is stopped. */
static void
test_live (Kit *kit, gconstpointer data)
{
  FerrydId ids[4];
  g_autoptr (GError) error = NULL;

  create (kit, ids, 2);
  ferryd_queue_kit_wait_state (kit, &ids[0], FERRY_STATE_RUNNING);
  ferryd_queue_kit_wait_state (kit, &ids[1], FERRY_STATE_RUNNING);
  serialize (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &ids[0]), ==, FERRY_STATE_RUNNING);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &ids[1]), ==, FERRY_STATE_RUNNING);
  ids[2] = add (kit, "c", GROUP);
  ids[3] = add (kit, "d", GROUP);
  ferryd_queue_kit_settle (kit);
  do_verb (kit, &ids[0], FERRY_VERB_CANCEL);
  ferryd_queue_kit_assert_causes (kit, &ids[2], CAUSE (GROUP));
  do_verb (kit, &ids[1], FERRY_VERB_CANCEL);
  assert_running (kit, ids, 4, 2);
  g_assert_true (behave (kit, "g", FERRY_GROUP_BEHAVIOR_PARALLEL, &error));
  ferryd_queue_kit_wait_state (kit, &ids[3], FERRY_STATE_RUNNING);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &ids[2]), ==, FERRY_STATE_RUNNING);
  skip_log (kit);
}

static void
test_persistent (Kit *kit, gconstpointer data)
{
  FerrydId ids[2];
  const FerrydGroup *group;
  g_autoptr (GPtrArray) groups = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;

  serialize (kit);
  restart (kit);
  groups = ferryd_queue_list_groups (kit->queue, APP);
  g_assert_cmpuint (groups->len, ==, 1);
  group = g_ptr_array_index (groups, 0);
  g_assert_cmpstr (group->name, ==, "g");
  g_assert_cmpint (group->behavior, ==, FERRY_GROUP_BEHAVIOR_SERIALIZED);
  g_assert_cmpuint (group->operations, ==, 0);
  create (kit, ids, 2);
  assert_running (kit, ids, 2, 0);
  g_assert_cmpuint (group->operations, ==, 2);
  skip_log (kit);

  g_assert_true (behave (kit, "h", FERRY_GROUP_BEHAVIOR_SERIALIZED, &error));
  g_assert_true (behave (kit, "h", FERRY_GROUP_BEHAVIOR_PARALLEL, &error));
  ferryd_fake_store_fail_next (kit->store);
  g_assert_false (behave (kit, "i", FERRY_GROUP_BEHAVIOR_SERIALIZED, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  none = ferryd_queue_list_groups (kit->queue, APP);
  g_assert_cmpuint (none->len, ==, 1);
  skip_log (kit);
}

static void
test_limit (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  g_autoptr (GError) error = NULL;

  values.max_operations_per_application = 2;
  ferryd_settings_override (kit->settings, &values);
  g_assert_true (behave (kit, "a", FERRY_GROUP_BEHAVIOR_SERIALIZED, NULL));
  g_assert_true (behave (kit, "b", FERRY_GROUP_BEHAVIOR_SERIALIZED, NULL));
  g_assert_true (behave (kit, "b", FERRY_GROUP_BEHAVIOR_SERIALIZED, NULL));
  g_assert_false (behave (kit, "c", FERRY_GROUP_BEHAVIOR_SERIALIZED, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_true (behave (kit, "a", FERRY_GROUP_BEHAVIOR_PARALLEL, NULL));
  g_assert_true (behave (kit, "c", FERRY_GROUP_BEHAVIOR_SERIALIZED, NULL));
}

/* What waits for its retry is still the one whose turn it is; what is paused lets the others pass. */
static void
test_retry_and_pause (Kit *kit, gconstpointer data)
{
  FerrydId ids[3];

  serialize (kit);
  create (kit, ids, 3);
  assert_running (kit, ids, 3, 0);
  ferryd_fake_fetch_fail (
      ferryd_queue_kit_fetch (kit, 0),
      ferryd_failure_new (FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY, "Busy"));
  ferryd_queue_kit_wait_state (kit, &ids[0], FERRY_STATE_QUEUED);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_assert_causes (kit, &ids[0], CAUSE (RETRY));
  ferryd_queue_kit_assert_causes (kit, &ids[1], CAUSE (GROUP));
  restart (kit);
  ferryd_queue_kit_assert_causes (kit, &ids[0], CAUSE (RETRY));
  ferryd_queue_kit_assert_causes (kit, &ids[1], CAUSE (GROUP));
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_HOUR);
  assert_running (kit, ids, 3, 0);

  do_verb (kit, &ids[0], FERRY_VERB_PAUSE);
  assert_running (kit, ids, 3, 1);
  do_verb (kit, &ids[0], FERRY_VERB_RESUME);
  assert_running (kit, ids, 3, 1);
  ferryd_queue_kit_assert_causes (kit, &ids[0], CAUSE (GROUP));
  do_verb (kit, &ids[1], FERRY_VERB_CANCEL);
  assert_running (kit, ids, 3, 0);
  skip_log (kit);
}

/* Nobody runs, and the one whose turn it is waits for its retry: without it the next one comes at once. */
static void
test_retry_and_leave (Kit *kit, gconstpointer data)
{
  static const FerryVerb verbs[] = { FERRY_VERB_PAUSE, FERRY_VERB_CANCEL };
  FerrydId ids[G_N_ELEMENTS (verbs) + 1];

  serialize (kit);
  create (kit, ids, G_N_ELEMENTS (ids));
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      ferryd_fake_fetch_fail (
          ferryd_queue_kit_fetch (kit, i),
          ferryd_failure_new (FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, FERRYD_REMEDY_RETRY, "Busy"));
      ferryd_queue_kit_wait_state (kit, &ids[i], FERRY_STATE_QUEUED);
      ferryd_queue_kit_settle (kit);
      ferryd_queue_kit_assert_causes (kit, &ids[i], CAUSE (RETRY));
      do_verb (kit, &ids[i], verbs[i]);
      assert_running (kit, ids, G_N_ELEMENTS (ids), i + 1);
    }
  skip_log (kit);
}

/* The fourth and those behind it, then the one that ran, then the others; and so after a restart. */
static void
test_make_current (Kit *kit, gconstpointer data)
{
  FerrydId ids[5];
  g_autoptr (GError) error = NULL;

  serialize (kit);
  create (kit, ids, 5);
  assert_running (kit, ids, 5, 0);
  make_current (kit, &ids[3], &error);
  g_assert_no_error (error);
  assert_running (kit, ids, 5, 3);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &ids[0]), ==, FERRY_STATE_QUEUED);
  ferryd_queue_kit_assert_causes (kit, &ids[0], CAUSE (GROUP));
  restart (kit);
  ASSERT_ORDER (kit, ids, 3, 4, 0, 1, 2);
}

/* The one that runs is not always the first. */
static void
test_make_current_right_behind (Kit *kit, gconstpointer data)
{
  FerrydId ids[5];

  serialize (kit);
  create (kit, ids, 5);
  do_verb (kit, &ids[0], FERRY_VERB_PAUSE);
  /* Until its attempt has stopped it is nobody else's turn. */
  assert_running (kit, ids, 5, 1);
  do_verb (kit, &ids[0], FERRY_VERB_RESUME);
  assert_running (kit, ids, 5, 1);
  g_assert_true (make_current (kit, &ids[3], NULL));
  ASSERT_ORDER (kit, ids, 3, 4, 1, 0, 2);
}

/* Asked twice at once, the second starts from what the first has made of it. */
static void
test_make_current_twice (Kit *kit, gconstpointer data)
{
  FerrydId ids[5];
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;

  serialize (kit);
  create (kit, ids, 5);
  ferryd_queue_make_current_async (kit->queue, &ids[3], keep_result, &first);
  ferryd_queue_make_current_async (kit->queue, &ids[0], keep_result, &second);
  g_assert_true (ferryd_queue_make_current_finish (kit->queue, wait_for (&first), NULL));
  g_assert_true (ferryd_queue_make_current_finish (kit->queue, wait_for (&second), NULL));
  ferryd_queue_kit_settle (kit);
  ASSERT_ORDER (kit, ids, 0, 1, 2, 3, 4);
}

/* One that cannot run takes nobody's turn, and its place all the same. */
static void
test_make_current_paused (Kit *kit, gconstpointer data)
{
  FerrydId ids[3];

  serialize (kit);
  create (kit, ids, 3);
  do_verb (kit, &ids[2], FERRY_VERB_PAUSE);
  g_assert_true (make_current (kit, &ids[2], NULL));
  assert_running (kit, ids, 3, 0);
  do_verb (kit, &ids[2], FERRY_VERB_RESUME);
  assert_running (kit, ids, 3, 0);
  ASSERT_ORDER (kit, ids, 0, 2, 1);
}

/* Within a priority: those of others stay where they are. */
static void
test_make_current_priority (Kit *kit, gconstpointer data)
{
  FerrydId ids[4];

  serialize (kit);
  create (kit, ids, 2);
  ids[2] = add (kit, "c", "{'group': <'g'>, 'start': <true>, 'priority': <'low'>}");
  ids[3] = add (kit, "d", "{'group': <'g'>, 'start': <true>, 'priority': <'low'>}");
  ferryd_queue_kit_settle (kit);
  g_assert_true (make_current (kit, &ids[3], NULL));
  ASSERT_ORDER (kit, ids, 0, 1, 3, 2);
}

/* Without group it has no effect, and in a parallel one it stops nobody; ended is too late. */
static void
test_make_current_elsewhere (Kit *kit, gconstpointer data)
{
  FerrydId outside = add (kit, "o", "{}");
  FerrydId ids[2];
  guint syncs;
  g_autoptr (GError) error = NULL;

  create (kit, ids, 2);
  syncs = ferryd_fake_store_count_syncs (kit->store);
  g_assert_true (make_current (kit, &outside, NULL));
  g_assert_cmpuint (ferryd_fake_store_count_syncs (kit->store), ==, syncs);
  g_assert_true (make_current (kit, &ids[1], NULL));
  ferryd_queue_kit_wait_state (kit, &ids[0], FERRY_STATE_RUNNING);
  ferryd_queue_kit_wait_state (kit, &ids[1], FERRY_STATE_RUNNING);
  ferryd_fake_store_fail_next (kit->store);
  g_assert_false (make_current (kit, &ids[0], &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_clear_error (&error);
  do_verb (kit, &ids[1], FERRY_VERB_CANCEL);
  g_assert_false (make_current (kit, &ids[1], &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  skip_log (kit);
}

/* Whoever moves to the front of its group does not pass those of others. */
static void
test_make_current_fair (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId ids[4];

  values.max_running = 1;
  ferryd_settings_override (kit->settings, &values);
  ids[0] = add (kit, "other", "{'start': <true>}");
  ids[1] = add (kit, "older", "{'start': <true>}");
  ids[2] = add (kit, "a", GROUP);
  ids[3] = add (kit, "b", GROUP);
  ferryd_queue_kit_settle (kit);
  g_assert_true (make_current (kit, &ids[3], NULL));
  ASSERT_ORDER (kit, ids, 0, 1, 3, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/queue-groups/" name, Kit, NULL, ferryd_queue_kit_set_up, func, ferryd_queue_kit_tear_down)
  ADD ("one-at-a-time", test_one_at_a_time);
  ADD ("high-beside", test_high_beside);
  ADD ("live", test_live);
  ADD ("persistent", test_persistent);
  ADD ("limit", test_limit);
  ADD ("retry-and-pause", test_retry_and_pause);
  ADD ("retry-and-leave", test_retry_and_leave);
  ADD ("make-current/order", test_make_current);
  ADD ("make-current/right-behind", test_make_current_right_behind);
  ADD ("make-current/twice", test_make_current_twice);
  ADD ("make-current/paused", test_make_current_paused);
  ADD ("make-current/priority", test_make_current_priority);
  ADD ("make-current/elsewhere", test_make_current_elsewhere);
  ADD ("make-current/fair", test_make_current_fair);
#undef ADD
  return g_test_run ();
}
