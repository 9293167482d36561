/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-clock-system.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/**
 * Alarm:
 * @id: greater than 0
 * @at: microseconds of CLOCK_BOOTTIME
 * @user_data: for @func
 */
typedef struct
{
  guint id;
  gint64 at;
  FerrydAlarmFunc func;
  gpointer user_data;
} Alarm;

struct _FerrydClockSystem
{
  GObject parent_instance;

  int timer; /* (owned): timerfd of CLOCK_BOOTTIME, set to the earliest alarm, disarmed without one; -1 for
                none */
  GSource *source;      /* (owned) (nullable): waits for @timer in the engine's context */
  int wall;             /* (owned): timerfd of CLOCK_REALTIME that tells when that is set; -1 for none */
  GSource *wall_source; /* (owned) (nullable): waits for @wall */
  GSequence *alarms;    /* (owned) (element-type Alarm): earliest first */
  GHashTable *by_id;    /* (owned) (element-type guint GSequenceIter): where in @alarms each is */
  guint last_id;        /* that an alarm was given */
};

static void ferryd_clock_system_clock_init (FerrydClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydClockSystem, ferryd_clock_system, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_CLOCK, ferryd_clock_system_clock_init))

static int
compare_alarms (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Alarm *first = a, *second = b;

  /* Equal ones stay in the order they were added: GSequence inserts behind its equals. */
  return (first->at > second->at) - (first->at < second->at);
}

static gint64
ferryd_clock_system_now (FerrydClock *clock)
{
  return g_get_real_time ();
}

static gint64
ferryd_clock_system_elapsed (FerrydClock *clock)
{
  struct timespec time;

  clock_gettime (CLOCK_BOOTTIME, &time);
  return (gint64) time.tv_sec * G_TIME_SPAN_SECOND + time.tv_nsec / 1000;
}

/* Sets the timer to the earliest alarm. */
static void
set_timer (FerrydClockSystem *self)
{
  struct itimerspec when = { { 0 } };

  if (!g_sequence_is_empty (self->alarms))
    {
      const Alarm *first = g_sequence_get (g_sequence_get_begin_iter (self->alarms));
      gint64 at = MAX (first->at, 1); /* 0 would disarm it */

      when.it_value.tv_sec = at / G_TIME_SPAN_SECOND;
      when.it_value.tv_nsec = at % G_TIME_SPAN_SECOND * 1000;
    }
  if (timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &when, NULL) != 0)
    g_warning ("Cannot set a timer: %s", g_strerror (errno));
}

static guint
ferryd_clock_system_add_alarm (FerrydClock *clock, gint64 at, FerrydAlarmFunc func, gpointer user_data)
{
  FerrydClockSystem *self = FERRYD_CLOCK_SYSTEM (clock);
  Alarm *alarm = g_new (Alarm, 1);
  GSequenceIter *iter;

  do
    self->last_id++;
  while (self->last_id == 0 || g_hash_table_contains (self->by_id, GUINT_TO_POINTER (self->last_id)));

  *alarm = (Alarm){ .id = self->last_id, .at = at, .func = func, .user_data = user_data };
  iter = g_sequence_insert_sorted (self->alarms, alarm, compare_alarms, NULL);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (alarm->id), iter);
  if (g_sequence_iter_is_begin (iter))
    set_timer (self);
  return alarm->id;
}

static void
ferryd_clock_system_remove_alarm (FerrydClock *clock, guint id)
{
  FerrydClockSystem *self = FERRYD_CLOCK_SYSTEM (clock);
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));
  gboolean was_first;

  if (iter == NULL)
    return;
  was_first = g_sequence_iter_is_begin (iter);
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  g_sequence_remove (iter);
  if (was_first)
    set_timer (self);
}

/* One alarm at a time: the loop comes back at once while others are due, and an alarm that adds another that
 * is due cannot keep the loop from its other sources. */
static gboolean
on_timer (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (FerrydClockSystem) self = g_object_ref (FERRYD_CLOCK_SYSTEM (user_data));
  guint64 expirations;
  GSequenceIter *first;
  Alarm alarm;

  /* Without it the timer stays ready; that it has nothing to read only means that it was set anew meanwhile.
   */
  if (read (fd, &expirations, sizeof expirations) < 0 && errno != EAGAIN && errno != EINTR)
    g_warning ("Cannot read a timer: %s", g_strerror (errno));

  first = g_sequence_get_begin_iter (self->alarms);
  if (g_sequence_iter_is_end (first))
    return G_SOURCE_CONTINUE;
  alarm = *(Alarm *) g_sequence_get (first);
  if (alarm.at <= ferryd_clock_system_elapsed (FERRYD_CLOCK (self)))
    {
      ferryd_clock_system_remove_alarm (FERRYD_CLOCK (self), alarm.id);
      alarm.func (alarm.user_data);
    }
  return G_SOURCE_CONTINUE;
}

/* Seconds since 1970: centuries away, and within what the kernel takes. */
#define FAR_FUTURE ((time_t) 1 << 33)

/* A timer that never rings is canceled when the clock is set (timerfd_create(2)). */
static void
watch_wall (FerrydClockSystem *self)
{
  const struct itimerspec never = { .it_value.tv_sec = FAR_FUTURE };

  if (timerfd_settime (self->wall, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0)
    g_warning ("Cannot watch the clock: %s", g_strerror (errno));
}

static gboolean
on_wall (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (FerrydClockSystem) self = g_object_ref (FERRYD_CLOCK_SYSTEM (user_data));
  guint64 expirations;

  if (read (fd, &expirations, sizeof expirations) >= 0 || errno != ECANCELED)
    return G_SOURCE_CONTINUE;
  watch_wall (self);
  g_signal_emit_by_name (self, "jumped");
  return G_SOURCE_CONTINUE;
}

static void
ferryd_clock_system_finalize (GObject *object)
{
  FerrydClockSystem *self = FERRYD_CLOCK_SYSTEM (object);

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->timer >= 0)
    close (self->timer);
  if (self->wall_source != NULL)
    g_source_destroy (self->wall_source);
  g_clear_pointer (&self->wall_source, g_source_unref);
  if (self->wall >= 0)
    close (self->wall);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->alarms, g_sequence_free);
  G_OBJECT_CLASS (ferryd_clock_system_parent_class)->finalize (object);
}

static void
ferryd_clock_system_class_init (FerrydClockSystemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_clock_system_finalize;
}

static void
ferryd_clock_system_init (FerrydClockSystem *self)
{
  self->timer = -1;
  self->wall = -1;
  self->alarms = g_sequence_new (g_free);
  self->by_id = g_hash_table_new (NULL, NULL);
}

static void
ferryd_clock_system_clock_init (FerrydClockInterface *iface)
{
  iface->now = ferryd_clock_system_now;
  iface->elapsed = ferryd_clock_system_elapsed;
  iface->add_alarm = ferryd_clock_system_add_alarm;
  iface->remove_alarm = ferryd_clock_system_remove_alarm;
}

/**
 * ferryd_clock_system_new:
 * @error: the kernel has no timer to give
 *
 * Returns: (transfer full) (nullable): a clock whose alarms ring in the thread-default main context of the
 * caller
 */
FerrydClock *
ferryd_clock_system_new (GError **error)
{
  g_autoptr (FerrydClockSystem) self = g_object_new (FERRYD_TYPE_CLOCK_SYSTEM, NULL);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  self->wall = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->timer < 0 || self->wall < 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "Cannot make a timer: %s",
                   g_strerror (saved_errno));
      return NULL;
    }
  self->source = g_unix_fd_source_new (self->timer, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_timer), self, NULL);
  g_source_attach (self->source, context);
  watch_wall (self);
  self->wall_source = g_unix_fd_source_new (self->wall, G_IO_IN);
  g_source_set_callback (self->wall_source, G_SOURCE_FUNC (on_wall), self, NULL);
  g_source_attach (self->wall_source, context);
  return FERRYD_CLOCK (g_steal_pointer (&self));
}
