/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

#include "ferryd-failpoint.h"
#include "ferryd-suggested-name.h"

/* A folder in which so many numbered names are taken is not a place for one more. */
#define MAX_CANDIDATES 10000

/**
 * ferryd_step_new:
 * @self: a queue
 * @operation: an operation
 *
 * Returns: (transfer full): what a callback needs to go on with it
 */
FerrydStep *
ferryd_step_new (FerrydQueue *self, const FerrydOperation *operation)
{
  FerrydStep *step = g_new (FerrydStep, 1);

  *step = (FerrydStep){ g_object_ref (self), operation->id };
  return step;
}

/**
 * ferryd_step_free:
 * @step: (transfer full): a step
 */
void
ferryd_step_free (FerrydStep *step)
{
  g_object_unref (step->queue);
  g_free (step);
}

/**
 * ferryd_queue_commit_step:
 * @self: a queue
 * @operation: an operation
 * @row: (transfer full): what of it is to be durable
 * @callback: called with a #FerrydStep, which it owns
 */
void
ferryd_queue_commit_step (FerrydQueue *self, const FerrydOperation *operation, FerrydRow *row,
                          GAsyncReadyCallback callback)
{
  g_autoptr (FerrydBatch) batch = ferryd_batch_new ();

  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SYNCED, callback,
                             ferryd_step_new (self, operation));
}

static void
refuse_name (FerrydQueue *self, FerrydOperation *operation, const char *name)
{
  FerrydLive *live = operation->run->live;
  g_autofree char *text = ferryd_destination_to_text (live->request->target->directory, name);

  live->failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_DESTINATION_EXISTS, FERRYD_REMEDY_FINAL,
                                      "%s exists already, and was neither to be replaced nor renamed", text);
  ferryd_queue_stop (self, operation);
}

/* Nobody else gets the name while it is being recorded; the former one is kept until then. */
static void
try_claim (FerrydQueue *self, FerrydOperation *operation, const guint8 claim[16])
{
  FerrydLive *live = operation->run->live;

  ferryd_queue_drop_claim (self, operation);
  if (memcmp (claim, operation->claim, sizeof operation->claim) == 0)
    return;
  memcpy (live->claim, claim, sizeof live->claim);
  g_hash_table_replace (self->claims, live->claim, operation);
}

static void
take_claim (FerrydQueue *self, FerrydOperation *operation, const FerrydRow *row)
{
  ferryd_queue_drop_claim (self, operation);
  ferryd_queue_claim (self, operation, row->claim);
}

static void
on_name_recorded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydStep) step = user_data;
  FerrydOperation *operation = ferryd_queue_lookup (step->queue, &step->id);
  FerrydLive *live = operation->run->live;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, &error);

  /* While everything is closed the attempt may have ended by now. */
  if (live == NULL)
    return;
  if (batch != NULL)
    take_claim (step->queue, operation, ferryd_batch_peek (batch, 0)->row);
  if (live->over || live->stopping)
    return;
  if (batch == NULL)
    {
      live->failure = ferryd_failure_new (FERRY_TRANSFER_ERROR_IO_ERROR, FERRYD_REMEDY_RETRY,
                                          "The name of the file cannot be recorded: %s", error->message);
      ferryd_queue_stop (step->queue, operation);
      return;
    }
  FERRYD_FAILPOINT ("queue-finalizing-committed");
  ferryd_attempt_publish (live->transfer, live->record->publish_name, live->record->publish_replace);
}

/* The next name that nobody else claims, and its claim; FALSE where there is none. */
static gboolean
choose_name (FerrydQueue *self, FerrydOperation *operation, const char *leaf, guint8 claim[16])
{
  FerrydLive *live = operation->run->live;
  const FerrydRequest *request = live->request;

  for (;; live->candidate++)
    {
      g_autofree char *name = ferryd_destination_candidate (leaf, live->candidate);
      gpointer claimant = NULL;

      if ((live->candidate > 1 && request->exists != FERRY_EXISTS_RENAME) || live->candidate > MAX_CANDIDATES)
        return FALSE;
      ferryd_destination_claim (request->target->device, request->target->inode, name, claim);
      if (g_hash_table_lookup_extended (self->claims, claim, NULL, &claimant) && claimant != operation)
        continue;
      g_free (live->record->publish_name);
      live->record->publish_name = g_steal_pointer (&name);
      return TRUE;
    }
}

/* What was given has its name, or none. */
static void
keep_name (FerrydOperation *operation, guint8 claim[16])
{
  FerrydLive *live = operation->run->live;
  const char *leaf = live->request->target->leaf;

  memcpy (claim, operation->claim, sizeof operation->claim);
  g_free (live->record->publish_name);
  live->record->publish_name = g_strdup (leaf != NULL ? leaf : "");
}

/**
 * ferryd_queue_publish:
 * @self: a queue
 * @operation: one whose attempt has everything, and whose turn is taken for its last steps
 *
 * Decides the name, records it, and has the attempt give it to the file.
 */
void
ferryd_queue_publish (FerrydQueue *self, FerrydOperation *operation)
{
  FerrydLive *live = operation->run->live;
  const FerrydRequest *request = live->request;
  g_autofree char *from_uri =
      live->suggested_name == NULL ? ferryd_suggested_name_from_uri (request->uri) : NULL;
  const char *leaf = request->target->leaf != NULL  ? request->target->leaf
                     : live->suggested_name != NULL ? live->suggested_name
                                                    : from_uri;
  guint8 claim[16];
  FerrydRow *row;

  if (ferryd_destination_is_given (request->target))
    keep_name (operation, claim);
  else if (!choose_name (self, operation, leaf, claim))
    {
      refuse_name (self, operation, leaf);
      return;
    }
  live->record->publish_replace = request->exists == FERRY_EXISTS_REPLACE;
  try_claim (self, operation, claim);
  row = ferryd_operation_to_row (operation,
                                 FERRYD_COLUMN_CLAIM | FERRYD_COLUMN_COUNTERS | FERRYD_COLUMN_PROGRESS);
  memcpy (row->claim, claim, sizeof row->claim);
  ferryd_queue_commit_step (self, operation, row, on_name_recorded);
}
