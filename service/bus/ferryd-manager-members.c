/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-enum-types.h"
#include "ferry-error.h"
#include "ferryd-list-filter.h"
#include "ferryd-access.h"
#include "ferryd-members.h"
#include "ferryd-paths.h"

/**
 * ferryd_manager_get_properties:
 * @queue: the queue
 *
 * Returns: (transfer floating): a{sv} of all of Manager's properties
 */
GVariant *
ferryd_manager_get_properties (FerrydQueue *queue)
{
  FerrydConditions conditions;
  GVariantDict dict;

  ferryd_queue_get_conditions (queue, &conditions);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "Version", "s", PACKAGE_VERSION);
  g_variant_dict_insert (&dict, "NetworkCost", "s",
                         ferry_enum_to_nick (FERRY_TYPE_NETWORK_COST, conditions.cost));
  g_variant_dict_insert (&dict, "Roaming", "b", conditions.roaming);
  g_variant_dict_insert (&dict, "ApproachingDataLimit", "b", conditions.approaching_limit);
  g_variant_dict_insert (&dict, "OverDataLimit", "b", conditions.over_limit);
  g_variant_dict_insert (&dict, "BackgroundDataRestricted", "b", conditions.background_restricted);
  g_variant_dict_insert (&dict, "Connectivity", "s",
                         ferry_enum_to_nick (FERRY_TYPE_CONNECTIVITY, conditions.connectivity));
  g_variant_dict_insert (&dict, "OnBattery", "b", conditions.on_battery);
  g_variant_dict_insert (&dict, "BatterySaver", "b", conditions.battery_saver);
  g_variant_dict_insert (&dict, "Paused", "b", conditions.paused_all);
  return g_variant_dict_end (&dict);
}

static void
on_each_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  if (ferryd_queue_for_each_finish (FERRYD_QUEUE (source), result, &count, &error))
    ferryd_call_reply (call, g_variant_new ("(u)", count));
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_for_each:
 * @members: what it works with
 * @call: (transfer full): ForEach
 */
void
ferryd_manager_for_each (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (FerrydListFilter) filter = NULL;
  g_autoptr (GError) error = NULL;
  FerrydFilter for_queue;
  const char *verb;
  int value;

  g_variant_get (call->arguments, "(&s@a{sv})", &verb, &options);
  if (!ferry_enum_from_nick (FERRY_TYPE_VERB, verb, &value))
    {
      g_autofree char *verbs = ferry_enum_list_nicks (FERRY_TYPE_VERB);

      ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "verb: '%s' is not one of %s",
                          verb, verbs);
      return;
    }
  filter = ferryd_list_filter_new (members->queue, options, call->caller, FERRYD_ALL_KINDS, &error);
  if (filter == NULL)
    {
      ferryd_call_fail (call, error);
      return;
    }
  for_queue = ferryd_list_filter_for_queue (filter);
  ferryd_queue_for_each_async (members->queue, value, &for_queue, on_each_done, call);
}

static void
on_watching (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) operations = ferryd_watchers_watch_finish (FERRYD_WATCHERS (source), result, &error);

  if (operations != NULL)
    ferryd_call_reply (call, g_variant_new ("(@a{oa{sv}})", operations));
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_watch:
 * @members: what it works with
 * @call: (transfer full): Watch
 */
void
ferryd_manager_watch (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (call->arguments, 0);
  g_autoptr (GError) error = NULL;
  FerrydListFilter *filter =
      ferryd_list_filter_new (members->queue, options, call->caller, FERRYD_ALL_KINDS, &error);

  if (filter == NULL)
    ferryd_call_fail (call, error);
  else
    ferryd_watchers_watch_async (members->watchers, call->caller, filter, on_watching, call);
}

/**
 * ferryd_manager_unwatch:
 * @members: what it works with
 * @call: (transfer full): Unwatch
 */
void
ferryd_manager_unwatch (FerrydMembers *members, FerrydCall *call)
{
  ferryd_watchers_unwatch (members->watchers, call->caller);
  ferryd_call_reply (call, NULL);
}

/* The user's own switch. */

static void
on_paused (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_queue_set_paused_finish (FERRYD_QUEUE (source), result, &error))
    ferryd_call_reply (call, NULL);
  else
    ferryd_call_fail (call, error);
}

/**
 * ferryd_manager_pause_all:
 * @members: what it works with
 * @call: (transfer full): PauseAll
 */
void
ferryd_manager_pause_all (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_set_paused_async (members->queue, TRUE, on_paused, call);
}

/**
 * ferryd_manager_resume_all:
 * @members: what it works with
 * @call: (transfer full): ResumeAll
 */
void
ferryd_manager_resume_all (FerrydMembers *members, FerrydCall *call)
{
  ferryd_queue_set_paused_async (members->queue, FALSE, on_paused, call);
}

/* Going on in battery saver. */

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydCall *call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean granted;

  if (ferryd_unconstrained_ask_finish (FERRYD_UNCONSTRAINED (source), result, &granted, &error))
    ferryd_call_reply (call, g_variant_new ("(b)", granted));
  else
    ferryd_call_fail (call, error);
}

/* An operation of somebody else's is none, for @caller. */
static gboolean
find_operation (FerrydMembers *members, const FerrydCaller *caller, const char *path, FerrydId *id)
{
  g_autoptr (FerrydDescription) description = NULL;

  if (!ferryd_paths_parse_operation (path, id))
    return FALSE;
  description = ferryd_queue_describe (members->queue, id);
  return description != NULL && ferryd_access_owns (caller, description->application);
}

/**
 * ferryd_manager_request_unconstrained:
 * @members: what it works with
 * @call: (transfer full): RequestUnconstrained
 */
void
ferryd_manager_request_unconstrained (FerrydMembers *members, FerrydCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autofree const char **paths = NULL;

  g_variant_get (call->arguments, "(^a&o)", &paths);
  if (paths[0] == NULL)
    {
      ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                          "operations: there is none; at least one is right");
      return;
    }
  for (guint i = 0; paths[i] != NULL; i++)
    {
      FerrydId id;

      if (!find_operation (members, call->caller, paths[i], &id))
        {
          ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "operations: there is no %s",
                              paths[i]);
          return;
        }
      g_array_append_val (ids, id);
    }
  ferryd_unconstrained_ask_async (members->unconstrained, call->caller->application,
                                  (const FerrydId *) (gpointer) ids->data, ids->len, on_asked, call);
}
