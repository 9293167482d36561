/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-factory-private.h"

#include "ferry-operation-private.h"
#include "ferry-request-private.h"

/* Operations in one reply of List: with every property one is a few KiB, and a message has at most 16 MiB. */
#define PAGE_LENGTH 500

/**
 * FerryFactory:
 *
 * Makes transfers of one kind and lists them. Stateless: a program may have as many as it likes.
 */

enum
{
  PROP_CONNECTION = 1,
  N_PROPS,
};

static GParamSpec *factory_properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE (FerryFactory, ferry_factory, G_TYPE_OBJECT)

static void
ferry_factory_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_CONNECTION)
    g_value_set_object (value, FERRY_FACTORY (object)->connection);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_factory_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_CONNECTION)
    g_set_object (&FERRY_FACTORY (object)->connection, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_factory_dispose (GObject *object)
{
  g_clear_object (&FERRY_FACTORY (object)->connection);

  G_OBJECT_CLASS (ferry_factory_parent_class)->dispose (object);
}

static void
ferry_factory_class_init (FerryFactoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_factory_get_property;
  object_class->set_property = ferry_factory_set_property;
  object_class->dispose = ferry_factory_dispose;

  /**
   * FerryFactory:connection:
   *
   * The bus the service is on; NULL for the session bus.
   */
  factory_properties[PROP_CONNECTION] =
      g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, factory_properties);
}

static void
ferry_factory_init (FerryFactory *self)
{
}

/* Creating */

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  FerryOperation *operation = ferry_operation_load_finish (result, &error);

  if (operation == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, operation, g_object_unref);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryBus *bus = FERRY_BUS (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (bus, result, NULL, &error);
  const char *path;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(&o)", &path);
  ferry_operation_load_async (bus, path, g_task_get_cancellable (task), on_loaded, g_object_ref (task));
}

static void
on_bus_for_create (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  const FerryFactoryClass *klass = FERRY_FACTORY_GET_CLASS (g_task_get_source_object (task));
  FerryRequest *request = g_task_get_task_data (task);
  g_auto (FerryRequestCall) call = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryBus) bus = ferry_bus_get_finish (result, &error);
  g_autoptr (GVariant) options = ferry_request_get_options (request);
  gboolean repeatable;

  if (bus == NULL || !ferry_request_make_call (request, &call, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  repeatable = g_variant_lookup (options, "token", "s", NULL) && !call.once;
  ferry_bus_call_with_descriptors_async (bus, klass->path, klass->interface, call.method, call.parameters,
                                         call.descriptors, "(o)",
                                         repeatable ? FERRY_BUS_CALL_REPEATABLE : FERRY_BUS_CALL_ONCE,
                                         g_task_get_cancellable (task), on_created, g_object_ref (task));
}

/**
 * ferry_factory_create_async:
 * @self: a factory
 * @request: (transfer none): what to transfer; of the factory's kind
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Creates a transfer. When it is there it outlives whatever happens. With the option `token` this does not
 * fail when the service goes away at that moment, as the call can be repeated.
 */
void
ferry_factory_create_async (FerryFactory *self, FerryRequest *request, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (G_TYPE_CHECK_INSTANCE_TYPE (request, FERRY_FACTORY_GET_CLASS (self)->request ()));
  g_task_set_source_tag (task, ferry_factory_create_async);
  g_task_set_task_data (task, g_object_ref (request), g_object_unref);
  ferry_bus_get_async (self->connection, cancellable, on_bus_for_create, g_steal_pointer (&task));
}

/**
 * ferry_factory_create_finish:
 * @self: a factory
 * @result: what the callback got
 * @error: (nullable): of FERRY_ERROR where the service refused
 *
 * Returns: (transfer full): the transfer, or NULL with @error
 */
FerryOperation *
ferry_factory_create_finish (FerryFactory *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Listing */

typedef struct
{
  FerryBus *bus;    /* (owned) (nullable): as soon as it is known */
  GVariant *filter; /* (owned): as given, with what the library needs */
  guint64 left;     /* how many the caller still wants */
  GListStore *list; /* (owned) (element-type FerryOperation) */
} Query;

static void
query_free (Query *query)
{
  g_clear_object (&query->bus);
  g_variant_unref (query->filter);
  g_clear_object (&query->list);
  g_free (query);
}

static void next_page (GTask *task, const char *after);

static void
on_page (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Query *query = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);
  g_autoptr (GVariantIter) iter = NULL;
  const char *path = NULL;
  GVariant *properties;
  guint n = 0;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(a{oa{sv}})", &iter);
  while (g_variant_iter_next (iter, "{&o@a{sv}}", &path, &properties))
    {
      g_autoptr (GVariant) owned = properties;
      g_autoptr (FerryOperation) operation = ferry_operation_new_for_path (query->bus, path, owned);

      n++;
      if (operation != NULL)
        g_list_store_append (query->list, operation);
    }
  query->left -= MIN (n, query->left);
  if (n < PAGE_LENGTH || query->left == 0)
    g_task_return_pointer (task, g_object_ref (query->list), g_object_unref);
  else
    next_page (task, strrchr (path, '/') + 1);
}

static void
next_page (GTask *task, const char *after)
{
  const FerryFactoryClass *klass = FERRY_FACTORY_GET_CLASS (g_task_get_source_object (task));
  Query *query = g_task_get_task_data (task);
  g_auto (GVariantDict) filter = G_VARIANT_DICT_INIT (query->filter);

  g_variant_dict_insert (&filter, "limit", "u", (guint32) MIN (query->left, PAGE_LENGTH));
  if (after != NULL)
    g_variant_dict_insert (&filter, "after", "s", after);
  ferry_bus_call_async (query->bus, klass->path, klass->interface, "List",
                        g_variant_new ("(@a{sv})", g_variant_dict_end (&filter)), "(a{oa{sv}})",
                        FERRY_BUS_CALL_REPEATABLE, g_task_get_cancellable (task), on_page,
                        g_object_ref (task));
}

static void
on_bus_for_query (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Query *query = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  query->bus = ferry_bus_get_finish (result, &error);
  if (query->bus == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    next_page (task, NULL);
}

/**
 * ferry_factory_query_async:
 * @self: a factory
 * @filter: (nullable): an a{sv} as List has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Lists transfers of its kind, oldest first, with the properties that the filter names, or all.
 */
void
ferry_factory_query_async (FerryFactory *self, GVariant *filter, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Query *query = g_new0 (Query, 1);
  guint32 limit;

  g_task_set_source_tag (task, ferry_factory_query_async);
  query->filter = ferry_operation_complete_filter (filter);
  query->left = g_variant_lookup (query->filter, "limit", "u", &limit) ? limit : G_MAXUINT64;
  query->list = g_list_store_new (FERRY_FACTORY_GET_CLASS (self)->operation ());
  g_task_set_task_data (task, query, (GDestroyNotify) query_free);
  ferry_bus_get_async (self->connection, cancellable, on_bus_for_query, g_steal_pointer (&task));
}

/**
 * ferry_factory_query_finish:
 * @self: a factory
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): a snapshot: it does not change, the #FerryOperation in it may
 */
GListModel *
ferry_factory_query_finish (FerryFactory *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
