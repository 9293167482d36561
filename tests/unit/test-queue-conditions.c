/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#define PAUSED_ALL FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL)

typedef FerrydQueueKit Kit;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
try_pause (Kit *kit, gboolean paused, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_set_paused_async (kit->queue, paused, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ferryd_queue_set_paused_finish (kit->queue, result, error);
}

static gboolean
is_paused (Kit *kit)
{
  FerrydConditions conditions;

  ferryd_queue_get_conditions (kit->queue, &conditions);
  return conditions.paused_all;
}

static void
pause_all (Kit *kit, gboolean paused)
{
  gboolean news = is_paused (kit) != paused;
  g_autoptr (GError) error = NULL;

  try_pause (kit, paused, &error);
  g_assert_no_error (error);
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "busy-changed");
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, news ? 1 : 0);
}

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
}

/* What runs and what is started meanwhile waits; what is not started, or was paused by itself, is left alone.
 */
static void
test_pause_all (Kit *kit, gconstpointer data)
{
  FerrydId idle = ferryd_queue_kit_create (kit, "idle", "{}");
  FerrydId later = ferryd_queue_kit_create (kit, "later", "{}");
  FerrydId paused = ferryd_queue_kit_create (kit, "paused", "{}");
  FerrydId running = ferryd_queue_kit_run (kit, "running", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);

  do_verb (kit, &paused, FERRY_VERB_START);
  do_verb (kit, &paused, FERRY_VERB_PAUSE);
  pause_all (kit, TRUE);
  g_assert_true (is_paused (kit));
  /* It holds when the call is answered. */
  g_assert_cmpint (ferryd_queue_kit_state (kit, &running), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  ferryd_queue_kit_assert_causes (kit, &running, PAUSED_ALL);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &idle), ==, FERRY_STATE_IDLE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &paused), ==, FERRY_STATE_PAUSED_BY_APPLICATION);
  ferryd_queue_kit_settle (kit);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetch));
  ferryd_signal_log_skip (kit->log, "changed");

  do_verb (kit, &later, FERRY_VERB_START);
  do_verb (kit, &paused, FERRY_VERB_RESUME);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &later), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &paused), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  do_verb (kit, &paused, FERRY_VERB_PAUSE);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), <=, 2);

  pause_all (kit, FALSE);
  ferryd_queue_kit_wait_state (kit, &running, FERRY_STATE_RUNNING);
  ferryd_queue_kit_wait_state (kit, &later, FERRY_STATE_RUNNING);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &idle), ==, FERRY_STATE_IDLE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &paused), ==, FERRY_STATE_PAUSED_BY_APPLICATION);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "changed");
}

static void
test_survives (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");

  pause_all (kit, TRUE);
  pause_all (kit, TRUE);
  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_kit_expect_changes (kit, &id);
  ferryd_queue_kit_restart (kit);
  g_assert_true (is_paused (kit));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  ferryd_queue_kit_assert_causes (kit, &id, PAUSED_ALL);
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  ferryd_queue_kit_expect_changes (kit, &id);
  pause_all (kit, FALSE);
  ferryd_queue_kit_restart (kit);
  g_assert_false (is_paused (kit));
}

/* What cannot be recorded does not hold. */
static void
test_no_store (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  g_autoptr (GError) error = NULL;

  ferryd_fake_store_fail_next (kit->store);
  g_assert_false (try_pause (kit, TRUE, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_false (is_paused (kit));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                            \
  g_test_add ("/queue/conditions/" name, Kit, NULL, ferryd_queue_kit_set_up, function, \
              ferryd_queue_kit_tear_down)
  ADD ("pause-all", test_pause_all);
  ADD ("survives", test_survives);
  ADD ("no-store", test_no_store);
#undef ADD
  return g_test_run ();
}
