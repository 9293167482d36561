/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-follow.h"
#include "ferry-cmd-operation.h"
#include "ferry-cmd-response.h"
#include "ferry-cmd-util.h"

/**
 * ferry_cmd_wait:
 * @command: `wait`
 * @argv: its arguments
 *
 * Waits for operations.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_wait (const FerryCmd *command, GStrv argv)
{
  gboolean json = FALSE;
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print each as a JSON object when all have ended"), NULL },
    FERRY_CMD_RESPONSE_ENTRY (&output),
    { NULL },
  };
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FerryCmdInterrupt) interrupt = NULL;
  g_autoptr (GError) error = NULL;

  if (!ferry_cmd_parse (command, entries, &argv, 1, G_MAXUINT, &error))
    return ferry_cmd_refuse_usage (command, error);
  if (output != NULL && !ferry_cmd_response_check (output, g_strv_length (argv), json, &error))
    return ferry_cmd_refuse_usage (command, error);
  for (guint i = 0; argv[i] != NULL; i++)
    {
      FerryOperation *operation = ferry_cmd_find (argv[i], &error);

      if (operation == NULL)
        return ferry_cmd_report (error);
      g_ptr_array_add (operations, operation);
    }
  interrupt = ferry_cmd_interrupt_new ();
  return ferry_cmd_follow (operations, interrupt, json, output);
}
