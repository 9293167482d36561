/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"

/* From the end of a completion group's last member to the answer of its application. Each step is recorded
 * before it is told of; after a restart it goes on from what is recorded. */

/* Whoever waits for its next call longer than that has had its clock set: the longest pause there is (1 h by
 * default), in first backoff steps. */
#define MAX_WAIT 720

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  FerrydId id;        /* of the group */
} Reference;

static Reference *
reference_new (FerrydQueue *self, const FerrydId *id)
{
  Reference *reference = g_new (Reference, 1);

  *reference = (Reference){ g_object_ref (self), *id };
  ferryd_queue_hold (self);
  return reference;
}

static void
reference_free (Reference *reference)
{
  ferryd_queue_release (reference->queue);
  g_object_unref (reference->queue);
  g_free (reference);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reference, reference_free)

static void
commit (FerrydQueue *self, const FerrydId *id, const FerrydCompletionGroup *after,
        FerrydDurability durability, GAsyncReadyCallback callback)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_queue_record_completion_group (batch, id, after);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), durability, callback,
                             reference_new (self, id));
}

/* What could not be recorded is tried again. */

static void
on_completion_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;

  self->completion_alarm = 0;
  ferryd_queue_check_completions (self);
}

static void
try_again (FerrydQueue *self, const char *what, const GError *error)
{
  gint64 delay = (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000;

  g_warning ("%s of a completion group cannot be recorded, trying again: %s", what, error->message);
  if (self->completion_alarm == 0 && !self->closing)
    self->completion_alarm = ferryd_clock_add_alarm (self->clock, ferryd_clock_elapsed (self->clock) + delay,
                                                     on_completion_alarm, self);
}

/* Saving what is known already. */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch == NULL)
    g_warning ("How far a completion group is cannot be recorded: %s", error->message);
}

static void
run_save (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  const FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);

  if (group != NULL)
    commit (self, id, group, FERRYD_DURABILITY_SOON, on_saved);
  ferryd_queue_end_turn (self, id);
}

/**
 * ferryd_queue_save_completion:
 * @self: a queue
 * @id: a completion group of which something is known that may be found out again
 *
 * Records it soon, and when nobody changes its state.
 */
void
ferryd_queue_save_completion (FerrydQueue *self, const FerrydId *id)
{
  ferryd_queue_take_turn (self, id, run_save, NULL);
}

/* Delivered. */

static void
on_delivered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  FerrydQueue *self = reference->queue;
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &reference->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("completion-delivered");
  if (batch != NULL)
    {
      group->state = FERRY_COMPLETION_STATE_DELIVERED;
      group->delivered = ferryd_queue_now (self);
      ferryd_queue_count_undelivered (self, -1);
      ferryd_queue_emit_completion (self, &group->id, FALSE);
      ferryd_queue_purge (self);
    }
  else if (group->handler_name == NULL)
    try_again (self, "The delivery", error);
  else
    g_warning ("That an application has heard of a completion group cannot be recorded, calling it again: %s",
               error->message);
  ferryd_delivery_end (self->delivery, &reference->id, batch != NULL);
  ferryd_queue_end_turn (self, &reference->id);
}

static void
run_delivered (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  const FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
  FerrydCompletionGroup after;

  if (group == NULL || group->state != FERRY_COMPLETION_STATE_TRIGGERED)
    {
      ferryd_delivery_end (self->delivery, id, TRUE);
      ferryd_queue_end_turn (self, id);
      return;
    }
  after = *group;
  after.state = FERRY_COMPLETION_STATE_DELIVERED;
  after.delivered = ferryd_queue_now (self);
  after.retry_at = 0;
  commit (self, id, &after, FERRYD_DURABILITY_SYNCED, on_delivered);
}

/* Calling. */

static void
take_failure (FerrydQueue *self, FerrydCompletionGroup *group, const GError *error)
{
  gint64 delay = ferryd_delivery_end (self->delivery, &group->id, FALSE);

  g_message ("%s could not be told of its completion group, again in %" G_GINT64_FORMAT " s: %s",
             group->handler_name, delay / G_USEC_PER_SEC, error->message);
  group->attempts++;
  group->retry_at = ferryd_queue_now (self) + delay;
  ferryd_queue_save_completion (self, &group->id);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  FerrydQueue *self = reference->queue;
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &reference->id);
  g_autoptr (GError) error = NULL;
  gboolean answered = ferryd_handler_caller_call_finish (FERRYD_HANDLER_CALLER (source), result, &error);

  FERRYD_FAILPOINT ("completion-answered");
  /* The process is about to end: what cannot be recorded any more is told again by the next one. */
  if (self->closing)
    return;
  if (group == NULL)
    ferryd_delivery_end (self->delivery, &reference->id, TRUE);
  else if (answered)
    ferryd_queue_take_turn (self, &reference->id, run_delivered, NULL);
  else
    take_failure (self, group, error);
}

static void
on_due (FerrydQueue *self, const FerrydId *id)
{
  const FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
  g_autoptr (GArray) downloads = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GArray) uploads = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  const FerrydHandlerCall call = {
    .name = group->handler_name,
    .path = group->handler_path,
    .action = group->handler_action,
    .group = *id,
    .downloads = downloads,
    .uploads = uploads,
  };

  if (self->closing)
    return;
  for (guint i = 0; i < group->members->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (group->members, i);

      g_array_append_val (operation->kind == FERRY_KIND_DOWNLOAD ? downloads : uploads, operation->id);
    }
  FERRYD_FAILPOINT ("completion-calling");
  ferryd_handler_caller_call_async (self->handlers, &call, self->cancellable, on_called,
                                    reference_new (self, id));
}

static void
deliver (FerrydQueue *self, const FerrydCompletionGroup *group)
{
  gint64 longest = (gint64) MAX_WAIT * ferryd_settings_get (self->settings)->retry_delay * 1000;
  gint64 delay = group->retry_at != 0 ? group->retry_at - ferryd_queue_now (self) : 0;

  if (group->handler_name == NULL)
    {
      ferryd_queue_take_turn (self, &group->id, run_delivered, NULL);
      return;
    }
  ferryd_delivery_add (self->delivery, &group->id, group->handler_name, group->attempts,
                       CLAMP (delay, 0, longest));
  ferryd_handler_caller_watch (self->handlers, group->handler_name);
}

/* Triggering. */

static void
on_triggered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reference) reference = user_data;
  FerrydQueue *self = reference->queue;
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &reference->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("completion-triggered");
  group->triggering = FALSE;
  if (batch != NULL)
    {
      group->state = FERRY_COMPLETION_STATE_TRIGGERED;
      group->triggered = ferryd_queue_now (self);
      group->notification_pending = ferryd_completion_group_get_notification (group) != NULL;
      ferryd_queue_count_undelivered (self, 1);
      ferryd_queue_emit_completion (self, &group->id, FALSE);
      ferryd_queue_notify_completion (self, group);
      deliver (self, group);
    }
  else
    try_again (self, "The end", error);
  ferryd_queue_end_turn (self, &reference->id);
}

static void
run_trigger (FerrydQueue *self, const FerrydId *id, FerrydOperation *none, gpointer data)
{
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
  FerrydCompletionGroup after;

  if (group == NULL || !ferryd_completion_group_is_over (group))
    {
      if (group != NULL)
        group->triggering = FALSE;
      ferryd_queue_end_turn (self, id);
      return;
    }
  after = *group;
  after.state = FERRY_COMPLETION_STATE_TRIGGERED;
  after.triggered = ferryd_queue_now (self);
  after.notification_pending = ferryd_completion_group_get_notification (group) != NULL;
  FERRYD_FAILPOINT ("completion-before-trigger");
  commit (self, id, &after, FERRYD_DURABILITY_SYNCED, on_triggered);
}

static void
check (FerrydQueue *self, FerrydCompletionGroup *group)
{
  if (self->closing || group->triggering || !ferryd_completion_group_is_over (group))
    return;
  group->triggering = TRUE;
  ferryd_queue_take_turn (self, &group->id, run_trigger, NULL);
}

/**
 * ferryd_queue_completion_changed:
 * @self: a queue
 * @group: a completion group of which something is different, perhaps that its last member has ended
 */
void
ferryd_queue_completion_changed (FerrydQueue *self, FerrydCompletionGroup *group)
{
  FerrydId id = group->id;

  ferryd_queue_emit_completion (self, &id, FALSE);
  group = ferryd_queue_lookup_completion (self, &id);
  if (group != NULL)
    check (self, group);
}

/**
 * ferryd_queue_check_completions:
 * @self: a queue
 *
 * Goes on with every group whose members have ended: after loading, and when something could not be recorded.
 */
void
ferryd_queue_check_completions (FerrydQueue *self)
{
  g_autoptr (GArray) ids = ferryd_queue_list_completions (self, NULL);

  for (guint i = 0; i < ids->len && !self->closing; i++)
    {
      FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &g_array_index (ids, FerrydId, i));

      if (group == NULL)
        continue;
      if (group->state == FERRY_COMPLETION_STATE_TRIGGERED && group->handler_name == NULL)
        deliver (self, group);
      else
        check (self, group);
    }
}

/**
 * ferryd_queue_resume_completions:
 * @self: a queue that has just been loaded
 */
void
ferryd_queue_resume_completions (FerrydQueue *self)
{
  g_autoptr (GArray) ids = ferryd_queue_list_completions (self, NULL);

  for (guint i = 0; i < ids->len; i++)
    {
      FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &g_array_index (ids, FerrydId, i));

      if (group->notification_pending)
        ferryd_queue_notify_completion (self, group);
      if (group->state != FERRY_COMPLETION_STATE_TRIGGERED)
        continue;
      ferryd_queue_count_undelivered (self, 1);
      if (group->handler_name != NULL)
        deliver (self, group);
    }
  ferryd_queue_check_completions (self);
}

/**
 * ferryd_queue_count_undelivered:
 * @self: a queue
 * @step: so many triggered groups more, or fewer
 */
void
ferryd_queue_count_undelivered (FerrydQueue *self, int step)
{
  self->undelivered += (guint) step;
  ferryd_queue_update_busy (self);
}

/**
 * ferryd_queue_contact:
 * @self: a queue
 * @application: one that has just been heard of
 *
 * It need not be waited for where it is to be called.
 */
void
ferryd_queue_contact (FerrydQueue *self, const char *application)
{
  GHashTableIter iter;
  gpointer value;

  if (self->undelivered == 0 || application[0] == '\0')
    return;
  g_hash_table_iter_init (&iter, self->completions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FerrydCompletionGroup *group = value;

      if (group->state == FERRY_COMPLETION_STATE_TRIGGERED && group->handler_name != NULL &&
          g_str_equal (group->application, application))
        ferryd_delivery_contact (self->delivery, group->handler_name);
    }
}

static void
on_owner_changed (FerrydQueue *self, const char *name, gboolean owned)
{
  ferryd_delivery_set_running (self->delivery, name, owned);
}

/**
 * ferryd_queue_set_up_delivery:
 * @self: a new queue
 * @handlers: (nullable): how applications are called; NULL where none can be
 */
void
ferryd_queue_set_up_delivery (FerrydQueue *self, FerrydHandlerCaller *handlers)
{
  self->delivery = ferryd_delivery_new (self->clock, self->settings);
  g_signal_connect_swapped (self->delivery, "due", G_CALLBACK (on_due), self);
  if (g_set_object (&self->handlers, handlers))
    g_signal_connect_swapped (self->handlers, "owner-changed", G_CALLBACK (on_owner_changed), self);
}
