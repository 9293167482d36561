/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferry-headers.h"

typedef struct
{
  FerrydId id;
  FerrydEdit edit;
  GVariant *value;        /* (owned) */
  FerrydRequest *request; /* (owned) (nullable): as it will be */
} Editing;

static void
editing_free (gpointer data)
{
  Editing *editing = data;

  g_variant_unref (editing->value);
  g_clear_pointer (&editing->request, ferryd_request_unref);
  g_free (editing);
}

static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));
  const Editing *editing = g_task_get_task_data (task);
  FerrydId id = editing->id;

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  ferryd_queue_end_turn (self, &id);
}

/* What every edit of the request itself is made of; the rest is in the record in memory. */
static void
apply_to_request (FerrydRequest *copy, FerrydEdit edit, GVariant *value)
{
  g_autoptr (GVariant) credential = NULL;
  const char *name, *text;

  switch (edit)
    {
    case FERRYD_EDIT_URI:
      g_free (copy->uri);
      g_variant_get (value, "(sm@(ss))", &copy->uri, &credential);
      if (credential != NULL)
        ferryd_request_set_peers (copy, "server-credential", credential);
      break;
    case FERRYD_EDIT_RECOVERABLE_ERRORS:
      g_variant_get (value, "(tt)", &copy->recoverable[0], &copy->recoverable[1]);
      break;
    case FERRYD_EDIT_SET_HEADER:
      g_variant_get (value, "(&s&s)", &name, &text);
      ferryd_request_set_header (copy, name, text);
      break;
    case FERRYD_EDIT_REMOVE_HEADER:
      ferryd_request_set_header (copy, g_variant_get_string (value, NULL), NULL);
      break;
    case FERRYD_EDIT_CREDENTIAL:
      g_variant_get (value, "(&s@(ss))", &name, &credential);
      ferryd_request_set_peers (copy, name, credential);
      break;
    default:
      break;
    }
}

static void
apply_to_row (FerrydRow *row, FerrydEdit edit, GVariant *value)
{
  row->columns = FERRYD_COLUMN_POLICY;
  if (edit == FERRYD_EDIT_PRIORITY)
    row->priority = g_variant_get_int32 (value);
  else if (edit == FERRYD_EDIT_COST_POLICY)
    row->cost_policy = g_variant_get_int32 (value);
  else if (edit == FERRYD_EDIT_UNCONSTRAINED)
    row->unconstrained = g_variant_get_boolean (value);
  else
    row->max_speed = g_variant_get_uint64 (value);
}

/* The place in the lane goes by priority, and a new URI may be of another host. What was ready to run gets a
 * new place when it is evaluated. */
static void
move (FerrydQueue *self, FerrydOperation *operation, const FerrydRow *row, const FerrydRequest *request)
{
  gboolean slot = operation->slot;

  ferryd_lanes_remove (self->lanes, operation);
  if (slot)
    ferryd_lanes_release (self->lanes, operation);
  if (row->columns & FERRYD_COLUMN_POLICY)
    {
      operation->priority = (guint8) row->priority;
      operation->cost_policy = (guint8) row->cost_policy;
      operation->unconstrained = row->unconstrained != FALSE;
      if (row->max_speed != operation->run->max_speed)
        {
          ferryd_operation_begin_run (operation);
          operation->run->max_speed = row->max_speed;
          if (operation->run->live != NULL && operation->run->live->transfer != NULL)
            ferryd_attempt_set_max_speed (operation->run->live->transfer, row->max_speed);
        }
    }
  if (request != NULL)
    {
      g_autofree char *name = ferryd_request_get_host (request);
      FerrydHost *host = ferryd_lanes_enter_host (self->lanes, name);

      ferryd_lanes_leave_host (self->lanes, operation->host);
      operation->host = host;
    }
  if (slot)
    ferryd_lanes_occupy (self->lanes, operation);
}

static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Editing *editing = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &editing->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  if (batch != NULL)
    {
      if (editing->request != NULL && operation->run->live != NULL)
        {
          ferryd_request_unref (operation->run->live->request);
          operation->run->live->request = ferryd_request_ref (editing->request);
        }
      move (self, operation, ferryd_batch_peek (batch, 0)->row, editing->request);
      ferryd_queue_emit_changed (self, operation, TRUE);
      ferryd_queue_evaluate (self, operation);
      ferryd_queue_schedule (self);
    }
  answer (task, g_steal_pointer (&error));
}

/* The host goes with the URI, and the store writes the group of columns it is in as a whole. */
static void
fill_identity (const FerrydOperation *operation, const FerrydRequest *request, FerrydRow *row)
{
  row->kind = operation->kind;
  row->application = g_strdup (operation->owner->application);
  row->group = g_strdup (operation->group->name);
  row->host = ferryd_request_get_host (request);
  row->completion_group = request->completion_group;
  memcpy (row->token_key, operation->token, sizeof row->token_key);
  row->created = operation->created;
  row->pausable = operation->pausable;
}

static void
record (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Editing *editing = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &editing->id);
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();
  FerrydRow *row = ferryd_operation_to_row (operation, 0);

  if (editing->request != NULL)
    {
      row->columns = FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_IDENTITY;
      row->request = ferryd_request_to_variant (editing->request, &row->secrets);
      fill_identity (operation, editing->request, row);
    }
  else
    apply_to_row (row, editing->edit, editing->value);
  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_recorded,
                             task);
}

/* One field after the other may be small enough, and all of them together too much. */
static gboolean
check_headers (const FerrydRequest *request, GError **error)
{
  gsize size = 0;
  GVariantIter iter;
  const char *name, *value;

  if (request->headers == NULL)
    return TRUE;
  g_variant_iter_init (&iter, request->headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    size += strlen (name) + strlen (value);
  if (size <= FERRY_MAX_HEADERS)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "The operation's header fields would take %" G_GSIZE_FORMAT
               " bytes together; at most %d are right: remove some first",
               size, FERRY_MAX_HEADERS);
  return FALSE;
}

/* A new record takes the place of the old one with all that is secret. */
static gboolean
check_secrets (const FerrydRequest *request, GError **error)
{
  g_autofree char *names = NULL;

  if (request->lost == NULL)
    return TRUE;
  names = g_strjoinv (", ", request->lost);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
               "What is secret of the operation (%s) cannot be read from where it is kept, and without it "
               "nothing of the request can be changed: unlock the keyring, or set it again first",
               names);
  return FALSE;
}

static void
edit_request (GTask *task, const FerrydRequest *request)
{
  Editing *editing = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  editing->request = ferryd_request_copy (request);
  apply_to_request (editing->request, editing->edit, editing->value);
  if (check_secrets (editing->request, &error) &&
      ferryd_request_check_scheme (editing->request, editing->request->content != NULL, &error) &&
      (editing->edit != FERRYD_EDIT_SET_HEADER || check_headers (editing->request, &error)))
    record (task);
  else
    answer (task, g_steal_pointer (&error));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Editing *editing = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (g_task_get_source_object (task), &editing->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydRequest) request = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);

  if (operation->run->live != NULL)
    request = ferryd_request_ref (operation->run->live->request);
  else if (rows != NULL)
    request = ferryd_row_get_request (operation, g_ptr_array_index (rows, 0), &error);
  if (request == NULL)
    answer (task, g_steal_pointer (&error));
  else
    edit_request (task, request);
}

static gboolean
check (const FerrydOperation *operation, FerrydEdit edit, GError **error)
{
  if (operation == NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no such operation");
      return FALSE;
    }
  if (ferry_state_is_finished (operation->state))
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                           "The operation is finished, and nothing of it can be changed any more");
      return FALSE;
    }
  if (edit == FERRYD_EDIT_URI && operation->state != FERRY_STATE_PAUSED_BY_APPLICATION &&
      operation->state != FERRY_STATE_PAUSED_RECOVERABLE_ERROR && operation->state != FERRY_STATE_ERROR)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
                           "Uri can be changed only while the operation is paused-by-application, "
                           "paused-recoverable-error or error; pause it first");
      return FALSE;
    }
  return TRUE;
}

static void
run_edit (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  GTask *task = data;
  Editing *editing = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!check (operation, editing->edit, &error))
    answer (task, g_steal_pointer (&error));
  else if (editing->edit <= FERRYD_EDIT_MAX_SPEED)
    record (task);
  else if (operation->run->live != NULL)
    edit_request (task, operation->run->live->request);
  else
    ferryd_store_read_async (self->store, id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_SECRETS, on_read,
                             task);
}

/**
 * ferryd_queue_edit_async:
 * @self: a queue
 * @id: an operation
 * @edit: what of it
 * @value: (transfer floating): the new value, checked, of the type that @edit says
 * @callback: told when it is done, durably
 * @user_data: for @callback
 *
 * A request under way is not touched: headers and the like hold from the next one on.
 */
void
ferryd_queue_edit_async (FerrydQueue *self, const FerrydId *id, FerrydEdit edit, GVariant *value,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Editing *editing = g_new0 (Editing, 1);

  editing->id = *id;
  editing->edit = edit;
  editing->value = g_variant_ref_sink (value);
  g_task_set_source_tag (task, ferryd_queue_edit_async);
  g_task_set_task_data (task, editing, editing_free);
  ferryd_queue_take_turn (self, id, run_edit, task);
}

/**
 * ferryd_queue_edit_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE, with nothing changed, where it cannot be written
 */
gboolean
ferryd_queue_edit_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
