/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-conditions.h"

G_BEGIN_DECLS

/**
 * FerrydCauses:
 *
 * A set of #FerryCause, bit N for value N: the lowest bit decides the state.
 */
typedef guint32 FerrydCauses;

#define FERRYD_CAUSE(cause) ((FerrydCauses) 1 << (cause))

/**
 * FerrydPolicyRequest:
 * @cost_policy: what it may cost
 * @priority: high ones that somebody is attached to go on in battery saver
 * @attached: somebody is
 * @unconstrained: exempt from battery-saver pauses
 * @local: needs no network any more (all bytes are there)
 * @disk_full: its disk has no space
 * @offline: its last attempt met a network that was going away or changing
 * @not_before: Unix microseconds, 0 none
 * @not_after: Unix microseconds, 0 none
 *
 * What the policy has to know of an operation. A plain value.
 */
typedef struct
{
  FerryCostPolicy cost_policy;
  FerryPriority priority;
  gboolean attached;
  gboolean unconstrained;
  gboolean local;
  gboolean disk_full;
  gboolean offline;
  gint64 not_before;
  gint64 not_after;
} FerrydPolicyRequest;

FerrydCauses ferryd_policy_decide (const FerrydPolicyRequest *request, const FerrydConditions *conditions,
                                   gint64 now);
FerryState ferryd_policy_state (FerrydCauses causes);

G_END_DECLS
