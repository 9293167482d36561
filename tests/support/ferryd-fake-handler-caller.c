/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-handler-caller.h"

#include "ferry-error.h"

#define MISSING "org.example.Missing"

struct _FerrydFakeHandlerCaller
{
  GObject parent_instance;

  GHashTable *watched; /* (owned): names */
  GHashTable *running; /* (owned): names */
  GQueue waiting;      /* (element-type GTask): calls, whose data is what they say */
  guint count;         /* calls so far */
};

static void ferryd_fake_handler_caller_caller_init (FerrydHandlerCallerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeHandlerCaller, ferryd_fake_handler_caller, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_HANDLER_CALLER,
                                                      ferryd_fake_handler_caller_caller_init))

static void
ferryd_fake_handler_caller_check_async (FerrydHandlerCaller *caller, const char *name,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (caller, NULL, callback, user_data);

  if (g_str_equal (name, MISSING))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT, "handler-name: %s is missing",
                             name);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
ferryd_fake_handler_caller_check_finish (FerrydHandlerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  FerrydFakeHandlerCaller *self; /* (owned) */
  char *name;                    /* (owned) */
} Telling;

static gboolean
on_tell (gpointer user_data)
{
  Telling *telling = user_data;
  gboolean running = g_hash_table_contains (telling->self->running, telling->name);

  ferryd_handler_caller_emit_owner (FERRYD_HANDLER_CALLER (telling->self), telling->name, running);
  g_object_unref (telling->self);
  g_free (telling->name);
  g_free (telling);
  return G_SOURCE_REMOVE;
}

static void
ferryd_fake_handler_caller_watch (FerrydHandlerCaller *caller, const char *name)
{
  FerrydFakeHandlerCaller *self = FERRYD_FAKE_HANDLER_CALLER (caller);
  Telling *telling;

  /* The next queue asks again. */
  g_hash_table_add (self->watched, g_strdup (name));
  telling = g_new (Telling, 1);
  *telling = (Telling){ g_object_ref (self), g_strdup (name) };
  g_idle_add (on_tell, telling);
}

static void
on_canceled (GCancellable *cancellable, GTask *task)
{
  FerrydFakeHandlerCaller *self = g_task_get_source_object (task);

  if (g_queue_remove (&self->waiting, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
}

static void
ferryd_fake_handler_caller_call_async (FerrydHandlerCaller *caller, const FerrydHandlerCall *call,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  FerrydFakeHandlerCaller *self = FERRYD_FAKE_HANDLER_CALLER (caller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  char group[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (&call->group, group);
  g_task_set_task_data (task,
                        g_strdup_printf ("%s %s %s %s %u %u", call->name, call->path,
                                         call->action != NULL ? call->action : "-", group,
                                         call->downloads->len, call->uploads->len),
                        g_free);
  self->count++;
  g_queue_push_tail (&self->waiting, task);
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_canceled), task, 0);
  if (!g_hash_table_contains (self->running, call->name))
    ferryd_fake_handler_caller_set_running (self, call->name, TRUE);
}

static gboolean
ferryd_fake_handler_caller_call_finish (FerrydHandlerCaller *caller, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_fake_handler_caller_finalize (GObject *object)
{
  FerrydFakeHandlerCaller *self = FERRYD_FAKE_HANDLER_CALLER (object);

  g_hash_table_unref (self->watched);
  g_hash_table_unref (self->running);
  G_OBJECT_CLASS (ferryd_fake_handler_caller_parent_class)->finalize (object);
}

static void
ferryd_fake_handler_caller_class_init (FerrydFakeHandlerCallerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_handler_caller_finalize;
}

static void
ferryd_fake_handler_caller_init (FerrydFakeHandlerCaller *self)
{
  self->watched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->waiting);
}

static void
ferryd_fake_handler_caller_caller_init (FerrydHandlerCallerInterface *iface)
{
  iface->check_async = ferryd_fake_handler_caller_check_async;
  iface->check_finish = ferryd_fake_handler_caller_check_finish;
  iface->watch = ferryd_fake_handler_caller_watch;
  iface->call_async = ferryd_fake_handler_caller_call_async;
  iface->call_finish = ferryd_fake_handler_caller_call_finish;
}

/**
 * ferryd_fake_handler_caller_new:
 *
 * Returns: (transfer full): a caller, and nobody who runs
 */
FerrydFakeHandlerCaller *
ferryd_fake_handler_caller_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_HANDLER_CALLER, NULL);
}

/**
 * ferryd_fake_handler_caller_set_running:
 * @self: a caller
 * @name: an application
 * @running: whether it runs from now on
 */
void
ferryd_fake_handler_caller_set_running (FerrydFakeHandlerCaller *self, const char *name, gboolean running)
{
  if (running)
    g_hash_table_add (self->running, g_strdup (name));
  else
    g_hash_table_remove (self->running, name);
  if (g_hash_table_contains (self->watched, name))
    ferryd_handler_caller_emit_owner (FERRYD_HANDLER_CALLER (self), name, running);
}

/**
 * ferryd_fake_handler_caller_count:
 * @self: a caller
 *
 * Returns: how many calls there were
 */
guint
ferryd_fake_handler_caller_count (FerrydFakeHandlerCaller *self)
{
  return self->count;
}

/**
 * ferryd_fake_handler_caller_count_waiting:
 * @self: a caller
 *
 * Returns: how many calls wait for their answer
 */
guint
ferryd_fake_handler_caller_count_waiting (FerrydFakeHandlerCaller *self)
{
  return self->waiting.length;
}

/**
 * ferryd_fake_handler_caller_peek:
 * @self: a caller that is being called
 *
 * Returns: (transfer none): what the oldest call that waits says
 */
const char *
ferryd_fake_handler_caller_peek (FerrydFakeHandlerCaller *self)
{
  return g_task_get_task_data (g_queue_peek_head (&self->waiting));
}

/**
 * ferryd_fake_handler_caller_answer:
 * @self: a caller that is being called
 * @success: what comes of the oldest call that waits
 */
void
ferryd_fake_handler_caller_answer (FerrydFakeHandlerCaller *self, gboolean success)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->waiting);

  if (success)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "It crashed");
}
