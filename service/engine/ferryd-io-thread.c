/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-io-thread.h"

struct _FerrydIoThread
{
  GMainContext *context;                        /* (owned) (nullable): NULL when inline */
  GMainLoop *loop;                              /* (owned) (nullable) */
  GThread *thread;                              /* (owned) (nullable) */
  FerrydLimiter *limiters[FERRYD_N_DIRECTIONS]; /* (owned): used in the thread */
};

typedef struct
{
  FerrydIoFunc func;
  gpointer data; /* the function's own */
} Posted;

static gboolean
run_posted (gpointer data)
{
  Posted *posted = data;

  posted->func (posted->data);
  return G_SOURCE_REMOVE;
}

static void
post (GMainContext *context, FerrydIoFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Posted *posted = g_new (Posted, 1);

  *posted = (Posted){ func, data };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_posted, posted, g_free);
  g_source_set_static_name (source, "ferryd-io-thread post");
  g_source_attach (source, context);
}

static gpointer
run_thread (gpointer data)
{
  FerrydIoThread *thread = data;

  g_main_context_push_thread_default (thread->context);
  g_main_loop_run (thread->loop);
  g_main_context_pop_thread_default (thread->context);
  return NULL;
}

static FerrydIoThread *
new_for_context (GMainContext *context)
{
  FerrydIoThread *thread = g_new0 (FerrydIoThread, 1);

  thread->context = context;
  for (guint i = 0; i < FERRYD_N_DIRECTIONS; i++)
    thread->limiters[i] = ferryd_limiter_new (context, g_get_monotonic_time);
  return thread;
}

/**
 * ferryd_io_thread_new:
 *
 * Returns: (transfer full): a running thread
 */
FerrydIoThread *
ferryd_io_thread_new (void)
{
  FerrydIoThread *thread = new_for_context (g_main_context_new ());

  thread->loop = g_main_loop_new (thread->context, FALSE);
  thread->thread = g_thread_new ("ferryd-io", run_thread, thread);
  return thread;
}

/**
 * ferryd_io_thread_new_inline:
 *
 * For tests: no thread; what is posted runs in the default main context, in order.
 *
 * Returns: (transfer full): a stand-in
 */
FerrydIoThread *
ferryd_io_thread_new_inline (void)
{
  return new_for_context (NULL);
}

static void
quit_loop (gpointer data)
{
  g_main_loop_quit (data);
}

/**
 * ferryd_io_thread_free:
 * @thread: (transfer full): the thread
 *
 * Lets the thread finish what was posted before, ends it and waits for its end.
 */
void
ferryd_io_thread_free (FerrydIoThread *thread)
{
  if (thread->thread != NULL)
    {
      post (thread->context, quit_loop, thread->loop);
      g_thread_join (thread->thread);
      g_main_loop_unref (thread->loop);
    }
  for (guint i = 0; i < FERRYD_N_DIRECTIONS; i++)
    ferryd_limiter_free (thread->limiters[i]);
  g_clear_pointer (&thread->context, g_main_context_unref);
  g_free (thread);
}

/**
 * ferryd_io_thread_get_context:
 * @thread: the thread
 *
 * Returns: (transfer none) (nullable): its main context, NULL (the default one) when inline
 */
GMainContext *
ferryd_io_thread_get_context (FerrydIoThread *thread)
{
  return thread->context;
}

/**
 * ferryd_io_thread_get_limiter:
 * @thread: the thread
 * @direction: which way the bytes go
 *
 * Returns: (transfer none): what all bytes of that direction go through; used in the thread only
 */
FerrydLimiter *
ferryd_io_thread_get_limiter (FerrydIoThread *thread, FerrydDirection direction)
{
  return thread->limiters[direction];
}

typedef struct
{
  FerrydLimiter *limiter; /* (unowned) */
  guint64 rate;
} Limit;

static void
set_limit (gpointer data)
{
  g_autofree Limit *limit = data;

  ferryd_limiter_set_rate (limit->limiter, limit->rate);
}

/**
 * ferryd_io_thread_set_limit:
 * @thread: the thread
 * @direction: which way the bytes go
 * @rate: bytes a second of all together, 0 for no limit
 *
 * To be called from the main thread.
 */
void
ferryd_io_thread_set_limit (FerrydIoThread *thread, FerrydDirection direction, guint64 rate)
{
  Limit *limit = g_new (Limit, 1);

  *limit = (Limit){ thread->limiters[direction], rate };
  ferryd_io_thread_post (thread, set_limit, limit);
}

/**
 * ferryd_io_thread_post:
 * @thread: the thread
 * @func: what to call there
 * @data: for @func, which takes what it owns of it
 *
 * Calls @func in the thread, after everything posted before.
 */
void
ferryd_io_thread_post (FerrydIoThread *thread, FerrydIoFunc func, gpointer data)
{
  post (thread->context, func, data);
}

/**
 * ferryd_io_thread_post_back:
 * @func: what to call in the main thread
 * @data: for @func, which takes what it owns of it
 *
 * Calls @func in the default main context, after everything posted back before.
 */
void
ferryd_io_thread_post_back (FerrydIoFunc func, gpointer data)
{
  post (NULL, func, data);
}
