/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-data-plan.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_INTERFACE_COUNTERS (ferryd_interface_counters_get_type ())
G_DECLARE_INTERFACE (FerrydInterfaceCounters, ferryd_interface_counters, FERRYD, INTERFACE_COUNTERS, GObject)

/**
 * FerrydInterfaceCountersInterface:
 * @read: what has gone through the network interface of that name so far. FALSE where there is none. Never
 *   blocks: the kernel answers from memory.
 *
 * The kernel's own count of bytes. Main thread only.
 */
struct _FerrydInterfaceCountersInterface
{
  GTypeInterface parent;

  gboolean (*read) (FerrydInterfaceCounters *self, const char *interface, FerrydCounter *counter);
};

gboolean ferryd_interface_counters_read (FerrydInterfaceCounters *self, const char *interface,
                                         FerrydCounter *counter);

G_END_DECLS
