/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-socket-poll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Sockets taken from the kernel in one call. Level-triggered: those left over come with the next. */
#define EVENTS_A_TURN 64

struct _FerrydSocketPoll
{
  GSource *source; /* (owned): attached until the poll is freed */
  int epoll;       /* (owned): descriptor */
  GQueue soon;     /* (element-type FerrydSocketWatch) (unowned): to be called in the next turn */
  guint64 turn;    /* number of the present dispatch, so that nobody is called twice in one */
  /* (element-type FerrydSocketWatch) (owned): freed during a dispatch whose list of events may still name
   * them */
  GSList *dead;
  gboolean dispatching;
};

struct _FerrydSocketWatch
{
  FerrydSocketPoll *poll; /* (unowned): outlives the watch */
  FerrydSocketFunc func;  /* (nullable): NULL once the watch was freed */
  gpointer user_data;     /* (unowned) */
  int fd;                 /* (unowned): waited for, -1 for none */
  GList link;             /* in `soon` of the poll while @is_soon */
  gboolean is_soon;
  guint64 turn; /* of the last call */
};

typedef struct
{
  GSource source;
  FerrydSocketPoll *poll; /* (unowned) */
  gpointer tag;           /* (unowned): the epoll descriptor's in this source */
} PollSource;

static void
watch_call (FerrydSocketWatch *watch)
{
  FerrydSocketPoll *poll = watch->poll;

  if (watch->func == NULL || watch->turn == poll->turn)
    return;
  watch->turn = poll->turn;
  watch->func (watch->user_data);
}

static void
poll_call_soon (FerrydSocketPoll *self)
{
  /* Those that ask again meanwhile come in the next turn, so that one can't keep the others out. */
  for (guint n = self->soon.length; n > 0 && self->soon.length > 0; n--)
    {
      FerrydSocketWatch *watch = self->soon.head->data;

      g_queue_unlink (&self->soon, &watch->link);
      watch->is_soon = FALSE;
      watch_call (watch);
    }
}

static void
poll_call_readable (FerrydSocketPoll *self)
{
  struct epoll_event events[EVENTS_A_TURN];
  int n_events = epoll_wait (self->epoll, events, EVENTS_A_TURN, 0);

  for (int i = 0; i < n_events; i++)
    {
      FerrydSocketWatch *watch = events[i].data.ptr;

      /* One that rests since this list was made is left alone. */
      if (watch->fd != -1)
        watch_call (watch);
    }
}

static gboolean
poll_source_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return ((PollSource *) source)->poll->soon.length > 0;
}

static gboolean
poll_source_check (GSource *source)
{
  PollSource *self = (PollSource *) source;

  return self->poll->soon.length > 0 || g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
poll_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  PollSource *self = (PollSource *) source;
  FerrydSocketPoll *poll = self->poll;

  poll->turn++;
  poll->dispatching = TRUE;
  poll_call_soon (poll);
  if (g_source_query_unix_fd (source, self->tag) != 0)
    poll_call_readable (poll);
  poll->dispatching = FALSE;
  g_slist_free_full (g_steal_pointer (&poll->dead), g_free);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs poll_source_funcs = {
  .prepare = poll_source_prepare,
  .check = poll_source_check,
  .dispatch = poll_source_dispatch,
};

/**
 * ferryd_socket_poll_new:
 * @context: the main context of the thread it is used in
 * @priority: of its calls in that context
 *
 * Returns: (transfer full): a poll without watches
 */
FerrydSocketPoll *
ferryd_socket_poll_new (GMainContext *context, int priority)
{
  FerrydSocketPoll *self = g_new0 (FerrydSocketPoll, 1);
  PollSource *source;

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll == -1)
    g_error ("Cannot create an epoll descriptor: %s", g_strerror (errno));
  g_queue_init (&self->soon);
  self->source = g_source_new (&poll_source_funcs, sizeof (PollSource));
  source = (PollSource *) self->source;
  source->poll = self;
  source->tag = g_source_add_unix_fd (self->source, self->epoll, G_IO_IN);
  g_source_set_priority (self->source, priority);
  g_source_set_static_name (self->source, "ferryd sockets");
  g_source_attach (self->source, context);
  return self;
}

/**
 * ferryd_socket_poll_free:
 * @self: a poll without watches, not from inside one of its calls
 *
 * Frees it.
 */
void
ferryd_socket_poll_free (FerrydSocketPoll *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->epoll);
  g_free (self);
}

/**
 * ferryd_socket_poll_add:
 * @self: a poll
 * @func: called when the socket waited for can be read, and soon after ferryd_socket_watch_soon()
 * @user_data: for @func
 *
 * Returns: (transfer full): a watch that waits for nothing yet; freed with ferryd_socket_watch_free()
 */
FerrydSocketWatch *
ferryd_socket_poll_add (FerrydSocketPoll *self, FerrydSocketFunc func, gpointer user_data)
{
  FerrydSocketWatch *watch = g_new0 (FerrydSocketWatch, 1);

  watch->poll = self;
  watch->func = func;
  watch->user_data = user_data;
  watch->fd = -1;
  watch->link.data = watch;
  watch->turn = self->turn;
  return watch;
}

/**
 * ferryd_socket_watch_wait:
 * @watch: a watch
 * @fd: a socket that stays open until the watch rests or is freed
 *
 * From now on calls the watch whenever @fd can be read or has come to its end, level-triggered.
 *
 * Returns: whether @fd can be waited for
 */
gboolean
ferryd_socket_watch_wait (FerrydSocketWatch *watch, int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

  if (watch->fd == fd)
    return TRUE;
  ferryd_socket_watch_rest (watch);
  if (epoll_ctl (watch->poll->epoll, EPOLL_CTL_ADD, fd, &event) == -1)
    return FALSE;
  watch->fd = fd;
  return TRUE;
}

/**
 * ferryd_socket_watch_soon:
 * @watch: a watch
 *
 * Calls it in the next turn of the main context, whether its socket can be read or not.
 */
void
ferryd_socket_watch_soon (FerrydSocketWatch *watch)
{
  if (watch->is_soon)
    return;
  watch->is_soon = TRUE;
  g_queue_push_tail_link (&watch->poll->soon, &watch->link);
  if (!watch->poll->dispatching)
    g_main_context_wakeup (g_source_get_context (watch->poll->source));
}

/**
 * ferryd_socket_watch_rest:
 * @watch: a watch
 *
 * Takes back what it was told to wait for.
 */
void
ferryd_socket_watch_rest (FerrydSocketWatch *watch)
{
  if (watch->is_soon)
    g_queue_unlink (&watch->poll->soon, &watch->link);
  watch->is_soon = FALSE;
  if (watch->fd != -1)
    epoll_ctl (watch->poll->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
  watch->fd = -1;
}

/**
 * ferryd_socket_watch_free:
 * @watch: (nullable) (transfer full): a watch
 *
 * Frees it; it is not called any more.
 */
void
ferryd_socket_watch_free (FerrydSocketWatch *watch)
{
  if (watch == NULL)
    return;
  ferryd_socket_watch_rest (watch);
  watch->func = NULL;
  if (watch->poll->dispatching)
    watch->poll->dead = g_slist_prepend (watch->poll->dead, watch);
  else
    g_free (watch);
}
