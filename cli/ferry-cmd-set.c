/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-operation.h"
#include "ferry-cmd-options.h"
#include "ferry-cmd-util.h"

typedef void (*EditFunc) (FerryOperation *operation, GVariant *value, GAsyncResult **result);
typedef gboolean (*EditFinishFunc) (FerryOperation *operation, GAsyncResult *result, GError **error);

static void
set_credential (FerryOperation *operation, const char *which, GVariant *value, GAsyncResult **result)
{
  const char *user, *password;

  g_variant_get (value, "(&s&s)", &user, &password);
  ferry_operation_set_credential_async (operation, which, user, password, NULL, ferry_cmd_keep_result,
                                        result);
}

static void
set_server_credential (FerryOperation *operation, GVariant *value, GAsyncResult **result)
{
  set_credential (operation, "server", value, result);
}

static void
set_proxy_credential (FerryOperation *operation, GVariant *value, GAsyncResult **result)
{
  set_credential (operation, "proxy", value, result);
}

static void
set_header (FerryOperation *operation, GVariant *value, GAsyncResult **result)
{
  const char *name, *field_value;

  g_variant_get (value, "(&s&s)", &name, &field_value);
  ferry_operation_set_request_header_async (operation, name, field_value, NULL, ferry_cmd_keep_result,
                                            result);
}

static void
remove_header (FerryOperation *operation, GVariant *value, GAsyncResult **result)
{
  ferry_operation_remove_request_header_async (operation, g_variant_get_string (value, NULL), NULL,
                                               ferry_cmd_keep_result, result);
}

/* What is done for an option that is no property, for each of the value's parts where @each; in this order.
 */
static const struct
{
  const char *key;
  gboolean each;
  EditFunc begin;
  EditFinishFunc finish;
} edits[] = {
  { "headers", TRUE, set_header, ferry_operation_set_request_header_finish },
  { "remove-header", TRUE, remove_header, ferry_operation_remove_request_header_finish },
  { "server-credential", FALSE, set_server_credential, ferry_operation_set_credential_finish },
  { "proxy-credential", FALSE, set_proxy_credential, ferry_operation_set_credential_finish },
};

/* What is a property of its own. */
static const struct
{
  const char *key;
  const char *property;
} properties[] = {
  { "uri", "Uri" },
  { "priority", "Priority" },
  { "cost-policy", "CostPolicy" },
  { "max-speed", "MaxSpeed" },
  { "recoverable-errors", "RecoverableErrors" },
};

static gboolean
edit (FerryOperation *operation, guint row, GVariant *value, GError **error)
{
  gsize n = edits[row].each ? g_variant_n_children (value) : 1;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) part =
          edits[row].each ? g_variant_get_child_value (value, i) : g_variant_ref (value);
      g_autoptr (GAsyncResult) result = NULL;

      edits[row].begin (operation, part, &result);
      ferry_cmd_await (&result);
      if (!edits[row].finish (operation, result, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_property (FerryOperation *operation, const char *name, GVariant *value, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_operation_write_property_async (operation, name, value, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_operation_write_property_finish (operation, result, error);
}

static gboolean
move (FerryOperation *operation, const char *path, GVariant *exists, GError **error)
{
  g_autoptr (GFile) destination = path[0] == '/' ? g_file_new_for_path (path) : g_file_new_for_uri (path);
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *local = g_file_get_path (destination);
  gboolean folder = g_str_has_suffix (path, "/") || g_file_test (local, G_FILE_TEST_IS_DIR);
  g_autoptr (GAsyncResult) result = NULL;

  if (exists != NULL)
    g_variant_dict_insert_value (&options, "exists", exists);
  ferry_operation_set_destination_async (operation, destination, folder, g_variant_dict_end (&options), NULL,
                                         ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_operation_set_destination_finish (operation, result, error);
}

/* Changes one after the other, up to the first that is refused. */
static gboolean
set_all (FerryOperation *operation, FerryCmdOptions *options, GError **error)
{
  g_autoptr (GVariant) destination = ferry_cmd_options_lookup (options, "destination");
  g_autoptr (GVariant) exists = ferry_cmd_options_lookup (options, "exists");

  if (destination != NULL && !move (operation, g_variant_get_string (destination, NULL), exists, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (GVariant) value = ferry_cmd_options_lookup (options, edits[i].key);

      if (value != NULL && !edit (operation, i, value, error))
        return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      g_autoptr (GVariant) value = ferry_cmd_options_lookup (options, properties[i].key);

      if (value != NULL && !write_property (operation, properties[i].property, value, error))
        return FALSE;
    }
  return TRUE;
}

static FerryCmdStatus
set_for (const char *prefix, FerryCmdOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryOperation) operation = ferry_cmd_find (prefix, &error);

  if (operation == NULL || !set_all (operation, options, &error))
    return ferry_cmd_report (error);
  return FERRY_CMD_DONE;
}

static gboolean
count (const char *key, GVariant *value, gpointer user_data, GError **error)
{
  ++*(guint *) user_data;
  return TRUE;
}

/* Whether the options say something to change. */
static gboolean
check (FerryCmdOptions *options, GStrv ids, GError **error)
{
  g_autoptr (GVariant) destination = ferry_cmd_options_lookup (options, "destination");
  g_autoptr (GVariant) standard_input = ferry_cmd_options_lookup (options, "destination-fd");
  g_autoptr (GVariant) exists = ferry_cmd_options_lookup (options, "exists");
  guint n_given = 0;

  (void) ferry_cmd_options_foreach (options, count, &n_given, NULL);
  if (n_given == 0)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("What is to be changed? “ferry set ID --priority high” would be right"));
  else if (standard_input != NULL || (exists != NULL && destination == NULL))
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("--destination FILE is missing; ./- is a file of the name -"));
  else
    return ids[1] == NULL || ferry_cmd_options_check_for_many (options, error);
  return FALSE;
}

/**
 * ferry_cmd_set:
 * @command: `set`
 * @argv: its arguments
 *
 * Changes options of operations that are there.
 *
 * Returns: the worst exit status of them
 */
FerryCmdStatus
ferry_cmd_set (const FerryCmd *command, GStrv argv)
{
  static const GOptionEntry no_others[] = { { NULL } };
  g_autoptr (FerryCmdOptions) options = ferry_cmd_options_new (FERRY_CMD_OPTIONS_SET);
  g_autoptr (GError) error = NULL;
  FerryCmdStatus status = FERRY_CMD_DONE;

  if (!ferry_cmd_options_parse (options, command, no_others, &argv, 1, G_MAXUINT, &error) ||
      !check (options, argv, &error))
    return ferry_cmd_refuse_usage (command, error);
  for (guint i = 0; argv[i] != NULL; i++)
    {
      FerryCmdStatus one = set_for (argv[i], options);

      status = MAX (status, one);
    }
  return status;
}
