/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-dispatcher.h"

#include "ferry-error.h"
#include "ferry-names.h"
#include "ferry-options.h"
#include "ferryd-access.h"
#include "ferryd-descriptors.h"
#include "ferryd-members.h"
#include "ferryd-nodes.h"
#include "ferryd-operation-properties.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define INTROSPECTABLE_INTERFACE "org.freedesktop.DBus.Introspectable"

/* The most that the arguments of a call may take (contract). The bus itself lets far more through. Bytes. */
#define MAX_ARGUMENTS (16 * 1024 * 1024)

struct _FerrydDispatcher
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
  FerrydInbox *inbox;          /* (owned) */
  FerrydCallers *callers;      /* (owned) */
  FerrydMembers members;       /* its members are owned */
  GQueue early;                /* (element-type FerrydCall) (owned): came before the engine was ready */
  GVariant *told;              /* (owned): Manager's properties as last broadcast */
  GError *refusal;             /* (owned) (nullable): why nobody is served, not even those from before */
  gboolean ready;
};

static guint idle_changed_signal;

G_DEFINE_FINAL_TYPE (FerrydDispatcher, ferryd_dispatcher, G_TYPE_OBJECT)

/* A call on its way, and the object it is for. */
typedef struct
{
  FerrydDispatcher *dispatcher;
  FerrydCall *call;
  FerrydNode node;
  FerryKind kind;
  gboolean owns;
} Visit;

static gboolean
check_signature (FerrydCall *call, const char *expected)
{
  if (g_str_equal (g_variant_get_type_string (call->arguments), expected))
    return TRUE;
  ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                      "%s takes arguments of the type %s, and not of %s", call->member, expected,
                      g_variant_get_type_string (call->arguments));
  return FALSE;
}

static gboolean
check_arguments (FerrydCall *call, GDBusArgInfo **infos)
{
  g_autoptr (GString) expected = g_string_new ("(");

  for (guint i = 0; infos != NULL && infos[i] != NULL; i++)
    g_string_append (expected, infos[i]->signature);
  g_string_append_c (expected, ')');
  return check_signature (call, expected->str);
}

static gboolean
check_access (const Visit *visit, const char *interface, const char *member, FerrydAccessKind kind)
{
  if (ferryd_access_allows (visit->call->caller, visit->owns, interface, member, kind))
    return TRUE;
  ferryd_call_reject (visit->call, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED, "%s.%s is not for this caller",
                      interface, member);
  return FALSE;
}

static void
reject_unknown_interface (FerrydCall *call, const char *interface)
{
  ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE, "There is no interface %s at %s",
                      interface, g_dbus_message_get_path (call->message));
}

/* Introspect. */

static void
reject_unknown_method (FerrydCall *call)
{
  ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD, "There is no method %s at %s",
                      call->member, g_dbus_message_get_path (call->message));
}

static void
introspect (const Visit *visit)
{
  FerrydCall *call = visit->call;
  g_autoptr (GArray) children =
      ferryd_members_list_children (visit->dispatcher->members.queue, call->caller, visit->node);
  g_autofree char *xml = NULL;

  if (!g_str_equal (call->member, "Introspect"))
    reject_unknown_method (call);
  else if (check_signature (call, "()"))
    {
      xml = ferryd_nodes_introspect (visit->node, visit->kind, g_dbus_message_get_path (call->message),
                                     children);
      ferryd_call_reply (call, g_variant_new ("(s)", xml));
    }
}

/* Properties. */

/* @interface is replaced by a name that stays, where there is such an interface. */
static const GDBusPropertyInfo *
find_property (const Visit *visit, const char **interface, const char *property)
{
  const GDBusInterfaceInfo *info = ferryd_nodes_get_interface (visit->node, visit->kind, *interface);
  guint index, n_rows;

  /* No interface named: that of the first object interface that has it (D-Bus specification, "Standard
   * interfaces"). */
  if (info == NULL && **interface == '\0' && visit->node == FERRYD_NODE_OPERATION &&
      ferryd_operation_properties_find (NULL, property, &index))
    {
      *interface = ferryd_operation_properties_get_table (&n_rows)[index].interface;
      info = ferryd_nodes_get_interface (visit->node, visit->kind, *interface);
    }
  else if (info == NULL && **interface == '\0' &&
           (visit->node == FERRYD_NODE_MANAGER || visit->node == FERRYD_NODE_COMPLETION_GROUP))
    {
      *interface =
          visit->node == FERRYD_NODE_MANAGER ? FERRY_MANAGER_INTERFACE : FERRY_COMPLETION_GROUP_INTERFACE;
      info = ferryd_nodes_get_interface (visit->node, visit->kind, *interface);
    }
  if (info == NULL)
    return NULL;
  *interface = info->name;
  return g_dbus_interface_info_lookup_property ((GDBusInterfaceInfo *) info, property);
}

static void
read_properties (const Visit *visit)
{
  FerrydMembers *members = &visit->dispatcher->members;

  if (visit->node == FERRYD_NODE_OPERATION)
    ferryd_operation_read (members, visit->call);
  else if (visit->node == FERRYD_NODE_COMPLETION_GROUP)
    ferryd_completion_read (members, visit->call);
  else if (visit->node == FERRYD_NODE_MANAGER)
    ferryd_call_reply_properties (visit->call, ferryd_manager_get_properties (members->queue));
  else
    ferryd_call_reply_properties (visit->call, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

static void
reject_unknown_property (FerrydCall *call, const char *interface, const char *property)
{
  ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_PROPERTY, "There is no property %s.%s",
                      interface, property);
}

static void
get (const Visit *visit, const char *interface, const char *property)
{
  const GDBusPropertyInfo *info = find_property (visit, &interface, property);

  if (info == NULL)
    {
      reject_unknown_property (visit->call, interface, property);
      return;
    }
  if (!check_access (visit, interface, info->name, FERRYD_ACCESS_READ))
    return;
  visit->call->interface = interface;
  visit->call->member = info->name;
  read_properties (visit);
}

static void
get_all (const Visit *visit, const char *interface)
{
  const GDBusInterfaceInfo *info = ferryd_nodes_get_interface (visit->node, visit->kind, interface);

  if (info == NULL && interface[0] != '\0')
    {
      reject_unknown_interface (visit->call, interface);
      return;
    }
  for (guint i = 0; info != NULL && info->properties != NULL && info->properties[i] != NULL; i++)
    {
      if (!check_access (visit, interface, info->properties[i]->name, FERRYD_ACCESS_READ))
        return;
    }
  visit->call->interface = info != NULL ? info->name : "";
  visit->call->member = NULL;
  read_properties (visit);
}

static void
set (const Visit *visit, const char *interface, const char *property, GVariant *value)
{
  FerrydCall *call = visit->call;
  const GDBusPropertyInfo *info = find_property (visit, &interface, property);
  FerrydHandler handler = info != NULL ? ferryd_members_find_write (interface, info->name) : NULL;
  g_autoptr (GVariant) converted = info != NULL ? ferry_options_convert (value, info->signature) : NULL;

  if (info == NULL)
    reject_unknown_property (call, interface, property);
  else if ((info->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) == 0)
    ferryd_call_reject (call, G_DBUS_ERROR, G_DBUS_ERROR_PROPERTY_READ_ONLY, "%s is read-only", property);
  else if (!check_access (visit, interface, property, FERRYD_ACCESS_WRITE))
    return;
  else if (handler == NULL)
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                        "Writing %s.%s is not supported by this version", interface, property);
  else if (converted == NULL)
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                        "%s is of the type %s, and this is not one (type %s)", property, info->signature,
                        g_variant_get_type_string (value));
  else
    {
      g_variant_unref (call->arguments);
      call->arguments = g_steal_pointer (&converted);
      call->interface = interface;
      call->member = info->name;
      handler (&visit->dispatcher->members, call);
    }
}

static void
use_properties (const Visit *visit)
{
  FerrydCall *call = visit->call;
  g_autoptr (GVariant) arguments = g_variant_ref (call->arguments);
  g_autoptr (GVariant) value = NULL;
  const char *interface, *property;

  if (g_str_equal (call->member, "Get"))
    {
      if (!check_signature (call, "(ss)"))
        return;
      g_variant_get (arguments, "(&s&s)", &interface, &property);
      get (visit, interface, property);
    }
  else if (g_str_equal (call->member, "GetAll"))
    {
      if (!check_signature (call, "(s)"))
        return;
      g_variant_get (arguments, "(&s)", &interface);
      get_all (visit, interface);
    }
  else if (g_str_equal (call->member, "Set"))
    {
      if (!check_signature (call, "(ssv)"))
        return;
      g_variant_get (arguments, "(&s&sv)", &interface, &property, &value);
      set (visit, interface, property, value);
    }
  else
    reject_unknown_method (call);
}

/* Methods. */

static void
use_method (const Visit *visit)
{
  FerrydCall *call = visit->call;
  const GDBusInterfaceInfo *info =
      call->interface != NULL ? ferryd_nodes_get_interface (visit->node, visit->kind, call->interface)
                              : ferryd_nodes_find_method (visit->node, visit->kind, call->member);
  GDBusMethodInfo *method =
      info != NULL ? g_dbus_interface_info_lookup_method ((GDBusInterfaceInfo *) info, call->member) : NULL;
  FerrydHandler handler;

  if (info == NULL && call->interface != NULL)
    {
      reject_unknown_interface (call, call->interface);
      return;
    }
  if (method == NULL)
    {
      reject_unknown_method (call);
      return;
    }
  call->interface = info->name;
  if (!check_access (visit, info->name, call->member, FERRYD_ACCESS_CALL) ||
      !check_arguments (call, method->in_args))
    return;
  handler = ferryd_members_find_method (info->name, call->member);
  if (handler != NULL)
    handler (&visit->dispatcher->members, call);
  else
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_NOT_SUPPORTED,
                        "%s.%s is not supported by this version", info->name, call->member);
}

/* Calls. */

/* Whether there is such an object, as far as the caller may know. */
static gboolean
find_object (Visit *visit)
{
  FerrydCall *call = visit->call;
  g_autoptr (FerrydDescription) description = NULL;

  visit->node = ferryd_nodes_find (g_dbus_message_get_path (call->message), &call->operation);
  visit->owns = TRUE;
  if (visit->node == FERRYD_NODE_NOTHING)
    return FALSE;
  if (visit->node == FERRYD_NODE_COMPLETION_GROUP)
    return ferryd_completion_check_access (visit->dispatcher->members.queue, call->caller, &call->operation,
                                           NULL);
  if (visit->node != FERRYD_NODE_OPERATION)
    return TRUE;
  description = ferryd_queue_describe (visit->dispatcher->members.queue, &call->operation);
  if (description == NULL || !ferryd_access_owns (call->caller, description->application))
    return FALSE;
  visit->kind = description->kind;
  return TRUE;
}

static void
dispatch (FerrydDispatcher *self, FerrydCall *call)
{
  Visit visit = { .dispatcher = self, .call = call };
  g_autoptr (GError) error = NULL;

  if (call->caller->sandboxed)
    ferryd_call_reject (
        call, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED,
        "Applications in a sandbox or in namespaces of their own are not served by this version");
  else if (self->refusal != NULL)
    ferryd_call_fail (call, self->refusal);
  else if (g_variant_get_size (call->arguments) > MAX_ARGUMENTS)
    ferryd_call_reject (call, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                        "The arguments take %" G_GSIZE_FORMAT " bytes; at most %d are right: split the call",
                        g_variant_get_size (call->arguments), MAX_ARGUMENTS);
  else if (!ferryd_descriptors_check (call->message, &error))
    ferryd_call_fail (call, error);
  else if (!find_object (&visit))
    ferryd_members_reject_unknown_object (call);
  else if (g_strcmp0 (call->interface, INTROSPECTABLE_INTERFACE) == 0)
    introspect (&visit);
  else if (g_strcmp0 (call->interface, PROPERTIES_INTERFACE) == 0)
    use_properties (&visit);
  else
    use_method (&visit);
}

typedef struct
{
  FerrydDispatcher *dispatcher; /* (owned) */
  FerrydCall *call;             /* (owned) */
} Identifying;

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Identifying *identifying = user_data;
  g_autoptr (FerrydDispatcher) self = identifying->dispatcher;
  g_autoptr (GError) error = NULL;

  identifying->call->caller = ferryd_callers_identify_finish (FERRYD_CALLERS (source), result, &error);
  if (identifying->call->caller != NULL)
    {
      ferryd_queue_contact (self->members.queue, identifying->call->caller->application);
      dispatch (self, identifying->call);
    }
  else
    ferryd_call_fail (identifying->call, error);
}

static void
identify (FerrydDispatcher *self, FerrydCall *call)
{
  const char *sender = g_dbus_message_get_sender (call->message);
  FerrydCaller *known = ferryd_callers_peek (self->callers, sender);
  Identifying *identifying;

  if (known != NULL)
    {
      call->caller = ferryd_caller_ref (known);
      dispatch (self, call);
      return;
    }
  identifying = g_new (Identifying, 1);
  *identifying = (Identifying){ g_object_ref (self), call };
  ferryd_callers_identify_async (self->callers, sender, on_identified, identifying);
}

static void
on_message (GDBusMessage *message, gpointer user_data)
{
  FerrydDispatcher *self = user_data;
  FerrydCall *call = ferryd_call_new (self->connection, self->inbox, message);

  g_debug ("%s calls %s.%s", g_dbus_message_get_sender (message), call->interface, call->member);
  if (self->ready)
    identify (self, call);
  else
    g_queue_push_tail (&self->early, call);
}

/**
 * ferryd_dispatcher_set_ready:
 * @self: the dispatcher
 *
 * The engine is loaded.
 */
void
ferryd_dispatcher_set_ready (FerrydDispatcher *self)
{
  FerrydCall *call;

  self->ready = TRUE;
  while ((call = g_queue_pop_head (&self->early)) != NULL)
    identify (self, call);
}

/**
 * ferryd_dispatcher_refuse:
 * @self: the dispatcher
 * @error: of FERRY_ERROR: why
 *
 * Every call is answered with @error from now on, those included that have been kept so far.
 */
void
ferryd_dispatcher_refuse (FerrydDispatcher *self, const GError *error)
{
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (error);
  ferryd_dispatcher_set_ready (self);
}

/* Manager's PropertiesChanged says nothing about anybody, so everybody gets it. */
static void
on_conditions_changed (FerrydDispatcher *self)
{
  g_autoptr (GVariant) now = g_variant_ref_sink (ferryd_manager_get_properties (self->members.queue));
  g_auto (GVariantBuilder) changed = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  guint n_changed = 0;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, now);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) before = g_variant_lookup_value (self->told, name, NULL);

      if (before != NULL && g_variant_equal (before, value))
        continue;
      g_variant_builder_add (&changed, "{sv}", name, value);
      n_changed++;
    }
  if (n_changed == 0)
    return;
  g_variant_unref (self->told);
  self->told = g_steal_pointer (&now);
  g_dbus_connection_emit_signal (
      self->connection, NULL, FERRY_ROOT_PATH, PROPERTIES_INTERFACE, "PropertiesChanged",
      g_variant_new ("(sa{sv}@as)", FERRY_MANAGER_INTERFACE, &changed, g_variant_new_strv (NULL, 0)), NULL);
}

static void
on_idle_changed (FerrydDispatcher *self)
{
  g_signal_emit (self, idle_changed_signal, 0);
}

/**
 * ferryd_dispatcher_is_idle:
 * @self: the dispatcher
 *
 * Returns: whether nobody is attached and nobody watches
 */
gboolean
ferryd_dispatcher_is_idle (FerrydDispatcher *self)
{
  return ferryd_subscribers_is_idle (self->members.subscribers) &&
         ferryd_watchers_is_idle (self->members.watchers);
}

/**
 * ferryd_dispatcher_get_in_flight:
 * @self: the dispatcher
 *
 * Returns: calls that have arrived and have not been answered
 */
guint
ferryd_dispatcher_get_in_flight (FerrydDispatcher *self)
{
  return ferryd_inbox_get_in_flight (self->inbox);
}

/**
 * ferryd_dispatcher_get_last:
 * @self: the dispatcher
 *
 * Returns: when the last call arrived, as of g_get_monotonic_time(); 0 for none yet
 */
gint64
ferryd_dispatcher_get_last (FerrydDispatcher *self)
{
  return ferryd_inbox_get_last (self->inbox);
}

static void
ferryd_dispatcher_dispose (GObject *object)
{
  FerrydDispatcher *self = FERRYD_DISPATCHER (object);
  FerrydCall *call;

  while ((call = g_queue_pop_head (&self->early)) != NULL)
    ferryd_call_drop (call);
  if (self->inbox != NULL)
    ferryd_inbox_close (self->inbox);
  g_clear_pointer (&self->inbox, ferryd_inbox_unref);
  if (self->members.queue != NULL)
    g_signal_handlers_disconnect_by_data (self->members.queue, self);
  if (self->members.subscribers != NULL)
    g_signal_handlers_disconnect_by_data (self->members.subscribers, self);
  if (self->members.watchers != NULL)
    g_signal_handlers_disconnect_by_data (self->members.watchers, self);
  g_clear_object (&self->members.settings);
  g_clear_object (&self->members.meter);
  g_clear_object (&self->members.unconstrained);
  g_clear_object (&self->members.watchers);
  g_clear_object (&self->members.audience);
  g_clear_object (&self->members.subscribers);
  g_clear_object (&self->members.queue);
  g_clear_object (&self->callers);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->told, g_variant_unref);
  g_clear_error (&self->refusal);
  G_OBJECT_CLASS (ferryd_dispatcher_parent_class)->dispose (object);
}

static void
ferryd_dispatcher_class_init (FerrydDispatcherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_dispatcher_dispose;
  idle_changed_signal = g_signal_new ("idle-changed", FERRYD_TYPE_DISPATCHER, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_dispatcher_init (FerrydDispatcher *self)
{
  g_queue_init (&self->early);
}

/**
 * ferryd_dispatcher_new:
 * @connection: the session bus
 * @queue: every operation there is
 * @unconstrained: asks the user
 * @meter: what connections have used
 * @settings: the user's
 *
 * Returns: (transfer full): a dispatcher that keeps every call until it is ready
 */
FerrydDispatcher *
ferryd_dispatcher_new (GDBusConnection *connection, FerrydQueue *queue, FerrydUnconstrained *unconstrained,
                       FerrydDataMeter *meter, FerrydSettings *settings)
{
  FerrydDispatcher *self = g_object_new (FERRYD_TYPE_DISPATCHER, NULL);

  self->connection = g_object_ref (connection);
  self->callers = ferryd_callers_new (connection);
  self->members.queue = g_object_ref (queue);
  self->members.subscribers = ferryd_subscribers_new (connection, queue, self->callers);
  self->members.watchers = ferryd_watchers_new (connection, queue, self->callers);
  self->members.audience =
      ferryd_completion_audience_new (connection, queue, self->callers, self->members.subscribers);
  self->members.unconstrained = g_object_ref (unconstrained);
  self->members.meter = g_object_ref (meter);
  self->members.settings = g_object_ref (settings);
  self->told = g_variant_ref_sink (ferryd_manager_get_properties (queue));
  g_signal_connect_swapped (queue, "conditions-changed", G_CALLBACK (on_conditions_changed), self);
  g_signal_connect_swapped (self->members.subscribers, "idle-changed", G_CALLBACK (on_idle_changed), self);
  g_signal_connect_swapped (self->members.watchers, "idle-changed", G_CALLBACK (on_idle_changed), self);
  self->inbox = ferryd_inbox_open (connection, on_message, self);
  return self;
}
