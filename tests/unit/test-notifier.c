/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-notifier-freedesktop.h"
#include "ferryd-signal-log.h"

/* The notifier on a bus of its own, with a server that this test plays. */

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

static const char introspection[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "</interface></node>";

/**
 * Fixture:
 * @server: (nullable): the connection of who shows notifications
 * @capabilities: (nullable): what it says it can
 * @held: (owned) (nullable): a Notify that is not answered yet
 * @hold: Notify is not answered at once
 * @said: (owned): what Notify was given, less what is the same each time
 * @closed: (owned): numbers of CloseNotification
 * @answers: (owned): how show ended, `ok` or the error
 */
typedef struct
{
  GTestDBus *bus;
  GDBusConnection *client;
  GDBusConnection *server;
  FerrydNotifier *notifier;
  FerrydSignalLog *log;
  const char *const *capabilities;
  GDBusMethodInvocation *held;
  gboolean hold;
  GString *said;
  GString *closed;
  GString *answers;
  guint last;
} Fixture;

static const char *const all[] = { "actions", "body", "body-markup", NULL };
static const char *const no_markup[] = { "actions", "body", NULL };
static const char *const no_actions[] = { "body", NULL };

static void
answer (Fixture *fixture, GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", ++fixture->last));
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (g_str_equal (method, "GetCapabilities"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^as)", fixture->capabilities));
  else if (g_str_equal (method, "CloseNotification"))
    {
      guint32 number;

      g_variant_get (parameters, "(u)", &number);
      g_string_append_printf (fixture->closed, "%u ", number);
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
  else
    {
      g_autofree char *text = g_variant_print (parameters, FALSE);

      g_string_append (fixture->said, text);
      if (fixture->hold)
        fixture->held = invocation;
      else
        answer (fixture, invocation);
    }
}

static GDBusConnection *
connect (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (fixture->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, &error);

  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

static void
start_server (Fixture *fixture, const char *const *capabilities)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autoptr (GVariant) reply = NULL;

  fixture->capabilities = capabilities;
  fixture->server = connect (fixture);
  g_dbus_connection_register_object (fixture->server, PATH, info->interfaces[0], &vtable, fixture, NULL,
                                     NULL);
  reply = g_dbus_connection_call_sync (fixture->server, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", NAME, 0),
                                       NULL, 0, -1, NULL, NULL);
  g_assert_nonnull (reply);
}

static void
stop_server (Fixture *fixture)
{
  g_dbus_connection_close_sync (fixture->server, NULL, NULL);
  g_clear_object (&fixture->server);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (fixture->bus);
  fixture->client = connect (fixture);
  fixture->notifier = ferryd_notifier_freedesktop_new (fixture->client);
  fixture->log = ferryd_signal_log_new (fixture->notifier);
  fixture->said = g_string_new (NULL);
  fixture->closed = g_string_new (NULL);
  fixture->answers = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ferryd_signal_log_free (fixture->log);
  g_assert_finalize_object (fixture->notifier);
  if (fixture->server != NULL)
    stop_server (fixture);
  g_dbus_connection_close_sync (fixture->client, NULL, NULL);
  g_object_unref (fixture->client);
  g_test_dbus_stop (fixture->bus);
  g_object_unref (fixture->bus);
  g_string_free (fixture->said, TRUE);
  g_string_free (fixture->closed, TRUE);
  g_string_free (fixture->answers, TRUE);
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  if (ferryd_notifier_show_finish (FERRYD_NOTIFIER (source), result, &error))
    g_string_append (fixture->answers, "ok ");
  else
    g_string_append (fixture->answers, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? "nobody "
                                       : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                           ? "withdrawn "
                                           : error->message);
}

static void
show (Fixture *fixture, const char *id, gboolean asks)
{
  static const FerrydNotificationAction actions[] = { { "yes", "Ja" }, { "no", "Nein" } };
  const FerrydNotification notification = {
    .application = "org.example.App",
    .title = "<Title>",
    .body = "a & <b>",
    .icon = "/tmp/an icon.png",
    .default_action = "open",
    .actions = actions,
    .n_actions = G_N_ELEMENTS (actions),
    .asks = asks,
  };

  ferryd_notifier_show_async (fixture->notifier, id, &notification, on_shown, fixture);
}

#define WAIT_UNTIL(condition) \
  while (!(condition))        \
  g_main_context_iteration (NULL, TRUE)

/* What the server has said has come by then, and what the client makes of it has come to the server: each
 * asks the bus something, which answers in order, once to send what it has to say and once to hear what was
 * said. */
static void
settle (Fixture *fixture)
{
  GDBusConnection *connections[] = { fixture->client, fixture->server, fixture->client,
                                     fixture->client, fixture->server, fixture->client };

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    {
      g_autoptr (GVariant) reply = NULL;

      if (connections[i] == NULL)
        continue;
      reply = g_dbus_connection_call_sync (connections[i], "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                           "org.freedesktop.DBus", "GetId", NULL, NULL, 0, -1, NULL, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
emit (Fixture *fixture, const char *signal, GVariant *parameters)
{
  g_dbus_connection_emit_signal (fixture->server, NULL, PATH, NAME, signal, parameters, NULL);
  settle (fixture);
}

static void
test_shows (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, all);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > 0);
  g_assert_cmpstr (fixture->answers->str, ==, "ok ");
  g_assert_cmpstr (fixture->said->str, ==,
                   "('org.example.App', 0, 'file:///tmp/an%20icon.png', '<Title>', 'a &amp; &lt;b&gt;', "
                   "['default', '', 'yes', 'Ja', 'no', 'Nein'], {'desktop-entry': <'org.example.App'>}, -1)");
}

static void
test_less_capable (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, no_markup);
  show (fixture, "a", TRUE);
  WAIT_UNTIL (fixture->answers->len > 0);
  g_assert_nonnull (strstr (fixture->said->str, "'a & <b>'"));
  fixture->capabilities = no_actions;
  g_string_truncate (fixture->said, 0);
  show (fixture, "b", TRUE);
  WAIT_UNTIL (fixture->answers->len > strlen ("ok "));
  settle (fixture);
  /* It is told what could be pressed all the same: not every server that has buttons says so. */
  g_assert_cmpstr (fixture->answers->str, ==, "ok ok ");
  g_assert_nonnull (strstr (fixture->said->str, "'yes', 'Ja', 'no', 'Nein'], {"));
}

static void
test_signals (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, all);
  show (fixture, "a", TRUE);
  show (fixture, "b", TRUE);
  show (fixture, "c", TRUE);
  WAIT_UNTIL (strlen (fixture->answers->str) == strlen ("ok ok ok "));
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 99, "yes"));
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 0, 2));
  emit (fixture, "ActivationToken", g_variant_new ("(us)", 2, "tok"));
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 1, "yes"));
  ferryd_signal_log_expect (fixture->log, "action-invoked (\"a\", \"yes\", NULL)");
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 2, "default"));
  ferryd_signal_log_expect (fixture->log, "action-invoked (\"b\", \"open\", \"tok\")");
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 2, 2));
  ferryd_signal_log_expect (fixture->log, "closed (\"b\", %d)", FERRYD_NOTIFICATION_DISMISSED);
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 2, 2));
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 3, 1));
  ferryd_signal_log_expect (fixture->log, "closed (\"c\", %d)", FERRYD_NOTIFICATION_EXPIRED);
  emit (fixture, "NotificationClosed", g_variant_new ("(s)", "nonsense"));
  emit (fixture, "ActionInvoked", g_variant_new ("(u)", 1));
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 1, 4));
  ferryd_signal_log_expect (fixture->log, "closed (\"a\", %d)", FERRYD_NOTIFICATION_GONE);
}

static void
test_nobody (Fixture *fixture, gconstpointer data)
{
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > 0);
  g_assert_cmpstr (fixture->answers->str, ==, "nobody ");
  ferryd_notifier_withdraw (fixture->notifier, "a");
  start_server (fixture, all);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > strlen ("nobody "));
  g_assert_cmpstr (fixture->answers->str, ==, "nobody ok ");
}

static void
test_server_leaves (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, all);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > 0);
  fixture->hold = TRUE;
  show (fixture, "b", FALSE);
  WAIT_UNTIL (fixture->held != NULL);
  stop_server (fixture);
  g_clear_object (&fixture->held);
  WAIT_UNTIL (strlen (fixture->answers->str) == strlen ("ok nobody "));
  settle (fixture);
  g_assert_cmpstr (fixture->answers->str, ==, "ok nobody ");
  ferryd_signal_log_expect (fixture->log, "closed (\"a\", %d)", FERRYD_NOTIFICATION_GONE);

  /* The next one gives the same numbers to others. */
  fixture->hold = FALSE;
  fixture->last = 0;
  start_server (fixture, all);
  show (fixture, "c", FALSE);
  WAIT_UNTIL (strlen (fixture->answers->str) == strlen ("ok nobody ok "));
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 1, "yes"));
  ferryd_signal_log_expect (fixture->log, "action-invoked (\"c\", \"yes\", NULL)");
}

static void
test_withdraws (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, all);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > 0);
  ferryd_notifier_withdraw (fixture->notifier, "a");
  settle (fixture);
  g_assert_cmpstr (fixture->closed->str, ==, "1 ");
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 1, 3));

  /* Before the server has said its number. */
  fixture->hold = TRUE;
  show (fixture, "b", FALSE);
  WAIT_UNTIL (fixture->held != NULL);
  ferryd_notifier_withdraw (fixture->notifier, "b");
  WAIT_UNTIL (strlen (fixture->answers->str) > strlen ("ok "));
  g_assert_cmpstr (fixture->answers->str, ==, "ok withdrawn ");
  answer (fixture, g_steal_pointer (&fixture->held));
  settle (fixture);
  g_assert_cmpstr (fixture->closed->str, ==, "1 2 ");

  /* Before the server has even been told. */
  g_string_truncate (fixture->said, 0);
  show (fixture, "c", FALSE);
  ferryd_notifier_withdraw (fixture->notifier, "c");
  settle (fixture);
  g_assert_cmpstr (fixture->said->str, ==, "");
}

static void
test_replaces (Fixture *fixture, gconstpointer data)
{
  start_server (fixture, all);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (fixture->answers->len > 0);
  show (fixture, "a", FALSE);
  WAIT_UNTIL (strlen (fixture->answers->str) == strlen ("ok ok "));
  settle (fixture);
  g_assert_cmpstr (fixture->closed->str, ==, "1 ");
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 1, "yes"));
  emit (fixture, "ActionInvoked", g_variant_new ("(us)", 2, "yes"));
  ferryd_signal_log_expect (fixture->log, "action-invoked (\"a\", \"yes\", NULL)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/notifier/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("shows", test_shows);
  ADD ("less-capable", test_less_capable);
  ADD ("signals", test_signals);
  ADD ("nobody", test_nobody);
  ADD ("server-leaves", test_server_leaves);
  ADD ("withdraws", test_withdraws);
  ADD ("replaces", test_replaces);
#undef ADD
  return g_test_run ();
}
