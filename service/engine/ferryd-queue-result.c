/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ferryd-failpoint.h"
#include "ferryd-queue-private.h"
#include "ferryd-sink-given.h"
#include "ferryd-sink.h"

typedef struct
{
  FerrydId id;
  FerryState state;
  FerrydRequest *request;       /* (owned) (nullable) */
  FerrydProgressRecord *record; /* (owned) (nullable) */
  char *journal;                /* (owned) */
  char *body;                   /* (owned): path of a response's body */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_clear_pointer (&opening->request, ferryd_request_unref);
  g_clear_pointer (&opening->record, ferryd_progress_record_free);
  g_free (opening->journal);
  g_free (opening->body);
  g_free (opening);
}

static FerrydSinkSpec
get_sink_spec (const Opening *opening)
{
  const FerrydSinkSpec spec = {
    .id = opening->id,
    .target = opening->request->target,
    .journal_directory = opening->journal,
  };

  return spec;
}

static int
open_partial (const Opening *opening, GError **error)
{
  const FerrydSinkSpec spec = get_sink_spec (opening);

  if (opening->record->inode == 0)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "Nothing has been received yet");
      return -1;
    }
  return ferryd_sink_open_partial (&spec, opening->record, error);
}

static int
open_completed (const Opening *opening, GError **error)
{
  const char *destination = opening->request->destination;
  g_autoptr (FerrydFailure) failure = NULL;
  g_autofree char *path = NULL;
  struct stat file;
  int fd;

  if (ferryd_destination_is_given (opening->request->target))
    {
      fd = ferryd_sink_given_open (opening->request->target, O_RDONLY, &file, &failure);
      if (fd < 0)
        g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, failure->message);
      return fd;
    }
  path = g_str_has_prefix (destination, "file:") ? g_filename_from_uri (destination, NULL, NULL)
                                                 : g_strdup (destination);
  fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  if (fd < 0)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "%s cannot be opened: %s", destination,
                 g_strerror (path != NULL ? errno : EINVAL));
  return fd;
}

/* What the server has answered to an upload. */
static int
open_reply (const Opening *opening, GError **error)
{
  int fd = open (opening->body, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                         "The server has not answered with anything yet");
  return fd;
}

static void
open_result (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Opening *opening = task_data;
  g_autoptr (GError) error = NULL;
  int fd = -1;

  if (opening->request->kind == FERRY_KIND_UPLOAD)
    fd = open_reply (opening, &error);
  else if (opening->state == FERRY_STATE_COMPLETED)
    fd = open_completed (opening, &error);
  else
    {
      gboolean failed =
          opening->state == FERRY_STATE_ERROR || opening->state == FERRY_STATE_PAUSED_RECOVERABLE_ERROR;

      fd = failed ? open (opening->body, O_RDONLY | O_CLOEXEC) : -1;
      if (fd < 0)
        fd = open_partial (opening, &error);
    }
  if (fd < 0)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_int (task, fd);
}

/* What is read out of order is read while it comes, so its file is there from the beginning: an empty one
 * that grows. */

static gboolean
needs_part (const FerrydOperation *operation, const Opening *opening)
{
  return opening->request->random_access && opening->record->inode == 0 &&
         !ferryd_destination_is_given (opening->request->target) && !ferry_state_is_ended (operation->state);
}

static void
end_making (FerrydQueue *self, GTask *task)
{
  const Opening *opening = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &opening->id);

  operation->preparing = FALSE;
  ferryd_queue_end_turn (self, &opening->id);
  operation = ferryd_queue_lookup (self, &opening->id);
  if (operation != NULL)
    ferryd_queue_evaluate (self, operation);
}

static void
on_part_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  end_making (g_task_get_source_object (task), task);
  if (batch == NULL)
    g_task_return_error (task, error);
  else
    g_task_run_in_thread (task, open_result);
}

static void
on_part_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (FerrydFailure) failure = NULL;
  g_autoptr (FerrydSink) sink = ferryd_sink_open_finish (result, &failure);
  g_autoptr (FerrydBatch) batch = NULL;
  FerrydRow *row;

  if (sink == NULL)
    {
      end_making (self, task);
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_DESTINATION_UNAVAILABLE, "%s",
                               failure->message);
      return;
    }
  FERRYD_FAILPOINT ("queue-part-made");
  ferryd_sink_snapshot (sink, opening->record);
  batch = ferryd_batch_new ();
  row = ferryd_operation_to_row (ferryd_queue_lookup (self, &opening->id), 0);
  row->columns = FERRYD_COLUMN_PROGRESS;
  row->progress = g_variant_ref_sink (ferryd_progress_record_to_variant (opening->record));
  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED,
                             on_part_recorded, g_steal_pointer (&task));
}

static void on_result_read (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_result (FerrydQueue *self, GTask *task)
{
  const Opening *opening = g_task_get_task_data (task);

  ferryd_queue_hold (self);
  ferryd_store_read_async (self->store, &opening->id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_PROGRESS,
                           on_result_read, task);
}

static gboolean
take_row (Opening *opening, const FerrydOperation *operation, const FerrydRow *row, GError **error)
{
  g_clear_pointer (&opening->request, ferryd_request_unref);
  g_clear_pointer (&opening->record, ferryd_progress_record_free);
  if (operation != NULL && operation->run->live != NULL)
    {
      opening->request = ferryd_request_ref (operation->run->live->request);
      opening->record = ferryd_progress_record_copy (operation->run->live->record);
    }
  else if (operation != NULL && row != NULL)
    {
      opening->request = ferryd_row_get_request (operation, row, error);
      opening->record = ferryd_progress_record_from_variant (row->progress);
    }
  if (opening->request != NULL &&
      (opening->request->target != NULL || opening->request->kind == FERRY_KIND_UPLOAD))
    return TRUE;
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no result to open");
  return FALSE;
}

/* No attempt begins meanwhile, which would make a file of its own. */
static void
on_read_for_part (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);
  FerrydOperation *operation = ferryd_queue_lookup (self, &opening->id);
  FerrydSinkSpec spec;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);

  if (!take_row (opening, operation, rows != NULL ? g_ptr_array_index (rows, 0) : NULL, &error))
    {
      ferryd_queue_end_turn (self, &opening->id);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (operation->run->live != NULL || operation->slot || !needs_part (operation, opening))
    {
      ferryd_queue_end_turn (self, &opening->id);
      read_result (self, g_steal_pointer (&task));
      return;
    }
  operation->preparing = TRUE;
  ferryd_lanes_remove (self->lanes, operation);
  spec = get_sink_spec (opening);
  ferryd_sink_open_async (&spec, opening->record, on_part_made, g_steal_pointer (&task));
}

/* Looks once more, now that nobody else changes it: somebody may have made it meanwhile. */
static void
make_part (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation, gpointer data)
{
  ferryd_store_read_async (self->store, id, 1, FERRYD_COLUMN_REQUEST | FERRYD_COLUMN_PROGRESS,
                           on_read_for_part, data);
}

/**
 * ferryd_queue_serve_openers:
 * @self: a queue
 * @openers: (transfer full) (nullable) (element-type GTask): who wait for the file that an attempt makes
 */
void
ferryd_queue_serve_openers (FerrydQueue *self, GPtrArray *openers)
{
  for (guint i = 0; openers != NULL && i < openers->len; i++)
    read_result (self, g_ptr_array_index (openers, i));
  g_clear_pointer (&openers, g_ptr_array_unref);
}

/* The attempt under way is about to make the file, and says when it has. */
static void
wait_for_part (FerrydLive *live, GTask *task)
{
  if (live->openers == NULL)
    live->openers = g_ptr_array_new ();
  g_ptr_array_add (live->openers, task);
}

static void
on_result_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);
  const FerrydOperation *operation = ferryd_queue_lookup (self, &opening->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);

  ferryd_queue_release (self);
  if (!take_row (opening, operation, rows != NULL ? g_ptr_array_index (rows, 0) : NULL, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  opening->state = operation->state;
  if (!needs_part (operation, opening))
    g_task_run_in_thread (task, open_result);
  else if (operation->run->live != NULL)
    wait_for_part (operation->run->live, g_steal_pointer (&task));
  else
    ferryd_queue_take_turn (self, &opening->id, make_part, g_steal_pointer (&task));
}

/**
 * ferryd_queue_open_result_async:
 * @self: a queue
 * @id: an operation
 * @callback: told when it is open
 * @user_data: for @callback
 */
void
ferryd_queue_open_result_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  opening->id = *id;
  opening->journal = g_strdup (self->journal_directory);
  opening->body = g_build_filename (self->body_directory, text, NULL);
  g_task_set_source_tag (task, ferryd_queue_open_result_async);
  g_task_set_task_data (task, opening, opening_free);
  read_result (self, task);
}

/**
 * ferryd_queue_open_result_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: a descriptor for the caller to close, -1 with @error
 */
int
ferryd_queue_open_result_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}
