/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-clock.h"
#include "ferryd-id.h"
#include "ferryd-settings.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_DELIVERY (ferryd_delivery_get_type ())
/**
 * FerrydDelivery:
 *
 * When which application is called for which completion group: one call at a time, at most one start of it in
 * ten seconds, again after a while where that did not succeed, and at once when it comes by itself.
 *
 * Signal `due` (FerrydId as a pointer): it is to be called for that group now, and ferryd_delivery_end() to
 * be called with what comes of it. Never from inside a function of this class.
 */
G_DECLARE_FINAL_TYPE (FerrydDelivery, ferryd_delivery, FERRYD, DELIVERY, GObject)

FerrydDelivery *ferryd_delivery_new (FerrydClock *clock, FerrydSettings *settings);

void ferryd_delivery_add (FerrydDelivery *self, const FerrydId *group, const char *name, guint attempts,
                          gint64 delay);
void ferryd_delivery_remove (FerrydDelivery *self, const FerrydId *group);
gint64 ferryd_delivery_end (FerrydDelivery *self, const FerrydId *group, gboolean answered);

void ferryd_delivery_set_running (FerrydDelivery *self, const char *name, gboolean running);
void ferryd_delivery_contact (FerrydDelivery *self, const char *name);

G_END_DECLS
