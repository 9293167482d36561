/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-lanes.h"

struct _FerrydLane
{
  FerrydOwner *owner; /* (unowned) */
  FerrydHost *host;   /* (unowned) */
  char *group;        /* (owned): GRefString */
  GSequence *ready;   /* (owned) (element-type FerrydOperation) (unowned elements): best first, never empty */
  GSequenceIter *eligible; /* (nullable): in its owner's list while its host has a free slot */
};

struct _FerrydLanes
{
  GHashTable *owners; /* (owned) (element-type utf8 FerrydOwner): by application */
  GHashTable *hosts;  /* (owned) (element-type utf8 FerrydHost): by name */
  GHashTable *lanes;  /* (owned) (element-type FerrydLane FerrydLane): those with ready operations */
  GQueue turns;       /* (element-type FerrydOwner): those with eligible lanes, whose turn it is first */
  guint running;      /* operations that have a slot */
  guint max_running;
  guint max_running_per_host;
};

static guint
lane_hash (gconstpointer data)
{
  const FerrydLane *lane = data;

  return g_direct_hash (lane->owner) ^ g_direct_hash (lane->host) * 31 ^ g_str_hash (lane->group) * 17;
}

static gboolean
lane_equal (gconstpointer a, gconstpointer b)
{
  const FerrydLane *one = a, *other = b;

  return one->owner == other->owner && one->host == other->host && g_str_equal (one->group, other->group);
}

static void
lane_free (gpointer data)
{
  FerrydLane *lane = data;

  g_sequence_free (lane->ready);
  g_ref_string_release (lane->group);
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

static void
host_free (gpointer data)
{
  FerrydHost *host = data;

  g_ptr_array_unref (host->lanes);
  g_free (host->name);
  g_free (host);
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
  lanes->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  lanes->lanes = g_hash_table_new_full (lane_hash, lane_equal, lane_free, NULL);
  g_queue_init (&lanes->turns);
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
  g_free (lanes);
}

/* Keeps the owner's list of eligible lanes and the order of turns true after something about @lane has
 * changed. */
static void
lane_update (FerrydLanes *lanes, FerrydLane *lane)
{
  FerrydOwner *owner = lane->owner;
  gboolean eligible = !g_sequence_is_empty (lane->ready) && lane->host->running < lanes->max_running_per_host;

  if (lane->eligible != NULL)
    g_sequence_remove (g_steal_pointer (&lane->eligible));
  if (eligible)
    lane->eligible = g_sequence_insert_sorted (owner->eligible, lane, compare_lanes, NULL);

  gboolean waits = !g_sequence_is_empty (owner->eligible);

  if (waits && !owner->in_turn)
    g_queue_push_tail_link (&lanes->turns, &owner->turn);
  else if (!waits && owner->in_turn)
    g_queue_unlink (&lanes->turns, &owner->turn);
  owner->in_turn = waits;
}

static void
host_update (FerrydLanes *lanes, FerrydHost *host)
{
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

  lanes->max_running = max_running;
  lanes->max_running_per_host = max_running_per_host;
  g_hash_table_iter_init (&iter, lanes->hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host))
    host_update (lanes, host);
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
      owner->turn.data = owner;
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
  if (--owner->operations == 0)
    g_hash_table_remove (lanes->owners, owner->application);
}

/**
 * ferryd_lanes_enter_host:
 * @lanes: the lanes
 * @name: scheme, host and port
 *
 * Counts one operation more that names the host.
 *
 * Returns: (transfer none): the host
 */
FerrydHost *
ferryd_lanes_enter_host (FerrydLanes *lanes, const char *name)
{
  FerrydHost *host = g_hash_table_lookup (lanes->hosts, name);

  if (host == NULL)
    {
      host = g_new0 (FerrydHost, 1);
      host->name = g_strdup (name);
      host->lanes = g_ptr_array_new ();
      g_hash_table_insert (lanes->hosts, host->name, host);
    }
  host->operations++;
  return host;
}

/**
 * ferryd_lanes_leave_host:
 * @lanes: the lanes
 * @host: of an operation that goes or gets another host
 */
void
ferryd_lanes_leave_host (FerrydLanes *lanes, FerrydHost *host)
{
  if (--host->operations == 0)
    g_hash_table_remove (lanes->hosts, host->name);
}

static FerrydLane *
find_lane (FerrydLanes *lanes, const FerrydOperation *operation)
{
  const FerrydLane key = { .owner = operation->owner, .host = operation->host, .group = operation->group };

  return g_hash_table_lookup (lanes->lanes, &key);
}

/**
 * ferryd_lanes_add:
 * @lanes: the lanes
 * @operation: one that may run, and has no slot
 */
void
ferryd_lanes_add (FerrydLanes *lanes, FerrydOperation *operation)
{
  FerrydLane *lane = find_lane (lanes, operation);

  if (lane == NULL)
    {
      lane = g_new0 (FerrydLane, 1);
      lane->owner = operation->owner;
      lane->host = operation->host;
      lane->group = g_ref_string_acquire (operation->group);
      lane->ready = g_sequence_new (NULL);
      g_hash_table_add (lanes->lanes, lane);
      g_ptr_array_add (lane->host->lanes, lane);
    }
  if (lane->eligible != NULL)
    g_sequence_remove (g_steal_pointer (&lane->eligible));
  operation->run->place = g_sequence_insert_sorted (lane->ready, operation, compare_operations, NULL);
  lane_update (lanes, lane);
}

/**
 * ferryd_lanes_remove:
 * @lanes: the lanes
 * @operation: one that was added
 */
void
ferryd_lanes_remove (FerrydLanes *lanes, FerrydOperation *operation)
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

  if (lanes->running >= lanes->max_running || g_queue_is_empty (&lanes->turns))
    return NULL;
  owner = g_queue_peek_head (&lanes->turns);
  g_queue_unlink (&lanes->turns, &owner->turn);
  g_queue_push_tail_link (&lanes->turns, &owner->turn);
  operation = lane_first (g_sequence_get (g_sequence_get_begin_iter (owner->eligible)));
  ferryd_lanes_remove (lanes, operation);
  ferryd_lanes_occupy (lanes, operation);
  return operation;
}

/**
 * ferryd_lanes_occupy:
 * @lanes: the lanes
 * @operation: one in no lane, without a slot
 *
 * Gives it a slot, whether one is free or not.
 */
void
ferryd_lanes_occupy (FerrydLanes *lanes, FerrydOperation *operation)
{
  operation->slot = TRUE;
  lanes->running++;
  operation->host->running++;
  host_update (lanes, operation->host);
}

/**
 * ferryd_lanes_release:
 * @lanes: the lanes
 * @operation: one with a slot
 */
void
ferryd_lanes_release (FerrydLanes *lanes, FerrydOperation *operation)
{
  operation->slot = FALSE;
  lanes->running--;
  operation->host->running--;
  host_update (lanes, operation->host);
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
 * ferryd_lanes_explain:
 * @lanes: the lanes
 * @operation: one that stands in a lane
 *
 * Returns: what it waits for: the same that ferryd_lanes_take() goes by
 */
FerrydCauses
ferryd_lanes_explain (const FerrydLanes *lanes, const FerrydOperation *operation)
{
  gboolean host_full = operation->host->running >= lanes->max_running_per_host;
  FerrydCauses causes = host_full ? FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT) : 0;

  if (lanes->running >= lanes->max_running || !host_full)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_SLOT);
  return causes;
}
