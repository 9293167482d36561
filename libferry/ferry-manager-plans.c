/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-manager-private.h"

/* Data plans of network connections, and what of them is used. */

/**
 * ferry_manager_list_connections_async:
 * @self: a manager
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Asks for the network connections there are, with their data plans.
 */
void
ferry_manager_list_connections_async (FerryManager *self, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_list_connections_async);
  ferry_manager_call (self, "ListConnections", NULL, "(a{sa{sv}})", FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_list_connections_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full) (nullable): an a{sa{sv}} by the connections' UUIDs, as `Manager.ListConnections`
 * has it
 */
GVariant *
ferry_manager_list_connections_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/**
 * ferry_manager_set_data_plan_async:
 * @self: a manager
 * @connection: UUID of a connection
 * @limit: bytes a month
 * @reset_day: day of the month on which a period begins, 1 to 31
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Gives a connection a data plan, or another one.
 */
void
ferry_manager_set_data_plan_async (FerryManager *self, const char *connection, guint64 limit, guint reset_day,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_set_data_plan_async);
  ferry_manager_call (self, "SetDataPlan", g_variant_new ("(stu)", connection, limit, reset_day), "()",
                      FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_set_data_plan_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_set_data_plan_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}

/**
 * ferry_manager_clear_data_plan_async:
 * @self: a manager
 * @connection: UUID of a connection
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Takes a connection's data plan away.
 */
void
ferry_manager_clear_data_plan_async (FerryManager *self, const char *connection, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_clear_data_plan_async);
  ferry_manager_call (self, "ClearDataPlan", g_variant_new ("(s)", connection), "()", FERRY_BUS_CALL_ONCE,
                      task);
}

/**
 * ferry_manager_clear_data_plan_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_clear_data_plan_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}

/**
 * ferry_manager_set_data_usage_async:
 * @self: a manager
 * @connection: UUID of a connection
 * @used: bytes of the present period
 * @cancellable: (nullable):
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Corrects what was used, as the provider says it.
 */
void
ferry_manager_set_data_usage_async (FerryManager *self, const char *connection, guint64 used,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_manager_set_data_usage_async);
  ferry_manager_call (self, "SetDataUsage", g_variant_new ("(st)", connection, used), "()",
                      FERRY_BUS_CALL_REPEATABLE, task);
}

/**
 * ferry_manager_set_data_usage_finish:
 * @self: a manager
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is done
 */
gboolean
ferry_manager_set_data_usage_finish (FerryManager *self, GAsyncResult *result, GError **error)
{
  return ferry_manager_finish_empty (result, error);
}
