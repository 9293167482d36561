/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-callers.h"
#include "ferryd-operation-properties.h"
#include "ferryd-queue.h"

G_BEGIN_DECLS

/**
 * FerrydListFilter:
 * @application: (owned) (nullable): only this application's; NULL for every one's
 * @group: (owned) (nullable): only this group's, `""` those in none; NULL for all
 * @has_completion_group: only those of @completion_group
 * @completion_group: a completion group that is there
 * @has_after: only those behind @after
 * @after: an operation that is there
 * @kinds: bit per FerryKind
 * @states: bit per FerryState, 0 for all
 * @limit: at most so many, 0 for all
 * @properties: which to tell of each
 *
 * What List, Watch and ForEach take, checked. A plain value.
 */
typedef struct
{
  char *application;
  char *group;
  gboolean has_completion_group;
  FerrydId completion_group;
  gboolean has_after;
  FerrydId after;
  guint kinds;
  guint states;
  guint limit;
  FerrydProperties properties;
} FerrydListFilter;

#define FERRYD_KIND(kind) (1u << (kind))
#define FERRYD_ALL_KINDS (FERRYD_KIND (FERRY_KIND_DOWNLOAD) | FERRYD_KIND (FERRY_KIND_UPLOAD))

FerrydListFilter *ferryd_list_filter_new (FerrydQueue *queue, GVariant *options, const FerrydCaller *caller,
                                          guint kinds, GError **error);
void ferryd_list_filter_free (FerrydListFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydListFilter, ferryd_list_filter_free)

FerrydFilter ferryd_list_filter_for_queue (const FerrydListFilter *filter);

/* For who keeps a list up to date: (transfer full) (element-type FerrydId): what `after` keeps out of it,
 * which stays the same, and with that what the filter gives now, oldest first. */
GHashTable *ferryd_list_filter_find_older (const FerrydListFilter *filter, FerrydQueue *queue);
GArray *ferryd_list_filter_list_again (const FerrydListFilter *filter, FerrydQueue *queue, GHashTable *older);

gboolean ferryd_list_filter_matches (const FerrydListFilter *filter, const FerrydDescription *description);

G_END_DECLS
