/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-queue.h"
#include "ferryd-unconstrained.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_DISPATCHER (ferryd_dispatcher_get_type ())
/**
 * FerrydDispatcher:
 *
 * The one place every call comes through: methods, Get, GetAll, Set and Introspect of all objects, of which
 * none exists as an object here. In this order: who calls, does the object exist for them, does it have the
 * member, may they, are the arguments of the right types; then the member's handler.
 *
 * Signal `idle-changed`: ferryd_dispatcher_is_idle() is different.
 */
G_DECLARE_FINAL_TYPE (FerrydDispatcher, ferryd_dispatcher, FERRYD, DISPATCHER, GObject)

FerrydDispatcher *ferryd_dispatcher_new (GDBusConnection *connection, FerrydQueue *queue,
                                         FerrydUnconstrained *unconstrained, FerrydDataMeter *meter,
                                         FerrydSettings *settings);

/* Calls that came before are kept until then, and served in their order. */
void ferryd_dispatcher_set_ready (FerrydDispatcher *self);
/* From now on, and for those kept: nobody is served, and everybody is told why. */
void ferryd_dispatcher_refuse (FerrydDispatcher *self, const GError *error);
/* Nobody is attached to an operation, and nobody watches. */
gboolean ferryd_dispatcher_is_idle (FerrydDispatcher *self);
/* Calls that have arrived and have not been answered. */
guint ferryd_dispatcher_get_in_flight (FerrydDispatcher *self);
/* When the last call arrived, as of g_get_monotonic_time(). */
gint64 ferryd_dispatcher_get_last (FerrydDispatcher *self);

G_END_DECLS
