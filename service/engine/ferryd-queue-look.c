/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* Calls that wait at the same time for somebody to write to a pipe: a thread each. */
#define MAX_SPOOLING 64

typedef struct
{
  GPtrArray *creations;    /* (owned) (element-type FerrydCreation): borrowed from whoever asks */
  char *forbidden;         /* (owned): nothing may be put there */
  FerrydSpooling spooling; /* its directory is owned, and its cancellable */
  gboolean alone;          /* in a thread of its own */
  FerrydCreation *failed;  /* (unowned) (nullable): whose place was not found */
} Looking;

static void
looking_free (gpointer data)
{
  Looking *looking = data;

  g_ptr_array_unref (looking->creations);
  g_free (looking->forbidden);
  g_free ((char *) looking->spooling.directory);
  g_object_unref (looking->spooling.cancellable);
  g_free (looking);
}

static FerrydDestination *
find_target (const Looking *looking, const FerrydCreation *creation, GError **error)
{
  const FerrydRequest *request = creation->request;

  if (creation->file != NULL)
    return ferryd_destination_resolve_file (creation->file, looking->forbidden, error);
  if (creation->folder != NULL)
    return ferryd_destination_resolve_in (creation->folder, request->destination, request->exists,
                                          looking->forbidden, error);
  return ferryd_destination_resolve (request->destination, request->exists, looking->forbidden, error);
}

static gboolean
find_content (Looking *looking, FerrydCreation *creation, GError **error)
{
  FerrydRequest *request = creation->request;

  if (creation->sources == NULL)
    return TRUE;
  g_clear_pointer (&request->content, ferryd_content_unref);
  looking->spooling.id = creation->id;
  request->content = ferryd_sources_find (creation->sources, creation->type, &looking->spooling, error);
  if (request->content != NULL)
    ferryd_request_set_default_method (request);
  return request->content != NULL;
}

static gboolean
find_places (Looking *looking, FerrydCreation *creation, GError **error)
{
  FerrydRequest *request = creation->request;

  if (request->destination != NULL)
    {
      g_clear_pointer (&request->target, ferryd_destination_free);
      request->target = find_target (looking, creation, error);
      if (request->target == NULL)
        return FALSE;
    }
  return find_content (looking, creation, error);
}

static void
look (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Looking *looking = task_data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < looking->creations->len; i++)
    {
      if (find_places (looking, g_ptr_array_index (looking->creations, i), &error))
        continue;
      looking->failed = g_ptr_array_index (looking->creations, i);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_task_return_boolean (task, TRUE);
}

static gpointer
look_alone (gpointer data)
{
  g_autoptr (GTask) task = data;

  look (task, NULL, g_task_get_task_data (task), NULL);
  return NULL;
}

/* Whoever gives a descriptor may let its reader wait, and the workers are for all. */
static gboolean
may_wait (const Looking *looking)
{
  for (guint i = 0; i < looking->creations->len; i++)
    {
      const FerrydCreation *creation = g_ptr_array_index (looking->creations, i);

      if (creation->sources != NULL && ferryd_sources_have_descriptors (creation->sources))
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_queue_look_async:
 * @self: a queue
 * @creations: (element-type FerrydCreation): with their ids; nobody else touches them meanwhile
 * @callback: told when it is known
 * @user_data: for @callback
 *
 * Looks for what is on disk: where downloads go, what is to be sent. Pipes and sockets are read to their
 * ends.
 */
void
ferryd_queue_look_async (FerrydQueue *self, GPtrArray *creations, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Looking *looking = g_new0 (Looking, 1);

  looking->creations = g_ptr_array_ref (creations);
  looking->forbidden = g_strdup (self->state_directory);
  looking->spooling.directory = g_strdup (self->spool_directory);
  looking->spooling.max_size = ferryd_settings_get (self->settings)->max_spool_size;
  looking->spooling.cancellable = g_object_ref (self->spool_cancellable);
  g_task_set_source_tag (task, ferryd_queue_look_async);
  g_task_set_task_data (task, looking, looking_free);
  if (!may_wait (looking))
    g_task_run_in_thread (task, look);
  else if (self->spooling >= MAX_SPOOLING)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
                             "%u calls wait for their pipes to be written to already; wait for one of them",
                             self->spooling);
  else
    {
      looking->alone = TRUE;
      self->spooling++;
      g_thread_unref (g_thread_new ("spool", look_alone, g_object_ref (task)));
    }
}

/**
 * ferryd_queue_look_finish:
 * @self: a queue
 * @result: what the callback was given
 * @failed: (out) (transfer none) (nullable): the one of whom something was not found
 * @error: return location for a FERRY_ERROR
 *
 * Returns: whether everything was found
 */
gboolean
ferryd_queue_look_finish (FerrydQueue *self, GAsyncResult *result, FerrydCreation **failed, GError **error)
{
  const Looking *looking = g_task_get_task_data (G_TASK (result));

  if (looking->alone)
    self->spooling--;
  *failed = looking->failed;
  return g_task_propagate_boolean (G_TASK (result), error);
}
