/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_SYSTEM_BUS (ferryd_system_bus_get_type ())
/**
 * FerrydSystemBus:
 *
 * The service's connection to the system bus, made again whenever it has been lost. The service works
 * without, and asks nobody to start a bus.
 *
 * Emits `changed` (no arguments) in the main thread when there is another connection, none any more, or the
 * certainty that there is none for now.
 */
G_DECLARE_FINAL_TYPE (FerrydSystemBus, ferryd_system_bus, FERRYD, SYSTEM_BUS, GObject)

FerrydSystemBus *ferryd_system_bus_new (void);
GDBusConnection *ferryd_system_bus_get_connection (FerrydSystemBus *self);
gboolean ferryd_system_bus_is_absent (FerrydSystemBus *self);

G_END_DECLS
