/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-access.h"
#include "ferryd-members.h"
#include "ferryd-paths.h"

/* Creating. */

typedef struct
{
  FerrydMembers *members; /* (unowned) */
  FerrydCall *call;       /* (owned) */
} Creating;

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Creating *creating = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  FerrydId id;

  if (!ferryd_queue_create_completion_finish (FERRYD_QUEUE (source), result, &id, &error))
    {
      ferryd_call_fail (creating->call, error);
      return;
    }
  ferryd_completion_audience_set_creator (creating->members->audience, &id, creating->call->caller);
  path = ferryd_paths_of_completion_group (&id);
  ferryd_call_reply (creating->call, g_variant_new ("(o)", path));
}

/* Its own id, or a name below it (Flatpak's rule for what a sandbox may own). */
static gboolean
is_own_name (const char *application, const char *name)
{
  gsize length = strlen (application);

  return length > 0 && strncmp (name, application, length) == 0 &&
         (name[length] == '\0' || name[length] == '.');
}

static gboolean
check_sandbox (const FerrydCaller *caller, const char *application, const char *handler, GError **error)
{
  if (!caller->sandboxed)
    return TRUE;
  if (!g_str_equal (application, caller->application))
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
                 "application-id: an application in a sandbox creates its own groups only, and is not '%s'",
                 application);
  else if (handler != NULL && !is_own_name (caller->application, handler))
    g_set_error (
        error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
        "handler-name: an application in a sandbox has itself called only, by '%s' or a name below it, "
        "and not '%s'",
        caller->application, handler);
  else
    return TRUE;
  return FALSE;
}

/**
 * ferryd_manager_create_completion_group:
 * @members: what it works with
 * @call: (transfer full): CreateCompletionGroup
 */
void
ferryd_manager_create_completion_group (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->arguments, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) checked = ferry_options_check (FERRY_OPTIONS_COMPLETION_GROUP, options, &error);
  const char *application = call->caller->application;
  const char *handler = NULL;
  Creating *creating;

  if (checked != NULL)
    {
      g_variant_lookup (checked, "application-id", "&s", &application);
      g_variant_lookup (checked, "handler-name", "&s", &handler);
    }
  if (checked == NULL || !check_sandbox (call->caller, application, handler, &error))
    {
      ferryd_call_fail (call, error);
      return;
    }
  creating = g_new (Creating, 1);
  *creating = (Creating){ members, call };
  ferryd_queue_create_completion_async (members->queue, ferryd_completion_group_new (application, checked),
                                        on_created, creating);
}

/**
 * ferryd_completion_check_access:
 * @queue: the queue
 * @caller: who names a completion group
 * @id: which; all zero for none
 * @error: FERRY_ERROR_NOT_FOUND
 *
 * Returns: whether it is there, as far as @caller may know
 */
gboolean
ferryd_completion_check_access (FerrydQueue *queue, const FerrydCaller *caller, const FerrydId *id,
                                GError **error)
{
  static const FerrydId none = { { 0 } };
  g_autoptr (FerrydCompletionDescription) description = NULL;

  if (ferryd_id_equal (id, &none))
    return TRUE;
  description = ferryd_queue_describe_completion (queue, id);
  if (description != NULL && ferryd_access_owns (caller, description->application))
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                       "completion-group: there is no such completion group; right would be the object path "
                       "that CreateCompletionGroup has answered");
  return FALSE;
}

/* Members of the groups themselves. */

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_queue_change_completion_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_members_fail (call, error);
}

/**
 * ferryd_completion_enable:
 * @members: what it works with
 * @call: (transfer full): Enable
 */
void
ferryd_completion_enable (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_enable_completion_async (members->queue, &call->operation, on_changed, call);
}

/**
 * ferryd_completion_remove:
 * @members: what it works with
 * @call: (transfer full): Remove
 */
void
ferryd_completion_remove (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_remove_completion_async (members->queue, &call->operation, on_changed, call);
}

/**
 * ferryd_completion_read:
 * @members: what it works with
 * @call: (transfer full): Get or GetAll of properties the group has
 */
void
ferryd_completion_read (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (FerrydCompletionDescription) description =
      ferryd_queue_describe_completion (members->queue, &call->operation);

  if (description != NULL)
    ferryd_call_reply_properties (call, ferryd_completion_get_properties (description));
  else
    ferryd_members_reject_unknown_object (call);
}
