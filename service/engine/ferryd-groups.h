/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-operation.h"

G_BEGIN_DECLS

/**
 * FerrydGroup:
 *
 * A transfer group: a name of an application's. There while it has operations or behaves otherwise than
 * groups do by themselves. Operations without group are in one of the name `""`, which is always parallel.
 */
struct _FerrydGroup
{
  char *application; /* (owned): whose it is */
  char *name;        /* (owned) */
  FerryGroupBehavior behavior;
  guint operations; /* that are in it, in whatever state */

  /* Of a serialized one, kept by the lanes: */
  GSequence *queue; /* (owned) (nullable) (element-type FerrydOperation): who takes turns, best first */
  FerrydOperation *current; /* (nullable): the first of @queue, while it stands in its lane */
  guint running;            /* operations with a slot that take turns; more than one only at first */
};

/**
 * FerrydGroups:
 *
 * Every transfer group there is.
 */
typedef struct _FerrydGroups FerrydGroups;

FerrydGroups *ferryd_groups_new (void);
void ferryd_groups_free (FerrydGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydGroups, ferryd_groups_free)

FerrydGroup *ferryd_groups_enter (FerrydGroups *groups, const char *application, const char *name);
void ferryd_groups_leave (FerrydGroups *groups, FerrydGroup *group);
FerrydGroup *ferryd_groups_find (FerrydGroups *groups, const char *application, const char *name);
FerryGroupBehavior ferryd_groups_get_behavior (FerrydGroups *groups, const char *application,
                                               const char *name);
void ferryd_groups_set_behavior (FerrydGroups *groups, const char *application, const char *name,
                                 FerryGroupBehavior behavior);
/* (transfer container) (element-type FerrydGroup): those of an application that have a name, in its order. */
GPtrArray *ferryd_groups_list (FerrydGroups *groups, const char *application);

G_END_DECLS
