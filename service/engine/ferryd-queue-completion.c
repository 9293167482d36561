/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"

/* How the names of settings begin that keep completion groups; the id follows. */
#define SETTING "completion-group/"

static void
set_gone (GError **error)
{
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such completion group");
}

/**
 * ferryd_queue_lookup_completion:
 * @self: a queue
 * @id: an id
 *
 * Returns: (transfer none) (nullable): the completion group
 */
FerrydCompletionGroup *
ferryd_queue_lookup_completion (FerrydQueue *self, const FerrydId *id)
{
  return g_hash_table_lookup (self->completions, id);
}

/**
 * ferryd_queue_record_completion_group:
 * @batch: a batch
 * @id: a completion group
 * @after: (nullable): as it will be, without members; NULL where it goes
 */
void
ferryd_queue_record_completion_group (FerrydBatch *batch, const FerrydId *id,
                                      const FerrydCompletionGroup *after)
{
  char text[FERRYD_ID_TEXT_SIZE];
  g_autofree char *setting = NULL;

  ferryd_id_format (id, text);
  setting = g_strconcat (SETTING, text, NULL);
  ferryd_batch_set (batch, setting, after != NULL ? ferryd_completion_group_to_variant (after) : NULL);
}

/**
 * ferryd_queue_restore_completion:
 * @self: a queue that is being loaded, without operations
 * @settings: a{sv}: the store's settings
 */
void
ferryd_queue_restore_completion (FerrydQueue *self, GVariant *settings)
{
  GVariantIter iter;
  const char *setting;
  GVariant *value;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_loop (&iter, "{&sv}", &setting, &value))
    {
      FerrydCompletionGroup *group = NULL;
      FerrydId id;

      if (g_str_has_prefix (setting, SETTING) && ferryd_id_parse (setting + strlen (SETTING), &id))
        group = ferryd_completion_group_from_variant (&id, value);
      if (group != NULL)
        g_hash_table_insert (self->completions, &group->id, group);
    }
}

/* The group goes, the members stay. */
static void
forget (FerrydQueue *self, FerrydCompletionGroup *group)
{
  FerrydId id = group->id;
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (FerrydId));

  for (guint i = 0; i < group->members->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (group->members, i);

      operation->completion = NULL;
      g_array_append_val (members, operation->id);
    }
  if (group->state == FERRY_COMPLETION_STATE_TRIGGERED)
    ferryd_queue_count_undelivered (self, -1);
  ferryd_delivery_remove (self->delivery, &id);
  g_hash_table_remove (self->completions, &id);
  ferryd_queue_emit_completion (self, &id, TRUE);
  for (guint i = 0; i < members->len; i++)
    {
      FerrydOperation *operation = ferryd_queue_lookup (self, &g_array_index (members, FerrydId, i));

      if (operation != NULL)
        ferryd_queue_emit_changed (self, operation, TRUE);
    }
}

/* Joining. */

/**
 * ferryd_queue_begin_joining:
 * @self: a queue
 * @id: a completion group
 * @error: FERRY_ERROR_NOT_FOUND or FERRY_ERROR_INVALID_STATE
 *
 * Until ferryd_queue_end_joining() the group is not enabled.
 *
 * Returns: whether an operation can be created into it
 */
gboolean
ferryd_queue_begin_joining (FerrydQueue *self, const FerrydId *id, GError **error)
{
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);

  if (group == NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                           "completion-group: there is no such completion group");
      return FALSE;
    }
  if (group->state != FERRY_COMPLETION_STATE_COLLECTING || group->enabling)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                           "completion-group: the group is enabled, and nothing can be created into it any "
                           "more; a new group would take it");
      return FALSE;
    }
  group->creating++;
  return TRUE;
}

/**
 * ferryd_queue_join:
 * @self: a queue
 * @operation: one that has just been created, or loaded
 * @id: the completion group it was created into, all zero for none; it may have been removed since
 */
void
ferryd_queue_join (FerrydQueue *self, FerrydOperation *operation, const FerrydId *id)
{
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);

  if (group == NULL)
    return;
  ferryd_completion_group_join (group, operation);
  ferryd_queue_emit_completion (self, id, FALSE);
}

static void enable (FerrydQueue *self, FerrydCompletionGroup *group, GTask *task);

/**
 * ferryd_queue_end_joining:
 * @self: a queue
 * @id: a completion group, which may have been removed
 */
void
ferryd_queue_end_joining (FerrydQueue *self, const FerrydId *id)
{
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);

  if (group != NULL && --group->creating == 0 && group->enabler != NULL)
    enable (self, group, g_steal_pointer (&group->enabler));
}

/* Creating. */

static guint
count_undelivered (FerrydQueue *self, const char *application)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->completions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FerrydCompletionGroup *group = value;

      n += group->state != FERRY_COMPLETION_STATE_DELIVERED && g_str_equal (group->application, application);
    }
  return n;
}

static void
on_creation_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  FerrydCompletionGroup **group = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("completion-created");
  ferryd_queue_release (self);
  if (batch == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_hash_table_insert (self->completions, &(*group)->id, *group);
  g_task_return_pointer (task, g_memdup2 (&(*group)->id, sizeof (FerrydId)), g_free);
  *group = NULL;
}

static void
record_creation (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  FerrydCompletionGroup *const *group = g_task_get_task_data (task);
  guint limit = ferryd_settings_get (self->settings)->max_operations_per_application;
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  if (count_undelivered (self, (*group)->application) >= limit)
    {
      ferryd_queue_release (self);
      g_task_return_new_error (
          task, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
          "The application has %u completion groups that were not delivered yet, which is "
          "the limit; remove those that are not used",
          limit);
      g_object_unref (task);
      return;
    }
  (*group)->created = ferryd_queue_now (self);
  ferryd_queue_record_completion_group (batch, &(*group)->id, *group);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                             on_creation_recorded, task);
}

static void
on_handler_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_handler_caller_check_finish (FERRYD_HANDLER_CALLER (source), result, &error))
    {
      record_creation (g_steal_pointer (&task));
      return;
    }
  ferryd_queue_release (g_task_get_source_object (task));
  g_task_return_error (task, g_steal_pointer (&error));
}

static void
draft_free (gpointer data)
{
  FerrydCompletionGroup **group = data;

  g_clear_pointer (group, ferryd_completion_group_free);
  g_free (group);
}

/**
 * ferryd_queue_create_completion_async:
 * @self: a queue
 * @group: (transfer full): a new group
 * @callback: told when it is there, durably
 * @user_data: for @callback
 */
void
ferryd_queue_create_completion_async (FerrydQueue *self, FerrydCompletionGroup *group,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_queue_create_completion_async);
  g_task_set_task_data (task, g_memdup2 (&group, sizeof group), draft_free);
  ferryd_queue_hold (self);
  if (group->handler_name != NULL)
    ferryd_handler_caller_check_async (self->handlers, group->handler_name, on_handler_checked, task);
  else
    record_creation (task);
}

/**
 * ferryd_queue_create_completion_finish:
 * @self: a queue
 * @result: what the callback was given
 * @id: (out): the new group's id
 * @error: return location for a FERRY_ERROR
 *
 * Returns: whether it is there
 */
gboolean
ferryd_queue_create_completion_finish (FerrydQueue *self, GAsyncResult *result, FerrydId *id, GError **error)
{
  g_autofree FerrydId *created = g_task_propagate_pointer (G_TASK (result), error);

  if (created == NULL)
    return FALSE;
  *id = *created;
  return TRUE;
}

/* Enable and Remove. */

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));
  FerrydId id = *(const FerrydId *) g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &id);
}

static void
on_enabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, g_task_get_task_data (task));
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("completion-enabled");
  group->enabling = FALSE;
  if (batch != NULL)
    {
      group->state = FERRY_COMPLETION_STATE_ENABLED;
      ferryd_queue_completion_changed (self, group);
    }
  answer (task, g_steal_pointer (&error));
}

/* Nothing is being created into it. */
static void
enable (FerrydQueue *self, FerrydCompletionGroup *group, GTask *task)
{
  FerrydCompletionGroup after = *group;
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  if (group->members->len == 0)
    {
      answer (task,
              g_error_new_literal (FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                                   "Enable is not possible while the completion group has no operations; "
                                   "create some with the option completion-group first"));
      return;
    }
  group->enabling = TRUE;
  after.state = FERRY_COMPLETION_STATE_ENABLED;
  ferryd_queue_record_completion_group (batch, &group->id, &after);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_enabled,
                             task);
}

static gboolean
check (const FerrydCompletionGroup *group, FerrydCompletionEvent event, GError **error)
{
  FerryCompletionState next;

  if (group != NULL)
    return ferryd_completion_group_next (group->state, event, &next, error);
  set_gone (error);
  return FALSE;
}

static void
run_enable (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  GTask *task = data;
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
  g_autoptr (GError) error = NULL;

  if (!check (group, FERRYD_COMPLETION_ENABLE, &error))
    answer (task, g_steal_pointer (&error));
  else if (group->creating > 0)
    group->enabler = task;
  else
    enable (self, group, task);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, g_task_get_task_data (task));
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch != NULL)
    forget (self, group);
  answer (task, g_steal_pointer (&error));
}

static void
record_removal (FerrydQueue *self, const FerrydId *id, GTask *task)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_queue_record_completion_group (batch, id, NULL);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_removed,
                             task);
}

static void
run_remove (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  GTask *task = data;
  g_autoptr (GError) error = NULL;

  if (check (ferryd_queue_lookup_completion (self, id), FERRYD_COMPLETION_REMOVE, &error))
    record_removal (self, id, task);
  else
    answer (task, g_steal_pointer (&error));
}

/* Whatever its state is: nobody will hear of it any more. */
static void
run_purge (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (ferryd_queue_lookup_completion (self, id) != NULL)
    {
      record_removal (self, id, task);
      return;
    }
  set_gone (&error);
  answer (task, error);
}

static void
take_turn (FerrydQueue *self, const FerrydId *id, FerrydTurnFunc func, GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, take_turn);
  g_task_set_task_data (task, g_memdup2 (id, sizeof *id), g_free);
  ferryd_queue_take_turn (self, id, func, task);
}

/**
 * ferryd_queue_enable_completion_async:
 * @self: a queue
 * @id: a completion group
 * @callback: told when it is enabled, durably
 * @user_data: for @callback
 */
void
ferryd_queue_enable_completion_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  take_turn (self, id, run_enable, callback, user_data);
}

/**
 * ferryd_queue_remove_completion_async:
 * @self: a queue
 * @id: a completion group
 * @callback: told when it is gone, durably
 * @user_data: for @callback
 */
void
ferryd_queue_remove_completion_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  take_turn (self, id, run_remove, callback, user_data);
}

/**
 * ferryd_queue_purge_completion_async:
 * @self: a queue
 * @id: a completion group that is not kept any longer
 * @callback: told when it is gone, durably
 * @user_data: for @callback
 */
void
ferryd_queue_purge_completion_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  take_turn (self, id, run_purge, callback, user_data);
}

/**
 * ferryd_queue_change_completion_finish:
 * @self: a queue
 * @result: what the callback of one of these was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where that is not possible
 */
gboolean
ferryd_queue_change_completion_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
