/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "ferryd-policy.h"

#define NOW G_GINT64_CONSTANT (1700000000000000)
#define COST(name) FERRYD_CAUSE (FERRY_CAUSE_COST_##name)

/* Conditions under which everything may run. */
static FerrydConditions
make_conditions (void)
{
  return (FerrydConditions){ .connectivity = FERRY_CONNECTIVITY_FULL,
                             .cost = FERRY_NETWORK_COST_UNRESTRICTED,
                             .pause_on_battery_saver = TRUE,
                             .ready = TRUE };
}

/* The contract's table "Cost policy", copied cell by cell: TRUE allows. */
typedef enum
{
  ROW_NOT_METERED,
  ROW_UNDER,
  ROW_ON_TRACK_TO_EXCEED,
  ROW_ROAMING_OR_OVER,
  ROW_OVER_AND_RESTRICTED,
  N_ROWS,
} Row;

static const struct
{
  gboolean unrestricted_only, standard, always;
} contract[N_ROWS] = {
  [ROW_NOT_METERED] = { TRUE, TRUE, TRUE },
  [ROW_UNDER] = { FALSE, TRUE, TRUE },
  [ROW_ON_TRACK_TO_EXCEED] = { FALSE, FALSE, TRUE },
  [ROW_ROAMING_OR_OVER] = { FALSE, FALSE, TRUE },
  [ROW_OVER_AND_RESTRICTED] = { FALSE, FALSE, FALSE },
};

static Row
find_row (const FerrydConditions *conditions)
{
  if (conditions->cost == FERRY_NETWORK_COST_UNKNOWN || conditions->cost == FERRY_NETWORK_COST_UNRESTRICTED)
    return ROW_NOT_METERED;
  if (conditions->over_limit && conditions->background_restricted)
    return ROW_OVER_AND_RESTRICTED;
  if (conditions->roaming || conditions->over_limit)
    return ROW_ROAMING_OR_OVER;
  if (conditions->approaching_limit)
    return ROW_ON_TRACK_TO_EXCEED;
  return ROW_UNDER;
}

static gboolean
is_allowed (FerryCostPolicy policy, const FerrydConditions *conditions)
{
  Row row = find_row (conditions);

  switch (policy)
    {
    case FERRY_COST_POLICY_UNRESTRICTED_ONLY:
      return contract[row].unrestricted_only;
    case FERRY_COST_POLICY_ALWAYS:
      return contract[row].always;
    case FERRY_COST_POLICY_DEFAULT:
    default:
      /* "restrict-background-data alone, on a metered connection, denies default too" */
      return contract[row].standard && !(row != ROW_NOT_METERED && conditions->background_restricted);
    }
}

/* Every policy under every combination of cost and flags, against the contract's table. */
static void
test_cost_table (void)
{
  for (guint cost = FERRY_NETWORK_COST_UNKNOWN; cost <= FERRY_NETWORK_COST_VARIABLE; cost++)
    for (guint policy = FERRY_COST_POLICY_DEFAULT; policy <= FERRY_COST_POLICY_ALWAYS; policy++)
      for (guint flags = 0; flags < 16; flags++)
        {
          FerrydConditions conditions = make_conditions ();
          FerrydPolicyRequest request = { .cost_policy = policy };
          FerrydCauses causes;

          conditions.cost = cost;
          conditions.roaming = (flags & 1) != 0;
          conditions.approaching_limit = (flags & 2) != 0;
          conditions.over_limit = (flags & 4) != 0;
          conditions.background_restricted = (flags & 8) != 0;
          causes = ferryd_policy_decide (&request, &conditions, NOW);
          g_test_message ("cost %u, policy %u, flags %x: %x", cost, policy, flags, causes);
          if (is_allowed (policy, &conditions))
            {
              g_assert_cmphex (causes, ==, 0);
              g_assert_cmpint (ferryd_policy_state (causes), ==, FERRY_STATE_RUNNING);
            }
          else
            {
              g_assert_cmphex (
                  causes & ~(COST (OVER_LIMIT) | COST (ROAMING) | COST (APPROACHING_LIMIT) | COST (METERED)),
                  ==, 0);
              g_assert_cmpint (ferryd_policy_state (causes), ==, FERRY_STATE_PAUSED_COSTED_NETWORK);
            }
        }
}

/* Which causes are told, the deciding one being the lowest. */
static void
test_cost_causes (void)
{
  static const struct
  {
    FerryCostPolicy policy;
    gboolean roaming, approaching, over, restricted;
    FerrydCauses causes;
  } cases[] = {
    { FERRY_COST_POLICY_DEFAULT, FALSE, FALSE, FALSE, FALSE, 0 },
    { FERRY_COST_POLICY_DEFAULT, TRUE, FALSE, FALSE, FALSE, COST (ROAMING) },
    { FERRY_COST_POLICY_DEFAULT, FALSE, TRUE, FALSE, FALSE, COST (APPROACHING_LIMIT) },
    { FERRY_COST_POLICY_DEFAULT, FALSE, FALSE, TRUE, FALSE, COST (OVER_LIMIT) },
    { FERRY_COST_POLICY_DEFAULT, FALSE, FALSE, FALSE, TRUE, COST (METERED) },
    { FERRY_COST_POLICY_DEFAULT, TRUE, TRUE, TRUE, FALSE,
      COST (OVER_LIMIT) | COST (ROAMING) | COST (APPROACHING_LIMIT) },
    { FERRY_COST_POLICY_DEFAULT, TRUE, FALSE, FALSE, TRUE, COST (ROAMING) | COST (METERED) },
    { FERRY_COST_POLICY_UNRESTRICTED_ONLY, FALSE, FALSE, FALSE, FALSE, COST (METERED) },
    { FERRY_COST_POLICY_UNRESTRICTED_ONLY, TRUE, FALSE, FALSE, FALSE, COST (ROAMING) | COST (METERED) },
    { FERRY_COST_POLICY_ALWAYS, TRUE, TRUE, TRUE, FALSE, 0 },
    { FERRY_COST_POLICY_ALWAYS, TRUE, TRUE, FALSE, TRUE, 0 },
    { FERRY_COST_POLICY_ALWAYS, TRUE, TRUE, TRUE, TRUE, COST (OVER_LIMIT) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydConditions conditions = make_conditions ();
      FerrydPolicyRequest request = { .cost_policy = cases[i].policy };

      conditions.cost = FERRY_NETWORK_COST_FIXED;
      conditions.roaming = cases[i].roaming;
      conditions.approaching_limit = cases[i].approaching;
      conditions.over_limit = cases[i].over;
      conditions.background_restricted = cases[i].restricted;
      g_test_message ("case %u", i);
      g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==, cases[i].causes);
    }
}

static void
test_connectivity (void)
{
  static const FerrydCauses wanted[] = {
    [FERRY_CONNECTIVITY_UNKNOWN] = 0,
    [FERRY_CONNECTIVITY_NONE] = FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE),
    [FERRY_CONNECTIVITY_PORTAL] = FERRYD_CAUSE (FERRY_CAUSE_NETWORK_PORTAL),
    [FERRY_CONNECTIVITY_LIMITED] = 0,
    [FERRY_CONNECTIVITY_FULL] = 0,
  };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      FerrydConditions conditions = make_conditions ();
      FerrydPolicyRequest request = { .cost_policy = FERRY_COST_POLICY_ALWAYS };
      FerrydCauses causes;

      conditions.connectivity = i;
      causes = ferryd_policy_decide (&request, &conditions, NOW);
      g_assert_cmphex (causes, ==, wanted[i]);
      g_assert_cmpint (ferryd_policy_state (causes), ==,
                       wanted[i] != 0 ? FERRY_STATE_PAUSED_NO_NETWORK : FERRY_STATE_RUNNING);
    }
}

static void
test_battery_saver (void)
{
  static const FerryPriority priorities[] = { FERRY_PRIORITY_DEFAULT, FERRY_PRIORITY_HIGH,
                                              FERRY_PRIORITY_LOW };

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    for (guint flags = 0; flags < 16; flags++)
      {
        FerrydConditions conditions = make_conditions ();
        FerrydPolicyRequest request = { .priority = priorities[i] };
        gboolean exempt;

        request.attached = (flags & 1) != 0;
        request.unconstrained = (flags & 2) != 0;
        conditions.battery_saver = (flags & 4) != 0;
        conditions.pause_on_battery_saver = (flags & 8) != 0;
        conditions.on_battery = TRUE;
        exempt = request.unconstrained || (priorities[i] == FERRY_PRIORITY_HIGH && request.attached);
        g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                         (flags & 12) == 12 && !exempt ? FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER) : 0);
      }
  g_assert_cmpint (ferryd_policy_state (FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER)), ==,
                   FERRY_STATE_PAUSED_SYSTEM_POLICY);
}

static void
test_system (void)
{
  FerrydConditions conditions = make_conditions ();
  FerrydPolicyRequest request = { .unconstrained = TRUE, .cost_policy = FERRY_COST_POLICY_ALWAYS };

  conditions.paused_all = TRUE;
  g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                   FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL));
  conditions.paused_all = FALSE;
  request.disk_full = TRUE;
  g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                   FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL));
}

static void
test_time_window (void)
{
  static const struct
  {
    gint64 not_before, not_after;
    gboolean outside;
  } cases[] = {
    { 0, 0, FALSE },       { NOW + 1, 0, TRUE },        { NOW, 0, FALSE },
    { NOW - 1, 0, FALSE }, { 0, NOW + 1, FALSE },       { 0, NOW, TRUE },
    { 0, NOW - 1, TRUE },  { NOW - 1, NOW + 1, FALSE }, { NOW + 1, NOW + 2, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydConditions conditions = make_conditions ();
      FerrydPolicyRequest request = { .not_before = cases[i].not_before, .not_after = cases[i].not_after };

      g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                       cases[i].outside ? FERRYD_CAUSE (FERRY_CAUSE_TIME_WINDOW) : 0);
    }
}

/* What has all its bytes needs neither network nor money, but obeys the rest. */
static void
test_local (void)
{
  FerrydConditions conditions = make_conditions ();
  FerrydPolicyRequest request = { .local = TRUE, .cost_policy = FERRY_COST_POLICY_UNRESTRICTED_ONLY };

  conditions.connectivity = FERRY_CONNECTIVITY_NONE;
  conditions.cost = FERRY_NETWORK_COST_VARIABLE;
  conditions.roaming = TRUE;
  g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==, 0);
  conditions.paused_all = TRUE;
  g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                   FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL));
}

/* Nothing starts before the first answers, and nothing they have not said yet is told as a cause. */
static void
test_not_ready (void)
{
  FerrydConditions conditions = { .connectivity = FERRY_CONNECTIVITY_NONE,
                                  .battery_saver = TRUE,
                                  .pause_on_battery_saver = TRUE };
  FerrydPolicyRequest request = { .cost_policy = FERRY_COST_POLICY_DEFAULT };
  FerrydCauses causes = ferryd_policy_decide (&request, &conditions, NOW);

  g_assert_cmphex (causes, ==, FERRYD_CAUSE (FERRY_CAUSE_SLOT));
  g_assert_cmpint (ferryd_policy_state (causes), ==, FERRY_STATE_QUEUED);

  conditions.paused_all = TRUE;
  causes = ferryd_policy_decide (&request, &conditions, NOW);
  g_assert_cmpint (ferryd_policy_state (causes), ==, FERRY_STATE_PAUSED_SYSTEM_POLICY);
}

/* Everything that holds is told. */
static void
test_all_causes (void)
{
  FerrydConditions conditions = make_conditions ();
  FerrydPolicyRequest request = { .disk_full = TRUE, .not_before = NOW + 1 };

  conditions.paused_all = TRUE;
  conditions.battery_saver = TRUE;
  conditions.connectivity = FERRY_CONNECTIVITY_PORTAL;
  conditions.cost = FERRY_NETWORK_COST_FIXED;
  conditions.roaming = TRUE;
  g_assert_cmphex (ferryd_policy_decide (&request, &conditions, NOW), ==,
                   FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL) | FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER) |
                       FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL) | FERRYD_CAUSE (FERRY_CAUSE_TIME_WINDOW) |
                       FERRYD_CAUSE (FERRY_CAUSE_NETWORK_PORTAL) | FERRYD_CAUSE (FERRY_CAUSE_COST_ROAMING));
}

/* The first cause decides, whatever stands behind it. */
static void
test_state (void)
{
  static const FerryState wanted[FERRY_N_CAUSES] = {
    FERRY_STATE_PAUSED_BY_APPLICATION,
    FERRY_STATE_PAUSED_RECOVERABLE_ERROR,
    FERRY_STATE_PAUSED_SYSTEM_POLICY,
    FERRY_STATE_PAUSED_SYSTEM_POLICY,
    FERRY_STATE_PAUSED_SYSTEM_POLICY,
    FERRY_STATE_PAUSED_SYSTEM_POLICY,
    FERRY_STATE_PAUSED_NO_NETWORK,
    FERRY_STATE_PAUSED_NO_NETWORK,
    FERRY_STATE_PAUSED_COSTED_NETWORK,
    FERRY_STATE_PAUSED_COSTED_NETWORK,
    FERRY_STATE_PAUSED_COSTED_NETWORK,
    FERRY_STATE_PAUSED_COSTED_NETWORK,
    FERRY_STATE_QUEUED,
    FERRY_STATE_QUEUED,
    FERRY_STATE_QUEUED,
    FERRY_STATE_QUEUED,
  };
  FerrydCauses behind = 0;

  g_assert_cmpint (ferryd_policy_state (0), ==, FERRY_STATE_RUNNING);
  for (guint cause = FERRY_N_CAUSES; cause-- > 0;)
    {
      g_assert_cmpint (ferryd_policy_state (FERRYD_CAUSE (cause)), ==, wanted[cause]);
      behind |= FERRYD_CAUSE (cause);
      g_assert_cmpint (ferryd_policy_state (behind), ==, wanted[cause]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/cost/table", test_cost_table);
  g_test_add_func ("/policy/cost/causes", test_cost_causes);
  g_test_add_func ("/policy/connectivity", test_connectivity);
  g_test_add_func ("/policy/battery-saver", test_battery_saver);
  g_test_add_func ("/policy/system", test_system);
  g_test_add_func ("/policy/time-window", test_time_window);
  g_test_add_func ("/policy/local", test_local);
  g_test_add_func ("/policy/not-ready", test_not_ready);
  g_test_add_func ("/policy/all-causes", test_all_causes);
  g_test_add_func ("/policy/state", test_state);
  return g_test_run ();
}
