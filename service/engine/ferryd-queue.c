/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

enum
{
  SIGNAL_ADDED,
  SIGNAL_CHANGED,
  SIGNAL_ENDED,
  SIGNAL_REMOVED,
  SIGNAL_COMPLETION_CHANGED,
  SIGNAL_CONDITIONS_CHANGED,
  SIGNAL_CAUSES_CHANGED,
  SIGNAL_BUSY_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerrydQueue, ferryd_queue, G_TYPE_OBJECT)

static guint
key_hash (gconstpointer key)
{
  return ferryd_id_hash (key);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 16) == 0;
}

static void
ferryd_queue_init (FerrydQueue *self)
{
  self->operations = g_hash_table_new (ferryd_id_hash, ferryd_id_equal);
  self->by_age = g_ptr_array_new ();
  self->claims = g_hash_table_new (key_hash, key_equal);
  self->tokens = g_hash_table_new (key_hash, key_equal);
  self->lanes = ferryd_lanes_new ();
  self->borrowers = g_ptr_array_new ();
  self->groups = ferryd_groups_new ();
  self->completions = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, NULL,
                                             (GDestroyNotify) ferryd_completion_group_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->cancellable = g_cancellable_new ();
  self->windows = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->resting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->turns = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, ferryd_turns_free);
  g_queue_init (&self->token_waiters);
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
ferryd_queue_dispose (GObject *object)
{
  FerrydQueue *self = FERRYD_QUEUE (object);

  clear_source (&self->schedule);
  clear_source (&self->purge);
  if (self->clock != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->clock, self);
      ferryd_clock_clear_alarm (self->clock, &self->purge_alarm);
      ferryd_clock_clear_alarm (self->clock, &self->completion_alarm);
      ferryd_clock_clear_alarm (self->clock, &self->window_alarm);
      ferryd_clock_clear_alarm (self->clock, &self->rest_alarm);
    }
  ferryd_queue_clear_network (self);
  while (self->by_age->len > 0)
    {
      FerrydOperation *operation = g_ptr_array_index (self->by_age, self->by_age->len - 1);

      ferryd_queue_clear_alarm (self, operation);
      ferryd_lanes_remove (self->lanes, operation);
      g_ptr_array_set_size (self->by_age, (int) self->by_age->len - 1);
      ferryd_operation_free (operation);
    }
  g_hash_table_remove_all (self->operations);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  if (self->power != NULL)
    g_signal_handlers_disconnect_by_data (self->power, self);
  if (self->sleep != NULL)
    g_signal_handlers_disconnect_by_data (self->sleep, self);
  if (self->meter != NULL)
    g_signal_handlers_disconnect_by_data (self->meter, self);
  if (self->notifier != NULL)
    g_signal_handlers_disconnect_by_data (self->notifier, self);
  if (self->handlers != NULL)
    g_signal_handlers_disconnect_by_data (self->handlers, self);
  g_clear_object (&self->delivery);
  g_clear_object (&self->handlers);
  g_clear_object (&self->notifier);
  g_clear_object (&self->applications);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->settings);
  g_clear_object (&self->network);
  g_clear_object (&self->power);
  g_clear_object (&self->sleep);
  g_clear_object (&self->meter);
  g_clear_object (&self->clock);
  g_clear_object (&self->store);
  g_clear_object (&self->transport);
  G_OBJECT_CLASS (ferryd_queue_parent_class)->dispose (object);
}

static void
ferryd_queue_finalize (GObject *object)
{
  FerrydQueue *self = FERRYD_QUEUE (object);

  g_hash_table_unref (self->operations);
  g_ptr_array_unref (self->by_age);
  g_hash_table_unref (self->claims);
  g_hash_table_unref (self->tokens);
  g_hash_table_unref (self->turns);
  g_hash_table_unref (self->completions);
  g_hash_table_unref (self->seen);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  g_hash_table_unref (self->windows);
  g_hash_table_unref (self->resting);
  ferryd_lanes_free (self->lanes);
  g_ptr_array_unref (self->borrowers);
  ferryd_groups_free (self->groups);
  g_free (self->state_directory);
  g_free (self->journal_directory);
  g_free (self->body_directory);
  g_free (self->spool_directory);
  g_clear_object (&self->spool_cancellable);
  G_OBJECT_CLASS (ferryd_queue_parent_class)->finalize (object);
}

static guint
new_signal (GObjectClass *klass, const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
ferryd_queue_class_init (FerrydQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_queue_dispose;
  object_class->finalize = ferryd_queue_finalize;
  signals[SIGNAL_ADDED] = new_signal (object_class, "added", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_CHANGED] = new_signal (object_class, "changed", 2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
  signals[SIGNAL_ENDED] = new_signal (object_class, "ended", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_REMOVED] = new_signal (object_class, "removed", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_COMPLETION_CHANGED] =
      new_signal (object_class, "completion-changed", 2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
  signals[SIGNAL_CONDITIONS_CHANGED] =
      new_signal (object_class, "conditions-changed", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[SIGNAL_CAUSES_CHANGED] = new_signal (object_class, "causes-changed", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[SIGNAL_BUSY_CHANGED] = new_signal (object_class, "busy-changed", 0, G_TYPE_NONE, G_TYPE_NONE);
}

/**
 * ferryd_queue_new:
 * @parts: what it works with
 *
 * Returns: (transfer full): an empty queue, to be loaded
 */
FerrydQueue *
ferryd_queue_new (const FerrydQueueParts *parts)
{
  FerrydQueue *self = g_object_new (FERRYD_TYPE_QUEUE, NULL);

  self->clock = g_object_ref (parts->clock);
  self->store = g_object_ref (parts->store);
  self->transport = g_object_ref (parts->transport);
  self->io = parts->io;
  self->settings = g_object_ref (parts->settings);
  self->state_directory = g_strdup (parts->state_directory);
  self->journal_directory = g_build_filename (parts->state_directory, "journal", NULL);
  self->body_directory = g_build_filename (parts->state_directory, "bodies", NULL);
  self->spool_cancellable = g_cancellable_new ();
  self->spool_directory = g_build_filename (parts->state_directory, "spool", NULL);
  g_set_object (&self->network, parts->network);
  g_set_object (&self->power, parts->power);
  g_set_object (&self->sleep, parts->sleep);
  g_set_object (&self->meter, parts->meter);
  ferryd_queue_set_up_delivery (self, parts->handlers);
  ferryd_queue_set_up_notifications (self, parts->notifier, parts->applications);
  g_signal_connect_swapped (self->clock, "jumped", G_CALLBACK (ferryd_queue_evaluate_windows), self);
  ferryd_queue_watch_conditions (self);
  return self;
}

/**
 * ferryd_queue_lookup:
 * @self: a queue
 * @id: an id
 *
 * Returns: (transfer none) (nullable): the operation
 */
FerrydOperation *
ferryd_queue_lookup (FerrydQueue *self, const FerrydId *id)
{
  return g_hash_table_lookup (self->operations, id);
}

/**
 * ferryd_queue_contains:
 * @self: a queue
 * @id: an id
 *
 * Returns: whether there is such an operation
 */
gboolean
ferryd_queue_contains (FerrydQueue *self, const FerrydId *id)
{
  return ferryd_queue_lookup (self, id) != NULL;
}

/**
 * ferryd_queue_now:
 * @self: a queue
 *
 * Returns: Unix microseconds
 */
gint64
ferryd_queue_now (FerrydQueue *self)
{
  return ferryd_clock_now (self->clock);
}

static gboolean
is_set (const guint8 key[16])
{
  static const guint8 none[16] = { 0 };

  return memcmp (key, none, sizeof none) != 0;
}

static gboolean
has_token (const FerrydOperation *operation)
{
  return is_set (operation->token);
}

/**
 * ferryd_queue_insert:
 * @self: a queue
 * @operation: (transfer full): younger than all there are
 */
void
ferryd_queue_insert (FerrydQueue *self, FerrydOperation *operation)
{
  g_hash_table_insert (self->operations, &operation->id, operation);
  g_ptr_array_add (self->by_age, operation);
  if (!ferry_state_is_ended (operation->state))
    {
      operation->owner->unfinished++;
      if (ferryd_queue_has_claim (operation))
        g_hash_table_replace (self->claims, operation->claim, operation);
    }
  if (has_token (operation))
    g_hash_table_replace (self->tokens, operation->token, operation);
  ferryd_queue_note (self, operation);
}

static guint
find_age (FerrydQueue *self, gint64 sequence)
{
  guint low = 0, high = self->by_age->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, middle);

      if (operation->sequence < sequence)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * ferryd_queue_forget:
 * @self: a queue
 * @operation: (transfer full): one that has ended and is removed, durably
 */
void
ferryd_queue_forget (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydId id = operation->id;
  FerrydCompletionGroup *completion = operation->completion;

  if (completion != NULL)
    ferryd_completion_group_leave (completion, operation);
  if (has_token (operation))
    g_hash_table_remove (self->tokens, operation->token);
  ferryd_queue_clear_alarm (self, operation);
  ferryd_queue_drop_window (self, operation);
  ferryd_queue_drop_file (self, operation);
  g_hash_table_remove (self->operations, &operation->id);
  g_ptr_array_remove_index (self->by_age, find_age (self, operation->sequence));
  ferryd_lanes_leave_owner (self->lanes, operation->owner);
  ferryd_lanes_leave_host (self->lanes, operation->host);
  ferryd_groups_leave (self->groups, operation->group);
  ferryd_operation_free (operation);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, &id);
  if (completion != NULL)
    ferryd_queue_completion_changed (self, completion);
}

/**
 * ferryd_queue_emit_conditions_changed:
 * @self: a queue
 *
 * ferryd_queue_get_conditions() may answer differently.
 */
void
ferryd_queue_emit_conditions_changed (FerrydQueue *self)
{
  g_signal_emit (self, signals[SIGNAL_CONDITIONS_CHANGED], 0);
}

/**
 * ferryd_queue_emit_causes_changed:
 * @self: a queue
 *
 * ferryd_queue_get_causes() may answer differently for those that nothing has happened to.
 */
void
ferryd_queue_emit_causes_changed (FerrydQueue *self)
{
  g_signal_emit (self, signals[SIGNAL_CAUSES_CHANGED], 0);
}

/**
 * ferryd_queue_emit_added:
 * @self: a queue
 * @operation: a new one
 */
void
ferryd_queue_emit_added (FerrydQueue *self, FerrydOperation *operation)
{
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, &operation->id);
}

/**
 * ferryd_queue_emit_changed:
 * @self: a queue
 * @operation: one about which something is different
 * @urgent: more than counters
 */
void
ferryd_queue_emit_changed (FerrydQueue *self, FerrydOperation *operation, gboolean urgent)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, &operation->id, urgent);
}

/**
 * ferryd_queue_emit_ended:
 * @self: a queue
 * @operation: one that has ended, durably
 */
void
ferryd_queue_emit_ended (FerrydQueue *self, FerrydOperation *operation)
{
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, &operation->id);
  ferryd_queue_notify_ended (self, operation);
  if (operation->completion != NULL)
    ferryd_queue_completion_changed (self, operation->completion);
}

/**
 * ferryd_queue_emit_completion:
 * @self: a queue
 * @id: a completion group about which something is different
 * @removed: it is no more
 */
void
ferryd_queue_emit_completion (FerrydQueue *self, const FerrydId *id, gboolean removed)
{
  g_signal_emit (self, signals[SIGNAL_COMPLETION_CHANGED], 0, id, removed);
}

/**
 * ferryd_queue_is_busy:
 * @self: a queue
 *
 * Returns: whether something is under way or can go on by itself
 */
gboolean
ferryd_queue_is_busy (FerrydQueue *self)
{
  return self->started > 0 || self->pending > 0 || self->undelivered > 0 ||
         g_hash_table_size (self->shown) > 0;
}

/**
 * ferryd_queue_update_busy:
 * @self: a queue
 *
 * Tells when that has changed.
 */
void
ferryd_queue_update_busy (FerrydQueue *self)
{
  gboolean busy = ferryd_queue_is_busy (self);

  if (busy == self->was_busy)
    return;
  self->was_busy = busy;
  g_signal_emit (self, signals[SIGNAL_BUSY_CHANGED], 0);
}

/**
 * ferryd_queue_hold:
 * @self: a queue
 *
 * Something is under way that the service must not exit under.
 */
void
ferryd_queue_hold (FerrydQueue *self)
{
  self->pending++;
  ferryd_queue_update_busy (self);
}

/**
 * ferryd_queue_release:
 * @self: a queue
 *
 * Undoes ferryd_queue_hold().
 */
void
ferryd_queue_release (FerrydQueue *self)
{
  self->pending--;
  ferryd_queue_update_busy (self);
}

static gboolean
filter_matches (const FerrydFilter *filter, const FerrydOperation *operation)
{
  if ((filter->kinds & (1u << operation->kind)) == 0)
    return FALSE;
  if (filter->states != 0 && (filter->states & (1u << operation->state)) == 0)
    return FALSE;
  if (filter->application != NULL && !g_str_equal (filter->application, operation->owner->application))
    return FALSE;
  if (filter->group != NULL && !g_str_equal (filter->group, operation->group->name))
    return FALSE;
  return filter->completion_group == NULL ||
         (operation->completion != NULL &&
          ferryd_id_equal (&operation->completion->id, filter->completion_group));
}

/**
 * ferryd_queue_list:
 * @self: a queue
 * @filter: which
 *
 * Returns: (transfer full) (element-type FerrydId): oldest first
 */
GArray *
ferryd_queue_list (FerrydQueue *self, const FerrydFilter *filter)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  guint i = 0;

  if (filter->after != NULL)
    {
      const FerrydOperation *after = ferryd_queue_lookup (self, filter->after);

      i = after != NULL ? find_age (self, after->sequence) + 1 : self->by_age->len;
    }
  for (; i < self->by_age->len && (filter->limit == 0 || ids->len < filter->limit); i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (filter_matches (filter, operation))
        g_array_append_val (ids, operation->id);
    }
  return ids;
}

/**
 * ferryd_queue_set_attached:
 * @self: a queue
 * @id: an operation
 * @attached: whether somebody is attached to it
 */
void
ferryd_queue_set_attached (FerrydQueue *self, const FerrydId *id, gboolean attached)
{
  FerrydOperation *operation = ferryd_queue_lookup (self, id);

  if (operation == NULL)
    return;
  operation->attached = attached != FALSE;
  ferryd_queue_evaluate (self, operation);
}
