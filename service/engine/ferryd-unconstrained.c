/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferryd-unconstrained.h"

#include <glib/gi18n-lib.h>

#include "ferry-error.h"

/* How long the user has, in steps of the setting retry-delay: five minutes by default, as the contract says.
 */
#define ANSWER_STEPS 60

#define ACTION_ALLOW "allow"
#define ACTION_DENY "deny"

struct _FerrydUnconstrained
{
  GObject parent_instance;

  FerrydQueue *queue;       /* (owned) */
  FerrydNotifier *notifier; /* (owned) */
  FerrydClock *clock;       /* (owned) */
  FerrydSettings *settings; /* (owned) */
  GHashTable *open;         /* (owned) (element-type utf8 Question): by @notification, those not answered */
  guint64 last;             /* number of the last question */
  gboolean closed;          /* nobody is asked any more */
};

G_DEFINE_FINAL_TYPE (FerrydUnconstrained, ferryd_unconstrained, G_TYPE_OBJECT)

/**
 * Question:
 * @asker: (unowned): whose it is; @task holds it
 * @task: (owned)
 * @notification: (owned): id of ours
 * @ids: (owned) (element-type FerrydId): operations it is about
 * @alarm: 0 for none: no answer is one, too
 * @recording: of @ids, those that are being granted it
 * @error: (owned) (nullable): why that failed
 */
typedef struct
{
  FerrydUnconstrained *asker;
  GTask *task;
  char *notification;
  GArray *ids;
  guint alarm;
  guint recording;
  GError *error;
} Question;

static void
question_free (Question *question)
{
  g_free (question->notification);
  g_array_unref (question->ids);
  g_clear_error (&question->error);
  g_object_unref (question->task);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/* Nothing that is heard of it from now on counts. */
static void
take_down (Question *question)
{
  FerrydUnconstrained *self = question->asker;

  ferryd_clock_clear_alarm (self->clock, &question->alarm);
  g_hash_table_remove (self->open, question->notification);
  ferryd_notifier_withdraw (self->notifier, question->notification);
}

/* (transfer full) @question. */
static void
refuse (Question *question)
{
  g_autoptr (Question) owned = question;

  take_down (question);
  g_task_return_boolean (question->task, FALSE);
}

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;

  /* What has ended meanwhile needs it no more. */
  if (!ferryd_queue_edit_finish (FERRYD_QUEUE (source), result, &error) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE) && question->error == NULL)
    question->error = g_steal_pointer (&error);
  question->recording--;
  if (question->recording > 0)
    return;
  if (question->error != NULL)
    g_task_return_error (question->task, g_steal_pointer (&question->error));
  else
    g_task_return_boolean (question->task, TRUE);
  question_free (question);
}

/* (transfer full) @question. */
static void
grant (Question *question)
{
  take_down (question);
  question->recording = question->ids->len;
  for (guint i = 0; i < question->ids->len; i++)
    ferryd_queue_edit_async (question->asker->queue, &g_array_index (question->ids, FerrydId, i),
                             FERRYD_EDIT_UNCONSTRAINED, g_variant_new_boolean (TRUE), on_granted, question);
}

static void
on_action (FerrydUnconstrained *self, const char *id, const char *key, const char *token)
{
  Question *question = g_hash_table_lookup (self->open, id);

  if (question == NULL)
    return;
  if (g_str_equal (key, ACTION_ALLOW))
    grant (question);
  else
    refuse (question);
}

static void
on_closed (FerrydUnconstrained *self, const char *id)
{
  Question *question = g_hash_table_lookup (self->open, id);

  if (question != NULL)
    refuse (question);
}

static void
on_timeout (gpointer user_data)
{
  Question *question = user_data;

  question->alarm = 0;
  refuse (question);
}

/* Answers FALSE where nobody was there to ask, and holds what it was asked with until then. */
typedef struct
{
  FerrydUnconstrained *asker; /* (owned) */
  char *notification;         /* (owned) */
} Showing;

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Showing *showing = user_data;
  g_autoptr (FerrydUnconstrained) self = showing->asker;
  g_autofree char *id = showing->notification;

  if (!ferryd_notifier_show_finish (FERRYD_NOTIFIER (source), result, NULL))
    on_closed (self, id);
}

static void
show (Question *question, const char *application)
{
  const FerrydNotificationAction actions[] = {
    { ACTION_ALLOW, _ ("Allow") },
    { ACTION_DENY, _ ("Deny") },
  };
  guint n = question->ids->len;
  const char *who = application[0] != '\0' ? application : _ ("An application");
  g_autofree char *body = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s asks to go on with %u transfer while the battery is to be saved.",
                   "%s asks to go on with %u transfers while the battery is to be saved.", n),
      who, n);
  const FerrydNotification notification = {
    .application = application,
    .title = _ ("Transfer on a low battery, too?"),
    .body = body,
    .actions = actions,
    .n_actions = G_N_ELEMENTS (actions),
    .asks = TRUE,
  };
  Showing *showing = g_new (Showing, 1);

  *showing = (Showing){ g_object_ref (question->asker), g_strdup (question->notification) };
  ferryd_notifier_show_async (question->asker->notifier, question->notification, &notification, on_shown,
                              showing);
}

static GArray *
find_constrained (FerrydUnconstrained *self, const FerrydId *ids, guint n_ids)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (FerrydId));
  g_autoptr (GHashTable) seen = g_hash_table_new (ferryd_id_hash, ferryd_id_equal);

  for (guint i = 0; i < n_ids; i++)
    {
      g_autoptr (FerrydDescription) description = ferryd_queue_describe (self->queue, &ids[i]);

      if (description != NULL && !description->unconstrained && g_hash_table_add (seen, (gpointer) &ids[i]))
        g_array_append_val (found, ids[i]);
    }
  return found;
}

/**
 * ferryd_unconstrained_ask_async:
 * @self: who asks
 * @application: whose operations they are, `""` for none
 * @ids: (array length=n_ids): operations
 * @n_ids: how many
 * @callback: told what the user said, durably
 * @user_data: for @callback
 *
 * Where all of them have it already, nobody is asked.
 */
void
ferryd_unconstrained_ask_async (FerrydUnconstrained *self, const char *application, const FerrydId *ids,
                                guint n_ids, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GArray) constrained = find_constrained (self, ids, n_ids);
  gint64 time =
      (gint64) ferryd_settings_get (self->settings)->retry_delay * ANSWER_STEPS * G_TIME_SPAN_MILLISECOND;
  Question *question;

  g_task_set_source_tag (task, ferryd_unconstrained_ask_async);
  if (constrained->len == 0 || self->closed)
    {
      g_task_return_boolean (task, constrained->len == 0);
      return;
    }
  question = g_new0 (Question, 1);
  question->asker = self;
  question->task = g_steal_pointer (&task);
  question->ids = g_steal_pointer (&constrained);
  question->notification = g_strdup_printf ("unconstrained-%" G_GUINT64_FORMAT, ++self->last);
  question->alarm =
      ferryd_clock_add_alarm (self->clock, ferryd_clock_elapsed (self->clock) + time, on_timeout, question);
  g_hash_table_insert (self->open, question->notification, question);
  show (question, application);
}

/**
 * ferryd_unconstrained_ask_finish:
 * @self: who asked
 * @result: what the callback was given
 * @granted: (out): whether the user agreed; FALSE where there was no answer or nobody to ask
 * @error: return location for FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Returns: FALSE where the user agreed and that could not be recorded
 */
gboolean
ferryd_unconstrained_ask_finish (FerrydUnconstrained *self, GAsyncResult *result, gboolean *granted,
                                 GError **error)
{
  g_autoptr (GError) failure = NULL;

  *granted = g_task_propagate_boolean (G_TASK (result), &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/**
 * ferryd_unconstrained_close:
 * @self: who asks
 *
 * The service ends: every question is taken back and answered, and none is asked any more.
 */
void
ferryd_unconstrained_close (FerrydUnconstrained *self)
{
  GHashTableIter iter;
  gpointer question;

  self->closed = TRUE;
  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, NULL, &question))
    {
      refuse (question);
      g_hash_table_iter_init (&iter, self->open);
    }
}

static void
ferryd_unconstrained_dispose (GObject *object)
{
  FerrydUnconstrained *self = FERRYD_UNCONSTRAINED (object);

  if (self->notifier != NULL)
    g_signal_handlers_disconnect_by_data (self->notifier, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->notifier);
  g_clear_object (&self->clock);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ferryd_unconstrained_parent_class)->dispose (object);
}

static void
ferryd_unconstrained_finalize (GObject *object)
{
  /* Empty: each question holds a reference by its task. */
  g_hash_table_unref (FERRYD_UNCONSTRAINED (object)->open);
  G_OBJECT_CLASS (ferryd_unconstrained_parent_class)->finalize (object);
}

static void
ferryd_unconstrained_class_init (FerrydUnconstrainedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_unconstrained_dispose;
  object_class->finalize = ferryd_unconstrained_finalize;
}

static void
ferryd_unconstrained_init (FerrydUnconstrained *self)
{
  self->open = g_hash_table_new (g_str_hash, g_str_equal);
}

/**
 * ferryd_unconstrained_new:
 * @queue: whose operations it is about
 * @notifier: asks
 * @clock: for its patience
 * @settings: what that derives from
 *
 * Returns: (transfer full): who asks
 */
FerrydUnconstrained *
ferryd_unconstrained_new (FerrydQueue *queue, FerrydNotifier *notifier, FerrydClock *clock,
                          FerrydSettings *settings)
{
  FerrydUnconstrained *self = g_object_new (FERRYD_TYPE_UNCONSTRAINED, NULL);

  self->queue = g_object_ref (queue);
  self->notifier = g_object_ref (notifier);
  self->clock = g_object_ref (clock);
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (notifier, "action-invoked", G_CALLBACK (on_action), self);
  g_signal_connect_swapped (notifier, "closed", G_CALLBACK (on_closed), self);
  return self;
}
