/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-listing.h"

/* Operations looked at before others get their turn in the main loop, and of which complete descriptions are
 * in memory together: a few milliseconds, less than a megabyte. */
#define STRIDE 256

typedef struct
{
  GArray *ids; /* (owned) (element-type FerrydId) */
  guint next;  /* index of the first that was not looked at */
  gboolean complete;
  FerrydListingFunc func;
  gpointer user_data; /* (unowned) */
} Listing;

static void
listing_free (Listing *listing)
{
  g_array_unref (listing->ids);
  g_free (listing);
}

static gboolean listing_step (gpointer user_data);

static guint
listing_stride (const Listing *listing)
{
  return MIN (STRIDE, listing->ids->len - listing->next);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Listing *listing = g_task_get_task_data (task);
  g_autoptr (GPtrArray) descriptions = NULL;
  GError *error = NULL;

  descriptions = ferryd_queue_describe_finish (FERRYD_QUEUE (source), result, &error);
  if (descriptions == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < descriptions->len; i++)
    {
      const FerrydDescription *description = g_ptr_array_index (descriptions, i);

      if (description != NULL)
        listing->func (description, listing->user_data);
    }
  listing->next += listing_stride (listing);
  listing_step (task);
}

/* Answers whether there is more to be done here; otherwise the task is finished or waits for the queue. */
static gboolean
listing_step (gpointer user_data)
{
  GTask *task = user_data;
  Listing *listing = g_task_get_task_data (task);
  FerrydQueue *queue = g_task_get_source_object (task);
  guint n = listing_stride (listing);

  if (n == 0)
    {
      g_task_return_boolean (task, TRUE);
      return G_SOURCE_REMOVE;
    }
  if (listing->complete)
    {
      ferryd_queue_describe_async (queue, &g_array_index (listing->ids, FerrydId, listing->next), n,
                                   on_described, g_object_ref (task));
      return G_SOURCE_REMOVE;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FerrydDescription) description =
          ferryd_queue_describe (queue, &g_array_index (listing->ids, FerrydId, listing->next + i));

      if (description != NULL)
        listing->func (description, listing->user_data);
    }
  listing->next += n;
  return G_SOURCE_CONTINUE;
}

/**
 * ferryd_listing_run_async:
 * @queue: the queue
 * @ids: (transfer full) (element-type FerrydId): operations
 * @complete: whether complete descriptions are needed
 * @func: called for each of them that is still there, in order
 * @callback: called at the end
 * @user_data: for @func and @callback
 *
 * Goes through operations without keeping the main loop from anything else.
 */
void
ferryd_listing_run_async (FerrydQueue *queue, GArray *ids, gboolean complete, FerrydListingFunc func,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (queue, NULL, callback, user_data);
  Listing *listing = g_new0 (Listing, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_task_set_source_tag (task, ferryd_listing_run_async);
  listing->ids = ids;
  listing->complete = complete;
  listing->func = func;
  listing->user_data = user_data;
  g_task_set_task_data (task, listing, (GDestroyNotify) listing_free);

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "listing operations");
  g_source_set_callback (source, listing_step, task, g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

/**
 * ferryd_listing_run_finish:
 * @queue: the queue
 * @result: what the callback got
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: whether all of them were looked at
 */
gboolean
ferryd_listing_run_finish (FerrydQueue *queue, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
