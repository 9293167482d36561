/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferry-enum-types.h"
#include "ferryd-failpoint.h"

/* How the names of settings begin that say how a group behaves; application and name follow. */
#define SETTING "group-behavior/"

/* What changes groups happens one after the other: who does it has the turn of this id, which is no
 * operation's. */
static const FerrydId all_groups = { { 0 } };

/* (transfer full) (element-type FerrydOperation): those of a group, oldest first. */
static GPtrArray *
list_members (FerrydQueue *self, const FerrydGroup *group)
{
  GPtrArray *members = g_ptr_array_new ();

  for (guint i = 0; group != NULL && i < self->by_age->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (operation->group == group)
        g_ptr_array_add (members, operation);
    }
  return members;
}

/* Behavior. */

typedef struct
{
  char *application; /* (owned) */
  char *name;        /* (owned): of the group */
  FerryGroupBehavior behavior;
} Behaving;

static void
behaving_free (gpointer data)
{
  Behaving *behaving = data;

  g_free (behaving->application);
  g_free (behaving->name);
  g_free (behaving);
}

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &all_groups);
}

/* Who has a slot keeps it, and counts from now on as @behavior says. */
static void
take_behavior (FerrydQueue *self, const Behaving *behaving)
{
  FerrydGroup *group = ferryd_groups_find (self->groups, behaving->application, behaving->name);
  g_autoptr (GPtrArray) members = list_members (self, group);
  g_autoptr (GPtrArray) running = g_ptr_array_new ();

  for (guint i = 0; i < members->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (members, i);

      ferryd_lanes_remove (self->lanes, operation);
      if (!operation->slot)
        continue;
      ferryd_lanes_release (self->lanes, operation);
      g_ptr_array_add (running, operation);
    }
  ferryd_groups_set_behavior (self->groups, behaving->application, behaving->name, behaving->behavior);
  for (guint i = 0; i < running->len; i++)
    ferryd_lanes_occupy (self->lanes, g_ptr_array_index (running, i));
  for (guint i = 0; i < members->len; i++)
    ferryd_queue_evaluate (self, g_ptr_array_index (members, i));
  ferryd_queue_schedule (self);
}

static void
on_behavior_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-behavior-committed");
  if (batch != NULL)
    take_behavior (g_task_get_source_object (task), g_task_get_task_data (task));
  answer (task, g_steal_pointer (&error));
}

/* Behaviors are kept without operations, so they need a bound of their own: the same. */
static gboolean
check_behaving (FerrydQueue *self, const Behaving *behaving, GError **error)
{
  guint limit = ferryd_settings_get (self->settings)->max_operations_per_application;
  g_autoptr (GPtrArray) groups = NULL;
  guint serialized = 0;

  if (behaving->behavior == FERRY_GROUP_BEHAVIOR_PARALLEL)
    return TRUE;
  groups = ferryd_groups_list (self->groups, behaving->application);
  for (guint i = 0; i < groups->len; i++)
    {
      const FerrydGroup *group = g_ptr_array_index (groups, i);

      serialized +=
          group->behavior != FERRY_GROUP_BEHAVIOR_PARALLEL && !g_str_equal (group->name, behaving->name);
    }
  if (serialized < limit)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
               "The application has %u groups that are not parallel, which is the limit; make those parallel "
               "that are not used any more",
               serialized);
  return FALSE;
}

static void
run_behave (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  GTask *task = data;
  const Behaving *behaving = g_task_get_task_data (task);
  g_autoptr (FerrydBatch) batch = NULL;
  g_autofree char *setting = NULL;
  g_autoptr (GError) error = NULL;

  if (!check_behaving (self, behaving, &error))
    {
      answer (task, g_steal_pointer (&error));
      return;
    }
  if (ferryd_groups_get_behavior (self->groups, behaving->application, behaving->name) == behaving->behavior)
    {
      answer (task, NULL);
      return;
    }
  batch = ferryd_batch_new ();
  setting = g_strconcat (SETTING, behaving->application, "/", behaving->name, NULL);
  ferryd_batch_set (
      batch, setting,
      behaving->behavior == FERRY_GROUP_BEHAVIOR_PARALLEL
          ? NULL
          : g_variant_new ("(sss)", behaving->application, behaving->name,
                           ferry_enum_to_nick (FERRY_TYPE_GROUP_BEHAVIOR, (int) behaving->behavior)));
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                             on_behavior_recorded, task);
}

/**
 * ferryd_queue_set_group_behavior_async:
 * @self: a queue
 * @application: whose group
 * @name: of a group, which need not have operations, and not `""`
 * @behavior: how its operations run from now on
 * @callback: told when that is so, durably
 * @user_data: for @callback
 *
 * What runs goes on.
 */
void
ferryd_queue_set_group_behavior_async (FerrydQueue *self, const char *application, const char *name,
                                       FerryGroupBehavior behavior, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Behaving *behaving = g_new0 (Behaving, 1);

  behaving->application = g_strdup (application);
  behaving->name = g_strdup (name);
  behaving->behavior = behavior;
  g_task_set_source_tag (task, ferryd_queue_set_group_behavior_async);
  g_task_set_task_data (task, behaving, behaving_free);
  ferryd_queue_take_turn (self, &all_groups, run_behave, task);
}

/**
 * ferryd_queue_set_group_behavior_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where it cannot be recorded
 */
gboolean
ferryd_queue_set_group_behavior_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferryd_queue_restore_groups:
 * @self: a queue that is being loaded, without operations
 * @settings: a{sv}: the store's settings
 */
void
ferryd_queue_restore_groups (FerrydQueue *self, GVariant *settings)
{
  GVariantIter iter;
  const char *setting;
  GVariant *value;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_loop (&iter, "{&sv}", &setting, &value))
    {
      const char *application, *name, *nick;
      int behavior;

      if (!g_str_has_prefix (setting, SETTING) || !g_variant_is_of_type (value, G_VARIANT_TYPE ("(sss)")))
        continue;
      g_variant_get (value, "(&s&s&s)", &application, &name, &nick);
      if (ferry_enum_from_nick (FERRY_TYPE_GROUP_BEHAVIOR, nick, &behavior))
        ferryd_groups_set_behavior (self->groups, application, name, (FerryGroupBehavior) behavior);
    }
}

/**
 * ferryd_queue_list_groups:
 * @self: a queue
 * @application: whose groups
 *
 * Returns: (transfer container) (element-type FerrydGroup): those that have operations or are not parallel,
 * good until the main loop goes on
 */
GPtrArray *
ferryd_queue_list_groups (FerrydQueue *self, const char *application)
{
  return ferryd_groups_list (self->groups, application);
}

/* MakeCurrentInGroup. */

typedef struct
{
  FerrydId id;    /* which becomes current */
  GArray *ids;    /* (owned) (element-type FerrydId): whose places change */
  GArray *orders; /* (owned) (element-type gint64): and to what, one for each */
} Moving;

static void
moving_free (gpointer data)
{
  Moving *moving = data;

  g_array_unref (moving->ids);
  g_array_unref (moving->orders);
  g_free (moving);
}

static int
compare_order (gconstpointer a, gconstpointer b)
{
  const FerrydOperation *const *one = a;
  const FerrydOperation *const *other = b;
  gint64 first = ferryd_operation_get_order (*one), second = ferryd_operation_get_order (*other);

  return first < second ? -1 : first > second;
}

/* (transfer full) (element-type FerrydOperation): the queue of a group within one priority, first one first:
 * all that are not over, whether they may run or not. */
static GPtrArray *
list_queue (FerrydQueue *self, const FerrydOperation *operation)
{
  GPtrArray *members = list_members (self, operation->group);

  for (guint i = members->len; i > 0; i--)
    {
      const FerrydOperation *member = g_ptr_array_index (members, i - 1);

      if (ferry_state_is_ended (member->state) || member->priority != operation->priority)
        g_ptr_array_remove_index (members, i - 1);
    }
  g_ptr_array_sort (members, compare_order);
  return members;
}

static guint
find (const GPtrArray *members, const FerrydOperation *operation)
{
  guint index = members->len;

  g_ptr_array_find ((GPtrArray *) members, operation, &index);
  return index;
}

/* The operation and those behind it, then the one that runs by serial order, then the others. */
static GPtrArray *
rearrange (const GPtrArray *members, const FerrydOperation *operation)
{
  GPtrArray *after = g_ptr_array_sized_new (members->len);
  guint position = find (members, operation);

  for (guint i = position; i < members->len; i++)
    g_ptr_array_add (after, g_ptr_array_index (members, i));
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < position; i++)
      {
        FerrydOperation *member = g_ptr_array_index (members, i);

        if (member->serial == (pass == 0))
          g_ptr_array_add (after, member);
      }
  return after;
}

/* The places stay what they are, so that nobody gets in front of another group's; who has which changes. */
static FerrydBatch *
plan (FerrydQueue *self, const FerrydOperation *operation, Moving *moving)
{
  g_autoptr (GPtrArray) before = list_queue (self, operation);
  g_autoptr (GPtrArray) after = rearrange (before, operation);
  FerrydBatch *batch = ferryd_batch_new ();

  for (guint i = 0; i < after->len; i++)
    {
      const FerrydOperation *member = g_ptr_array_index (after, i);
      gint64 order = ferryd_operation_get_order (g_ptr_array_index (before, i));
      FerrydRow *row;

      if (member == g_ptr_array_index (before, i))
        continue;
      row = ferryd_operation_to_row (member, FERRYD_COLUMN_ORDER);
      row->order = order;
      ferryd_batch_update (batch, row);
      g_array_append_val (moving->ids, member->id);
      g_array_append_val (moving->orders, order);
    }
  return batch;
}

/* Out of every queue first, because these are sorted. */
static void
take_orders (FerrydQueue *self, const Moving *moving)
{
  for (guint i = 0; i < moving->ids->len; i++)
    {
      FerrydOperation *operation = ferryd_queue_lookup (self, &g_array_index (moving->ids, FerrydId, i));

      if (operation != NULL)
        ferryd_lanes_remove (self->lanes, operation);
    }
  for (guint i = 0; i < moving->ids->len; i++)
    {
      FerrydOperation *operation = ferryd_queue_lookup (self, &g_array_index (moving->ids, FerrydId, i));

      if (operation == NULL)
        continue;
      ferryd_operation_begin_run (operation);
      operation->run->order = g_array_index (moving->orders, gint64, i);
    }
  for (guint i = 0; i < moving->ids->len; i++)
    {
      FerrydOperation *operation = ferryd_queue_lookup (self, &g_array_index (moving->ids, FerrydId, i));

      if (operation != NULL)
        ferryd_queue_evaluate (self, operation);
    }
}

/* Whoever has the group's turn gives it back, if somebody before it can use it. The last steps of a transfer
 * are quick, and are not interrupted. */
static void
yield_turn (FerrydQueue *self, const FerrydGroup *group)
{
  g_autoptr (GPtrArray) members = list_members (self, group);

  for (guint i = 0; i < members->len; i++)
    {
      FerrydOperation *operation = g_ptr_array_index (members, i);

      if (operation->state != FERRY_STATE_RUNNING || operation->run->live->finishing ||
          !ferryd_lanes_is_overtaken (operation))
        continue;
      ferryd_operation_apply (operation, FERRYD_OPERATION_QUEUE, NULL);
      ferryd_queue_stop (self, operation);
      ferryd_queue_emit_changed (self, operation, TRUE);
    }
}

static void
on_orders_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  const Moving *moving = g_task_get_task_data (task);
  const FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-order-committed");
  if (batch != NULL)
    {
      take_orders (self, moving);
      if (operation != NULL)
        yield_turn (self, operation->group);
      ferryd_queue_schedule (self);
    }
  answer (task, g_steal_pointer (&error));
}

static gboolean
check_moving (const FerrydOperation *operation, GError **error)
{
  if (operation == NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
  else if (ferry_state_is_ended (operation->state))
    g_set_error (
        error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
        "MakeCurrentInGroup is not possible while the operation is '%s'; it applies to unfinished ones",
        ferry_enum_to_nick (FERRY_TYPE_STATE, operation->state));
  else
    return TRUE;
  return FALSE;
}

static void
run_make_current (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  GTask *task = data;
  Moving *moving = g_task_get_task_data (task);
  const FerrydOperation *operation = ferryd_queue_lookup (self, &moving->id);
  g_autoptr (FerrydBatch) batch = NULL;
  g_autoptr (GError) error = NULL;

  if (!check_moving (operation, &error) || operation->group->name[0] == '\0')
    {
      answer (task, g_steal_pointer (&error));
      return;
    }
  batch = plan (self, operation, moving);
  if (ferryd_batch_size (batch) > 0)
    {
      ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                                 on_orders_recorded, task);
      return;
    }
  yield_turn (self, operation->group);
  answer (task, NULL);
}

/**
 * ferryd_queue_make_current_async:
 * @self: a queue
 * @id: an operation
 * @callback: told when it is so, durably
 * @user_data: for @callback
 *
 * The operation and those behind it come before the others of its group and priority. In a serialized group
 * the one whose turn it is gives that back, where one of them can use it.
 */
void
ferryd_queue_make_current_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Moving *moving = g_new0 (Moving, 1);

  moving->id = *id;
  moving->ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  moving->orders = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_task_set_source_tag (task, ferryd_queue_make_current_async);
  g_task_set_task_data (task, moving, moving_free);
  ferryd_queue_take_turn (self, &all_groups, run_make_current, task);
}

/**
 * ferryd_queue_make_current_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where it has ended or that cannot be recorded
 */
gboolean
ferryd_queue_make_current_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
