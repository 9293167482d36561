/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-policy.h"

/* The contract's table "Cost policy": every cause for which @policy denies a metered connection. */
static FerrydCauses
decide_cost (FerryCostPolicy policy, const FerrydConditions *conditions)
{
  FerrydCauses causes = 0;

  if (!ferryd_conditions_is_metered (conditions))
    return 0;
  if (policy == FERRY_COST_POLICY_ALWAYS)
    return conditions->over_limit && conditions->background_restricted
               ? FERRYD_CAUSE (FERRY_CAUSE_COST_OVER_LIMIT)
               : 0;

  if (conditions->over_limit)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_COST_OVER_LIMIT);
  if (conditions->roaming)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_COST_ROAMING);
  if (conditions->approaching_limit)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_COST_APPROACHING_LIMIT);
  /* Being metered is a cause of its own where the request, or the user's switch, says never on such a
   * network. */
  if (policy == FERRY_COST_POLICY_UNRESTRICTED_ONLY || conditions->background_restricted)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_COST_METERED);
  return causes;
}

static FerrydCauses
decide_network (const FerrydPolicyRequest *request, const FerrydConditions *conditions)
{
  FerrydCauses causes = decide_cost (request->cost_policy, conditions);

  /* Limited and unknown do not pause: the network may well reach this server. */
  if (conditions->connectivity == FERRY_CONNECTIVITY_NONE || conditions->asleep || request->offline)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_NETWORK_NONE);
  if (conditions->connectivity == FERRY_CONNECTIVITY_PORTAL)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_NETWORK_PORTAL);
  return causes;
}

static gboolean
is_exempt_from_saver (const FerrydPolicyRequest *request)
{
  return request->unconstrained || (request->priority == FERRY_PRIORITY_HIGH && request->attached);
}

/**
 * ferryd_policy_decide:
 * @request: an operation that was started and has not ended
 * @conditions: how things stand
 * @now: Unix microseconds
 *
 * The conditions' part of what an operation waits for; turns, retries and what the application asked for are
 * the scheduler's. Before the first answers of the monitors only what does not come from them is told, and a
 * slot: the operation stays `queued`, because neither a pause nor a connection could be justified yet.
 *
 * Returns: every cause that holds; 0 when it may run
 */
FerrydCauses
ferryd_policy_decide (const FerrydPolicyRequest *request, const FerrydConditions *conditions, gint64 now)
{
  FerrydCauses causes = 0;

  if (conditions->paused_all)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_USER_PAUSED_ALL);
  if (request->disk_full)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL);
  if (now < request->not_before || (request->not_after != 0 && now >= request->not_after))
    causes |= FERRYD_CAUSE (FERRY_CAUSE_TIME_WINDOW);
  if (!conditions->ready)
    return causes | FERRYD_CAUSE (FERRY_CAUSE_SLOT);

  if (conditions->battery_saver && conditions->pause_on_battery_saver && !is_exempt_from_saver (request))
    causes |= FERRYD_CAUSE (FERRY_CAUSE_POWER_SAVER);
  if (!request->local)
    causes |= decide_network (request, conditions);
  return causes;
}

/**
 * ferryd_policy_state:
 * @causes: every cause that holds
 *
 * Returns: the state of an operation that was started and has not ended: the first cause decides, none is
 * `running`
 */
FerryState
ferryd_policy_state (FerrydCauses causes)
{
  switch ((FerryCause) g_bit_nth_lsf (causes, -1))
    {
    case FERRY_CAUSE_APPLICATION:
      return FERRY_STATE_PAUSED_BY_APPLICATION;
    case FERRY_CAUSE_RECOVERABLE_ERROR:
      return FERRY_STATE_PAUSED_RECOVERABLE_ERROR;
    case FERRY_CAUSE_USER_PAUSED_ALL:
    case FERRY_CAUSE_POWER_SAVER:
    case FERRY_CAUSE_DISK_FULL:
    case FERRY_CAUSE_TIME_WINDOW:
      return FERRY_STATE_PAUSED_SYSTEM_POLICY;
    case FERRY_CAUSE_NETWORK_NONE:
    case FERRY_CAUSE_NETWORK_PORTAL:
      return FERRY_STATE_PAUSED_NO_NETWORK;
    case FERRY_CAUSE_COST_OVER_LIMIT:
    case FERRY_CAUSE_COST_ROAMING:
    case FERRY_CAUSE_COST_APPROACHING_LIMIT:
    case FERRY_CAUSE_COST_METERED:
      return FERRY_STATE_PAUSED_COSTED_NETWORK;
    case FERRY_CAUSE_RETRY:
    case FERRY_CAUSE_GROUP:
    case FERRY_CAUSE_SLOT:
    case FERRY_CAUSE_HOST_SLOT:
      return FERRY_STATE_QUEUED;
    default:
      return FERRY_STATE_RUNNING;
    }
}
