/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-error.h"
#include "ferryd-members.h"

/* Bytes: longer than any UUID, whatever NetworkManager takes for one. */
#define MAX_UUID 128

/* Days of the longest month. */
#define MAX_DAY 31

static void
insert_text (GVariantDict *dict, const char *key, const char *text)
{
  if (text != NULL)
    g_variant_dict_insert (dict, key, "s", text);
}

static GVariant *
describe (const FerrydMetered *metered)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "active", "b", metered->active);
  insert_text (&dict, "name", metered->connection.name);
  insert_text (&dict, "kind", metered->connection.kind);
  if (metered->has_plan)
    {
      g_variant_dict_insert (&dict, "limit", "t", metered->plan.limit);
      g_variant_dict_insert (&dict, "reset-day", "u", metered->plan.reset_day);
      g_variant_dict_insert (&dict, "used", "t", metered->used);
      g_variant_dict_insert (&dict, "period-begin", "x", metered->period.begin);
      g_variant_dict_insert (&dict, "period-end", "x", metered->period.end);
    }
  return g_variant_dict_end (&dict);
}

/**
 * ferryd_manager_list_connections:
 * @members: what it works with
 * @call: (transfer full): ListConnections
 */
void
ferryd_manager_list_connections (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GPtrArray) list = ferryd_data_meter_list (members->meter);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (guint i = 0; i < list->len; i++)
    {
      const FerrydMetered *metered = g_ptr_array_index (list, i);

      g_variant_builder_add (&builder, "{s@a{sv}}", metered->connection.uuid, describe (metered));
    }
  ferryd_call_reply (call, g_variant_new ("(a{sa{sv}})", &builder));
}

static void
on_plan_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_settings_set_data_plan_finish (FERRYD_SETTINGS (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_set_data_plan:
 * @members: what it works with
 * @call: (transfer full): SetDataPlan
 */
void
ferryd_manager_set_data_plan (FerrydMembers *members, FerrydCall *call)
{
  const char *connection;
  FerrydDataPlan plan;

  g_variant_get (call->arguments, "(&stu)", &connection, &plan.limit, &plan.reset_day);
  if (connection[0] == '\0' || strlen (connection) > MAX_UUID)
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                        "connection: '%s' is no UUID of a network connection", connection);
  else if (plan.limit == 0)
    ferryd_call_reject (
        call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
        "limit: 0 is no limit; at least 1 byte is right, and ClearDataPlan takes a plan away");
  else if (plan.reset_day < 1 || plan.reset_day > MAX_DAY)
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                        "reset_day: %u is no day of a month; 1 to %d are right", plan.reset_day, MAX_DAY);
  else
    ferryd_settings_set_data_plan_async (members->settings, connection, &plan, on_plan_set, call);
}

/**
 * ferryd_manager_clear_data_plan:
 * @members: what it works with
 * @call: (transfer full): ClearDataPlan
 */
void
ferryd_manager_clear_data_plan (FerrydMembers *members, FerrydCall *call)
{
  const char *connection;
  FerrydDataPlan plan;

  g_variant_get (call->arguments, "(&s)", &connection);
  if (ferryd_settings_get_data_plan (members->settings, connection, &plan))
    ferryd_settings_set_data_plan_async (members->settings, connection, NULL, on_plan_set, call);
  else
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "connection: '%s' has no data plan",
                        connection);
}

static void
on_corrected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_data_meter_correct_finish (FERRYD_DATA_METER (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_set_data_usage:
 * @members: what it works with
 * @call: (transfer full): SetDataUsage
 */
void
ferryd_manager_set_data_usage (FerrydMembers *members, FerrydCall *call)
{
  const char *connection;
  guint64 used;

  g_variant_get (call->arguments, "(&st)", &connection, &used);
  ferryd_data_meter_correct_async (members->meter, connection, used, on_corrected, call);
}
