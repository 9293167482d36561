/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-notifier.h"

struct _FerrydFakeNotifier
{
  GObject parent_instance;

  GHashTable *shown; /* (owned) (element-type utf8 utf8): id → what it says */
  gboolean present;  /* somebody shows notifications */
};

static void ferryd_fake_notifier_notifier_init (FerrydNotifierInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeNotifier, ferryd_fake_notifier, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_NOTIFIER,
                                                      ferryd_fake_notifier_notifier_init))

static const char *
or_none (const char *text)
{
  return text != NULL ? text : "";
}

static char *
describe (const FerrydNotification *notification)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s|%s|%s|%s|%s", notification->application, notification->title,
                          or_none (notification->body), or_none (notification->icon),
                          or_none (notification->default_action));
  for (guint i = 0; i < notification->n_actions; i++)
    g_string_append_printf (text, "|%s=%s", notification->actions[i].key, notification->actions[i].label);
  return g_string_free (text, FALSE);
}

static void
ferryd_fake_notifier_show_async (FerrydNotifier *notifier, const char *id,
                                 const FerrydNotification *notification, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  FerrydFakeNotifier *self = FERRYD_FAKE_NOTIFIER (notifier);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_fake_notifier_show_async);
  if (!self->present)
    {
      g_hash_table_remove (self->shown, id);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Nobody is there");
      return;
    }
  g_hash_table_insert (self->shown, g_strdup (id), describe (notification));
  g_task_return_boolean (task, TRUE);
}

static gboolean
ferryd_fake_notifier_show_finish (FerrydNotifier *notifier, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_fake_notifier_withdraw (FerrydNotifier *notifier, const char *id)
{
  g_hash_table_remove (FERRYD_FAKE_NOTIFIER (notifier)->shown, id);
}

static void
ferryd_fake_notifier_finalize (GObject *object)
{
  g_hash_table_unref (FERRYD_FAKE_NOTIFIER (object)->shown);
  G_OBJECT_CLASS (ferryd_fake_notifier_parent_class)->finalize (object);
}

static void
ferryd_fake_notifier_class_init (FerrydFakeNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_notifier_finalize;
}

static void
ferryd_fake_notifier_init (FerrydFakeNotifier *self)
{
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->present = TRUE;
}

static void
ferryd_fake_notifier_notifier_init (FerrydNotifierInterface *iface)
{
  iface->show_async = ferryd_fake_notifier_show_async;
  iface->show_finish = ferryd_fake_notifier_show_finish;
  iface->withdraw = ferryd_fake_notifier_withdraw;
}

/**
 * ferryd_fake_notifier_new:
 *
 * Returns: (transfer full): a notifier with somebody there who can answer
 */
FerrydFakeNotifier *
ferryd_fake_notifier_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_NOTIFIER, NULL);
}

/**
 * ferryd_fake_notifier_set_present:
 * @self: a notifier
 * @present: whether somebody shows notifications from now on
 */
void
ferryd_fake_notifier_set_present (FerrydFakeNotifier *self, gboolean present)
{
  const char *id;

  self->present = present;
  while (!present && (id = ferryd_fake_notifier_peek_id (self)) != NULL)
    ferryd_fake_notifier_close (self, id, FERRYD_NOTIFICATION_GONE);
}

/**
 * ferryd_fake_notifier_count:
 * @self: a notifier
 *
 * Returns: how many are shown
 */
guint
ferryd_fake_notifier_count (FerrydFakeNotifier *self)
{
  return g_hash_table_size (self->shown);
}

/**
 * ferryd_fake_notifier_peek_id:
 * @self: a notifier
 *
 * Returns: (transfer none) (nullable): id of any that is shown
 */
const char *
ferryd_fake_notifier_peek_id (FerrydFakeNotifier *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->shown);
  return g_hash_table_iter_next (&iter, &id, NULL) ? id : NULL;
}

/**
 * ferryd_fake_notifier_peek_text:
 * @self: a notifier
 * @id: a notification
 *
 * Returns: (transfer none) (nullable): what it says, NULL where it is not shown
 */
const char *
ferryd_fake_notifier_peek_text (FerrydFakeNotifier *self, const char *id)
{
  return g_hash_table_lookup (self->shown, id);
}

/**
 * ferryd_fake_notifier_invoke:
 * @self: a notifier
 * @id: a notification that is shown
 * @key: what the user chooses
 */
void
ferryd_fake_notifier_invoke (FerrydFakeNotifier *self, const char *id, const char *key)
{
  g_autofree char *copy = g_strdup (id);

  g_assert_true (g_hash_table_contains (self->shown, copy));
  ferryd_notifier_emit_action (FERRYD_NOTIFIER (self), copy, key, "token");
}

/**
 * ferryd_fake_notifier_close:
 * @self: a notifier
 * @id: a notification that is shown
 * @end: why it goes
 */
void
ferryd_fake_notifier_close (FerrydFakeNotifier *self, const char *id, FerrydNotificationEnd end)
{
  g_autofree char *copy = g_strdup (id);

  g_assert_true (g_hash_table_remove (self->shown, copy));
  ferryd_notifier_emit_closed (FERRYD_NOTIFIER (self), copy, end);
}
