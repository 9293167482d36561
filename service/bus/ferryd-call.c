/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-call.h"

#include <gio/gunixfdlist.h>

#include "ferry-error.h"

/**
 * ferryd_call_new:
 * @connection: where it came from
 * @inbox: where it came in
 * @message: a method call
 *
 * Returns: (transfer full): a call whose interface, member and arguments are those of the message
 */
FerrydCall *
ferryd_call_new (GDBusConnection *connection, FerrydInbox *inbox, GDBusMessage *message)
{
  FerrydCall *call = g_new0 (FerrydCall, 1);
  GVariant *body = g_dbus_message_get_body (message);

  call->connection = g_object_ref (connection);
  call->message = g_object_ref (message);
  call->inbox = ferryd_inbox_ref (inbox);
  call->interface = g_dbus_message_get_interface (message);
  call->member = g_dbus_message_get_member (message);
  call->arguments = body != NULL ? g_variant_ref (body) : g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
  return call;
}

/**
 * ferryd_call_drop:
 * @call: (transfer full): a call
 *
 * Lets go of @call; it counts as answered.
 */
void
ferryd_call_drop (FerrydCall *call)
{
  ferryd_inbox_answered (call->inbox);
  g_clear_pointer (&call->caller, ferryd_caller_unref);
  g_variant_unref (call->arguments);
  ferryd_inbox_unref (call->inbox);
  g_object_unref (call->message);
  g_object_unref (call->connection);
  g_free (call);
}

/* A reply that cannot be delivered is nobody's loss: who asked is gone, or so is the bus. */
static void
ferryd_call_send (FerrydCall *call, GDBusMessage *reply)
{
  g_autoptr (GError) error = NULL;

  if ((g_dbus_message_get_flags (call->message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) == 0 &&
      !g_dbus_connection_send_message (call->connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, &error))
    g_debug ("No reply to %s: %s", g_dbus_message_get_sender (call->message), error->message);
  ferryd_call_drop (call);
}

/**
 * ferryd_call_reply:
 * @call: (transfer full): a call
 * @result: (nullable) (transfer floating): a tuple of what it returns, NULL for nothing
 *
 * Answers @call.
 */
void
ferryd_call_reply (FerrydCall *call, GVariant *result)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (call->message);

  if (result != NULL)
    g_dbus_message_set_body (reply, result);
  ferryd_call_send (call, reply);
}

/**
 * ferryd_call_reply_descriptor:
 * @call: (transfer full): a call that returns one descriptor
 * @descriptor: (transfer full): it
 *
 * Answers @call.
 */
void
ferryd_call_reply_descriptor (FerrydCall *call, int descriptor)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (call->message);
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new_from_array (&descriptor, 1);

  g_dbus_message_set_unix_fd_list (reply, list);
  g_dbus_message_set_body (reply, g_variant_new ("(h)", 0));
  ferryd_call_send (call, reply);
}

/**
 * ferryd_call_reply_properties:
 * @call: (transfer full): Get or GetAll of properties that are there
 * @properties: (transfer floating): a{sv} with at least the one that is asked for
 *
 * Answers @call.
 */
void
ferryd_call_reply_properties (FerrydCall *call, GVariant *properties)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (properties);
  g_autoptr (GVariant) value = NULL;

  if (call->member == NULL)
    {
      ferryd_call_reply (call, g_variant_new ("(@a{sv})", all));
      return;
    }
  value = g_variant_lookup_value (all, call->member, NULL);
  ferryd_call_reply (call, g_variant_new ("(v)", value));
}

/* What came from below the engine in spite of its promise, in words of the contract: a name like
 * org.gtk.GDBus.UnmappedGError.… says nothing to anybody. */
static FerryError
error_for_io (const GError *error)
{
  if (error->domain != G_IO_ERROR)
    return FERRY_ERROR_STORE_UNAVAILABLE;
  switch (error->code)
    {
    case G_IO_ERROR_NOT_FOUND:
      return FERRY_ERROR_NOT_FOUND;
    case G_IO_ERROR_PERMISSION_DENIED:
      return FERRY_ERROR_ACCESS_DENIED;
    case G_IO_ERROR_INVALID_ARGUMENT:
    case G_IO_ERROR_INVALID_FILENAME:
      return FERRY_ERROR_INVALID_ARGUMENT;
    case G_IO_ERROR_NOT_SUPPORTED:
      return FERRY_ERROR_NOT_SUPPORTED;
    case G_IO_ERROR_EXISTS:
      return FERRY_ERROR_DESTINATION_EXISTS;
    default:
      return FERRY_ERROR_STORE_UNAVAILABLE;
    }
}

/**
 * ferryd_call_fail:
 * @call: (transfer full): a call
 * @error: of FERRY_ERROR or G_DBUS_ERROR; others get a name of the contract that fits best
 *
 * Answers @call with an error.
 */
void
ferryd_call_fail (FerrydCall *call, const GError *error)
{
  g_autoptr (GDBusMessage) reply = NULL;
  g_autofree char *name = NULL;

  if (error->domain == FERRY_ERROR || error->domain == G_DBUS_ERROR)
    name = g_dbus_error_encode_gerror (error);
  else
    {
      g_autoptr (GError) mapped = g_error_new_literal (FERRY_ERROR, error_for_io (error), error->message);

      g_warning ("%s.%s failed: %s, %s", call->interface, call->member, g_quark_to_string (error->domain),
                 error->message);
      name = g_dbus_error_encode_gerror (mapped);
    }
  /* Not the message: it may quote an address whose query is a secret. */
  g_debug ("%s gets %s", g_dbus_message_get_sender (call->message), name);
  reply = g_dbus_message_new_method_error_literal (call->message, name, error->message);
  ferryd_call_send (call, reply);
}

/**
 * ferryd_call_reject:
 * @call: (transfer full): a call
 * @domain: FERRY_ERROR or G_DBUS_ERROR
 * @code: of @domain
 * @format: a sentence that says what was wrong
 * @...: for @format
 *
 * Answers @call with an error.
 */
void
ferryd_call_reject (FerrydCall *call, GQuark domain, int code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = g_error_new_valist (domain, code, format, arguments);
  va_end (arguments);
  ferryd_call_fail (call, error);
}
