/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-util.h"

typedef void (*VerbFunc) (FerryOperation *operation, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
typedef gboolean (*VerbFinishFunc) (FerryOperation *operation, GAsyncResult *result, GError **error);

/* By FerryVerb. */
static const struct
{
  VerbFunc begin;
  VerbFinishFunc finish;
} verbs[FERRY_N_VERBS] = {
  [FERRY_VERB_START] = { ferry_operation_start_async, ferry_operation_start_finish },
  [FERRY_VERB_PAUSE] = { ferry_operation_pause_async, ferry_operation_pause_finish },
  [FERRY_VERB_RESUME] = { ferry_operation_resume_async, ferry_operation_resume_finish },
  [FERRY_VERB_CANCEL] = { ferry_operation_cancel_async, ferry_operation_cancel_finish },
  [FERRY_VERB_REMOVE] = { ferry_operation_remove_async, ferry_operation_remove_finish },
};

static FerryCmdStatus
do_to_one (FerryVerb verb, const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FerryOperation) operation = ferry_cmd_find (prefix, &error);

  if (operation == NULL)
    return ferry_cmd_report (error);
  verbs[verb].begin (operation, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return verbs[verb].finish (operation, result, &error) ? FERRY_CMD_DONE : ferry_cmd_report (error);
}

static void
tell_count (FerryVerb verb, guint count)
{
  switch (verb)
    {
    case FERRY_VERB_START:
      g_print (g_dngettext (GETTEXT_PACKAGE, "Started %u transfer\n", "Started %u transfers\n", count),
               count);
      break;
    case FERRY_VERB_PAUSE:
      g_print (g_dngettext (GETTEXT_PACKAGE, "Paused %u transfer\n", "Paused %u transfers\n", count), count);
      break;
    case FERRY_VERB_RESUME:
      g_print (g_dngettext (GETTEXT_PACKAGE, "Resumed %u transfer\n", "Resumed %u transfers\n", count),
               count);
      break;
    case FERRY_VERB_CANCEL:
      g_print (g_dngettext (GETTEXT_PACKAGE, "Canceled %u transfer\n", "Canceled %u transfers\n", count),
               count);
      break;
    case FERRY_VERB_REMOVE:
      g_print (g_dngettext (GETTEXT_PACKAGE, "Removed %u transfer\n", "Removed %u transfers\n", count),
               count);
      break;
    default:
      g_assert_not_reached ();
    }
}

static FerryCmdStatus
do_to_many (FerryVerb verb, const char *group)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryManager) manager = ferry_cmd_get_manager (&error);
  guint count;

  if (manager == NULL)
    return ferry_cmd_report (error);
  ferry_manager_for_each_async (manager, verb, ferry_cmd_filter (group, NULL, NULL), NULL,
                                ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  if (!ferry_manager_for_each_finish (manager, result, &count, &error))
    return ferry_cmd_report (error);
  tell_count (verb, count);
  return FERRY_CMD_DONE;
}

static const char *
describe_all (const char *name)
{
  if (g_str_equal (name, "pause"))
    return N_ ("The switch for everything, now and later, until “ferry resume --all”");
  if (g_str_equal (name, "resume"))
    return N_ ("Undo “ferry pause --all”");
  return N_ ("All that this can be done to, instead of an ID");
}

/* Not the same as doing it to each: it holds for what is created later, too, and leaves what was paused by
 * itself paused. */
static FerryCmdStatus
use_switch (FerryVerb verb)
{
  gboolean pause = verb == FERRY_VERB_PAUSE;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryManager) manager = ferry_cmd_get_manager (&error);

  if (manager == NULL)
    return ferry_cmd_report (error);
  if (pause)
    ferry_manager_pause_all_async (manager, NULL, ferry_cmd_keep_result, &result);
  else
    ferry_manager_resume_all_async (manager, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  if (!(pause ? ferry_manager_pause_all_finish (manager, result, &error)
              : ferry_manager_resume_all_finish (manager, result, &error)))
    return ferry_cmd_report (error);
  if (pause)
    g_print (_ ("Everything waits, of every application, until “ferry resume --all”\n"));
  else
    g_print (_ ("Nothing waits for “ferry resume --all” any more\n"));
  return FERRY_CMD_DONE;
}

/**
 * ferry_cmd_verb:
 * @command: `start`, `pause`, `resume`, `cancel` or `remove`
 * @argv: its arguments
 *
 * Does one thing to operations.
 *
 * Returns: the exit status: the worst of them, all of which are tried
 */
FerryCmdStatus
ferry_cmd_verb (const FerryCmd *command, GStrv argv)
{
  g_autofree char *group = NULL;
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, describe_all (command->name), NULL },
    { "group", 'g', 0, G_OPTION_ARG_STRING, &group, N_ ("All such of this group, instead of an ID"),
      N_ ("NAME") },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  FerryCmdStatus status = FERRY_CMD_DONE;
  int verb;

  if (!ferry_cmd_parse (command, entries, &argv, 0, G_MAXUINT, &error))
    return ferry_cmd_refuse_usage (command, error);
  if ((argv[0] != NULL) == (all || group != NULL))
    {
      g_set_error (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“ferry %s” takes either IDs, or --all or --group"), command->name);
      return ferry_cmd_refuse_usage (command, error);
    }
  (void) ferry_enum_from_nick (FERRY_TYPE_VERB, command->name, &verb);
  if (all && group == NULL && (verb == FERRY_VERB_PAUSE || verb == FERRY_VERB_RESUME))
    return use_switch (verb);
  if (argv[0] == NULL)
    return do_to_many (verb, group);
  for (guint i = 0; argv[i] != NULL; i++)
    {
      FerryCmdStatus one = do_to_one (verb, argv[i]);

      status = MAX (status, one);
    }
  return status;
}
