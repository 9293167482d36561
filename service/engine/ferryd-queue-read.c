/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-suggested-name.h"

/* What a description is made of beside what is in memory, and how old that is. */
#define DESCRIPTION_COLUMNS                                                                     \
  (FERRYD_COLUMN_STATE | FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_ERROR | FERRYD_COLUMN_RESPONSE | \
   FERRYD_COLUMN_PROGRESS)

static gint64
get_time_remaining (const FerrydDescription *description)
{
  gboolean sends = description->kind == FERRY_KIND_UPLOAD;
  gint64 total = sends ? description->total_to_send : description->total_to_receive;
  guint64 done = sends ? description->bytes_sent : description->bytes_received;
  guint64 missing;

  if (description->speed == 0 || total < 0)
    return -1;
  missing = (guint64) total - MIN (done, (guint64) total);
  return (gint64) ((double) missing * G_USEC_PER_SEC / (double) description->speed);
}

/* What waits for its retry waits for no slot before that, but perhaps for its group. */
static FerrydCauses
get_queue_causes (FerrydQueue *self, const FerrydOperation *operation)
{
  FerrydCauses causes = ferryd_lanes_explain (self->lanes, operation);

  if (operation->run->causes != 0)
    causes &= FERRYD_CAUSE (FERRY_CAUSE_GROUP);
  return causes | operation->run->causes;
}

static FerrydCauses
get_causes (FerrydQueue *self, const FerrydOperation *operation)
{
  switch (operation->state)
    {
    case FERRY_STATE_IDLE:
    case FERRY_STATE_PAUSED_BY_APPLICATION:
      return FERRYD_CAUSE (FERRY_CAUSE_APPLICATION);
    case FERRY_STATE_PAUSED_RECOVERABLE_ERROR:
      return FERRYD_CAUSE (FERRY_CAUSE_RECOVERABLE_ERROR);
    case FERRY_STATE_QUEUED:
      if ((operation->run->causes & ~FERRYD_CAUSE (FERRY_CAUSE_RETRY)) != 0)
        return operation->run->causes;
      return get_queue_causes (self, operation);
    case FERRY_STATE_PAUSED_COSTED_NETWORK:
    case FERRY_STATE_PAUSED_NO_NETWORK:
    case FERRY_STATE_PAUSED_SYSTEM_POLICY:
      return operation->run->causes |
             (ferryd_lanes_waits_for_group (operation) ? FERRYD_CAUSE (FERRY_CAUSE_GROUP) : 0);
    default:
      return 0;
    }
}

static FerrydDescription *
describe_hot (FerrydQueue *self, const FerrydOperation *operation)
{
  FerrydDescription *description = g_new0 (FerrydDescription, 1);

  description->id = operation->id;
  description->kind = operation->kind;
  description->application = g_strdup (operation->owner->application);
  description->group = g_strdup (operation->group->name);
  if (operation->completion != NULL)
    description->completion_group = operation->completion->id;
  description->state = operation->state;
  description->causes = get_causes (self, operation);
  description->priority = operation->priority;
  description->cost_policy = operation->cost_policy;
  description->max_speed = operation->run->max_speed;
  description->bytes_received = operation->run->bytes_received;
  description->total_to_receive = operation->run->total_to_receive;
  description->bytes_sent = operation->run->bytes_sent;
  description->total_to_send = operation->run->total_to_send;
  description->restarts = operation->run->restarts;
  description->attempt = operation->run->attempt;
  description->retry_at = operation->run->alarm != NULL ? operation->run->retry_at : 0;
  description->error_status = operation->error_status;
  description->unconstrained = operation->unconstrained;
  description->created = operation->created;
  description->finished = operation->run->finished;
  return description;
}

/* Where it goes, or where it comes from. */
static const char *
get_place (const FerrydRequest *request)
{
  return request->kind == FERRY_KIND_UPLOAD ? request->source : request->destination;
}

/* What @record and @meter know better than the record in memory. */
static void
describe_live (FerrydDescription *description, const FerrydOperation *operation)
{
  const FerrydLive *live = operation->run->live;

  description->is_complete = TRUE;
  description->request = ferryd_request_ref (live->request);
  description->destination = g_strdup (get_place (live->request));
  description->suggested_name = g_strdup (live->suggested_name);
  description->error_message = g_strdup (live->error_message);
  description->response = live->response != NULL ? g_variant_ref (live->response) : NULL;
  if (ferry_state_is_finished (operation->state))
    return;
  description->ranges = ferryd_meter_copy_ranges (live->meter);
  description->bytes_received = ferryd_meter_get_held (live->meter);
  description->total_to_receive = ferryd_meter_get_total (live->meter);
  description->bytes_sent = ferryd_meter_get_sent (live->meter);
  description->total_to_send = ferryd_meter_get_to_send (live->meter);
  /* The meter is ahead of the news that there was an answer. */
  if (live->failure == NULL && ferryd_meter_get_furthest (live->meter) > live->furthest)
    {
      description->attempt = MIN (description->attempt, 1);
      description->error_status = -1;
      g_clear_pointer (&description->error_message, g_free);
    }
  if (operation->state == FERRY_STATE_RUNNING)
    description->speed = ferryd_meter_get_speed (live->meter, g_get_monotonic_time ());
}

static void
describe_cold (FerrydDescription *description, const FerrydOperation *operation, FerrydRow *row)
{
  description->request = ferryd_row_get_request (operation, row, NULL);
  if (description->request == NULL)
    return;
  description->is_complete = TRUE;
  description->destination = g_strdup (get_place (description->request));
  description->suggested_name = g_steal_pointer (&row->suggested_name);
  description->error_message = g_steal_pointer (&row->error_message);
  description->response = g_steal_pointer (&row->response);
  if (row->progress != NULL)
    {
      g_autoptr (FerrydProgressRecord) record = ferryd_progress_record_from_variant (row->progress);

      description->ranges = g_steal_pointer (&record->ranges);
    }
}

/* What follows from the rest. */
static void
complete (FerrydDescription *description)
{
  description->time_remaining = get_time_remaining (description);
  if (!description->is_complete)
    return;
  if (description->error_status < 0)
    g_clear_pointer (&description->error_message, g_free);
  if (description->suggested_name == NULL && description->kind == FERRY_KIND_DOWNLOAD)
    description->suggested_name = ferryd_suggested_name_from_uri (description->request->uri);
  if (description->ranges == NULL)
    description->ranges = ferryd_ranges_new ();
  if (description->state == FERRY_STATE_COMPLETED && description->bytes_received > 0)
    ferryd_ranges_add (description->ranges, 0, description->bytes_received);
}

/**
 * ferryd_queue_get_causes:
 * @self: a queue
 * @id: an operation
 *
 * Costs less than a description.
 *
 * Returns: why it does not run now; none where it does, has ended or is not there
 */
FerrydCauses
ferryd_queue_get_causes (FerrydQueue *self, const FerrydId *id)
{
  const FerrydOperation *operation = ferryd_queue_lookup (self, id);

  return operation != NULL ? get_causes (self, operation) : 0;
}

/**
 * ferryd_queue_describe:
 * @self: a queue
 * @id: an operation
 *
 * Returns: (transfer full) (nullable): the operation as it is now; complete only while an attempt is under
 * way
 */
FerrydDescription *
ferryd_queue_describe (FerrydQueue *self, const FerrydId *id)
{
  const FerrydOperation *operation = ferryd_queue_lookup (self, id);
  FerrydDescription *description;

  if (operation == NULL)
    return NULL;
  description = describe_hot (self, operation);
  if (operation->run->live != NULL)
    describe_live (description, operation);
  complete (description);
  return description;
}

static void
description_free (gpointer data)
{
  if (data != NULL)
    ferryd_description_free (data);
}

static void on_described (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_descriptions (FerrydQueue *self, GTask *task)
{
  const GArray *ids = g_task_get_task_data (task);

  ferryd_queue_hold (self);
  ferryd_store_read_async (self->store, (const FerrydId *) (gpointer) ids->data, ids->len,
                           DESCRIPTION_COLUMNS, on_described, task);
}

/* An operation may have ended between the reading of its row and now: its last record, which is durable by
 * now, has what is told of it from then on. */
static gboolean
is_outdated (const FerrydOperation *operation, const FerrydRow *row)
{
  return ferry_state_is_ended (operation->state) && operation->run->live == NULL &&
         row->state != (FerryState) operation->state;
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  const GArray *ids = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);
  GPtrArray *descriptions;

  ferryd_queue_release (self);
  if (rows == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  descriptions = g_ptr_array_new_full (ids->len, description_free);
  for (guint i = 0; i < ids->len; i++)
    {
      const FerrydId *id = &g_array_index (ids, FerrydId, i);
      const FerrydOperation *operation = ferryd_queue_lookup (self, id);
      FerrydDescription *description = operation != NULL ? describe_hot (self, operation) : NULL;
      FerrydRow *row = g_ptr_array_index (rows, i);

      if (operation != NULL && row != NULL && is_outdated (operation, row))
        {
          ferryd_description_free (description);
          g_ptr_array_unref (descriptions);
          read_descriptions (self, g_steal_pointer (&task));
          return;
        }
      if (operation != NULL && operation->run->live != NULL)
        describe_live (description, operation);
      else if (operation != NULL && row != NULL)
        describe_cold (description, operation, row);
      if (description != NULL)
        complete (description);
      g_ptr_array_add (descriptions, description);
    }
  g_task_return_pointer (task, descriptions, (GDestroyNotify) g_ptr_array_unref);
}

static void
ids_free (gpointer data)
{
  g_array_unref (data);
}

/**
 * ferryd_queue_describe_async:
 * @self: a queue
 * @ids: (array length=n_ids): operations
 * @n_ids: how many
 * @callback: told when the descriptions are there
 * @user_data: for @callback
 */
void
ferryd_queue_describe_async (FerrydQueue *self, const FerrydId *ids, guint n_ids,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GArray *copy = g_array_sized_new (FALSE, FALSE, sizeof (FerrydId), n_ids);

  if (n_ids > 0)
    g_array_append_vals (copy, ids, n_ids);
  g_task_set_source_tag (task, ferryd_queue_describe_async);
  g_task_set_task_data (task, copy, ids_free);
  read_descriptions (self, task);
}

/**
 * ferryd_queue_describe_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type FerrydDescription): one for each id, in their order, NULL
 * for those that are not there
 */
GPtrArray *
ferryd_queue_describe_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
