/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <string.h>

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define URI "http://server.example/file"
#define SIZE 200000 /* bytes; several pieces */

typedef FerrydQueueKit Kit;

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
}

/* Started, and allowed to do what comes of it. */
static FerrydId
start (Kit *kit, const char *leaf, const char *options)
{
  FerrydId id = ferryd_queue_kit_create (kit, leaf, options);

  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
  return id;
}

static GBytes *
make_content (void)
{
  guint8 *content = g_malloc (SIZE);

  for (guint i = 0; i < SIZE; i++)
    content[i] = (guint8) (i * 11 + i / 251);
  return g_bytes_new_take (content, SIZE);
}

static void
serve (FerrydFetch *fetch)
{
  g_autoptr (GBytes) content = make_content ();

  ferryd_fake_fetch_serve (fetch, content, "\"v\"");
}

static void
fail (FerrydFetch *fetch, FerryTransferError status, FerrydRemedy remedy)
{
  ferryd_fake_fetch_fail (fetch, ferryd_failure_new (status, remedy, "It did not work"));
}

static void
assert_content (Kit *kit, const char *leaf)
{
  g_autofree char *path = ferryd_queue_kit_path (kit, leaf);
  g_autoptr (GBytes) content = make_content ();
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &found, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (found, size, g_bytes_get_data (content, NULL), SIZE);
}

static void
expect_end (Kit *kit, const FerrydId *id, FerryState state)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_queue_kit_wait_state (kit, id, state);
  ferryd_queue_kit_settle (kit);
  ferryd_id_format (id, text);
  ferryd_queue_kit_expect_changes (kit, id);
  ferryd_signal_log_expect (kit->log, "ended (%s)", text);
}

/* A state and its causes, after everything that happens by itself. */
static void
expect_wait (Kit *kit, const FerrydId *id, FerryState state, FerrydCauses causes)
{
  ferryd_queue_kit_wait_state (kit, id, state);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, id), ==, state);
  ferryd_queue_kit_assert_causes (kit, id, causes);
  ferryd_queue_kit_expect_changes (kit, id);
}

static guint
get_attempt (Kit *kit, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

  return description->attempt;
}

/* The end. */

typedef struct
{
  Kit *kit;
  guint ended; /* how often */
  gboolean changed_since;
} Witness;

static void
on_changed (FerrydQueue *queue, const FerrydId *id, gboolean urgent, Witness *witness)
{
  witness->changed_since = witness->ended > 0;
}

static void
on_ended (FerrydQueue *queue, const FerrydId *id, Witness *witness)
{
  witness->ended++;
  g_assert_cmpint (ferryd_queue_kit_state (witness->kit, id), ==, FERRY_STATE_COMPLETED);
  g_assert_cmpint (ferryd_fake_store_peek (witness->kit->store, id)->state, ==, FERRY_STATE_COMPLETED);
  assert_content (witness->kit, "file");
}

static void
test_complete (Kit *kit, gconstpointer data)
{
  Witness witness = { kit, 0, FALSE };
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'headers': <[('Cookie', 'c')]>}");
  g_autoptr (FerrydDescription) description = NULL;
  const FerrydRange *ranges;
  guint n_ranges;

  /* Named, durable and shown before anybody hears of it, and nothing changes behind it. */
  g_signal_connect (kit->queue, "changed", G_CALLBACK (on_changed), &witness);
  g_signal_connect (kit->queue, "ended", G_CALLBACK (on_ended), &witness);
  serve (ferryd_queue_kit_fetch (kit, 0));
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  g_signal_handlers_disconnect_by_data (kit->queue, &witness);
  g_assert_cmpuint (witness.ended, ==, 1);
  g_assert_false (witness.changed_since);

  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpuint (description->bytes_received, ==, SIZE);
  g_assert_cmpint (description->total_to_receive, ==, SIZE);
  g_assert_cmpuint (description->restarts, ==, 0);
  g_assert_cmpint (description->error_status, ==, -1);
  g_assert_cmphex (description->causes, ==, 0);
  g_assert_cmpint (description->finished, ==, ferryd_clock_now (FERRYD_CLOCK (kit->clock)));
  g_assert_cmpstr (description->suggested_name, ==, "served");
  ranges = ferryd_ranges_peek (description->ranges, &n_ranges);
  g_assert_cmpuint (n_ranges, ==, 1);
  g_assert_cmpuint (ranges[0].end, ==, SIZE);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 1);
  g_assert_null (ferryd_fake_store_peek (kit->store, &id)->secrets);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
}

/* A folder: the response gives the name; what is taken is passed over. */
static void
test_folder (Kit *kit, gconstpointer data)
{
  g_autofree char *folder = g_strconcat (kit->folder, "/", NULL);
  g_autofree char *taken = ferryd_queue_kit_path (kit, "served");
  g_autofree char *second = ferryd_queue_kit_path (kit, "served (2)");
  g_autoptr (FerrydDescription) description = NULL;
  FerrydId id;

  g_assert_true (g_file_set_contents (taken, "x", 1, NULL));
  id = ferryd_queue_kit_run (kit, folder, "{}");
  serve (ferryd_queue_kit_fetch (kit, 0));
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  assert_content (kit, "served (2)");
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpstr (description->destination, ==, second);
}

/* What `exists` says, at the last step: somebody was faster. */
static void
test_occupied (Kit *kit, gconstpointer data)
{
  g_autofree char *taken = ferryd_queue_kit_path (kit, "file");
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  g_autoptr (FerrydDescription) description = NULL;

  ferryd_queue_kit_fetch (kit, 0);
  g_assert_true (g_file_set_contents (taken, "x", 1, NULL));
  serve (ferryd_queue_kit_fetch (kit, 0));
  expect_end (kit, &id, FERRY_STATE_ERROR);
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->error_status, ==, FERRY_TRANSFER_ERROR_DESTINATION_EXISTS);

  /* The data is kept: out of the way, it only has to be named. */
  g_assert_cmpint (g_unlink (taken), ==, 0);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  assert_content (kit, "file");
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
}

static void
test_replace (Kit *kit, gconstpointer data)
{
  g_autofree char *taken = ferryd_queue_kit_path (kit, "file");
  FerrydId id;

  g_assert_true (g_file_set_contents (taken, "x", 1, NULL));
  id = ferryd_queue_kit_run (kit, "file", "{'exists': <'replace'>}");
  serve (ferryd_queue_kit_fetch (kit, 0));
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  assert_content (kit, "file");
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 1);
}

/* A completion that cannot be recorded is not announced, and is recorded later. */
static void
test_completion_not_recorded (Kit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_queue_kit_path (kit, "file");
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  GLogLevelFlags fatal;

  serve (ferryd_queue_kit_fetch (kit, 0));
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_main_context_iteration (NULL, TRUE);
  /* The record of the name is there; the next one is that of the end. It is warned of. */
  ferryd_fake_store_fail_next (kit->store);
  fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  while (ferryd_fake_clock_next_alarm (kit->clock) != 5 * G_TIME_SPAN_SECOND)
    g_main_context_iteration (NULL, TRUE);
  g_log_set_always_fatal (fatal);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 0);
  g_assert_true (ferryd_queue_is_busy (kit->queue));

  ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  g_assert_cmpint (ferryd_fake_store_peek (kit->store, &id)->state, ==, FERRY_STATE_COMPLETED);
  assert_content (kit, "file");
}

/* Conditions. */

static void
test_not_ready (Kit *kit, gconstpointer data)
{
  FerrydId id;

  ferryd_fake_network_monitor_set_ready (kit->network, FALSE);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
  id = start (kit, "file", "{}");
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_QUEUED);
  ferryd_queue_kit_assert_causes (kit, &id, FERRYD_CAUSE (FERRY_CAUSE_SLOT));
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 0);
  ferryd_fake_network_monitor_set_ready (kit->network, TRUE);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
  ferryd_queue_kit_fetch (kit, 0);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
}

static void
test_network_lost (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);

  ferryd_fake_network_monitor_set_connectivity (kit->network, FERRY_CONNECTIVITY_NONE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE));
  g_assert_true (ferryd_fake_fetch_is_canceled (fetch));
  ferryd_fake_network_monitor_set_connectivity (kit->network, FERRY_CONNECTIVITY_PORTAL);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, FERRYD_CAUSE (FERRY_CAUSE_NETWORK_PORTAL));
  ferryd_fake_network_monitor_set_connectivity (kit->network, FERRY_CONNECTIVITY_LIMITED);
  ferryd_queue_kit_fetch (kit, 1);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
  g_assert_cmpuint (get_attempt (kit, &id), ==, 1);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, 3);
}

static void
test_cost (Kit *kit, gconstpointer data)
{
  FerrydId strict = ferryd_queue_kit_run (kit, "strict", "{'cost-policy': <'unrestricted-only'>}");
  FerrydId always = ferryd_queue_kit_run (kit, "always", "{'cost-policy': <'always'>}");

  ferryd_fake_network_monitor_set_cost (kit->network, FERRY_NETWORK_COST_VARIABLE, TRUE, FALSE, FALSE, FALSE);
  expect_wait (kit, &strict, FERRY_STATE_PAUSED_COSTED_NETWORK,
               FERRYD_CAUSE (FERRY_CAUSE_COST_ROAMING) | FERRYD_CAUSE (FERRY_CAUSE_COST_METERED));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &always), ==, FERRY_STATE_RUNNING);
  ferryd_fake_network_monitor_set_cost (kit->network, FERRY_NETWORK_COST_UNKNOWN, FALSE, FALSE, FALSE, FALSE);
  expect_wait (kit, &strict, FERRY_STATE_RUNNING, 0);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, 2);
}

static void
test_battery_saver (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'priority': <'high'>}");
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);

  ferryd_queue_kit_fetch (kit, 0);
  ferryd_fake_power_monitor_set (kit->power, TRUE, TRUE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_SYSTEM_POLICY, FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER));
  ferryd_queue_set_attached (kit->queue, &id, TRUE);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
  ferryd_queue_set_attached (kit->queue, &id, FALSE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_SYSTEM_POLICY, FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER));
  values.pause_on_battery_saver = FALSE;
  ferryd_settings_override (kit->settings, &values);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "conditions-changed"), ==, 2);
}

/* Retries. */

static void
test_retries (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  gint64 step = 5 * G_TIME_SPAN_SECOND;
  g_autoptr (FerrydDescription) description = NULL;

  for (guint attempt = 1; attempt <= 3; attempt++, step *= 2)
    {
      gint64 delay;

      g_assert_cmpuint (get_attempt (kit, &id), ==, attempt);
      fail (ferryd_queue_kit_fetch (kit, attempt - 1), FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY);
      expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY));
      g_clear_pointer (&description, ferryd_description_free);
      description = ferryd_queue_kit_describe (kit, &id);
      delay = description->retry_at - ferryd_clock_now (FERRYD_CLOCK (kit->clock));
      g_assert_cmpint (delay, >=, step / 2);
      g_assert_cmpint (delay, <=, step);
      g_assert_cmpint (description->error_status, ==, FERRY_TRANSFER_ERROR_TIMEOUT);
      g_assert_cmpstr (description->error_message, ==, "It did not work");

      ferryd_fake_clock_advance (kit->clock, delay - 1);
      ferryd_queue_kit_settle (kit);
      g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, attempt);
      ferryd_fake_clock_advance (kit->clock, 1);
      ferryd_queue_kit_fetch (kit, attempt);
    }
  g_assert_cmpuint (get_attempt (kit, &id), ==, 4);
  fail (ferryd_queue_kit_fetch (kit, 3), FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY);
  expect_end (kit, &id, FERRY_STATE_ERROR);
}

/* A retry that waits ends with Pause, and Resume counts from the beginning. */
static void
test_retry_paused (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  fail (ferryd_queue_kit_fetch (kit, 0), FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY);
  expect_wait (kit, &id, FERRY_STATE_QUEUED, FERRYD_CAUSE (FERRY_CAUSE_RETRY));
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  expect_wait (kit, &id, FERRY_STATE_PAUSED_BY_APPLICATION, FERRYD_CAUSE (FERRY_CAUSE_APPLICATION));
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  ferryd_queue_kit_fetch (kit, 1);
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
  g_assert_cmpuint (get_attempt (kit, &id), ==, 1);
}

/* What the network took away costs no attempt. */
static void
test_no_network_spends_nothing (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  for (guint i = 0; i < 10; i++)
    {
      fail (ferryd_queue_kit_fetch (kit, i), FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_NO_NETWORK);
      expect_wait (kit, &id, FERRY_STATE_PAUSED_NO_NETWORK, FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE));
      ferryd_fake_clock_advance (kit->clock, 5 * G_TIME_SPAN_SECOND);
      ferryd_queue_kit_fetch (kit, i + 1);
      g_assert_cmpuint (get_attempt (kit, &id), ==, 1);
    }
  expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
}

/* A full disk is waited for up to a day. */
static void
test_disk_full (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  gint64 begin = ferryd_clock_elapsed (FERRYD_CLOCK (kit->clock));
  gint64 waited = 0;
  g_autoptr (FerrydDescription) description = NULL;

  for (guint i = 0; waited < G_TIME_SPAN_DAY; i++)
    {
      fail (ferryd_queue_kit_fetch (kit, i), FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL);
      ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_PAUSED_SYSTEM_POLICY);
      ferryd_queue_kit_settle (kit);
      if (i == 0)
        ferryd_queue_kit_assert_causes (kit, &id, FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL));
      ferryd_fake_clock_advance (kit->clock, MAX (ferryd_fake_clock_next_alarm (kit->clock), 1));
      ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
      ferryd_queue_kit_fetch (kit, i + 1);
      waited = ferryd_clock_elapsed (FERRYD_CLOCK (kit->clock)) - begin;
    }
  fail (ferryd_queue_kit_fetch (kit, ferryd_fake_transport_count_fetches (kit->transport) - 1),
        FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL);
  expect_end (kit, &id, FERRY_STATE_ERROR);
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->error_status, ==, FERRY_TRANSFER_ERROR_DISK_FULL);
}

static void
test_recoverable (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'recoverable-errors': <['unauthorized', 'disk-full']>}");
  const FerrydRemedy remedies[] = { FERRYD_REMEDY_FINAL, FERRYD_REMEDY_DISK_FULL };
  const FerryTransferError statuses[] = { FERRY_TRANSFER_ERROR_UNAUTHORIZED, FERRY_TRANSFER_ERROR_DISK_FULL };

  for (guint i = 0; i < G_N_ELEMENTS (remedies); i++)
    {
      fail (ferryd_queue_kit_fetch (kit, i), statuses[i], remedies[i]);
      expect_wait (kit, &id, FERRY_STATE_PAUSED_RECOVERABLE_ERROR,
                   FERRYD_CAUSE (FERRY_CAUSE_RECOVERABLE_ERROR));
      g_assert_false (ferryd_queue_is_busy (kit->queue));
      do_verb (kit, &id, FERRY_VERB_RESUME);
      ferryd_queue_kit_fetch (kit, i + 1);
      expect_wait (kit, &id, FERRY_STATE_RUNNING, 0);
    }
  fail (ferryd_queue_kit_fetch (kit, 2), FERRY_TRANSFER_ERROR_FORBIDDEN, FERRYD_REMEDY_FINAL);
  expect_end (kit, &id, FERRY_STATE_ERROR);
}

/* Turns. */

static void
test_limits (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId a, b, c;

  values.max_running = 2;
  values.max_running_per_host = 1;
  ferryd_settings_override (kit->settings, &values);
  a = ferryd_queue_kit_run (kit, "a", "{}");
  b = start (kit, "b", "{}");
  g_assert_cmpint (ferryd_queue_kit_state (kit, &b), ==, FERRY_STATE_QUEUED);
  ferryd_queue_kit_assert_causes (kit, &b, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  values.max_running = 1;
  values.max_running_per_host = 2;
  ferryd_settings_override (kit->settings, &values);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_assert_causes (kit, &b, FERRYD_CAUSE (FERRY_CAUSE_SLOT));
  c = start (kit, "c", "{'priority': <'high'>}");
  ferryd_signal_log_skip (kit->log, "changed");

  /* Whoever is behind goes on by itself, `high` first. */
  serve (ferryd_queue_kit_fetch (kit, 0));
  ferryd_queue_kit_wait_state (kit, &a, FERRY_STATE_COMPLETED);
  ferryd_queue_kit_fetch (kit, 1);
  expect_wait (kit, &c, FERRY_STATE_RUNNING, 0);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &b), ==, FERRY_STATE_QUEUED);
  ferryd_signal_log_skip (kit->log, "changed");
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 1);
}

static void
test_retention (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydId idle = ferryd_queue_kit_create (kit, "idle", "{}");

  serve (ferryd_queue_kit_fetch (kit, 0));
  expect_end (kit, &id, FERRY_STATE_COMPLETED);
  ferryd_fake_clock_advance (kit->clock, 29 * G_TIME_SPAN_DAY);
  ferryd_queue_kit_settle (kit);
  g_assert_true (ferryd_queue_contains (kit->queue, &id));
  ferryd_fake_clock_advance (kit->clock, 2 * G_TIME_SPAN_DAY);
  while (ferryd_queue_contains (kit->queue, &id))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 1);
  g_assert_true (ferryd_queue_contains (kit->queue, &idle));
  assert_content (kit, "file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/queue-run/" name, Kit, NULL, ferryd_queue_kit_set_up, function, ferryd_queue_kit_tear_down)
  ADD ("complete", test_complete);
  ADD ("folder", test_folder);
  ADD ("occupied", test_occupied);
  ADD ("replace", test_replace);
  ADD ("completion-not-recorded", test_completion_not_recorded);
  ADD ("not-ready", test_not_ready);
  ADD ("network-lost", test_network_lost);
  ADD ("cost", test_cost);
  ADD ("battery-saver", test_battery_saver);
  ADD ("retries", test_retries);
  ADD ("retry/paused", test_retry_paused);
  ADD ("no-network-spends-nothing", test_no_network_spends_nothing);
  ADD ("disk-full", test_disk_full);
  ADD ("recoverable", test_recoverable);
  ADD ("limits", test_limits);
  ADD ("retention", test_retention);
#undef ADD
  return g_test_run ();
}
