/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-data-meter.h"
#include "ferryd-dispatcher.h"
#include "ferryd-queue.h"
#include "ferryd-settings.h"

G_BEGIN_DECLS

/**
 * FerrydIdleExit:
 *
 * Finds out when the service has had nothing to do for as long as the setting idle-exit says: no operation
 * that can go on by itself, nobody attached or watching, no call being answered, no data plan to meter.
 *
 * Signal `idle`: it is so. Comes again after the same time if it still is.
 */
#define FERRYD_TYPE_IDLE_EXIT (ferryd_idle_exit_get_type ())
G_DECLARE_FINAL_TYPE (FerrydIdleExit, ferryd_idle_exit, FERRYD, IDLE_EXIT, GObject)

FerrydIdleExit *ferryd_idle_exit_new (FerrydQueue *queue, FerrydDispatcher *dispatcher,
                                      FerrydDataMeter *meter, FerrydSettings *settings);
gboolean ferryd_idle_exit_is_idle (FerrydIdleExit *self);

G_END_DECLS
