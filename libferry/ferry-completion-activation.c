/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-completion-group-private.h"

#include "ferry-error.h"
#include "ferry-operation-private.h"

/**
 * Activation:
 * @paths: (owned): of the group, and of all operations, downloads first
 * @n_downloads: how many of the operations are downloads
 * @group: (owned) (nullable): as soon as it is there
 * @operations: (owned) (element-type FerryOperation) (nullable elements): NULL for one that is gone
 * @waiting: what is not there yet, and one while it is being asked for
 * @error: (owned) (nullable): the first
 *
 * What an application was activated with, on its way to objects.
 */
typedef struct
{
  GPtrArray *paths;
  guint n_downloads;
  FerryCompletionGroup *group;
  GPtrArray *operations;
  guint waiting;
  GError *error;
} Activation;

/* Which place an operation has. */
typedef struct
{
  GTask *task; /* (owned) */
  guint index;
} Place;

static void
unref_nullable (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
}

static void
activation_free (gpointer data)
{
  Activation *activation = data;

  g_ptr_array_unref (activation->paths);
  g_ptr_array_unref (activation->operations);
  g_clear_object (&activation->group);
  g_clear_error (&activation->error);
  g_free (activation);
}

static void
done_one (GTask *task)
{
  Activation *activation = g_task_get_task_data (task);

  if (--activation->waiting > 0)
    return;
  if (activation->error != NULL)
    g_task_return_error (task, g_steal_pointer (&activation->error));
  else
    g_task_return_boolean (task, TRUE);
}

/* It may have been removed when this was told before. */
static gboolean
is_gone (const GError *error)
{
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT);
}

static void
on_operation (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Place *place = user_data;
  g_autoptr (GTask) task = place->task;
  Activation *activation = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  g_ptr_array_index (activation->operations, place->index) = ferry_operation_load_finish (result, &error);
  if (error != NULL && !is_gone (error) && activation->error == NULL)
    activation->error = g_steal_pointer (&error);
  done_one (task);
}

static void
on_group (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Activation *activation = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  activation->group = ferry_completion_group_new_finish (result, &error);
  if (error != NULL && activation->error == NULL)
    activation->error = g_steal_pointer (&error);
  done_one (task);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Activation *activation = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryBus) bus = ferry_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  activation->waiting = activation->paths->len + 1;
  ferry_completion_group_load_async (bus, g_ptr_array_index (activation->paths, 0), cancellable, on_group,
                                     g_object_ref (task));
  for (guint i = 1; i < activation->paths->len; i++)
    {
      Place *place = g_new (Place, 1);

      *place = (Place){ g_object_ref (task), i - 1 };
      ferry_operation_load_async (bus, g_ptr_array_index (activation->paths, i), cancellable, on_operation,
                                  place);
    }
  done_one (task);
}

static Activation *
activation_new (GVariant *parameter)
{
  Activation *activation = g_new0 (Activation, 1);
  g_autoptr (GVariantIter) downloads = NULL;
  g_autoptr (GVariantIter) uploads = NULL;
  GVariantIter *iters[2];
  char *path;

  activation->paths = g_ptr_array_new_with_free_func (g_free);
  activation->operations = g_ptr_array_new_with_free_func (unref_nullable);
  g_variant_get (parameter, "(oaoao)", &path, &downloads, &uploads);
  g_ptr_array_add (activation->paths, path);
  activation->n_downloads = (guint) g_variant_iter_n_children (downloads);
  iters[0] = downloads;
  iters[1] = uploads;
  for (guint i = 0; i < G_N_ELEMENTS (iters); i++)
    {
      while (g_variant_iter_next (iters[i], "o", &path))
        g_ptr_array_add (activation->paths, path);
    }
  g_ptr_array_set_size (activation->operations, (int) activation->paths->len - 1);
  return activation;
}

/**
 * ferry_completion_group_from_activation_async:
 * @parameter: (oaoao): what the application's action was activated with
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Turns what an application is told into objects with all their properties.
 */
void
ferry_completion_group_from_activation_async (GVariant *parameter, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_completion_group_from_activation_async);
  if (!g_variant_is_of_type (parameter, G_VARIANT_TYPE ("(oaoao)")))
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                               "The parameter is of the type %s; right would be (oaoao)",
                               g_variant_get_type_string (parameter));
      return;
    }
  g_task_set_task_data (task, activation_new (parameter), activation_free);
  ferry_bus_get_async (NULL, cancellable, on_bus, g_steal_pointer (&task));
}

static GListModel *
make_model (const Activation *activation, guint from, guint to)
{
  GListStore *store = g_list_store_new (FERRY_TYPE_OPERATION);

  for (guint i = from; i < to; i++)
    {
      if (g_ptr_array_index (activation->operations, i) != NULL)
        g_list_store_append (store, g_ptr_array_index (activation->operations, i));
    }
  return G_LIST_MODEL (store);
}

/**
 * ferry_completion_group_from_activation_finish:
 * @result: what the callback got
 * @downloads: (out) (transfer full) (optional): its downloads, oldest first
 * @uploads: (out) (transfer full) (optional): its uploads, oldest first
 * @error: (nullable):
 *
 * Returns: (transfer full): the group, or NULL with @error
 */
FerryCompletionGroup *
ferry_completion_group_from_activation_finish (GAsyncResult *result, GListModel **downloads,
                                               GListModel **uploads, GError **error)
{
  const Activation *activation = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (downloads != NULL)
    *downloads = make_model (activation, 0, activation->n_downloads);
  if (uploads != NULL)
    *uploads = make_model (activation, activation->n_downloads, activation->operations->len);
  return g_object_ref (activation->group);
}
