/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"

/* An operation between its request and its record. */
typedef struct
{
  guint8 claim[16]; /* of its destination */
  guint8 token[16]; /* key of its token */
  gboolean claimed; /* @claim is in the queue's table */
  gboolean tokened; /* @token is in the queue's table */
  gboolean joins;   /* its completion group waits for it */
  gboolean exists;  /* the token stands for an operation that is there already */
} Draft;

typedef struct
{
  char *application;    /* (owned) */
  GPtrArray *creations; /* (owned) (nullable) (element-type FerrydCreation): NULL once handed back */
  GArray *drafts;       /* (owned) (element-type Draft): one for each, in the same order */
  guint n_existing;     /* of them, that exist */
  FerrydOwner *owner;   /* (unowned) (nullable): entered while @counted counts there */
  guint counted;        /* operations that quota counts before they are there */
} Creating;

static void
creating_free (gpointer data)
{
  Creating *creating = data;

  g_free (creating->application);
  g_clear_pointer (&creating->creations, g_ptr_array_unref);
  g_array_unref (creating->drafts);
  g_free (creating);
}

/**
 * ferryd_creation_free:
 * @creation: (transfer full): an operation to be created
 */
void
ferryd_creation_free (FerrydCreation *creation)
{
  g_clear_pointer (&creation->request, ferryd_request_unref);
  g_clear_pointer (&creation->file, ferryd_descriptor_unref);
  g_clear_pointer (&creation->folder, ferryd_descriptor_unref);
  g_clear_pointer (&creation->sources, g_ptr_array_unref);
  g_free (creation->type);
  g_free (creation);
}

static FerrydRequest *
get_request (const Creating *creating, guint i)
{
  const FerrydCreation *creation = g_ptr_array_index (creating->creations, i);

  return creation->request;
}

static Draft *
get_draft (const Creating *creating, guint i)
{
  return &g_array_index (creating->drafts, Draft, i);
}

static const FerrydId *
get_group (const Creating *creating, guint i)
{
  return &get_request (creating, i)->completion_group;
}

static void
name_operation (GError **error, const Creating *creating, guint i)
{
  if (creating->creations->len > 1)
    g_prefix_error (error, "operation %u: ", i);
}

static void begin (GTask *task);

static void
unreserve (FerrydQueue *self, Creating *creating)
{
  for (guint i = 0; i < creating->drafts->len; i++)
    {
      Draft *draft = get_draft (creating, i);

      if (draft->claimed)
        g_hash_table_remove (self->claims, draft->claim);
      if (draft->tokened)
        g_hash_table_remove (self->tokens, draft->token);
      draft->claimed = FALSE;
      draft->tokened = FALSE;
      if (draft->joins)
        ferryd_queue_end_joining (self, get_group (creating, i));
      draft->joins = FALSE;
    }
  if (creating->owner == NULL)
    return;
  creating->owner->unfinished -= creating->counted;
  creating->counted = 0;
  ferryd_lanes_leave_owner (self->lanes, g_steal_pointer (&creating->owner));
}

/* Nothing was created: nobody will ever send what is kept of it. */
static void
drop_spools (FerrydQueue *self, const Creating *creating)
{
  for (guint i = 0; i < creating->drafts->len; i++)
    {
      const FerrydCreation *creation = g_ptr_array_index (creating->creations, i);

      if (!get_draft (creating, i)->exists && creation->request->content != NULL &&
          ferryd_content_count_spools (creation->request->content) > 0)
        ferryd_queue_drop_spools (self, &creation->id);
    }
}

/* @error: (transfer full) (nullable): why nothing was created */
static void
answer (GTask *task, GError *error)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (FerrydQueue) self = g_object_ref (g_task_get_source_object (task));
  Creating *creating = g_task_get_task_data (task);
  GQueue waiters = self->token_waiters;
  GTask *waiter;

  unreserve (self, creating);
  if (error != NULL)
    drop_spools (self, creating);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&creating->creations), (GDestroyNotify) g_ptr_array_unref);
  g_queue_init (&self->token_waiters);
  while ((waiter = g_queue_pop_head (&waiters)) != NULL)
    begin (waiter);
  ferryd_queue_release (self);
}

/* The record. */

static void
add_row (FerrydQueue *self, const Creating *creating, guint i, FerrydBatch *batch)
{
  FerrydCreation *creation = g_ptr_array_index (creating->creations, i);
  const FerrydRequest *request = creation->request;
  const Draft *draft = get_draft (creating, i);
  FerrydRow *row;

  row = ferryd_row_new (&creation->id);
  row->columns = FERRYD_COLUMNS_ALL;
  row->kind = request->kind;
  row->application = g_strdup (creating->application);
  row->group = g_strdup (request->group);
  row->host = ferryd_request_get_host (request);
  row->completion_group = request->completion_group;
  if (draft->tokened)
    memcpy (row->token_key, draft->token, sizeof row->token_key);
  row->created = ferryd_queue_now (self);
  row->pausable = ferryd_request_is_pausable (request);
  row->state = request->start ? FERRY_STATE_QUEUED : FERRY_STATE_IDLE;
  row->error_status = -1;
  row->priority = request->priority;
  row->cost_policy = request->cost_policy;
  row->max_speed = request->max_speed;
  row->not_before = request->not_before;
  row->not_after = request->not_after;
  row->total_to_receive = -1;
  row->total_to_send = -1;
  if (draft->claimed)
    memcpy (row->claim, draft->claim, sizeof row->claim);
  row->request = ferryd_request_to_variant (request, &row->secrets);
  ferryd_batch_insert (batch, row);
}

/* What is held open for the operation from now on. */
static FerrydDescriptor *
get_file (const Creating *creating, guint i)
{
  const FerrydCreation *creation = g_ptr_array_index (creating->creations, i);

  if (creation->request->kind == FERRY_KIND_UPLOAD)
    return creation->file;
  return creation->request->target != NULL ? creation->request->target->held : NULL;
}

static void
enter (FerrydQueue *self, Creating *creating, const FerrydBatch *batch)
{
  guint row = 0;

  creating->owner->unfinished -= creating->counted;
  creating->counted = 0;
  for (guint i = 0; i < creating->drafts->len; i++)
    {
      Draft *draft = get_draft (creating, i);
      const FerrydRow *recorded;
      FerrydOperation *operation;

      if (draft->exists)
        continue;
      recorded = ferryd_batch_peek (batch, row++)->row;
      operation =
          ferryd_operation_new (recorded, ferryd_lanes_enter_owner (self->lanes, recorded->application),
                                ferryd_lanes_enter_host (self->lanes, recorded->host),
                                ferryd_groups_enter (self->groups, recorded->application, recorded->group));
      draft->claimed = FALSE;
      ferryd_queue_hold_file (self, operation, get_file (creating, i));
      ferryd_queue_insert (self, operation);
      ferryd_queue_join (self, operation, &recorded->completion_group);
      ferryd_queue_add_window (self, operation, recorded);
      draft->tokened = FALSE;
      ferryd_queue_emit_added (self, operation);
      ferryd_queue_evaluate (self, operation);
    }
}

static void
on_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  FERRYD_FAILPOINT ("queue-create-committed");
  if (batch != NULL)
    enter (g_task_get_source_object (task), g_task_get_task_data (task), batch);
  answer (task, g_steal_pointer (&error));
}

/* Destinations and quota: reserved until the record is there. */

static gboolean
reserve_claim (FerrydQueue *self, const FerrydRequest *request, Draft *draft, GError **error)
{
  const FerrydDestination *target = request->target;

  if (target == NULL || (target->leaf == NULL && !ferryd_destination_is_given (target)))
    return TRUE;
  if (!ferryd_queue_find_claim (self, NULL, target, request->exists, draft->claim))
    {
      ferryd_queue_refuse_claimed (request->destination, error);
      return FALSE;
    }
  draft->claimed = TRUE;
  g_hash_table_insert (self->claims, draft->claim, NULL);
  return TRUE;
}

/* The file that was given, if it is the only one and can be read whenever that is needed. */
static void
take_source (FerrydCreation *creation)
{
  const FerrydContent *content = creation->request->content;
  FerrydSource *source;

  if (content == NULL || ferryd_content_count_pieces (content) != 1 ||
      ferryd_content_get_piece (content, 0)->inode == 0)
    return;
  source = g_ptr_array_index (creation->sources, 0);
  creation->file = g_steal_pointer (&source->descriptor);
}

static gboolean
reserve_file (FerrydQueue *self, Creating *creating, guint i, GError **error)
{
  FerrydCreation *creation = g_ptr_array_index (creating->creations, i);
  const FerrydRequest *request = creation->request;

  if (request->kind == FERRY_KIND_DOWNLOAD)
    return request->target == NULL ||
           ferryd_queue_may_hold_file (self, &request->target->held, request->target->leaf != NULL,
                                       "destination-fd", i, error);
  take_source (creation);
  return ferryd_queue_may_hold_file (self, &creation->file,
                                     creation->file == NULL ||
                                         ferryd_content_get_piece (request->content, 0)->path != NULL,
                                     "source-fd", i, error);
}

static gboolean
reserve_group (FerrydQueue *self, const FerrydRequest *request, Draft *draft, GError **error)
{
  static const FerrydId none = { { 0 } };

  draft->joins = !ferryd_id_equal (&request->completion_group, &none) &&
                 ferryd_queue_begin_joining (self, &request->completion_group, error);
  return draft->joins || ferryd_id_equal (&request->completion_group, &none);
}

static gboolean
reserve (FerrydQueue *self, Creating *creating, GError **error)
{
  guint limit = ferryd_settings_get (self->settings)->max_operations_per_application;

  creating->owner = ferryd_lanes_enter_owner (self->lanes, creating->application);
  creating->counted = creating->creations->len - creating->n_existing;
  creating->owner->unfinished += creating->counted;
  if (creating->owner->unfinished > limit && creating->counted > 0)
    {
      g_set_error (
          error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED,
          "An application may have %u unfinished operations, and this would make %u; wait for some to end",
          limit, creating->owner->unfinished);
      return FALSE;
    }
  for (guint i = 0; i < creating->drafts->len; i++)
    {
      Draft *draft = get_draft (creating, i);

      if (draft->exists || (reserve_claim (self, get_request (creating, i), draft, error) &&
                            reserve_file (self, creating, i, error) &&
                            reserve_group (self, get_request (creating, i), draft, error)))
        continue;
      name_operation (error, creating, i);
      return FALSE;
    }
  return TRUE;
}

static void
on_places_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Creating *creating = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = NULL;
  FerrydCreation *failed = NULL;
  guint index;

  if (!ferryd_queue_look_finish (self, result, &failed, &error) && failed != NULL &&
      g_ptr_array_find (creating->creations, failed, &index))
    name_operation (&error, creating, index);
  if (error != NULL || !reserve (self, creating, &error))
    {
      answer (task, g_steal_pointer (&error));
      return;
    }
  batch = ferryd_batch_new ();
  for (guint i = 0; i < creating->drafts->len; i++)
    {
      if (!get_draft (creating, i)->exists)
        add_row (self, creating, i, batch);
    }
  if (ferryd_batch_size (batch) == 0)
    {
      answer (task, NULL);
      return;
    }
  FERRYD_FAILPOINT ("queue-create-before-commit");
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, on_recorded,
                             task);
}

static void
look_for_places (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Creating *creating = g_task_get_task_data (task);
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();

  for (guint i = 0; i < creating->drafts->len; i++)
    {
      FerrydCreation *creation = g_ptr_array_index (creating->creations, i);

      if (get_draft (creating, i)->exists)
        continue;
      ferryd_id_generate (&creation->id);
      g_ptr_array_add (missing, creation);
    }
  ferryd_queue_look_async (self, missing, on_places_found, task);
}

/* Tokens: the same again is the same operation, if it asks for the same. */

static gboolean
is_same (const FerrydOperation *operation, const FerrydRow *row, const FerrydRequest *request, GError **error)
{
  g_autoptr (FerrydRequest) older = ferryd_row_get_request (operation, row, error);

  if (older == NULL)
    return FALSE;
  if (g_strcmp0 (older->asked, request->asked) == 0)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "token: '%s' stands for an operation with another URI or destination; a new operation needs a "
               "new token",
               request->token);
  return FALSE;
}

static void
on_existing_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrydQueue *self = g_task_get_source_object (task);
  Creating *creating = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, &error);
  guint row = 0;

  for (guint i = 0; rows != NULL && i < creating->drafts->len; i++)
    {
      const FerrydCreation *creation = g_ptr_array_index (creating->creations, i);
      FerrydOperation *operation;

      if (!get_draft (creating, i)->exists)
        continue;
      operation = ferryd_queue_lookup (self, &creation->id);
      if (operation == NULL)
        {
          /* Removed since: the token is free again. */
          begin (task);
          return;
        }
      if (!is_same (operation, g_ptr_array_index (rows, row++), creation->request, &error))
        {
          name_operation (&error, creating, i);
          break;
        }
    }
  if (error != NULL)
    answer (task, g_steal_pointer (&error));
  else
    look_for_places (task);
}

static gboolean
find_token (FerrydQueue *self, Creating *creating, guint i, GArray *existing, gboolean *pending,
            GError **error)
{
  FerrydCreation *creation = g_ptr_array_index (creating->creations, i);
  Draft *draft = get_draft (creating, i);
  gpointer operation = NULL;

  ferryd_request_get_token_key (creation->request, creating->application, draft->token);
  if (g_hash_table_lookup_extended (self->tokens, draft->token, NULL, &operation))
    {
      for (guint j = 0; operation == NULL && j < i; j++)
        {
          if (!get_draft (creating, j)->tokened ||
              memcmp (get_draft (creating, j)->token, draft->token, 16) != 0)
            continue;
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                       "token: '%s' is given to two operations of one call; each needs its own",
                       creation->request->token);
          return FALSE;
        }
      *pending = operation == NULL;
      if (operation == NULL)
        return TRUE;
      draft->exists = TRUE;
      creation->id = ((FerrydOperation *) operation)->id;
      g_array_append_val (existing, creation->id);
      creating->n_existing++;
      return TRUE;
    }
  draft->tokened = TRUE;
  g_hash_table_insert (self->tokens, draft->token, NULL);
  return TRUE;
}

static void
begin (GTask *task)
{
  FerrydQueue *self = g_task_get_source_object (task);
  Creating *creating = g_task_get_task_data (task);
  g_autoptr (GArray) existing = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GError) error = NULL;
  gboolean pending = FALSE;

  unreserve (self, creating);
  creating->n_existing = 0;
  for (guint i = 0; i < creating->drafts->len; i++)
    *get_draft (creating, i) = (Draft){ 0 };
  for (guint i = 0; i < creating->drafts->len && !pending && error == NULL; i++)
    {
      if (get_request (creating, i)->token != NULL &&
          !find_token (self, creating, i, existing, &pending, &error))
        name_operation (&error, creating, i);
    }
  if (error != NULL)
    answer (task, g_steal_pointer (&error));
  else if (pending)
    {
      unreserve (self, creating);
      g_queue_push_tail (&self->token_waiters, task);
    }
  else if (existing->len > 0)
    ferryd_store_read_async (self->store, (const FerrydId *) (gpointer) existing->data, existing->len,
                             FERRYD_COLUMN_REQUEST, on_existing_read, task);
  else
    look_for_places (task);
}

/**
 * ferryd_queue_create_async:
 * @self: a queue
 * @application: whose the operations will be
 * @creations: (transfer full) (element-type FerrydCreation): what is asked for
 * @callback: told when they are there, durably
 * @user_data: for @callback
 *
 * Creates all or none.
 */
void
ferryd_queue_create_async (FerrydQueue *self, const char *application, GPtrArray *creations,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Creating *creating = g_new0 (Creating, 1);

  creating->application = g_strdup (application);
  creating->creations = creations;
  creating->drafts = g_array_sized_new (FALSE, TRUE, sizeof (Draft), creations->len);
  g_array_set_size (creating->drafts, creations->len);
  g_task_set_source_tag (task, ferryd_queue_create_async);
  g_task_set_task_data (task, creating, creating_free);
  ferryd_queue_hold (self);
  begin (task);
}

/**
 * ferryd_queue_create_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for a FERRY_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type FerrydCreation): the creations with their ids
 */
GPtrArray *
ferryd_queue_create_finish (FerrydQueue *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
