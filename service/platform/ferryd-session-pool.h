/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "ferryd-deadlines.h"
#include "ferryd-peers.h"
#include "ferryd-proxy-resolver.h"
#include "ferryd-trust.h"

G_BEGIN_DECLS

/**
 * FerrydSessionKey:
 * @application: whose connections they are
 * @peers: (nullable): credentials, proxy and trust, as they are for the origin that is asked
 *
 * What fetches must have in common to share connections and looked-up addresses.
 */
typedef struct
{
  const char *application;
  FerrydPeers *peers;
} FerrydSessionKey;

/**
 * FerrydSessionPool:
 *
 * The SoupSessions, in shards: while an application has few fetches under way each has a session to itself,
 * so that nothing takes its idle connection between a response and the request that proves it whole. Beyond
 * that they share, up to a number at which libsoup's queue, which it walks on every event, begins to cost.
 * Used in one thread only.
 */
typedef struct _FerrydSessionPool FerrydSessionPool;

/**
 * FerrydSessionShard:
 *
 * A session as its users see it. Counted: each user holds one use of it.
 */
typedef struct _FerrydSessionShard FerrydSessionShard;

FerrydSessionPool *ferryd_session_pool_new (FerrydDeadlines *deadlines, GTlsDatabase *trust);
void ferryd_session_pool_free (FerrydSessionPool *self);
void ferryd_session_pool_drop (FerrydSessionPool *self);

FerrydSessionShard *ferryd_session_pool_acquire (FerrydSessionPool *self, const FerrydSessionKey *key,
                                                 GUri *uri, gboolean fresh);
void ferryd_session_shard_release (FerrydSessionShard *shard);
void ferryd_session_shard_reserve (FerrydSessionShard *shard);

SoupSession *ferryd_session_shard_get_session (FerrydSessionShard *shard);
FerrydPeers *ferryd_session_shard_get_peers (FerrydSessionShard *shard);
FerrydProxyResolver *ferryd_session_shard_get_proxies (FerrydSessionShard *shard);
FerrydTrust *ferryd_session_shard_get_trust (FerrydSessionShard *shard);
void ferryd_session_shard_add_socket (FerrydSessionShard *shard, guint64 connection, GSocket *socket);
GSocket *ferryd_session_shard_find_socket (FerrydSessionShard *shard, guint64 connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSessionPool, ferryd_session_pool_free)

G_END_DECLS
