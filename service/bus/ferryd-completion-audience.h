/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-callers.h"
#include "ferryd-queue.h"
#include "ferryd-subscribers.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_COMPLETION_AUDIENCE (ferryd_completion_audience_get_type ())
/**
 * FerrydCompletionAudience:
 *
 * Who is told of the properties of completion groups: the connection that created one, and those attached to
 * a member. Nobody else, and nothing happens where there is nobody.
 */
G_DECLARE_FINAL_TYPE (FerrydCompletionAudience, ferryd_completion_audience, FERRYD, COMPLETION_AUDIENCE,
                      GObject)

FerrydCompletionAudience *ferryd_completion_audience_new (GDBusConnection *connection, FerrydQueue *queue,
                                                          FerrydCallers *callers,
                                                          FerrydSubscribers *subscribers);
void ferryd_completion_audience_set_creator (FerrydCompletionAudience *self, const FerrydId *id,
                                             FerrydCaller *creator);

/* (transfer floating): a{sv} of all properties of a completion group. */
GVariant *ferryd_completion_get_properties (const FerrydCompletionDescription *description);

G_END_DECLS
