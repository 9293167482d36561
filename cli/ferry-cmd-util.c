/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-util.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

#include "ferry-cmd-format.h"

/**
 * ferry_cmd_parse:
 * @command: whose arguments they are
 * @entries: (array zero-terminated=1): its options
 * @argv: (inout): its arguments, its name at their head; afterwards the words among them alone
 * @min_words: how many words there must be
 * @max_words: how many there may be
 * @error: (nullable):
 *
 * Parses the arguments of one command. `--help` prints its help and ends the program.
 *
 * Returns: whether they are right
 */
gboolean
ferry_cmd_parse (const FerryCmd *command, const GOptionEntry *entries, GStrv *argv, guint min_words,
                 guint max_words, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autofree char *program = g_strconcat ("ferry ", command->name, NULL);
  g_autofree char *right = g_strchomp (g_strconcat (program, " ", command->arguments, NULL));
  g_autofree char *name = NULL;
  guint n_words;

  g_set_prgname (program);
  g_option_context_set_summary (context, _ (command->help));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, argv, error))
    return FALSE;

  n_words = g_strv_length (*argv) - 1;
  if (n_words < min_words)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("Something is missing: “%s” would be right"), right);
      return FALSE;
    }
  if (n_words > max_words)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is one too many: “%s” would be right"), (*argv)[max_words + 1], right);
      return FALSE;
    }
  name = (*argv)[0];
  memmove (*argv, *argv + 1, (n_words + 1) * sizeof (char *));
  return TRUE;
}

/**
 * ferry_cmd_refuse_usage:
 * @command: whose arguments are wrong
 * @error: how
 *
 * Returns: %FERRY_CMD_USAGE, having said so; %FERRY_CMD_INTERRUPTED for Ctrl-C at a question
 */
FerryCmdStatus
ferry_cmd_refuse_usage (const FerryCmd *command, const GError *error)
{
  g_printerr ("ferry: %s\n", error->message);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FERRY_CMD_INTERRUPTED;
  g_printerr (_ ("“ferry %s --help” says what is possible.\n"), command->name);
  return FERRY_CMD_USAGE;
}

/**
 * ferry_cmd_keep_result:
 * @source: (nullable): of the call
 * @result: its result
 * @user_data: (out): where ferry_cmd_await() looks for it
 *
 * The callback of every call that a command waits for.
 */
void
ferry_cmd_keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/**
 * ferry_cmd_await:
 * @result: (inout): NULL until ferry_cmd_keep_result() has put it there
 *
 * Runs the main loop until the call has its result.
 */
void
ferry_cmd_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferry_cmd_get_manager:
 * @error: (nullable):
 *
 * Returns: (transfer full) (nullable): the service as a whole
 */
FerryManager *
ferry_cmd_get_manager (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_manager_new_async (NULL, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_new_finish (result, error);
}

/* What to do about a refusal; NULL where the message says all there is. */
static const char *
hint_for_refusal (const GError *error)
{
  switch ((FerryError) error->code)
    {
    case FERRY_ERROR_DESTINATION_EXISTS:
      return _ ("Name another file, or say “--exists replace” or “--exists rename”.");
    case FERRY_ERROR_NOT_FOUND:
      return _ ("“ferry list” shows what there is.");
    case FERRY_ERROR_INVALID_STATE:
      return _ ("“ferry list” shows the states.");
    case FERRY_ERROR_LIMIT_EXCEEDED:
      return _ ("“ferry cancel” and “ferry remove” make room.");
    case FERRY_ERROR_STORE_UNAVAILABLE:
      return _ ("The service's log says more: journalctl --user -u ferryd");
    case FERRY_ERROR_INVALID_ARGUMENT:
    case FERRY_ERROR_NOT_SUPPORTED:
    case FERRY_ERROR_ACCESS_DENIED:
    case FERRY_ERROR_DESTINATION_UNAVAILABLE:
    case FERRY_ERROR_SOURCE_UNAVAILABLE:
    default:
      return NULL;
    }
}

static void
report_unreachable (const GError *error)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autoptr (GError) plain = g_error_copy (error);

  g_dbus_error_strip_remote_error (plain);
  if (error->domain == G_DBUS_ERROR)
    {
      g_printerr (_ ("ferry: The service %s cannot be reached: %s\n"), FERRY_BUS_NAME, plain->message);
      if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
        g_printerr (_ ("Is ferryd installed where this bus looks for services (dbus-1/services below "
                       "XDG_DATA_DIRS)?\n"));
      else
        g_printerr (_ ("Why it does not come up is in the session's log: journalctl --user -u ferryd\n"));
    }
  else
    g_printerr (_ ("ferry: There is no session bus to find the service on: %s\n"), plain->message);
  if (address != NULL)
    g_printerr (_ ("The bus is that of DBUS_SESSION_BUS_ADDRESS, %s.\n"), address);
  else
    g_printerr (
        _ ("DBUS_SESSION_BUS_ADDRESS is not set; without a session, “dbus-run-session” makes a bus.\n"));
}

/**
 * ferry_cmd_report:
 * @error: of a call of the library
 *
 * Tells people what went wrong, and what they can do.
 *
 * Returns: the exit status for it
 */
FerryCmdStatus
ferry_cmd_report (const GError *error)
{
  g_autofree char *message = NULL;
  const char *hint;

  if (error->domain == G_OPTION_ERROR)
    {
      g_printerr ("ferry: %s\n", error->message);
      return FERRY_CMD_USAGE;
    }
  if (error->domain != FERRY_ERROR)
    {
      report_unreachable (error);
      return FERRY_CMD_REFUSED;
    }
  hint = hint_for_refusal (error);
  /* It may quote what a server or another application wrote. */
  message = ferry_cmd_format_cell (error->message, G_MAXUINT, FALSE);
  g_printerr ("ferry: %s\n", message);
  if (hint != NULL)
    g_printerr ("%s\n", hint);
  return FERRY_CMD_REFUSED;
}

/**
 * ferry_cmd_print_json:
 * @value: (transfer none): an a{sv} or an array of such
 *
 * Prints @value as one line of JSON, which is UTF-8 whatever the locale's character set.
 */
void
ferry_cmd_print_json (GVariant *value)
{
  g_autofree char *text = json_gvariant_serialize_data (value, NULL);

  (void) puts (text);
  (void) fflush (stdout);
}
