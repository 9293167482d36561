/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-operation-list.h"

#include "ferry-names.h"
#include "ferry-operation-private.h"

/**
 * FerryOperationList:
 *
 * A live GListModel of the operations that a filter names, oldest first, fed by `Manager.Watch`. The bus
 * knows one watch a connection: a newer list there takes this one's place, and this one stays as it is.
 */
struct _FerryOperationList
{
  GObject parent_instance;

  FerryBus *bus;    /* (owned) */
  GVariant *filter; /* (owned): an a{sv} */
  GPtrArray *items; /* (owned) (element-type FerryOperation) */
  gulong lost_id;   /* handler of FerryBus::lost */
};

static void ferry_operation_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryOperationList, ferry_operation_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ferry_operation_list_model_init))

static GType
ferry_operation_list_get_item_type (GListModel *model)
{
  return FERRY_TYPE_OPERATION;
}

static guint
ferry_operation_list_get_n_items (GListModel *model)
{
  return FERRY_OPERATION_LIST (model)->items->len;
}

static gpointer
ferry_operation_list_get_item (GListModel *model, guint position)
{
  FerryOperationList *self = FERRY_OPERATION_LIST (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
ferry_operation_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ferry_operation_list_get_item_type;
  iface->get_n_items = ferry_operation_list_get_n_items;
  iface->get_item = ferry_operation_list_get_item;
}

static void
ferry_operation_list_dispose (GObject *object)
{
  FerryOperationList *self = FERRY_OPERATION_LIST (object);

  if (self->bus != NULL)
    {
      g_clear_signal_handler (&self->lost_id, self->bus);
      if (ferry_bus_get_listener (self->bus, FERRY_ROOT_PATH) == object)
        {
          ferry_bus_unlisten (self->bus, FERRY_ROOT_PATH, object);
          ferry_bus_call_async (self->bus, FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE, "Unwatch", NULL, "()",
                                FERRY_BUS_CALL_IF_THERE, NULL, NULL, NULL);
        }
    }
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (ferry_operation_list_parent_class)->dispose (object);
}

static void
ferry_operation_list_finalize (GObject *object)
{
  FerryOperationList *self = FERRY_OPERATION_LIST (object);

  g_clear_pointer (&self->filter, g_variant_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);

  G_OBJECT_CLASS (ferry_operation_list_parent_class)->finalize (object);
}

static void
ferry_operation_list_class_init (FerryOperationListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_operation_list_dispose;
  object_class->finalize = ferry_operation_list_finalize;
}

static void
ferry_operation_list_init (FerryOperationList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

static gboolean
find_path (FerryOperationList *self, const char *path, guint *position)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      if (g_str_equal (ferry_operation_get_path (self->items->pdata[i]), path))
        {
          *position = i;
          return TRUE;
        }
    }
  return FALSE;
}

static void
remove_position (FerryOperationList *self, guint position)
{
  g_ptr_array_remove_index (self->items, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

/* Takes over an a{oa{sv}}: what is new goes to the end. */
static void
take_operations (FerryOperationList *self, GVariant *operations)
{
  GVariantIter iter;
  const char *path;
  GVariant *properties;
  guint had = self->items->len;

  g_variant_iter_init (&iter, operations);
  while (g_variant_iter_next (&iter, "{&o@a{sv}}", &path, &properties))
    {
      g_autoptr (GVariant) owned = properties;
      g_autoptr (FerryOperation) operation = ferry_operation_new_for_path (self->bus, path, owned);
      guint position;

      if (operation != NULL && !find_path (self, path, &position))
        g_ptr_array_add (self->items, g_steal_pointer (&operation));
    }
  if (self->items->len > had)
    g_list_model_items_changed (G_LIST_MODEL (self), had, 0, self->items->len - had);
}

static void
on_signal (GObject *listener, const char *interface, const char *member, GVariant *parameters)
{
  FerryOperationList *self = FERRY_OPERATION_LIST (listener);
  g_autoptr (GVariant) changed = NULL;
  g_autofree const char **removed = NULL;
  guint position;

  if (!g_str_equal (member, "OperationsChanged") ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(a{oa{sv}}ao)")))
    return;
  g_variant_get (parameters, "(@a{oa{sv}}^a&o)", &changed, &removed);
  for (guint i = 0; removed[i] != NULL; i++)
    {
      if (find_path (self, removed[i], &position))
        remove_position (self, position);
    }
  take_operations (self, changed);
}

/* Makes the list what a reply of Watch says. */
static void
take_reply (FerryOperationList *self, GVariant *reply)
{
  g_autoptr (GVariant) operations = g_variant_get_child_value (reply, 0);
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter iter;
  const char *path;

  g_variant_iter_init (&iter, operations);
  while (g_variant_iter_next (&iter, "{&o@a{sv}}", &path, NULL))
    g_hash_table_add (there, (char *) path);
  for (guint i = self->items->len; i > 0; i--)
    {
      if (!g_hash_table_contains (there, ferry_operation_get_path (self->items->pdata[i - 1])))
        remove_position (self, i - 1);
    }
  take_operations (self, operations);
}

static void
watch (FerryOperationList *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  ferry_bus_call_async (self->bus, FERRY_ROOT_PATH, FERRY_MANAGER_INTERFACE, "Watch",
                        g_variant_new ("(@a{sv})", self->filter), "(a{oa{sv}})", FERRY_BUS_CALL_REPEATABLE,
                        cancellable, callback, user_data);
}

static void
on_watched_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryOperationList) self = FERRY_OPERATION_LIST (user_data);
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, NULL);

  /* Without an answer the list stays as it was last known; whoever wants the service meets the error in a
   * call. */
  if (reply != NULL)
    take_reply (self, reply);
}

static void
on_lost (FerryBus *bus, FerryOperationList *self)
{
  if (ferry_bus_get_listener (bus, FERRY_ROOT_PATH) == G_OBJECT (self))
    watch (self, NULL, on_watched_again, g_object_ref (self));
}

static void
on_watched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryOperationList *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  take_reply (self, reply);
  self->lost_id = g_signal_connect (self->bus, "lost", G_CALLBACK (on_lost), self);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

/**
 * ferry_operation_list_new_async:
 * @bus: (transfer none): where to watch
 * @filter: (nullable): an a{sv} as `Manager.Watch` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Makes a list that has what there is now, and from then on follows.
 */
void
ferry_operation_list_new_async (FerryBus *bus, GVariant *filter, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  FerryOperationList *self = g_object_new (FERRY_TYPE_OPERATION_LIST, NULL);

  g_task_set_source_tag (task, ferry_operation_list_new_async);
  g_task_set_task_data (task, self, g_object_unref);
  self->bus = g_object_ref (bus);
  self->filter = ferry_operation_complete_filter (filter);
  ferry_bus_listen (bus, FERRY_ROOT_PATH, G_OBJECT (self), on_signal);
  watch (self, cancellable, on_watched, g_object_ref (task));
}

/**
 * ferry_operation_list_new_finish:
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): the list, or NULL with @error
 */
FerryOperationList *
ferry_operation_list_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
