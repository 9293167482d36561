/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/**
 * ferryd_queue_note:
 * @self: a queue
 * @operation: one whose state may have changed
 *
 * Keeps the count of those that can go on by themselves.
 */
void
ferryd_queue_note (FerrydQueue *self, FerrydOperation *operation)
{
  gboolean started = ferryd_operation_is_started (operation) || operation->run->live != NULL;

  if (started == (gboolean) operation->counted)
    return;
  operation->counted = started != FALSE;
  if (started)
    self->started++;
  else
    self->started--;
  ferryd_queue_update_busy (self);
}

/**
 * ferryd_queue_withdraw:
 * @self: a queue
 * @operation: one that may not run
 *
 * Takes it out of its lane; an attempt under way is told to stop. In a serialized group the next one may
 * come.
 */
void
ferryd_queue_withdraw (FerrydQueue *self, FerrydOperation *operation)
{
  ferryd_lanes_remove (self->lanes, operation);
  ferryd_queue_stop (self, operation);
  ferryd_queue_schedule (self);
}

static FerrydOperationEvent
get_wait_event (FerryState state)
{
  switch (state)
    {
    case FERRY_STATE_PAUSED_COSTED_NETWORK:
      return FERRYD_OPERATION_WAIT_COST;
    case FERRY_STATE_PAUSED_NO_NETWORK:
      return FERRYD_OPERATION_WAIT_NETWORK;
    case FERRY_STATE_PAUSED_SYSTEM_POLICY:
      return FERRYD_OPERATION_WAIT_SYSTEM;
    default:
      return FERRYD_OPERATION_QUEUE;
    }
}

static FerrydCauses
find_causes (FerrydQueue *self, const FerrydOperation *operation, const FerrydConditions *conditions)
{
  FerrydPolicyRequest request = {
    .cost_policy = operation->cost_policy,
    .priority = operation->priority,
    .attached = operation->attached,
    .unconstrained = operation->unconstrained,
    .local = operation->local,
    .disk_full = operation->run->disk_full_since != 0 && operation->run->retry_at == 0 &&
                 operation->run->alarm != NULL,
    .offline = operation->offline,
  };
  FerrydCauses causes;

  ferryd_queue_get_window (self, operation, &request.not_before, &request.not_after);
  causes = ferryd_policy_decide (&request, conditions, ferryd_queue_now (self));
  if (operation->run->retry_at != 0 && operation->run->alarm != NULL)
    causes |= FERRYD_CAUSE (FERRY_CAUSE_RETRY);
  return causes;
}

static void
evaluate (FerrydQueue *self, FerrydOperation *operation, const FerrydConditions *conditions)
{
  FerryState before = operation->state;
  FerrydCauses causes;

  if (self->closing || ferryd_queue_check_window (self, operation) ||
      !ferryd_operation_is_started (operation) || operation->preparing)
    return;
  /* The last steps are quick, need nothing from outside and are not interrupted; what may be sent only once
   * is not while its answer may be on its way (contract, decision 2). */
  if (operation->run->live != NULL && (operation->run->live->finishing || operation->run->live->sealed))
    return;
  causes = find_causes (self, operation, conditions);
  if (causes == 0 && (operation->state != FERRY_STATE_RUNNING))
    {
      ferryd_operation_apply (operation, FERRYD_OPERATION_QUEUE, NULL);
      if (!operation->slot)
        ferryd_lanes_add (self->lanes, operation);
      ferryd_queue_schedule (self);
    }
  else if (causes != 0)
    {
      ferryd_operation_apply (operation, get_wait_event (ferryd_policy_state (causes)), NULL);
      ferryd_queue_withdraw (self, operation);
      if (causes == FERRYD_CAUSE (FERRY_CAUSE_RETRY) && !operation->slot)
        ferryd_lanes_keep (self->lanes, operation);
    }
  if (before == operation->state && causes == operation->run->causes)
    return;
  operation->run->causes = causes;
  ferryd_queue_emit_changed (self, operation, TRUE);
}

/**
 * ferryd_queue_evaluate:
 * @self: a queue
 * @operation: one of which something changed that decides whether it may run
 *
 * Asks the policy, and sets state and place accordingly. Does nothing with one that is not started.
 */
void
ferryd_queue_evaluate (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydConditions conditions;

  ferryd_queue_get_conditions (self, &conditions);
  evaluate (self, operation, &conditions);
}

/**
 * ferryd_queue_evaluate_all:
 * @self: a queue
 *
 * The same for all, after something outside has changed.
 */
void
ferryd_queue_evaluate_all (FerrydQueue *self)
{
  FerrydConditions conditions;

  ferryd_queue_get_conditions (self, &conditions);
  for (guint i = 0; i < self->by_age->len; i++)
    evaluate (self, g_ptr_array_index (self->by_age, i), &conditions);
}

/* What an operation waits for is told of where that changes with others only. */
static void
tell_causes (FerrydQueue *self)
{
  guint64 changes = ferryd_lanes_get_changes (self->lanes);

  if (changes == self->changes)
    return;
  self->changes = changes;
  ferryd_queue_emit_causes_changed (self);
}

static gboolean
on_schedule (gpointer user_data)
{
  FerrydQueue *self = user_data;
  FerrydOperation *operation;

  g_clear_pointer (&self->schedule, g_source_unref);
  while (!self->closing && (operation = ferryd_lanes_take (self->lanes)) != NULL)
    ferryd_queue_begin (self, operation);
  if (!self->closing)
    {
      ferryd_queue_share (self);
      tell_causes (self);
    }
  return G_SOURCE_REMOVE;
}

/**
 * ferryd_queue_schedule:
 * @self: a queue
 *
 * Looks soon, once for all changes until then, whose turn it is.
 */
void
ferryd_queue_schedule (FerrydQueue *self)
{
  if (self->schedule != NULL || self->closing)
    return;
  self->schedule = g_idle_source_new ();
  g_source_set_priority (self->schedule, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->schedule, "ferryd-queue schedule");
  g_source_set_callback (self->schedule, on_schedule, self, NULL);
  g_source_attach (self->schedule, NULL);
}

struct _FerrydAlarm
{
  FerrydQueue *queue;         /* (unowned) */
  FerrydOperation *operation; /* (unowned): whose alarm it is */
  guint id;                   /* of the clock */
};

static void
on_alarm (gpointer user_data)
{
  g_autofree FerrydAlarm *alarm = user_data;
  FerrydRun *run = alarm->operation->run;

  run->alarm = NULL;
  alarm->operation->offline = FALSE;
  if (run->live != NULL && run->live->finishing)
    ferryd_queue_record_completion (alarm->queue, alarm->operation);
  else
    ferryd_queue_evaluate (alarm->queue, alarm->operation);
}

/**
 * ferryd_queue_set_alarm:
 * @self: a queue
 * @operation: one that waits
 * @delay: microseconds
 */
void
ferryd_queue_set_alarm (FerrydQueue *self, FerrydOperation *operation, gint64 delay)
{
  FerrydAlarm *alarm = g_new (FerrydAlarm, 1);

  ferryd_queue_clear_alarm (self, operation);
  alarm->queue = self;
  alarm->operation = operation;
  alarm->id =
      ferryd_clock_add_alarm (self->clock, ferryd_clock_elapsed (self->clock) + delay, on_alarm, alarm);
  operation->run->alarm = alarm;
}

/**
 * ferryd_queue_clear_alarm:
 * @self: a queue
 * @operation: an operation
 */
void
ferryd_queue_clear_alarm (FerrydQueue *self, FerrydOperation *operation)
{
  operation->offline = FALSE;
  if (operation->run->alarm == NULL)
    return;
  ferryd_clock_remove_alarm (self->clock, operation->run->alarm->id);
  g_clear_pointer (&operation->run->alarm, g_free);
}
