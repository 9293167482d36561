/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-private.h"

/* A server that has had too many requests is asked nothing new for as long as it says, but for no more than
 * so many first backoff steps (ten minutes by default): what it said may be meant for one file, and must not
 * keep all others from being tried. */
#define MAX_REST 120

/* RFC 6585 section 4. */
#define TOO_MANY_REQUESTS 429

static void on_rest_alarm (gpointer user_data);

static void
set_alarm (FerrydQueue *self)
{
  gint64 next = G_MAXINT64;
  GHashTableIter iter;
  gpointer until;

  ferryd_clock_clear_alarm (self->clock, &self->rest_alarm);
  g_hash_table_iter_init (&iter, self->resting);
  while (g_hash_table_iter_next (&iter, NULL, &until))
    next = MIN (next, *(gint64 *) until);
  if (next != G_MAXINT64)
    self->rest_alarm = ferryd_clock_add_alarm (self->clock, next, on_rest_alarm, self);
}

static void
on_rest_alarm (gpointer user_data)
{
  FerrydQueue *self = user_data;
  gint64 now = ferryd_clock_elapsed (self->clock);
  GHashTableIter iter;
  gpointer name, until;

  self->rest_alarm = 0;
  g_hash_table_iter_init (&iter, self->resting);
  while (g_hash_table_iter_next (&iter, &name, &until))
    {
      if (*(gint64 *) until > now)
        continue;
      ferryd_lanes_hold_host (self->lanes, name, FALSE);
      g_hash_table_iter_remove (&iter);
    }
  set_alarm (self);
  ferryd_queue_schedule (self);
}

/* After redirects it may have been another. */
static gboolean
is_of_host (const FerrydFailure *failure, const char *name)
{
  const char *uri;
  g_autofree char *host = NULL;

  if (!g_variant_lookup (failure->response, "uri", "&s", &uri))
    return FALSE;
  host = ferryd_request_name_host (uri);
  return g_str_equal (host, name);
}

/**
 * ferryd_queue_rest_host:
 * @self: a queue
 * @operation: one that has failed
 * @failure: why
 *
 * Where its server said that it had too many requests, and for how long, none of those that wait for that
 * server begins before that, so that each does not have to be told so by itself. What runs there goes on.
 */
void
ferryd_queue_rest_host (FerrydQueue *self, const FerrydOperation *operation, const FerrydFailure *failure)
{
  gint64 longest = (gint64) ferryd_settings_get (self->settings)->retry_delay * 1000 * MAX_REST;
  const char *name = operation->host->name;
  gint64 until;

  if (ferryd_failure_get_http_status (failure) != TOO_MANY_REQUESTS || failure->retry_after <= 0 ||
      !is_of_host (failure, name))
    return;
  until = ferryd_clock_elapsed (self->clock) + MIN (failure->retry_after, longest);
  g_message ("%s has too many requests: nothing new is asked there for %" G_GINT64_FORMAT " s", name,
             MIN (failure->retry_after, longest) / G_USEC_PER_SEC);
  g_hash_table_replace (self->resting, g_strdup (name), g_memdup2 (&until, sizeof until));
  ferryd_lanes_hold_host (self->lanes, name, TRUE);
  set_alarm (self);
}
