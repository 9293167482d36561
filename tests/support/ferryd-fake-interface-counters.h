/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-interface-counters.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_INTERFACE_COUNTERS (ferryd_fake_interface_counters_get_type ())
/**
 * FerrydFakeInterfaceCounters:
 *
 * One network interface, `eth0`, that has counted what the test says; at first it is there and at 0.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeInterfaceCounters, ferryd_fake_interface_counters, FERRYD,
                      FAKE_INTERFACE_COUNTERS, GObject)

FerrydFakeInterfaceCounters *ferryd_fake_interface_counters_new (void);
void ferryd_fake_interface_counters_add (FerrydFakeInterfaceCounters *self, guint64 bytes);
void ferryd_fake_interface_counters_set_present (FerrydFakeInterfaceCounters *self, gboolean present);
/* The machine starts again: counted anew from @bytes. */
void ferryd_fake_interface_counters_boot (FerrydFakeInterfaceCounters *self, guint64 bytes);
/* Another interface of that name, which has counted @bytes. */
void ferryd_fake_interface_counters_replace (FerrydFakeInterfaceCounters *self, guint64 bytes);
guint ferryd_fake_interface_counters_get_reads (FerrydFakeInterfaceCounters *self);

G_END_DECLS
