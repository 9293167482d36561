/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-lanes-private.h"

static guint
lane_hash (gconstpointer data)
{
  const FerrydLane *lane = data;

  return g_direct_hash (lane->owner) ^ g_direct_hash (lane->host) * 31;
}

static gboolean
lane_equal (gconstpointer a, gconstpointer b)
{
  const FerrydLane *one = a, *other = b;

  return one->owner == other->owner && one->host == other->host;
}

static void
lane_free (gpointer data)
{
  FerrydLane *lane = data;

  g_sequence_free (lane->ready);
  g_free (lane);
}

static void
owner_free (gpointer data)
{
  FerrydOwner *owner = data;

  g_sequence_free (owner->eligible);
  g_free (owner->application);
  g_free (owner);
}

static int
get_rank (FerryPriority priority)
{
  return priority == FERRY_PRIORITY_HIGH ? 0 : priority == FERRY_PRIORITY_DEFAULT ? 1 : 2;
}

static int
compare_operations (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const FerrydOperation *one = a, *other = b;
  int rank = get_rank (one->priority) - get_rank (other->priority);

  if (rank != 0)
    return rank;
  if (one->run->order != other->run->order)
    return one->run->order < other->run->order ? -1 : 1;
  return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static int
compare_turns (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const FerrydOwner *one = a, *other = b;

  if (one->round != other->round)
    return one->round < other->round ? -1 : 1;
  return one->arrival < other->arrival ? -1 : one->arrival > other->arrival;
}

static FerrydOperation *
lane_first (const FerrydLane *lane)
{
  return g_sequence_get (g_sequence_get_begin_iter (lane->ready));
}

static int
compare_lanes (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return compare_operations (lane_first (a), lane_first (b), NULL);
}

/**
 * ferryd_lanes_new:
 *
 * Returns: (transfer full): no operations, and limits of zero
 */
FerrydLanes *
ferryd_lanes_new (void)
{
  FerrydLanes *lanes = g_new0 (FerrydLanes, 1);

  lanes->owners = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, owner_free);
  lanes->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, ferryd_lanes_free_host);
  lanes->lanes = g_hash_table_new_full (lane_hash, lane_equal, lane_free, NULL);
  lanes->turns = g_sequence_new (NULL);
  return lanes;
}

/**
 * ferryd_lanes_free:
 * @lanes: (transfer full): lanes without operations
 */
void
ferryd_lanes_free (FerrydLanes *lanes)
{
  g_hash_table_unref (lanes->lanes);
  g_hash_table_unref (lanes->owners);
  g_hash_table_unref (lanes->hosts);
  g_sequence_free (lanes->turns);
  g_free (lanes);
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  const FerrydOwner *owner = value;

  return owner->operations == 0;
}

/* Keeps the place of @owner in the order of turns true. */
static void
turn_update (FerrydLanes *lanes, FerrydOwner *owner)
{
  gboolean waits = !g_sequence_is_empty (owner->eligible);

  if (waits == (owner->turn != NULL))
    return;
  if (!waits)
    {
      g_sequence_remove (g_steal_pointer (&owner->turn));
      return;
    }
  owner->round = MAX (owner->round, lanes->round);
  owner->arrival = ++lanes->arrivals;
  owner->turn = g_sequence_insert_sorted (lanes->turns, owner, compare_turns, NULL);
}

/* Keeps the owner's list of eligible lanes and the order of turns true after something about @lane has
 * changed. */
static void
lane_update (FerrydLanes *lanes, FerrydLane *lane)
{
  FerrydOwner *owner = lane->owner;
  gboolean eligible = !g_sequence_is_empty (lane->ready) && ferryd_lanes_has_free_slot (lanes, lane->host);

  if (lane->eligible != NULL)
    g_sequence_remove (g_steal_pointer (&lane->eligible));
  if (eligible)
    lane->eligible = g_sequence_insert_sorted (owner->eligible, lane, compare_lanes, NULL);

  turn_update (lanes, owner);
}

/* (private): after its free slots have come or gone. */
void
ferryd_lanes_update_host (FerrydLanes *lanes, FerrydHost *host)
{
  lanes->changes++;
  for (guint i = 0; i < host->lanes->len; i++)
    lane_update (lanes, g_ptr_array_index (host->lanes, i));
}

/**
 * ferryd_lanes_set_limits:
 * @lanes: the lanes
 * @max_running: the setting
 * @max_running_per_host: the setting
 *
 * What runs beyond a smaller limit goes on.
 */
void
ferryd_lanes_set_limits (FerrydLanes *lanes, guint max_running, guint max_running_per_host)
{
  GHashTableIter iter;
  gpointer host;

  lanes->changes++;
  lanes->max_running = max_running;
  lanes->max_running_per_host = max_running_per_host;
  g_hash_table_iter_init (&iter, lanes->hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host))
    ferryd_lanes_update_host (lanes, host);
}

/**
 * ferryd_lanes_find_owner:
 * @lanes: the lanes
 * @application: an application
 *
 * Returns: (transfer none) (nullable): its owner, where it has operations
 */
FerrydOwner *
ferryd_lanes_find_owner (FerrydLanes *lanes, const char *application)
{
  return g_hash_table_lookup (lanes->owners, application);
}

/**
 * ferryd_lanes_enter_owner:
 * @lanes: the lanes
 * @application: an application
 *
 * Counts one operation more of the application.
 *
 * Returns: (transfer none): its owner
 */
FerrydOwner *
ferryd_lanes_enter_owner (FerrydLanes *lanes, const char *application)
{
  FerrydOwner *owner = ferryd_lanes_find_owner (lanes, application);

  if (owner == NULL)
    {
      owner = g_new0 (FerrydOwner, 1);
      owner->application = g_strdup (application);
      owner->eligible = g_sequence_new (NULL);
      g_hash_table_insert (lanes->owners, owner->application, owner);
    }
  owner->operations++;
  return owner;
}

/**
 * ferryd_lanes_leave_owner:
 * @lanes: the lanes
 * @owner: of an operation that goes
 */
void
ferryd_lanes_leave_owner (FerrydLanes *lanes, FerrydOwner *owner)
{
  if (--owner->operations == 0 && g_sequence_is_empty (lanes->turns))
    g_hash_table_foreach_remove (lanes->owners, is_gone, NULL);
}

static FerrydLane *
find_lane (FerrydLanes *lanes, const FerrydOperation *operation)
{
  const FerrydLane key = { .owner = operation->owner, .host = operation->host };

  return g_hash_table_lookup (lanes->lanes, &key);
}

static void
enter_lane (FerrydLanes *lanes, FerrydOperation *operation)
{
  FerrydLane *lane = find_lane (lanes, operation);

  if (lane == NULL)
    {
      lane = g_new0 (FerrydLane, 1);
      lane->owner = operation->owner;
      lane->host = operation->host;
      lane->ready = g_sequence_new (NULL);
      g_hash_table_add (lanes->lanes, lane);
      g_ptr_array_add (lane->host->lanes, lane);
    }
  if (lane->eligible != NULL)
    g_sequence_remove (g_steal_pointer (&lane->eligible));
  operation->run->place = g_sequence_insert_sorted (lane->ready, operation, compare_operations, NULL);
  lane_update (lanes, lane);
}

static void
leave_lane (FerrydLanes *lanes, FerrydOperation *operation)
{
  FerrydLane *lane = find_lane (lanes, operation);

  if (lane->eligible != NULL)
    g_sequence_remove (g_steal_pointer (&lane->eligible));
  g_sequence_remove (g_steal_pointer (&operation->run->place));
  lane_update (lanes, lane);
  if (g_sequence_is_empty (lane->ready))
    {
      g_ptr_array_remove_fast (lane->host->lanes, lane);
      g_hash_table_remove (lanes->lanes, lane);
    }
}

/* Of a serialized group, one at a time. */
static gboolean
is_serial (const FerrydOperation *operation)
{
  return operation->group->behavior == FERRY_GROUP_BEHAVIOR_SERIALIZED &&
         operation->priority != FERRY_PRIORITY_HIGH;
}

/* Lets the first of a group's queue stand in its lane, and nobody else of the queue. */
static void
group_update (FerrydLanes *lanes, FerrydGroup *group)
{
  FerrydOperation *first = group->running == 0 ? ferryd_lanes_peek_group (group) : NULL;

  lanes->changes++;
  if (first != NULL && first->retrying)
    first = NULL;
  if (first == group->current)
    return;
  if (group->current != NULL)
    leave_lane (lanes, g_steal_pointer (&group->current));
  group->current = first;
  if (first != NULL)
    enter_lane (lanes, first);
}

static void
enter_group (FerrydLanes *lanes, FerrydOperation *operation, gboolean retrying)
{
  FerrydGroup *group = operation->group;

  operation->retrying = retrying != FALSE;
  if (group->queue == NULL)
    group->queue = g_sequence_new (NULL);
  if (operation->run->turn == NULL)
    operation->run->turn = g_sequence_insert_sorted (group->queue, operation, compare_operations, NULL);
  group_update (lanes, group);
}

/**
 * ferryd_lanes_peek_group:
 * @group: a group
 *
 * Returns: (transfer none) (nullable): the first of those that take turns in it, and have none now
 */
FerrydOperation *
ferryd_lanes_peek_group (const FerrydGroup *group)
{
  if (group->queue == NULL || g_sequence_is_empty (group->queue))
    return NULL;
  return g_sequence_get (g_sequence_get_begin_iter (group->queue));
}

/**
 * ferryd_lanes_is_overtaken:
 * @operation: one with a slot
 *
 * Returns: whether it has the turn of a serialized group that is another's by now, who can use it
 */
gboolean
ferryd_lanes_is_overtaken (const FerrydOperation *operation)
{
  const FerrydOperation *first = ferryd_lanes_peek_group (operation->group);

  return operation->serial && first != NULL && !first->retrying &&
         compare_operations (first, operation, NULL) < 0;
}

/**
 * ferryd_lanes_add:
 * @lanes: the lanes
 * @operation: one that may run, and has no slot
 *
 * Twice is once.
 */
void
ferryd_lanes_add (FerrydLanes *lanes, FerrydOperation *operation)
{
  if (is_serial (operation))
    enter_group (lanes, operation, FALSE);
  else if (operation->run->place == NULL)
    enter_lane (lanes, operation);
}

/**
 * ferryd_lanes_keep:
 * @lanes: the lanes
 * @operation: one that waits for its retry, and has no slot
 *
 * Takes it out of its lane. In a serialized group it keeps its place: those behind it wait.
 */
void
ferryd_lanes_keep (FerrydLanes *lanes, FerrydOperation *operation)
{
  if (is_serial (operation))
    enter_group (lanes, operation, TRUE);
  else
    ferryd_lanes_remove (lanes, operation);
}

/**
 * ferryd_lanes_contains:
 * @operation: an operation
 *
 * Returns: whether it stands in a lane, or in the queue of its group
 */
gboolean
ferryd_lanes_contains (const FerrydOperation *operation)
{
  return operation->run->place != NULL || operation->run->turn != NULL;
}

/**
 * ferryd_lanes_remove:
 * @lanes: the lanes
 * @operation: an operation; nothing happens with one that does not stand anywhere
 */
void
ferryd_lanes_remove (FerrydLanes *lanes, FerrydOperation *operation)
{
  FerrydGroup *group = operation->group;

  if (operation->run->place != NULL)
    leave_lane (lanes, operation);
  if (operation->run->turn == NULL)
    return;
  g_sequence_remove (g_steal_pointer (&operation->run->turn));
  if (group->current == operation)
    group->current = NULL;
  group_update (lanes, group);
}

/**
 * ferryd_lanes_take:
 * @lanes: the lanes
 *
 * Whose turn it is, as far as slots are free. It has one now.
 *
 * Returns: (transfer none) (nullable): an operation that is in no lane any more
 */
FerrydOperation *
ferryd_lanes_take (FerrydLanes *lanes)
{
  FerrydOperation *operation;
  FerrydOwner *owner;

  if (lanes->running >= lanes->max_running || g_sequence_is_empty (lanes->turns))
    return NULL;
  owner = g_sequence_get (g_sequence_get_begin_iter (lanes->turns));
  lanes->round = owner->round++;
  owner->arrival = ++lanes->arrivals;
  g_sequence_sort_changed (owner->turn, compare_turns, NULL);
  operation = lane_first (g_sequence_get (g_sequence_get_begin_iter (owner->eligible)));
  /* In this order: the next one of a serialized group has to see that its turn has not come. */
  ferryd_lanes_occupy (lanes, operation);
  ferryd_lanes_remove (lanes, operation);
  return operation;
}

static void
count_running (FerrydLanes *lanes, int more)
{
  gboolean was_full = lanes->running >= lanes->max_running;

  lanes->running += more;
  lanes->changes += was_full != (lanes->running >= lanes->max_running);
}

/**
 * ferryd_lanes_occupy:
 * @lanes: the lanes
 * @operation: one without a slot
 *
 * Gives it a slot, whether one is free or not.
 */
void
ferryd_lanes_occupy (FerrydLanes *lanes, FerrydOperation *operation)
{
  gboolean was_free = ferryd_lanes_has_free_slot (lanes, operation->host);

  operation->slot = TRUE;
  count_running (lanes, 1);
  operation->host->running++;
  if (was_free != ferryd_lanes_has_free_slot (lanes, operation->host))
    ferryd_lanes_update_host (lanes, operation->host);
  operation->serial = is_serial (operation) != FALSE;
  if (!operation->serial)
    return;
  operation->group->running++;
  if (operation->group->current != operation)
    group_update (lanes, operation->group);
}

/**
 * ferryd_lanes_release:
 * @lanes: the lanes
 * @operation: one with a slot
 */
void
ferryd_lanes_release (FerrydLanes *lanes, FerrydOperation *operation)
{
  gboolean was_free = ferryd_lanes_has_free_slot (lanes, operation->host);

  operation->slot = FALSE;
  count_running (lanes, -1);
  operation->host->running--;
  if (was_free != ferryd_lanes_has_free_slot (lanes, operation->host))
    ferryd_lanes_update_host (lanes, operation->host);
  if (!operation->serial)
    return;
  operation->serial = FALSE;
  operation->group->running--;
  group_update (lanes, operation->group);
}

/**
 * ferryd_lanes_get_running:
 * @lanes: the lanes
 *
 * Returns: operations that have a slot
 */
guint
ferryd_lanes_get_running (const FerrydLanes *lanes)
{
  return lanes->running;
}

/**
 * ferryd_lanes_get_changes:
 * @lanes: the lanes
 *
 * Returns: another number whenever ferryd_lanes_explain() may say something else of operations that nothing
 * happens to
 */
guint64
ferryd_lanes_get_changes (const FerrydLanes *lanes)
{
  return lanes->changes;
}

/**
 * ferryd_lanes_waits_for_group:
 * @operation: one that was started and does not run
 *
 * Returns: whether it could not run because of others of its serialized group, whatever else it waits for
 */
gboolean
ferryd_lanes_waits_for_group (const FerrydOperation *operation)
{
  const FerrydGroup *group = operation->group;
  const FerrydOperation *first = ferryd_lanes_peek_group (group);

  if (!is_serial (operation) || group->current == operation)
    return FALSE;
  return group->running > (operation->serial ? 1 : 0) ||
         (first != NULL && first != operation && compare_operations (first, operation, NULL) < 0);
}

/**
 * ferryd_lanes_explain:
 * @lanes: the lanes
 * @operation: one that is queued
 *
 * Returns: what it waits for: the same that ferryd_lanes_take() goes by
 */
FerrydCauses
ferryd_lanes_explain (const FerrydLanes *lanes, const FerrydOperation *operation)
{
  gboolean host_full = !ferryd_lanes_has_free_slot (lanes, operation->host);
  FerrydCauses causes = host_full ? FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT) : 0;
  gboolean waits_for_group = ferryd_lanes_waits_for_group (operation);

  if (waits_for_group)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_GROUP);
  if (lanes->running >= lanes->max_running || (!host_full && !waits_for_group))
    causes |= FERRYD_CAUSE (FERRY_CAUSE_SLOT);
  return causes;
}
