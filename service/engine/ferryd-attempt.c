/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-attempt-private.h"

/**
 * ferryd_transfer_spec_free:
 * @spec: (transfer full): a specification
 */
void
ferryd_transfer_spec_free (FerrydTransferSpec *spec)
{
  g_free (spec->application);
  g_clear_pointer (&spec->request, ferryd_request_unref);
  g_clear_pointer (&spec->record, ferryd_progress_record_free);
  g_free (spec->journal_directory);
  g_free (spec->body_directory);
  g_free (spec->spool_directory);
  g_clear_pointer (&spec->held, ferryd_descriptor_unref);
  g_free (spec);
}

/**
 * ferryd_transfer_spec_complete:
 * @spec: a specification
 * @request: (inout): what is special about a request of the attempt
 *
 * Adds what all of them have in common, borrowed from @spec: what was asked for, by whom, within which time.
 */
void
ferryd_transfer_spec_complete (const FerrydTransferSpec *spec, FerrydFetchRequest *request)
{
  request->application = spec->application;
  request->peers = spec->request->peers;
  request->method = spec->request->method;
  request->uri = spec->request->uri;
  request->origin = spec->request->uri;
  request->headers = spec->request->headers;
  request->connect_timeout = spec->connect_timeout;
  request->response_timeout = spec->response_timeout;
  request->stall_timeout = spec->stall_timeout;
}

/**
 * ferryd_attempt_ref:
 * @attempt: an attempt
 *
 * Returns: (transfer full): @attempt
 */
FerrydAttempt *
ferryd_attempt_ref (FerrydAttempt *attempt)
{
  g_atomic_ref_count_inc (&attempt->ref_count);
  return attempt;
}

/**
 * ferryd_attempt_release:
 * @attempt: (transfer full): an attempt
 */
void
ferryd_attempt_release (gpointer attempt)
{
  FerrydAttempt *self = attempt;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->share, ferryd_limiter_share_free);
  self->class->clear (self);
}

/* News. */

typedef struct
{
  FerrydAttempt *attempt;     /* (owned) */
  FerrydTransferEvent *event; /* (owned) */
} News;

static void
event_free (FerrydTransferEvent *event)
{
  g_clear_pointer (&event->record, ferryd_progress_record_free);
  g_clear_pointer (&event->response, g_variant_unref);
  g_clear_pointer (&event->failure, ferryd_failure_free);
  g_free (event->suggested_name);
  g_free (event->name);
  g_free (event);
}

static void
deliver (gpointer data)
{
  News *news = data;

  if (news->attempt->func != NULL)
    news->attempt->func (news->attempt, news->event, news->attempt->user_data);
  event_free (news->event);
  ferryd_attempt_release (news->attempt);
  g_free (news);
}

/**
 * ferryd_transfer_event_new:
 * @kind: what happened
 * @record: what there is now
 * @restarts: how often the attempt went back to byte 0 so far
 *
 * Returns: (transfer full): an event with a copy of the record as it is now
 */
FerrydTransferEvent *
ferryd_transfer_event_new (FerrydTransferEventKind kind, const FerrydProgressRecord *record, guint restarts)
{
  FerrydTransferEvent *event = g_new0 (FerrydTransferEvent, 1);

  event->kind = kind;
  event->record = ferryd_progress_record_copy (record);
  event->restarts = restarts;
  return event;
}

/**
 * ferryd_attempt_emit:
 * @attempt: an attempt
 * @event: (transfer full): what happened
 *
 * Tells the main thread.
 */
void
ferryd_attempt_emit (FerrydAttempt *attempt, FerrydTransferEvent *event)
{
  News *news = g_new (News, 1);

  *news = (News){ ferryd_attempt_ref (attempt), event };
  ferryd_io_thread_post_back (deliver, news);
}

/* Commands. */

static void
begin_in_io (gpointer data)
{
  FerrydAttempt *self = data;

  self->class->begin (self);
  ferryd_attempt_release (self);
}

/**
 * ferryd_attempt_begin:
 * @attempt: the first member of a new attempt
 * @class: what it does
 * @io: the I/O thread
 * @func: told what happens, in the main thread
 * @user_data: for @func
 *
 * The attempt belongs to the caller; it goes on when it is unreferenced, but nobody hears of it.
 */
void
ferryd_attempt_begin (FerrydAttempt *attempt, const FerrydAttemptClass *class, FerrydIoThread *io,
                      FerrydAttemptFunc func, gpointer user_data)
{
  attempt->class = class;
  g_atomic_ref_count_init (&attempt->ref_count);
  attempt->io = io;
  attempt->share = ferryd_limiter_share_new (ferryd_io_thread_get_limiter (io, class->direction));
  attempt->func = func;
  attempt->user_data = user_data;
  ferryd_io_thread_post (io, begin_in_io, ferryd_attempt_ref (attempt));
}

static void
proceed_in_io (gpointer data)
{
  FerrydAttempt *self = data;

  self->class->proceed (self);
  ferryd_attempt_release (self);
}

/**
 * ferryd_attempt_proceed:
 * @attempt: an attempt that sent an event whose record is durable now, for which it waits
 */
void
ferryd_attempt_proceed (FerrydAttempt *attempt)
{
  ferryd_io_thread_post (attempt->io, proceed_in_io, ferryd_attempt_ref (attempt));
}

typedef struct
{
  FerrydAttempt *attempt; /* (owned) */
  char *name;             /* (owned) */
  gboolean replace;
} Publication;

static void
publish_in_io (gpointer data)
{
  Publication *publication = data;
  FerrydAttempt *self = publication->attempt;

  self->class->publish (self, publication->name, publication->replace);
  ferryd_attempt_release (self);
  g_free (publication->name);
  g_free (publication);
}

/**
 * ferryd_attempt_publish:
 * @attempt: an attempt that sent FERRYD_TRANSFER_COMPLETE or OCCUPIED, and @name is durable now
 * @name: leaf name
 * @replace: whether what is there may be replaced
 */
void
ferryd_attempt_publish (FerrydAttempt *attempt, const char *name, gboolean replace)
{
  Publication *publication = g_new (Publication, 1);

  *publication = (Publication){ ferryd_attempt_ref (attempt), g_strdup (name), replace };
  ferryd_io_thread_post (attempt->io, publish_in_io, publication);
}

typedef struct
{
  FerrydAttempt *attempt; /* (owned) */
  guint64 max_speed;
} Speed;

static void
set_max_speed_in_io (gpointer data)
{
  g_autofree Speed *speed = data;

  ferryd_limiter_share_set_rate (speed->attempt->share, speed->max_speed);
  ferryd_attempt_release (speed->attempt);
}

/**
 * ferryd_attempt_set_max_speed:
 * @attempt: an attempt
 * @max_speed: bytes a second, 0 for no limit of its own
 *
 * Holds from now on.
 */
void
ferryd_attempt_set_max_speed (FerrydAttempt *attempt, guint64 max_speed)
{
  Speed *speed = g_new (Speed, 1);

  *speed = (Speed){ ferryd_attempt_ref (attempt), max_speed };
  ferryd_io_thread_post (attempt->io, set_max_speed_in_io, speed);
}

static void
stop_in_io (gpointer data)
{
  FerrydAttempt *self = data;

  self->class->stop (self);
  ferryd_attempt_release (self);
}

/**
 * ferryd_attempt_stop:
 * @attempt: an attempt
 *
 * Aborts the request; STOPPED comes when what was written is synced, or the event of another end if that was
 * quicker.
 */
void
ferryd_attempt_stop (FerrydAttempt *attempt)
{
  ferryd_io_thread_post (attempt->io, stop_in_io, ferryd_attempt_ref (attempt));
}

/**
 * ferryd_attempt_unref:
 * @attempt: (transfer full): an attempt
 *
 * Nothing is told any more.
 */
void
ferryd_attempt_unref (FerrydAttempt *attempt)
{
  attempt->func = NULL;
  ferryd_attempt_release (attempt);
}
