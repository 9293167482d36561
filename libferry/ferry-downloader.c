/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-downloader.h"

#include "ferry-download-private.h"
#include "ferry-names.h"
#include "ferry-operation-private.h"

/* Operations in one reply of List: with every property one is a few KiB, and a message has at most 16 MiB. */
#define PAGE_LENGTH 500

/**
 * FerryDownloader:
 *
 * Makes downloads and lists them. Stateless: a program may have as many as it likes.
 */
struct _FerryDownloader
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) (nullable): NULL for the session bus */
};

enum
{
  PROP_CONNECTION = 1,
  N_PROPS,
};

static GParamSpec *downloader_properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryDownloader, ferry_downloader, G_TYPE_OBJECT)

static void
ferry_downloader_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_CONNECTION)
    g_value_set_object (value, FERRY_DOWNLOADER (object)->connection);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_downloader_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_CONNECTION)
    g_set_object (&FERRY_DOWNLOADER (object)->connection, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_downloader_dispose (GObject *object)
{
  g_clear_object (&FERRY_DOWNLOADER (object)->connection);

  G_OBJECT_CLASS (ferry_downloader_parent_class)->dispose (object);
}

static void
ferry_downloader_class_init (FerryDownloaderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_downloader_get_property;
  object_class->set_property = ferry_downloader_set_property;
  object_class->dispose = ferry_downloader_dispose;

  /**
   * FerryDownloader:connection:
   *
   * The bus the service is on; NULL for the session bus.
   */
  downloader_properties[PROP_CONNECTION] =
      g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, downloader_properties);
}

static void
ferry_downloader_init (FerryDownloader *self)
{
}

/**
 * ferry_downloader_new:
 *
 * Returns: (transfer full): a downloader on the session bus
 */
FerryDownloader *
ferry_downloader_new (void)
{
  return g_object_new (FERRY_TYPE_DOWNLOADER, NULL);
}

/**
 * ferry_downloader_new_for_connection:
 * @connection: (transfer none): the bus the service is on
 *
 * Returns: (transfer full): a downloader there
 */
FerryDownloader *
ferry_downloader_new_for_connection (GDBusConnection *connection)
{
  return g_object_new (FERRY_TYPE_DOWNLOADER, "connection", connection, NULL);
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

/* Nothing or a leaf name where a descriptor stands for the rest. */
static char *
destination_of (FerryDownloadRequest *request, GVariant *options)
{
  GFile *file = ferry_download_request_get_destination (request);

  if (g_variant_lookup (options, "destination-fd", "h", NULL))
    return g_strdup ("");
  if (g_variant_lookup (options, "destination-dir-fd", "h", NULL))
    return g_file_get_basename (file);
  return ferry_download_name_destination (file, ferry_download_request_get_into_folder (request));
}

static void
on_bus_for_create (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryDownloadRequest *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryBus) bus = ferry_bus_get_finish (result, &error);
  g_autofree char *destination = NULL;
  g_autoptr (GVariant) options = NULL;
  gboolean repeatable;

  if (bus == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  options = ferry_download_request_get_options (request);
  destination = destination_of (request, options);
  /* A stream that has been read from cannot be read again. */
  repeatable =
      g_variant_lookup (options, "token", "s", NULL) && !g_variant_lookup (options, "body-fd", "h", NULL);
  ferry_bus_call_with_descriptors_async (
      bus, FERRY_DOWNLOADER_PATH, FERRY_DOWNLOADER_INTERFACE, "Create",
      g_variant_new ("(ss@a{sv})", ferry_download_request_get_uri (request), destination, options),
      ferry_download_request_get_descriptors (request), "(o)",
      repeatable ? FERRY_BUS_CALL_REPEATABLE : FERRY_BUS_CALL_ONCE, g_task_get_cancellable (task), on_created,
      g_object_ref (task));
}

/**
 * ferry_downloader_create_request_async:
 * @self: a downloader
 * @request: (transfer none): what to download, and where to
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Creates a download. When it is there it outlives whatever happens. With the option `token` this does not
 * fail when the service goes away at that moment, as the call can be repeated.
 */
void
ferry_downloader_create_request_async (FerryDownloader *self, FerryDownloadRequest *request,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_downloader_create_request_async);
  g_task_set_task_data (task, g_object_ref (request), g_object_unref);
  ferry_bus_get_async (self->connection, cancellable, on_bus_for_create, g_steal_pointer (&task));
}

/**
 * ferry_downloader_create_request_finish:
 * @self: a downloader
 * @result: what the callback got
 * @error: (nullable): of FERRY_ERROR where the service refused
 *
 * Returns: (transfer full): the download, or NULL with @error
 */
FerryDownload *
ferry_downloader_create_request_finish (FerryDownloader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Listing */

typedef struct
{
  FerryBus *bus;    /* (owned) (nullable): as soon as it is known */
  GVariant *filter; /* (owned): as given, with what the library needs */
  guint64 left;     /* how many the caller still wants */
  GListStore *list; /* (owned) (element-type FerryDownload) */
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
  Query *query = g_task_get_task_data (task);
  g_auto (GVariantDict) filter = G_VARIANT_DICT_INIT (query->filter);

  g_variant_dict_insert (&filter, "limit", "u", (guint32) MIN (query->left, PAGE_LENGTH));
  if (after != NULL)
    g_variant_dict_insert (&filter, "after", "s", after);
  ferry_bus_call_async (query->bus, FERRY_DOWNLOADER_PATH, FERRY_DOWNLOADER_INTERFACE, "List",
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
 * ferry_downloader_query_async:
 * @self: a downloader
 * @filter: (nullable): an a{sv} as `Downloader.List` has it; consumed if floating
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Lists downloads, oldest first, with the properties that the filter names, or all.
 */
void
ferry_downloader_query_async (FerryDownloader *self, GVariant *filter, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Query *query = g_new0 (Query, 1);
  guint32 limit;

  g_task_set_source_tag (task, ferry_downloader_query_async);
  query->filter = ferry_operation_complete_filter (filter);
  query->left = g_variant_lookup (query->filter, "limit", "u", &limit) ? limit : G_MAXUINT64;
  query->list = g_list_store_new (FERRY_TYPE_DOWNLOAD);
  g_task_set_task_data (task, query, (GDestroyNotify) query_free);
  ferry_bus_get_async (self->connection, cancellable, on_bus_for_query, g_steal_pointer (&task));
}

/**
 * ferry_downloader_query_finish:
 * @self: a downloader
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): a snapshot: it does not change, the #FerryDownload in it may
 */
GListModel *
ferry_downloader_query_finish (FerryDownloader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
