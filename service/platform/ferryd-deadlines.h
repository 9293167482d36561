/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydDeadlines:
 *
 * Any number of deadlines behind one timer source of a main context. Moving a deadline back, which every
 * piece of a body does, costs two writes: the timer is set again only when it rings. Used in one thread only.
 */
typedef struct _FerrydDeadlines FerrydDeadlines;

/* May set, clear and free any deadline, its own too. */
typedef void (*FerrydDeadlineFunc) (gpointer user_data);

/**
 * FerrydDeadline:
 *
 * One deadline; a member of the struct it belongs to. Cleared before that is freed. Its fields belong to
 * FerrydDeadlines.
 */
typedef struct
{
  FerrydDeadlines *deadlines; /* (unowned) */
  FerrydDeadlineFunc func;
  gpointer user_data; /* (unowned) */
  gint64 at;          /* monotonic microseconds */
  GQueue *queue;      /* (unowned) (nullable): where @link is, NULL when the deadline is not set */
  GList link;
} FerrydDeadline;

FerrydDeadlines *ferryd_deadlines_new (GMainContext *context);
void ferryd_deadlines_free (FerrydDeadlines *self);

void ferryd_deadline_init (FerrydDeadline *deadline, FerrydDeadlines *deadlines, FerrydDeadlineFunc func,
                           gpointer user_data);
void ferryd_deadline_set (FerrydDeadline *deadline, gint64 milliseconds);
void ferryd_deadline_clear (FerrydDeadline *deadline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDeadlines, ferryd_deadlines_free)

G_END_DECLS
