/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-callers.h"
#include "ferryd-id.h"
#include "ferryd-inbox.h"

G_BEGIN_DECLS

/**
 * FerrydCall:
 * @connection: (owned)
 * @message: (owned): the call itself
 * @inbox: (owned): where it came in
 * @caller: (owned) (nullable): NULL until identified; never for a handler
 * @interface: (nullable): the interface whose member is meant, NULL while the call names none; that of the
 *   property, for Get, GetAll and Set, `""` for all
 * @member: (nullable): the method, or the property, or NULL for GetAll
 * @arguments: (owned): a tuple, of the signature that the XML gives; for Set: the value itself
 * @operation: for objects below Operation and CompletionGroup: which; it is there, and the caller may know of
 * it
 *
 * One method call, property read or write on its way to a handler, which owns it and answers it once, at once
 * or later, by one of the functions here.
 */
typedef struct
{
  GDBusConnection *connection;
  GDBusMessage *message;
  FerrydInbox *inbox;
  FerrydCaller *caller;
  const char *interface;
  const char *member;
  GVariant *arguments;
  FerrydId operation;
} FerrydCall;

FerrydCall *ferryd_call_new (GDBusConnection *connection, FerrydInbox *inbox, GDBusMessage *message);

/* All: @call (transfer full). */
void ferryd_call_reply (FerrydCall *call, GVariant *result);
void ferryd_call_reply_descriptor (FerrydCall *call, int descriptor);
void ferryd_call_reply_properties (FerrydCall *call, GVariant *properties);
void ferryd_call_fail (FerrydCall *call, const GError *error);
void ferryd_call_reject (FerrydCall *call, GQuark domain, int code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* For calls that are kept and never answered, at the end. */
void ferryd_call_drop (FerrydCall *call);

G_END_DECLS
