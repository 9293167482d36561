/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-connection.h"
#include "ferry-cmd-operation.h"
#include "ferry-cmd-util.h"

/* Columns of what a line is about, and of a name. */
#define LABEL_COLUMNS 12
#define NAME_COLUMNS 28

/* Transfers of a kind that are named: all of it is to fit on a screen of 24 lines. Others are counted. */
#define MAX_ROWS 6

/* What is neither over nor only created, and what of it is shown. */
static const char *const states[] = { "queued",
                                      "running",
                                      "paused-by-application",
                                      "paused-recoverable-error",
                                      "paused-costed-network",
                                      "paused-no-network",
                                      "paused-system-policy",
                                      NULL };
static const char *const properties[] = { "Id",          "State",         "StateReason",
                                          "BlockedBy",   "Title",         "Uri",
                                          "Destination", "SuggestedName", "BytesReceived",
                                          "Speed",       "TimeRemaining", "TotalBytesToReceive",
                                          NULL };

static gboolean
get_flag (GVariant *manager, const char *name)
{
  gboolean value;

  return g_variant_lookup (manager, name, "b", &value) && value;
}

static const char *
get_word (GVariant *manager, const char *name)
{
  const char *word;

  return g_variant_lookup (manager, name, "&s", &word) ? word : "unknown";
}

static void
print_line (const char *label, const char *text)
{
  g_autofree char *cell = ferry_cmd_format_cell (label, LABEL_COLUMNS, TRUE);
  g_autofree char *safe = ferry_cmd_format_cell (text, G_MAXUINT, FALSE);

  g_print ("%s %s\n", cell, safe);
}

static const char *
describe_connectivity (const char *word)
{
  if (g_str_equal (word, "none"))
    return _ ("none");
  if (g_str_equal (word, "portal"))
    return _ ("somebody has to sign in (captive portal)");
  if (g_str_equal (word, "limited"))
    return _ ("limited");
  return g_str_equal (word, "full") ? _ ("full") : _ ("unknown");
}

static char *
describe_cost (GVariant *manager)
{
  const char *word = get_word (manager, "NetworkCost");
  const char *cost = g_str_equal (word, "unrestricted") ? _ ("not metered")
                     : g_str_equal (word, "fixed")      ? _ ("metered, with a data plan")
                     : g_str_equal (word, "variable")   ? _ ("metered")
                                                        : _ ("unknown, taken for not metered");
  GString *text = g_string_new (cost);

  if (get_flag (manager, "Roaming"))
    g_string_append_printf (text, ", %s", _ ("roaming"));
  if (get_flag (manager, "BackgroundDataRestricted"))
    g_string_append_printf (text, ", %s", _ ("background data restricted"));
  return g_string_free (text, FALSE);
}

static const char *
describe_power (GVariant *manager)
{
  if (get_flag (manager, "BatterySaver"))
    return get_flag (manager, "OnBattery") ? _ ("on battery, which is to be saved") : _ ("to be saved");
  return get_flag (manager, "OnBattery") ? _ ("on battery") : _ ("on mains, or unknown");
}

/* (transfer full) (nullable): the one in use. */
static GVariant *
find_active (GVariant *connections, const char **uuid)
{
  GVariantIter iter;
  GVariant *connection;

  g_variant_iter_init (&iter, connections);
  while (g_variant_iter_next (&iter, "{&s@a{sv}}", uuid, &connection))
    {
      if (ferry_cmd_connection_is_active (connection))
        return connection;
      g_variant_unref (connection);
    }
  return NULL;
}

static void
print_plan (GVariant *manager, GVariant *connection)
{
  g_autofree char *usage = ferry_cmd_connection_usage (connection, g_get_real_time ());
  g_autofree char *until = ferry_cmd_connection_period (connection);
  const char *verdict = get_flag (manager, "OverDataLimit")          ? _ (": used up")
                        : get_flag (manager, "ApproachingDataLimit") ? _ (": too fast")
                                                                     : "";
  g_autofree char *text = g_strdup_printf (_ ("%s, until %s%s"), usage, until, verdict);

  print_line (_ ("Data plan"), text);
}

static void
print_conditions (GVariant *manager, GVariant *connections)
{
  const char *uuid = NULL;
  g_autoptr (GVariant) connection = find_active (connections, &uuid);
  const char *word = get_word (manager, "Connectivity");
  const char *reach = describe_connectivity (word);
  g_autofree char *cost = describe_cost (manager);
  g_autofree char *network =
      connection != NULL && !g_str_equal (word, "none")
          ? g_strdup_printf (_ ("%s, by “%s”"), reach, ferry_cmd_connection_name (uuid, connection))
          : g_strdup (reach);

  print_line (_ ("Network"), network);
  print_line (_ ("Cost"), cost);
  if (connection != NULL && ferry_cmd_connection_has_plan (connection))
    print_plan (manager, connection);
  print_line (_ ("Power"), describe_power (manager));
  if (get_flag (manager, "Paused"))
    print_line (_ ("Paused"), _ ("everything, until “ferry resume --all”"));
}

static gboolean
is_running (FerryOperation *operation)
{
  return ferry_operation_get_state (operation) == FERRY_STATE_RUNNING;
}

static void
print_row (FerryOperation *operation)
{
  g_autofree char *id = ferry_cmd_short_id (operation);
  g_autofree char *name = ferry_cmd_name (operation);
  g_autofree char *name_cell = ferry_cmd_format_cell (name, NAME_COLUMNS, TRUE);
  g_autofree char *numbers = NULL;
  FerryCmdFigures figures;
  const char *text;
  g_autofree char *safe = NULL;

  ferry_cmd_figures (operation, name, &figures);
  numbers = ferry_cmd_format_figures (&figures);
  text = figures.waits_for != NULL ? figures.waits_for : numbers;
  safe = ferry_cmd_format_cell (text, G_MAXUINT, FALSE);
  g_print ("  %s  %s  %s\n", id, name_cell, safe);
}

static void
print_operations (GListModel *list, gboolean running)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);

      n += is_running (operation) == running;
    }
  g_print (running ? g_dngettext (GETTEXT_PACKAGE, "\n%u transfer runs\n", "\n%u transfers run\n", n)
                   : g_dngettext (GETTEXT_PACKAGE, "\n%u transfer waits\n", "\n%u transfers wait\n", n),
           n);
  n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);

      if (is_running (operation) == running && n++ < MAX_ROWS)
        print_row (operation);
    }
  if (n > MAX_ROWS)
    g_print (_ ("  … and %u more: “ferry list” has them all\n"), n - MAX_ROWS);
}

static GVariant *
collect (GListModel *list, gboolean running)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);
      g_autoptr (GVariant) dict = NULL;

      if (is_running (operation) != running)
        continue;
      dict = ferry_operation_get_properties (operation);
      g_variant_builder_add_value (&builder, dict);
    }
  return g_variant_builder_end (&builder);
}

static void
print_json (GVariant *manager, GVariant *connections, GListModel *list)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (manager);
  const char *uuid = NULL;
  g_autoptr (GVariant) connection = find_active (connections, &uuid);
  g_autoptr (GVariant) object = NULL;

  if (connection != NULL)
    {
      g_auto (GVariantDict) known = G_VARIANT_DICT_INIT (connection);

      g_variant_dict_insert (&known, "uuid", "s", uuid);
      g_variant_dict_insert_value (&dict, "Connection", g_variant_dict_end (&known));
    }
  g_variant_dict_insert_value (&dict, "Running", collect (list, TRUE));
  g_variant_dict_insert_value (&dict, "Waiting", collect (list, FALSE));
  object = g_variant_ref_sink (g_variant_dict_end (&dict));
  ferry_cmd_print_json (object);
}

/**
 * ferry_cmd_status:
 * @command: `status`
 * @argv: its arguments
 *
 * Prints the conditions under which is transferred, what is, and what waits and why.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_status (const FerryCmd *command, GStrv argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print a JSON object"), NULL },
    { NULL },
  };
  g_autoptr (FerryManager) manager = NULL;
  g_autoptr (GVariant) conditions = NULL;
  g_autoptr (GVariant) connections = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GListModel) list = NULL;
  g_autoptr (GError) error = NULL;

  if (!ferry_cmd_parse (command, entries, &argv, 0, 0, &error))
    return ferry_cmd_refuse_usage (command, error);
  manager = ferry_cmd_get_manager (&error);
  if (manager != NULL)
    connections = ferry_cmd_list_connections (manager, &error);
  if (connections == NULL)
    return ferry_cmd_report (error);
  ferry_manager_watch_async (manager, ferry_cmd_filter (NULL, (GStrv) states, json ? NULL : properties), NULL,
                             ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  list = ferry_manager_watch_finish (manager, result, &error);
  if (list == NULL)
    return ferry_cmd_report (error);

  conditions = ferry_manager_get_properties (manager);
  if (json)
    {
      print_json (conditions, connections, list);
      return FERRY_CMD_DONE;
    }
  print_conditions (conditions, connections);
  print_operations (list, TRUE);
  print_operations (list, FALSE);
  return FERRY_CMD_DONE;
}
