/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-modems.h"

#include <libmm-glib.h>

#include "ferryd-library.h"

#define SONAME "libmm-glib.so.0"

/* After which time a ModemManager that did not answer is asked again (seconds). */
#define RETRY_INTERVAL 5

/* What is needed of the library. Neither its casts nor its types' macros: those would link it. */
typedef struct
{
  __typeof__ (mm_manager_new) *mm_manager_new;
  __typeof__ (mm_manager_new_finish) *mm_manager_new_finish;
  __typeof__ (mm_object_peek_modem_3gpp) *mm_object_peek_modem_3gpp;
  __typeof__ (mm_modem_3gpp_get_registration_state) *mm_modem_3gpp_get_registration_state;
} Library;

struct _FerrydModems
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned): the system bus */
  GCancellable *cancellable;   /* (owned): of what is under way, which does not hold this object */
  MMManager *manager;          /* (owned) (nullable): NULL until ModemManager, or its absence, has answered */
  guint retry;                 /* source, 0 for none */
  gboolean ready;              /* @manager is there, or is not waited for */
};

static guint changed_signal;
static Library mm; /* filled in once, by the first object's worker; read only after that */

G_DEFINE_FINAL_TYPE (FerrydModems, ferryd_modems, G_TYPE_OBJECT)

static void
set_ready (FerrydModems *self)
{
  self->ready = TRUE;
  g_signal_emit (self, changed_signal, 0);
}

static void
on_changed (FerrydModems *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void make_manager (FerrydModems *self);

static gboolean
on_retry (gpointer user_data)
{
  FerrydModems *self = user_data;

  self->retry = 0;
  make_manager (self);
  return G_SOURCE_REMOVE;
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydModems *self = user_data;
  g_autoptr (GError) error = NULL;
  MMManager *manager = mm.mm_manager_new_finish (result, &error);
  static const char *const watched[] = { "object-added",       "object-removed",
                                         "interface-added",    "interface-removed",
                                         "notify::name-owner", "interface-proxy-properties-changed" };

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the object has gone */
  if (manager == NULL)
    {
      g_message ("Nothing is known of roaming: %s", error->message);
      self->retry = g_timeout_add_seconds (RETRY_INTERVAL, on_retry, self);
    }
  self->manager = manager;
  for (guint i = 0; manager != NULL && i < G_N_ELEMENTS (watched); i++)
    g_signal_connect_swapped (manager, watched[i], G_CALLBACK (on_changed), self);
  set_ready (self);
}

static void
make_manager (FerrydModems *self)
{
  mm.mm_manager_new (self->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START,
                     self->cancellable, on_manager, self);
}

static void
load_in_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  static const FerrydSymbol symbols[] = {
    FERRYD_SYMBOL (Library, mm_manager_new),
    FERRYD_SYMBOL (Library, mm_manager_new_finish),
    FERRYD_SYMBOL (Library, mm_object_peek_modem_3gpp),
    FERRYD_SYMBOL (Library, mm_modem_3gpp_get_registration_state),
  };
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autoptr (GError) error = NULL;

  if (mm.mm_manager_new != NULL || ferryd_library_load (SONAME, symbols, G_N_ELEMENTS (symbols), &mm, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerrydModems *self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      make_manager (self);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the object has gone */
  g_message ("Nothing is known of roaming without the library of ModemManager: %s", error->message);
  set_ready (self);
}

static void
ferryd_modems_dispose (GObject *object)
{
  FerrydModems *self = FERRYD_MODEMS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry, g_source_remove);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ferryd_modems_parent_class)->dispose (object);
}

static void
ferryd_modems_finalize (GObject *object)
{
  g_object_unref (FERRYD_MODEMS (object)->cancellable);
  G_OBJECT_CLASS (ferryd_modems_parent_class)->finalize (object);
}

static void
ferryd_modems_class_init (FerrydModemsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_modems_dispose;
  object_class->finalize = ferryd_modems_finalize;
  changed_signal =
      g_signal_new ("changed", FERRYD_TYPE_MODEMS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_modems_init (FerrydModems *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * ferryd_modems_new:
 * @connection: the system bus
 *
 * Begins to load the library and to ask ModemManager, which is not started for that.
 *
 * Returns: (transfer full): modems of which nothing is known yet
 */
FerrydModems *
ferryd_modems_new (GDBusConnection *connection)
{
  FerrydModems *self = g_object_new (FERRYD_TYPE_MODEMS, NULL);
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_loaded, self);

  self->connection = g_object_ref (connection);
  g_task_set_source_tag (task, ferryd_modems_new);
  g_task_run_in_thread (task, load_in_worker);
  return self;
}

/**
 * ferryd_modems_is_ready:
 * @self: the modems
 *
 * Returns: whether ModemManager, or its absence, has answered
 */
gboolean
ferryd_modems_is_ready (FerrydModems *self)
{
  return self->ready;
}

/**
 * ferryd_modems_is_roaming:
 * @self: the modems
 * @path: ModemManager's object, as NetworkManager names it
 *
 * Returns: whether that modem is known to be outside its home network
 */
gboolean
ferryd_modems_is_roaming (FerrydModems *self, const char *path)
{
  g_autoptr (GDBusObject) object = NULL;
  MMModem3gpp *modem = NULL;

  if (self->manager == NULL || path == NULL || !g_variant_is_object_path (path))
    return FALSE;
  object = g_dbus_object_manager_get_object ((GDBusObjectManager *) self->manager, path);
  if (object != NULL)
    modem = mm.mm_object_peek_modem_3gpp ((MMObject *) object);
  if (modem == NULL)
    return FALSE;
  switch (mm.mm_modem_3gpp_get_registration_state (modem))
    {
    case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING:
    case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_SMS_ONLY:
    case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_CSFB_NOT_PREFERRED:
      return TRUE;
    default:
      return FALSE;
    }
}
