/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydNotificationAction:
 * @key: what `action-invoked` names; not `default`
 * @label: for people, translated
 *
 * A button.
 */
typedef struct
{
  const char *key;
  const char *label;
} FerrydNotificationAction;

/**
 * FerrydNotification:
 * @application: id of the desktop application it comes from (its desktop file's name without the suffix),
 *   `""` where it is the service's own or nobody's
 * @title: one line, plain text
 * @body: (nullable): plain text; markup in it is shown, not obeyed
 * @icon: (nullable): a name of the icon theme, an absolute path or a `file:` URI; NULL for the application's
 * @default_action: (nullable): what `action-invoked` names when the notification itself is activated; NULL
 *   where that means nothing
 * @actions: (nullable) (array length=n_actions): its buttons, in order
 * @asks: it is a question, and stays until it is answered or withdrawn
 *
 * What is shown to the user. Borrowed for the call.
 */
typedef struct
{
  const char *application;
  const char *title;
  const char *body;
  const char *icon;
  const char *default_action;
  const FerrydNotificationAction *actions;
  guint n_actions;
  gboolean asks;
} FerrydNotification;

/**
 * FerrydNotificationEnd:
 * @FERRYD_NOTIFICATION_DISMISSED: by the user, by using it or by closing it
 * @FERRYD_NOTIFICATION_EXPIRED: it was there long enough
 * @FERRYD_NOTIFICATION_GONE: who showed it has left, or did not say why
 *
 * Why a notification is no more.
 */
typedef enum
{
  FERRYD_NOTIFICATION_DISMISSED,
  FERRYD_NOTIFICATION_EXPIRED,
  FERRYD_NOTIFICATION_GONE,
} FerrydNotificationEnd;

#define FERRYD_TYPE_NOTIFIER (ferryd_notifier_get_type ())
G_DECLARE_INTERFACE (FerrydNotifier, ferryd_notifier, FERRYD, NOTIFIER, GObject)

/**
 * FerrydNotifierInterface:
 * @show_async: shows @notification, which the caller knows by @id from now on; one of that id that is still
 *   shown is withdrawn first. Answered when it is shown, or with G_IO_ERROR_NOT_FOUND: nobody is there who
 *   shows notifications; with G_IO_ERROR_CANCELLED: it was withdrawn before. Who shows notifications and
 * hangs is waited for without a limit.
 * @withdraw: takes it away, or sees to it that it is not shown. No signal follows. Unknown ids are passed
 *   over.
 *
 * Says something to the user, and hears the answer. Main thread only; no call blocks; where nobody shows
 * notifications that is an answer and not a failure.
 *
 * Signals, in the main thread, for what was shown and not withdrawn:
 * - `action-invoked` (id, key, activation token or NULL): a button, or the default action. The token lets
 *   whoever is called raise its window (XDG_ACTIVATION_TOKEN)
 * - `closed` (id, FerrydNotificationEnd as an int): it is no more; once, and the last signal for it
 */
struct _FerrydNotifierInterface
{
  GTypeInterface parent;

  void (*show_async) (FerrydNotifier *self, const char *id, const FerrydNotification *notification,
                      GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*show_finish) (FerrydNotifier *self, GAsyncResult *result, GError **error);
  void (*withdraw) (FerrydNotifier *self, const char *id);
};

void ferryd_notifier_show_async (FerrydNotifier *self, const char *id, const FerrydNotification *notification,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_notifier_show_finish (FerrydNotifier *self, GAsyncResult *result, GError **error);
void ferryd_notifier_withdraw (FerrydNotifier *self, const char *id);

/* For implementations. */
void ferryd_notifier_emit_action (FerrydNotifier *self, const char *id, const char *key, const char *token);
void ferryd_notifier_emit_closed (FerrydNotifier *self, const char *id, FerrydNotificationEnd end);

G_END_DECLS
