/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-connection.h"
#include "ferry-cmd-format.h"
#include "ferry-cmd-parse.h"
#include "ferry-cmd-util.h"

/* Columns: names of connections are as long as people like; `1023.9 MB of 1023.9 MB (100%) in 100% of the
 * time`. */
#define NAME_COLUMNS 24
#define USAGE_COLUMNS 46

/**
 * Plan:
 * @manager: (owned)
 * @connections: (owned): a{sa{sv}}
 * @all: those without a plan as well
 * @reset_day: 0 where it was not given
 */
typedef struct
{
  FerryManager *manager;
  GVariant *connections;
  gboolean all;
  gboolean json;
  int reset_day;
} Plan;

static void
print_row (const char *name, const char *usage, const char *until)
{
  g_autofree char *name_cell = ferry_cmd_format_cell (name, NAME_COLUMNS, TRUE);
  g_autofree char *usage_cell = ferry_cmd_format_cell (usage, USAGE_COLUMNS, TRUE);

  g_print ("%s  %s  %s\n", name_cell, usage_cell, until);
}

static void
print_json (const Plan *plan)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) array = NULL;
  GVariantIter iter;
  const char *uuid;
  GVariant *connection;

  g_variant_iter_init (&iter, plan->connections);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &uuid, &connection))
    {
      g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (connection);

      if (!plan->all && !ferry_cmd_connection_has_plan (connection))
        continue;
      g_variant_dict_insert (&dict, "uuid", "s", uuid);
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  array = g_variant_ref_sink (g_variant_builder_end (&builder));
  ferry_cmd_print_json (array);
}

static FerryCmdStatus
list (const Plan *plan)
{
  guint n_rows = 0;
  GVariantIter iter;
  const char *uuid;
  GVariant *connection;

  if (plan->json)
    {
      print_json (plan);
      return FERRY_CMD_DONE;
    }
  g_variant_iter_init (&iter, plan->connections);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &uuid, &connection))
    {
      const char *name = ferry_cmd_connection_name (uuid, connection);
      gboolean has_plan = ferry_cmd_connection_has_plan (connection);
      g_autofree char *usage =
          has_plan ? ferry_cmd_connection_usage (connection, g_get_real_time ()) : g_strdup ("-");
      g_autofree char *until = has_plan ? ferry_cmd_connection_period (connection) : g_strdup ("-");

      if (!plan->all && !has_plan)
        continue;
      if (n_rows++ == 0)
        print_row (_ ("CONNECTION"), _ ("USED"), _ ("UNTIL"));
      print_row (name, usage, until);
    }
  if (n_rows == 0 && plan->all)
    g_print (_ ("No network connection is known.\n"));
  else if (n_rows == 0)
    g_print (_ ("No connection has a data plan: “ferry plan set CONNECTION LIMIT” gives it one.\n"));
  return FERRY_CMD_DONE;
}

static FerryCmdStatus
set (const Plan *plan, const char *uuid, guint64 limit)
{
  g_autoptr (GVariant) connection = g_variant_lookup_value (plan->connections, uuid, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint32 day = 1;

  /* What is not said stays as it is. */
  if (plan->reset_day != 0)
    day = (guint32) plan->reset_day;
  else if (!g_variant_lookup (connection, "reset-day", "u", &day))
    day = 1;
  ferry_manager_set_data_plan_async (plan->manager, uuid, limit, day, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_set_data_plan_finish (plan->manager, result, &error) ? FERRY_CMD_DONE
                                                                            : ferry_cmd_report (error);
}

static FerryCmdStatus
set_used (const Plan *plan, const char *uuid, guint64 used)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_manager_set_data_usage_async (plan->manager, uuid, used, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_set_data_usage_finish (plan->manager, result, &error) ? FERRY_CMD_DONE
                                                                             : ferry_cmd_report (error);
}

static FerryCmdStatus
clear (const Plan *plan, const char *uuid)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_manager_clear_data_plan_async (plan->manager, uuid, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_clear_data_plan_finish (plan->manager, result, &error) ? FERRY_CMD_DONE
                                                                              : ferry_cmd_report (error);
}

static gboolean
check_words (GStrv words, guint n_words, GError **error)
{
  if (g_strv_length (words) == n_words)
    return TRUE;
  if (n_words == 2)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“ferry plan %s CONNECTION” would be right"), words[0]);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“ferry plan %s CONNECTION BYTES” would be right"), words[0]);
  return FALSE;
}

/* What is wrong with the words that can be said without the service. */
static gboolean
check (const Plan *plan, GStrv words, guint64 *size, GError **error)
{
  gboolean sets = g_strcmp0 (words[0], "set") == 0;
  gboolean corrects = g_strcmp0 (words[0], "set-used") == 0;

  if (plan->reset_day != 0 && !sets)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("--reset-day goes with “ferry plan set” only"));
  else if (plan->reset_day < 0 || plan->reset_day > 31)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("--reset-day: %d is no day of a month; 1 to 31 are right"), plan->reset_day);
  else if (words[0] == NULL)
    return TRUE;
  else if (sets || corrects)
    {
      if (!check_words (words, 3, error))
        return FALSE;
      if (ferry_cmd_parse_size (words[2], size) && (corrects || *size > 0))
        return TRUE;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is no number of bytes: something like 5G or 500M is right"), words[2]);
    }
  else if (g_str_equal (words[0], "clear"))
    return check_words (words, 2, error);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“ferry plan %s” is not known: set, clear and set-used are"), words[0]);
  return FALSE;
}

/* What can be corrected or taken away. */
static gboolean
check_plan (const Plan *plan, const char *uuid, GError **error)
{
  g_autoptr (GVariant) connection = g_variant_lookup_value (plan->connections, uuid, NULL);

  if (ferry_cmd_connection_has_plan (connection))
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               _ ("“%s” has no data plan: “ferry plan set CONNECTION LIMIT” gives it one"),
               ferry_cmd_connection_name (uuid, connection));
  return FALSE;
}

static FerryCmdStatus
run (Plan *plan, GStrv words, guint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uuid = NULL;

  plan->manager = ferry_cmd_get_manager (&error);
  if (plan->manager != NULL)
    plan->connections = ferry_cmd_list_connections (plan->manager, &error);
  if (plan->connections == NULL)
    return ferry_cmd_report (error);
  if (words[0] == NULL)
    return list (plan);
  uuid = ferry_cmd_find_connection (plan->connections, words[1], &error);
  if (uuid == NULL)
    return ferry_cmd_report (error);
  if (g_str_equal (words[0], "set"))
    return set (plan, uuid, size);
  if (!check_plan (plan, uuid, &error))
    return ferry_cmd_report (error);
  return g_str_equal (words[0], "clear") ? clear (plan, uuid) : set_used (plan, uuid, size);
}

/**
 * ferry_cmd_plan:
 * @command: `plan`
 * @argv: its arguments
 *
 * Shows data plans, sets and clears them, and corrects what was used.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_plan (const FerryCmd *command, GStrv argv)
{
  Plan plan = { 0 };
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &plan.all, N_ ("Show connections without a plan as well"), NULL },
    { "reset-day", 0, 0, G_OPTION_ARG_INT, &plan.reset_day,
      N_ ("Day of the month on which the plan begins anew, the first by default"), N_ ("DAY") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &plan.json, N_ ("Print a JSON array"), NULL },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  FerryCmdStatus status;
  guint64 size = 0;

  if (!ferry_cmd_parse (command, entries, &argv, 0, 3, &error) || !check (&plan, argv, &size, &error))
    return ferry_cmd_refuse_usage (command, error);
  status = run (&plan, argv, size);
  g_clear_object (&plan.manager);
  g_clear_pointer (&plan.connections, g_variant_unref);
  return status;
}
