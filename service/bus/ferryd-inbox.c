/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-inbox.h"

#include <string.h>

#include "ferry-names.h"

struct _FerrydInbox
{
  gatomicrefcount ref_count;
  GDBusConnection *connection; /* (owned) */
  GMainContext *context;       /* (owned): where calls are handed on */
  guint filter;
  FerrydInboxFunc func; /* (nullable): NULL when closed; main context only */
  gpointer user_data;   /* (unowned) */

  GMutex lock;      /* guards what follows */
  GQueue calls;     /* (element-type GDBusMessage): arrived, not handed on */
  guint64 arrived;  /* calls, ever */
  gint64 last;      /* when the last one arrived, g_get_monotonic_time() */
  guint64 answered; /* calls, ever */
  gboolean waking;  /* a source is on its way to the main context */
};

/**
 * ferryd_inbox_ref:
 * @inbox: an inbox
 *
 * Returns: (transfer full): @inbox
 */
FerrydInbox *
ferryd_inbox_ref (FerrydInbox *inbox)
{
  g_atomic_ref_count_inc (&inbox->ref_count);
  return inbox;
}

/**
 * ferryd_inbox_unref:
 * @inbox: (transfer full): an inbox
 */
void
ferryd_inbox_unref (FerrydInbox *inbox)
{
  if (!g_atomic_ref_count_dec (&inbox->ref_count))
    return;
  g_queue_clear_full (&inbox->calls, g_object_unref);
  g_mutex_clear (&inbox->lock);
  g_main_context_unref (inbox->context);
  g_object_unref (inbox->connection);
  g_free (inbox);
}

static gboolean
hand_on (gpointer user_data)
{
  FerrydInbox *inbox = user_data;
  GQueue calls;
  GDBusMessage *message;

  g_mutex_lock (&inbox->lock);
  calls = inbox->calls;
  g_queue_init (&inbox->calls);
  inbox->waking = FALSE;
  g_mutex_unlock (&inbox->lock);

  while ((message = g_queue_pop_head (&calls)) != NULL)
    {
      if (inbox->func != NULL)
        inbox->func (message, inbox->user_data);
      else
        ferryd_inbox_answered (inbox);
      g_object_unref (message);
    }
  return G_SOURCE_REMOVE;
}

/**
 * ferryd_inbox_is_ours:
 * @message: a message that has come in
 *
 * Returns: whether it is a call that the service's dispatcher answers. Peer's Ping and GetMachineId are left
 * to GDBus; the way down to the root object is answered for the sake of introspection.
 */
gboolean
ferryd_inbox_is_ours (GDBusMessage *message)
{
  const char *path, *interface;
  gsize length = strlen (FERRY_ROOT_PATH);

  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return FALSE;
  path = g_dbus_message_get_path (message);
  interface = g_dbus_message_get_interface (message);
  if (path == NULL || g_strcmp0 (interface, "org.freedesktop.DBus.Peer") == 0)
    return FALSE;
  if (strncmp (path, FERRY_ROOT_PATH, length) == 0 && (path[length] == '\0' || path[length] == '/'))
    return TRUE;
  if (g_strcmp0 (interface, "org.freedesktop.DBus.Introspectable") != 0)
    return FALSE;
  length = strlen (path);
  return strcmp (path, "/") == 0 ||
         (strncmp (path, FERRY_ROOT_PATH, length) == 0 && FERRY_ROOT_PATH[length] == '/');
}

/* In the connection's thread. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  FerrydInbox *inbox = user_data;
  gboolean wake;

  if (!incoming || !ferryd_inbox_is_ours (message))
    return message;

  g_mutex_lock (&inbox->lock);
  g_queue_push_tail (&inbox->calls, message);
  inbox->arrived++;
  inbox->last = g_get_monotonic_time ();
  wake = !inbox->waking;
  inbox->waking = TRUE;
  g_mutex_unlock (&inbox->lock);

  if (wake)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_static_name (source, "calls that have come in");
      g_source_set_callback (source, hand_on, ferryd_inbox_ref (inbox), (GDestroyNotify) ferryd_inbox_unref);
      g_source_attach (source, inbox->context);
    }
  return NULL;
}

/**
 * ferryd_inbox_open:
 * @connection: the session bus, on which the service does not own its name yet
 * @func: called in the thread-default main context for each call, which has to be answered by a call of
 *   ferryd_inbox_answered() at some time
 * @user_data: (not nullable): for @func; good until ferryd_inbox_close()
 *
 * Returns: (transfer full): an inbox
 */
FerrydInbox *
ferryd_inbox_open (GDBusConnection *connection, FerrydInboxFunc func, gpointer user_data)
{
  FerrydInbox *inbox = g_new0 (FerrydInbox, 1);

  g_atomic_ref_count_init (&inbox->ref_count);
  inbox->connection = g_object_ref (connection);
  inbox->context = g_main_context_ref_thread_default ();
  inbox->func = func;
  inbox->user_data = user_data;
  g_mutex_init (&inbox->lock);
  g_queue_init (&inbox->calls);
  inbox->filter = g_dbus_connection_add_filter (connection, on_message, ferryd_inbox_ref (inbox),
                                                (GDestroyNotify) ferryd_inbox_unref);
  return inbox;
}

/**
 * ferryd_inbox_close:
 * @inbox: an inbox
 *
 * Nothing is handed on any more.
 */
void
ferryd_inbox_close (FerrydInbox *inbox)
{
  inbox->func = NULL;
  g_dbus_connection_remove_filter (inbox->connection, inbox->filter);
}

/**
 * ferryd_inbox_answered:
 * @inbox: an inbox
 *
 * One call that was handed on has been answered: its reply is on its way.
 */
void
ferryd_inbox_answered (FerrydInbox *inbox)
{
  g_mutex_lock (&inbox->lock);
  inbox->answered++;
  g_mutex_unlock (&inbox->lock);
}

/**
 * ferryd_inbox_get_in_flight:
 * @inbox: an inbox
 *
 * Returns: calls that have arrived and are not answered, also those that the main context has not seen yet
 */
guint
ferryd_inbox_get_in_flight (FerrydInbox *inbox)
{
  guint in_flight;

  g_mutex_lock (&inbox->lock);
  in_flight = (guint) (inbox->arrived - inbox->answered);
  g_mutex_unlock (&inbox->lock);
  return in_flight;
}

/**
 * ferryd_inbox_get_last:
 * @inbox: the inbox
 *
 * Returns: when the last call arrived, as of g_get_monotonic_time(); 0 for none yet
 */
gint64
ferryd_inbox_get_last (FerrydInbox *inbox)
{
  gint64 last;

  g_mutex_lock (&inbox->lock);
  last = inbox->last;
  g_mutex_unlock (&inbox->lock);
  return last;
}
