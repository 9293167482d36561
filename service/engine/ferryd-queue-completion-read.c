/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/**
 * ferryd_completion_description_free:
 * @description: (transfer full): a description
 */
void
ferryd_completion_description_free (FerrydCompletionDescription *description)
{
  g_free (description->application);
  g_array_unref (description->members);
  g_free (description);
}

static void
add_bytes (FerrydCompletionDescription *description, const FerrydDescription *member)
{
  gint64 done = (gint64) (member->kind == FERRY_KIND_DOWNLOAD ? member->bytes_received : member->bytes_sent);
  gint64 total = member->kind == FERRY_KIND_DOWNLOAD ? member->total_to_receive : member->total_to_send;

  description->bytes_done += done;
  /* What has ended gets no further. */
  if (ferry_state_is_ended (member->state))
    total = done;
  if (total < 0 || description->bytes_total < 0)
    description->bytes_total = -1;
  else
    description->bytes_total += total;
}

/**
 * ferryd_queue_describe_completion:
 * @self: a queue
 * @id: a completion group
 *
 * Returns: (transfer full) (nullable): the group as it is now
 */
FerrydCompletionDescription *
ferryd_queue_describe_completion (FerrydQueue *self, const FerrydId *id)
{
  const FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, id);
  FerrydCompletionDescription *description;

  if (group == NULL)
    return NULL;
  description = g_new0 (FerrydCompletionDescription, 1);
  description->id = *id;
  description->application = g_strdup (group->application);
  description->state = group->state;
  description->members = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  description->ended = group->ended;
  description->failed = group->failed;
  for (guint i = 0; i < group->members->len; i++)
    {
      const FerrydOperation *operation = g_ptr_array_index (group->members, i);
      g_autoptr (FerrydDescription) member = ferryd_queue_describe (self, &operation->id);

      g_array_append_val (description->members, operation->id);
      description->is_running = description->is_running || operation->state == FERRY_STATE_RUNNING;
      add_bytes (description, member);
    }
  return description;
}

static int
compare_age (gconstpointer a, gconstpointer b)
{
  const FerrydCompletionGroup *const *one = a;
  const FerrydCompletionGroup *const *other = b;

  return (*one)->created < (*other)->created ? -1 : (*one)->created > (*other)->created;
}

/**
 * ferryd_queue_list_completions:
 * @self: a queue
 * @application: (nullable): only this application's
 *
 * Returns: (transfer full) (element-type FerrydId): completion groups, oldest first
 */
GArray *
ferryd_queue_list_completions (FerrydQueue *self, const char *application)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GPtrArray) groups = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->completions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FerrydCompletionGroup *group = value;

      if (application == NULL || g_str_equal (group->application, application))
        g_ptr_array_add (groups, value);
    }
  g_ptr_array_sort (groups, compare_age);
  for (guint i = 0; i < groups->len; i++)
    {
      const FerrydCompletionGroup *group = g_ptr_array_index (groups, i);

      g_array_append_val (ids, group->id);
    }
  return ids;
}

/**
 * ferryd_queue_count_completions:
 * @self: a queue
 *
 * Returns: how many completion groups there are
 */
guint
ferryd_queue_count_completions (FerrydQueue *self)
{
  return g_hash_table_size (self->completions);
}
