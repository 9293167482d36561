/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-applications-desktop.h"

#include <gio/gdesktopappinfo.h>

#define APPLICATION_INTERFACE "org.freedesktop.Application"

/* How GLib calls an action of the application itself, which the interface calls without it. */
#define ACTION_PREFIX "app."

struct _FerrydApplicationsDesktop
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) */
};

static void ferryd_applications_desktop_applications_init (FerrydApplicationsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydApplicationsDesktop, ferryd_applications_desktop, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_APPLICATIONS,
                                                      ferryd_applications_desktop_applications_init))

/* Looking. */

static gboolean
has_desktop_file (const char *id)
{
  g_autofree char *leaf = g_strconcat (id, ".desktop", NULL);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "applications", leaf, NULL);
  const char *const *directories = g_get_system_data_dirs ();

  if (g_file_test (own, G_FILE_TEST_EXISTS))
    return TRUE;
  for (guint i = 0; directories[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (directories[i], "applications", leaf, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* What a desktop file says does not matter here, and one that is broken is there all the same. */
static void
look_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const char *const *ids = task_data;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (strchr (ids[i], '/') == NULL && has_desktop_file (ids[i]))
        g_strv_builder_add (found, ids[i]);
    }
  g_task_return_pointer (task, g_strv_builder_end (found), (GDestroyNotify) g_strfreev);
}

static void
ferryd_applications_desktop_look_async (FerrydApplications *applications, const char *const *ids,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (applications, NULL, callback, user_data);

  g_task_set_source_tag (task, ferryd_applications_desktop_look_async);
  g_task_set_task_data (task, g_strdupv ((char **) ids), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, look_in_thread);
}

static GStrv
ferryd_applications_desktop_look_finish (FerrydApplications *applications, GAsyncResult *result,
                                         GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Activating: over the bus where it has a name there, else as its desktop file says. */

typedef struct
{
  char *id;    /* (owned) */
  char *token; /* (owned) (nullable) */
  gboolean done;
} Activation;

static void
activation_free (gpointer data)
{
  Activation *activation = data;

  g_free (activation->id);
  g_free (activation->token);
  g_free (activation);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Activation *activation = task_data;
  g_autofree char *file = g_strconcat (activation->id, ".desktop", NULL);

  g_task_return_pointer (task, g_desktop_app_info_new (file), g_object_unref);
}

static void
on_launched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_uris_finish (G_APP_INFO (source), result, &error))
    g_message ("%s cannot be launched: %s", g_app_info_get_id (G_APP_INFO (source)), error->message);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const Activation *activation = g_task_get_task_data (G_TASK (result));
  g_autoptr (GDesktopAppInfo) info = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GAppLaunchContext) context = g_app_launch_context_new ();

  if (activation->done)
    return;
  if (info == NULL)
    {
      g_message ("%s cannot be activated: it has no desktop file", activation->id);
      return;
    }
  if (activation->token != NULL)
    {
      g_app_launch_context_setenv (context, "XDG_ACTIVATION_TOKEN", activation->token);
      g_app_launch_context_setenv (context, "DESKTOP_STARTUP_ID", activation->token);
    }
  g_app_info_launch_uris_async (G_APP_INFO (info), NULL, context, NULL, on_launched, NULL);
}

static void
on_activated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    {
      ((Activation *) g_task_get_task_data (task))->done = TRUE;
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  g_debug ("Not activated over the bus: %s", error->message);
  g_task_run_in_thread (task, load_in_thread);
}

static GVariant *
make_platform_data (const char *token)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (token != NULL)
    {
      g_variant_dict_insert (&dict, "activation-token", "s", token);
      g_variant_dict_insert (&dict, "desktop-startup-id", "s", token);
    }
  return g_variant_dict_end (&dict);
}

static GVariant *
make_arguments (const char *action, const char *token)
{
  if (action == NULL)
    return g_variant_new ("(@a{sv})", make_platform_data (token));
  if (g_str_has_prefix (action, ACTION_PREFIX))
    action += strlen (ACTION_PREFIX);
  return g_variant_new ("(s@av@a{sv})", action, g_variant_new_array (G_VARIANT_TYPE_VARIANT, NULL, 0),
                        make_platform_data (token));
}

static void
ferryd_applications_desktop_activate (FerrydApplications *applications, const char *id, const char *action,
                                      const char *token)
{
  FerrydApplicationsDesktop *self = FERRYD_APPLICATIONS_DESKTOP (applications);
  GTask *task = g_task_new (self, NULL, on_loaded, NULL);
  Activation *activation = g_new0 (Activation, 1);
  g_autofree char *path = g_strconcat ("/", id, NULL);

  activation->id = g_strdup (id);
  activation->token = g_strdup (token);
  g_task_set_source_tag (task, ferryd_applications_desktop_activate);
  g_task_set_task_data (task, activation, activation_free);
  g_strdelimit (path, ".", '/');
  g_strdelimit (path, "-", '_');
  if (g_dbus_is_name (id) && !g_dbus_is_unique_name (id) && g_variant_is_object_path (path))
    g_dbus_connection_call (self->connection, id, path, APPLICATION_INTERFACE,
                            action != NULL ? "ActivateAction" : "Activate", make_arguments (action, token),
                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_activated, task);
  else
    {
      g_task_run_in_thread (task, load_in_thread);
      g_object_unref (task);
    }
}

static void
ferryd_applications_desktop_dispose (GObject *object)
{
  FerrydApplicationsDesktop *self = FERRYD_APPLICATIONS_DESKTOP (object);

  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_applications_desktop_parent_class)->dispose (object);
}

static void
ferryd_applications_desktop_class_init (FerrydApplicationsDesktopClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_applications_desktop_dispose;
}

static void
ferryd_applications_desktop_init (FerrydApplicationsDesktop *self)
{
}

static void
ferryd_applications_desktop_applications_init (FerrydApplicationsInterface *iface)
{
  iface->look_async = ferryd_applications_desktop_look_async;
  iface->look_finish = ferryd_applications_desktop_look_finish;
  iface->activate = ferryd_applications_desktop_activate;
}

/**
 * ferryd_applications_desktop_new:
 * @connection: the session bus
 *
 * Returns: (transfer full): the applications of the session
 */
FerrydApplications *
ferryd_applications_desktop_new (GDBusConnection *connection)
{
  FerrydApplicationsDesktop *self = g_object_new (FERRYD_TYPE_APPLICATIONS_DESKTOP, NULL);

  self->connection = g_object_ref (connection);
  return FERRYD_APPLICATIONS (self);
}
