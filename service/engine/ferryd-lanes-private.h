/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-lanes.h"

G_BEGIN_DECLS

struct _FerrydLane
{
  FerrydOwner *owner; /* (unowned) */
  FerrydHost *host;   /* (unowned) */
  GSequence *ready;   /* (owned) (element-type FerrydOperation) (unowned elements): best first, never empty */
  GSequenceIter *eligible; /* (nullable): in its owner's list while its host has a free slot */
};

struct _FerrydLanes
{
  GHashTable *owners; /* (owned) (element-type utf8 FerrydOwner): by application */
  GHashTable *hosts;  /* (owned) (element-type utf8 FerrydHost): by name */
  GHashTable *lanes;  /* (owned) (element-type FerrydLane FerrydLane): those with ready operations */
  GSequence
      *turns;    /* (owned) (element-type FerrydOwner): those with eligible lanes, whose turn it is first */
  guint64 round; /* of the last turn */
  guint64 arrivals; /* number of the last */
  guint64 changes;  /* number of the last change of what ferryd_lanes_explain() goes by */
  guint running;    /* operations that have a slot */
  guint max_running;
  guint max_running_per_host;
};

/* ferryd-lanes.c */
void ferryd_lanes_update_host (FerrydLanes *lanes, FerrydHost *host);

/* ferryd-lanes-hosts.c */
gboolean ferryd_lanes_has_free_slot (const FerrydLanes *lanes, const FerrydHost *host);
void ferryd_lanes_free_host (gpointer data);

G_END_DECLS
