/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-operation-private.h"

#include "ferry-enum-types.h"
#include "ferry-error.h"
#include "ferry-names.h"

/**
 * FerryOperation:
 *
 * One transfer. It goes on in the service whether or not this object, or the program, is there; what the
 * object shows is as new as what was last heard. It hears of changes while it is attached: while a start,
 * wait or run is pending, #FerryOperation:live is TRUE, or it is in a live list.
 *
 * There is one object for each operation and connection. It belongs to the thread-default main context in
 * which the first object for the connection was made. A pending wait keeps it alive.
 */

enum
{
  /* After the ids of the table of properties. */
  PROP_ERROR = 1000,
  PROP_LIVE,
};

enum
{
  SIGNAL_ENDED,
  N_SIGNALS,
};

static guint operation_signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE (FerryOperation, ferry_operation, G_TYPE_OBJECT)

static void
on_signal (GObject *listener, const char *interface, const char *member, GVariant *parameters)
{
  FerryOperation *self = FERRY_OPERATION (listener);

  if (g_str_equal (member, "PropertiesChanged") &&
      g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    {
      const char *whose;
      g_autoptr (GVariant) changed = NULL;

      g_variant_get (parameters, "(&s@a{sv}as)", &whose, &changed, NULL);
      ferry_operation_update (self, whose, changed);
    }
  else if (g_str_equal (member, "Ended") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    {
      ferry_operation_end_waits (self, NULL);
      g_signal_emit (self, operation_signals[SIGNAL_ENDED], 0);
    }
  else if (FERRY_OPERATION_GET_CLASS (self)->heard != NULL)
    FERRY_OPERATION_GET_CLASS (self)->heard (self, interface, member, parameters);
}

static void
on_renewed (FerryAttachment *attachment, FerryOperation *self)
{
  if (ferry_state_is_ended (ferry_operation_get_state (self)))
    ferry_operation_end_waits (self, NULL);
}

static void
on_broken (FerryAttachment *attachment, const GError *error, FerryOperation *self)
{
  ferry_operation_end_waits (self, error);
}

static void
on_live_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryOperation) self = FERRY_OPERATION (user_data);

  if (!ferry_attachment_hold_finish (FERRY_ATTACHMENT (source), result, NULL) && self->live)
    {
      self->live = FALSE;
      g_object_notify (G_OBJECT (self), "live");
    }
}

static void
set_live (FerryOperation *self, gboolean live)
{
  if (self->live == live)
    return;
  self->live = live;
  if (live)
    ferry_attachment_hold_async (self->attachment, "Attach", NULL, on_live_held, g_object_ref (self));
  else
    ferry_attachment_release (self->attachment);
  g_object_notify (G_OBJECT (self), "live");
}

static void
ferry_operation_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryOperation *self = FERRY_OPERATION (object);
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  if (property_id == PROP_ERROR)
    g_value_take_boxed (value, ferry_operation_get_error (self));
  else if (property_id == PROP_LIVE)
    g_value_set_boolean (value, self->live);
  else if (property_id >= 1 && property_id <= n_specs)
    ferry_property_to_value (&specs[property_id - 1], self->values[property_id - 1], value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_operation_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_LIVE)
    set_live (FERRY_OPERATION (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_operation_dispose (GObject *object)
{
  FerryOperation *self = FERRY_OPERATION (object);

  if (self->attachment != NULL)
    {
      if (self->live)
        ferry_attachment_release (self->attachment);
      self->live = FALSE;
      g_signal_handlers_disconnect_by_data (self->attachment, self);
    }
  g_clear_object (&self->attachment);
  if (self->bus != NULL)
    ferry_bus_unlisten (self->bus, self->path, object);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (ferry_operation_parent_class)->dispose (object);
}

static void
ferry_operation_finalize (GObject *object)
{
  FerryOperation *self = FERRY_OPERATION (object);
  guint n_specs;

  (void) ferry_operation_get_specs (&n_specs);
  for (guint i = 0; i < n_specs; i++)
    g_clear_pointer (&self->values[i], g_variant_unref);
  g_free (self->values);
  g_ptr_array_unref (self->waits);
  g_free (self->path);

  G_OBJECT_CLASS (ferry_operation_parent_class)->finalize (object);
}

static void
ferry_operation_class_init (FerryOperationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  object_class->get_property = ferry_operation_get_property;
  object_class->set_property = ferry_operation_set_property;
  object_class->dispose = ferry_operation_dispose;
  object_class->finalize = ferry_operation_finalize;

  ferry_property_install (specs, n_specs, FERRY_OPERATION_INTERFACE, object_class);

  /**
   * FerryOperation:error:
   *
   * Why the last attempt failed, of FERRY_TRANSFER_ERROR; NULL when it did not.
   */
  g_object_class_install_property (
      object_class, PROP_ERROR,
      g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  /**
   * FerryOperation:live:
   *
   * Whether the object stays attached. Goes back to FALSE when the service refuses.
   */
  g_object_class_install_property (
      object_class, PROP_LIVE,
      g_param_spec_boolean ("live", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  /**
   * FerryOperation::ended:
   *
   * It is completed or canceled, or failed. #FerryOperation:state and #FerryOperation:error say which.
   */
  operation_signals[SIGNAL_ENDED] =
      g_signal_new ("ended", FERRY_TYPE_OPERATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_operation_init (FerryOperation *self)
{
  guint n_specs;

  (void) ferry_operation_get_specs (&n_specs);
  self->values = g_new0 (GVariant *, n_specs);
  self->waits = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * ferry_operation_bind:
 * @self: a new operation
 * @bus: (transfer none): where it is
 * @path: its object path
 *
 * Makes @self the object of @path on @bus.
 */
void
ferry_operation_bind (FerryOperation *self, FerryBus *bus, const char *path)
{
  g_auto (GVariantDict) identity = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) properties = NULL;

  self->bus = g_object_ref (bus);
  self->path = g_strdup (path);
  self->attachment = ferry_attachment_new (bus, path);
  g_signal_connect (self->attachment, "renewed", G_CALLBACK (on_renewed), self);
  g_signal_connect (self->attachment, "broken", G_CALLBACK (on_broken), self);
  ferry_bus_listen (bus, path, G_OBJECT (self), on_signal);

  g_variant_dict_insert (&identity, "Id", "s", strrchr (path, '/') + 1);
  properties = g_variant_ref_sink (g_variant_dict_end (&identity));
  ferry_operation_update (self, NULL, properties);
}

/**
 * ferry_operation_update:
 * @self: an operation
 * @interface: (nullable): whose properties they are; NULL for any
 * @properties: an a{sv}
 *
 * Takes over what the service said, and notifies.
 */
void
ferry_operation_update (FerryOperation *self, const char *interface, GVariant *properties)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);
  g_autofree char *status = g_strdup (ferry_operation_peek_string (self, "ErrorStatus"));
  g_autofree char *message = g_strdup (ferry_operation_peek_string (self, "ErrorMessage"));

  g_object_freeze_notify (G_OBJECT (self));
  ferry_property_update (specs, n_specs, self->values, interface, properties, G_OBJECT (self));
  if (g_strcmp0 (status, ferry_operation_peek_string (self, "ErrorStatus")) != 0 ||
      g_strcmp0 (message, ferry_operation_peek_string (self, "ErrorMessage")) != 0)
    g_object_notify (G_OBJECT (self), "error");
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * ferry_operation_peek:
 * @self: an operation
 * @dbus_name: a property of the table
 *
 * Returns: (transfer none) (nullable): what was last heard of it
 */
GVariant *
ferry_operation_peek (FerryOperation *self, const char *dbus_name)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  for (guint i = 0; i < n_specs; i++)
    {
      if (g_str_equal (specs[i].dbus_name, dbus_name))
        return self->values[i];
    }
  return NULL;
}

/**
 * ferry_operation_peek_string:
 * @self: an operation
 * @dbus_name: a property that is a string
 *
 * Returns: (transfer none): what was last heard of it, `""` while nothing was
 */
const char *
ferry_operation_peek_string (FerryOperation *self, const char *dbus_name)
{
  GVariant *value = ferry_operation_peek (self, dbus_name);

  return value != NULL ? g_variant_get_string (value, NULL) : "";
}

/**
 * ferry_operation_peek_int64:
 * @self: an operation
 * @name: a GObject property that is an int64
 *
 * Returns: what was last heard of it, -1 while nothing was
 */
gint64
ferry_operation_peek_int64 (FerryOperation *self, const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_object_get_property (G_OBJECT (self), name, &value);
  return g_value_get_int64 (&value);
}

/**
 * ferry_operation_get_path:
 * @self: an operation
 *
 * Returns: (transfer none): its object path
 */
const char *
ferry_operation_get_path (FerryOperation *self)
{
  return self->path;
}

/**
 * ferry_operation_get_id:
 * @self: an operation
 *
 * Returns: (transfer none): 32 lower-case hex digits, the same for the operation's life
 */
const char *
ferry_operation_get_id (FerryOperation *self)
{
  return ferry_operation_peek_string (self, "Id");
}

/**
 * ferry_operation_get_kind:
 * @self: an operation
 *
 * Returns: what it does
 */
FerryKind
ferry_operation_get_kind (FerryOperation *self)
{
  FerryKind kind;

  g_object_get (self, "kind", &kind, NULL);
  return kind;
}

/**
 * ferry_operation_get_uri:
 * @self: an operation
 *
 * Returns: (transfer none): where it transfers from or to; valid until it changes
 */
const char *
ferry_operation_get_uri (FerryOperation *self)
{
  return ferry_operation_peek_string (self, "Uri");
}

/**
 * ferry_operation_get_title:
 * @self: an operation
 *
 * Returns: (transfer none): what it is called for people, `""` if nothing
 */
const char *
ferry_operation_get_title (FerryOperation *self)
{
  return ferry_operation_peek_string (self, "Title");
}

/**
 * ferry_operation_get_state:
 * @self: an operation
 *
 * Returns: where it is in its life
 */
FerryState
ferry_operation_get_state (FerryOperation *self)
{
  FerryState state;

  g_object_get (self, "state", &state, NULL);
  return state;
}

/**
 * ferry_operation_get_state_reason:
 * @self: an operation
 *
 * Returns: (transfer none): one sentence, translated by the service: why it is in that state; valid until it
 * changes
 */
const char *
ferry_operation_get_state_reason (FerryOperation *self)
{
  return ferry_operation_peek_string (self, "StateReason");
}

/**
 * ferry_operation_get_bytes_received:
 * @self: an operation
 *
 * Returns: bytes of the body
 */
gint64
ferry_operation_get_bytes_received (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "bytes-received");
}

/**
 * ferry_operation_get_total_bytes_to_receive:
 * @self: an operation
 *
 * Returns: bytes, -1 when not known
 */
gint64
ferry_operation_get_total_bytes_to_receive (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "total-bytes-to-receive");
}

/**
 * ferry_operation_get_bytes_sent:
 * @self: an operation
 *
 * Returns: body bytes sent
 */
gint64
ferry_operation_get_bytes_sent (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "bytes-sent");
}

/**
 * ferry_operation_get_total_bytes_to_send:
 * @self: an operation
 *
 * Returns: how many there will be, -1 when not known
 */
gint64
ferry_operation_get_total_bytes_to_send (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "total-bytes-to-send");
}

/**
 * ferry_operation_get_speed:
 * @self: an operation
 *
 * Returns: bytes a second, smoothed; 0 unless it runs
 */
gint64
ferry_operation_get_speed (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "speed");
}

/**
 * ferry_operation_get_time_remaining:
 * @self: an operation
 *
 * Returns: microseconds, -1 when not known
 */
gint64
ferry_operation_get_time_remaining (FerryOperation *self)
{
  return ferry_operation_peek_int64 (self, "time-remaining");
}

/**
 * ferry_operation_get_created:
 * @self: an operation
 *
 * Returns: (transfer full) (nullable): when, in UTC
 */
GDateTime *
ferry_operation_get_created (FerryOperation *self)
{
  GDateTime *created;

  g_object_get (self, "created", &created, NULL);
  return created;
}

/**
 * ferry_operation_get_finished:
 * @self: an operation
 *
 * Returns: (transfer full) (nullable): when, in UTC; NULL when it has not
 */
GDateTime *
ferry_operation_get_finished (FerryOperation *self)
{
  GDateTime *finished;

  g_object_get (self, "finished", &finished, NULL);
  return finished;
}

/**
 * ferry_operation_get_error:
 * @self: an operation
 *
 * Returns: (transfer full) (nullable): why the last attempt failed, of FERRY_TRANSFER_ERROR; NULL when it did
 * not. A status that only a newer library knows is %FERRY_TRANSFER_ERROR_UNKNOWN.
 */
GError *
ferry_operation_get_error (FerryOperation *self)
{
  const char *status = ferry_operation_peek_string (self, "ErrorStatus");
  const char *message = ferry_operation_peek_string (self, "ErrorMessage");
  FerryTransferError code = FERRY_TRANSFER_ERROR_UNKNOWN;

  if (status[0] == '\0')
    return NULL;
  (void) ferry_transfer_error_from_status (status, &code);
  return g_error_new_literal (FERRY_TRANSFER_ERROR, code, message[0] != '\0' ? message : status);
}

/**
 * ferry_operation_get_properties:
 * @self: an operation
 *
 * Returns: (transfer full): everything that was heard, an a{sv} under the names of the bus
 */
GVariant *
ferry_operation_get_properties (FerryOperation *self)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  return ferry_property_to_dict (specs, n_specs, self->values);
}
