/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-operation-private.h"

#include "ferry-download-private.h"
#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferry-names.h"
#include "ferry-upload-private.h"

/* Characters of an id: a UUID in hex without its hyphens. */
#define ID_LENGTH 32

/* By FerryKind; NULL for a word that it has not. */
static FerryOperation *
create (FerryBus *bus, const char *path, const char *word)
{
  int kind;

  if (!ferry_enum_from_nick (FERRY_TYPE_KIND, word, &kind))
    return NULL;
  return kind == FERRY_KIND_UPLOAD ? FERRY_OPERATION (ferry_upload_new (bus, path))
                                   : FERRY_OPERATION (ferry_download_new (bus, path));
}

/**
 * ferry_operation_new_for_path:
 * @bus: (transfer none): where it is
 * @path: its object path
 * @properties: (nullable): an a{sv} of properties of any of its interfaces, with Kind
 *
 * Returns: (transfer full) (nullable): the one object of @path, which has taken over @properties; NULL for a
 * kind that this library does not know
 */
FerryOperation *
ferry_operation_new_for_path (FerryBus *bus, const char *path, GVariant *properties)
{
  GObject *existing = ferry_bus_get_listener (bus, path);
  const char *kind = "";
  FerryOperation *self;

  if (existing != NULL)
    self = FERRY_OPERATION (g_object_ref (existing));
  else
    {
      if (properties != NULL)
        (void) g_variant_lookup (properties, "Kind", "&s", &kind);
      self = create (bus, path, kind);
      if (self == NULL)
        return NULL;
    }
  if (properties != NULL)
    ferry_operation_update (self, NULL, properties);
  return self;
}

typedef struct
{
  FerryBus *bus;             /* (owned) */
  char *path;                /* (owned) */
  FerryOperation *operation; /* (owned) (nullable): as soon as its kind is known */
} Load;

static void
load_free (Load *load)
{
  g_clear_object (&load->bus);
  g_free (load->path);
  g_clear_object (&load->operation);
  g_free (load);
}

static void
on_kind_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);
  g_autoptr (GVariant) properties = NULL;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  properties = g_variant_get_child_value (reply, 0);
  ferry_operation_update (load->operation, FERRY_OPERATION_GET_CLASS (load->operation)->interface,
                          properties);
  g_task_return_pointer (task, g_object_ref (load->operation), g_object_unref);
}

static void
get_all (Load *load, const char *interface, GTask *task, GAsyncReadyCallback callback)
{
  ferry_bus_call_async (load->bus, load->path, "org.freedesktop.DBus.Properties", "GetAll",
                        g_variant_new ("(s)", interface), "(a{sv})", FERRY_BUS_CALL_REPEATABLE,
                        g_task_get_cancellable (task), callback, g_object_ref (task));
}

static void
on_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Load *load = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);
  g_autoptr (GVariant) properties = NULL;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  properties = g_variant_get_child_value (reply, 0);
  load->operation = ferry_operation_new_for_path (load->bus, load->path, properties);
  if (load->operation == NULL)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                             "%s is neither a download nor an upload, and nothing else is known here",
                             load->path);
  else
    get_all (load, FERRY_OPERATION_GET_CLASS (load->operation)->interface, task, on_kind_properties);
}

/**
 * ferry_operation_load_async:
 * @bus: (transfer none):
 * @path: an operation
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Finds or makes the object of @path, with all its properties as the service has them now.
 */
void
ferry_operation_load_async (FerryBus *bus, const char *path, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Load *load = g_new0 (Load, 1);

  g_task_set_source_tag (task, ferry_operation_load_async);
  load->bus = g_object_ref (bus);
  load->path = g_strdup (path);
  g_task_set_task_data (task, load, (GDestroyNotify) load_free);
  get_all (load, FERRY_OPERATION_INTERFACE, task, on_properties);
}

/**
 * ferry_operation_load_finish:
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): the operation, or NULL with @error
 */
FerryOperation *
ferry_operation_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

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
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  const char *id = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryBus) bus = ferry_bus_get_finish (result, &error);
  g_autofree char *path = g_strconcat (FERRY_OPERATION_PATH, "/", id, NULL);

  if (bus == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    ferry_operation_load_async (bus, path, g_task_get_cancellable (task), on_loaded, g_object_ref (task));
}

/**
 * ferry_operation_get_async:
 * @id: the id of an operation
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Finds an operation on the session bus, with all its properties.
 */
void
ferry_operation_get_async (const char *id, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_operation_get_async);
  if (strlen (id) != ID_LENGTH || strspn (id, "0123456789abcdef") != ID_LENGTH)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                               "'%s' is not an id: 32 lower-case hex digits would be", id);
      return;
    }
  g_task_set_task_data (task, g_strdup (id), g_free);
  ferry_bus_get_async (NULL, cancellable, on_bus, g_steal_pointer (&task));
}

/**
 * ferry_operation_get_finish:
 * @result: what the callback got
 * @error: (nullable): %FERRY_ERROR_NOT_FOUND when there is none
 *
 * Returns: (transfer full): the operation, or NULL with @error
 */
FerryOperation *
ferry_operation_get_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
