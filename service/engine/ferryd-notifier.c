/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-notifier.h"

G_DEFINE_INTERFACE (FerrydNotifier, ferryd_notifier, G_TYPE_OBJECT)

static guint action_invoked_signal;
static guint closed_signal;

static void
ferryd_notifier_default_init (FerrydNotifierInterface *iface)
{
  action_invoked_signal =
      g_signal_new ("action-invoked", FERRYD_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  closed_signal = g_signal_new ("closed", FERRYD_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_INT);
}

/**
 * ferryd_notifier_show_async:
 * @self: a notifier
 * @id: how the caller calls it
 * @notification: what is shown
 * @callback: told when it is
 * @user_data: for @callback
 */
void
ferryd_notifier_show_async (FerrydNotifier *self, const char *id, const FerrydNotification *notification,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  FERRYD_NOTIFIER_GET_IFACE (self)->show_async (self, id, notification, callback, user_data);
}

/**
 * ferryd_notifier_show_finish:
 * @self: a notifier
 * @result: what the callback was given
 * @error: return location for why it is not shown
 *
 * Returns: whether it is shown
 */
gboolean
ferryd_notifier_show_finish (FerrydNotifier *self, GAsyncResult *result, GError **error)
{
  return FERRYD_NOTIFIER_GET_IFACE (self)->show_finish (self, result, error);
}

/**
 * ferryd_notifier_withdraw:
 * @self: a notifier
 * @id: a notification, or one that is no more
 */
void
ferryd_notifier_withdraw (FerrydNotifier *self, const char *id)
{
  FERRYD_NOTIFIER_GET_IFACE (self)->withdraw (self, id);
}

/**
 * ferryd_notifier_emit_action:
 * @self: a notifier
 * @id: a notification that is shown
 * @key: of the action
 * @token: (nullable): for the activation that follows
 */
void
ferryd_notifier_emit_action (FerrydNotifier *self, const char *id, const char *key, const char *token)
{
  g_signal_emit (self, action_invoked_signal, 0, id, key, token);
}

/**
 * ferryd_notifier_emit_closed:
 * @self: a notifier
 * @id: a notification that was shown
 * @end: why it is no more
 */
void
ferryd_notifier_emit_closed (FerrydNotifier *self, const char *id, FerrydNotificationEnd end)
{
  g_signal_emit (self, closed_signal, 0, id, (int) end);
}
