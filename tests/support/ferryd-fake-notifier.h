/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-notifier.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_NOTIFIER (ferryd_fake_notifier_get_type ())
/**
 * FerrydFakeNotifier:
 *
 * A user whose answers the test gives; at first there.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeNotifier, ferryd_fake_notifier, FERRYD, FAKE_NOTIFIER, GObject)

FerrydFakeNotifier *ferryd_fake_notifier_new (void);
/* Nobody is there from now on, and what was shown is gone; or somebody is again. */
void ferryd_fake_notifier_set_present (FerrydFakeNotifier *self, gboolean present);

/* How many are shown, and one of them (transfer none) (nullable): its id, and what it says as text:
 * `application|title|body|icon|default action|key=label|…`. */
guint ferryd_fake_notifier_count (FerrydFakeNotifier *self);
const char *ferryd_fake_notifier_peek_id (FerrydFakeNotifier *self);
const char *ferryd_fake_notifier_peek_text (FerrydFakeNotifier *self, const char *id);

/* What the user does with one that is shown. */
void ferryd_fake_notifier_invoke (FerrydFakeNotifier *self, const char *id, const char *key);
void ferryd_fake_notifier_close (FerrydFakeNotifier *self, const char *id, FerrydNotificationEnd end);

G_END_DECLS
