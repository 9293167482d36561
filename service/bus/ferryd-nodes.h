/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"
#include "ferryd-id.h"

G_BEGIN_DECLS

/**
 * FerrydNode:
 *
 * The places in the tree of objects. There is no object behind any of them: what a path stands for is found
 * out when somebody calls.
 */
typedef enum
{
  FERRYD_NODE_NOTHING, /* no object can be there */
  FERRYD_NODE_BRANCH,  /* only objects below it */
  FERRYD_NODE_MANAGER,
  FERRYD_NODE_DOWNLOADER,
  FERRYD_NODE_UPLOADER,
  FERRYD_NODE_OPERATIONS, /* the branch with the operations */
  FERRYD_NODE_OPERATION,
  FERRYD_NODE_COMPLETION_GROUPS, /* the branch with the completion groups */
  FERRYD_NODE_COMPLETION_GROUP,
} FerrydNode;

FerrydNode ferryd_nodes_find (const char *path, FerrydId *id);
const GDBusInterfaceInfo *ferryd_nodes_get_interface (FerrydNode node, FerryKind kind, const char *name);
const GDBusInterfaceInfo *ferryd_nodes_find_method (FerrydNode node, FerryKind kind, const char *method);

/* (transfer full). @children (nullable) (element-type FerrydId): of FERRYD_NODE_OPERATIONS and
 * FERRYD_NODE_COMPLETION_GROUPS. */
char *ferryd_nodes_introspect (FerrydNode node, FerryKind kind, const char *path, const GArray *children);

G_END_DECLS
