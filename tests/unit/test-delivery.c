/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-delivery.h"
#include "ferryd-fake-clock.h"

#define APP "org.example.App"
#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct
{
  FerrydFakeClock *clock;
  FerrydSettings *settings; /* the contract's defaults: a first step of 5 s */
  FerrydDelivery *delivery;
  GArray *due; /* (owned) (element-type FerrydId): what was due, in order */
} Kit;

static FerrydId
make_id (guint8 number)
{
  FerrydId id = { { 0 } };

  id.bytes[15] = number;
  return id;
}

static void
on_due (Kit *kit, const FerrydId *id)
{
  g_array_append_val (kit->due, *id);
}

static void
set_up (Kit *kit, gconstpointer data)
{
  kit->clock = ferryd_fake_clock_new ();
  kit->settings = ferryd_settings_new (NULL);
  kit->delivery = ferryd_delivery_new (FERRYD_CLOCK (kit->clock), kit->settings);
  kit->due = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_signal_connect_swapped (kit->delivery, "due", G_CALLBACK (on_due), kit);
}

static void
tear_down (Kit *kit, gconstpointer data)
{
  g_assert_cmpuint (kit->due->len, ==, 0);
  g_array_unref (kit->due);
  g_assert_finalize_object (kit->delivery);
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (kit->clock), ==, 0);
  g_assert_finalize_object (kit->settings);
  g_assert_finalize_object (kit->clock);
}

static void
add (Kit *kit, guint8 number)
{
  FerrydId id = make_id (number);

  ferryd_delivery_add (kit->delivery, &id, APP, 0, 0);
}

static gint64
end (Kit *kit, guint8 number, gboolean answered)
{
  FerrydId id = make_id (number);

  return ferryd_delivery_end (kit->delivery, &id, answered);
}

/* So long after now, and not a moment earlier; 0 for at once. */
static void
expect (Kit *kit, guint8 number, gint64 after)
{
  FerrydId id = make_id (number);

  if (after > 0)
    {
      ferryd_fake_clock_advance (kit->clock, after - 1);
      g_assert_cmpuint (kit->due->len, ==, 0);
    }
  ferryd_fake_clock_advance (kit->clock, after > 0 ? 1 : 0);
  g_assert_cmpuint (kit->due->len, ==, 1);
  g_assert_true (ferryd_id_equal (&g_array_index (kit->due, FerrydId, 0), &id));
  g_array_set_size (kit->due, 0);
}

static void
expect_nothing (Kit *kit, gint64 during)
{
  ferryd_fake_clock_advance (kit->clock, during);
  g_assert_cmpuint (kit->due->len, ==, 0);
}

static void
set_running (Kit *kit, gboolean running)
{
  ferryd_delivery_set_running (kit->delivery, APP, running);
}

/* Nobody is called before it is known whether that starts it. */
static void
test_known_first (Kit *kit, gconstpointer data)
{
  add (kit, 1);
  expect_nothing (kit, SECOND);
  set_running (kit, FALSE);
  expect (kit, 1, 0);
  g_assert_cmpint (end (kit, 1, TRUE), ==, -1);
  expect_nothing (kit, 3600 * SECOND);
}

/* 1 min, 2, 4, … 1 h, and so on (contract). */
static void
test_backoff (Kit *kit, gconstpointer data)
{
  static const gint64 minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };

  add (kit, 1);
  set_running (kit, FALSE);
  expect (kit, 1, 0);
  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
    {
      g_assert_cmpint (end (kit, 1, FALSE), ==, minutes[i] * 60 * SECOND);
      expect (kit, 1, minutes[i] * 60 * SECOND);
    }
  end (kit, 1, TRUE);
}

static void
test_backoff_goes_on (Kit *kit, gconstpointer data)
{
  FerrydId id = make_id (1);

  ferryd_delivery_add (kit->delivery, &id, APP, 3, 7 * SECOND);
  set_running (kit, FALSE);
  expect (kit, 1, 7 * SECOND);
  g_assert_cmpint (end (kit, 1, FALSE), ==, 8 * 60 * SECOND);
  ferryd_delivery_remove (kit->delivery, &id);
}

/* While it runs, one call after the other; one start in ten seconds where it leaves. */
static void
test_several (Kit *kit, gconstpointer data)
{
  for (guint8 i = 1; i <= 4; i++)
    add (kit, i);
  set_running (kit, FALSE);
  expect (kit, 1, 0);
  set_running (kit, TRUE);
  expect_nothing (kit, SECOND);
  end (kit, 1, TRUE);
  expect (kit, 2, 0);
  end (kit, 2, TRUE);
  set_running (kit, FALSE);
  expect (kit, 3, 9 * SECOND);
  set_running (kit, TRUE);
  set_running (kit, FALSE);
  end (kit, 3, FALSE);
  expect (kit, 4, 10 * SECOND);
  end (kit, 4, TRUE);
  expect (kit, 3, 50 * SECOND);
  end (kit, 3, TRUE);
}

/* One that fails does not hold up the others. */
static void
test_others_go_on (Kit *kit, gconstpointer data)
{
  add (kit, 1);
  add (kit, 2);
  set_running (kit, TRUE);
  expect (kit, 1, 0);
  end (kit, 1, FALSE);
  expect (kit, 2, 0);
  end (kit, 2, TRUE);
  expect (kit, 1, 60 * SECOND);
  end (kit, 1, TRUE);
}

/* Who comes by itself is called at once, but not again and again. */
static void
test_contact (Kit *kit, gconstpointer data)
{
  add (kit, 1);
  set_running (kit, FALSE);
  expect (kit, 1, 0);
  end (kit, 1, FALSE);
  set_running (kit, TRUE);
  expect (kit, 1, 10 * SECOND);
  end (kit, 1, FALSE);
  ferryd_delivery_contact (kit->delivery, APP);
  expect (kit, 1, 10 * SECOND);
  end (kit, 1, FALSE);
  expect_nothing (kit, 30 * SECOND);
  ferryd_delivery_contact (kit->delivery, APP);
  expect (kit, 1, 0);
  end (kit, 1, TRUE);
}

/* What is removed while it is called for holds up the next until then. */
static void
test_removed (Kit *kit, gconstpointer data)
{
  FerrydId one = make_id (1), two = make_id (2);

  add (kit, 1);
  add (kit, 2);
  set_running (kit, TRUE);
  expect (kit, 1, 0);
  ferryd_delivery_remove (kit->delivery, &one);
  expect_nothing (kit, SECOND);
  g_assert_cmpint (end (kit, 1, FALSE), ==, -1);
  ferryd_delivery_remove (kit->delivery, &two);
  ferryd_delivery_remove (kit->delivery, &two);
  expect_nothing (kit, 3600 * SECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/delivery/" name, Kit, NULL, set_up, func, tear_down)
  ADD ("known-first", test_known_first);
  ADD ("backoff", test_backoff);
  ADD ("backoff-goes-on", test_backoff_goes_on);
  ADD ("several", test_several);
  ADD ("others-go-on", test_others_go_on);
  ADD ("contact", test_contact);
  ADD ("removed", test_removed);
#undef ADD
  return g_test_run ();
}
