/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-io-thread.h"

struct _FerrydIoThread
{
  GMainContext *context; /* (owned) (nullable): NULL when inline */
  GMainLoop *loop;       /* (owned) (nullable) */
  GThread *thread;       /* (owned) (nullable) */
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

/**
 * ferryd_io_thread_new:
 *
 * Returns: (transfer full): a running thread
 */
FerrydIoThread *
ferryd_io_thread_new (void)
{
  FerrydIoThread *thread = g_new0 (FerrydIoThread, 1);

  thread->context = g_main_context_new ();
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
  return g_new0 (FerrydIoThread, 1);
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
      g_main_context_unref (thread->context);
    }
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
