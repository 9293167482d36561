/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-applications.h"

struct _FerrydFakeApplications
{
  GObject parent_instance;

  GHashTable *installed; /* (owned): ids */
  char *activated;       /* (owned) (nullable) */
};

static void ferryd_fake_applications_applications_init (FerrydApplicationsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydFakeApplications, ferryd_fake_applications, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_APPLICATIONS,
                                                      ferryd_fake_applications_applications_init))

static void
ferryd_fake_applications_look_async (FerrydApplications *applications, const char *const *ids,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  FerrydFakeApplications *self = FERRYD_FAKE_APPLICATIONS (applications);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (g_hash_table_contains (self->installed, ids[i]))
        g_strv_builder_add (found, ids[i]);
    }
  g_task_return_pointer (task, g_strv_builder_end (found), (GDestroyNotify) g_strfreev);
}

static GStrv
ferryd_fake_applications_look_finish (FerrydApplications *applications, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferryd_fake_applications_activate (FerrydApplications *applications, const char *id, const char *action,
                                   const char *token)
{
  FerrydFakeApplications *self = FERRYD_FAKE_APPLICATIONS (applications);

  g_free (self->activated);
  self->activated =
      g_strdup_printf ("%s|%s|%s", id, action != NULL ? action : "", token != NULL ? token : "");
}

static void
ferryd_fake_applications_finalize (GObject *object)
{
  FerrydFakeApplications *self = FERRYD_FAKE_APPLICATIONS (object);

  g_hash_table_unref (self->installed);
  g_free (self->activated);
  G_OBJECT_CLASS (ferryd_fake_applications_parent_class)->finalize (object);
}

static void
ferryd_fake_applications_class_init (FerrydFakeApplicationsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_fake_applications_finalize;
}

static void
ferryd_fake_applications_init (FerrydFakeApplications *self)
{
  self->installed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
ferryd_fake_applications_applications_init (FerrydApplicationsInterface *iface)
{
  iface->look_async = ferryd_fake_applications_look_async;
  iface->look_finish = ferryd_fake_applications_look_finish;
  iface->activate = ferryd_fake_applications_activate;
}

/**
 * ferryd_fake_applications_new:
 *
 * Returns: (transfer full): no applications
 */
FerrydFakeApplications *
ferryd_fake_applications_new (void)
{
  return g_object_new (FERRYD_TYPE_FAKE_APPLICATIONS, NULL);
}

/**
 * ferryd_fake_applications_set_installed:
 * @self: applications
 * @id: one of them
 * @installed: whether it is there from now on
 */
void
ferryd_fake_applications_set_installed (FerrydFakeApplications *self, const char *id, gboolean installed)
{
  if (installed)
    g_hash_table_add (self->installed, g_strdup (id));
  else
    g_hash_table_remove (self->installed, id);
}

/**
 * ferryd_fake_applications_take_activated:
 * @self: applications
 *
 * Returns: (transfer full) (nullable): what has been activated last: `id|action|token`
 */
char *
ferryd_fake_applications_take_activated (FerrydFakeApplications *self)
{
  return g_steal_pointer (&self->activated);
}
