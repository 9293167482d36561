/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-deadlines.h"
#include "ferryd-failure.h"
#include "ferryd-session-pool.h"

G_BEGIN_DECLS

/**
 * FerrydSoupChallenges:
 *
 * Answers what servers and proxies ask of one message (401, 407) with the credentials of its session, through
 * libsoup's own authentication; within limits that libsoup does not keep.
 */
typedef struct _FerrydSoupChallenges FerrydSoupChallenges;

/* From inside libsoup: the message is to be given up. @failure: (transfer full) */
typedef void (*FerrydSoupChallengesFunc) (FerrydFailure *failure, gpointer user_data);

FerrydSoupChallenges *ferryd_soup_challenges_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard,
                                                  SoupMessage *message, FerrydSoupChallengesFunc give_up,
                                                  gpointer user_data);
void ferryd_soup_challenges_free (FerrydSoupChallenges *self);

G_END_DECLS
