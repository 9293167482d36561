/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-util.h"
#include "ferry-cmd-value.h"

/* Columns of a property's name: the longest is TotalBytesToReceive. */
#define NAME_COLUMNS 20

static void
print_property (const char *name, GVariant *value)
{
  g_autoptr (GPtrArray) lines = ferry_cmd_value_to_lines (name, value);

  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *name_cell = ferry_cmd_format_cell (i == 0 ? name : "", NAME_COLUMNS, TRUE);
      g_autofree char *safe = ferry_cmd_format_cell (lines->pdata[i], G_MAXUINT, FALSE);

      g_print ("%s %s\n", name_cell, safe);
    }
}

/**
 * ferry_cmd_show:
 * @command: `show`
 * @argv: its arguments
 *
 * Prints every property of one operation.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_show (const FerryCmd *command, GStrv argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print it as a JSON object"), NULL },
    { NULL },
  };
  g_autoptr (FerryOperation) operation = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GError) error = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  if (!ferry_cmd_parse (command, entries, &argv, 1, 1, &error))
    return ferry_cmd_refuse_usage (command, error);
  operation = ferry_cmd_find (argv[0], &error);
  if (operation == NULL)
    return ferry_cmd_report (error);

  properties = ferry_operation_get_properties (operation);
  if (json)
    {
      ferry_cmd_print_json (properties);
      return FERRY_CMD_DONE;
    }
  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    print_property (name, value);
  return FERRY_CMD_DONE;
}
