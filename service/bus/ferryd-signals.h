/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-operation-properties.h"

G_BEGIN_DECLS

/* The signals of operations. Each goes to one connection, @to, and to nobody else. */

/* @dict (transfer none): a{sv} of properties of @interface. */
void ferryd_signals_changed (GDBusConnection *connection, const char *to, const FerrydId *id,
                             const char *interface, GVariant *dict);
void ferryd_signals_snapshot (GDBusConnection *connection, const char *to,
                              const FerrydDescription *description);
void ferryd_signals_ranges (GDBusConnection *connection, const char *to, const FerrydId *id, GVariant *added);
void ferryd_signals_ended (GDBusConnection *connection, const char *to, const FerrydDescription *description);

G_END_DECLS
