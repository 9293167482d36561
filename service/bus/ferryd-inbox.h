/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydInbox:
 *
 * Where method calls to the service's objects come in. It takes them from the connection's own thread, as
 * they arrive, and hands them on in the main context, in that order. From its arrival to its answer a call
 * counts as in flight: a service that has given its name back and finds nothing in flight has lost no call.
 *
 * Reference counted, since the connection's thread may still be in it when everybody else is done.
 */
typedef struct _FerrydInbox FerrydInbox;

typedef void (*FerrydInboxFunc) (GDBusMessage *message, gpointer user_data);

FerrydInbox *ferryd_inbox_open (GDBusConnection *connection, FerrydInboxFunc func, gpointer user_data);
void ferryd_inbox_close (FerrydInbox *inbox);
FerrydInbox *ferryd_inbox_ref (FerrydInbox *inbox);
void ferryd_inbox_unref (FerrydInbox *inbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydInbox, ferryd_inbox_unref)

void ferryd_inbox_answered (FerrydInbox *inbox);
guint ferryd_inbox_get_in_flight (FerrydInbox *inbox);
gint64 ferryd_inbox_get_last (FerrydInbox *inbox);

gboolean ferryd_inbox_is_ours (GDBusMessage *message);

G_END_DECLS
