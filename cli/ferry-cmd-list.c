/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-table-row.h"
#include "ferry-cmd-util.h"

/* What a row of the table needs. */
static const char *const row_properties[] = {
  "Id",
  "State",
  "Title",
  "Uri",
  "Destination",
  "SuggestedName",
  "Source",
  "BytesReceived",
  "TotalBytesToReceive",
  "BytesSent",
  "TotalBytesToSend",
  "Created",
  NULL,
};

static void
print_json (GListModel *list)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) array = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);
      g_autoptr (GVariant) properties = ferry_operation_get_properties (operation);

      g_variant_builder_add_value (&builder, properties);
    }
  array = g_variant_ref_sink (g_variant_builder_end (&builder));
  ferry_cmd_print_json (array);
}

static void
print_table (GListModel *list)
{
  g_autofree char *header = ferry_cmd_table_header ();

  if (g_list_model_get_n_items (list) == 0)
    return;
  g_print ("%s\n", header);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FerryOperation) operation = g_list_model_get_item (list, i);
      g_autofree char *row = ferry_cmd_table_row (operation);
      g_autofree char *safe = ferry_cmd_format_cell (row, G_MAXUINT, FALSE);

      g_print ("%s\n", safe);
    }
}

/**
 * ferry_cmd_list:
 * @command: `list`
 * @argv: its arguments
 *
 * Prints what there is.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_list (const FerryCmd *command, GStrv argv)
{
  g_auto (GStrv) states = NULL;
  g_autofree char *group = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "state", 's', 0, G_OPTION_ARG_STRING_ARRAY, &states, N_ ("Only those in this state (repeatable)"),
      N_ ("STATE") },
    { "group", 'g', 0, G_OPTION_ARG_STRING, &group, N_ ("Only those of this group"), N_ ("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print all their properties as a JSON array"), NULL },
    { NULL },
  };
  g_autoptr (GListModel) list = NULL;
  g_autoptr (GError) error = NULL;

  if (!ferry_cmd_parse (command, entries, &argv, 0, 0, &error))
    return ferry_cmd_refuse_usage (command, error);
  list = ferry_cmd_query (ferry_cmd_filter (group, states, json ? NULL : row_properties), &error);
  if (list == NULL)
    return ferry_cmd_report (error);
  if (json)
    print_json (list);
  else
    print_table (list);
  return FERRY_CMD_DONE;
}
