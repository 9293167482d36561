/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferryd-queue-private.h"
#include "ferryd-sink.h"

typedef struct
{
  FerrydId id;
  FerrydRequest *request;       /* (owned) (nullable) */
  FerrydProgressRecord *record; /* (owned) (nullable) */
  GBytes *body;                 /* (owned) (nullable) */
  char *journal;                /* (owned): directory */
  char *bodies;                 /* (owned): directory */
  char *spools;                 /* (owned): directory */
  gint64 begun;                 /* Unix seconds: what is younger is somebody\'s */
  GHashTable *known;            /* (owned) (nullable): names that belong to somebody */
} Files;

static void
files_free (gpointer data)
{
  Files *files = data;

  g_clear_pointer (&files->request, ferryd_request_unref);
  g_clear_pointer (&files->record, ferryd_progress_record_free);
  g_clear_pointer (&files->body, g_bytes_unref);
  g_clear_pointer (&files->known, g_hash_table_unref);
  g_free (files->journal);
  g_free (files->bodies);
  g_free (files->spools);
  g_free (files);
}

static GTask *
files_task (FerrydQueue *self, const FerrydId *id, gpointer tag, GAsyncReadyCallback callback,
            gpointer user_data, Files **out)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Files *files = g_new0 (Files, 1);

  if (id != NULL)
    files->id = *id;
  files->journal = g_strdup (self->journal_directory);
  files->bodies = g_strdup (self->body_directory);
  files->spools = g_strdup (self->spool_directory);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, files, files_free);
  *out = files;
  return task;
}

static char *
body_path (const Files *files)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (&files->id, text);
  return g_build_filename (files->bodies, text, NULL);
}

/* They are numbered from 1 on without a gap. */
static void
delete_spools (const Files *files)
{
  for (guint n = 1;; n++)
    {
      g_autofree char *path = ferryd_content_get_spool_path (files->spools, &files->id, n);

      if (g_unlink (path) != 0)
        return;
    }
}

static void
delete_files (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Files *files = task_data;
  g_autofree char *body = body_path (files);

  g_unlink (body);
  delete_spools (files);
  if (files->request != NULL && files->request->target != NULL)
    {
      FerrydSinkSpec spec = {
        .id = files->id,
        .target = files->request->target,
        .journal_directory = files->journal,
      };

      ferryd_sink_delete (&spec, files->record);
    }
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_delete_files_async:
 * @self: a queue
 * @id: an operation without an attempt under way
 * @request: (nullable): what it asked for; NULL: it never had a partial file
 * @record: (nullable): what was recorded of it, where it has not been its own since
 * @callback: told when it is done
 * @user_data: for @callback
 *
 * Deletes what the service keeps on disk for an operation beside the store.
 */
void
ferryd_queue_delete_files_async (FerrydQueue *self, const FerrydId *id, FerrydRequest *request,
                                 const FerrydProgressRecord *record, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Files *files;
  g_autoptr (GTask) task =
      files_task (self, id, ferryd_queue_delete_files_async, callback, user_data, &files);

  files->request = request != NULL ? ferryd_request_ref (request) : NULL;
  files->record = record != NULL ? ferryd_progress_record_copy (record) : NULL;
  g_task_run_in_thread (task, delete_files);
}

static void
drop_spools (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  delete_spools (task_data);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_drop_spools:
 * @self: a queue
 * @id: an operation that has sent everything, durably
 *
 * Deletes what was kept to be sent, and nothing else. A kill before that leaves it until the operation is
 * removed.
 */
void
ferryd_queue_drop_spools (FerrydQueue *self, const FerrydId *id)
{
  Files *files;
  g_autoptr (GTask) task = files_task (self, id, ferryd_queue_drop_spools, NULL, NULL, &files);

  g_task_run_in_thread (task, drop_spools);
}

static void
write_body (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Files *files = task_data;
  g_autofree char *path = body_path (files);
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *bytes = files->body != NULL ? g_bytes_get_data (files->body, &size) : NULL;

  if (size == 0)
    g_unlink (path);
  else if (g_mkdir_with_parents (files->bodies, 0700) < 0 ||
           !g_file_set_contents_full (path, bytes, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                      &error))
    g_warning ("The body of an error response is not kept: %s",
               error != NULL ? error->message : g_strerror (errno));
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_write_body_async:
 * @self: a queue
 * @id: an operation
 * @body: (nullable): what the server said with its error; without one that of an earlier error goes
 * @callback: told when it is done
 * @user_data: for @callback
 *
 * Keeps the body for OpenResult. Failing to is logged and nothing else: the transfer's own error matters
 * more.
 */
void
ferryd_queue_write_body_async (FerrydQueue *self, const FerrydId *id, GBytes *body,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  Files *files;
  g_autoptr (GTask) task = files_task (self, id, ferryd_queue_write_body_async, callback, user_data, &files);

  files->body = body != NULL ? g_bytes_ref (body) : NULL;
  g_task_run_in_thread (task, write_body);
}

static void
sweep_directory (const char *directory, GHashTable *known, gint64 begun)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *owner = g_strndup (name, strcspn (name, "."));
      struct stat file;

      /* Operations that were created meanwhile are not known, and neither are their files old. */
      if (g_hash_table_contains (known, owner) || g_lstat (path, &file) != 0 || file.st_ctime >= begun)
        continue;
      g_message ("Deleting %s: it belongs to no operation", path);
      g_unlink (path);
    }
}

static void
sweep (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Files *files = task_data;

  sweep_directory (files->journal, files->known, files->begun);
  sweep_directory (files->bodies, files->known, files->begun);
  sweep_directory (files->spools, files->known, files->begun);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_queue_sweep_async:
 * @self: a queue that has just been loaded
 * @callback: told when it is done
 * @user_data: for @callback
 *
 * Deletes journal pages, bodies and spools that a kill left without an operation.
 */
void
ferryd_queue_sweep_async (FerrydQueue *self, GAsyncReadyCallback callback, gpointer user_data)
{
  Files *files;
  g_autoptr (GTask) task = files_task (self, NULL, ferryd_queue_sweep_async, callback, user_data, &files);

  files->begun = g_get_real_time () / G_USEC_PER_SEC;
  files->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < self->by_age->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (self->by_age, i);
      char text[FERRYD_ID_TEXT_SIZE];

      /* Those that can have none are not worth the memory. */
      if (operation->state == FERRY_STATE_CANCELED ||
          (operation->kind == FERRY_KIND_DOWNLOAD && operation->state == FERRY_STATE_COMPLETED))
        continue;
      ferryd_id_format (&operation->id, text);
      g_hash_table_add (files->known, g_strdup (text));
    }
  g_task_run_in_thread (task, sweep);
}
