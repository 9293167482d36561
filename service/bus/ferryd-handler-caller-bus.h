/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-handler-caller.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_HANDLER_CALLER_BUS (ferryd_handler_caller_bus_get_type ())
/**
 * FerrydHandlerCallerBus:
 *
 * Calls applications over the session bus, which starts them.
 */
G_DECLARE_FINAL_TYPE (FerrydHandlerCallerBus, ferryd_handler_caller_bus, FERRYD, HANDLER_CALLER_BUS, GObject)

FerrydHandlerCaller *ferryd_handler_caller_bus_new (GDBusConnection *connection);

G_END_DECLS
