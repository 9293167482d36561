/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-queue-kit.h"

/* A network that changes under transfers, and a machine that sleeps. */

#define SIZE 200000 /* bytes; several pieces */

typedef FerrydQueueKit Kit;

static void
fail (FerrydFetch *fetch, FerryTransferError status)
{
  ferryd_fake_fetch_fail (fetch, ferryd_failure_new (status, FERRYD_REMEDY_RETRY, "It did not work"));
}

static void
expect_wait (Kit *kit, const FerrydId *id, FerryState state, FerrydCauses causes)
{
  ferryd_queue_kit_wait_state (kit, id, state);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, id), ==, state);
  ferryd_queue_kit_assert_causes (kit, id, causes);
  ferryd_queue_kit_expect_changes (kit, id);
}

static void
assert_attempt (Kit *kit, const FerrydId *id, guint attempt, gboolean error)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

  g_assert_cmpuint (description->attempt, ==, attempt);
  g_assert_cmpint (description->error_status >= 0, ==, error);
  g_assert_cmpint (description->retry_at, ==, 0);
}

static void
change_link (Kit *kit, gboolean no_carrier)
{
  ferryd_fake_network_monitor_change_link (kit->network, no_carrier);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, 1);
}

static void
answer (FerrydFetch *fetch)
{
  static const guint8 bytes[SIZE] = { 0 };
  g_autoptr (GBytes) content = g_bytes_new_static (bytes, SIZE);

  ferryd_fake_fetch_serve (fetch, content, "\"v\"");
}

static void
expect_end (Kit *kit, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_queue_kit_wait_state (kit, id, FERRY_STATE_COMPLETED);
  ferryd_queue_kit_settle (kit);
  ferryd_id_format (id, text);
  ferryd_queue_kit_expect_changes (kit, id);
  ferryd_signal_log_expect (kit->log, "ended (%s)", text);
}

static void
wait_received (Kit *kit, const FerrydId *id, guint64 bytes)
{
  for (;;)
    {
      g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

      if (description->bytes_received == bytes)
        break;
      g_main_context_iteration (NULL, TRUE);
    }
  ferryd_signal_log_skip (kit->log, "changed");
}

#define NO_NETWORK FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE)

/* Without a carrier no failure counts, however long that takes; when it is back, everything goes on at once.
 */
static void
test_no_carrier (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  change_link (kit, TRUE);
  for (guint i = 0; i < 10; i++)
    {
      fail (ferryd_queue_kit_fetch (kit, i), FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE);
      expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
      assert_attempt (kit, &id, 1, FALSE);
      if (i < 9)
        ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
    }
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 10);
  change_link (kit, FALSE);
  answer (ferryd_queue_kit_fetch (kit, 10));
  expect_end (kit, &id);
}

/* For ten seconds after a change, and not a moment longer. */
static void
test_after_change (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  change_link (kit, FALSE);
  fail (ferryd_queue_kit_fetch (kit, 0), FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  ferryd_fake_clock_advance (kit->clock, 10 * G_TIME_SPAN_SECOND - 1);
  fail (ferryd_queue_kit_fetch (kit, 1), FERRY_TRANSFER_ERROR_CANNOT_CONNECT);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  assert_attempt (kit, &id, 1, FALSE);
  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  fail (ferryd_queue_kit_fetch (kit, 2), FERRY_TRANSFER_ERROR_CANNOT_CONNECT);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY));
  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  ferryd_queue_kit_fetch (kit, 3);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
  assert_attempt (kit, &id, 2, TRUE);
}

/* The first answer of the monitor is no change. */
static void
test_first_answer (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (GError) error = NULL;

  ferryd_fake_network_monitor_set_ready (kit->network, FALSE);
  ferryd_fake_network_monitor_change_link (kit->network, FALSE);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
  ferryd_queue_kit_restart (kit);
  ferryd_queue_kit_verb (kit, &id, FERRY_VERB_START, &error);
  g_assert_no_error (error);
  ferryd_fake_network_monitor_set_ready (kit->network, TRUE);
  fail (ferryd_queue_kit_fetch (kit, 0), FERRY_TRANSFER_ERROR_CANNOT_CONNECT);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY));
  ferryd_signal_log_skip (kit->log, "conditions-changed");
}

/* What the application wants to be told of is not the network's going either. */
static void
test_recoverable (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'recoverable-errors': <['cannot-connect']>}");

  change_link (kit, TRUE);
  fail (ferryd_queue_kit_fetch (kit, 0), FERRY_TRANSFER_ERROR_CANNOT_CONNECT);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
}

/* A connection that becomes silent with the change is left behind after five seconds, one that goes on is
 * not, unless it stops soon after. */
static void
test_renewal (Kit *kit, gconstpointer data)
{
  FerrydId silent = ferryd_queue_kit_run (kit, "silent", "{}");
  FerrydFetch *fetches[2] = { ferryd_queue_kit_fetch (kit, 0) };
  FerrydId lively = ferryd_queue_kit_run (kit, "lively", "{}");
  static const guint8 bytes[1000] = { 0 };
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ss)"), NULL, 0));
  const FerrydAnswer whole = {
    .kind = FERRYD_ANSWER_WHOLE,
    .status = 200,
    .uri = "http://server.example/",
    .headers = headers,
    .length = SIZE,
    .total = SIZE,
    .validator = "\"v\"",
    .resumable = TRUE,
    .suggested_name = "file",
  };

  fetches[1] = ferryd_queue_kit_fetch (kit, 1);
  for (guint i = 0; i < 2; i++)
    {
      ferryd_fake_fetch_answer (fetches[i], &whole);
      ferryd_fake_fetch_body (fetches[i], 0, bytes, sizeof bytes);
    }
  wait_received (kit, &silent, sizeof bytes);
  wait_received (kit, &lively, sizeof bytes);
  change_link (kit, FALSE);
  ferryd_fake_fetch_body (fetches[1], sizeof bytes, bytes, sizeof bytes);
  wait_received (kit, &lively, 2 * sizeof bytes);
  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  ferryd_queue_kit_fetch (kit, 2);
  expect_wait (kit, &silent, FERRY_STATE_RUNNING, 0);
  g_assert_cmpuint (ferryd_fake_transport_count_drops (kit->transport), ==, 1);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetches[0]));
  g_assert_false (ferryd_fake_fetch_is_canceled (fetches[1]));
  assert_attempt (kit, &silent, 1, FALSE);
  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  ferryd_queue_kit_fetch (kit, 3);
  expect_wait (kit, &lively, FERRY_STATE_RUNNING, 0);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetches[1]));
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 4);
}

/* Put away, durable, and only then let go; awake again on new connections. */
static void
test_sleep (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);
  guint syncs = ferryd_fake_store_count_syncs (kit->store);

  ferryd_fake_store_hold (kit->store);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, TRUE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetch));
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 0);
  ferryd_fake_store_release (kit->store);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
  g_assert_cmpuint (ferryd_fake_store_count_syncs (kit->store), >, syncs);

  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_DAY);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, FALSE);
  /* The network is only coming back. */
  fail (ferryd_queue_kit_fetch (kit, 1), FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  assert_attempt (kit, &id, 1, FALSE);
  g_assert_cmpuint (ferryd_fake_transport_count_drops (kit->transport), ==, 1);
  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  answer (ferryd_queue_kit_fetch (kit, 2));
  expect_end (kit, &id);
}

/* A disk that hangs keeps no machine awake. */
static void
test_sleep_without_disk (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  ferryd_queue_kit_fetch (kit, 0);
  ferryd_fake_store_hold (kit->store);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, TRUE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
  ferryd_fake_store_release (kit->store);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
}

/* Told twice of the same sleep, it lets go once, and no alarm outlives its queue. */
static void
test_sleep_told_twice (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  ferryd_queue_kit_fetch (kit, 0);
  ferryd_fake_store_hold (kit->store);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, TRUE);
  g_signal_emit_by_name (kit->sleep, "changed");
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, NO_NETWORK);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
  ferryd_fake_store_release (kit->store);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
}

/* Nothing runs: nothing to wait for. */
static void
test_sleep_idle (Kit *kit, gconstpointer data)
{
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, TRUE);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_sleep_monitor_count_let_go (kit->sleep), ==, 1);
  ferryd_fake_sleep_monitor_set_asleep (kit->sleep, FALSE);
  ferryd_queue_kit_settle (kit);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                         \
  g_test_add ("/queue-network/" name, Kit, NULL, ferryd_queue_kit_set_up, function, \
              ferryd_queue_kit_tear_down)
  ADD ("no-carrier", test_no_carrier);
  ADD ("after-change", test_after_change);
  ADD ("first-answer", test_first_answer);
  ADD ("recoverable", test_recoverable);
  ADD ("renewal", test_renewal);
  ADD ("sleep", test_sleep);
  ADD ("sleep/without-disk", test_sleep_without_disk);
  ADD ("sleep/told-twice", test_sleep_told_twice);
  ADD ("sleep/idle", test_sleep_idle);
#undef ADD
  return g_test_run ();
}
