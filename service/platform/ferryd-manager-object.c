/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-manager-object.h"

#define NAME NM_DBUS_SERVICE
#define PATH NM_DBUS_PATH
#define INTERFACE NM_DBUS_INTERFACE

/* Where the tree is asked for, as libnm does. */
#define TREE_PATH "/org/freedesktop"

struct _FerrydManagerObject
{
  GObject parent_instance;

  GCancellable *cancellable; /* (owned): of what is under way; its callbacks do not hold this object */
  GDBusProxy *proxy;         /* (owned) (nullable): NULL until it has been set up */
  gboolean asking;           /* an answer is still to come */
  gboolean alone;            /* it is there, and has no tree */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (FerrydManagerObject, ferryd_manager_object, G_TYPE_OBJECT)

static void
set_alone (FerrydManagerObject *self, gboolean alone)
{
  self->asking = FALSE;
  self->alone = alone;
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
is_in_tree (GVariant *answer)
{
  g_autoptr (GVariant) objects = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) own = g_variant_lookup_value (objects, PATH, NULL);

  return own != NULL;
}

static void
on_tree (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydManagerObject *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the object has gone, or another NetworkManager has come */
  /* Whoever does not answer at all is not one that has no tree. */
  set_alone (self, answer != NULL
                       ? !is_in_tree (answer)
                       : g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
                             g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
                             g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
                             g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED));
}

/* Another owner of the name, or none. */
static void
look (FerrydManagerObject *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (self->proxy);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (owner == NULL)
    {
      set_alone (self, FALSE);
      return;
    }
  self->asking = TRUE;
  self->alone = FALSE;
  g_dbus_connection_call (g_dbus_proxy_get_connection (self->proxy), NAME, TREE_PATH,
                          "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          self->cancellable, on_tree, self);
}

static void
on_properties (FerrydManagerObject *self)
{
  if (self->alone)
    g_signal_emit (self, changed_signal, 0);
}

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydManagerObject *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusProxy) proxy = g_dbus_proxy_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the object has gone */
  if (proxy == NULL)
    {
      g_debug ("NetworkManager cannot be watched: %s", error->message);
      set_alone (self, FALSE);
      return;
    }
  self->proxy = g_steal_pointer (&proxy);
  g_signal_connect_swapped (self->proxy, "g-properties-changed", G_CALLBACK (on_properties), self);
  g_signal_connect_swapped (self->proxy, "notify::g-name-owner", G_CALLBACK (look), self);
  look (self);
}

static void
ferryd_manager_object_dispose (GObject *object)
{
  FerrydManagerObject *self = FERRYD_MANAGER_OBJECT (object);

  g_cancellable_cancel (self->cancellable);
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_clear_object (&self->proxy);
  G_OBJECT_CLASS (ferryd_manager_object_parent_class)->dispose (object);
}

static void
ferryd_manager_object_finalize (GObject *object)
{
  g_object_unref (FERRYD_MANAGER_OBJECT (object)->cancellable);
  G_OBJECT_CLASS (ferryd_manager_object_parent_class)->finalize (object);
}

static void
ferryd_manager_object_class_init (FerrydManagerObjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_manager_object_dispose;
  object_class->finalize = ferryd_manager_object_finalize;
  changed_signal = g_signal_new ("changed", FERRYD_TYPE_MANAGER_OBJECT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ferryd_manager_object_init (FerrydManagerObject *self)
{
  self->cancellable = g_cancellable_new ();
  self->asking = TRUE;
}

/**
 * ferryd_manager_object_new:
 * @connection: the system bus
 *
 * Begins to ask.
 *
 * Returns: (transfer full): an object of which nothing is known yet
 */
FerrydManagerObject *
ferryd_manager_object_new (GDBusConnection *connection)
{
  FerrydManagerObject *self = g_object_new (FERRYD_TYPE_MANAGER_OBJECT, NULL);

  g_dbus_proxy_new (connection,
                    G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START | G_DBUS_PROXY_FLAGS_GET_INVALIDATED_PROPERTIES,
                    NULL, NAME, PATH, INTERFACE, self->cancellable, on_proxy, self);
  return self;
}

/**
 * ferryd_manager_object_is_asking:
 * @self: NetworkManager's own object
 *
 * Returns: whether it is not known yet if it is there, and without a tree
 */
gboolean
ferryd_manager_object_is_asking (FerrydManagerObject *self)
{
  return self->asking;
}

static guint
get_number (FerrydManagerObject *self, const char *name)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (self->proxy, name);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (value)
                                                                              : 0;
}

/**
 * ferryd_manager_object_read:
 * @self: NetworkManager's own object
 * @reading: (out): what it says
 *
 * Returns: whether it is there, without a tree
 */
gboolean
ferryd_manager_object_read (FerrydManagerObject *self, FerrydNetworkReading *reading)
{
  if (!self->alone)
    return FALSE;
  *reading = (FerrydNetworkReading){ .state = get_number (self, "State"),
                                     .connectivity = get_number (self, "Connectivity"),
                                     .metered = get_number (self, "Metered") };
  return TRUE;
}
