/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-lanes.h"

typedef struct
{
  FerrydLanes *lanes;    /* (owned) */
  GPtrArray *operations; /* (owned) (element-type FerrydOperation) */
} Kit;

static void
set_up (Kit *kit, gconstpointer data)
{
  kit->lanes = ferryd_lanes_new ();
  kit->operations = g_ptr_array_new ();
  ferryd_lanes_set_limits (kit->lanes, 4, 2);
}

static void
tear_down (Kit *kit, gconstpointer data)
{
  for (guint i = 0; i < kit->operations->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (kit->operations, i);

      if (operation->run->place != NULL)
        ferryd_lanes_remove (kit->lanes, operation);
      if (operation->slot)
        ferryd_lanes_release (kit->lanes, operation);
      ferryd_lanes_leave_owner (kit->lanes, operation->owner);
      ferryd_lanes_leave_host (kit->lanes, operation->host);
      ferryd_operation_free (operation);
    }
  g_ptr_array_unref (kit->operations);
  ferryd_lanes_free (kit->lanes);
}

static FerrydOperation *
add (Kit *kit, const char *application, const char *host, FerryPriority priority)
{
  g_autoptr (FerrydRow) row = NULL;
  FerrydOperation *operation;
  FerrydId id;

  ferryd_id_generate (&id);
  row = ferryd_row_new (&id);
  row->sequence = (gint64) kit->operations->len + 1;
  row->priority = priority;
  row->state = FERRY_STATE_QUEUED;
  operation = ferryd_operation_new (row, ferryd_lanes_enter_owner (kit->lanes, application),
                                    ferryd_lanes_enter_host (kit->lanes, host));
  g_ptr_array_add (kit->operations, operation);
  ferryd_lanes_add (kit->lanes, operation);
  return operation;
}

static void
assert_next (Kit *kit, const FerrydOperation *expected)
{
  FerrydOperation *next = ferryd_lanes_take (kit->lanes);

  g_assert_true (next == expected);
  if (next != NULL)
    ferryd_lanes_release (kit->lanes, next);
}

static void
test_age_and_priority (Kit *kit, gconstpointer data)
{
  FerrydOperation *low = add (kit, "a", "h", FERRY_PRIORITY_LOW);
  FerrydOperation *first = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *second = add (kit, "a", "i", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *high = add (kit, "a", "h", FERRY_PRIORITY_HIGH);

  assert_next (kit, high);
  assert_next (kit, first);
  assert_next (kit, second);
  assert_next (kit, low);
  assert_next (kit, NULL);
}

static void
test_applications_take_turns (Kit *kit, gconstpointer data)
{
  FerrydOperation *many[50];
  FerrydOperation *other;

  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = add (kit, "a", "h", FERRY_PRIORITY_HIGH);
  other = add (kit, "b", "h", FERRY_PRIORITY_LOW);
  assert_next (kit, many[0]);
  assert_next (kit, other);
  assert_next (kit, many[1]);
  assert_next (kit, many[2]);
}

static void
test_limits (Kit *kit, gconstpointer data)
{
  FerrydOperation *one = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *two = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *three = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *elsewhere = add (kit, "a", "i", FERRY_PRIORITY_LOW);
  FerrydOperation *last;

  g_assert_true (ferryd_lanes_take (kit->lanes) == one);
  g_assert_true (ferryd_lanes_take (kit->lanes) == two);
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, three), ==, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  /* The host has no slot left, so what waits for it does not hold up what needs another. */
  g_assert_true (ferryd_lanes_take (kit->lanes) == elsewhere);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  g_assert_cmpuint (ferryd_lanes_get_running (kit->lanes), ==, 3);

  ferryd_lanes_set_limits (kit->lanes, 3, 3);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, three), ==, FERRYD_CAUSE (FERRY_CAUSE_SLOT));
  last = add (kit, "b", "k", FERRY_PRIORITY_HIGH);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  ferryd_lanes_release (kit->lanes, one);
  g_assert_true (ferryd_lanes_take (kit->lanes) == three);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  ferryd_lanes_release (kit->lanes, two);
  g_assert_true (ferryd_lanes_take (kit->lanes) == last);
}

static void
test_remove (Kit *kit, gconstpointer data)
{
  FerrydOperation *one = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydOperation *two = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);

  ferryd_lanes_remove (kit->lanes, one);
  g_assert_null (one->run->place);
  assert_next (kit, two);
  assert_next (kit, NULL);
  ferryd_lanes_add (kit->lanes, one);
  assert_next (kit, one);
}

/* Whatever happens, what is taken is what a plain search over all would take. */
static void
test_model (Kit *kit, gconstpointer data)
{
  for (guint step = 0; step < 3000; step++)
    {
      guint what = g_test_rand_int_range (0, 3);

      if (what == 0)
        {
          g_autofree char *host = g_strdup_printf ("h%d", g_test_rand_int_range (0, 5));

          add (kit, "a", host, g_test_rand_int_range (0, 3));
        }
      else if (what == 1)
        {
          FerrydOperation *best = NULL;

          for (guint i = 0; i < kit->operations->len; i++)
            {
              static const int ranks[] = { 1, 0, 2 };
              FerrydOperation *operation = g_ptr_array_index (kit->operations, i);

              if (operation->run->place == NULL || operation->host->running >= 2)
                continue;
              if (best == NULL || ranks[operation->priority] < ranks[best->priority])
                best = operation;
            }
          if (ferryd_lanes_get_running (kit->lanes) >= 4)
            best = NULL;
          g_assert_true (ferryd_lanes_take (kit->lanes) == best);
        }
      else if (kit->operations->len > 0)
        {
          FerrydOperation *operation =
              g_ptr_array_index (kit->operations, g_test_rand_int_range (0, (int) kit->operations->len));

          if (operation->slot)
            ferryd_lanes_release (kit->lanes, operation);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lanes/age-and-priority", Kit, NULL, set_up, test_age_and_priority, tear_down);
  g_test_add ("/lanes/applications-take-turns", Kit, NULL, set_up, test_applications_take_turns, tear_down);
  g_test_add ("/lanes/limits", Kit, NULL, set_up, test_limits, tear_down);
  g_test_add ("/lanes/remove", Kit, NULL, set_up, test_remove, tear_down);
  g_test_add ("/lanes/model", Kit, NULL, set_up, test_model, tear_down);
  return g_test_run ();
}
