/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-format.h"
#include "ferry-cmd-util.h"

/* Columns: `serialized` and its heading are the longest; of names the service takes 256 bytes, most are
 * short. */
#define BEHAVIOR_COLUMNS 12
#define COUNT_COLUMNS 10

/**
 * Groups:
 * @manager: (owned)
 * @application: (owned) (nullable): whose groups; NULL for this command's
 */
typedef struct
{
  FerryManager *manager;
  char *application;
  gboolean json;
} Groups;

static const char *
get_application (const Groups *groups)
{
  return groups->application != NULL ? groups->application : FERRY_COMMAND_APPLICATION;
}

static void
print_row (const char *behavior, const char *count, const char *name)
{
  g_autofree char *behavior_cell = ferry_cmd_format_cell (behavior, BEHAVIOR_COLUMNS, TRUE);
  g_autofree char *count_cell = ferry_cmd_format_cell (count, COUNT_COLUMNS, TRUE);
  g_autofree char *safe = ferry_cmd_format_cell (name, G_MAXUINT, FALSE);

  g_print ("%s  %s  %s\n", behavior_cell, count_cell, safe);
}

static void
print_table (GVariant *groups)
{
  GVariantIter iter;
  const char *name;
  GVariant *group;

  if (g_variant_n_children (groups) > 0)
    print_row (_ ("BEHAVIOR"), _ ("TRANSFERS"), _ ("GROUP"));
  g_variant_iter_init (&iter, groups);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &name, &group))
    {
      const char *behavior = "";
      g_autofree char *count = NULL;
      guint32 n = 0;

      g_variant_lookup (group, "behavior", "&s", &behavior);
      g_variant_lookup (group, "operations", "u", &n);
      count = g_strdup_printf ("%u", n);
      print_row (behavior, count, name);
    }
}

static void
print_json (GVariant *groups)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) array = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *group;

  g_variant_iter_init (&iter, groups);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &name, &group))
    {
      g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (group);

      g_variant_dict_insert (&dict, "name", "s", name);
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  array = g_variant_ref_sink (g_variant_builder_end (&builder));
  ferry_cmd_print_json (array);
}

static FerryCmdStatus
list (const Groups *groups)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GError) error = NULL;

  ferry_manager_list_groups_async (groups->manager, get_application (groups), NULL, ferry_cmd_keep_result,
                                   &result);
  ferry_cmd_await (&result);
  found = ferry_manager_list_groups_finish (groups->manager, result, &error);
  if (found == NULL)
    return ferry_cmd_report (error);
  if (groups->json)
    print_json (found);
  else
    print_table (found);
  return FERRY_CMD_DONE;
}

static FerryCmdStatus
set (const Groups *groups, const char *name, FerryGroupBehavior behavior)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_manager_set_group_behavior_async (groups->manager, name, behavior, get_application (groups), NULL,
                                          ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_set_group_behavior_finish (groups->manager, result, &error) ? FERRY_CMD_DONE
                                                                                   : ferry_cmd_report (error);
}

/* What is wrong with the words that can be said without the service. */
static gboolean
check (GStrv words, FerryGroupBehavior *behavior, GError **error)
{
  g_autofree char *right = ferry_enum_list_nicks (FERRY_TYPE_GROUP_BEHAVIOR);
  int value;

  if (words[0] == NULL)
    return TRUE;
  if (!g_str_equal (words[0], "set"))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“ferry group %s” is not known: set is"),
                 words[0]);
  else if (g_strv_length (words) != 3)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“ferry group %s NAME BEHAVIOR” would be right"), words[0]);
  else if (!ferry_enum_from_nick (FERRY_TYPE_GROUP_BEHAVIOR, words[2], &value))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("“%s” is no way for a group to behave: right are %s"), words[2], right);
  else
    {
      *behavior = (FerryGroupBehavior) value;
      return TRUE;
    }
  return FALSE;
}

/**
 * ferry_cmd_group:
 * @command: `group`
 * @argv: its arguments
 *
 * Lists groups, and says how one behaves.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_group (const FerryCmd *command, GStrv argv)
{
  Groups groups = { 0 };
  const GOptionEntry entries[] = {
    { "application-id", 0, 0, G_OPTION_ARG_STRING, &groups.application,
      N_ ("Those of another application than this command"), N_ ("ID") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &groups.json, N_ ("Print a JSON array"), NULL },
    { NULL },
  };
  FerryGroupBehavior behavior = FERRY_GROUP_BEHAVIOR_PARALLEL;
  g_autofree char *application = NULL;
  g_autoptr (GError) error = NULL;
  gboolean right = ferry_cmd_parse (command, entries, &argv, 0, 3, &error) && check (argv, &behavior, &error);
  FerryCmdStatus status;

  application = groups.application;
  if (!right)
    return ferry_cmd_refuse_usage (command, error);
  groups.manager = ferry_cmd_get_manager (&error);
  if (groups.manager == NULL)
    return ferry_cmd_report (error);
  status = argv[0] == NULL ? list (&groups) : set (&groups, argv[1], behavior);
  g_clear_object (&groups.manager);
  return status;
}
