/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-session-pool.h"

#include "ferryd-auth-basic.h"
#include "ferryd-auth-digest.h"
#include "ferryd-http-uri.h"

/* Shards of one application that are made before any is shared; as many as transfers run by default. */
#define SHARDS_UNSHARED 16

/* Users of one shard, from which on another is made. libsoup walks the queue of a session on every event:
 * 1000 messages in one cost twelve times what they cost in sixteen. */
#define SHARD_USERS_MAX 64

/* Connections libsoup may open in one session: more than its users can need, each of whom may leave one
 * behind when a redirect leads it on, so that no message ever waits for one inside libsoup. */
#define SHARD_CONNECTIONS_MAX (4 * SHARD_USERS_MAX)

/* Seconds an unused connection is kept: less than what servers keep theirs (nginx 75, Apache 5), so that a
 * reused one is seldom found closed, and long enough for the next file of a batch. */
#define IDLE_SECONDS 30

struct _FerrydSessionPool
{
  FerrydDeadlines *deadlines; /* (unowned): outlives the pool */
  GTlsDatabase *trust;        /* (owned) (nullable): NULL for the system's */
  GPtrArray *shards;          /* (element-type FerrydSessionShard) (owned): those that are given out again */
  FerrydDeadline prune;       /* when the first unused shard has been unused too long */
};

struct _FerrydSessionShard
{
  FerrydSessionPool *pool;      /* (unowned) (nullable): NULL when it is not given out again */
  char *application;            /* (owned) */
  FerrydPeers *peers;           /* (owned) (nullable): credentials, proxy and trust */
  FerrydProxyResolver *proxies; /* (owned) */
  FerrydTrust *trust;           /* (owned) */
  SoupSession *session;         /* (owned) */
  GHashTable *origins; /* (owned): set of (owned) origins it was used for, which may have idle connections */
  GHashTable *sockets; /* (owned): (owned) guint64 connection id to (owned) GSocket */
  guint n_users;
  gboolean reserved;   /* takes no further user until those it has are gone */
  gint64 unused_since; /* monotonic microseconds; while there is no user */
};

static void
shard_free (FerrydSessionShard *shard)
{
  g_free (shard->application);
  ferryd_peers_unref (shard->peers);
  /* Messages that are still ending hold it; with the last of them its connections are closed. */
  g_object_unref (shard->session);
  g_object_unref (shard->proxies);
  ferryd_trust_free (shard->trust);
  g_hash_table_unref (shard->origins);
  g_hash_table_unref (shard->sockets);
  g_free (shard);
}

static FerrydSessionShard *
shard_new (FerrydSessionPool *pool, const FerrydSessionKey *key)
{
  FerrydSessionShard *shard = g_new0 (FerrydSessionShard, 1);

  shard->application = g_strdup (key->application);
  shard->peers = ferryd_peers_ref (key->peers);
  shard->proxies = ferryd_proxy_resolver_new (key->peers);
  shard->trust = ferryd_trust_new (key->peers);
  /* libsoup's own time-out is for each read or write, and an HTTP/2 one never fires: the fetches keep theirs.
   */
  shard->session = soup_session_new_with_options ("max-conns", SHARD_CONNECTIONS_MAX, "max-conns-per-host",
                                                  SHARD_CONNECTIONS_MAX, "timeout", 0, "idle-timeout",
                                                  IDLE_SECONDS, "proxy-resolver", shard->proxies, NULL);
  /* What is stored is what the server's validators and ranges speak of (contract, decision 5). */
  soup_session_remove_feature_by_type (shard->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (shard->session, SOUP_TYPE_AUTH_BASIC);
  soup_session_add_feature_by_type (shard->session, FERRYD_TYPE_AUTH_BASIC);
  soup_session_add_feature_by_type (shard->session, FERRYD_TYPE_AUTH_DIGEST);
  if (pool->trust != NULL)
    soup_session_set_tls_database (shard->session, pool->trust);
  shard->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  shard->sockets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  return shard;
}

static void
pool_prune (gpointer user_data)
{
  FerrydSessionPool *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 next = -1;

  for (guint i = self->shards->len; i > 0; i--)
    {
      FerrydSessionShard *shard = g_ptr_array_index (self->shards, i - 1);
      gint64 left = shard->unused_since + IDLE_SECONDS * G_USEC_PER_SEC - now;

      if (shard->n_users > 0)
        continue;
      if (left <= 0)
        g_ptr_array_remove_index_fast (self->shards, i - 1);
      else
        next = next == -1 ? left : MIN (next, left);
    }
  if (next != -1)
    ferryd_deadline_set (&self->prune, next / 1000 + 1);
}

/**
 * ferryd_session_pool_new:
 * @deadlines: for the end of unused sessions; outlives the pool
 * @trust: (nullable): whom to trust, NULL for the system's authorities
 *
 * Returns: (transfer full): an empty pool
 */
FerrydSessionPool *
ferryd_session_pool_new (FerrydDeadlines *deadlines, GTlsDatabase *trust)
{
  FerrydSessionPool *self = g_new0 (FerrydSessionPool, 1);

  self->deadlines = deadlines;
  self->trust = trust != NULL ? g_object_ref (trust) : NULL;
  self->shards = g_ptr_array_new_with_free_func ((GDestroyNotify) shard_free);
  ferryd_deadline_init (&self->prune, deadlines, pool_prune, self);
  return self;
}

/**
 * ferryd_session_pool_free:
 * @self: a pool
 *
 * Frees it and closes idle connections. Shards in use go with their last user.
 */
void
ferryd_session_pool_free (FerrydSessionPool *self)
{
  ferryd_session_pool_drop (self);
  g_ptr_array_unref (self->shards);
  g_clear_object (&self->trust);
  g_free (self);
}

/**
 * ferryd_session_pool_drop:
 * @self: a pool
 *
 * Closes every idle connection. Those in use are closed after it, with the shards they belong to.
 */
void
ferryd_session_pool_drop (FerrydSessionPool *self)
{
  for (guint i = self->shards->len; i > 0; i--)
    {
      FerrydSessionShard *shard = g_ptr_array_index (self->shards, i - 1);

      if (shard->n_users == 0)
        continue;
      shard->pool = NULL;
      g_ptr_array_steal_index_fast (self->shards, i - 1);
    }
  g_ptr_array_set_size (self->shards, 0);
  ferryd_deadline_clear (&self->prune);
}

/* Smaller is better: an unused shard with a connection to @origin, an unused one, a used one with few users.
 */
static guint
shard_get_rank (FerrydSessionShard *shard, const char *origin)
{
  if (shard->n_users > 0)
    return 1 + shard->n_users;
  return g_hash_table_contains (shard->origins, origin) ? 0 : 1;
}

static FerrydSessionShard *
pool_choose (FerrydSessionPool *self, const FerrydSessionKey *key, const char *origin)
{
  FerrydSessionShard *best = NULL;
  guint best_rank = G_MAXUINT, n_shards = 0;

  for (guint i = 0; i < self->shards->len; i++)
    {
      FerrydSessionShard *shard = g_ptr_array_index (self->shards, i);
      guint rank = shard_get_rank (shard, origin);

      if (!g_str_equal (shard->application, key->application) ||
          !ferryd_peers_equal (shard->peers, key->peers))
        continue;
      n_shards++;
      if (!shard->reserved && shard->n_users < SHARD_USERS_MAX && rank < best_rank)
        {
          best = shard;
          best_rank = rank;
        }
    }
  if (best_rank > 1 && n_shards < SHARDS_UNSHARED)
    return NULL;
  return best;
}

/**
 * ferryd_session_pool_acquire:
 * @self: a pool
 * @key: what the connections must have in common
 * @uri: where it is going to be used
 * @fresh: none of the connections there are; and none is left behind for others
 *
 * Returns: (transfer full): a shard to use, given back with ferryd_session_shard_release()
 */
FerrydSessionShard *
ferryd_session_pool_acquire (FerrydSessionPool *self, const FerrydSessionKey *key, GUri *uri, gboolean fresh)
{
  g_autofree char *origin = ferryd_http_uri_get_origin (uri);
  FerrydSessionShard *shard = fresh ? NULL : pool_choose (self, key, origin);

  if (shard == NULL)
    {
      shard = shard_new (self, key);
      if (!fresh)
        {
          shard->pool = self;
          g_ptr_array_add (self->shards, shard);
        }
    }
  shard->n_users++;
  g_hash_table_add (shard->origins, g_steal_pointer (&origin));
  return shard;
}

/**
 * ferryd_session_shard_release:
 * @shard: (transfer full): a shard
 *
 * Gives it back.
 */
void
ferryd_session_shard_release (FerrydSessionShard *shard)
{
  FerrydSessionPool *pool = shard->pool;

  if (--shard->n_users > 0)
    return;
  shard->reserved = FALSE;
  shard->unused_since = g_get_monotonic_time ();
  if (pool == NULL)
    shard_free (shard);
  else if (pool->prune.queue == NULL)
    ferryd_deadline_set (&pool->prune, IDLE_SECONDS * 1000 + 1);
}

/**
 * ferryd_session_shard_reserve:
 * @shard: a shard in use
 *
 * Keeps others out of it until its users are gone, so that a connection that becomes idle is still there when
 * the caller asks for it again.
 */
void
ferryd_session_shard_reserve (FerrydSessionShard *shard)
{
  shard->reserved = TRUE;
}

/**
 * ferryd_session_shard_get_session:
 * @shard: a shard
 *
 * Returns: (transfer none): its session
 */
SoupSession *
ferryd_session_shard_get_session (FerrydSessionShard *shard)
{
  return shard->session;
}

/**
 * ferryd_session_shard_get_peers:
 * @shard: a shard
 *
 * Returns: (transfer none) (nullable): what its users say of credentials, proxy and trust
 */
FerrydPeers *
ferryd_session_shard_get_peers (FerrydSessionShard *shard)
{
  return shard->peers;
}

/**
 * ferryd_session_shard_get_proxies:
 * @shard: a shard
 *
 * Returns: (transfer none): where its connections lead through
 */
FerrydProxyResolver *
ferryd_session_shard_get_proxies (FerrydSessionShard *shard)
{
  return shard->proxies;
}

/**
 * ferryd_session_shard_get_trust:
 * @shard: a shard
 *
 * Returns: (transfer none): whom its connections believe
 */
FerrydTrust *
ferryd_session_shard_get_trust (FerrydSessionShard *shard)
{
  return shard->trust;
}

static gboolean
is_closed (gpointer key, gpointer value, gpointer user_data)
{
  return g_socket_is_closed (value);
}

/**
 * ferryd_session_shard_add_socket:
 * @shard: a shard
 * @connection: libsoup's number for a new connection of its session
 * @socket: the connection's
 *
 * Remembers it: libsoup tells only once, and the connection may be used again.
 */
void
ferryd_session_shard_add_socket (FerrydSessionShard *shard, guint64 connection, GSocket *socket)
{
  g_hash_table_foreach_remove (shard->sockets, is_closed, NULL);
  g_hash_table_replace (shard->sockets, g_memdup2 (&connection, sizeof connection), g_object_ref (socket));
}

/**
 * ferryd_session_shard_find_socket:
 * @shard: a shard
 * @connection: libsoup's number for a connection of its session
 *
 * Returns: (transfer none) (nullable): its socket, NULL when it is not known or closed
 */
GSocket *
ferryd_session_shard_find_socket (FerrydSessionShard *shard, guint64 connection)
{
  GSocket *socket = g_hash_table_lookup (shard->sockets, &connection);

  return socket != NULL && !g_socket_is_closed (socket) ? socket : NULL;
}
