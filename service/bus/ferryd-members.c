/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-members.h"

#include "ferry-error.h"
#include "ferry-names.h"

typedef struct
{
  const char *interface;
  const char *member;
  FerrydHandler handler;
} Row;

static const Row methods[] = {
  { FERRY_MANAGER_INTERFACE, "CreateCompletionGroup", ferryd_manager_create_completion_group },
  { FERRY_MANAGER_INTERFACE, "SetGroupBehavior", ferryd_manager_set_group_behavior },
  { FERRY_MANAGER_INTERFACE, "ListGroups", ferryd_manager_list_groups },
  { FERRY_MANAGER_INTERFACE, "ForEach", ferryd_manager_for_each },
  { FERRY_MANAGER_INTERFACE, "Watch", ferryd_manager_watch },
  { FERRY_MANAGER_INTERFACE, "Unwatch", ferryd_manager_unwatch },
  { FERRY_MANAGER_INTERFACE, "PauseAll", ferryd_manager_pause_all },
  { FERRY_MANAGER_INTERFACE, "ResumeAll", ferryd_manager_resume_all },
  { FERRY_MANAGER_INTERFACE, "RequestUnconstrained", ferryd_manager_request_unconstrained },
  { FERRY_MANAGER_INTERFACE, "ListConnections", ferryd_manager_list_connections },
  { FERRY_MANAGER_INTERFACE, "SetDataPlan", ferryd_manager_set_data_plan },
  { FERRY_MANAGER_INTERFACE, "ClearDataPlan", ferryd_manager_clear_data_plan },
  { FERRY_MANAGER_INTERFACE, "SetDataUsage", ferryd_manager_set_data_usage },
  { FERRY_DOWNLOADER_INTERFACE, "Create", ferryd_downloader_create },
  { FERRY_DOWNLOADER_INTERFACE, "CreateMany", ferryd_downloader_create_many },
  { FERRY_DOWNLOADER_INTERFACE, "List", ferryd_downloader_list },
  { FERRY_UPLOADER_INTERFACE, "Create", ferryd_uploader_create },
  { FERRY_UPLOADER_INTERFACE, "CreateMany", ferryd_uploader_create_many },
  { FERRY_UPLOADER_INTERFACE, "CreateMultipart", ferryd_uploader_create_multipart },
  { FERRY_UPLOADER_INTERFACE, "List", ferryd_uploader_list },
  { FERRY_OPERATION_INTERFACE, "Start", ferryd_operation_start },
  { FERRY_OPERATION_INTERFACE, "Pause", ferryd_operation_verb },
  { FERRY_OPERATION_INTERFACE, "Resume", ferryd_operation_verb },
  { FERRY_OPERATION_INTERFACE, "Cancel", ferryd_operation_verb },
  { FERRY_OPERATION_INTERFACE, "Remove", ferryd_operation_verb },
  { FERRY_OPERATION_INTERFACE, "Attach", ferryd_operation_attach },
  { FERRY_OPERATION_INTERFACE, "Detach", ferryd_operation_detach },
  { FERRY_OPERATION_INTERFACE, "SetRequestHeader", ferryd_operation_set_request_header },
  { FERRY_OPERATION_INTERFACE, "SetCredential", ferryd_operation_set_credential },
  { FERRY_OPERATION_INTERFACE, "RemoveRequestHeader", ferryd_operation_remove_request_header },
  { FERRY_OPERATION_INTERFACE, "MakeCurrentInGroup", ferryd_operation_make_current_in_group },
  { FERRY_DOWNLOAD_OPERATION_INTERFACE, "Prioritize", ferryd_operation_prioritize },
  { FERRY_OPERATION_INTERFACE, "SetDestination", ferryd_operation_set_destination },
  { FERRY_OPERATION_INTERFACE, "OpenResult", ferryd_operation_open_result },
  { FERRY_COMPLETION_GROUP_INTERFACE, "Enable", ferryd_completion_enable },
  { FERRY_COMPLETION_GROUP_INTERFACE, "Remove", ferryd_completion_remove },
};

static const Row writes[] = {
  { FERRY_OPERATION_INTERFACE, "Uri", ferryd_operation_write_uri },
  { FERRY_OPERATION_INTERFACE, "Priority", ferryd_operation_write_priority },
  { FERRY_OPERATION_INTERFACE, "CostPolicy", ferryd_operation_write_cost_policy },
  { FERRY_OPERATION_INTERFACE, "MaxSpeed", ferryd_operation_write_max_speed },
  { FERRY_OPERATION_INTERFACE, "RecoverableErrors", ferryd_operation_write_recoverable_errors },
};

static FerrydHandler
find (const Row *rows, guint n_rows, const char *interface, const char *member)
{
  for (guint i = 0; i < n_rows; i++)
    {
      if (g_str_equal (rows[i].member, member) && g_str_equal (rows[i].interface, interface))
        return rows[i].handler;
    }
  return NULL;
}

/**
 * ferryd_members_find_method:
 * @interface: an interface of the contract
 * @method: a method of it
 *
 * Returns: (nullable): who handles it
 */
FerrydHandler
ferryd_members_find_method (const char *interface, const char *method)
{
  return find (methods, G_N_ELEMENTS (methods), interface, method);
}

/**
 * ferryd_members_find_write:
 * @interface: an interface of the contract
 * @property: a writable property of it
 *
 * Returns: (nullable): who handles that it is written
 */
FerrydHandler
ferryd_members_find_write (const char *interface, const char *property)
{
  return find (writes, G_N_ELEMENTS (writes), interface, property);
}

/**
 * ferryd_members_list_children:
 * @queue: the queue
 * @caller: who looks
 * @node: a place
 *
 * Returns: (transfer full) (nullable) (element-type FerrydId): the operations or completion groups below it
 * that
 * @caller may know of; NULL where it has none
 */
GArray *
ferryd_members_list_children (FerrydQueue *queue, const FerrydCaller *caller, FerrydNode node)
{
  const FerrydFilter own = {
    .kinds = ~0u,
    .application = caller->sandboxed ? caller->application : NULL,
  };

  if (node == FERRYD_NODE_OPERATIONS)
    return ferryd_queue_list (queue, &own);
  if (node == FERRYD_NODE_COMPLETION_GROUPS)
    return ferryd_queue_list_completions (queue, own.application);
  return NULL;
}

/**
 * ferryd_members_reject_unknown_object:
 * @call: (transfer full): a call to an object that is not there, or that its caller may not know of
 *
 * Answers the same in either case.
 */
void
ferryd_members_reject_unknown_object (FerrydCall *call)
{
  g_autofree char *path = g_strdup (g_dbus_message_get_path (call->message));

  ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "There is no object at %s", path);
}

/**
 * ferryd_members_fail:
 * @call: (transfer full): a call to an operation
 * @error: (transfer full): what the engine said
 *
 * An operation that went away under its call is an object that is not there.
 */
void
ferryd_members_fail (FerrydCall *call, GError *error)
{
  g_autoptr (GError) owned = error;

  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND) &&
      g_strcmp0 (call->member, "OpenResult") != 0)
    ferryd_members_reject_unknown_object (call);
  else
    ferryd_call_fail (call, error);
}
