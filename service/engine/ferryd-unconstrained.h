/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-notifier.h"
#include "ferryd-queue.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_UNCONSTRAINED (ferryd_unconstrained_get_type ())
/**
 * FerrydUnconstrained:
 *
 * Asks the user whether operations may go on while battery is to be saved, and grants it to them.
 */
G_DECLARE_FINAL_TYPE (FerrydUnconstrained, ferryd_unconstrained, FERRYD, UNCONSTRAINED, GObject)

FerrydUnconstrained *ferryd_unconstrained_new (FerrydQueue *queue, FerrydNotifier *notifier,
                                               FerrydClock *clock, FerrydSettings *settings);

/* @ids: operations that are there. The finish function answers whether the user agreed; an error only where
 * that cannot be recorded. */
void ferryd_unconstrained_ask_async (FerrydUnconstrained *self, const char *application, const FerrydId *ids,
                                     guint n_ids, GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_unconstrained_ask_finish (FerrydUnconstrained *self, GAsyncResult *result, gboolean *granted,
                                          GError **error);

/* Answers for the user, who is asked no more: no. */
void ferryd_unconstrained_close (FerrydUnconstrained *self);

G_END_DECLS
