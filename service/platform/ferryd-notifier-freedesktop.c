/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-notifier-freedesktop.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define INTERFACE "org.freedesktop.Notifications"

/* Who hangs answers when it goes on, and who leaves is answered for by the bus. */
#define NO_TIMEOUT G_MAXINT

/* What the specification calls the activation of the notification itself. */
#define DEFAULT_KEY "default"

/* How long it is shown (expire_timeout): as long as whoever shows it finds right; a question until it is
 * answered or withdrawn. */
#define SERVER_DECIDES (-1)
#define NEVER_EXPIRES 0

/* Reasons of NotificationClosed. */
#define REASON_EXPIRED 1
#define REASON_DISMISSED 2

/**
 * Shown:
 * @notifier: (unowned): whose it is; NULL once that has gone
 * @id: (owned): the caller's
 * @application: (owned)
 * @title: (owned)
 * @body: (owned): plain text
 * @icon: (owned)
 * @actions: (owned): `as` of keys and labels
 * @default_action: (owned) (nullable)
 * @token: (owned) (nullable): came for the action that is to follow
 * @task: (owned) (nullable): until it is shown
 * @number: the server's id, 0 until it is shown
 * @asks: it is a question
 * @withdrawn: nobody wants it any more; it is freed when the server has said its id
 *
 * A notification, from the call to its end.
 */
typedef struct
{
  FerrydNotifierFreedesktop *notifier;
  char *id;
  char *application;
  char *title;
  char *body;
  char *icon;
  GVariant *actions;
  char *default_action;
  char *token;
  GTask *task;
  guint32 number;
  gboolean asks;
  gboolean withdrawn;
} Shown;

struct _FerrydNotifierFreedesktop
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  GHashTable *shown;  /* (owned) (element-type utf8 Shown): by the caller's id; those not withdrawn */
  guint subscription; /* 0 while nothing is shown */
  guint watch;        /* of the server's name, 0 while nothing is shown */
};

static void ferryd_notifier_freedesktop_notifier_init (FerrydNotifierInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydNotifierFreedesktop, ferryd_notifier_freedesktop, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_NOTIFIER,
                                                      ferryd_notifier_freedesktop_notifier_init))

static void
shown_free (Shown *shown)
{
  g_free (shown->id);
  g_free (shown->application);
  g_free (shown->title);
  g_free (shown->body);
  g_free (shown->icon);
  g_variant_unref (shown->actions);
  g_free (shown->default_action);
  g_free (shown->token);
  g_clear_object (&shown->task);
  g_free (shown);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shown, shown_free)

/* Listening. */

static void
stop_listening (FerrydNotifierFreedesktop *self)
{
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
  self->subscription = 0;
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
}

/* Takes it out of the table without freeing it. */
static void
take_out (FerrydNotifierFreedesktop *self, Shown *shown)
{
  g_hash_table_steal (self->shown, shown->id);
  if (g_hash_table_size (self->shown) == 0)
    stop_listening (self);
}

static void
end (FerrydNotifierFreedesktop *self, Shown *shown, FerrydNotificationEnd how)
{
  g_autoptr (Shown) owned = shown;

  take_out (self, shown);
  ferryd_notifier_emit_closed (FERRYD_NOTIFIER (self), shown->id, how);
}

/* @number: 0 for any that is shown. */
static Shown *
find_shown (FerrydNotifierFreedesktop *self, guint32 number)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Shown *shown = value;

      if (shown->number != 0 && (number == 0 || shown->number == number))
        return shown;
    }
  return NULL;
}

static void
invoke (FerrydNotifierFreedesktop *self, const Shown *shown, const char *key)
{
  g_autofree char *id = g_strdup (shown->id);
  g_autofree char *token = g_strdup (shown->token);
  g_autofree char *action = g_strdup (
      g_str_equal (key, DEFAULT_KEY) && shown->default_action != NULL ? shown->default_action : key);

  ferryd_notifier_emit_action (FERRYD_NOTIFIER (self), id, action, token);
}

/* Servers tell everybody or only who showed it; what others show has numbers of its own. */
static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  g_autoptr (FerrydNotifierFreedesktop) self = g_object_ref (user_data);
  guint32 number, reason;
  const char *text;
  Shown *shown;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    {
      g_variant_get (parameters, "(u&s)", &number, &text);
      shown = number != 0 ? find_shown (self, number) : NULL;
      if (shown != NULL && g_str_equal (signal, "ActivationToken"))
        {
          g_free (shown->token);
          shown->token = g_strdup (text);
        }
      else if (shown != NULL && g_str_equal (signal, "ActionInvoked"))
        invoke (self, shown, text);
    }
  else if (g_str_equal (signal, "NotificationClosed") &&
           g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    {
      g_variant_get (parameters, "(uu)", &number, &reason);
      shown = number != 0 ? find_shown (self, number) : NULL;
      if (shown != NULL)
        end (self, shown,
             reason == REASON_EXPIRED     ? FERRYD_NOTIFICATION_EXPIRED
             : reason == REASON_DISMISSED ? FERRYD_NOTIFICATION_DISMISSED
                                          : FERRYD_NOTIFICATION_GONE);
    }
}

/* Whoever comes next knows nothing of what its predecessor showed. What is not shown yet, the bus answers. */
static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  g_autoptr (FerrydNotifierFreedesktop) self = g_object_ref (user_data);
  Shown *shown;

  while ((shown = find_shown (self, 0)) != NULL)
    end (self, shown, FERRYD_NOTIFICATION_GONE);
}

/* Before the call that shows something, so that nothing is missed. */
static void
listen (FerrydNotifierFreedesktop *self)
{
  if (self->subscription != 0)
    return;
  self->subscription = g_dbus_connection_signal_subscribe (
      self->connection, NAME, INTERFACE, NULL, PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  self->watch = g_bus_watch_name_on_connection (self->connection, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                on_vanished, self, NULL);
}

/* Showing. */

static void
close_number (GDBusConnection *connection, guint32 number)
{
  g_dbus_connection_call (connection, NAME, PATH, INTERFACE, "CloseNotification",
                          g_variant_new ("(u)", number), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL,
                          NULL, NULL);
}

/* (transfer full) @shown. */
static void
fail (Shown *shown, GError *error)
{
  g_autoptr (Shown) owned = shown;
  g_autoptr (GTask) task = g_steal_pointer (&shown->task);
  g_autoptr (GError) cause = error;

  if (shown->withdrawn)
    return;
  take_out (shown->notifier, shown);
  g_debug ("Notification %s is not shown: %s", shown->id, cause->message);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "Nobody shows notifications: %s",
                           cause->message);
}

static void
on_notified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  Shown *shown = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (connection, result, &error);
  guint32 number;

  if (reply == NULL)
    {
      fail (shown, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(u)", &number);
  if (number == 0)
    fail (shown, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "0 is no id of a notification"));
  else if (shown->withdrawn)
    {
      close_number (connection, number);
      shown_free (shown);
    }
  else
    {
      g_autoptr (GTask) task = g_steal_pointer (&shown->task);

      shown->number = number;
      g_task_return_boolean (task, TRUE);
    }
}

/* With its actions, whatever the server says of itself: who has no buttons leaves them out, and not all who
 * have some tell so. */
static void
notify (GDBusConnection *connection, Shown *shown, gboolean markup)
{
  g_autofree char *body = markup ? g_markup_escape_text (shown->body, -1) : g_strdup (shown->body);
  GVariantBuilder hints;

  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  if (shown->application[0] != '\0')
    g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (shown->application));
  g_dbus_connection_call (
      connection, NAME, PATH, INTERFACE, "Notify",
      g_variant_new ("(susss@asa{sv}i)", shown->application[0] != '\0' ? shown->application : "Ferry", 0,
                     shown->icon, shown->title, body, shown->actions, &hints,
                     shown->asks ? NEVER_EXPIRES : SERVER_DECIDES),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, NO_TIMEOUT, NULL, on_notified, shown);
}

/* Asked each time: the next server may be another one. */
static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  Shown *shown = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (connection, result, &error);
  g_autofree const char **capabilities = NULL;

  if (reply == NULL || shown->withdrawn)
    {
      fail (shown, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(^a&s)", &capabilities);
  notify (connection, shown, g_strv_contains (capabilities, "body-markup"));
}

static GVariant *
build_actions (const FerrydNotification *notification)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  if (notification->default_action != NULL)
    {
      g_variant_builder_add (&builder, "s", DEFAULT_KEY);
      g_variant_builder_add (&builder, "s", "");
    }
  for (guint i = 0; i < notification->n_actions; i++)
    {
      g_variant_builder_add (&builder, "s", notification->actions[i].key);
      g_variant_builder_add (&builder, "s", notification->actions[i].label);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static char *
get_icon (const FerrydNotification *notification)
{
  if (notification->icon == NULL)
    return g_strdup ("");
  if (!g_path_is_absolute (notification->icon))
    return g_strdup (notification->icon);
  return g_filename_to_uri (notification->icon, NULL, NULL);
}

static void
ferryd_notifier_freedesktop_show_async (FerrydNotifier *notifier, const char *id,
                                        const FerrydNotification *notification, GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  FerrydNotifierFreedesktop *self = FERRYD_NOTIFIER_FREEDESKTOP (notifier);
  Shown *shown = g_new0 (Shown, 1);

  ferryd_notifier_withdraw (notifier, id);
  shown->notifier = self;
  shown->id = g_strdup (id);
  shown->application = g_strdup (notification->application);
  shown->title = g_strdup (notification->title);
  shown->body = g_strdup (notification->body != NULL ? notification->body : "");
  shown->icon = get_icon (notification);
  shown->actions = build_actions (notification);
  shown->default_action = g_strdup (notification->default_action);
  shown->asks = notification->asks;
  shown->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (shown->task, ferryd_notifier_freedesktop_show_async);
  g_hash_table_insert (self->shown, shown->id, shown);
  listen (self);
  g_dbus_connection_call (self->connection, NAME, PATH, INTERFACE, "GetCapabilities", NULL,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, NO_TIMEOUT, NULL, on_capabilities,
                          shown);
}

static gboolean
ferryd_notifier_freedesktop_show_finish (FerrydNotifier *notifier, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Nobody hears of it any more; the server is told as soon as its number is known. */
static void
forget (Shown *shown)
{
  g_autoptr (GTask) task = g_steal_pointer (&shown->task);

  shown->withdrawn = TRUE;
  shown->notifier = NULL;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Notification %s was withdrawn",
                           shown->id);
}

static void
ferryd_notifier_freedesktop_withdraw (FerrydNotifier *notifier, const char *id)
{
  FerrydNotifierFreedesktop *self = FERRYD_NOTIFIER_FREEDESKTOP (notifier);
  Shown *shown = g_hash_table_lookup (self->shown, id);

  if (shown == NULL)
    return;
  take_out (self, shown);
  if (shown->number == 0)
    {
      forget (shown);
      return;
    }
  close_number (self->connection, shown->number);
  shown_free (shown);
}

/* What is shown stays for the user to see. Those not shown yet hold a reference by their task. */
static void
ferryd_notifier_freedesktop_dispose (GObject *object)
{
  FerrydNotifierFreedesktop *self = FERRYD_NOTIFIER_FREEDESKTOP (object);

  if (self->connection != NULL)
    stop_listening (self);
  g_hash_table_remove_all (self->shown);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_notifier_freedesktop_parent_class)->dispose (object);
}

static void
ferryd_notifier_freedesktop_finalize (GObject *object)
{
  g_hash_table_unref (FERRYD_NOTIFIER_FREEDESKTOP (object)->shown);
  G_OBJECT_CLASS (ferryd_notifier_freedesktop_parent_class)->finalize (object);
}

static void
ferryd_notifier_freedesktop_class_init (FerrydNotifierFreedesktopClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_notifier_freedesktop_dispose;
  object_class->finalize = ferryd_notifier_freedesktop_finalize;
}

static void
ferryd_notifier_freedesktop_init (FerrydNotifierFreedesktop *self)
{
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) shown_free);
}

static void
ferryd_notifier_freedesktop_notifier_init (FerrydNotifierInterface *iface)
{
  iface->show_async = ferryd_notifier_freedesktop_show_async;
  iface->show_finish = ferryd_notifier_freedesktop_show_finish;
  iface->withdraw = ferryd_notifier_freedesktop_withdraw;
}

/**
 * ferryd_notifier_freedesktop_new:
 * @connection: the session bus
 *
 * Asks nobody anything until there is something to show.
 *
 * Returns: (transfer full): a notifier
 */
FerrydNotifier *
ferryd_notifier_freedesktop_new (GDBusConnection *connection)
{
  FerrydNotifierFreedesktop *self = g_object_new (FERRYD_TYPE_NOTIFIER_FREEDESKTOP, NULL);

  self->connection = g_object_ref (connection);
  return FERRYD_NOTIFIER (self);
}
