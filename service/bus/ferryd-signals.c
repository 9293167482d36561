/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-signals.h"

#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferry-names.h"
#include "ferryd-paths.h"

/* What cannot be sent is nobody's loss: the bus has gone. */
static void
emit (GDBusConnection *connection, const char *to, const FerrydId *id, const char *interface,
      const char *signal, GVariant *parameters)
{
  g_autofree char *path = ferryd_paths_of_operation (id);

  g_dbus_connection_emit_signal (connection, to, path, interface, signal, parameters, NULL);
}

/**
 * ferryd_signals_changed:
 * @connection: the session bus
 * @to: unique name of who is to know
 * @id: an operation
 * @interface: an interface of it
 * @dict: a{sv} of properties of @interface
 *
 * PropertiesChanged.
 */
void
ferryd_signals_changed (GDBusConnection *connection, const char *to, const FerrydId *id,
                        const char *interface, GVariant *dict)
{
  emit (connection, to, id, "org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new ("(s@a{sv}@as)", interface, dict, g_variant_new_strv (NULL, 0)));
}

/**
 * ferryd_signals_snapshot:
 * @connection: the session bus
 * @to: unique name of who is to know
 * @description: an operation, complete
 *
 * PropertiesChanged with every property, for each of its interfaces.
 */
void
ferryd_signals_snapshot (GDBusConnection *connection, const char *to, const FerrydDescription *description)
{
  const char *const interfaces[] = {
    FERRY_OPERATION_INTERFACE,
    description->kind == FERRY_KIND_DOWNLOAD ? FERRY_DOWNLOAD_OPERATION_INTERFACE
                                             : FERRY_UPLOAD_OPERATION_INTERFACE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      FerrydProperties properties = ferryd_operation_properties_of_interface (interfaces[i]);
      g_autoptr (GVariant) dict =
          g_variant_ref_sink (ferryd_operation_properties_to_dict (properties, description));

      ferryd_signals_changed (connection, to, &description->id, interfaces[i], dict);
    }
}

/**
 * ferryd_signals_ranges:
 * @connection: the session bus
 * @to: unique name of the receiver
 * @id: a download
 * @added: (transfer none): the arguments, (a(tt)b)
 *
 * Sends RangesDownloaded.
 */
void
ferryd_signals_ranges (GDBusConnection *connection, const char *to, const FerrydId *id, GVariant *added)
{
  emit (connection, to, id, FERRY_DOWNLOAD_OPERATION_INTERFACE, "RangesDownloaded", added);
}

/**
 * ferryd_signals_ended:
 * @connection: the session bus
 * @to: unique name of who is to know
 * @description: an operation as it was when it ended
 *
 * Ended.
 */
void
ferryd_signals_ended (GDBusConnection *connection, const char *to, const FerrydDescription *description)
{
  gboolean failed = description->state == FERRY_STATE_ERROR && description->error_status >= 0;

  emit (connection, to, &description->id, FERRY_OPERATION_INTERFACE, "Ended",
        g_variant_new ("(ss)", ferry_enum_to_nick (FERRY_TYPE_STATE, description->state),
                       failed ? ferry_transfer_error_to_status (description->error_status) : ""));
}
