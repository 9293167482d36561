/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-clock.h"

/* Where the clocks begin, microseconds: neither 0 nor one in terms of the other, so that who takes one for
 * the other is found out. */
#define FIRST_NOW (G_GINT64_CONSTANT (1700000000) * G_TIME_SPAN_SECOND)
#define FIRST_ELAPSED (1000 * G_TIME_SPAN_SECOND)

/**
 * Alarm:
 * @id: greater than 0
 * @at: microseconds of the clock's elapsed
 * @user_data: for @func
 */
typedef struct
{
  guint id;
  gint64 at;
  FerrydAlarmFunc func;
  gpointer user_data;
} Alarm;

struct _FerrydFakeClock
{
  GObject parent_instance;

  gint64 now;     /* Unix microseconds */
  gint64 elapsed; /* microseconds */
  GList *alarms;  /* (owned) (element-type Alarm): earliest first */
  guint last_id;  /* that an alarm was given */
  guint idle;     /* source that rings what was due when it was added, 0 for none */
};

static void ferryd_fake_clock_clock_init (FerrydClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeClock, ferryd_fake_clock, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_CLOCK, ferryd_fake_clock_clock_init))

static int
compare_alarms (gconstpointer a, gconstpointer b)
{
  const Alarm *first = a, *second = b;

  if (first->at != second->at)
    return first->at < second->at ? -1 : 1;
  return first->id < second->id ? -1 : 1;
}

/* Rings the earliest alarm up to @until, at its own time. */
static gboolean
ring_one (FerrydFakeClock *self, gint64 until)
{
  Alarm *alarm = self->alarms != NULL ? self->alarms->data : NULL;

  if (alarm == NULL || alarm->at > until)
    return FALSE;
  if (alarm->at > self->elapsed)
    {
      self->now += alarm->at - self->elapsed;
      self->elapsed = alarm->at;
    }
  self->alarms = g_list_delete_link (self->alarms, self->alarms);
  alarm->func (alarm->user_data);
  g_free (alarm);
  return TRUE;
}

static gboolean
on_idle (gpointer user_data)
{
  FerrydFakeClock *self = user_data;

  if (ring_one (self, self->elapsed))
    return G_SOURCE_CONTINUE;
  self->idle = 0;
  return G_SOURCE_REMOVE;
}

static gint64
ferryd_fake_clock_now (FerrydClock *clock)
{
  return FERRYD_FAKE_CLOCK (clock)->now;
}

static gint64
ferryd_fake_clock_elapsed (FerrydClock *clock)
{
  return FERRYD_FAKE_CLOCK (clock)->elapsed;
}

static guint
ferryd_fake_clock_add_alarm (FerrydClock *clock, gint64 at, FerrydAlarmFunc func, gpointer user_data)
{
  FerrydFakeClock *self = FERRYD_FAKE_CLOCK (clock);
  Alarm *alarm = g_new (Alarm, 1);

  *alarm = (Alarm){ .id = ++self->last_id, .at = at, .func = func, .user_data = user_data };
  self->alarms = g_list_insert_sorted (self->alarms, alarm, compare_alarms);
  if (at <= self->elapsed && self->idle == 0)
    self->idle = g_idle_add (on_idle, self);
  return alarm->id;
}

static void
ferryd_fake_clock_remove_alarm (FerrydClock *clock, guint id)
{
  FerrydFakeClock *self = FERRYD_FAKE_CLOCK (clock);

  for (GList *link = self->alarms; link != NULL; link = link->next)
    {
      if (((Alarm *) link->data)->id != id)
        continue;
      g_free (link->data);
      self->alarms = g_list_delete_link (self->alarms, link);
      return;
    }
  /* Who removes an alarm that has rung keeps ids it should have forgotten, and hits another's one day. */
  g_error ("Alarm %u is not there", id);
}

static void
ferryd_fake_clock_finalize (GObject *object)
{
  FerrydFakeClock *self = FERRYD_FAKE_CLOCK (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_list_free_full (self->alarms, g_free);
  G_OBJECT_CLASS (ferryd_fake_clock_parent_class)->finalize (object);
}

static void
ferryd_fake_clock_class_init (FerrydFakeClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_clock_finalize;
}

static void
ferryd_fake_clock_init (FerrydFakeClock *self)
{
  self->now = FIRST_NOW;
  self->elapsed = FIRST_ELAPSED;
}

static void
ferryd_fake_clock_clock_init (FerrydClockInterface *iface)
{
  iface->now = ferryd_fake_clock_now;
  iface->elapsed = ferryd_fake_clock_elapsed;
  iface->add_alarm = ferryd_fake_clock_add_alarm;
  iface->remove_alarm = ferryd_fake_clock_remove_alarm;
}

/**
 * ferryd_fake_clock_new:
 *
 * Returns: (transfer full): a clock that stands still
 */
FerrydFakeClock *
ferryd_fake_clock_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_CLOCK, NULL);
}

/**
 * ferryd_fake_clock_advance:
 * @self: a clock
 * @by: microseconds
 *
 * Lets time go on and rings every alarm on the way, each at its own time and in order, also those that an
 * alarm adds.
 */
void
ferryd_fake_clock_advance (FerrydFakeClock *self, gint64 by)
{
  gint64 until = self->elapsed + by;

  while (ring_one (self, until))
    ;
  self->now += until - self->elapsed;
  self->elapsed = until;
}

/**
 * ferryd_fake_clock_jump:
 * @self: a clock
 * @by: microseconds, may be negative
 *
 * Somebody sets the wall clock; no time goes by.
 */
void
ferryd_fake_clock_jump (FerrydFakeClock *self, gint64 by)
{
  self->now += by;
  g_signal_emit_by_name (self, "jumped");
}

/**
 * ferryd_fake_clock_count_alarms:
 * @self: a clock
 *
 * Returns: how many alarms have not rung
 */
guint
ferryd_fake_clock_count_alarms (FerrydFakeClock *self)
{
  return g_list_length (self->alarms);
}

/**
 * ferryd_fake_clock_next_alarm:
 * @self: a clock
 *
 * Returns: microseconds until the earliest alarm, -1 where there is none
 */
gint64
ferryd_fake_clock_next_alarm (FerrydFakeClock *self)
{
  if (self->alarms == NULL)
    return -1;
  return MAX (((Alarm *) self->alarms->data)->at - self->elapsed, 0);
}
