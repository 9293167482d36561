/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-notifier.h"
#include "ferryd-queue-kit.h"
#include "ferryd-unconstrained.h"

#define FIVE_MINUTES (300 * G_TIME_SPAN_SECOND)

/**
 * Fixture:
 * @answer: (owned) (nullable): `yes`, `no` or what failed; NULL while there is none
 */
typedef struct
{
  FerrydQueueKit kit;
  FerrydFakeNotifier *notifier;
  FerrydUnconstrained *asker;
  FerrydId ids[2];
  char *answer;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  FerrydQueueKit *kit = &fixture->kit;

  ferryd_queue_kit_set_up (kit, NULL);
  fixture->notifier = ferryd_fake_notifier_new ();
  fixture->asker = ferryd_unconstrained_new (kit->queue, FERRYD_NOTIFIER (fixture->notifier),
                                             FERRYD_CLOCK (kit->clock), kit->settings);
  fixture->ids[1] = ferryd_queue_kit_create (kit, "b", "{}");
  fixture->ids[0] = ferryd_queue_kit_run (kit, "a", "{}");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  FerrydQueueKit *kit = &fixture->kit;

  ferryd_queue_kit_settle (kit);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->ids); i++)
    ferryd_signal_log_skip (kit->log, "changed");
  g_assert_cmpuint (ferryd_fake_notifier_count (fixture->notifier), ==, 0);
  g_assert_finalize_object (fixture->asker);
  g_assert_finalize_object (fixture->notifier);
  g_free (fixture->answer);
  ferryd_queue_kit_tear_down (kit, NULL);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;
  gboolean granted;

  g_assert_null (fixture->answer);
  if (ferryd_unconstrained_ask_finish (FERRYD_UNCONSTRAINED (source), result, &granted, &error))
    fixture->answer = g_strdup (granted ? "yes" : "no");
  else
    fixture->answer = g_strdup (error->message);
}

static void
ask (Fixture *fixture)
{
  g_clear_pointer (&fixture->answer, g_free);
  ferryd_unconstrained_ask_async (fixture->asker, "org.example.App", fixture->ids,
                                  G_N_ELEMENTS (fixture->ids), on_answered, fixture);
  ferryd_queue_kit_settle (&fixture->kit);
}

static void
expect_answer (Fixture *fixture, const char *expected)
{
  ferryd_queue_kit_settle (&fixture->kit);
  while (expected != NULL && fixture->answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->answer, ==, expected);
}

static guint
count_unconstrained (Fixture *fixture)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (fixture->ids); i++)
    {
      g_autoptr (FerrydDescription) description =
          ferryd_queue_describe (fixture->kit.queue, &fixture->ids[i]);

      n += description != NULL && description->unconstrained;
    }
  return n;
}

static void
answer (Fixture *fixture, const char *key)
{
  ferryd_fake_notifier_invoke (fixture->notifier, ferryd_fake_notifier_peek_id (fixture->notifier), key);
}

static void
test_allow (Fixture *fixture, gconstpointer data)
{
  FerrydQueueKit *kit = &fixture->kit;

  ask (fixture);
  g_assert_cmpstr (
      ferryd_fake_notifier_peek_text (fixture->notifier, ferryd_fake_notifier_peek_id (fixture->notifier)),
      ==,
      "org.example.App|Transfer on a low battery, too?|org.example.App asks to go on with 2 "
      "transfers while the battery is to be saved.|||allow=Allow|deny=Deny");
  ferryd_fake_power_monitor_set (kit->power, TRUE, TRUE);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
  ferryd_queue_kit_wait_state (kit, &fixture->ids[0], FERRY_STATE_PAUSED_SYSTEM_POLICY);
  expect_answer (fixture, NULL);
  answer (fixture, "allow");
  expect_answer (fixture, "yes");
  g_assert_cmpuint (count_unconstrained (fixture), ==, 2);
  ferryd_queue_kit_wait_state (kit, &fixture->ids[0], FERRY_STATE_RUNNING);

  /* Who has it is not asked for again, and it is for good. */
  ask (fixture);
  expect_answer (fixture, "yes");
  ferryd_signal_log_skip (kit->log, "changed");
  g_assert_true (ferryd_fake_store_peek (kit->store, &fixture->ids[0])->unconstrained);
  g_assert_true (ferryd_fake_store_peek (kit->store, &fixture->ids[1])->unconstrained);
}

static void
test_no (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  answer (fixture, "deny");
  expect_answer (fixture, "no");
  ask (fixture);
  ferryd_fake_notifier_close (fixture->notifier, ferryd_fake_notifier_peek_id (fixture->notifier),
                              FERRYD_NOTIFICATION_DISMISSED);
  expect_answer (fixture, "no");
  ask (fixture);
  ferryd_fake_notifier_set_present (fixture->notifier, FALSE);
  expect_answer (fixture, "no");
  ask (fixture);
  expect_answer (fixture, "no");
  g_assert_cmpuint (count_unconstrained (fixture), ==, 0);
}

static void
test_no_answer (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  ferryd_fake_clock_advance (fixture->kit.clock, FIVE_MINUTES - 1);
  expect_answer (fixture, NULL);
  g_assert_cmpuint (ferryd_fake_notifier_count (fixture->notifier), ==, 1);
  ferryd_fake_clock_advance (fixture->kit.clock, 1);
  expect_answer (fixture, "no");
  g_assert_cmpuint (ferryd_fake_notifier_count (fixture->notifier), ==, 0);
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  ferryd_unconstrained_close (fixture->asker);
  expect_answer (fixture, "no");
  ask (fixture);
  expect_answer (fixture, "no");
}

/* What was canceled while the user thought about it needs it no more; what cannot be recorded is an error. */
static void
test_recording (Fixture *fixture, gconstpointer data)
{
  FerrydQueueKit *kit = &fixture->kit;
  g_autoptr (GError) error = NULL;

  ask (fixture);
  ferryd_fake_store_fail_next (kit->store);
  answer (fixture, "allow");
  ferryd_queue_kit_settle (kit);
  g_assert_nonnull (fixture->answer);
  g_assert_cmpstr (fixture->answer, !=, "yes");
  g_assert_cmpstr (fixture->answer, !=, "no");
  g_assert_cmpuint (count_unconstrained (fixture), ==, 1);

  ask (fixture);
  ferryd_queue_kit_verb (kit, &fixture->ids[0], FERRY_VERB_CANCEL, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  answer (fixture, "allow");
  expect_answer (fixture, "yes");
  g_assert_cmpuint (count_unconstrained (fixture), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/unconstrained/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("allow", test_allow);
  ADD ("no", test_no);
  ADD ("no-answer", test_no_answer);
  ADD ("close", test_close);
  ADD ("recording", test_recording);
#undef ADD
  return g_test_run ();
}
