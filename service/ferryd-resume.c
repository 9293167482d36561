/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-resume.h"

#include <gio/gio.h>
#include <stdlib.h>

#include "ferry-names.h"
#include "ferryd-settings.h"
#include "ferryd-store-sqlite.h"

/* Somebody has to count what is used of a data plan. */
static gboolean
has_data_plan (void)
{
  g_autoptr (FerrydSettings) settings = ferryd_settings_open (NULL);

  return settings != NULL && g_variant_n_children (ferryd_settings_peek_data_plans (settings)) > 0;
}

/**
 * ferryd_resume:
 * @state_directory: where the service keeps its state
 *
 * At login: has the bus start the service where transfers are left to go on with, or a data plan is to be
 * metered. A short process of its own
 * that does nothing else, so it may wait.
 *
 * Returns: the exit status of the process
 */
int
ferryd_resume (const char *state_directory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) answer = NULL;

  if (!ferryd_store_sqlite_has_work (state_directory) && !has_data_plan ())
    return EXIT_SUCCESS;
  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (connection != NULL)
    answer = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                          "org.freedesktop.DBus", "StartServiceByName",
                                          g_variant_new ("(su)", FERRY_BUS_NAME, 0), G_VARIANT_TYPE ("(u)"),
                                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  if (answer != NULL)
    return EXIT_SUCCESS;
  g_printerr ("ferryd: there is work left, but the service cannot be started: %s\n", error->message);
  return EXIT_FAILURE;
}
