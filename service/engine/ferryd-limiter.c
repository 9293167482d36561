/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-limiter.h"

#include "ferryd-bucket.h"

/* Microseconds between two distributions: what many wait for is given out together. */
#define MIN_WAIT (10 * G_TIME_SPAN_MILLISECOND)

struct _FerrydLimiter
{
  FerrydLimiterTime get_time;
  GSource *source; /* (owned): rings when something can be given out */
  gint64 due;      /* when it does, -1 for never */
  FerrydBucket bucket;
  GQueue shares; /* (element-type FerrydLimiterShare): those with a tap; links are the shares' */
  GQueue
      waiting; /* (element-type FerrydLimiterShare): those with a tap that waits, whose turn is next first */
};

struct _FerrydLimiterShare
{
  FerrydLimiter *limiter; /* (unowned): outlives it */
  FerrydBucket bucket;
  GList link;         /* in the limiter's shares */
  GList waiting_link; /* in the limiter's waiting */
  GQueue taps;        /* (element-type FerrydLimiterTap): links are the taps' */
  GQueue waiting;     /* (element-type FerrydLimiterTap): whose turn is next first */
};

struct _FerrydLimiterTap
{
  FerrydLimiterShare *share; /* (unowned): outlives it */
  FerrydLimiterFunc func;
  gpointer user_data; /* (unowned) */
  GList link;         /* in the share's taps */
  GList waiting_link; /* in the share's waiting */
  gboolean waits;     /* it was told 0 */
  guint64 granted;    /* bytes that it may move, taken out of the buckets already */
};

static gboolean
on_time (gpointer user_data)
{
  FerrydLimiter *self = user_data;

  ferryd_limiter_distribute (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

/**
 * ferryd_limiter_new:
 * @context: (nullable): the main context of the I/O thread, the only one it is used in afterwards
 * @get_time: g_get_monotonic_time(), which the context's sources go by; a test may have another, and
 * distributes itself
 *
 * Returns: (transfer full): a limiter without limit
 */
FerrydLimiter *
ferryd_limiter_new (GMainContext *context, FerrydLimiterTime get_time)
{
  FerrydLimiter *self = g_new0 (FerrydLimiter, 1);

  self->get_time = get_time;
  self->due = -1;
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "ferryd-limiter");
  g_source_set_callback (self->source, on_time, self, NULL);
  g_source_attach (self->source, context);
  return self;
}

/**
 * ferryd_limiter_free:
 * @self: (transfer full): a limiter without taps
 */
void
ferryd_limiter_free (FerrydLimiter *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}

static gboolean
is_limited (const FerrydLimiterShare *share)
{
  return share->bucket.rate != 0 || share->limiter->bucket.rate != 0;
}

/* Whether there is no other who might want of the same. Who asks first is not to have more than the others.
 */
static gboolean
is_alone (const FerrydLimiterShare *share)
{
  return share->taps.length == 1 && (share->limiter->bucket.rate == 0 || share->limiter->shares.length == 1);
}

/* What the share's next tap gets; @more shares and taps compete beside those that wait. */
static guint64
get_portion (const FerrydLimiterShare *share, guint more)
{
  return MIN (
      ferryd_bucket_get_portion (&share->bucket, MAX (share->waiting.length + more, 1)),
      ferryd_bucket_get_portion (&share->limiter->bucket, MAX (share->limiter->waiting.length + more, 1)));
}

static void
fill (FerrydLimiterShare *share, gint64 now)
{
  ferryd_bucket_fill (&share->bucket, now);
  ferryd_bucket_fill (&share->limiter->bucket, now);
}

static gboolean
grant (FerrydLimiterTap *tap, guint64 portion)
{
  FerrydLimiterShare *share = tap->share;

  if (!ferryd_bucket_has (&share->bucket, portion) || !ferryd_bucket_has (&share->limiter->bucket, portion))
    return FALSE;
  ferryd_bucket_take (&share->bucket, portion);
  ferryd_bucket_take (&share->limiter->bucket, portion);
  tap->granted = portion;
  return TRUE;
}

static void
take_back (FerrydLimiterTap *tap)
{
  ferryd_bucket_give_back (&tap->share->bucket, tap->granted);
  ferryd_bucket_give_back (&tap->share->limiter->bucket, tap->granted);
  tap->granted = 0;
}

static void
stop_waiting (FerrydLimiterTap *tap)
{
  FerrydLimiterShare *share = tap->share;

  if (!tap->waits)
    return;
  tap->waits = FALSE;
  g_queue_unlink (&share->waiting, &tap->waiting_link);
  if (share->waiting.length == 0)
    g_queue_unlink (&share->limiter->waiting, &share->waiting_link);
}

static void
start_waiting (FerrydLimiterTap *tap)
{
  FerrydLimiterShare *share = tap->share;

  tap->waits = TRUE;
  if (share->waiting.length == 0)
    g_queue_push_tail_link (&share->limiter->waiting, &share->waiting_link);
  g_queue_push_tail_link (&share->waiting, &tap->waiting_link);
}

/* Microseconds until there is enough for somebody who waits, -1 when nobody does. */
static gint64
find_wait (FerrydLimiter *self, gint64 now)
{
  gint64 soonest = -1;

  for (GList *l = self->waiting.head; l != NULL; l = l->next)
    {
      FerrydLimiterShare *share = l->data;
      guint64 portion = get_portion (share, 0);
      gint64 wait;

      fill (share, now);
      wait = MAX (ferryd_bucket_get_wait (&share->bucket, portion),
                  ferryd_bucket_get_wait (&self->bucket, portion));
      soonest = soonest < 0 ? wait : MIN (soonest, wait);
    }
  return soonest;
}

static void
set_due (FerrydLimiter *self, gint64 due)
{
  self->due = due;
  g_source_set_ready_time (self->source, due);
}

/* One turn of each share that waits. Whose own limit does not allow more yet keeps its place; whose turn it
 * is otherwise gets its portion before those behind it. Returns whether anybody got something. */
static gboolean
go_round (FerrydLimiter *self, gint64 now)
{
  GList *next = self->waiting.head;
  gboolean granted = FALSE;

  for (guint n = self->waiting.length; n > 0; n--)
    {
      FerrydLimiterShare *share = next->data;
      FerrydLimiterTap *tap = g_queue_peek_head (&share->waiting);
      guint64 portion = get_portion (share, 0);

      next = next->next;
      fill (share, now);
      if (!ferryd_bucket_has (&share->bucket, portion))
        continue;
      if (!grant (tap, portion))
        break;
      granted = TRUE;
      g_queue_unlink (&self->waiting, &share->waiting_link);
      g_queue_push_tail_link (&self->waiting, &share->waiting_link);
      stop_waiting (tap);
      tap->func (tap->user_data);
    }
  return granted;
}

/**
 * ferryd_limiter_distribute:
 * @self: a limiter
 *
 * Gives out what there is to those that wait. Happens by itself when it is due.
 */
void
ferryd_limiter_distribute (FerrydLimiter *self)
{
  gint64 now = self->get_time ();
  gint64 wait;

  while (go_round (self, now))
    ;
  wait = find_wait (self, now);
  set_due (self, wait >= 0 ? now + MAX (wait, MIN_WAIT) : -1);
}

/**
 * ferryd_limiter_get_due:
 * @self: a limiter
 *
 * Returns: when there is something to distribute, in microseconds of its time; -1 while nobody waits
 */
gint64
ferryd_limiter_get_due (FerrydLimiter *self)
{
  return self->due;
}

/* After a limit has changed: what was given out at the old one is taken back, and who is no longer limited
 * waits no longer. */
static void
begin_anew (FerrydLimiterShare *share)
{
  for (GList *l = share->taps.head; l != NULL; l = l->next)
    {
      FerrydLimiterTap *tap = l->data;

      take_back (tap);
      if (is_limited (share) || !tap->waits)
        continue;
      stop_waiting (tap);
      tap->func (tap->user_data);
    }
}

/**
 * ferryd_limiter_set_rate:
 * @self: a limiter
 * @rate: bytes a second of all together, 0 for no limit
 */
void
ferryd_limiter_set_rate (FerrydLimiter *self, guint64 rate)
{
  if (rate == self->bucket.rate)
    return;
  ferryd_bucket_set_rate (&self->bucket, rate, self->get_time ());
  for (GList *l = self->shares.head; l != NULL; l = l->next)
    begin_anew (l->data);
  ferryd_limiter_distribute (self);
}

/**
 * ferryd_limiter_share_new:
 * @self: a limiter
 *
 * Returns: (transfer full): a share without a limit of its own
 */
FerrydLimiterShare *
ferryd_limiter_share_new (FerrydLimiter *self)
{
  FerrydLimiterShare *share = g_new0 (FerrydLimiterShare, 1);

  share->limiter = self;
  share->link.data = share;
  share->waiting_link.data = share;
  return share;
}

/**
 * ferryd_limiter_share_free:
 * @share: (transfer full): a share without taps
 */
void
ferryd_limiter_share_free (FerrydLimiterShare *share)
{
  g_free (share);
}

/**
 * ferryd_limiter_share_set_rate:
 * @share: a share
 * @rate: bytes a second of its own, 0 for no limit
 */
void
ferryd_limiter_share_set_rate (FerrydLimiterShare *share, guint64 rate)
{
  if (rate == share->bucket.rate)
    return;
  ferryd_bucket_set_rate (&share->bucket, rate, share->limiter->get_time ());
  begin_anew (share);
  ferryd_limiter_distribute (share->limiter);
}

/**
 * ferryd_limiter_tap_new:
 * @share: whose it is
 * @func: called when it may ask again after it was told 0
 * @user_data: for @func
 *
 * Returns: (transfer full): a tap
 */
FerrydLimiterTap *
ferryd_limiter_tap_new (FerrydLimiterShare *share, FerrydLimiterFunc func, gpointer user_data)
{
  FerrydLimiterTap *tap = g_new0 (FerrydLimiterTap, 1);

  tap->share = share;
  tap->func = func;
  tap->user_data = user_data;
  tap->link.data = tap;
  tap->waiting_link.data = tap;
  if (share->taps.length == 0)
    g_queue_push_tail_link (&share->limiter->shares, &share->link);
  g_queue_push_tail_link (&share->taps, &tap->link);
  return tap;
}

/**
 * ferryd_limiter_tap_free:
 * @tap: (transfer full): a tap
 */
void
ferryd_limiter_tap_free (FerrydLimiterTap *tap)
{
  FerrydLimiterShare *share = tap->share;

  take_back (tap);
  stop_waiting (tap);
  g_queue_unlink (&share->taps, &tap->link);
  if (share->taps.length == 0)
    g_queue_unlink (&share->limiter->shares, &share->link);
  g_free (tap);
}

/**
 * ferryd_limiter_tap_get_room:
 * @tap: a tap
 *
 * Returns: bytes that may be moved now, G_MAXSIZE for any number; after 0 the tap's function says when to ask
 * again
 */
gsize
ferryd_limiter_tap_get_room (FerrydLimiterTap *tap)
{
  FerrydLimiterShare *share = tap->share;
  FerrydLimiter *limiter = share->limiter;
  gint64 now, due;

  if (!is_limited (share))
    return G_MAXSIZE;
  if (tap->granted > 0 || tap->waits)
    return (gsize) tap->granted;
  now = limiter->get_time ();
  fill (share, now);
  if (is_alone (share) && grant (tap, get_portion (share, 1)))
    return (gsize) tap->granted;
  start_waiting (tap);
  due = now + MAX (find_wait (limiter, now), MIN_WAIT);
  if (limiter->due < 0 || due < limiter->due)
    set_due (limiter, due);
  return 0;
}

/**
 * ferryd_limiter_tap_spend:
 * @tap: a tap
 * @bytes: how many it has moved
 */
void
ferryd_limiter_tap_spend (FerrydLimiterTap *tap, gsize bytes)
{
  tap->granted -= MIN (tap->granted, bytes);
}
