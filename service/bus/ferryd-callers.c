/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-callers.h"

#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-process.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* The bus answers at once or never. Milliseconds. */
#define BUS_TIMEOUT 10000

struct _FerrydCallers
{
  GObject parent;

  GDBusConnection *connection; /* (owned) */
  GHashTable *entries;         /* (owned) (element-type utf8 Entry): unique name to what is known */
};

G_DEFINE_FINAL_TYPE (FerrydCallers, ferryd_callers, G_TYPE_OBJECT)

enum
{
  SIGNAL_LEFT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* A connection that has called. */
typedef struct
{
  grefcount ref_count;
  FerrydCallers *callers; /* (unowned) (nullable): NULL when nobody waits any more */
  char *name;             /* (owned): unique name */
  FerrydCaller *caller;   /* (owned) (nullable): NULL while the look-up is under way */
  GPtrArray *waiting;     /* (owned) (element-type GTask): those who asked meanwhile, in order */
  guint subscription;     /* to its NameOwnerChanged */
  guint32 process;        /* as the bus said */
} Entry;

static Entry *
entry_ref (Entry *entry)
{
  g_ref_count_inc (&entry->ref_count);
  return entry;
}

static void
entry_unref (Entry *entry)
{
  if (!g_ref_count_dec (&entry->ref_count))
    return;
  g_free (entry->name);
  g_clear_pointer (&entry->caller, ferryd_caller_unref);
  g_ptr_array_unref (entry->waiting);
  g_free (entry);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Entry, entry_unref)

/* The table lets go of it: nobody is told about that connection any more. */
static void
entry_close (Entry *entry)
{
  g_dbus_connection_signal_unsubscribe (entry->callers->connection, entry->subscription);
  entry->callers = NULL;
  entry_unref (entry);
}

/**
 * ferryd_caller_ref:
 * @caller: a caller
 *
 * Returns: (transfer full): @caller
 */
FerrydCaller *
ferryd_caller_ref (FerrydCaller *caller)
{
  g_ref_count_inc (&caller->ref_count);
  return caller;
}

/**
 * ferryd_caller_unref:
 * @caller: (transfer full): a caller
 */
void
ferryd_caller_unref (FerrydCaller *caller)
{
  if (!g_ref_count_dec (&caller->ref_count))
    return;
  g_free (caller->name);
  g_free (caller->application);
  g_free (caller);
}

static void
on_name_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                       const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (FerrydCallers) self = NULL;
  g_autoptr (FerrydCaller) caller = NULL;
  const char *new_owner;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &new_owner);
  if (entry->callers == NULL || new_owner[0] != '\0')
    return;
  self = g_object_ref (entry->callers);
  if (entry->caller != NULL)
    caller = ferryd_caller_ref (entry->caller);
  g_hash_table_remove (self->entries, entry->name);
  if (caller != NULL)
    {
      caller->left = TRUE;
      g_signal_emit (self, signals[SIGNAL_LEFT], 0, caller);
    }
}

/* Consumes @error. Everybody who waits is refused, and the next call looks again. */
static void
entry_refuse (Entry *entry, GError *error)
{
  g_autoptr (GError) refusal = error;
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&entry->waiting);

  entry->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_debug ("%s is refused: %s", entry->name, refusal->message);
  if (entry->callers != NULL)
    g_hash_table_remove (entry->callers->entries, entry->name);
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_error (g_ptr_array_index (waiting, i), g_error_copy (refusal));
}

static void
entry_refuse_unknown (Entry *entry, const char *why)
{
  entry_refuse (entry, g_error_new (FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
                                    "The caller could not be identified: %s", why));
}

static void
on_still_there (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Entry) entry = user_data;
  g_autoptr (GPtrArray) waiting = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean has_owner = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &has_owner);
  if (!has_owner || entry->callers == NULL)
    {
      g_clear_pointer (&entry->caller, ferryd_caller_unref);
      entry_refuse_unknown (entry, "it has left the bus");
      return;
    }

  waiting = g_steal_pointer (&entry->waiting);
  entry->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_debug ("%s is process %u of application “%s”%s", entry->name, entry->process, entry->caller->application,
           entry->caller->sandboxed ? ", sandboxed" : "");
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_pointer (g_ptr_array_index (waiting, i), ferryd_caller_ref (entry->caller),
                           (GDestroyNotify) ferryd_caller_unref);
}

/* What a worker needs: of its own, since the worker may be the last to let go of it. */
typedef struct
{
  guint32 process;
  char *security_label; /* (owned) (nullable) */
} Inspection;

static void
inspection_free (gpointer data)
{
  Inspection *inspection = data;

  g_free (inspection->security_label);
  g_free (inspection);
}

static void
inspect_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Inspection *inspection = task_data;
  GError *error = NULL;
  FerrydProcess *process =
      ferryd_process_inspect ("/proc", inspection->process, inspection->security_label, &error);

  if (process == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, process, (GDestroyNotify) ferryd_process_free);
}

static void
on_inspected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Entry) entry = user_data;
  g_autoptr (FerrydProcess) process = NULL;
  FerrydCaller *caller;
  GError *error = NULL;

  process = g_task_propagate_pointer (G_TASK (result), &error);
  if (process == NULL)
    {
      entry_refuse (entry, error);
      return;
    }
  if (entry->callers == NULL)
    {
      entry_refuse_unknown (entry, "it has left the bus");
      return;
    }

  caller = g_new0 (FerrydCaller, 1);
  g_ref_count_init (&caller->ref_count);
  caller->name = g_strdup (entry->name);
  caller->application = g_steal_pointer (&process->application);
  caller->sandboxed = process->sandboxed;
  entry->caller = caller;

  /* Had the process been another one with the same number, its predecessor's connection would be closed by
   * now. */
  g_dbus_connection_call (entry->callers->connection, BUS_NAME, BUS_PATH, BUS_NAME, "NameHasOwner",
                          g_variant_new ("(s)", entry->name), G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE,
                          BUS_TIMEOUT, NULL, on_still_there, entry_ref (entry));
}

static void
on_credentials (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Entry) entry = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) credentials = NULL;
  g_autoptr (GVariant) label = NULL;
  g_autoptr (GTask) task = NULL;
  Inspection *inspection;
  guint32 user;

  if (reply == NULL || entry->callers == NULL)
    {
      entry_refuse_unknown (entry, reply == NULL ? error->message : "it has left the bus");
      return;
    }
  credentials = g_variant_get_child_value (reply, 0);
  if (!g_variant_lookup (credentials, "UnixUserID", "u", &user) || user != geteuid ())
    {
      entry_refuse_unknown (entry, "it is not this user's");
      return;
    }
  if (!g_variant_lookup (credentials, "ProcessID", "u", &entry->process) || entry->process == 0)
    {
      entry_refuse_unknown (entry, "the bus does not know its process");
      return;
    }
  label = g_variant_lookup_value (credentials, "LinuxSecurityLabel", G_VARIANT_TYPE_BYTESTRING);
  inspection = g_new0 (Inspection, 1);
  inspection->process = entry->process;
  if (label != NULL)
    inspection->security_label = g_variant_dup_bytestring (label, NULL);

  task = g_task_new (NULL, NULL, on_inspected, entry_ref (entry));
  g_task_set_source_tag (task, on_credentials);
  g_task_set_task_data (task, inspection, inspection_free);
  g_task_run_in_thread (task, inspect_in_thread);
}

static Entry *
ferryd_callers_add (FerrydCallers *self, const char *name)
{
  Entry *entry = g_new0 (Entry, 1);

  g_ref_count_init (&entry->ref_count);
  entry->callers = self;
  entry->name = g_strdup (name);
  entry->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_insert (self->entries, entry->name, entry);

  /* First the match, then the question: who answers it leaves only after the match is there. */
  entry->subscription = g_dbus_connection_signal_subscribe (
      self->connection, BUS_NAME, BUS_NAME, "NameOwnerChanged", BUS_PATH, name, G_DBUS_SIGNAL_FLAGS_NONE,
      on_name_owner_changed, entry_ref (entry), (GDestroyNotify) entry_unref);
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionCredentials",
                          g_variant_new ("(s)", name), G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE,
                          BUS_TIMEOUT, NULL, on_credentials, entry_ref (entry));
  return entry;
}

/**
 * ferryd_callers_peek:
 * @self: the callers
 * @name: unique name of a connection
 *
 * Returns: (transfer none) (nullable): who it is, where that is known already
 */
FerrydCaller *
ferryd_callers_peek (FerrydCallers *self, const char *name)
{
  Entry *entry = g_hash_table_lookup (self->entries, name);

  /* Who waits comes first. */
  return entry != NULL && entry->waiting->len == 0 ? entry->caller : NULL;
}

/**
 * ferryd_callers_identify_async:
 * @self: the callers
 * @name: unique name of a connection
 * @callback: called when it is known; several questions about one connection are answered in their order
 * @user_data: for @callback
 *
 * Finds out who is behind @name.
 */
void
ferryd_callers_identify_async (FerrydCallers *self, const char *name, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Entry *entry = g_hash_table_lookup (self->entries, name);

  g_task_set_source_tag (task, ferryd_callers_identify_async);
  if (entry == NULL)
    entry = ferryd_callers_add (self, name);
  if (entry->caller != NULL && entry->waiting->len == 0)
    g_task_return_pointer (task, ferryd_caller_ref (entry->caller), (GDestroyNotify) ferryd_caller_unref);
  else
    g_ptr_array_add (entry->waiting, g_steal_pointer (&task));
}

/**
 * ferryd_callers_identify_finish:
 * @self: the callers
 * @result: what the callback got
 * @error: FERRY_ERROR_ACCESS_DENIED when it could not be found out
 *
 * Returns: (transfer full) (nullable): who it is
 */
FerrydCaller *
ferryd_callers_identify_finish (FerrydCallers *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_callers_dispose (GObject *object)
{
  FerrydCallers *self = FERRYD_CALLERS (object);

  g_hash_table_remove_all (self->entries);
  G_OBJECT_CLASS (ferryd_callers_parent_class)->dispose (object);
}

static void
ferryd_callers_finalize (GObject *object)
{
  FerrydCallers *self = FERRYD_CALLERS (object);

  g_hash_table_unref (self->entries);
  g_object_unref (self->connection);
  G_OBJECT_CLASS (ferryd_callers_parent_class)->finalize (object);
}

static void
ferryd_callers_class_init (FerrydCallersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_callers_dispose;
  object_class->finalize = ferryd_callers_finalize;

  signals[SIGNAL_LEFT] = g_signal_new ("left", FERRYD_TYPE_CALLERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ferryd_callers_init (FerrydCallers *self)
{
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) entry_close);
}

/**
 * ferryd_callers_new:
 * @connection: the session bus
 *
 * Returns: (transfer full): callers of whom nothing is known yet
 */
FerrydCallers *
ferryd_callers_new (GDBusConnection *connection)
{
  FerrydCallers *self = g_object_new (FERRYD_TYPE_CALLERS, NULL);

  self->connection = g_object_ref (connection);
  return self;
}
