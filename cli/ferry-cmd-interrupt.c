/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-interrupt.h"

#include <glib-unix.h>
#include <signal.h>

static const int signals[] = { SIGINT, SIGTERM };

/* Ctrl-C, and being asked to end, from where something must be said about it. */
struct _FerryCmdInterrupt
{
  GCancellable *cancellable;             /* (owned) */
  guint sources[G_N_ELEMENTS (signals)]; /* by row of signals; 0 once it has come */
};

static void
stop_listening (FerryCmdInterrupt *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_clear_handle_id (&self->sources[i], g_source_remove);
}

static gboolean
on_signal (gpointer user_data)
{
  FerryCmdInterrupt *self = user_data;

  /* A second one ends the program, whatever it waits for. */
  stop_listening (self);
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

/**
 * ferry_cmd_interrupt_new:
 *
 * Returns: (transfer full): catches the first SIGINT or SIGTERM from now on until it is freed
 */
FerryCmdInterrupt *
ferry_cmd_interrupt_new (void)
{
  FerryCmdInterrupt *self = g_new0 (FerryCmdInterrupt, 1);

  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    self->sources[i] = g_unix_signal_add (signals[i], on_signal, self);
  return self;
}

/**
 * ferry_cmd_interrupt_free:
 * @self: (transfer full): an interrupt
 *
 * The signals end the program again.
 */
void
ferry_cmd_interrupt_free (FerryCmdInterrupt *self)
{
  stop_listening (self);
  g_object_unref (self->cancellable);
  g_free (self);
}

/**
 * ferry_cmd_interrupt_get_cancellable:
 * @self: an interrupt
 *
 * Returns: (transfer none): cancelled when the signal comes
 */
GCancellable *
ferry_cmd_interrupt_get_cancellable (FerryCmdInterrupt *self)
{
  return self->cancellable;
}
