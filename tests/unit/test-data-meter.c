/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>

#include "ferry-error.h"
#include "ferryd-data-meter.h"
#include "ferryd-fake-clock.h"
#include "ferryd-fake-interface-counters.h"
#include "ferryd-fake-network-monitor.h"
#include "ferryd-fake-store.h"
#include "ferryd-interface-counters-sysfs.h"
#include "ferryd-signal-log.h"

#define HOME "11111111-1111-1111-1111-111111111111"
#define PHONE "22222222-2222-2222-2222-222222222222"
#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define STEP (5 * G_TIME_SPAN_SECOND) /* retry-delay's default */

/* The fake clock begins on 14 November 2023. */
#define RESET_DAY 1

typedef struct
{
  FerrydFakeClock *clock;
  FerrydFakeStore *store;
  FerrydSettings *settings;
  FerrydFakeNetworkMonitor *network;
  FerrydFakeInterfaceCounters *counters;
  FerrydDataMeter *meter;
  FerrydSignalLog *log;
} Fixture;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* A service begins. */
static void
start (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FerrydStoreContents) contents = NULL;

  ferryd_store_open_async (FERRYD_STORE (fixture->store), NULL, keep_result, &result);
  settle ();
  contents = ferryd_store_open_finish (FERRYD_STORE (fixture->store), result, NULL);
  fixture->meter = ferryd_data_meter_new (FERRYD_CLOCK (fixture->clock), FERRYD_STORE (fixture->store),
                                          fixture->settings, FERRYD_NETWORK_MONITOR (fixture->network),
                                          FERRYD_INTERFACE_COUNTERS (fixture->counters));
  ferryd_data_meter_restore (fixture->meter, contents->settings);
  fixture->log = ferryd_signal_log_new (fixture->meter);
  settle ();
}

/* It ends in order, or is killed. */
static void
end (Fixture *fixture, gboolean in_order)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (in_order)
    ferryd_data_meter_close (fixture->meter);
  settle ();
  ferryd_signal_log_free (fixture->log);
  g_assert_finalize_object (fixture->meter);
  ferryd_store_close_async (FERRYD_STORE (fixture->store), keep_result, &result);
  settle ();
  g_assert_true (ferryd_store_close_finish (FERRYD_STORE (fixture->store), result, NULL));
}

static void
set_plans (Fixture *fixture, const char *text)
{
  ferryd_settings_override_data_plans (fixture->settings,
                                       g_variant_parse (G_VARIANT_TYPE ("a{s(tu)}"), text, NULL, NULL, NULL));
  settle ();
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = ferryd_fake_clock_new ();
  fixture->store = ferryd_fake_store_new ();
  fixture->settings = ferryd_settings_new (NULL);
  fixture->network = ferryd_fake_network_monitor_new ();
  fixture->counters = ferryd_fake_interface_counters_new ();
  ferryd_fake_interface_counters_add (fixture->counters, 1000 * MIB);
  set_plans (fixture, "{'" HOME "': (104857600, 1)}"); /* 100 MiB */
  ferryd_fake_network_monitor_set_connection (fixture->network, HOME, "eth0");
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end (fixture, TRUE);
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (fixture->clock), ==, 0);
  g_object_unref (fixture->counters);
  g_object_unref (fixture->network);
  g_object_unref (fixture->settings);
  g_object_unref (fixture->store);
  g_object_unref (fixture->clock);
}

static guint64
get_used (Fixture *fixture, const char *connection)
{
  g_autoptr (GPtrArray) list = ferryd_data_meter_list (fixture->meter);

  for (guint i = 0; i < list->len; i++)
    {
      const FerrydMetered *metered = g_ptr_array_index (list, i);

      if (g_str_equal (metered->connection.uuid, connection))
        return metered->used;
    }
  return G_MAXUINT64;
}

static void
assert_conditions (Fixture *fixture, FerryNetworkCost cost, gboolean approaching, gboolean over)
{
  FerrydConditions conditions = { .cost = FERRY_NETWORK_COST_VARIABLE };

  ferryd_data_meter_fill (fixture->meter, &conditions);
  g_assert_cmpint (conditions.cost, ==, cost);
  g_assert_cmpint (conditions.approaching_limit, ==, approaching);
  g_assert_cmpint (conditions.over_limit, ==, over);
}

static void
use (Fixture *fixture, guint64 bytes)
{
  ferryd_fake_interface_counters_add (fixture->counters, bytes);
}

/* What went through before there was a plan is nobody's. */
static void
test_counts (Fixture *fixture, gconstpointer data)
{
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 0);
  use (fixture, 5 * MIB);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 5 * MIB);
  g_assert_true (ferryd_data_meter_is_needed (fixture->meter));
  set_plans (fixture, "{}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_VARIABLE, FALSE, FALSE);
  g_assert_false (ferryd_data_meter_is_needed (fixture->meter));
  use (fixture, 7 * MIB);
  set_plans (fixture, "{'" HOME "': (104857600, 1)}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  g_assert_cmpuint (get_used (fixture, HOME), ==, 5 * MIB);
}

static void
test_limits (Fixture *fixture, gconstpointer data)
{
  /* About 45 % of the month is over. */
  use (fixture, 44 * MIB);
  ferryd_fake_clock_advance (fixture->clock, 6 * STEP);
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
  use (fixture, 4 * MIB);
  ferryd_fake_clock_advance (fixture->clock, 6 * STEP);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, TRUE, FALSE);
  use (fixture, 52 * MIB);
  ferryd_fake_clock_advance (fixture->clock, 6 * STEP);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, TRUE);
  /* The limit is moved. */
  set_plans (fixture, "{'" HOME "': (1048576000, 1)}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
  set_plans (fixture, "{'" HOME "': (1, 1)}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, TRUE);
  /* Another month. */
  ferryd_fake_clock_jump (fixture->clock, 20 * G_TIME_SPAN_DAY);
  ferryd_fake_clock_advance (fixture->clock, 120 * STEP);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 0);
  /* And back, as the clock was wrong. */
  ferryd_fake_clock_jump (fixture->clock, -20 * G_TIME_SPAN_DAY);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 100 * MIB);
  ferryd_signal_log_expect (fixture->log, "changed ()");
}

static void
test_time_alone (Fixture *fixture, gconstpointer data)
{
  use (fixture, 48 * MIB);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 48 * MIB);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, TRUE, FALSE);
  ferryd_fake_clock_jump (fixture->clock, 5 * G_TIME_SPAN_DAY);
  ferryd_fake_clock_advance (fixture->clock, 120 * STEP);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
}

static void
test_restart (Fixture *fixture, gconstpointer data)
{
  use (fixture, 5 * MIB);
  end (fixture, TRUE);
  use (fixture, 3 * MIB);
  start (fixture);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 8 * MIB);

  /* Killed: what was counted and not written is counted again, and only once. */
  use (fixture, 100);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 8 * MIB + 100);
  end (fixture, FALSE);
  use (fixture, 100);
  start (fixture);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 8 * MIB + 200);

  /* The machine starts again, and something is used before the service does. */
  end (fixture, TRUE);
  ferryd_fake_interface_counters_boot (fixture->counters, 2 * MIB);
  start (fixture);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 10 * MIB + 200);
  end (fixture, TRUE);
  ferryd_fake_interface_counters_boot (fixture->counters, 900 * MIB);
  ferryd_fake_network_monitor_set_connection (fixture->network, PHONE, "eth0");
  start (fixture);
  ferryd_fake_network_monitor_set_connection (fixture->network, HOME, "eth0");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  g_assert_cmpuint (get_used (fixture, HOME), ==, 10 * MIB + 200);
}

/* What others use of the interface is theirs. */
static void
test_connections (Fixture *fixture, gconstpointer data)
{
  use (fixture, 5 * MIB);
  ferryd_fake_network_monitor_set_connection (fixture->network, PHONE, "eth0");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_VARIABLE, FALSE, FALSE);
  use (fixture, 70 * MIB);
  set_plans (fixture, "{'" HOME "': (104857600, 1), '" PHONE "': (104857600, 1)}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  use (fixture, 1 * MIB);
  ferryd_fake_network_monitor_set_connection (fixture->network, HOME, "eth0");
  use (fixture, 2 * MIB);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 7 * MIB);
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 1 * MIB);
  end (fixture, TRUE);
  ferryd_fake_network_monitor_set_connection (fixture->network, PHONE, "eth0");
  use (fixture, 40 * MIB);
  start (fixture);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 7 * MIB);
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 1 * MIB);

  /* Away for a moment. */
  ferryd_fake_network_monitor_set_connection (fixture->network, NULL, NULL);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  use (fixture, 1 * MIB);
  ferryd_fake_network_monitor_set_connection (fixture->network, PHONE, "eth0");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 2 * MIB);

  /* A modem that was plugged in again. */
  ferryd_fake_interface_counters_replace (fixture->counters, 300 * MIB);
  use (fixture, 1 * MIB);
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 2 * MIB);
  use (fixture, 1 * MIB);
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 3 * MIB);
  ferryd_fake_interface_counters_set_present (fixture->counters, FALSE);
  g_assert_cmpuint (get_used (fixture, PHONE), ==, 3 * MIB);
}

/* A plan holds where nobody knows what is to be counted. */
static void
test_no_interface (Fixture *fixture, gconstpointer data)
{
  use (fixture, 5 * MIB);
  ferryd_fake_network_monitor_set_connection (fixture->network, HOME, NULL);
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, FALSE);
  use (fixture, 90 * MIB);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 5 * MIB);
  set_plans (fixture, "{'" HOME "': (1048576, 1)}");
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, TRUE);
  /* Gone, which is something else. */
  ferryd_fake_network_monitor_set_connection (fixture->network, NULL, NULL);
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_VARIABLE, FALSE, FALSE);
}

static guint
look_for (Fixture *fixture, gint64 time, guint64 each_step)
{
  guint before = ferryd_fake_interface_counters_get_reads (fixture->counters);

  for (gint64 gone = 0; gone < time; gone += STEP)
    {
      use (fixture, each_step);
      ferryd_fake_clock_advance (fixture->clock, STEP);
    }
  return ferryd_fake_interface_counters_get_reads (fixture->counters) - before;
}

/* An idle machine is left alone; one that transfers is not. */
static void
test_interval (Fixture *fixture, gconstpointer data)
{
  set_plans (fixture, "{'" HOME "': (104857600000, 1)}");
  look_for (fixture, G_TIME_SPAN_HOUR, 0);
  g_assert_cmpuint (look_for (fixture, 4 * G_TIME_SPAN_HOUR, 1000), <=, 24);
  ferryd_data_meter_set_busy (fixture->meter, TRUE);
  g_assert_cmpuint (look_for (fixture, 600 * G_TIME_SPAN_SECOND, 1000), >=, 119);
  ferryd_data_meter_set_busy (fixture->meter, FALSE);
  look_for (fixture, 30 * G_TIME_SPAN_SECOND, MIB);
  g_assert_cmpuint (look_for (fixture, 600 * G_TIME_SPAN_SECOND, MIB), ==, 20);
  set_plans (fixture, "{}");
  g_assert_cmpuint (look_for (fixture, G_TIME_SPAN_HOUR, MIB), ==, 0);
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (fixture->clock), ==, 0);
  ferryd_signal_log_expect (fixture->log, "changed ()");
}

static gboolean
correct (Fixture *fixture, const char *connection, guint64 used, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_data_meter_correct_async (fixture->meter, connection, used, keep_result, &result);
  use (fixture, 100);
  settle ();
  return ferryd_data_meter_correct_finish (fixture->meter, result, error);
}

static void
test_correct (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  use (fixture, 5 * MIB);
  g_assert_true (correct (fixture, HOME, 100 * MIB, &error));
  ferryd_signal_log_expect (fixture->log, "changed ()");
  assert_conditions (fixture, FERRY_NETWORK_COST_FIXED, FALSE, TRUE);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 100 * MIB + 100);
  end (fixture, FALSE);
  start (fixture);
  g_assert_cmpuint (get_used (fixture, HOME), ==, 100 * MIB + 100);
  g_assert_false (correct (fixture, PHONE, 0, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (&error);
  ferryd_fake_store_fail_next (fixture->store);
  g_assert_false (correct (fixture, HOME, 0, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_cmpuint (get_used (fixture, HOME), >=, 100 * MIB);
}

static void
write_number (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_remove (path), ==, 0);
}

/* The real ones: those of this machine, and what is no number. */
static void
test_sysfs (void)
{
  g_autoptr (FerrydInterfaceCounters) real = ferryd_interface_counters_sysfs_new (NULL);
  g_autofree char *root = g_dir_make_tmp ("ferry-XXXXXX", NULL);
  g_autoptr (FerrydInterfaceCounters) own = ferryd_interface_counters_sysfs_new (root);
  FerrydCounter counter = { 0 };

  g_assert_true (ferryd_interface_counters_read (real, "lo", &counter));
  g_assert_cmpuint (counter.index, >, 0);
  g_assert_false (ferryd_interface_counters_read (real, "ferry-none", &counter));

  write_number (root, "x/ifindex", "7\n");
  write_number (root, "x/statistics/rx_bytes", "18446744073709551000\n");
  write_number (root, "x/statistics/tx_bytes", "600\n");
  g_assert_true (ferryd_interface_counters_read (own, "x", &counter));
  g_assert_cmpuint (counter.index, ==, 7);
  g_assert_cmpuint (counter.bytes, ==, G_GUINT64_CONSTANT (18446744073709551600));
  write_number (root, "x/statistics/tx_bytes", "many\n");
  g_assert_false (ferryd_interface_counters_read (own, "x", &counter));
  for (const char *const *name = (const char *const[]){ "x/statistics/rx_bytes", "x/statistics/tx_bytes",
                                                        "x/statistics", "x/ifindex", "x", "", NULL };
       *name != NULL; name++)
    remove_file (root, *name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("TZ", "UTC", TRUE);
#define ADD(name, function) g_test_add ("/data-meter/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("counts", test_counts);
  ADD ("limits", test_limits);
  ADD ("time-alone", test_time_alone);
  ADD ("restart", test_restart);
  ADD ("connections", test_connections);
  ADD ("no-interface", test_no_interface);
  ADD ("interval", test_interval);
  ADD ("correct", test_correct);
#undef ADD
  g_test_add_func ("/data-meter/sysfs", test_sysfs);
  return g_test_run ();
}
