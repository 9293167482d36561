/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-deadlines.h"
#include "ferryd-session-pool.h"
#include "ferryd-socket-poll.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydSoupShared:
 * @poll: (unowned): where bodies wait
 * @deadlines: (unowned): for time limits
 * @pool: (unowned): where sessions come from
 * @buffer: (unowned): FERRYD_BODY_BUFFER_SIZE bytes that all bodies are read into
 * @silent_origins: (unowned): set of (owned) origins that never answer the question whether a body is welcome
 * @fetches: (unowned): set of (owned) fetches under way
 *
 * What the fetches of a transport have in common. Outlives them.
 */
typedef struct
{
  FerrydSocketPoll *poll;
  FerrydDeadlines *deadlines;
  FerrydSessionPool *pool;
  guint8 *buffer;
  GHashTable *silent_origins;
  GHashTable *fetches;
} FerrydSoupShared;

FerrydFetch *ferryd_soup_fetch_new (const FerrydSoupShared *shared, const FerrydFetchRequest *request,
                                    const FerrydFetchHandler *handler, gpointer user_data);
void ferryd_soup_fetch_resume (FerrydFetch *self);
void ferryd_soup_fetch_release_last (FerrydFetch *self);
void ferryd_soup_fetch_forget (FerrydFetch *self);

G_END_DECLS
