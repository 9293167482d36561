/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-deadlines.h"

struct _FerrydDeadlines
{
  GSource *source; /* (owned): rings at or before the earliest deadline */
  GQueue pending;  /* (element-type FerrydDeadline) (unowned) */
  GQueue expired;  /* (element-type FerrydDeadline) (unowned): about to be called */
};

typedef struct
{
  GSource source;
  FerrydDeadlines *deadlines; /* (unowned) */
} DeadlineSource;

static void
collect_expired (FerrydDeadlines *self, gint64 now)
{
  GList *next;

  for (GList *l = self->pending.head; l != NULL; l = next)
    {
      FerrydDeadline *deadline = l->data;

      next = l->next;
      if (deadline->at > now)
        continue;
      g_queue_unlink (&self->pending, l);
      g_queue_push_tail_link (&self->expired, l);
      deadline->queue = &self->expired;
    }
}

static void
set_timer (FerrydDeadlines *self)
{
  gint64 earliest = -1;

  for (GList *l = self->pending.head; l != NULL; l = l->next)
    {
      FerrydDeadline *deadline = l->data;

      if (earliest == -1 || deadline->at < earliest)
        earliest = deadline->at;
    }
  g_source_set_ready_time (self->source, earliest);
}

static gboolean
deadline_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FerrydDeadlines *self = ((DeadlineSource *) source)->deadlines;

  /* Before the calls: what they set may have to ring earlier. */
  collect_expired (self, g_source_get_time (source));
  set_timer (self);
  while (self->expired.head != NULL)
    {
      FerrydDeadline *deadline = self->expired.head->data;

      ferryd_deadline_clear (deadline);
      deadline->func (deadline->user_data);
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs deadline_source_funcs = {
  .dispatch = deadline_source_dispatch,
};

/**
 * ferryd_deadlines_new:
 * @context: the main context of the thread it is used in
 *
 * Returns: (transfer full): deadlines, none set
 */
FerrydDeadlines *
ferryd_deadlines_new (GMainContext *context)
{
  FerrydDeadlines *self = g_new0 (FerrydDeadlines, 1);

  g_queue_init (&self->pending);
  g_queue_init (&self->expired);
  self->source = g_source_new (&deadline_source_funcs, sizeof (DeadlineSource));
  ((DeadlineSource *) self->source)->deadlines = self;
  g_source_set_static_name (self->source, "ferryd deadlines");
  g_source_attach (self->source, context);
  return self;
}

/**
 * ferryd_deadlines_free:
 * @self: deadlines, none set, not from inside one of its calls
 *
 * Frees it.
 */
void
ferryd_deadlines_free (FerrydDeadlines *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}

/**
 * ferryd_deadline_init:
 * @deadline: (out caller-allocates): memory for a deadline
 * @deadlines: where it belongs
 * @func: called when it has passed
 * @user_data: for @func
 *
 * Prepares a deadline that is not set.
 */
void
ferryd_deadline_init (FerrydDeadline *deadline, FerrydDeadlines *deadlines, FerrydDeadlineFunc func,
                      gpointer user_data)
{
  *deadline = (FerrydDeadline){ .deadlines = deadlines, .func = func, .user_data = user_data };
  deadline->link.data = deadline;
}

/**
 * ferryd_deadline_set:
 * @deadline: a deadline
 * @milliseconds: from now
 *
 * Sets it, or moves it.
 */
void
ferryd_deadline_set (FerrydDeadline *deadline, gint64 milliseconds)
{
  FerrydDeadlines *self = deadline->deadlines;
  gint64 rings = g_source_get_ready_time (self->source);

  deadline->at = g_get_monotonic_time () + milliseconds * 1000;
  if (deadline->queue == &self->expired)
    ferryd_deadline_clear (deadline);
  if (deadline->queue == NULL)
    {
      deadline->queue = &self->pending;
      g_queue_push_tail_link (&self->pending, &deadline->link);
    }
  if (rings == -1 || deadline->at < rings)
    g_source_set_ready_time (self->source, deadline->at);
}

/**
 * ferryd_deadline_clear:
 * @deadline: a deadline
 *
 * Takes it back. The timer may ring for nothing, but not when nothing is left to wait for.
 */
void
ferryd_deadline_clear (FerrydDeadline *deadline)
{
  if (deadline->queue == NULL)
    return;
  g_queue_unlink (deadline->queue, &deadline->link);
  deadline->queue = NULL;
  if (deadline->deadlines->pending.length == 0)
    g_source_set_ready_time (deadline->deadlines->source, -1);
}
