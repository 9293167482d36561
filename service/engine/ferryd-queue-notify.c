/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-queue-private.h"

#include <glib/gi18n-lib.h>

#include "ferryd-failpoint.h"

/* What the default action of our notifications is called between the notifier and us. */
#define ACTION "activate"

/* How our notifications are called; the id follows. */
#define OF_OPERATION "operation/"
#define OF_COMPLETION_GROUP "completion-group/"

/* What a click does, for as long as the notification is there. */
typedef struct
{
  char *application; /* (owned): not `""` */
  char *action;      /* (owned) (nullable): of the application */
} Shown;

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_free (shown->application);
  g_free (shown->action);
  g_free (shown);
}

static char *
make_name (const char *kind, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  return g_strconcat (kind, text, NULL);
}

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  FerrydId id;
  char *name; /* (owned): of the notification */
} Showing;

static void
showing_free (Showing *showing)
{
  ferryd_queue_release (showing->queue);
  g_object_unref (showing->queue);
  g_free (showing->name);
  g_free (showing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Showing, showing_free)

/* @given: a{sv}, as in the options */
static void
show (FerrydQueue *self, const FerrydId *id, const char *kind, const char *application, GVariant *given,
      const char *title, const char *body, GAsyncReadyCallback callback)
{
  Showing *showing = g_new0 (Showing, 1);
  FerrydNotification notification = { .application = application, .title = title, .body = body };
  const char *action = NULL;

  showing->queue = g_object_ref (self);
  showing->id = *id;
  showing->name = make_name (kind, id);
  g_variant_lookup (given, "title", "&s", &notification.title);
  g_variant_lookup (given, "body", "&s", &notification.body);
  g_variant_lookup (given, "icon", "&s", &notification.icon);
  g_variant_lookup (given, "default-action", "&s", &action);
  if (application[0] != '\0')
    {
      Shown *shown = g_new0 (Shown, 1);

      notification.default_action = ACTION;
      shown->application = g_strdup (application);
      shown->action = g_strdup (action);
      g_hash_table_insert (self->shown, g_strdup (showing->name), shown);
    }
  ferryd_queue_hold (self);
  ferryd_notifier_show_async (self->notifier, showing->name, &notification, callback, showing);
}

/* Whether it could be shown or nobody is there to show it: that was it. */
static void
end_showing (GObject *source, GAsyncResult *result, const Showing *showing)
{
  g_autoptr (GError) error = NULL;

  if (ferryd_notifier_show_finish (FERRYD_NOTIFIER (source), result, &error))
    return;
  g_debug ("A notification is not shown: %s", error->message);
  g_hash_table_remove (showing->queue->shown, showing->name);
}

/* Of an operation. */

static void
on_pending_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrydBatch) batch = ferryd_store_commit_finish (FERRYD_STORE (source), result, NULL);
}

static void
on_operation_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Showing) showing = user_data;
  FerrydQueue *self = showing->queue;
  g_autoptr (FerrydBatch) batch = NULL;
  FerrydRow *row;

  end_showing (source, result, showing);
  FERRYD_FAILPOINT ("notification-shown");
  if (self->closing)
    return;
  batch = ferryd_batch_new ();
  row = ferryd_row_new (&showing->id);
  row->columns = FERRYD_COLUMN_NOTIFICATION;
  ferryd_batch_update (batch, row);
  ferryd_store_commit_async (self->store, g_steal_pointer (&batch), FERRYD_DURABILITY_SOON,
                             on_pending_cleared, NULL);
}

/* (transfer full) (nullable): a{sv} */
static GVariant *
get_notification (const FerrydRequest *request, FerryState state)
{
  const char *key = state == FERRY_STATE_COMPLETED ? "success-notification"
                    : state == FERRY_STATE_ERROR   ? "failure-notification"
                                                   : NULL;

  return key != NULL ? g_variant_lookup_value (request->options, key, G_VARIANT_TYPE_VARDICT) : NULL;
}

/**
 * ferryd_queue_wants_notification:
 * @request: what was asked for
 * @state: how it ends
 *
 * Returns: whether the user is to hear of it; nobody does of what was canceled
 */
gboolean
ferryd_queue_wants_notification (const FerrydRequest *request, FerryState state)
{
  g_autoptr (GVariant) notification = get_notification (request, state);

  return notification != NULL;
}

static void
notify (FerrydQueue *self, const FerrydOperation *operation, const FerrydRequest *request)
{
  g_autoptr (GVariant) notification = get_notification (request, operation->state);
  const char *title =
      operation->state == FERRY_STATE_COMPLETED ? _ ("Transfer complete") : _ ("Transfer failed");

  if (notification != NULL)
    show (self, &operation->id, OF_OPERATION, operation->owner->application, notification, title,
          request->title[0] != '\0' ? request->title : NULL, on_operation_shown);
}

/* What has ended without an attempt under way, or in an earlier life of the service. */

typedef struct
{
  FerrydQueue *queue; /* (owned) */
  GArray *ids;        /* (owned) (element-type FerrydId) */
} Missed;

static void
missed_free (Missed *missed)
{
  ferryd_queue_release (missed->queue);
  g_object_unref (missed->queue);
  g_array_unref (missed->ids);
  g_free (missed);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Missed, missed_free)

static void
on_missed_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Missed) missed = user_data;
  FerrydQueue *self = missed->queue;
  g_autoptr (GPtrArray) rows = ferryd_store_read_finish (FERRYD_STORE (source), result, NULL);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const FerrydOperation *operation =
          ferryd_queue_lookup (self, &g_array_index (missed->ids, FerrydId, i));
      g_autoptr (FerrydRequest) request = NULL;

      if (operation != NULL)
        request = ferryd_row_get_request (operation, g_ptr_array_index (rows, i), NULL);
      if (request != NULL)
        notify (self, operation, request);
    }
}

/**
 * ferryd_queue_notify_missed:
 * @self: a queue that has just been loaded
 * @ids: (transfer full) (element-type FerrydId): operations whose end the user has not been shown
 */
void
ferryd_queue_notify_missed (FerrydQueue *self, GArray *ids)
{
  Missed *missed = g_new (Missed, 1);

  *missed = (Missed){ g_object_ref (self), ids };
  ferryd_queue_hold (self);
  if (ids->len > 0)
    ferryd_store_read_async (self->store, (const FerrydId *) (gpointer) ids->data, ids->len,
                             FERRYD_COLUMN_REQUEST, on_missed_read, missed);
  else
    missed_free (missed);
}

/**
 * ferryd_queue_notify_ended:
 * @self: a queue
 * @operation: one that has ended, durably
 */
void
ferryd_queue_notify_ended (FerrydQueue *self, const FerrydOperation *operation)
{
  GArray *ids;

  if (operation->state == FERRY_STATE_CANCELED)
    return;
  if (operation->run->live != NULL)
    {
      notify (self, operation, operation->run->live->request);
      return;
    }
  ids = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_array_append_val (ids, operation->id);
  ferryd_queue_notify_missed (self, ids);
}

/* Of a completion group. */

static void
on_completion_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Showing) showing = user_data;
  FerrydQueue *self = showing->queue;
  FerrydCompletionGroup *group = ferryd_queue_lookup_completion (self, &showing->id);

  end_showing (source, result, showing);
  FERRYD_FAILPOINT ("notification-shown");
  if (group == NULL || self->closing)
    return;
  group->notification_pending = FALSE;
  ferryd_queue_save_completion (self, &showing->id);
}

/**
 * ferryd_queue_notify_completion:
 * @self: a queue
 * @group: a completion group whose members have ended, durably
 */
void
ferryd_queue_notify_completion (FerrydQueue *self, const FerrydCompletionGroup *group)
{
  GVariant *notification = ferryd_completion_group_get_notification (group);
  const char *application =
      group->application[0] != '\0' || group->handler_name == NULL ? group->application : group->handler_name;

  if (notification != NULL)
    show (self, &group->id, OF_COMPLETION_GROUP, application, notification,
          group->failed == 0 ? _ ("Transfers complete") : _ ("Transfers failed"), NULL, on_completion_shown);
}

/* What the user does. */

static void
on_action (FerrydQueue *self, const char *name, const char *key, const char *token)
{
  const Shown *shown = g_hash_table_lookup (self->shown, name);

  if (shown != NULL && g_str_equal (key, ACTION))
    ferryd_applications_activate (self->applications, shown->application, shown->action, token);
}

static void
on_closed (FerrydQueue *self, const char *name, int end)
{
  if (g_hash_table_remove (self->shown, name))
    ferryd_queue_update_busy (self);
}

/**
 * ferryd_queue_set_up_notifications:
 * @self: a new queue
 * @notifier: how the user is told
 * @applications: what a click brings up
 */
void
ferryd_queue_set_up_notifications (FerrydQueue *self, FerrydNotifier *notifier,
                                   FerrydApplications *applications)
{
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, shown_free);
  self->notifier = g_object_ref (notifier);
  self->applications = g_object_ref (applications);
  g_signal_connect_swapped (notifier, "action-invoked", G_CALLBACK (on_action), self);
  g_signal_connect_swapped (notifier, "closed", G_CALLBACK (on_closed), self);
}
