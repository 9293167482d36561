/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-enums.h"

G_BEGIN_DECLS

/**
 * FerrydConditions:
 * @connectivity: how far the network reaches
 * @cost: what the connection costs
 * @no_carrier: the connection's link is down, though the connection is still there
 * @link_changes: counts changes of link and connection; where it starts means nothing
 * @asleep: the machine is about to sleep, and what runs is to be put away
 * @roaming: outside the home provider's network
 * @approaching_limit: on track to exceed the data plan
 * @over_limit: beyond the data plan
 * @background_restricted: the user's switch holds on this connection
 * @on_battery: no mains
 * @battery_saver: battery low, or the power-saver profile
 * @pause_on_battery_saver: the setting
 * @paused_all: the user's own switch
 * @ready: the first answers of the monitors are there; nothing starts before
 *
 * A snapshot of everything outside that decides what may run. A plain value.
 */
typedef struct
{
  FerryConnectivity connectivity;
  FerryNetworkCost cost;
  gboolean no_carrier;
  guint link_changes;
  gboolean asleep;
  gboolean roaming;
  gboolean approaching_limit;
  gboolean over_limit;
  gboolean background_restricted;
  gboolean on_battery;
  gboolean battery_saver;
  gboolean pause_on_battery_saver;
  gboolean paused_all;
  gboolean ready;
} FerrydConditions;

static inline gboolean
ferryd_conditions_is_metered (const FerrydConditions *conditions)
{
  return conditions->cost == FERRY_NETWORK_COST_FIXED || conditions->cost == FERRY_NETWORK_COST_VARIABLE;
}

G_END_DECLS
