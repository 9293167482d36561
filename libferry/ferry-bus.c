/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-bus.h"

#include "ferry-error.h"
#include "ferry-names.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

/* Milliseconds that a call waits for its answer. GDBus's 25 seconds are too few: an answer comes when its
 * effect is on the disk, and a disk under load may take half a minute for that. */
#define CALL_TIMEOUT_MS 120000

/* Milliseconds that a service which went away has to come back: a crash, the bus starting it again and
 * reading its store take well under a second, an upgrade of the package a few. */
#define PATIENCE_MS 15000

/* Milliseconds between two attempts to reach it meanwhile. */
#define RETRY_STEP_MS 250

/* Subscriptions: of the bus itself, properties (three interfaces), Ended, RangesDownloaded,
 * OperationsChanged.
 */
#define N_SUBSCRIPTIONS 7

/**
 * FerryBus:
 *
 * One connection to the service: who owns its name, whose signals are whose, and calls that outlive its
 * restarts.
 *
 * The service's signals come unicast, so no match rule is needed for them, but anybody on the bus can send
 * one: only those of the name's present owner are heard. Who that is follows from NameOwnerChanged, which the
 * bus sends before anything the new owner can send, and in the same order callbacks run.
 */
struct _FerryBus
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  guint subscriptions[N_SUBSCRIPTIONS];
  GHashTable *listeners; /* (owned) (element-type utf8 Listener): by object path; the objects are not owned */
  char *owner;           /* (owned) (nullable): unique name of the service, NULL while there is none */
  guint losses;          /* how often an owner went away */
  gboolean had_owner;    /* there was one at some time */
  gboolean ready;        /* the owner is known */
  GPtrArray *waiting;    /* (owned) (element-type GTask): calls of ferry_bus_get_async() until then */
};

typedef struct
{
  GObject *object; /* (unowned): takes itself off before it goes */
  FerryBusSignalFunc callback;
} Listener;

enum
{
  SIGNAL_LOST,
  N_SIGNALS,
};

static guint bus_signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryBus, ferry_bus, G_TYPE_OBJECT)

/* Under this the connection knows its FerryBus, unowned. */
static G_DEFINE_QUARK (ferry - bus, ferry_bus);

static void
ferry_bus_dispose (GObject *object)
{
  FerryBus *self = FERRY_BUS (object);

  if (self->connection != NULL)
    {
      g_object_set_qdata (G_OBJECT (self->connection), ferry_bus_quark (), NULL);
      for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
        {
          if (self->subscriptions[i] != 0)
            g_dbus_connection_signal_unsubscribe (self->connection, self->subscriptions[i]);
          self->subscriptions[i] = 0;
        }
    }
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferry_bus_parent_class)->dispose (object);
}

static void
ferry_bus_finalize (GObject *object)
{
  FerryBus *self = FERRY_BUS (object);

  g_clear_pointer (&self->listeners, g_hash_table_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->owner, g_free);

  G_OBJECT_CLASS (ferry_bus_parent_class)->finalize (object);
}

static void
ferry_bus_class_init (FerryBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_bus_dispose;
  object_class->finalize = ferry_bus_finalize;

  /**
   * FerryBus::lost:
   *
   * The owner of the name went away, or another one took over: whatever it knew of this connection
   * (attachments, the watch) is gone.
   */
  bus_signals[SIGNAL_LOST] =
      g_signal_new ("lost", FERRY_TYPE_BUS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /* Before any error comes over the bus, so that GDBus knows its name. */
  (void) ferry_error_quark ();
}

static void
ferry_bus_init (FerryBus *self)
{
  self->listeners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
set_owner (FerryBus *self, const char *owner)
{
  g_autofree char *previous = g_steal_pointer (&self->owner);

  self->owner = owner[0] != '\0' ? g_strdup (owner) : NULL;
  self->had_owner |= self->owner != NULL;
  if (previous != NULL)
    {
      self->losses++;
      g_signal_emit (self, bus_signals[SIGNAL_LOST], 0);
    }
}

static void
on_name_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                       const char *interface, const char *member, GVariant *parameters, gpointer user_data)
{
  g_autoptr (FerryBus) self = g_object_ref (FERRY_BUS (user_data));
  const char *owner;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &owner);
  set_owner (self, owner);
}

static void
on_service_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                   const char *member, GVariant *parameters, gpointer user_data)
{
  FerryBus *self = FERRY_BUS (user_data);
  Listener *listener = g_hash_table_lookup (self->listeners, path);
  g_autoptr (GObject) object = NULL;

  if (listener == NULL || self->owner == NULL || g_strcmp0 (sender, self->owner) != 0)
    return;
  object = g_object_ref (listener->object);
  listener->callback (object, interface, member, parameters);
}

static guint
subscribe_unicast (FerryBus *self, const char *interface, const char *member, const char *arg0)
{
  return g_dbus_connection_signal_subscribe (self->connection, NULL, interface, member, NULL, arg0,
                                             G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_service_signal, self,
                                             NULL);
}

static void
subscribe (FerryBus *self)
{
  guint n = 0;

  self->subscriptions[n++] = g_dbus_connection_signal_subscribe (
      self->connection, BUS_NAME, BUS_NAME, "NameOwnerChanged", BUS_PATH, FERRY_BUS_NAME,
      G_DBUS_SIGNAL_FLAGS_NONE, on_name_owner_changed, self, NULL);
  self->subscriptions[n++] =
      subscribe_unicast (self, PROPERTIES_INTERFACE, "PropertiesChanged", FERRY_OPERATION_INTERFACE);
  self->subscriptions[n++] =
      subscribe_unicast (self, PROPERTIES_INTERFACE, "PropertiesChanged", FERRY_DOWNLOAD_OPERATION_INTERFACE);
  self->subscriptions[n++] =
      subscribe_unicast (self, PROPERTIES_INTERFACE, "PropertiesChanged", FERRY_UPLOAD_OPERATION_INTERFACE);
  self->subscriptions[n++] = subscribe_unicast (self, FERRY_OPERATION_INTERFACE, "Ended", NULL);
  self->subscriptions[n++] =
      subscribe_unicast (self, FERRY_DOWNLOAD_OPERATION_INTERFACE, "RangesDownloaded", NULL);
  self->subscriptions[n++] = subscribe_unicast (self, FERRY_MANAGER_INTERFACE, "OperationsChanged", NULL);
  g_assert (n == N_SUBSCRIPTIONS);
}

static void
on_owner_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryBus) self = FERRY_BUS (user_data);
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *owner = "";

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  if (reply == NULL && !g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    {
      for (guint i = 0; i < waiting->len; i++)
        g_task_return_error (waiting->pdata[i], g_error_copy (error));
      return;
    }

  /* A change that came meanwhile is newer than this answer only if there was one, and then it is the same. */
  if (reply != NULL)
    g_variant_get (reply, "(&s)", &owner);
  if (self->owner == NULL)
    set_owner (self, owner);
  self->ready = TRUE;
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_pointer (waiting->pdata[i], g_object_ref (self), g_object_unref);
}

static void
find_owner (FerryBus *self)
{
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "GetNameOwner",
                          g_variant_new ("(s)", FERRY_BUS_NAME), G_VARIANT_TYPE ("(s)"),
                          G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, NULL, on_owner_found, g_object_ref (self));
}

/* Answers @task with the FerryBus of @connection, made now if there is none. */
static void
get_for_connection (GTask *task, GDBusConnection *connection)
{
  FerryBus *existing = g_object_get_qdata (G_OBJECT (connection), ferry_bus_quark ());
  g_autoptr (FerryBus) self =
      existing != NULL ? g_object_ref (existing) : g_object_new (FERRY_TYPE_BUS, NULL);

  if (self->ready)
    {
      g_task_return_pointer (task, g_object_ref (self), g_object_unref);
      return;
    }

  g_ptr_array_add (self->waiting, g_object_ref (task));
  if (existing == NULL)
    {
      self->connection = g_object_ref (connection);
      g_object_set_qdata (G_OBJECT (connection), ferry_bus_quark (), self);
      subscribe (self);
      find_owner (self);
    }
  else if (self->waiting->len == 1)
    find_owner (self);
}

static void
on_session_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  if (connection == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    get_for_connection (task, connection);
}

/**
 * ferry_bus_get_async:
 * @connection: (nullable): a connection; NULL for the session bus
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Finds or makes the one #FerryBus of a connection. It lives as long as somebody holds it.
 */
void
ferry_bus_get_async (GDBusConnection *connection, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_bus_get_async);
  if (connection == NULL)
    g_bus_get (G_BUS_TYPE_SESSION, cancellable, on_session_bus, g_steal_pointer (&task));
  else
    get_for_connection (task, connection);
}

/**
 * ferry_bus_get_finish:
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: (transfer full): the bus, or NULL with @error
 */
FerryBus *
ferry_bus_get_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * ferry_bus_get_connection:
 * @self: a bus
 *
 * Returns: (transfer none): its connection
 */
GDBusConnection *
ferry_bus_get_connection (FerryBus *self)
{
  return self->connection;
}

/**
 * ferry_bus_get_losses:
 * @self: a bus
 *
 * Returns: how often the service went away; what was told to it before the last time is forgotten
 */
guint
ferry_bus_get_losses (FerryBus *self)
{
  return self->losses;
}

/**
 * ferry_bus_listen:
 * @self: a bus
 * @path: an object of the service
 * @listener: (transfer none): what hears its signals; it must ferry_bus_unlisten() before it is finalized
 * @callback: called for each
 *
 * One object hears for a path; a second takes the place of the first.
 */
void
ferry_bus_listen (FerryBus *self, const char *path, GObject *listener, FerryBusSignalFunc callback)
{
  Listener *entry = g_new0 (Listener, 1);

  entry->object = listener;
  entry->callback = callback;
  g_hash_table_replace (self->listeners, g_strdup (path), entry);
}

/**
 * ferry_bus_unlisten:
 * @self: a bus
 * @path: an object of the service
 * @listener: what heard its signals
 *
 * Without effect when another one has taken its place.
 */
void
ferry_bus_unlisten (FerryBus *self, const char *path, GObject *listener)
{
  if (ferry_bus_get_listener (self, path) == listener)
    g_hash_table_remove (self->listeners, path);
}

/**
 * ferry_bus_get_listener:
 * @self: a bus
 * @path: an object of the service
 *
 * Returns: (transfer none) (nullable): what hears its signals
 */
GObject *
ferry_bus_get_listener (FerryBus *self, const char *path)
{
  Listener *listener = g_hash_table_lookup (self->listeners, path);

  return listener != NULL ? listener->object : NULL;
}

/* One call, perhaps made several times. */
typedef struct
{
  char *path;           /* (owned) */
  char *interface;      /* (owned) */
  char *method;         /* (owned) */
  GVariant *parameters; /* (owned) (nullable) */
  char *reply_type;     /* (owned) */
  FerryBusCallFlags flags;
  gint64 patience_end;  /* monotonic microseconds; 0 until the first loss */
  GUnixFDList *sent;    /* (owned) (nullable): descriptors that the parameters index */
  GUnixFDList *fd_list; /* (owned) (nullable): that came with the reply */
} Call;

static void
call_free (Call *call)
{
  g_free (call->path);
  g_free (call->interface);
  g_free (call->method);
  g_clear_pointer (&call->parameters, g_variant_unref);
  g_free (call->reply_type);
  g_clear_object (&call->sent);
  g_clear_object (&call->fd_list);
  g_free (call);
}

static void call_now (GTask *task);

static gboolean
on_retry (gpointer user_data)
{
  GTask *task = G_TASK (user_data);

  if (!g_task_return_error_if_cancelled (task))
    call_now (task);
  return G_SOURCE_REMOVE;
}

/* Whether @error says that the service was not there to answer, rather than its answer. */
static gboolean
error_is_loss (FerryBus *self, const GError *error)
{
  static const int absent[] = {
    G_DBUS_ERROR_NAME_HAS_NO_OWNER,    G_DBUS_ERROR_SERVICE_UNKNOWN,   G_DBUS_ERROR_TIMED_OUT,
    G_DBUS_ERROR_SPAWN_EXEC_FAILED,    G_DBUS_ERROR_SPAWN_FORK_FAILED, G_DBUS_ERROR_SPAWN_CHILD_EXITED,
    G_DBUS_ERROR_SPAWN_CHILD_SIGNALED, G_DBUS_ERROR_SPAWN_FAILED,
  };

  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return TRUE;
  /* A service that never was there will not come by waiting. */
  for (guint i = 0; self->had_owner && i < G_N_ELEMENTS (absent); i++)
    {
      if (g_error_matches (error, G_DBUS_ERROR, absent[i]))
        return TRUE;
    }
  return FALSE;
}

static gboolean
retry_later (GTask *task, const GError *error)
{
  Call *call = g_task_get_task_data (task);
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GSource) source = NULL;

  if (call->flags != FERRY_BUS_CALL_REPEATABLE || !error_is_loss (g_task_get_source_object (task), error))
    return FALSE;
  if (call->patience_end == 0)
    call->patience_end = now + PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  if (now >= call->patience_end)
    return FALSE;

  source = g_timeout_source_new (RETRY_STEP_MS);
  g_source_set_callback (source, on_retry, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  return TRUE;
}

/* What the service says of an operation that is not there, or somebody else's. */
static gboolean
error_is_absence (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                                     &call->fd_list, result, &error);

  if (reply != NULL)
    {
      g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
      return;
    }
  if (retry_later (task, error))
    return;
  if (g_str_has_prefix (call->path, FERRY_OPERATION_PATH "/") && error_is_absence (error))
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no transfer %s",
                               call->path + strlen (FERRY_OPERATION_PATH "/"));
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, g_steal_pointer (&error));
}

static void
call_now (GTask *task)
{
  FerryBus *self = FERRY_BUS (g_task_get_source_object (task));
  Call *call = g_task_get_task_data (task);
  GDBusCallFlags flags =
      call->flags == FERRY_BUS_CALL_IF_THERE ? G_DBUS_CALL_FLAGS_NO_AUTO_START : G_DBUS_CALL_FLAGS_NONE;
  int timeout = call->flags == FERRY_BUS_CALL_PATIENT || call->sent != NULL ? G_MAXINT : CALL_TIMEOUT_MS;

  g_dbus_connection_call_with_unix_fd_list (self->connection, FERRY_BUS_NAME, call->path, call->interface,
                                            call->method, call->parameters, G_VARIANT_TYPE (call->reply_type),
                                            flags, timeout, call->sent, g_task_get_cancellable (task),
                                            on_reply, g_object_ref (task));
}

/**
 * ferry_bus_call_with_descriptors_async:
 * @self: a bus
 * @path: an object of the service
 * @interface: an interface of it
 * @method: a method of that
 * @parameters: (nullable): its arguments; consumed if floating
 * @descriptors: (nullable): what their handles index
 * @reply_type: signature of the reply
 * @flags: what a lost reply means
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * As ferry_bus_call_async(). With descriptors the call has no time limit: what one of them gives may come
 * slowly, and is read before the answer.
 */
void
ferry_bus_call_with_descriptors_async (FerryBus *self, const char *path, const char *interface,
                                       const char *method, GVariant *parameters, GUnixFDList *descriptors,
                                       const char *reply_type, FerryBusCallFlags flags,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, ferry_bus_call_with_descriptors_async);
  call->path = g_strdup (path);
  call->interface = g_strdup (interface);
  call->method = g_strdup (method);
  call->parameters = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  call->sent = descriptors != NULL ? g_object_ref (descriptors) : NULL;
  call->reply_type = g_strdup (reply_type);
  call->flags = flags;
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  call_now (task);
}

/**
 * ferry_bus_call_async:
 * @self: a bus
 * @path: an object of the service
 * @interface: an interface of it
 * @method: a method of that
 * @parameters: (nullable): its arguments; consumed if floating
 * @reply_type: signature of the reply
 * @flags: what a lost reply means
 * @cancellable: (nullable):
 * @callback: called with the result
 * @user_data: for @callback
 *
 * Calls the service, which the bus starts if it does not run.
 */
void
ferry_bus_call_async (FerryBus *self, const char *path, const char *interface, const char *method,
                      GVariant *parameters, const char *reply_type, FerryBusCallFlags flags,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  ferry_bus_call_with_descriptors_async (self, path, interface, method, parameters, NULL, reply_type, flags,
                                         cancellable, callback, user_data);
}

/**
 * ferry_bus_call_finish:
 * @self: a bus
 * @result: what the callback got
 * @fd_list: (out) (optional) (nullable) (transfer full): descriptors that came with the reply
 * @error: (nullable): of FERRY_ERROR where the service refused, its prefix stripped
 *
 * Returns: (transfer full): the reply, or NULL with @error
 */
GVariant *
ferry_bus_call_finish (FerryBus *self, GAsyncResult *result, GUnixFDList **fd_list, GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  if (fd_list != NULL)
    *fd_list = g_steal_pointer (&call->fd_list);
  return g_task_propagate_pointer (G_TASK (result), error);
}
