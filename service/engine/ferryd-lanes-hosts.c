/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-lanes-private.h"

/* (private) */
void
ferryd_lanes_free_host (gpointer data)
{
  FerrydHost *host = data;

  g_ptr_array_unref (host->lanes);
  g_free (host->name);
  g_free (host);
}

/* (private): whether an operation may begin there now. */
gboolean
ferryd_lanes_has_free_slot (const FerrydLanes *lanes, const FerrydHost *host)
{
  return !host->held && host->running + host->lent < lanes->max_running_per_host;
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

/**
 * ferryd_lanes_hold_host:
 * @lanes: the lanes
 * @name: of a host, which need not be there any more
 * @held: whether nothing is to begin there for now
 */
void
ferryd_lanes_hold_host (FerrydLanes *lanes, const char *name, gboolean held)
{
  FerrydHost *host = g_hash_table_lookup (lanes->hosts, name);

  if (host == NULL)
    return;
  host->held = held;
  ferryd_lanes_update_host (lanes, host);
}

/**
 * ferryd_lanes_lend:
 * @lanes: the lanes
 * @host: a host
 *
 * One connection more to @host for an operation that runs, in place of another operation; only while none
 * waits for that.
 *
 * Returns: whether there was one to have
 */
gboolean
ferryd_lanes_lend (FerrydLanes *lanes, FerrydHost *host)
{
  if (!ferryd_lanes_has_free_slot (lanes, host) || host->lanes->len > 0)
    return FALSE;
  host->lent++;
  ferryd_lanes_update_host (lanes, host);
  return TRUE;
}

/* How many of the connections that were lent are wanted back: there are more than there may be, or somebody
 * waits for one. */
static guint
count_owed (const FerrydLanes *lanes, const FerrydHost *host)
{
  guint used = host->running + host->lent;

  if (used > lanes->max_running_per_host)
    return MIN (used - lanes->max_running_per_host, host->lent);
  return host->lent > 0 && host->lanes->len > 0 && used == lanes->max_running_per_host &&
         lanes->running < lanes->max_running;
}

/**
 * ferryd_lanes_recall:
 * @lanes: the lanes
 * @host: a host
 *
 * Returns: whether one of the connections that were lent there has to be asked for, beside those that are
 * awaited already; it is awaited now
 */
gboolean
ferryd_lanes_recall (FerrydLanes *lanes, FerrydHost *host)
{
  if (count_owed (lanes, host) <= host->awaited)
    return FALSE;
  host->awaited++;
  return TRUE;
}

/**
 * ferryd_lanes_take_back:
 * @lanes: the lanes
 * @host: a host
 * @connections: that were lent, and are not used any more
 * @awaited: one was asked for, and is not awaited any more
 */
void
ferryd_lanes_take_back (FerrydLanes *lanes, FerrydHost *host, guint connections, gboolean awaited)
{
  host->lent -= connections;
  if (awaited)
    host->awaited--;
  ferryd_lanes_update_host (lanes, host);
}
