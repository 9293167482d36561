/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-interface-counters.h"

G_DEFINE_INTERFACE (FerrydInterfaceCounters, ferryd_interface_counters, G_TYPE_OBJECT)

static void
ferryd_interface_counters_default_init (FerrydInterfaceCountersInterface *iface)
{
}

/**
 * ferryd_interface_counters_read:
 * @self: the counters
 * @interface: the kernel's name of a network interface
 * @counter: (out): what it has counted
 *
 * Returns: whether there is such an interface
 */
gboolean
ferryd_interface_counters_read (FerrydInterfaceCounters *self, const char *interface, FerrydCounter *counter)
{
  return FERRYD_INTERFACE_COUNTERS_GET_IFACE (self)->read (self, interface, counter);
}
