/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-callers.h"
#include "ferryd-queue.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SUBSCRIBERS (ferryd_subscribers_get_type ())
/**
 * FerrydSubscribers:
 *
 * Who is attached to which operation, and the signals that go to them and to nobody else: PropertiesChanged
 * with what has changed, and Ended. State changes are told at once, counters a few times a second. Nobody
 * attached: no work, no timer.
 *
 * Signal `idle-changed`: ferryd_subscribers_is_idle() is different.
 */
G_DECLARE_FINAL_TYPE (FerrydSubscribers, ferryd_subscribers, FERRYD, SUBSCRIBERS, GObject)

FerrydSubscribers *ferryd_subscribers_new (GDBusConnection *connection, FerrydQueue *queue,
                                           FerrydCallers *callers);

/**
 * FerrydAttaching:
 *
 * A call that will attach its caller, from when it arrived. What the caller detaches from meanwhile it is not
 * attached to by it.
 */
typedef struct _FerrydAttaching FerrydAttaching;

/* @id (nullable): what it will attach to, NULL while that is not known. */
FerrydAttaching *ferryd_subscribers_begin_attaching (FerrydSubscribers *self, FerrydCaller *caller,
                                                     const FerrydId *id);
/* Where nothing comes of it. */
void ferryd_attaching_free (gpointer data);

/* @attaching (transfer full). @ids (element-type FerrydId): borrowed for the call. Done when the caller has
 * been sent the snapshot of each. */
void ferryd_subscribers_attach_async (FerrydAttaching *attaching, const GArray *ids,
                                      GAsyncReadyCallback callback, gpointer user_data);
/* @late (out) (transfer full) (element-type FerrydId): those that had ended before. */
gboolean ferryd_subscribers_attach_finish (FerrydSubscribers *self, GAsyncResult *result, GArray **late,
                                           GError **error);
/* After the call that attached has been answered: who attached to what had ended already gets to know. */
void ferryd_subscribers_tell_ended (FerrydSubscribers *self, const FerrydCaller *caller, const GArray *late);
void ferryd_subscribers_detach (FerrydSubscribers *self, const FerrydCaller *caller, const FerrydId *id);

/* (transfer none) (nullable) (element-type FerrydCaller): who is attached, good until somebody else is. */
const GPtrArray *ferryd_subscribers_peek_attached (FerrydSubscribers *self, const FerrydId *id);
gboolean ferryd_subscribers_is_idle (FerrydSubscribers *self);

G_END_DECLS
