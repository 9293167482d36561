/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-interface-counters.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_INTERFACE_COUNTERS_SYSFS (ferryd_interface_counters_sysfs_get_type ())
/**
 * FerrydInterfaceCountersSysfs:
 *
 * Those in /sys/class/net, which have 64 bits.
 */
G_DECLARE_FINAL_TYPE (FerrydInterfaceCountersSysfs, ferryd_interface_counters_sysfs, FERRYD,
                      INTERFACE_COUNTERS_SYSFS, GObject)

FerrydInterfaceCounters *ferryd_interface_counters_sysfs_new (const char *root);

G_END_DECLS
