/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-meter.h"

#include "ferryd-speed.h"

struct _FerrydMeter
{
  gatomicrefcount ref_count;
  GMutex lock;          /* for everything below */
  FerrydRanges *ranges; /* (owned): bytes held */
  guint64 furthest;     /* most bytes ever held, or sent */
  gint64 total;         /* bytes, -1 not known */
  guint64 sent;         /* bytes of what is sent along */
  gint64 to_send;       /* bytes of all of that, -1 not known */
  FerrydSpeed speed;    /* of all connections together */
};

/**
 * ferryd_meter_new:
 *
 * Returns: (transfer full): a meter at zero
 */
FerrydMeter *
ferryd_meter_new (void)
{
  FerrydMeter *meter = g_new0 (FerrydMeter, 1);

  g_atomic_ref_count_init (&meter->ref_count);
  g_mutex_init (&meter->lock);
  meter->ranges = ferryd_ranges_new ();
  meter->total = -1;
  meter->to_send = -1;
  return meter;
}

/**
 * ferryd_meter_ref:
 * @meter: a meter
 *
 * Returns: (transfer full): @meter
 */
FerrydMeter *
ferryd_meter_ref (FerrydMeter *meter)
{
  g_atomic_ref_count_inc (&meter->ref_count);
  return meter;
}

/**
 * ferryd_meter_unref:
 * @meter: (transfer full): a meter
 */
void
ferryd_meter_unref (FerrydMeter *meter)
{
  if (!g_atomic_ref_count_dec (&meter->ref_count))
    return;
  ferryd_ranges_free (meter->ranges);
  g_mutex_clear (&meter->lock);
  g_free (meter);
}

/**
 * ferryd_meter_reset:
 * @meter: a meter
 * @held: what is held now
 *
 * Begins anew from what a sink was found or made to hold.
 */
void
ferryd_meter_reset (FerrydMeter *meter, const FerrydRanges *held)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  ferryd_ranges_free (meter->ranges);
  meter->ranges = ferryd_ranges_copy (held);
  meter->furthest = MAX (meter->furthest, ferryd_ranges_total (held));
}

/**
 * ferryd_meter_add:
 * @meter: a meter
 * @start: first byte written
 * @end: the one behind the last
 * @now: g_get_monotonic_time()
 */
void
ferryd_meter_add (FerrydMeter *meter, guint64 start, guint64 end, gint64 now)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  ferryd_ranges_add (meter->ranges, start, end);
  meter->furthest = MAX (meter->furthest, ferryd_ranges_total (meter->ranges));
  ferryd_speed_add (&meter->speed, end - start, now);
}

/**
 * ferryd_meter_set_to_send:
 * @meter: a meter
 * @total: bytes that are to be sent
 */
void
ferryd_meter_set_to_send (FerrydMeter *meter, guint64 total)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  meter->to_send = (gint64) total;
}

/**
 * ferryd_meter_set_sent:
 * @meter: a meter
 * @sent: bytes of what is to be sent that are; fewer than before where it begins again
 * @now: g_get_monotonic_time()
 */
void
ferryd_meter_set_sent (FerrydMeter *meter, guint64 sent, gint64 now)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  if (sent > meter->sent)
    ferryd_speed_add (&meter->speed, sent - meter->sent, now);
  meter->sent = sent;
  meter->furthest = MAX (meter->furthest, sent);
}

/**
 * ferryd_meter_set_total:
 * @meter: a meter
 * @total: bytes of the whole, -1 not known
 */
void
ferryd_meter_set_total (FerrydMeter *meter, gint64 total)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  meter->total = total;
}

/**
 * ferryd_meter_stop:
 * @meter: a meter
 *
 * The transfer pauses or ends: no speed until bytes come again.
 */
void
ferryd_meter_stop (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  meter->speed = (FerrydSpeed){ 0 };
}

/**
 * ferryd_meter_get_held:
 * @meter: a meter
 *
 * Returns: bytes held
 */
guint64
ferryd_meter_get_held (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return ferryd_ranges_total (meter->ranges);
}

/**
 * ferryd_meter_get_furthest:
 * @meter: a meter
 *
 * Returns: most bytes ever held or sent
 */
guint64
ferryd_meter_get_furthest (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return meter->furthest;
}

/**
 * ferryd_meter_get_total:
 * @meter: a meter
 *
 * Returns: bytes of the whole, -1 not known
 */
gint64
ferryd_meter_get_total (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return meter->total;
}

/**
 * ferryd_meter_get_sent:
 * @meter: a meter
 *
 * Returns: bytes sent
 */
guint64
ferryd_meter_get_sent (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return meter->sent;
}

/**
 * ferryd_meter_get_to_send:
 * @meter: a meter
 *
 * Returns: bytes of all that is sent, -1 not known
 */
gint64
ferryd_meter_get_to_send (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return meter->to_send;
}

/**
 * ferryd_meter_get_speed:
 * @meter: a meter
 * @now: g_get_monotonic_time()
 *
 * Returns: bytes/s, smoothed
 */
guint64
ferryd_meter_get_speed (FerrydMeter *meter, gint64 now)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return ferryd_speed_get (&meter->speed, now);
}

/**
 * ferryd_meter_copy_ranges:
 * @meter: a meter
 *
 * Returns: (transfer full): the bytes held
 */
FerrydRanges *
ferryd_meter_copy_ranges (FerrydMeter *meter)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&meter->lock);

  return ferryd_ranges_copy (meter->ranges);
}
