/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-lanes.h"

typedef struct
{
  FerrydLanes *lanes;    /* (owned) */
  FerrydGroups *groups;  /* (owned) */
  GPtrArray *operations; /* (owned) (element-type FerrydOperation) */
} Kit;

static void
set_up (Kit *kit, gconstpointer data)
{
  kit->lanes = ferryd_lanes_new ();
  kit->groups = ferryd_groups_new ();
  kit->operations = g_ptr_array_new ();
  ferryd_lanes_set_limits (kit->lanes, 4, 2);
}

static void
tear_down (Kit *kit, gconstpointer data)
{
  for (guint i = 0; i < kit->operations->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (kit->operations, i);

      ferryd_lanes_remove (kit->lanes, operation);
      if (operation->slot)
        ferryd_lanes_release (kit->lanes, operation);
      ferryd_lanes_leave_owner (kit->lanes, operation->owner);
      ferryd_lanes_leave_host (kit->lanes, operation->host);
      ferryd_groups_leave (kit->groups, operation->group);
      ferryd_operation_free (operation);
    }
  g_ptr_array_unref (kit->operations);
  ferryd_lanes_free (kit->lanes);
  ferryd_groups_free (kit->groups);
}

static FerrydOperation *
add_to_group (Kit *kit, const char *application, const char *host, FerryPriority priority, const char *group)
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
                                    ferryd_lanes_enter_host (kit->lanes, host),
                                    ferryd_groups_enter (kit->groups, application, group));
  g_ptr_array_add (kit->operations, operation);
  ferryd_lanes_add (kit->lanes, operation);
  return operation;
}

static FerrydOperation *
add (Kit *kit, const char *application, const char *host, FerryPriority priority)
{
  return add_to_group (kit, application, host, priority, "");
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

/* Who has had a turn, leaves and comes back, waits for the others all the same. */
static void
test_coming_back (Kit *kit, gconstpointer data)
{
  FerrydOperation *many[4];

  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    {
      FerrydOperation *once = add (kit, "b", "h", FERRY_PRIORITY_DEFAULT);

      assert_next (kit, many[i]);
      assert_next (kit, once);
      g_ptr_array_remove_fast (kit->operations, once);
      ferryd_lanes_leave_owner (kit->lanes, once->owner);
      ferryd_lanes_leave_host (kit->lanes, once->host);
      ferryd_groups_leave (kit->groups, once->group);
      ferryd_operation_free (once);
    }
  g_assert_null (ferryd_lanes_find_owner (kit->lanes, "b"));
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
  /* Who comes new has not had a turn in this round. */
  g_assert_true (ferryd_lanes_take (kit->lanes) == last);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  ferryd_lanes_release (kit->lanes, two);
  g_assert_true (ferryd_lanes_take (kit->lanes) == three);
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

/* One at a time, the first one first, whatever host it is of; `high` ones beside. */
static void
test_serialized (Kit *kit, gconstpointer data)
{
  FerrydOperation *one, *two, *high, *outside;

  ferryd_groups_set_behavior (kit->groups, "a", "g", FERRY_GROUP_BEHAVIOR_SERIALIZED);
  one = add_to_group (kit, "a", "h", FERRY_PRIORITY_DEFAULT, "g");
  two = add_to_group (kit, "a", "i", FERRY_PRIORITY_DEFAULT, "g");
  high = add_to_group (kit, "a", "i", FERRY_PRIORITY_HIGH, "g");
  outside = add (kit, "a", "h", FERRY_PRIORITY_LOW);
  g_assert_true (ferryd_lanes_take (kit->lanes) == high);
  g_assert_true (ferryd_lanes_take (kit->lanes) == one);
  g_assert_true (ferryd_lanes_take (kit->lanes) == outside);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, two), ==, FERRYD_CAUSE (FERRY_CAUSE_GROUP));
  ferryd_lanes_release (kit->lanes, one);
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, two), ==, FERRYD_CAUSE (FERRY_CAUSE_SLOT));

  /* Back before the other, which gives its place up. */
  ferryd_lanes_add (kit->lanes, one);
  g_assert_null (two->run->place);
  g_assert_true (ferryd_lanes_take (kit->lanes) == one);
  g_assert_false (ferryd_lanes_is_overtaken (one));
  ferryd_lanes_release (kit->lanes, one);
  g_assert_true (ferryd_lanes_take (kit->lanes) == two);
  ferryd_lanes_add (kit->lanes, one);
  g_assert_true (ferryd_lanes_is_overtaken (two));
  g_assert_null (ferryd_lanes_take (kit->lanes));
}

/* Who waits for its retry keeps its place, and not its slot. */
static void
test_retrying (Kit *kit, gconstpointer data)
{
  FerrydOperation *one, *two;

  ferryd_groups_set_behavior (kit->groups, "a", "g", FERRY_GROUP_BEHAVIOR_SERIALIZED);
  one = add_to_group (kit, "a", "h", FERRY_PRIORITY_DEFAULT, "g");
  two = add_to_group (kit, "a", "h", FERRY_PRIORITY_DEFAULT, "g");
  g_assert_true (ferryd_lanes_take (kit->lanes) == one);
  ferryd_lanes_release (kit->lanes, one);
  ferryd_lanes_keep (kit->lanes, one);
  g_assert_cmpuint (ferryd_lanes_get_running (kit->lanes), ==, 0);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, two), ==, FERRYD_CAUSE (FERRY_CAUSE_GROUP));
  ferryd_lanes_add (kit->lanes, one);
  assert_next (kit, one);
  assert_next (kit, two);
}

/* With as many as there may ever be, another application's first is taken next. */
static void
test_ten_thousand (Kit *kit, gconstpointer data)
{
  FerrydOperation *first = NULL, *other;

  ferryd_groups_set_behavior (kit->groups, "a", "g", FERRY_GROUP_BEHAVIOR_SERIALIZED);
  for (guint i = 0; i < 10000; i++)
    {
      FerrydOperation *operation =
          add_to_group (kit, "a", "h", FERRY_PRIORITY_DEFAULT, i % 2 == 0 ? "g" : "");

      first = first != NULL ? first : operation;
    }
  ferryd_lanes_set_limits (kit->lanes, 1, 1);
  g_assert_true (ferryd_lanes_take (kit->lanes) == first);
  other = add (kit, "b", "h", FERRY_PRIORITY_LOW);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  ferryd_lanes_release (kit->lanes, first);
  g_assert_true (ferryd_lanes_take (kit->lanes) == other);
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

/* What is lent comes from the limit per host, never while somebody waits, and is asked for when somebody
 * does. */
static void
test_lent (Kit *kit, gconstpointer data)
{
  FerrydOperation *one = add (kit, "a", "h", FERRY_PRIORITY_DEFAULT);
  FerrydHost *host = one->host;
  FerrydOperation *two;

  g_assert_false (ferryd_lanes_lend (kit->lanes, host));
  g_assert_true (ferryd_lanes_take (kit->lanes) == one);
  g_assert_true (ferryd_lanes_lend (kit->lanes, host));
  g_assert_false (ferryd_lanes_lend (kit->lanes, host));
  g_assert_false (ferryd_lanes_recall (kit->lanes, host));
  two = add (kit, "b", "h", FERRY_PRIORITY_DEFAULT);
  g_assert_null (ferryd_lanes_take (kit->lanes));
  g_assert_cmpuint (ferryd_lanes_explain (kit->lanes, two), ==, FERRYD_CAUSE (FERRY_CAUSE_HOST_SLOT));
  g_assert_true (ferryd_lanes_recall (kit->lanes, host));
  /* Once is enough. */
  g_assert_false (ferryd_lanes_recall (kit->lanes, host));
  ferryd_lanes_take_back (kit->lanes, host, 1, TRUE);
  g_assert_true (ferryd_lanes_take (kit->lanes) == two);
  ferryd_lanes_release (kit->lanes, two);
  g_assert_true (ferryd_lanes_lend (kit->lanes, host));
  /* A smaller limit wants back what is too much. */
  ferryd_lanes_set_limits (kit->lanes, 4, 1);
  g_assert_true (ferryd_lanes_recall (kit->lanes, host));
  ferryd_lanes_take_back (kit->lanes, host, 1, TRUE);
  g_assert_cmpuint (host->lent, ==, 0);
  g_assert_cmpuint (host->awaited, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lanes/age-and-priority", Kit, NULL, set_up, test_age_and_priority, tear_down);
  g_test_add ("/lanes/applications-take-turns", Kit, NULL, set_up, test_applications_take_turns, tear_down);
  g_test_add ("/lanes/coming-back", Kit, NULL, set_up, test_coming_back, tear_down);
  g_test_add ("/lanes/limits", Kit, NULL, set_up, test_limits, tear_down);
  g_test_add ("/lanes/lent", Kit, NULL, set_up, test_lent, tear_down);
  g_test_add ("/lanes/remove", Kit, NULL, set_up, test_remove, tear_down);
  g_test_add ("/lanes/serialized", Kit, NULL, set_up, test_serialized, tear_down);
  g_test_add ("/lanes/retrying", Kit, NULL, set_up, test_retrying, tear_down);
  g_test_add ("/lanes/ten-thousand", Kit, NULL, set_up, test_ten_thousand, tear_down);
  g_test_add ("/lanes/model", Kit, NULL, set_up, test_model, tear_down);
  return g_test_run ();
}
