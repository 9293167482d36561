/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-enum-types.h"
#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-members.h"

/* (nullable): whose groups @options mean, good as long as @checked and the call. */
static const char *
find_application (const FerrydCall *call, GVariant *options, GVariant **checked, GError **error)
{
  const char *application = call->caller->application;

  *checked = ferry_options_check (FERRY_OPTIONS_GROUP, options, error);
  if (*checked == NULL)
    return NULL;
  g_variant_lookup (*checked, "application-id", "&s", &application);
  if (!call->caller->sandboxed || g_str_equal (application, call->caller->application))
    return application;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
               "application-id: an application in a sandbox has groups of its own only, and is not '%s'",
               application);
  return NULL;
}

static gboolean
check_group (const char *group, GError **error)
{
  if (group[0] == '\0')
    g_set_error_literal (
        error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
        "group: '' is no group; right would be a name, such as the one that the option group "
        "of its operations has");
  else if (strlen (group) > FERRY_MAX_GROUP)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                 "group: the name takes %" G_GSIZE_FORMAT " bytes; at most %d are right", strlen (group),
                 FERRY_MAX_GROUP);
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse_behavior (const char *nick, int *behavior, GError **error)
{
  g_autofree char *nicks = NULL;

  if (ferry_enum_from_nick (FERRY_TYPE_GROUP_BEHAVIOR, nick, behavior))
    return TRUE;
  nicks = ferry_enum_list_nicks (FERRY_TYPE_GROUP_BEHAVIOR);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "behavior: '%s' is not one of %s", nick,
               nicks);
  return FALSE;
}

static void
on_behaving (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_queue_set_group_behavior_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_set_group_behavior:
 * @members: what it works with
 * @call: (transfer full): SetGroupBehavior
 */
void
ferryd_manager_set_group_behavior (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (GError) error = NULL;
  const char *group, *nick, *application;
  int behavior;

  g_variant_get (call->arguments, "(&s&s@a{sv})", &group, &nick, &options);
  application = find_application (call, options, &checked, &error);
  if (application != NULL && check_group (group, &error) && parse_behavior (nick, &behavior, &error))
    ferryd_queue_set_group_behavior_async (members->queue, application, group, (FerryGroupBehavior) behavior,
                                           on_behaving, call);
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_list_groups:
 * @members: what it works with
 * @call: (transfer full): ListGroups
 */
void
ferryd_manager_list_groups (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->arguments, 0);
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (GError) error = NULL;
  const char *application = find_application (call, options, &checked, &error);
  g_autoptr (GPtrArray) groups = NULL;
  GVariantBuilder builder;

  if (application == NULL)
    {
      ferryd_call_fail (call, error);
      return;
    }
  groups = ferryd_queue_list_groups (members->queue, application);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (guint i = 0; i < groups->len; i++)
    {
      const FerrydGroup *group = g_ptr_array_index (groups, i);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "behavior", "s",
                             ferry_enum_to_nick (FERRY_TYPE_GROUP_BEHAVIOR, (int) group->behavior));
      g_variant_dict_insert (&dict, "operations", "u", group->operations);
      g_variant_builder_add (&builder, "{s@a{sv}}", group->name, g_variant_dict_end (&dict));
    }
  ferryd_call_reply (call, g_variant_new ("(a{sa{sv}})", &builder));
}

static void
on_made_current (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_make_current_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

/**
 * ferryd_operation_make_current_in_group:
 * @members: what it works with
 * @call: (transfer full): MakeCurrentInGroup
 */
void
ferryd_operation_make_current_in_group (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_make_current_async (members->queue, &call->operation, on_made_current, call);
}
