/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-list-filter.h"

#include <string.h>

#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-access.h"
#include "ferryd-paths.h"

static gboolean
parse_states (FerrydListFilter *filter, GVariant *options, GError **error)
{
  g_autoptr (GVariant) states = g_variant_lookup_value (options, "states", G_VARIANT_TYPE_STRING_ARRAY);
  GVariantIter iter;
  const char *nick;
  int state;

  if (states == NULL)
    return TRUE;
  g_variant_iter_init (&iter, states);
  while (g_variant_iter_next (&iter, "&s", &nick))
    {
      if (!ferry_enum_from_nick (FERRY_TYPE_STATE, nick, &state))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "states: “%s” is not a state", nick);
          return FALSE;
        }
      filter->states |= 1u << state;
    }
  return TRUE;
}

static gboolean
parse_properties (FerrydListFilter *filter, GVariant *options, GError **error)
{
  g_autoptr (GVariant) names = g_variant_lookup_value (options, "properties", G_VARIANT_TYPE_STRING_ARRAY);
  GVariantIter iter;
  const char *name;
  guint index;

  if (names == NULL)
    return TRUE;
  g_variant_iter_init (&iter, names);
  while (g_variant_iter_next (&iter, "&s", &name))
    {
      if (!ferryd_operation_properties_find (NULL, name, &index))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                       "properties: “%s” is not a property of operations", name);
          return FALSE;
        }
      filter->properties |= FERRYD_PROPERTY (index);
    }
  return TRUE;
}

static gboolean
parse_application (FerrydListFilter *filter, GVariant *options, const FerrydCaller *caller, GError **error)
{
  const char *application = NULL;
  gboolean all = FALSE;

  g_variant_lookup (options, "application-id", "&s", &application);
  g_variant_lookup (options, "all", "b", &all);
  if (caller->sandboxed && (all || (application != NULL && strcmp (application, caller->application) != 0)))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
                   "%s: a sandboxed application sees its own operations only",
                   all ? "all" : "application-id");
      return FALSE;
    }
  if (application != NULL)
    filter->application = g_strdup (application);
  else if (!all)
    filter->application = g_strdup (caller->application);
  return TRUE;
}

static gboolean
parse_after (FerrydListFilter *filter, FerrydQueue *queue, GVariant *options, const FerrydCaller *caller,
             GError **error)
{
  g_autoptr (FerrydDescription) description = NULL;
  const char *after = NULL;

  filter->has_after = g_variant_lookup (options, "after", "&s", &after);
  if (!filter->has_after)
    return TRUE;
  if (ferryd_id_parse (after, &filter->after))
    description = ferryd_queue_describe (queue, &filter->after);
  if (description != NULL && ferryd_access_owns (caller, description->application))
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                       "after: there is no such operation; right would be the Id of the last one listed");
  return FALSE;
}

static gboolean
parse_completion_group (FerrydListFilter *filter, FerrydQueue *queue, GVariant *options,
                        const FerrydCaller *caller, GError **error)
{
  g_autoptr (FerrydCompletionDescription) description = NULL;
  const char *path = NULL;

  filter->has_completion_group = g_variant_lookup (options, "completion-group", "&o", &path);
  if (!filter->has_completion_group)
    return TRUE;
  if (ferryd_paths_parse_completion_group (path, &filter->completion_group))
    description = ferryd_queue_describe_completion (queue, &filter->completion_group);
  if (description != NULL && ferryd_access_owns (caller, description->application))
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
               "completion-group: there is no completion group '%s'", path);
  return FALSE;
}

/**
 * ferryd_list_filter_new:
 * @queue: whose operations are meant
 * @options: a{sv} as it came over the bus
 * @caller: whose filter it is
 * @kinds: bit per FerryKind
 * @error: FERRY_ERROR_INVALID_ARGUMENT, NOT_SUPPORTED, NOT_FOUND or ACCESS_DENIED
 *
 * Returns: (transfer full) (nullable): what is meant
 */
FerrydListFilter *
ferryd_list_filter_new (FerrydQueue *queue, GVariant *options, const FerrydCaller *caller, guint kinds,
                        GError **error)
{
  g_autoptr (FerrydListFilter) filter = g_new0 (FerrydListFilter, 1);
  g_autoptr (GVariant) checked = ferry_options_check (FERRY_OPTIONS_FILTER, options, error);

  if (checked == NULL || !parse_states (filter, checked, error) ||
      !parse_properties (filter, checked, error) || !parse_application (filter, checked, caller, error) ||
      !parse_completion_group (filter, queue, checked, caller, error) ||
      !parse_after (filter, queue, checked, caller, error))
    return NULL;
  g_variant_lookup (checked, "group", "s", &filter->group);
  g_variant_lookup (checked, "limit", "u", &filter->limit);
  filter->kinds = kinds;
  return g_steal_pointer (&filter);
}

/**
 * ferryd_list_filter_free:
 * @filter: (transfer full): a filter
 */
void
ferryd_list_filter_free (FerrydListFilter *filter)
{
  g_free (filter->application);
  g_free (filter->group);
  g_free (filter);
}

/**
 * ferryd_list_filter_for_queue:
 * @filter: a filter
 *
 * Returns: the same in the queue's words, good as long as @filter
 */
FerrydFilter
ferryd_list_filter_for_queue (const FerrydListFilter *filter)
{
  FerrydFilter for_queue = {
    .application = filter->application,
    .group = filter->group,
    .completion_group = filter->has_completion_group ? &filter->completion_group : NULL,
    .kinds = filter->kinds,
    .states = filter->states,
    .after = filter->has_after ? &filter->after : NULL,
    .limit = filter->limit,
  };

  return for_queue;
}

/**
 * ferryd_list_filter_find_older:
 * @filter: a filter
 * @queue: whose operations are meant
 *
 * Ages do not change, and what is new is younger than all: once is enough.
 *
 * Returns: (transfer full) (element-type FerrydId): the set of those that its `after` keeps out; empty
 * without
 */
GHashTable *
ferryd_list_filter_find_older (const FerrydListFilter *filter, FerrydQueue *queue)
{
  FerrydFilter everything = { .kinds = filter->kinds };
  FerrydFilter younger = { .kinds = filter->kinds, .after = &filter->after };
  GHashTable *older = ferryd_id_set_new ();
  g_autoptr (GArray) all = NULL;
  g_autoptr (GArray) behind = NULL;

  if (!filter->has_after)
    return older;
  all = ferryd_queue_list (queue, &everything);
  behind = ferryd_queue_list (queue, &younger);
  for (guint i = 0; i < all->len - behind->len; i++)
    ferryd_id_set_add (older, &g_array_index (all, FerrydId, i));
  return older;
}

/**
 * ferryd_list_filter_list_again:
 * @filter: a filter with a `limit`
 * @queue: whose operations are meant
 * @older: (element-type FerrydId): from ferryd_list_filter_find_older(): what `after` names may have been
 * removed
 *
 * Returns: (transfer full) (element-type FerrydId): what it gives now, oldest first
 */
GArray *
ferryd_list_filter_list_again (const FerrydListFilter *filter, FerrydQueue *queue, GHashTable *older)
{
  FerrydFilter for_queue = ferryd_list_filter_for_queue (filter);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GArray) all = NULL;
  guint n_older = g_hash_table_size (older);

  for_queue.after = NULL;
  for_queue.limit = filter->limit < G_MAXUINT - n_older ? filter->limit + n_older : 0;
  all = ferryd_queue_list (queue, &for_queue);
  for (guint i = 0; i < all->len && ids->len < filter->limit; i++)
    {
      if (!g_hash_table_contains (older, &g_array_index (all, FerrydId, i)))
        g_array_append_val (ids, g_array_index (all, FerrydId, i));
    }
  return ids;
}

/**
 * ferryd_list_filter_matches:
 * @filter: a filter
 * @description: an operation
 *
 * Returns: whether @description is meant, as far as that depends neither on its age nor on other operations
 */
gboolean
ferryd_list_filter_matches (const FerrydListFilter *filter, const FerrydDescription *description)
{
  return (filter->kinds & FERRYD_KIND (description->kind)) != 0 &&
         (filter->states == 0 || (filter->states & (1u << description->state)) != 0) &&
         (filter->application == NULL || strcmp (filter->application, description->application) == 0) &&
         (filter->group == NULL || strcmp (filter->group, description->group) == 0) &&
         (!filter->has_completion_group ||
          ferryd_id_equal (&filter->completion_group, &description->completion_group));
}
