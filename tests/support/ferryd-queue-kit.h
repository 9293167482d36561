/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-fake-applications.h"
#include "ferryd-fake-clock.h"
#include "ferryd-fake-handler-caller.h"
#include "ferryd-fake-network-monitor.h"
#include "ferryd-fake-notifier.h"
#include "ferryd-fake-power-monitor.h"
#include "ferryd-fake-sleep-monitor.h"
#include "ferryd-fake-store.h"
#include "ferryd-fake-transport.h"
#include "ferryd-queue.h"
#include "ferryd-signal-log.h"

G_BEGIN_DECLS

/**
 * FerrydQueueKit:
 * @base: (owned): folder of this test alone, gone at its end
 * @folder: (owned): where downloads go
 * @state: (owned): the service's state directory
 * @settings: (owned): the contract's defaults at first
 * @io: (owned): inline
 * @queue: (owned): loaded
 * @log: (owned): what @queue emits; what nobody has read is a failure at the end, but for `busy-changed`,
 *   which the kit reads
 *
 * A queue with nothing real around it but the disk. Calls wait for their answer.
 */
typedef struct
{
  char *base;
  char *folder;
  char *state;
  FerrydFakeClock *clock;
  FerrydFakeStore *store;
  FerrydFakeTransport *transport;
  FerrydFakeNetworkMonitor *network;
  FerrydFakePowerMonitor *power;
  FerrydFakeSleepMonitor *sleep;
  FerrydFakeHandlerCaller *handlers;
  FerrydFakeNotifier *notifier;
  FerrydFakeApplications *applications;
  FerrydSettings *settings;
  FerrydIoThread *io;
  FerrydQueue *queue;
  FerrydSignalLog *log;
} FerrydQueueKit;

void ferryd_queue_kit_set_up (FerrydQueueKit *kit, gconstpointer data);
void ferryd_queue_kit_tear_down (FerrydQueueKit *kit, gconstpointer data);
void ferryd_queue_kit_restart (FerrydQueueKit *kit);
void ferryd_queue_kit_break (FerrydQueueKit *kit, gboolean crash);
void ferryd_queue_kit_settle (FerrydQueueKit *kit);

FerrydCreation *ferryd_queue_kit_ask (FerrydQueueKit *kit, const char *uri, const char *leaf,
                                      const char *options);
GPtrArray *ferryd_queue_kit_create_many (FerrydQueueKit *kit, const char *application, GPtrArray *creations,
                                         GError **error);
gboolean ferryd_queue_kit_try_create (FerrydQueueKit *kit, const char *application, FerrydCreation *creation,
                                      FerrydId *id, GError **error);
FerrydId ferryd_queue_kit_create (FerrydQueueKit *kit, const char *leaf, const char *options);
FerrydId ferryd_queue_kit_run (FerrydQueueKit *kit, const char *leaf, const char *options);

gboolean ferryd_queue_kit_verb (FerrydQueueKit *kit, const FerrydId *id, FerryVerb verb, GError **error);
guint ferryd_queue_kit_for_each (FerrydQueueKit *kit, FerryVerb verb, const FerrydFilter *filter);
FerrydDescription *ferryd_queue_kit_describe (FerrydQueueKit *kit, const FerrydId *id);
FerryState ferryd_queue_kit_state (FerrydQueueKit *kit, const FerrydId *id);
void ferryd_queue_kit_wait_state (FerrydQueueKit *kit, const FerrydId *id, FerryState state);
void ferryd_queue_kit_assert_causes (FerrydQueueKit *kit, const FerrydId *id, FerrydCauses causes);
void ferryd_queue_kit_expect_changes (FerrydQueueKit *kit, const FerrydId *id);
FerrydFetch *ferryd_queue_kit_fetch (FerrydQueueKit *kit, guint nth);

char *ferryd_queue_kit_path (FerrydQueueKit *kit, const char *leaf);
guint ferryd_queue_kit_count_files (FerrydQueueKit *kit);

G_END_DECLS
