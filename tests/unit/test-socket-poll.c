/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/socket.h>
#include <unistd.h>

#include "ferryd-deadlines.h"
#include "ferryd-session-pool.h"
#include "ferryd-http-uri.h"
#include "ferryd-socket-poll.h"

/* Somebody who waits, and what happens when called. */
typedef struct
{
  FerrydSocketWatch *watch;    /* (owned) (nullable) */
  FerrydSocketWatch **to_free; /* (unowned) (nullable): freed in the next call */
  gboolean again;              /* asks to be called soon, each time */
  guint n_calls;
  guint *n_calls_of_other; /* (unowned) (nullable): at the last call, @seen_of_other was that */
  guint seen_of_other;
} Waiter;

static void
waiter_called (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->n_calls++;
  if (waiter->n_calls_of_other != NULL)
    waiter->seen_of_other = *waiter->n_calls_of_other;
  if (waiter->to_free != NULL)
    g_clear_pointer (waiter->to_free, ferryd_socket_watch_free);
  waiter->to_free = NULL;
  if (waiter->again && waiter->watch != NULL)
    ferryd_socket_watch_soon (waiter->watch);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_wait (void)
{
  g_autoptr (FerrydSocketPoll) poll = ferryd_socket_poll_new (NULL, G_PRIORITY_DEFAULT);
  Waiter waiter = { 0 };
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  waiter.watch = ferryd_socket_poll_add (poll, waiter_called, &waiter);
  settle ();
  g_assert_cmpuint (waiter.n_calls, ==, 0);
  g_assert_true (ferryd_socket_watch_wait (waiter.watch, pair[0]));
  settle ();
  g_assert_cmpuint (waiter.n_calls, ==, 0);
  g_assert_cmpint (write (pair[1], "x", 1), ==, 1);
  g_main_context_iteration (NULL, TRUE);
  g_main_context_iteration (NULL, TRUE);
  /* Level-triggered: nobody has read it. */
  g_assert_cmpuint (waiter.n_calls, ==, 2);
  ferryd_socket_watch_rest (waiter.watch);
  settle ();
  g_assert_cmpuint (waiter.n_calls, ==, 2);
  close (pair[0]);
  g_assert_false (ferryd_socket_watch_wait (waiter.watch, pair[0]));
  close (pair[1]);
  ferryd_socket_watch_free (waiter.watch);
}

static void
test_soon (void)
{
  g_autoptr (FerrydSocketPoll) poll = ferryd_socket_poll_new (NULL, G_PRIORITY_DEFAULT);
  Waiter greedy = { .again = TRUE };
  Waiter other = { .n_calls_of_other = &greedy.n_calls };

  greedy.watch = ferryd_socket_poll_add (poll, waiter_called, &greedy);
  other.watch = ferryd_socket_poll_add (poll, waiter_called, &other);
  ferryd_socket_watch_soon (greedy.watch);
  ferryd_socket_watch_soon (greedy.watch);
  ferryd_socket_watch_soon (other.watch);
  g_assert_cmpuint (greedy.n_calls, ==, 0);
  g_main_context_iteration (NULL, TRUE);
  /* Who asks again and again keeps nobody waiting. */
  g_assert_cmpuint (greedy.n_calls, ==, 1);
  g_assert_cmpuint (other.n_calls, ==, 1);
  g_assert_cmpuint (other.seen_of_other, ==, 1);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (greedy.n_calls, ==, 2);
  g_assert_cmpuint (other.n_calls, ==, 1);
  ferryd_socket_watch_rest (greedy.watch);
  settle ();
  g_assert_cmpuint (greedy.n_calls, ==, 2);
  ferryd_socket_watch_free (greedy.watch);
  ferryd_socket_watch_free (other.watch);
}

/* Both can be read, and the first to be called frees the second, and itself the next time. */
static void
test_freed_meanwhile (void)
{
  g_autoptr (FerrydSocketPoll) poll = ferryd_socket_poll_new (NULL, G_PRIORITY_DEFAULT);
  Waiter a = { 0 }, b = { 0 };
  int pairs[2][2];

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pairs[i]), ==, 0);
      g_assert_cmpint (write (pairs[i][1], "x", 1), ==, 1);
    }
  a.watch = ferryd_socket_poll_add (poll, waiter_called, &a);
  b.watch = ferryd_socket_poll_add (poll, waiter_called, &b);
  a.to_free = &b.watch;
  b.to_free = &a.watch;
  ferryd_socket_watch_wait (a.watch, pairs[0][0]);
  ferryd_socket_watch_wait (b.watch, pairs[1][0]);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (a.n_calls + b.n_calls, ==, 1);
  a.to_free = &a.watch;
  b.to_free = &b.watch;
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (a.n_calls + b.n_calls, ==, 2);
  g_assert_true (a.watch == NULL && b.watch == NULL);
  settle ();
  g_assert_cmpuint (a.n_calls + b.n_calls, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      close (pairs[i][0]);
      close (pairs[i][1]);
    }
}

typedef struct
{
  FerrydDeadline deadline;
  FerrydDeadline *to_clear; /* (unowned) (nullable): when it rings */
  guint n_rings;
} Ringer;

static void
ringer_rings (gpointer user_data)
{
  Ringer *ringer = user_data;

  ringer->n_rings++;
  if (ringer->to_clear != NULL)
    ferryd_deadline_clear (ringer->to_clear);
}

static void
test_deadlines (void)
{
  g_autoptr (FerrydDeadlines) deadlines = ferryd_deadlines_new (NULL);
  Ringer first = { 0 }, second = { 0 }, late = { 0 };

  ferryd_deadline_init (&first.deadline, deadlines, ringer_rings, &first);
  ferryd_deadline_init (&second.deadline, deadlines, ringer_rings, &second);
  ferryd_deadline_init (&late.deadline, deadlines, ringer_rings, &late);
  ferryd_deadline_set (&late.deadline, 3600 * 1000);
  ferryd_deadline_set (&first.deadline, 3600 * 1000);
  ferryd_deadline_set (&first.deadline, 0);
  ferryd_deadline_set (&second.deadline, 0);
  g_assert_cmpuint (first.n_rings, ==, 0);
  /* Due at the same moment, and the first takes the second back. */
  first.to_clear = &second.deadline;
  settle ();
  g_assert_cmpuint (first.n_rings, ==, 1);
  g_assert_cmpuint (second.n_rings, ==, 0);
  /* Moved away, it does not ring where it was. */
  ferryd_deadline_set (&second.deadline, 1);
  ferryd_deadline_set (&second.deadline, 3600 * 1000);
  g_usleep (3000);
  settle ();
  g_assert_cmpuint (first.n_rings + second.n_rings + late.n_rings, ==, 1);
  ferryd_deadline_set (&late.deadline, 1);
  while (late.n_rings == 0)
    g_main_context_iteration (NULL, TRUE);
  ferryd_deadline_clear (&second.deadline);
  ferryd_deadline_clear (&second.deadline);
  g_assert_cmpuint (second.n_rings, ==, 0);
}

static FerrydSessionShard *
acquire (FerrydSessionPool *pool, const char *application, const char *uri, gboolean fresh)
{
  FerrydSessionKey key = { .application = application };
  g_autoptr (GUri) parsed = ferryd_http_uri_parse (NULL, uri);

  return ferryd_session_pool_acquire (pool, &key, parsed, fresh);
}

/* Each its own while there are few, then shared, and at last another when all are crowded. */
static void
test_pool_shards (void)
{
  g_autoptr (FerrydDeadlines) deadlines = ferryd_deadlines_new (NULL);
  g_autoptr (FerrydSessionPool) pool = ferryd_session_pool_new (deadlines, NULL);
  enum
  {
    N = 16 * 64 + 1
  };
  FerrydSessionShard *shards[N];
  g_autoptr (GHashTable) users = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer n;

  for (guint i = 0; i < N; i++)
    {
      shards[i] = acquire (pool, "app", "http://h/", FALSE);
      n = g_hash_table_lookup (users, shards[i]);
      g_hash_table_insert (users, shards[i], GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
      if (i < 16)
        g_assert_cmpuint (g_hash_table_size (users), ==, i + 1);
      else if (i < N - 1)
        g_assert_cmpuint (g_hash_table_size (users), ==, 16);
    }
  g_assert_cmpuint (g_hash_table_size (users), ==, 17);
  g_hash_table_iter_init (&iter, users);
  while (g_hash_table_iter_next (&iter, NULL, &n))
    g_assert_cmpuint (GPOINTER_TO_UINT (n), <=, 64);
  for (guint i = 0; i < N; i++)
    ferryd_session_shard_release (shards[i]);
}

static void
test_pool_choice (void)
{
  g_autoptr (FerrydDeadlines) deadlines = ferryd_deadlines_new (NULL);
  g_autoptr (FerrydSessionPool) pool = ferryd_session_pool_new (deadlines, NULL);
  FerrydSessionShard *h = acquire (pool, "app", "http://h/", FALSE);
  FerrydSessionShard *i = acquire (pool, "app", "http://i/", FALSE);
  FerrydSessionShard *other, *fresh;

  g_assert_true (h != i);
  ferryd_session_shard_release (h);
  ferryd_session_shard_release (i);
  /* The one that may have a connection there already. */
  g_assert_true (acquire (pool, "app", "http://i/x", FALSE) == i);
  g_assert_true (acquire (pool, "app", "http://h/x", FALSE) == h);
  other = acquire (pool, "other", "http://h/x", FALSE);
  g_assert_true (other != h && other != i);
  fresh = acquire (pool, "app", "http://h/x", TRUE);
  g_assert_true (fresh != h && fresh != i);
  ferryd_session_shard_release (fresh);
  ferryd_session_shard_release (other);
  ferryd_session_shard_release (h);
  /* Dropped while in use: its user goes on with it, the next one gets another. */
  ferryd_session_pool_drop (pool);
  g_assert_true (SOUP_IS_SESSION (ferryd_session_shard_get_session (i)));
  other = acquire (pool, "app", "http://i/", FALSE);
  g_assert_true (other != i);
  ferryd_session_shard_release (other);
  ferryd_session_shard_release (i);
}

static void
test_pool_reserved (void)
{
  g_autoptr (FerrydDeadlines) deadlines = ferryd_deadlines_new (NULL);
  g_autoptr (FerrydSessionPool) pool = ferryd_session_pool_new (deadlines, NULL);
  FerrydSessionShard *shards[17];

  for (guint i = 0; i < 16; i++)
    shards[i] = acquire (pool, "app", "http://h/", FALSE);
  ferryd_session_shard_reserve (shards[0]);
  shards[16] = acquire (pool, "app", "http://h/", FALSE);
  g_assert_true (shards[16] != shards[0]);
  for (guint i = 0; i < 17; i++)
    ferryd_session_shard_release (shards[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket-poll/wait", test_wait);
  g_test_add_func ("/socket-poll/soon", test_soon);
  g_test_add_func ("/socket-poll/freed-meanwhile", test_freed_meanwhile);
  g_test_add_func ("/deadlines", test_deadlines);
  g_test_add_func ("/session-pool/shards", test_pool_shards);
  g_test_add_func ("/session-pool/choice", test_pool_choice);
  g_test_add_func ("/session-pool/reserved", test_pool_reserved);
  return g_test_run ();
}
