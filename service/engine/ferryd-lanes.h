/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-groups.h"
#include "ferryd-operation.h"

G_BEGIN_DECLS

/**
 * FerrydOwner:
 *
 * An application and what it has in the queue. There while it has operations, and while others wait for their
 * turn: who leaves and comes back does not come before them.
 */
struct _FerrydOwner
{
  char *application; /* (owned): its id, `""` for host callers without one */
  guint operations;  /* all it has; the owner goes with the last */
  guint unfinished;  /* neither completed, canceled nor failed, with those being created: what quota counts */
  guint ended;       /* while retention is being looked at: those that have ended, less those that go */
  GSequence *eligible; /* (owned) (element-type FerrydLane): by their first operation, best first */
  GSequenceIter *turn; /* (nullable): in the lanes' order of turns while it has eligible lanes */
  guint64 round;       /* not before that one it is its turn again */
  guint64 arrival;     /* since when it has a turn: a number that ascends */
};

/**
 * FerrydHost:
 *
 * A server: scheme, host and port. There while operations name it.
 */
struct _FerrydHost
{
  char *name;       /* (owned) */
  guint operations; /* that name it; the host goes with the last */
  guint running;    /* of them, that have a slot */
  guint lent;       /* connections that operations with a slot have there beside it */
  guint awaited;    /* of them, those that were asked for */
  gboolean held;    /* nothing begins there for now, whatever is free */
  GPtrArray *lanes; /* (owned) (element-type FerrydLane) (unowned elements) */
};

/**
 * FerrydLanes:
 *
 * The operations that are ready to run, and whose turn it is: applications take turns, in rounds that each of
 * them has one turn in, so that who comes new comes before those who had theirs; within one, `high`
 * before `default` before `low`, then order in the queue; never more than the limits. A lane holds the ready
 * ones of one application and host, so that a host without a free slot is passed over whatever waits for it.
 * Those of a serialized group that are not `high` stand in the group's own queue, and only its first in a
 * lane, and only while none of them has a slot. Everything costs O(log n).
 */
typedef struct _FerrydLanes FerrydLanes;

FerrydLanes *ferryd_lanes_new (void);
void ferryd_lanes_free (FerrydLanes *lanes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydLanes, ferryd_lanes_free)
void ferryd_lanes_set_limits (FerrydLanes *lanes, guint max_running, guint max_running_per_host);

FerrydOwner *ferryd_lanes_enter_owner (FerrydLanes *lanes, const char *application);
FerrydOwner *ferryd_lanes_find_owner (FerrydLanes *lanes, const char *application);
void ferryd_lanes_leave_owner (FerrydLanes *lanes, FerrydOwner *owner);
FerrydHost *ferryd_lanes_enter_host (FerrydLanes *lanes, const char *name);
void ferryd_lanes_leave_host (FerrydLanes *lanes, FerrydHost *host);
void ferryd_lanes_hold_host (FerrydLanes *lanes, const char *name, gboolean held);
gboolean ferryd_lanes_lend (FerrydLanes *lanes, FerrydHost *host);
gboolean ferryd_lanes_recall (FerrydLanes *lanes, FerrydHost *host);
void ferryd_lanes_take_back (FerrydLanes *lanes, FerrydHost *host, guint connections, gboolean awaited);

void ferryd_lanes_add (FerrydLanes *lanes, FerrydOperation *operation);
void ferryd_lanes_keep (FerrydLanes *lanes, FerrydOperation *operation);
void ferryd_lanes_remove (FerrydLanes *lanes, FerrydOperation *operation);
gboolean ferryd_lanes_contains (const FerrydOperation *operation);
FerrydOperation *ferryd_lanes_take (FerrydLanes *lanes);
void ferryd_lanes_occupy (FerrydLanes *lanes, FerrydOperation *operation);
void ferryd_lanes_release (FerrydLanes *lanes, FerrydOperation *operation);

guint ferryd_lanes_get_running (const FerrydLanes *lanes);
guint64 ferryd_lanes_get_changes (const FerrydLanes *lanes);
FerrydOperation *ferryd_lanes_peek_group (const FerrydGroup *group);
gboolean ferryd_lanes_is_overtaken (const FerrydOperation *operation);
gboolean ferryd_lanes_waits_for_group (const FerrydOperation *operation);
FerrydCauses ferryd_lanes_explain (const FerrydLanes *lanes, const FerrydOperation *operation);

G_END_DECLS
