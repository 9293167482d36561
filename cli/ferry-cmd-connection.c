/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-connection.h"

#include <glib/gi18n.h>

#include "ferry-cmd-format.h"
#include "ferry-cmd-util.h"

/**
 * ferry_cmd_list_connections:
 * @manager: the service as a whole
 * @error: (nullable):
 *
 * Returns: (transfer full) (nullable): an a{sa{sv}}
 */
GVariant *
ferry_cmd_list_connections (FerryManager *manager, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_manager_list_connections_async (manager, NULL, ferry_cmd_keep_result, &result);
  ferry_cmd_await (&result);
  return ferry_manager_list_connections_finish (manager, result, error);
}

/**
 * ferry_cmd_connection_name:
 * @uuid: of a connection
 * @connection: what is known of it
 *
 * Returns: (transfer none): what people call it, or its UUID where nobody knows
 */
const char *
ferry_cmd_connection_name (const char *uuid, GVariant *connection)
{
  const char *name;

  return g_variant_lookup (connection, "name", "&s", &name) ? name : uuid;
}

/**
 * ferry_cmd_find_connection:
 * @connections: what there is
 * @name: of one, or its UUID
 * @error: (nullable):
 *
 * Returns: (transfer full) (nullable): its UUID
 */
char *
ferry_cmd_find_connection (GVariant *connections, const char *name, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *all = NULL;
  GVariantIter iter;
  const char *uuid;
  GVariant *connection;

  g_variant_iter_init (&iter, connections);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &uuid, &connection))
    {
      if (g_str_equal (uuid, name) || g_str_equal (ferry_cmd_connection_name (uuid, connection), name))
        g_ptr_array_add (found, g_strdup (uuid));
    }
  if (found->len == 1)
    return g_ptr_array_steal_index (found, 0);
  if (found->len == 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                   _ ("There is no network connection “%s”: “ferry plan --all” shows what there is"), name);
      return NULL;
    }
  g_ptr_array_add (found, NULL);
  all = g_strjoinv (", ", (GStrv) found->pdata);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("Several network connections are called “%s”: name one of %s"), name, all);
  return NULL;
}

/**
 * ferry_cmd_connection_is_active:
 * @connection: a connection
 *
 * Returns: whether it is the one in use
 */
gboolean
ferry_cmd_connection_is_active (GVariant *connection)
{
  gboolean active;

  return g_variant_lookup (connection, "active", "b", &active) && active;
}

/**
 * ferry_cmd_connection_has_plan:
 * @connection: a connection
 *
 * Returns: whether it has a data plan
 */
gboolean
ferry_cmd_connection_has_plan (GVariant *connection)
{
  guint64 limit;

  return g_variant_lookup (connection, "limit", "t", &limit);
}

static gint64
get_number (GVariant *connection, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (connection, key, NULL);

  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return (gint64) MIN (g_variant_get_uint64 (value), (guint64) G_MAXINT64);
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_INT64) ? g_variant_get_int64 (value)
                                                                             : 0;
}

/**
 * ferry_cmd_connection_usage:
 * @connection: one with a data plan
 * @now: Unix microseconds
 *
 * Returns: (transfer full): what of it is used, and of its time
 */
char *
ferry_cmd_connection_usage (GVariant *connection, gint64 now)
{
  gint64 limit = get_number (connection, "limit"), used = get_number (connection, "used");
  gint64 begin = get_number (connection, "period-begin"), end = get_number (connection, "period-end");
  g_autofree char *of = ferry_cmd_format_size (limit);
  g_autofree char *size = ferry_cmd_format_size (used);
  g_autofree char *gone = ferry_cmd_format_percent (CLAMP (now - begin, 0, end - begin), end - begin);
  int percent = limit > 0 ? (int) MIN ((double) used * 100.0 / (double) limit, 9999.0) : 100;

  return g_strdup_printf (_ ("%s of %s (%d%%) in %s of the time"), size, of, percent, gone);
}

/**
 * ferry_cmd_connection_period:
 * @connection: one with a data plan
 *
 * Returns: (transfer full): the day on which it begins anew
 */
char *
ferry_cmd_connection_period (GVariant *connection)
{
  g_autoptr (GDateTime) end =
      g_date_time_new_from_unix_local (get_number (connection, "period-end") / G_USEC_PER_SEC);

  return end != NULL ? g_date_time_format (end, "%F") : g_strdup ("-");
}
