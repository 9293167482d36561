/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-manager-private.h"

#include "ferry-enum-types.h"

/* Transfer groups. */

static GVariant *
make_options (const char *application)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (application != NULL)
    g_variant_dict_insert (&dict, "application-id", "s", application);
  return g_variant_dict_end (&dict);
}

/**
 * ferry_manager_list_groups_async:
 * @self: a manager
 * @application: (nullable): whose groups; NULL for the caller's own
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Asks for the groups that have operations or are not parallel.
 */
void
ferry_manager_list_groups_async (FerryManager *self, const char *application, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_list_groups_async);
  ferry_manager_call (self, "ListGroups", g_variant_new ("(@a{sv})", make_options (application)),
                      "(a{sa{sv}})", FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_list_groups_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full) (nullable): an a{sa{sv}} by the groups' names, as `Manager.ListGroups` has it
 */
GVariant *
ferry_manager_list_groups_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/**
 * ferry_manager_set_group_behavior_async:
 * @self: a manager
 * @group: a group's name
 * @behavior: how its operations run
 * @application: (nullable): whose group; NULL for the caller's own
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Says how the operations of a group run, from now on.
 */
void
ferry_manager_set_group_behavior_async (FerryManager *self, const char *group, FerryGroupBehavior behavior,
                                        const char *application, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_set_group_behavior_async);
  ferry_manager_call (self, "SetGroupBehavior",
                      g_variant_new ("(ss@a{sv})", group,
                                     ferry_enum_to_nick (FERRY_TYPE_GROUP_BEHAVIOR, (int) behavior),
                                     make_options (application)),
                      "()", FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_set_group_behavior_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_set_group_behavior_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}
