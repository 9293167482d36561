/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

/* What servers say of when to come back. */

#define ELSEWHERE "http://other.example/file"
#define SECOND G_TIME_SPAN_SECOND

typedef FerrydQueueKit Kit;

static void
refuse (FerrydFetch *fetch, guint status, gint64 retry_after)
{
  FerrydFailure *failure =
      ferryd_failure_new (ferry_transfer_error_from_http (status), FERRYD_REMEDY_RETRY, "Not now");
  const char *uri = ferryd_fake_fetch_get_request (fetch)->uri;

  failure->retry_after = retry_after;
  failure->response =
      g_variant_ref_sink (g_variant_new_parsed ("{'status': <%u>, 'uri': <%s>}", (guint32) status, uri));
  ferryd_fake_fetch_fail (fetch, failure);
}

static void
expect_wait (Kit *kit, const FerrydId *id, FerryState state, FerryCause cause)
{
  ferryd_queue_kit_wait_state (kit, id, state);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, id), ==, state);
  ferryd_queue_kit_assert_causes (kit, id, FERRYD_CAUSE (cause));
  ferryd_queue_kit_expect_changes (kit, id);
}

/* Microseconds until the next attempt. */
static gint64
get_wait (Kit *kit, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_kit_describe (kit, id);

  g_assert_cmpint (description->retry_at, !=, 0);
  return description->retry_at - ferryd_clock_now (FERRYD_CLOCK (kit->clock));
}

static void
advance (Kit *kit, gint64 by)
{
  ferryd_fake_clock_advance (kit->clock, by);
  ferryd_queue_kit_settle (kit);
}

static void
assert_fetches (Kit *kit, guint n)
{
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, n);
}

static void
assert_attempt (Kit *kit, const FerrydId *id, guint attempt)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_kit_describe (kit, id);

  g_assert_cmpuint (description->attempt, ==, attempt);
}

static void
set_connectivity (Kit *kit, FerryConnectivity connectivity)
{
  ferryd_fake_network_monitor_set_connectivity (kit->network, connectivity);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, 1);
}

/* The service may be restarted meanwhile; what is shown is what is waited for. */
static void
test_restart (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  guint fetches;

  refuse (ferryd_queue_kit_fetch (kit, 0), 503, 600 * SECOND);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  g_assert_cmpint (get_wait (kit, &id), ==, 600 * SECOND);
  advance (kit, 100 * SECOND);
  ferryd_queue_kit_restart (kit);
  ferryd_queue_kit_settle (kit);
  fetches = ferryd_fake_transport_count_fetches (kit->transport);
  g_assert_cmpint (get_wait (kit, &id), ==, 500 * SECOND);
  advance (kit, 500 * SECOND - 1);
  assert_fetches (kit, fetches);
  assert_attempt (kit, &id, 1);
  advance (kit, 1);
  ferryd_queue_kit_fetch (kit, fetches);
  assert_attempt (kit, &id, 2);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

static void
test_bounded (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  refuse (ferryd_queue_kit_fetch (kit, 0), 413, 10 * G_TIME_SPAN_DAY);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  g_assert_cmpint (get_wait (kit, &id), ==, G_TIME_SPAN_DAY);
}

/* Time passes whatever else denies it, and that spends nothing. */
static void
test_denied (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  refuse (ferryd_queue_kit_fetch (kit, 0), 503, 60 * SECOND);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  set_connectivity (kit, FERRY_CONNECTIVITY_NONE);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK);
  ferryd_queue_kit_expect_changes (kit, &id);
  advance (kit, 30 * SECOND);
  set_connectivity (kit, FERRY_CONNECTIVITY_FULL);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  g_assert_cmpint (get_wait (kit, &id), ==, 30 * SECOND);
  assert_fetches (kit, 1);
  set_connectivity (kit, FERRY_CONNECTIVITY_NONE);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK);
  ferryd_queue_kit_expect_changes (kit, &id);
  advance (kit, G_TIME_SPAN_HOUR);
  assert_fetches (kit, 1);
  assert_attempt (kit, &id, 1);
  set_connectivity (kit, FERRY_CONNECTIVITY_FULL);
  ferryd_queue_kit_fetch (kit, 1);
  assert_attempt (kit, &id, 2);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

/* One runs at a time at each server; two wait for this one, and one for another. */
static void
begin_three (Kit *kit, FerrydId *first, FerrydId *second)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  g_autoptr (GError) error = NULL;

  values.max_running_per_host = 1;
  ferryd_settings_override (kit->settings, &values);
  *first = ferryd_queue_kit_run (kit, "first", "{}");
  *second = ferryd_queue_kit_create (kit, "second", "{'start': <true>}");
  ferryd_queue_kit_fetch (kit, 0);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_assert_causes (kit, second, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
}

static void
test_rest (Kit *kit, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FerrydId first, second, elsewhere;

  begin_three (kit, &first, &second);
  refuse (ferryd_queue_kit_fetch (kit, 0), 429, 30 * SECOND);
  expect_wait (kit, &first, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  ferryd_queue_kit_assert_causes (kit, &second, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  ferryd_queue_kit_try_create (
      kit, "", ferryd_queue_kit_ask (kit, ELSEWHERE, "elsewhere", "{'start': <true>}"), &elsewhere, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ferryd_fake_fetch_get_request (ferryd_queue_kit_fetch (kit, 1))->uri, ==, ELSEWHERE);
  advance (kit, 30 * SECOND - 1);
  ferryd_queue_kit_assert_causes (kit, &second, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  advance (kit, 1);
  ferryd_queue_kit_fetch (kit, 2);
  ferryd_queue_kit_settle (kit);
  assert_fetches (kit, 3);
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
}

/* It may have been meant for that file alone. */
static void
test_rest_bounded (Kit *kit, gconstpointer data)
{
  FerrydId first, second;

  begin_three (kit, &first, &second);
  refuse (ferryd_queue_kit_fetch (kit, 0), 429, G_TIME_SPAN_DAY);
  expect_wait (kit, &first, FERRY_STATE_QUEUED, FERRY_CAUSE_RETRY);
  advance (kit, 600 * SECOND - 1);
  ferryd_queue_kit_assert_causes (kit, &second, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  advance (kit, 1);
  ferryd_queue_kit_fetch (kit, 1);
  g_assert_cmpint (get_wait (kit, &first), ==, G_TIME_SPAN_DAY - 600 * SECOND);
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
}

/* One that is busy may have time for something else. */
static void
test_no_rest (Kit *kit, gconstpointer data)
{
  FerrydId first, second;

  begin_three (kit, &first, &second);
  refuse (ferryd_queue_kit_fetch (kit, 0), 503, 30 * SECOND);
  ferryd_queue_kit_fetch (kit, 1);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                             \
  g_test_add ("/queue-retry-after/" name, Kit, NULL, ferryd_queue_kit_set_up, function, \
              ferryd_queue_kit_tear_down)
  ADD ("restart", test_restart);
  ADD ("bounded", test_bounded);
  ADD ("denied", test_denied);
  ADD ("rest", test_rest);
  ADD ("rest/bounded", test_rest_bounded);
  ADD ("no-rest", test_no_rest);
#undef ADD
  return g_test_run ();
}
