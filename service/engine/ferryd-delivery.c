/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-delivery.h"

/* In first backoff steps of a retry (setting `retry-delay`, 5 s): an application is started at most once in
 * so many (10 s), and called again after so many at first (1 min), then twice as many each time, up to so
 * many (1 h; contract). */
#define START_INTERVAL 2
#define FIRST_BACKOFF 12
#define LAST_BACKOFF 720

typedef struct
{
  FerrydId group;
  guint attempts;   /* calls that did not succeed */
  gint64 due;       /* microseconds of the clock's elapsed time */
  gboolean removed; /* nobody wants to know any more what comes of the call */
} Pending;

/**
 * Recipient:
 * @name: (owned): bus name
 * @pending: (element-type Pending) (owned elements): in the order in which they came
 * @current: (unowned) (nullable): of @pending, for which it is being called
 * @known: whether it runs is known
 * @running: it does
 * @may_start: when it may be started again, microseconds of the clock's elapsed time
 * @may_come: when it may be called again because it comes, likewise
 * @alarm: of the clock, 0 for none
 *
 * An application that has to be called.
 */
typedef struct
{
  FerrydDelivery *delivery;
  char *name;
  GQueue pending;
  Pending *current;
  gboolean known;
  gboolean running;
  gint64 may_start;
  gint64 may_come;
  guint alarm;
} Recipient;

struct _FerrydDelivery
{
  GObject parent_instance;

  FerrydClock *clock;       /* (owned) */
  FerrydSettings *settings; /* (owned) */
  GHashTable *recipients;   /* (owned) (element-type utf8 Recipient): by name */
  GHashTable *groups;       /* (owned) (element-type FerrydId Recipient): by group */
};

static guint due_signal;

G_DEFINE_FINAL_TYPE (FerrydDelivery, ferryd_delivery, G_TYPE_OBJECT)

static void
recipient_free (gpointer data)
{
  Recipient *recipient = data;

  ferryd_clock_clear_alarm (recipient->delivery->clock, &recipient->alarm);
  g_queue_clear_full (&recipient->pending, g_free);
  g_free (recipient->name);
  g_free (recipient);
}

static void
ferryd_delivery_dispose (GObject *object)
{
  FerrydDelivery *self = FERRYD_DELIVERY (object);

  g_clear_pointer (&self->groups, g_hash_table_unref);
  g_clear_pointer (&self->recipients, g_hash_table_unref);
  g_clear_object (&self->clock);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ferryd_delivery_parent_class)->dispose (object);
}

static void
ferryd_delivery_class_init (FerrydDeliveryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_delivery_dispose;
  due_signal = g_signal_new ("due", FERRYD_TYPE_DELIVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                             1, G_TYPE_POINTER);
}

static void
ferryd_delivery_init (FerrydDelivery *self)
{
  self->recipients = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, recipient_free);
  self->groups = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
}

/**
 * ferryd_delivery_new:
 * @clock: for every delay
 * @settings: what the delays are made of
 *
 * Returns: (transfer full): nobody to be called
 */
FerrydDelivery *
ferryd_delivery_new (FerrydClock *clock, FerrydSettings *settings)
{
  FerrydDelivery *self = g_object_new (FERRYD_TYPE_DELIVERY, NULL);

  self->clock = g_object_ref (clock);
  self->settings = g_object_ref (settings);
  return self;
}

/* Microseconds. */
static gint64
get_steps (FerrydDelivery *self, gint64 n)
{
  return n * ferryd_settings_get (self->settings)->retry_delay * 1000;
}

static gint64
get_backoff (FerrydDelivery *self, guint attempts)
{
  gint64 steps = FIRST_BACKOFF;

  while (--attempts > 0 && steps < LAST_BACKOFF)
    steps *= 2;
  return get_steps (self, MIN (steps, LAST_BACKOFF));
}

static Pending *
find_first (const Recipient *recipient)
{
  Pending *first = NULL;

  for (GList *l = recipient->pending.head; l != NULL; l = l->next)
    {
      Pending *pending = l->data;

      if (first == NULL || pending->due < first->due)
        first = pending;
    }
  return first;
}

static void
on_alarm (gpointer user_data)
{
  Recipient *recipient = user_data;
  FerrydDelivery *self = recipient->delivery;
  gint64 now = ferryd_clock_elapsed (self->clock);
  FerrydId group;

  recipient->alarm = 0;
  recipient->current = find_first (recipient);
  recipient->may_come = now + get_steps (self, START_INTERVAL);
  if (!recipient->running)
    recipient->may_start = recipient->may_come;
  group = recipient->current->group;
  g_signal_emit (self, due_signal, 0, &group);
}

/* Sees to it that the next call comes when its time has. */
static void
plan (Recipient *recipient)
{
  FerrydDelivery *self = recipient->delivery;
  const Pending *first = find_first (recipient);
  gint64 at;

  ferryd_clock_clear_alarm (self->clock, &recipient->alarm);
  if (recipient->current != NULL || !recipient->known || first == NULL)
    return;
  at = recipient->running ? first->due : MAX (first->due, recipient->may_start);
  recipient->alarm = ferryd_clock_add_alarm (self->clock, at, on_alarm, recipient);
}

/**
 * ferryd_delivery_add:
 * @self: a delivery
 * @group: a group that nobody has been called for, or not with success
 * @name: bus name of whom to call
 * @attempts: calls that did not succeed before
 * @delay: microseconds to wait at least
 *
 * Whether @name runs has to be told before it is called.
 */
void
ferryd_delivery_add (FerrydDelivery *self, const FerrydId *group, const char *name, guint attempts,
                     gint64 delay)
{
  Recipient *recipient = g_hash_table_lookup (self->recipients, name);
  Pending *pending = g_new0 (Pending, 1);

  if (recipient == NULL)
    {
      recipient = g_new0 (Recipient, 1);
      recipient->delivery = self;
      recipient->name = g_strdup (name);
      g_queue_init (&recipient->pending);
      g_hash_table_insert (self->recipients, recipient->name, recipient);
    }
  pending->group = *group;
  pending->attempts = attempts;
  pending->due = ferryd_clock_elapsed (self->clock) + delay;
  g_queue_push_tail (&recipient->pending, pending);
  g_hash_table_insert (self->groups, g_memdup2 (group, sizeof *group), recipient);
  plan (recipient);
}

static Pending *
find (const Recipient *recipient, const FerrydId *group)
{
  for (GList *l = recipient->pending.head; l != NULL; l = l->next)
    {
      Pending *pending = l->data;

      if (ferryd_id_equal (&pending->group, group))
        return pending;
    }
  return NULL;
}

static void
drop (Recipient *recipient, Pending *pending)
{
  g_hash_table_remove (recipient->delivery->groups, &pending->group);
  g_queue_remove (&recipient->pending, pending);
  g_free (pending);
  plan (recipient);
}

/**
 * ferryd_delivery_remove:
 * @self: a delivery
 * @group: a group for which nobody is to be called any more; one that was not added is passed over
 *
 * Where it is being called for, the next call waits for the end of that one all the same.
 */
void
ferryd_delivery_remove (FerrydDelivery *self, const FerrydId *group)
{
  Recipient *recipient = g_hash_table_lookup (self->groups, group);
  Pending *pending = recipient != NULL ? find (recipient, group) : NULL;

  if (pending == NULL)
    return;
  if (recipient->current == pending)
    pending->removed = TRUE;
  else
    drop (recipient, pending);
}

/**
 * ferryd_delivery_end:
 * @self: a delivery
 * @group: for which an application was called
 * @answered: whether it has answered without error
 *
 * Returns: microseconds until it is called again at the latest; -1 where it is not
 */
gint64
ferryd_delivery_end (FerrydDelivery *self, const FerrydId *group, gboolean answered)
{
  Recipient *recipient = g_hash_table_lookup (self->groups, group);
  Pending *pending;
  gint64 delay;

  if (recipient == NULL)
    return -1;
  pending = g_steal_pointer (&recipient->current);
  if (answered || pending->removed)
    {
      drop (recipient, pending);
      return -1;
    }
  delay = get_backoff (self, ++pending->attempts);
  pending->due = ferryd_clock_elapsed (self->clock) + delay;
  plan (recipient);
  return delay;
}

/* Who comes by itself need not be waited for; but one that comes back again and again is not called more
 * often than it would be started. */
static void
contact (Recipient *recipient)
{
  FerrydDelivery *self = recipient->delivery;
  gint64 at = MAX (ferryd_clock_elapsed (self->clock), recipient->may_come);

  for (GList *l = recipient->pending.head; l != NULL; l = l->next)
    {
      Pending *pending = l->data;

      pending->due = MIN (pending->due, at);
    }
  plan (recipient);
}

/**
 * ferryd_delivery_set_running:
 * @self: a delivery
 * @name: bus name of an application
 * @running: whether it runs
 */
void
ferryd_delivery_set_running (FerrydDelivery *self, const char *name, gboolean running)
{
  Recipient *recipient = g_hash_table_lookup (self->recipients, name);
  gboolean comes;

  if (recipient == NULL)
    return;
  comes = recipient->known && running && !recipient->running;
  recipient->known = TRUE;
  recipient->running = running;
  if (comes)
    contact (recipient);
  else
    plan (recipient);
}

/**
 * ferryd_delivery_contact:
 * @self: a delivery
 * @name: bus name of an application that has just been heard of
 */
void
ferryd_delivery_contact (FerrydDelivery *self, const char *name)
{
  Recipient *recipient = g_hash_table_lookup (self->recipients, name);

  if (recipient != NULL)
    contact (recipient);
}
