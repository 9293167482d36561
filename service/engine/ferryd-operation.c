/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-operation.h"

#include "ferryd-completion-group.h"
#include "ferryd-lanes.h"

/* Of every operation that has not been started: never written to. */
static const FerrydRun not_started = { .total_to_receive = -1, .total_to_send = -1 };

/**
 * ferryd_operation_begin_run:
 * @operation: an operation
 *
 * Gives it what is to be written in `run`, if it has none of its own yet.
 */
void
ferryd_operation_begin_run (FerrydOperation *operation)
{
  if (operation->run != &not_started)
    return;
  operation->run = g_memdup2 (&not_started, sizeof not_started);
  operation->run->order = operation->sequence;
}

static void
take_run (FerrydOperation *operation, const FerrydRow *row)
{
  FerrydRun *run = operation->run;

  run->order = row->order != 0 ? row->order : row->sequence;
  run->finished = row->finished;
  run->retry_at = row->retry_at;
  run->max_speed = row->max_speed;
  run->bytes_received = row->bytes_received;
  run->total_to_receive = row->total_to_receive;
  run->bytes_sent = row->bytes_sent;
  run->total_to_send = row->total_to_send;
  run->furthest = row->furthest;
  run->restarts = row->restarts;
  run->attempt = row->attempt;
}

/**
 * ferryd_operation_new:
 * @row: hot columns
 * @owner: its application
 * @host: its server
 * @group: its transfer group
 *
 * Returns: (transfer full): the operation @row speaks of
 */
FerrydOperation *
ferryd_operation_new (const FerrydRow *row, FerrydOwner *owner, FerrydHost *host, FerrydGroup *group)
{
  FerrydOperation *operation = g_new0 (FerrydOperation, 1);

  operation->id = row->id;
  operation->owner = owner;
  operation->host = host;
  operation->group = group;
  operation->run = (FerrydRun *) &not_started;
  operation->sequence = row->sequence;
  operation->created = row->created;
  memcpy (operation->claim, row->claim, sizeof operation->claim);
  memcpy (operation->token, row->token_key, sizeof operation->token);
  operation->error_status = (gint8) row->error_status;
  operation->kind = (guint8) row->kind;
  operation->state = (guint8) row->state;
  operation->priority = (guint8) row->priority;
  operation->cost_policy = (guint8) row->cost_policy;
  operation->pausable = row->pausable;
  operation->unconstrained = row->unconstrained;
  if (row->state != FERRY_STATE_IDLE || row->max_speed != 0 ||
      (row->order != 0 && row->order != row->sequence))
    {
      ferryd_operation_begin_run (operation);
      take_run (operation, row);
    }
  return operation;
}

/**
 * ferryd_operation_free:
 * @operation: (transfer full): one that stands in no lane and has no alarm
 */
void
ferryd_operation_free (FerrydOperation *operation)
{
  if (operation->run != &not_started)
    {
      g_clear_pointer (&operation->run->live, ferryd_live_free);
      g_free (operation->run);
    }
  g_clear_pointer (&operation->held, ferryd_descriptor_unref);
  g_free (operation);
}

/**
 * ferryd_operation_apply:
 * @operation: an operation
 * @event: what happened to it
 * @error: return location for FERRY_ERROR_INVALID_STATE
 *
 * The only writer of an operation's state.
 *
 * Returns: FALSE, with nothing changed, where @event is not possible in its present state
 */
gboolean
ferryd_operation_apply (FerrydOperation *operation, FerrydOperationEvent event, GError **error)
{
  FerryState next;

  if (!ferryd_operation_state_next (operation->state, event, &next, error))
    return FALSE;
  if (operation->completion != NULL)
    ferryd_completion_group_count (operation->completion, operation->state, next);
  operation->state = (guint8) next;
  if (next != FERRY_STATE_IDLE)
    ferryd_operation_begin_run (operation);
  return TRUE;
}

/**
 * ferryd_operation_is_started:
 * @operation: an operation
 *
 * Returns: whether it runs or waits for something that ends by itself
 */
gboolean
ferryd_operation_is_started (const FerrydOperation *operation)
{
  switch (operation->state)
    {
    case FERRY_STATE_QUEUED:
    case FERRY_STATE_RUNNING:
    case FERRY_STATE_PAUSED_COSTED_NETWORK:
    case FERRY_STATE_PAUSED_NO_NETWORK:
    case FERRY_STATE_PAUSED_SYSTEM_POLICY:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * ferryd_operation_get_order:
 * @operation: an operation
 *
 * Returns: its place in the queue of its group: its age, until somebody moves it
 */
gint64
ferryd_operation_get_order (const FerrydOperation *operation)
{
  return operation->run->order != 0 ? operation->run->order : operation->sequence;
}

static void
fill_cold (const FerrydLive *live, FerrydRow *row)
{
  if (row->columns & FERRYD_COLUMN_REQUEST)
    row->request = ferryd_request_to_variant (live->request, &row->secrets);
  if (row->columns & FERRYD_COLUMN_ERROR)
    row->error_message = g_strdup (live->error_message);
  if (row->columns & FERRYD_COLUMN_RESPONSE)
    {
      row->response = live->response != NULL ? g_variant_ref (live->response) : NULL;
      row->suggested_name = g_strdup (live->suggested_name);
    }
  if (row->columns & FERRYD_COLUMN_PROGRESS)
    row->progress = g_variant_ref_sink (ferryd_progress_record_to_variant (live->record));
  if (row->columns & FERRYD_COLUMN_UPLOAD)
    {
      row->upload_offset = live->record->upload_offset;
      row->upload_url = g_strdup (live->record->upload_url);
    }
}

/**
 * ferryd_operation_to_row:
 * @operation: an operation
 * @columns: which; cold ones only of an operation that is live
 *
 * What waiting for something outside means is found out anew after a restart, so every started state is
 * QUEUED in the row.
 *
 * Returns: (transfer full): the columns as they are now
 */
FerrydRow *
ferryd_operation_to_row (const FerrydOperation *operation, FerrydColumns columns)
{
  FerrydRow *row = ferryd_row_new (&operation->id);

  row->columns = columns;
  row->sequence = operation->sequence;
  row->state = ferryd_operation_is_started (operation) ? FERRY_STATE_QUEUED : operation->state;
  row->error_status = operation->error_status;
  row->finished = operation->run->finished;
  row->attempt = operation->run->attempt;
  row->retry_at = operation->run->retry_at;
  row->order = ferryd_operation_get_order (operation);
  row->priority = operation->priority;
  row->cost_policy = operation->cost_policy;
  row->max_speed = operation->run->max_speed;
  row->unconstrained = operation->unconstrained;
  row->bytes_received = operation->run->bytes_received;
  row->total_to_receive = operation->run->total_to_receive;
  row->bytes_sent = operation->run->bytes_sent;
  row->total_to_send = operation->run->total_to_send;
  row->restarts = operation->run->restarts;
  row->furthest = operation->run->furthest;
  memcpy (row->claim, operation->claim, sizeof row->claim);
  if (operation->run->live != NULL)
    fill_cold (operation->run->live, row);
  return row;
}

/**
 * ferryd_row_get_request:
 * @operation: an operation
 * @cold: its row with FERRYD_COLUMN_REQUEST
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): what was asked for
 */
FerrydRequest *
ferryd_row_get_request (const FerrydOperation *operation, const FerrydRow *cold, GError **error)
{
  FerrydRequest *request = NULL;

  if (cold != NULL && cold->request != NULL)
    request = ferryd_request_from_variant (operation->kind, cold->request, cold->secrets);
  if (request != NULL)
    request->lost_for_now = cold->secrets_away;
  if (request == NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                         "What was asked for cannot be read from the store any more; "
                         "cancel the operation and create it again");
  else if (operation->held != NULL && request->target != NULL)
    request->target->held = ferryd_descriptor_ref (operation->held);
  return request;
}

/**
 * ferryd_live_new:
 * @operation: an operation that is not live
 * @cold: its cold columns; emptied
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: (transfer full): what an attempt needs
 */
FerrydLive *
ferryd_live_new (const FerrydOperation *operation, FerrydRow *cold, GError **error)
{
  g_autoptr (FerrydRequest) request = ferryd_row_get_request (operation, cold, error);
  FerrydLive *live;

  if (request == NULL)
    return NULL;
  live = g_new0 (FerrydLive, 1);
  live->request = g_steal_pointer (&request);
  live->record = ferryd_progress_record_from_variant (cold->progress);
  live->record->upload_offset = cold->upload_offset;
  live->record->upload_url = g_steal_pointer (&cold->upload_url);
  live->response = g_steal_pointer (&cold->response);
  live->suggested_name = g_steal_pointer (&cold->suggested_name);
  live->error_message = g_steal_pointer (&cold->error_message);
  live->meter = ferryd_meter_new ();
  ferryd_meter_reset (live->meter, live->record->ranges);
  ferryd_meter_set_total (live->meter, live->record->total);
  if (operation->run->total_to_send >= 0)
    ferryd_meter_set_to_send (live->meter, (guint64) operation->run->total_to_send);
  live->restarts = operation->run->restarts;
  live->furthest = operation->run->furthest;
  live->candidate = 1;
  return live;
}

/**
 * ferryd_live_free:
 * @live: (transfer full): what an attempt needed
 */
void
ferryd_live_free (FerrydLive *live)
{
  g_clear_pointer (&live->transfer, ferryd_attempt_unref);
  g_clear_pointer (&live->request, ferryd_request_unref);
  g_clear_pointer (&live->record, ferryd_progress_record_free);
  g_clear_pointer (&live->origin, ferryd_destination_free);
  g_clear_pointer (&live->heading, ferryd_destination_free);
  g_clear_pointer (&live->response, g_variant_unref);
  g_clear_pointer (&live->meter, ferryd_meter_unref);
  g_clear_pointer (&live->failure, ferryd_failure_free);
  g_clear_object (&live->ended);
  g_free (live->suggested_name);
  g_free (live->error_message);
  g_free (live);
}
