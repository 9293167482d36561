/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-names.h"
#include "ferryd-settings.h"
#include "ferryd-signal-log.h"

static void
assert_defaults (const FerrydSettingsValues *values)
{
  g_assert_cmpuint (values->max_running, ==, 16);
  g_assert_cmpuint (values->max_running_per_host, ==, 6);
  g_assert_cmpuint (values->max_operations_per_application, ==, 20000);
  g_assert_cmpuint (values->max_operations_per_sandboxed_application, ==, 1000);
  g_assert_cmpuint (values->connect_timeout, ==, 300);
  g_assert_cmpuint (values->response_timeout, ==, 120);
  g_assert_cmpuint (values->stall_timeout, ==, 120);
  g_assert_cmpuint (values->max_retries, ==, 3);
  g_assert_cmpuint (values->retry_delay, ==, 5000);
  g_assert_cmpuint (values->retention_days, ==, 30);
  g_assert_cmpuint (values->download_speed_limit, ==, 0);
  g_assert_cmpuint (values->upload_speed_limit, ==, 0);
  g_assert_cmpuint (values->idle_exit, ==, 60);
  g_assert_cmpuint (values->max_spool_size, ==, G_GUINT64_CONSTANT (4294967296));
  g_assert_false (values->restrict_background_data);
  g_assert_true (values->pause_on_battery_saver);
}

static void
test_without_schema (void)
{
  g_autoptr (FerrydSettings) settings = ferryd_settings_new (NULL);

  assert_defaults (ferryd_settings_get (settings));
}

/* The schema's defaults are the contract's. */
static void
test_schema (void)
{
  g_autoptr (GSettings) source = g_settings_new (FERRY_SETTINGS_SCHEMA);
  g_autoptr (FerrydSettings) settings = ferryd_settings_new (source);

  assert_defaults (ferryd_settings_get (settings));
}

/* Each key arrives where it belongs, at once, and is announced once. */
static void
test_every_key (void)
{
  g_autoptr (GSettings) source = g_settings_new (FERRY_SETTINGS_SCHEMA);
  g_autoptr (FerrydSettings) settings = ferryd_settings_new (source);
  const FerrydSettingsValues *values = ferryd_settings_get (settings);
  const struct
  {
    const char *key;
    const guint *value;
  } numbers[] = {
    { "max-running", &values->max_running },
    { "max-running-per-host", &values->max_running_per_host },
    { "max-operations-per-application", &values->max_operations_per_application },
    { "max-operations-per-sandboxed-application", &values->max_operations_per_sandboxed_application },
    { "connect-timeout", &values->connect_timeout },
    { "response-timeout", &values->response_timeout },
    { "stall-timeout", &values->stall_timeout },
    { "max-retries", &values->max_retries },
    { "retry-delay", &values->retry_delay },
    { "retention-days", &values->retention_days },
    { "idle-exit", &values->idle_exit },
  };
  const struct
  {
    const char *key;
    const guint64 *value;
  } sizes[] = {
    { "download-speed-limit", &values->download_speed_limit },
    { "upload-speed-limit", &values->upload_speed_limit },
    { "max-spool-size", &values->max_spool_size },
  };
  g_autoptr (FerrydSignalLog) log = ferryd_signal_log_new (settings);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_settings_set_uint (source, numbers[i].key, 40 + i);
      g_assert_cmpuint (*numbers[i].value, ==, 40 + i);
      ferryd_signal_log_expect (log, "changed ()");
      g_assert_cmpuint (ferryd_signal_log_count (log), ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_settings_set_uint64 (source, sizes[i].key, G_GUINT64_CONSTANT (1) << (40 + i));
      g_assert_cmpuint (*sizes[i].value, ==, G_GUINT64_CONSTANT (1) << (40 + i));
      ferryd_signal_log_expect (log, "changed ()");
    }
  g_settings_set_boolean (source, "restrict-background-data", TRUE);
  g_assert_true (values->restrict_background_data);
  ferryd_signal_log_expect (log, "changed ()");
  g_settings_set_boolean (source, "pause-on-battery-saver", FALSE);
  g_assert_false (values->pause_on_battery_saver);
  ferryd_signal_log_expect (log, "changed ()");

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_cmpuint (*numbers[i].value, ==, 40 + i);
}

/* Nobody hears of a write that changes nothing, or of a key that is not the engine's. */
static void
test_no_change (void)
{
  g_autoptr (GSettings) source = g_settings_new (FERRY_SETTINGS_SCHEMA);
  g_autoptr (FerrydSettings) settings = NULL;
  g_autoptr (FerrydSignalLog) log = NULL;

  g_settings_set_uint (source, "max-retries", 7);
  settings = ferryd_settings_new (source);
  log = ferryd_signal_log_new (settings);
  g_assert_cmpuint (ferryd_settings_get (settings)->max_retries, ==, 7);
  g_settings_set_uint (source, "max-retries", 7);
  g_settings_set (source, "data-plans", "a{s(tu)}", NULL);
}

static void
test_override (void)
{
  g_autoptr (FerrydSettings) settings = ferryd_settings_new (NULL);
  g_autoptr (FerrydSignalLog) log = ferryd_signal_log_new (settings);
  FerrydSettingsValues values = *ferryd_settings_get (settings);

  ferryd_settings_override (settings, &values);
  g_assert_cmpuint (ferryd_signal_log_count (log), ==, 0);
  values.max_running = 1;
  ferryd_settings_override (settings, &values);
  g_assert_cmpuint (ferryd_settings_get (settings)->max_running, ==, 1);
  ferryd_signal_log_expect (log, "changed ()");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/without-schema", test_without_schema);
  g_test_add_func ("/settings/schema", test_schema);
  g_test_add_func ("/settings/every-key", test_every_key);
  g_test_add_func ("/settings/no-change", test_no_change);
  g_test_add_func ("/settings/override", test_override);
  return g_test_run ();
}
