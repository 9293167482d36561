/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-data-plan.h"

G_BEGIN_DECLS

/**
 * FerrydSettingsValues:
 *
 * The settings of the contract, in its units. A plain value.
 */
typedef struct
{
  guint max_running;
  guint max_running_per_host;
  guint max_operations_per_application;
  guint max_operations_per_sandboxed_application;
  guint connect_timeout;  /* seconds */
  guint response_timeout; /* seconds */
  guint stall_timeout;    /* seconds */
  guint max_retries;
  guint retry_delay; /* milliseconds */
  guint retention_days;
  guint64 download_speed_limit; /* bytes/s, 0 none */
  guint64 upload_speed_limit;   /* bytes/s, 0 none */
  guint idle_exit;              /* seconds, 0 never */
  guint64 max_spool_size;       /* bytes */
  gboolean restrict_background_data;
  gboolean pause_on_battery_saver;
} FerrydSettingsValues;

#define FERRYD_TYPE_SETTINGS (ferryd_settings_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSettings, ferryd_settings, FERRYD, SETTINGS, GObject)

/* @settings (nullable): NULL for the contract's defaults. Emits `changed` (no arguments) when a value has. */
FerrydSettings *ferryd_settings_new (GSettings *settings);
/* NULL where the schema is not installed. */
FerrydSettings *ferryd_settings_open (GError **error);
/* Borrowed; good until the next `changed`. */
const FerrydSettingsValues *ferryd_settings_get (FerrydSettings *self);
/* Of one connection, FALSE where it has none; and of all, a{s(tu)} by the connection's UUID (borrowed). */
gboolean ferryd_settings_get_data_plan (FerrydSettings *self, const char *connection, FerrydDataPlan *plan);
GVariant *ferryd_settings_peek_data_plans (FerrydSettings *self);

/* @plan (nullable): NULL for none any more. Answered when that is written and holds. */
void ferryd_settings_set_data_plan_async (FerrydSettings *self, const char *connection,
                                          const FerrydDataPlan *plan, GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean ferryd_settings_set_data_plan_finish (FerrydSettings *self, GAsyncResult *result, GError **error);

/* For tests. */
void ferryd_settings_override (FerrydSettings *self, const FerrydSettingsValues *values);
void ferryd_settings_override_data_plans (FerrydSettings *self, GVariant *data_plans);

G_END_DECLS
