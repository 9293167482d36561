/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

/* Operations that may run only from one time on, and up to another. */

#define HOUR (60 * G_TIME_SPAN_MINUTE)
#define WINDOW FERRYD_CAUSE (FERRY_CAUSE_TIME_WINDOW)

typedef FerrydQueueKit Kit;

/* Times from now on; 0 for none. */
static char *
options (Kit *kit, gint64 not_before, gint64 not_after)
{
  gint64 now = ferryd_clock_now (FERRYD_CLOCK (kit->clock));

  return g_strdup_printf ("{'not-before': <int64 %" G_GINT64_FORMAT ">, 'not-after': <int64 %" G_GINT64_FORMAT
                          ">}",
                          not_before != 0 ? now + not_before : 0, not_after != 0 ? now + not_after : 0);
}

static FerrydId
create (Kit *kit, const char *leaf, gint64 not_before, gint64 not_after)
{
  g_autofree char *text = options (kit, not_before, not_after);

  return ferryd_queue_kit_create (kit, leaf, text);
}

static void
verb (Kit *kit, const FerrydId *id, FerryVerb what)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, what, &error);
  g_assert_no_error (error);
}

static void
skip_all (Kit *kit)
{
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
}

static void
assert_failed (Kit *kit, const FerrydId *id, guint n_ended)
{
  g_autoptr (FerrydDescription) description = NULL;

  ferryd_queue_kit_wait_state (kit, id, FERRY_STATE_ERROR);
  skip_all (kit);
  description = ferryd_queue_kit_describe (kit, id);
  g_assert_cmpint (description->error_status, ==, FERRY_TRANSFER_ERROR_DEADLINE_PASSED);
  g_assert_cmpstr (description->error_message, !=, "");
  g_assert_cmpint (description->finished, !=, 0);
  g_assert_cmpint (description->retry_at, ==, 0);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, n_ended);
}

static void
assert_waits (Kit *kit, const FerrydId *id)
{
  ferryd_queue_kit_wait_state (kit, id, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  ferryd_queue_kit_assert_causes (kit, id, WINDOW);
  skip_all (kit);
}

/* Waits, and begins by itself; also where the clock is set, either way, and after a restart. */
static void
test_not_before (Kit *kit, gconstpointer data)
{
  FerrydId id = create (kit, "file", HOUR, 0);

  verb (kit, &id, FERRY_VERB_START);
  assert_waits (kit, &id);
  ferryd_fake_clock_advance (kit->clock, HOUR - 1);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
  ferryd_fake_clock_jump (kit->clock, -HOUR);
  ferryd_fake_clock_advance (kit->clock, HOUR);
  ferryd_queue_kit_restart (kit);
  assert_waits (kit, &id);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 0);
  ferryd_fake_clock_jump (kit->clock, 1);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  (void) ferryd_queue_kit_fetch (kit, 0);
  /* It does not stop again when the clock is set back; it does not begin once more either. */
  verb (kit, &id, FERRY_VERB_CANCEL);
  skip_all (kit);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 1);
}

/* An attempt under way is aborted; what it has is kept, and Resume fails once more. */
static void
test_while_running (Kit *kit, gconstpointer data)
{
  FerrydId id = create (kit, "file", 0, HOUR);
  FerrydFetch *fetch;

  verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  fetch = ferryd_queue_kit_fetch (kit, 0);
  ferryd_fake_clock_advance (kit->clock, HOUR);
  assert_failed (kit, &id, 1);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetch));
  verb (kit, &id, FERRY_VERB_RESUME);
  assert_failed (kit, &id, 1);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
}

/* Those that do not run: neither started, nor resumed, nor allowed to. */
static void
test_unfinished (Kit *kit, gconstpointer data)
{
  FerrydId idle = create (kit, "idle", 0, HOUR);
  FerrydId paused = create (kit, "paused", 0, HOUR);
  FerrydId waiting = create (kit, "waiting", HOUR / 2, HOUR);
  FerrydId ended = create (kit, "ended", 0, HOUR);
  FerrydId other = create (kit, "other", 0, 2 * HOUR);

  verb (kit, &paused, FERRY_VERB_START);
  verb (kit, &paused, FERRY_VERB_PAUSE);
  verb (kit, &waiting, FERRY_VERB_START);
  ferryd_fake_network_monitor_set_connectivity (kit->network, FERRY_CONNECTIVITY_NONE);
  verb (kit, &ended, FERRY_VERB_CANCEL);
  skip_all (kit);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 1);
  ferryd_fake_clock_advance (kit->clock, HOUR);
  ferryd_queue_kit_wait_state (kit, &idle, FERRY_STATE_ERROR);
  ferryd_queue_kit_wait_state (kit, &paused, FERRY_STATE_ERROR);
  assert_failed (kit, &waiting, 3);
  assert_failed (kit, &idle, 0);
  assert_failed (kit, &paused, 0);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &ended), ==, FERRY_STATE_CANCELED);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &other), ==, FERRY_STATE_IDLE);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
}

/* A restart forgets no time. */
static void
test_restart (Kit *kit, gconstpointer data)
{
  FerrydId idle = create (kit, "idle", 0, HOUR);
  FerrydId started = create (kit, "started", 0, HOUR);

  verb (kit, &started, FERRY_VERB_START);
  (void) ferryd_queue_kit_fetch (kit, 0);
  skip_all (kit);
  ferryd_queue_kit_restart (kit);
  (void) ferryd_queue_kit_fetch (kit, 1);
  ferryd_fake_clock_advance (kit->clock, HOUR);
  ferryd_queue_kit_wait_state (kit, &started, FERRY_STATE_ERROR);
  assert_failed (kit, &idle, 2);
  assert_failed (kit, &started, 0);
}

/* Where it cannot be recorded nothing has happened, and it is tried again. */
static void
test_not_recorded (Kit *kit, gconstpointer data)
{
  FerrydId id = create (kit, "file", 0, HOUR);
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);

  skip_all (kit);
  ferryd_fake_store_fail_next (kit->store);
  ferryd_fake_clock_advance (kit->clock, HOUR);
  ferryd_queue_kit_settle (kit);
  g_log_set_always_fatal (fatal);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_IDLE);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  assert_failed (kit, &id, 1);
}

#define ADD(path, func) \
  g_test_add ("/queue-window/" path, Kit, NULL, ferryd_queue_kit_set_up, func, ferryd_queue_kit_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("not-before", test_not_before);
  ADD ("while-running", test_while_running);
  ADD ("unfinished", test_unfinished);
  ADD ("restart", test_restart);
  ADD ("not-recorded", test_not_recorded);
  return g_test_run ();
}
