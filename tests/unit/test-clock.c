/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-clock-system.h"
#include "ferryd-fake-clock.h"

/* What a test hears of alarms. */
typedef struct
{
  FerrydClock *clock;
  GString *rung; /* a letter each */
} Ears;

static void
ring_a (gpointer user_data)
{
  g_string_append_c (((Ears *) user_data)->rung, 'a');
}

static void
ring_b (gpointer user_data)
{
  g_string_append_c (((Ears *) user_data)->rung, 'b');
}

/* Adds another that is due at once. */
static void
ring_and_add (gpointer user_data)
{
  Ears *ears = user_data;

  g_string_append_c (ears->rung, '(');
  ferryd_clock_add_alarm (ears->clock, ferryd_clock_elapsed (ears->clock), ring_a, ears);
  g_string_append_c (ears->rung, ')');
}

static void
wait_for (Ears *ears, const char *rung)
{
  while (ears->rung->len < strlen (rung))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (ears->rung->str, ==, rung);
}

static FerrydClock *
make_system (void)
{
  g_autoptr (GError) error = NULL;
  FerrydClock *clock = ferryd_clock_system_new (&error);

  g_assert_no_error (error);
  return clock;
}

static FerrydClock *
make_fake (void)
{
  return FERRYD_CLOCK (ferryd_fake_clock_new ());
}

/* The promises of the interface that need no waiting hold for the real clock and the fake alike. */
typedef FerrydClock *(*MakeClock) (void);

static void
test_due (gconstpointer data)
{
  g_autoptr (FerrydClock) clock = ((MakeClock) data) ();
  g_autoptr (GString) rung = g_string_new (NULL);
  Ears ears = { clock, rung };
  gint64 now = ferryd_clock_elapsed (clock);

  /* Not from inside the call, though all have passed; in the order of their times. */
  g_assert_cmpuint (ferryd_clock_add_alarm (clock, now - 1, ring_b, &ears), >, 0);
  g_assert_cmpuint (ferryd_clock_add_alarm (clock, now - 2, ring_a, &ears), >, 0);
  g_assert_cmpuint (ferryd_clock_add_alarm (clock, -1, ring_and_add, &ears), >, 0);
  g_assert_cmpstr (rung->str, ==, "");
  wait_for (&ears, "()aba");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (rung->str, ==, "()aba");
}

static void
test_remove (gconstpointer data)
{
  g_autoptr (FerrydClock) clock = ((MakeClock) data) ();
  g_autoptr (GString) rung = g_string_new (NULL);
  Ears ears = { clock, rung };
  gint64 now = ferryd_clock_elapsed (clock);
  guint first = ferryd_clock_add_alarm (clock, now - 2, ring_a, &ears);
  guint last = ferryd_clock_add_alarm (clock, now + G_TIME_SPAN_DAY, ring_a, &ears);

  ferryd_clock_add_alarm (clock, now - 1, ring_b, &ears);
  g_assert_cmpuint (first, !=, last);
  ferryd_clock_clear_alarm (clock, &first);
  g_assert_cmpuint (first, ==, 0);
  ferryd_clock_clear_alarm (clock, &first);
  ferryd_clock_remove_alarm (clock, last);
  wait_for (&ears, "b");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (rung->str, ==, "b");
}

/* Not before its time. */
static void
test_system_later (void)
{
  g_autoptr (FerrydClock) clock = make_system ();
  g_autoptr (GString) rung = g_string_new (NULL);
  Ears ears = { clock, rung };
  gint64 at = ferryd_clock_elapsed (clock) + 20 * G_TIME_SPAN_MILLISECOND;

  ferryd_clock_add_alarm (clock, at, ring_a, &ears);
  wait_for (&ears, "a");
  g_assert_cmpint (ferryd_clock_elapsed (clock), >=, at);
}

/* An earlier one that is added later sets the timer anew. */
static void
test_system_earlier (void)
{
  g_autoptr (FerrydClock) clock = make_system ();
  g_autoptr (GString) rung = g_string_new (NULL);
  Ears ears = { clock, rung };
  gint64 now = ferryd_clock_elapsed (clock);
  guint late = ferryd_clock_add_alarm (clock, now + G_TIME_SPAN_DAY, ring_a, &ears);

  ferryd_clock_add_alarm (clock, now + 10 * G_TIME_SPAN_MILLISECOND, ring_b, &ears);
  wait_for (&ears, "b");
  ferryd_clock_remove_alarm (clock, late);
}

static void
test_system_times (void)
{
  g_autoptr (FerrydClock) clock = make_system ();
  gint64 before = g_get_real_time ();
  gint64 now = ferryd_clock_now (clock);
  gint64 monotonic = g_get_monotonic_time ();

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, g_get_real_time ());
  g_assert_cmpint (ferryd_clock_elapsed (clock), >=, monotonic);
}

static void
test_fake_advance (void)
{
  g_autoptr (FerrydFakeClock) fake = ferryd_fake_clock_new ();
  g_autoptr (GString) rung = g_string_new (NULL);
  FerrydClock *clock = FERRYD_CLOCK (fake);
  Ears ears = { clock, rung };
  gint64 now = ferryd_clock_now (clock);
  gint64 elapsed = ferryd_clock_elapsed (clock);

  ferryd_clock_add_alarm (clock, elapsed + 20, ring_b, &ears);
  ferryd_clock_add_alarm (clock, elapsed + 10, ring_and_add, &ears);
  g_assert_cmpint (ferryd_fake_clock_next_alarm (fake), ==, 10);
  ferryd_fake_clock_advance (fake, 9);
  g_assert_cmpstr (rung->str, ==, "");
  ferryd_fake_clock_advance (fake, 21);
  g_assert_cmpstr (rung->str, ==, "()ab");
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (fake), ==, 0);
  g_assert_cmpint (ferryd_clock_elapsed (clock), ==, elapsed + 30);
  g_assert_cmpint (ferryd_clock_now (clock), ==, now + 30);
  ferryd_fake_clock_jump (fake, -5);
  g_assert_cmpint (ferryd_clock_elapsed (clock), ==, elapsed + 30);
  g_assert_cmpint (ferryd_clock_now (clock), ==, now + 25);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/clock/system/due", make_system, test_due);
  g_test_add_data_func ("/clock/system/remove", make_system, test_remove);
  g_test_add_func ("/clock/system/later", test_system_later);
  g_test_add_func ("/clock/system/earlier", test_system_earlier);
  g_test_add_func ("/clock/system/times", test_system_times);
  g_test_add_data_func ("/clock/fake/due", make_fake, test_due);
  g_test_add_data_func ("/clock/fake/remove", make_fake, test_remove);
  g_test_add_func ("/clock/fake/advance", test_fake_advance);
  return g_test_run ();
}
