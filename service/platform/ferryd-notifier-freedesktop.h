/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-notifier.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NOTIFIER_FREEDESKTOP (ferryd_notifier_freedesktop_get_type ())
/**
 * FerrydNotifierFreedesktop:
 *
 * Over org.freedesktop.Notifications on the session bus (Desktop Notifications Specification 1.2, activation
 * tokens of 1.3). Whoever the bus can start is started. Costs nothing while nothing is shown: not even a
 * match rule.
 */
G_DECLARE_FINAL_TYPE (FerrydNotifierFreedesktop, ferryd_notifier_freedesktop, FERRYD, NOTIFIER_FREEDESKTOP,
                      GObject)

FerrydNotifier *ferryd_notifier_freedesktop_new (GDBusConnection *connection);

G_END_DECLS
