/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-progress.h"

#include <unistd.h>

#include "ferry-cmd-area.h"
#include "ferry-cmd-operation.h"

/* Milliseconds from a change until it is shown, so that changes that come together are shown together: the
 * service tells counters four times a second an operation, states at once. */
#define DRAW_MS 100

/* Microseconds between two lines about the same state where there is no terminal: enough to see in a log that
 * something moves. */
#define LINE_INTERVAL_US (10 * G_USEC_PER_SEC)

typedef struct
{
  FerryCmdProgress *progress; /* (unowned) */
  FerryOperation *operation;  /* (owned) */
  gulong notify_id;
  char *said;     /* (owned) (nullable): state and reason of the last plain line */
  gint64 said_at; /* monotonic microseconds of that */
} Row;

/* Shows on standard error how operations get on: one bar for each on a terminal, else now and then a line. */
struct _FerryCmdProgress
{
  GPtrArray *rows;    /* (owned) (element-type Row) */
  FerryCmdArea *area; /* (owned) (nullable): NULL where there is no terminal */
  guint draw_id;      /* source that shows what is new, 0 when nothing is */
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_signal_handler_disconnect (row->operation, row->notify_id);
  g_object_unref (row->operation);
  g_free (row->said);
  g_free (row);
}

static void
draw (FerryCmdProgress *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  guint columns, rows;

  ferry_cmd_area_get_size (self->area, &columns, &rows);
  for (guint i = 0; i < self->rows->len && i < rows - 1; i++)
    {
      Row *row = self->rows->pdata[i];
      g_autofree char *raw = ferry_cmd_name (row->operation);
      g_autofree char *name = ferry_cmd_format_cell (raw, columns, FALSE);
      FerryCmdFigures figures;

      ferry_cmd_figures (row->operation, name, &figures);
      g_ptr_array_add (lines, ferry_cmd_format_bar (&figures, columns));
    }
  ferry_cmd_area_draw (self->area, lines);
}

/* One line for a state that lasts; while it runs one now and then. The end is told by whoever waits. */
static void
say (gpointer data, gpointer user_data)
{
  Row *row = data;
  FerryState state = ferry_operation_get_state (row->operation);
  g_autofree char *id = ferry_cmd_short_id (row->operation);
  gint64 now = g_get_monotonic_time ();
  g_autofree char *text = NULL;
  g_autofree char *numbers = NULL;
  g_autofree char *tag = NULL;
  FerryCmdFigures figures;

  ferry_cmd_figures (row->operation, "", &figures);
  tag = g_strconcat (ferry_cmd_state (row->operation), figures.waits_for, NULL);
  if (ferry_state_is_ended (state) ||
      (g_strcmp0 (row->said, tag) == 0 &&
       (state != FERRY_STATE_RUNNING || now < row->said_at + LINE_INTERVAL_US)))
    return;
  numbers = ferry_cmd_format_figures (&figures);
  text = ferry_cmd_format_cell (figures.waits_for != NULL ? figures.waits_for : numbers, G_MAXUINT, FALSE);
  g_printerr ("%s %s: %s\n", id, ferry_cmd_state (row->operation), text);
  g_free (row->said);
  row->said = g_steal_pointer (&tag);
  row->said_at = now;
}

static gboolean
on_draw (gpointer user_data)
{
  FerryCmdProgress *self = user_data;

  self->draw_id = 0;
  if (self->area != NULL)
    draw (self);
  else
    g_ptr_array_foreach (self->rows, say, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Row *row = user_data;
  FerryCmdProgress *self = row->progress;

  if (self->draw_id == 0)
    self->draw_id = g_timeout_add (DRAW_MS, on_draw, self);
}

/**
 * ferry_cmd_progress_new:
 * @operations: (element-type FerryOperation): what to show, somebody waiting for each so that it is heard of
 *
 * Returns: (transfer full): a progress, shown until it is freed
 */
FerryCmdProgress *
ferry_cmd_progress_new (GPtrArray *operations)
{
  FerryCmdProgress *self = g_new0 (FerryCmdProgress, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  if (ferry_cmd_area_is_possible (STDERR_FILENO))
    self->area = ferry_cmd_area_new (STDERR_FILENO);
  for (guint i = 0; i < operations->len; i++)
    {
      Row *row = g_new0 (Row, 1);

      row->progress = self;
      row->operation = g_object_ref (operations->pdata[i]);
      row->notify_id = g_signal_connect (row->operation, "notify", G_CALLBACK (on_notify), row);
      g_ptr_array_add (self->rows, row);
    }
  if (self->area != NULL)
    draw (self);
  return self;
}

/**
 * ferry_cmd_progress_free:
 * @self: (transfer full): a progress
 *
 * Wipes the bars, so that what is said next takes their place.
 */
void
ferry_cmd_progress_free (FerryCmdProgress *self)
{
  g_clear_handle_id (&self->draw_id, g_source_remove);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->area, ferry_cmd_area_free);
  g_free (self);
}
