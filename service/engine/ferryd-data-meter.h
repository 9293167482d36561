/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-clock.h"
#include "ferryd-interface-counters.h"
#include "ferryd-network-monitor.h"
#include "ferryd-settings.h"
#include "ferryd-store.h"

G_BEGIN_DECLS

/**
 * FerrydMetered:
 * @connection: (owned): its interface is that of now, where it is the one in use
 * @active: it is the one that pays for what is transferred now
 * @has_plan: the following is known
 * @usage: of this period
 *
 * A connection, and what of its data plan is used.
 */
typedef struct
{
  FerrydConnection connection;
  gboolean active;
  gboolean has_plan;
  FerrydDataPlan plan;
  FerrydDataPeriod period;
  guint64 used;
} FerrydMetered;

void ferryd_metered_free (FerrydMetered *metered);

#define FERRYD_TYPE_DATA_METER (ferryd_data_meter_get_type ())
/**
 * FerrydDataMeter:
 *
 * Counts what goes through connections that have a data plan, of everybody on the machine, and says what that
 * means for the limits. It looks at the kernel's counters often while something is transferred, and ever more
 * seldom while nothing moves.
 *
 * What it has counted lies in the store together with the counter it was counted from: a killed process loses
 * nothing by it, as what has gone through since is counted by the next one.
 *
 * Signal `changed` (no arguments): ferryd_data_meter_fill() answers differently.
 */
G_DECLARE_FINAL_TYPE (FerrydDataMeter, ferryd_data_meter, FERRYD, DATA_METER, GObject)

FerrydDataMeter *ferryd_data_meter_new (FerrydClock *clock, FerrydStore *store, FerrydSettings *settings,
                                        FerrydNetworkMonitor *network, FerrydInterfaceCounters *counters);

/* With what the store has, when it is open; nothing is counted before. */
void ferryd_data_meter_restore (FerrydDataMeter *self, GVariant *settings);
/* The last word, before the store is closed; nothing is counted afterwards. */
void ferryd_data_meter_close (FerrydDataMeter *self);

/* Writes cost and limits, as the network monitor left them, where there is a plan. */
void ferryd_data_meter_fill (FerrydDataMeter *self, FerrydConditions *conditions);
/* Something is being transferred. */
void ferryd_data_meter_set_busy (FerrydDataMeter *self, gboolean busy);
/* There is a plan, so that somebody has to be there and count. */
gboolean ferryd_data_meter_is_needed (FerrydDataMeter *self);

/* (transfer full) (element-type FerrydMetered): every connection that is known or has a plan. */
GPtrArray *ferryd_data_meter_list (FerrydDataMeter *self);

/* Somebody knows better what was used. */
void ferryd_data_meter_correct_async (FerrydDataMeter *self, const char *connection, guint64 used,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_data_meter_correct_finish (FerrydDataMeter *self, GAsyncResult *result, GError **error);

G_END_DECLS
