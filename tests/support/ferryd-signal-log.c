/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-signal-log.h"

#include <string.h>

#include "ferryd-id.h"

struct _FerrydSignalLog
{
  GObject *object;  /* (owned) */
  guint ignored;    /* signal that is not written down; 0 for none */
  GArray *handlers; /* (owned) (element-type gulong): connected to @object */
  GQueue emissions; /* (element-type utf8) (owned): unread, oldest first */
};

/**
 * Watch:
 * @log: who wants to know
 * @signal: which signal
 *
 * What a handler is given.
 */
typedef struct
{
  FerrydSignalLog *log;
  guint signal;
} Watch;

static char *
describe_value (const GValue *value)
{
  char text[FERRYD_ID_TEXT_SIZE] = "none";

  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "TRUE" : "FALSE");
  if (G_VALUE_HOLDS_PARAM (value))
    return g_strdup (g_value_get_param (value)->name);
  if (!G_VALUE_HOLDS_POINTER (value))
    return g_strdup_value_contents (value);
  if (g_value_get_pointer (value) != NULL)
    ferryd_id_format (g_value_get_pointer (value), text);
  return g_strdup (text);
}

static void
record (GClosure *closure, GValue *result, guint n_values, const GValue *values, gpointer hint, gpointer data)
{
  Watch *watch = closure->data;
  g_autoptr (GString) text = g_string_new (g_signal_name (watch->signal));

  if (watch->signal == watch->log->ignored)
    return;
  /* The first one is the object. */
  g_string_append (text, " (");
  for (guint i = 1; i < n_values; i++)
    {
      g_autofree char *value = describe_value (&values[i]);

      g_string_append_printf (text, "%s%s", i > 1 ? ", " : "", value);
    }
  g_string_append_c (text, ')');
  g_queue_push_tail (&watch->log->emissions, g_strdup (text->str));
}

/**
 * ferryd_signal_log_ignore:
 * @log: a log
 * @name: of a signal that is not written down from now on, because it comes whenever others change
 */
void
ferryd_signal_log_ignore (FerrydSignalLog *log, const char *name)
{
  log->ignored = g_signal_lookup (name, G_OBJECT_TYPE (log->object));
}

static void
free_watch (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
watch_type (FerrydSignalLog *log, GType type)
{
  guint n_signals;
  g_autofree guint *signals = g_signal_list_ids (type, &n_signals);

  for (guint i = 0; i < n_signals; i++)
    {
      Watch *watch = g_new (Watch, 1);
      GClosure *closure = g_closure_new_simple (sizeof (GClosure), watch);
      gulong handler;

      watch->log = log;
      watch->signal = signals[i];
      g_closure_add_finalize_notifier (closure, watch, free_watch);
      g_closure_set_marshal (closure, record);
      handler = g_signal_connect_closure_by_id (log->object, signals[i], 0, closure, FALSE);
      g_array_append_val (log->handlers, handler);
    }
}

/**
 * ferryd_signal_log_new:
 * @object: (type GObject): whose signals are written down from now on, those of its interfaces too
 *
 * Returns: (transfer full): a log that keeps @object
 */
FerrydSignalLog *
ferryd_signal_log_new (gpointer object)
{
  FerrydSignalLog *log = g_new0 (FerrydSignalLog, 1);
  guint n_interfaces;
  g_autofree GType *interfaces = g_type_interfaces (G_OBJECT_TYPE (object), &n_interfaces);

  log->object = g_object_ref (object);
  log->handlers = g_array_new (FALSE, FALSE, sizeof (gulong));
  g_queue_init (&log->emissions);
  for (GType type = G_OBJECT_TYPE (object); type != G_TYPE_INVALID; type = g_type_parent (type))
    watch_type (log, type);
  for (guint i = 0; i < n_interfaces; i++)
    watch_type (log, interfaces[i]);
  return log;
}

/**
 * ferryd_signal_log_free:
 * @log: (transfer full): a log
 *
 * Fails the test where an emission was not read.
 */
void
ferryd_signal_log_free (FerrydSignalLog *log)
{
  for (GList *link = log->emissions.head; link != NULL; link = link->next)
    g_test_message ("unread: %s", (const char *) link->data);
  g_assert_cmpuint (log->emissions.length, ==, 0);

  for (guint i = 0; i < log->handlers->len; i++)
    g_signal_handler_disconnect (log->object, g_array_index (log->handlers, gulong, i));
  g_array_unref (log->handlers);
  g_object_unref (log->object);
  g_free (log);
}

/**
 * ferryd_signal_log_expect:
 * @log: a log
 * @format: the oldest unread emission, `name (argument, ...)`
 * @...: for @format
 *
 * Reads one emission; fails the test where it is another, or there is none.
 */
void
ferryd_signal_log_expect (FerrydSignalLog *log, const char *format, ...)
{
  g_autofree char *wanted = NULL;
  g_autofree char *emission = g_queue_pop_head (&log->emissions);
  va_list args;

  va_start (args, format);
  wanted = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_cmpstr (emission, ==, wanted);
}

/**
 * ferryd_signal_log_take:
 * @log: a log
 * @format: an unread emission, `name (argument, ...)`
 * @...: for @format
 *
 * Reads one emission wherever it stands, for where the order is not promised.
 *
 * Returns: whether there was one
 */
gboolean
ferryd_signal_log_take (FerrydSignalLog *log, const char *format, ...)
{
  g_autofree char *wanted = NULL;
  GList *link;
  va_list args;

  va_start (args, format);
  wanted = g_strdup_vprintf (format, args);
  va_end (args);
  link = g_queue_find_custom (&log->emissions, wanted, (GCompareFunc) strcmp);
  if (link == NULL)
    return FALSE;
  g_free (link->data);
  g_queue_delete_link (&log->emissions, link);
  return TRUE;
}

/**
 * ferryd_signal_log_skip:
 * @log: a log
 * @name: of a signal
 *
 * Reads every emission of @name, for where the test is about something else.
 *
 * Returns: how many there were
 */
guint
ferryd_signal_log_skip (FerrydSignalLog *log, const char *name)
{
  g_autofree char *prefix = g_strdup_printf ("%s (", name);
  GList *link = log->emissions.head;
  guint n = 0;

  while (link != NULL)
    {
      GList *next = link->next;

      if (g_str_has_prefix (link->data, prefix))
        {
          g_free (link->data);
          g_queue_delete_link (&log->emissions, link);
          n++;
        }
      link = next;
    }
  return n;
}

/**
 * ferryd_signal_log_count:
 * @log: a log
 *
 * Returns: how many emissions nobody has read
 */
guint
ferryd_signal_log_count (FerrydSignalLog *log)
{
  return log->emissions.length;
}
