/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-audit.h"

#include <string.h>

#include "ferryd-queue-private.h"

static gboolean
waits_to_record (const FerrydOperation *operation)
{
  return operation->run->live != NULL && operation->run->live->finishing && operation->run->alarm != NULL;
}

/**
 * ferryd_queue_audit_is_settled:
 * @kit: a kit
 * @is_silent: whether nothing comes from a URI by itself
 * @user_data: for @is_silent
 *
 * Returns: whether nothing is under way that would go on by itself
 */
gboolean
ferryd_queue_audit_is_settled (FerrydQueueKit *kit, FerrydSilent is_silent, gpointer user_data)
{
  FerrydQueue *self = kit->queue;
  guint turns = 0, attempts = 0;

  if (self->schedule != NULL || self->purge != NULL || ferryd_fake_store_count_held (kit->store) > 0)
    return FALSE;
  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);
      const FerrydLive *live = operation->run->live;

      if (waits_to_record (operation))
        turns++;
      else if (live != NULL && (live->stopping || live->finishing || live->over ||
                                !is_silent (live->request->uri, user_data)))
        return FALSE;
      if (operation->slot && live == NULL)
        return FALSE;
      attempts += live != NULL && !live->over;
    }
  /* One for each turn taken, and one for each attempt until its last event. */
  return g_hash_table_size (self->turns) == turns && self->pending == attempts + turns;
}

/* Whoever may run and does not is held up by its group or by the limits. */
static void
check_place (FerrydQueue *self, const FerrydOperation *operation)
{
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);
  const FerrydGroup *group = operation->group;
  gboolean ready = operation->state == FERRY_STATE_QUEUED && operation->run->causes == 0;
  gboolean serial =
      group->behavior == FERRY_GROUP_BEHAVIOR_SERIALIZED && operation->priority != FERRY_PRIORITY_HIGH;

  g_assert_cmpint (operation->run->turn != NULL, ==,
                   serial && operation->state == FERRY_STATE_QUEUED &&
                       (operation->run->causes & ~FERRYD_CAUSE (FERRY_CAUSE_RETRY)) == 0);
  if (serial)
    g_assert_cmpint (operation->run->place != NULL, ==, group->current == operation);
  else
    g_assert_cmpint (operation->run->place != NULL, ==, ready);
  if (operation->run->place != NULL)
    g_assert_true (ferryd_lanes_get_running (self->lanes) >= values->max_running ||
                   operation->host->running >= values->max_running_per_host || operation->host->held);
  else if (ready)
    g_assert_true (group->running > 0 || ferryd_lanes_peek_group (group) != operation);
}

static void
check_operation (FerrydQueueKit *kit, const FerrydOperation *operation)
{
  FerrydQueue *self = kit->queue;
  const FerrydRow *row = ferryd_fake_store_peek (kit->store, &operation->id);
  gboolean started = ferryd_operation_is_started (operation);
  const FerrydRun *run = operation->run;

  g_assert_true (ferryd_queue_lookup (self, &operation->id) == operation);
  g_assert_nonnull (row);
  g_assert_cmpint (row->state, ==, started ? FERRY_STATE_QUEUED : operation->state);
  g_assert_cmpint (row->priority, ==, operation->priority);
  g_assert_cmpint (row->cost_policy, ==, operation->cost_policy);
  g_assert_cmpint (row->max_speed, ==, run->max_speed);
  g_assert_cmpint (row->order != 0 ? row->order : row->sequence, ==, ferryd_operation_get_order (operation));
  g_assert_cmpint (row->finished, ==, run->finished);
  g_assert_cmpint (run->finished != 0, ==, ferry_state_is_ended (operation->state));
  g_assert_cmpstr (row->host, ==, operation->host->name);
  g_assert_cmpint (operation->counted, ==, started || run->live != NULL);
  g_assert_cmpint (operation->slot, ==, run->live != NULL);
  g_assert_cmpint (operation->state == FERRY_STATE_RUNNING, ==, run->live != NULL);
  check_place (self, operation);
  g_assert_false (operation->purging);
  if (!started)
    g_assert_null (run->alarm);
  if (ferry_state_is_finished (operation->state))
    {
      g_assert_null (row->secrets);
      g_assert_false (ferryd_queue_has_claim (operation));
    }
  /* A transfer that has ended with an error keeps its destination in mind, and claims it no more. */
  else if (operation->state != FERRY_STATE_ERROR && ferryd_queue_has_claim (operation))
    {
      g_assert_true (g_hash_table_lookup (self->claims, operation->claim) == operation);
      g_assert_cmpmem (row->claim, sizeof row->claim, operation->claim, sizeof operation->claim);
    }
}

/* Counters of those who have several operations, by going through all of them. */
static void
check_owner_and_host (FerrydQueue *self, const FerrydOperation *whose)
{
  guint operations = 0, unfinished = 0, named = 0, running = 0, grouped = 0, serial = 0;

  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);

      if (operation->owner == whose->owner)
        {
          operations++;
          unfinished += !ferry_state_is_ended (operation->state);
        }
      if (operation->host == whose->host)
        {
          named++;
          running += operation->slot;
        }
      if (operation->group == whose->group)
        {
          grouped++;
          serial += operation->serial;
        }
    }
  g_assert_cmpuint (whose->owner->operations, ==, operations);
  g_assert_cmpuint (whose->owner->unfinished, ==, unfinished);
  g_assert_cmpuint (whose->host->operations, ==, named);
  g_assert_cmpuint (whose->host->running, ==, running);
  g_assert_cmpuint (whose->group->operations, ==, grouped);
  g_assert_cmpuint (whose->group->running, ==, serial);
}

/**
 * ferryd_queue_audit:
 * @kit: a kit whose queue is settled
 */
void
ferryd_queue_audit (FerrydQueueKit *kit)
{
  FerrydQueue *self = kit->queue;
  guint started = 0, live = 0, slots = 0, alarms = 0, claims = 0, tokens = 0;
  gint64 sequence = 0;

  g_assert_cmpuint (g_hash_table_size (self->operations), ==, self->by_age->len);
  g_assert_cmpuint (ferryd_fake_store_count_rows (kit->store), ==, self->by_age->len);
  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);
      static const guint8 none[sizeof operation->token] = { 0 };

      check_operation (kit, operation);
      check_owner_and_host (self, operation);
      g_assert_cmpint (operation->sequence, >, sequence);
      sequence = operation->sequence;
      started += operation->counted;
      live += operation->run->live != NULL;
      slots += operation->slot;
      alarms += operation->run->alarm != NULL;
      claims += !ferry_state_is_ended (operation->state) && ferryd_queue_has_claim (operation);
      tokens += memcmp (operation->token, none, sizeof none) != 0;
    }
  g_assert_cmpuint (self->started, ==, started);
  g_assert_cmpuint (self->live, ==, live);
  g_assert_cmpuint (ferryd_lanes_get_running (self->lanes), ==, slots);
  g_assert_cmpuint (g_hash_table_size (self->claims), ==, claims);
  g_assert_cmpuint (g_hash_table_size (self->tokens), ==, tokens);
  g_assert_cmpuint (self->token_waiters.length, ==, 0);
  g_assert_cmpuint (ferryd_fake_clock_count_alarms (kit->clock), ==,
                    alarms + (self->purge_alarm != 0) + (self->link_alarm != 0) + (self->sleep_alarm != 0) +
                        (self->rest_alarm != 0));
  g_assert_cmpint (self->was_busy, ==, ferryd_queue_is_busy (self));
  g_assert_cmpint (ferryd_queue_is_busy (self), ==, started > 0);
}
