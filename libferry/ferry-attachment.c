/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-attachment.h"

#include "ferry-names.h"

/**
 * FerryAttachment:
 *
 * Whether this connection gets the signals of one operation: as long as somebody holds it, across restarts of
 * the service.
 */
struct _FerryAttachment
{
  GObject parent_instance;

  FerryBus *bus;     /* (owned) */
  char *path;        /* (owned): the operation */
  guint holds;       /* how many want it, those still being acknowledged included */
  gulong lost_id;    /* handler of FerryBus::lost */
  gboolean renewing; /* a call of renew() is under way */
};

enum
{
  SIGNAL_RENEWED,
  SIGNAL_BROKEN,
  N_SIGNALS,
};

static guint attachment_signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryAttachment, ferry_attachment, G_TYPE_OBJECT)

static void renew (FerryAttachment *self);

static void
ferry_attachment_dispose (GObject *object)
{
  FerryAttachment *self = FERRY_ATTACHMENT (object);

  if (self->bus != NULL)
    g_clear_signal_handler (&self->lost_id, self->bus);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (ferry_attachment_parent_class)->dispose (object);
}

static void
ferry_attachment_finalize (GObject *object)
{
  FerryAttachment *self = FERRY_ATTACHMENT (object);

  g_free (self->path);

  G_OBJECT_CLASS (ferry_attachment_parent_class)->finalize (object);
}

static void
ferry_attachment_class_init (FerryAttachmentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_attachment_dispose;
  object_class->finalize = ferry_attachment_finalize;

  /**
   * FerryAttachment::renewed:
   *
   * The service went away and knows us again; every property has been heard anew.
   */
  attachment_signals[SIGNAL_RENEWED] =
      g_signal_new ("renewed", FERRY_TYPE_ATTACHMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * FerryAttachment::broken:
   * @error: why
   *
   * The service went away and did not come back, or no longer has the operation.
   */
  attachment_signals[SIGNAL_BROKEN] = g_signal_new ("broken", FERRY_TYPE_ATTACHMENT, G_SIGNAL_RUN_LAST, 0,
                                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ferry_attachment_init (FerryAttachment *self)
{
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryAttachment) self = FERRY_ATTACHMENT (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  self->renewing = FALSE;
  if (self->holds == 0)
    return;
  if (reply != NULL)
    g_signal_emit (self, attachment_signals[SIGNAL_RENEWED], 0);
  else
    g_signal_emit (self, attachment_signals[SIGNAL_BROKEN], 0, error);
}

/* Attaches again; a call that is under way is repeated by itself when its service goes away. */
static void
renew (FerryAttachment *self)
{
  if (self->renewing)
    return;
  self->renewing = TRUE;
  ferry_bus_call_async (self->bus, self->path, FERRY_OPERATION_INTERFACE, "Attach", NULL, "()",
                        FERRY_BUS_CALL_REPEATABLE, NULL, on_renewed, g_object_ref (self));
}

static void
on_lost (FerryBus *bus, FerryAttachment *self)
{
  if (self->holds > 0)
    renew (self);
}

/**
 * ferry_attachment_new:
 * @bus: (transfer none):
 * @path: an operation
 *
 * Returns: (transfer full): an attachment that nobody holds
 */
FerryAttachment *
ferry_attachment_new (FerryBus *bus, const char *path)
{
  FerryAttachment *self = g_object_new (FERRY_TYPE_ATTACHMENT, NULL);

  self->bus = g_object_ref (bus);
  self->path = g_strdup (path);
  self->lost_id = g_signal_connect (bus, "lost", G_CALLBACK (on_lost), self);
  return self;
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  FerryAttachment *self = FERRY_ATTACHMENT (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ferry_bus_call_finish (FERRY_BUS (source), result, NULL, &error);

  if (reply == NULL)
    {
      ferry_attachment_release (self);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* One that handed its name over may have answered before it went. */
  if (ferry_bus_get_losses (self->bus) != GPOINTER_TO_UINT (g_task_get_task_data (task)))
    renew (self);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferry_attachment_hold_async:
 * @self: an attachment
 * @method: `Attach`, or `Start`, which attaches too
 * @cancellable: (nullable):
 * @callback: called when the service has acknowledged, after every property has been heard
 * @user_data: for @callback
 *
 * Attaches; ferry_attachment_release() is to follow, unless it fails.
 */
void
ferry_attachment_hold_async (FerryAttachment *self, const char *method, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ferry_attachment_hold_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (ferry_bus_get_losses (self->bus)), NULL);
  self->holds++;
  ferry_bus_call_async (self->bus, self->path, FERRY_OPERATION_INTERFACE, method, NULL, "()",
                        FERRY_BUS_CALL_REPEATABLE, cancellable, on_held, g_steal_pointer (&task));
}

/**
 * ferry_attachment_hold_finish:
 * @self: an attachment
 * @result: what the callback got
 * @error: (nullable):
 *
 * Returns: whether it is attached
 */
gboolean
ferry_attachment_hold_finish (FerryAttachment *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_attachment_release:
 * @self: an attachment that is held
 *
 * Lets go; the last one detaches.
 */
void
ferry_attachment_release (FerryAttachment *self)
{
  if (--self->holds > 0)
    return;
  ferry_bus_call_async (self->bus, self->path, FERRY_OPERATION_INTERFACE, "Detach", NULL, "()",
                        FERRY_BUS_CALL_IF_THERE, NULL, NULL, NULL);
}
