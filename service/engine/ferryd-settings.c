/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-settings.h"

#include <stddef.h>
#include <string.h>

#include "ferry-error.h"
#include "ferry-names.h"

/* The contract's defaults, for where there is no schema (a run from the tree, tests). */
static const FerrydSettingsValues default_values = {
  .max_running = 16,
  .max_running_per_host = 6,
  .max_operations_per_application = 20000,
  .max_operations_per_sandboxed_application = 1000,
  .connect_timeout = 300,
  .response_timeout = 120,
  .stall_timeout = 120,
  .max_retries = 3,
  .retry_delay = 5000,
  .retention_days = 30,
  .download_speed_limit = 0,
  .upload_speed_limit = 0,
  .idle_exit = 60,
  .max_spool_size = G_GUINT64_CONSTANT (4) * 1024 * 1024 * 1024,
  .restrict_background_data = FALSE,
  .pause_on_battery_saver = TRUE,
};

#define DATA_PLANS "data-plans"

/* Where the value of each key goes, but for the data plans. */
static const struct
{
  const char *key;
  const char *type;
  gsize offset;
} keys[] = {
  { "max-running", "u", offsetof (FerrydSettingsValues, max_running) },
  { "max-running-per-host", "u", offsetof (FerrydSettingsValues, max_running_per_host) },
  { "max-operations-per-application", "u", offsetof (FerrydSettingsValues, max_operations_per_application) },
  { "max-operations-per-sandboxed-application", "u",
    offsetof (FerrydSettingsValues, max_operations_per_sandboxed_application) },
  { "connect-timeout", "u", offsetof (FerrydSettingsValues, connect_timeout) },
  { "response-timeout", "u", offsetof (FerrydSettingsValues, response_timeout) },
  { "stall-timeout", "u", offsetof (FerrydSettingsValues, stall_timeout) },
  { "max-retries", "u", offsetof (FerrydSettingsValues, max_retries) },
  { "retry-delay", "u", offsetof (FerrydSettingsValues, retry_delay) },
  { "retention-days", "u", offsetof (FerrydSettingsValues, retention_days) },
  { "download-speed-limit", "t", offsetof (FerrydSettingsValues, download_speed_limit) },
  { "upload-speed-limit", "t", offsetof (FerrydSettingsValues, upload_speed_limit) },
  { "idle-exit", "u", offsetof (FerrydSettingsValues, idle_exit) },
  { "max-spool-size", "t", offsetof (FerrydSettingsValues, max_spool_size) },
  { "restrict-background-data", "b", offsetof (FerrydSettingsValues, restrict_background_data) },
  { "pause-on-battery-saver", "b", offsetof (FerrydSettingsValues, pause_on_battery_saver) },
};

struct _FerrydSettings
{
  GObject parent_instance;

  GSettings *settings; /* (owned) (nullable): NULL for the defaults */
  FerrydSettingsValues values;
  GVariant *data_plans; /* (owned): a{s(tu)} by the connection's UUID */
};

G_DEFINE_FINAL_TYPE (FerrydSettings, ferryd_settings, G_TYPE_OBJECT)

static void
read_value (GSettings *settings, guint key, FerrydSettingsValues *values)
{
  g_autoptr (GVariant) value = g_settings_get_value (settings, keys[key].key);
  guint8 *member = (guint8 *) values + keys[key].offset;

  /* guint, guint64 and gboolean are what g_variant_get() writes for u, t and b. */
  g_variant_get (value, keys[key].type, member);
}

static gboolean
values_equal (const FerrydSettingsValues *a, const FerrydSettingsValues *b)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gsize size = keys[i].type[0] == 't' ? sizeof (guint64) : sizeof (guint);

      if (memcmp ((const guint8 *) a + keys[i].offset, (const guint8 *) b + keys[i].offset, size) != 0)
        return FALSE;
    }
  return TRUE;
}

/* @data_plans (transfer full). */
static void
take_values (FerrydSettings *self, const FerrydSettingsValues *values, GVariant *data_plans)
{
  g_autoptr (GVariant) plans = data_plans;

  if (values_equal (&self->values, values) && g_variant_equal (self->data_plans, plans))
    return;
  self->values = *values;
  g_variant_unref (self->data_plans);
  self->data_plans = g_steal_pointer (&plans);
  g_signal_emit_by_name (self, "changed");
}

static void
read_values (FerrydSettings *self, FerrydSettingsValues *values)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    read_value (self->settings, i, values);
}

static void
on_settings_changed (GSettings *settings, const char *key, FerrydSettings *self)
{
  FerrydSettingsValues values = self->values;

  read_values (self, &values);
  take_values (self, &values, g_settings_get_value (settings, DATA_PLANS));
}

static void
ferryd_settings_dispose (GObject *object)
{
  FerrydSettings *self = FERRYD_SETTINGS (object);

  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ferryd_settings_parent_class)->dispose (object);
}

static void
ferryd_settings_finalize (GObject *object)
{
  g_variant_unref (FERRYD_SETTINGS (object)->data_plans);
  G_OBJECT_CLASS (ferryd_settings_parent_class)->finalize (object);
}

static void
ferryd_settings_class_init (FerrydSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_settings_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferryd_settings_finalize;

  /**
   * FerrydSettings::changed:
   *
   * A value is different from before.
   */
  g_signal_new ("changed", FERRYD_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_settings_init (FerrydSettings *self)
{
  self->values = default_values;
  self->data_plans = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{s(tu)}"), NULL, 0));
}

/**
 * ferryd_settings_new:
 * @settings: (nullable): settings of the schema org.ferry.Transfer1; NULL for the contract's defaults
 *
 * Returns: (transfer full): the service's settings, live
 */
FerrydSettings *
ferryd_settings_new (GSettings *settings)
{
  FerrydSettings *self = g_object_new (FERRYD_TYPE_SETTINGS, NULL);

  if (settings == NULL)
    return self;
  self->settings = g_object_ref (settings);
  /* In this order: a backend need not announce a key that nobody has read since connecting. */
  g_signal_connect (settings, "changed", G_CALLBACK (on_settings_changed), self);
  read_values (self, &self->values);
  g_variant_unref (self->data_plans);
  self->data_plans = g_settings_get_value (settings, DATA_PLANS);
  return self;
}

/**
 * ferryd_settings_open:
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the user's settings; NULL where the schema is not installed
 */
FerrydSettings *
ferryd_settings_open (GError **error)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, FERRY_SETTINGS_SCHEMA, TRUE) : NULL;
  g_autoptr (GSettings) settings = NULL;

  if (schema == NULL)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          "The GSettings schema %s is not installed; XDG_DATA_DIRS has to name the share directory of the "
          "prefix that ferryd is installed into",
          FERRY_SETTINGS_SCHEMA);
      return NULL;
    }
  settings = g_settings_new_full (schema, NULL, NULL);
  return ferryd_settings_new (settings);
}

/**
 * ferryd_settings_get:
 * @self: settings
 *
 * Returns: (transfer none): the present values; good until the next `changed`
 */
const FerrydSettingsValues *
ferryd_settings_get (FerrydSettings *self)
{
  return &self->values;
}

/**
 * ferryd_settings_peek_data_plans:
 * @self: settings
 *
 * Returns: (transfer none): a{s(tu)} of every data plan by its connection's UUID; good until the next
 * `changed`
 */
GVariant *
ferryd_settings_peek_data_plans (FerrydSettings *self)
{
  return self->data_plans;
}

/**
 * ferryd_settings_get_data_plan:
 * @self: settings
 * @connection: (nullable): UUID of a network connection
 * @plan: (out): what its plan is
 *
 * Returns: whether it has one
 */
gboolean
ferryd_settings_get_data_plan (FerrydSettings *self, const char *connection, FerrydDataPlan *plan)
{
  return connection != NULL &&
         g_variant_lookup (self->data_plans, connection, "(tu)", &plan->limit, &plan->reset_day);
}

static GVariant *
replace_plan (GVariant *plans, const char *connection, const FerrydDataPlan *plan)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{s(tu)}"));
  g_variant_iter_init (&iter, plans);
  while (g_variant_iter_loop (&iter, "{&s@(tu)}", &key, &value))
    {
      if (!g_str_equal (key, connection))
        g_variant_builder_add (&builder, "{s@(tu)}", key, value);
    }
  if (plan != NULL)
    g_variant_builder_add (&builder, "{s(tu)}", connection, plan->limit, plan->reset_day);
  return g_variant_builder_end (&builder);
}

/* It waits until whoever keeps the settings has them, which is not for the main loop. */
static void
sync_settings (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_settings_sync ();
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_settings_set_data_plan_async:
 * @self: settings
 * @connection: UUID of a network connection
 * @plan: (nullable): its data plan from now on; NULL for none
 * @callback: told when it is written
 * @user_data: for @callback
 */
void
ferryd_settings_set_data_plan_async (FerrydSettings *self, const char *connection, const FerrydDataPlan *plan,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GVariant *plans = replace_plan (self->data_plans, connection, plan);

  g_task_set_source_tag (task, ferryd_settings_set_data_plan_async);
  if (self->settings == NULL)
    {
      ferryd_settings_override_data_plans (self, plans);
      g_task_return_boolean (task, TRUE);
    }
  else if (!g_settings_set_value (self->settings, DATA_PLANS, plans))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                             "The setting %s cannot be written: whoever looks after this system has fixed it",
                             DATA_PLANS);
  else
    g_task_run_in_thread (task, sync_settings);
}

/**
 * ferryd_settings_set_data_plan_finish:
 * @self: settings
 * @result: what the callback was given
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether it is written
 */
gboolean
ferryd_settings_set_data_plan_finish (FerrydSettings *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferryd_settings_override:
 * @self: settings
 * @values: values to have from now on
 *
 * For tests: puts @values in the place of what was read, until a key changes.
 */
void
ferryd_settings_override (FerrydSettings *self, const FerrydSettingsValues *values)
{
  take_values (self, values, g_variant_ref (self->data_plans));
}

/**
 * ferryd_settings_override_data_plans:
 * @self: settings
 * @data_plans: (transfer floating): a{s(tu)} to have from now on
 *
 * The same for data plans.
 */
void
ferryd_settings_override_data_plans (FerrydSettings *self, GVariant *data_plans)
{
  take_values (self, &self->values, g_variant_ref_sink (data_plans));
}
