/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "ferry-cmd-area.h"
#include "ferry-cmd-operation.h"
#include "ferry-cmd-table-row.h"
#include "ferry-cmd-util.h"

/* Milliseconds between two drawings: the service tells counters four times a second. */
#define DRAW_MS 100

/* Lines of a terminal that are not operations: the head, how many more there are, the shell's. */
#define OTHER_LINES 3

typedef struct
{
  GListModel *list;   /* (owned) */
  FerryCmdArea *area; /* (owned) (nullable): NULL where there is no terminal */
  GPtrArray *seen;    /* (owned) (element-type FerryOperation): what @list had, by position */
  gboolean json;      /* one object for each change, instead of lines */
  guint draw_id;      /* source of the next drawing, 0 when none is due */
  gboolean stopped;   /* by Ctrl-C */
} Watch;

/* What has not ended comes first, both oldest first; the rest of the room is for the last that ended. */
static void
draw (Watch *watch)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  guint columns, rows, room, n_items = watch->seen->len;
  g_autofree char *header = ferry_cmd_table_header ();

  ferry_cmd_area_get_size (watch->area, &columns, &rows);
  room = rows > OTHER_LINES + 1 ? rows - OTHER_LINES : 1;
  g_ptr_array_add (lines, ferry_cmd_format_cell (header, columns, FALSE));
  for (guint ended = 0; ended < 2; ended++)
    {
      for (guint i = 0; i < n_items && lines->len <= room; i++)
        {
          /* Of the ended ones the newest tell most. */
          FerryOperation *operation = watch->seen->pdata[ended ? n_items - 1 - i : i];
          g_autofree char *row = NULL;

          if (ferry_state_is_ended (ferry_operation_get_state (operation)) != (gboolean) ended)
            continue;
          row = ferry_cmd_table_row (operation);
          g_ptr_array_add (lines, ferry_cmd_format_cell (row, columns, FALSE));
        }
    }
  if (n_items > lines->len - 1)
    {
      g_autofree char *more = g_strdup_printf (_ ("… and %u more"), n_items - (lines->len - 1));

      g_ptr_array_add (lines, ferry_cmd_format_cell (more, columns, FALSE));
    }
  ferry_cmd_area_draw (watch->area, lines);
}

static gboolean
on_draw (gpointer user_data)
{
  Watch *watch = user_data;

  watch->draw_id = 0;
  draw (watch);
  return G_SOURCE_REMOVE;
}

static void
draw_soon (Watch *watch)
{
  if (watch->area != NULL && watch->draw_id == 0)
    watch->draw_id = g_timeout_add (DRAW_MS, on_draw, watch);
}

static void
print_json (FerryOperation *operation)
{
  g_autoptr (GVariant) properties = ferry_operation_get_properties (operation);

  ferry_cmd_print_json (properties);
}

static void
print_line (FerryOperation *operation)
{
  g_autofree char *row = ferry_cmd_table_row (operation);
  g_autofree char *safe = ferry_cmd_format_cell (row, G_MAXUINT, FALSE);

  g_print ("%s\n", safe);
}

static void
on_notify (FerryOperation *operation, GParamSpec *pspec, Watch *watch)
{
  draw_soon (watch);
}

/* Without a terminal a change of state is worth a line, a counter is not. */
static void
on_state (FerryOperation *operation, GParamSpec *pspec, Watch *watch)
{
  if (watch->json)
    print_json (operation);
  else if (watch->area == NULL)
    print_line (operation);
}

static void
on_bytes (FerryOperation *operation, GParamSpec *pspec, Watch *watch)
{
  if (watch->json)
    print_json (operation);
}

static void
on_items_changed (GListModel *list, guint position, guint removed, guint added, Watch *watch)
{
  for (guint i = 0; i < removed; i++)
    {
      g_signal_handlers_disconnect_by_data (watch->seen->pdata[position], watch);
      g_ptr_array_remove_index (watch->seen, position);
    }
  for (guint i = 0; i < added; i++)
    {
      FerryOperation *operation = g_list_model_get_item (list, position + i);

      g_ptr_array_insert (watch->seen, (int) (position + i), operation);
      g_signal_connect (operation, "notify", G_CALLBACK (on_notify), watch);
      g_signal_connect (operation, "notify::state", G_CALLBACK (on_state), watch);
      g_signal_connect (operation,
                        FERRY_IS_UPLOAD (operation) ? "notify::bytes-sent" : "notify::bytes-received",
                        G_CALLBACK (on_bytes), watch);
      on_state (operation, NULL, watch);
    }
  draw_soon (watch);
}

static gboolean
on_stop (gpointer user_data)
{
  Watch *watch = user_data;

  watch->stopped = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
show_until_stopped (Watch *watch)
{
  guint interrupt_id = g_unix_signal_add (SIGINT, on_stop, watch);
  guint terminate_id = g_unix_signal_add (SIGTERM, on_stop, watch);

  watch->seen = g_ptr_array_new_with_free_func (g_object_unref);
  if (!watch->json && ferry_cmd_area_is_possible (STDOUT_FILENO))
    watch->area = ferry_cmd_area_new (STDOUT_FILENO);
  g_signal_connect (watch->list, "items-changed", G_CALLBACK (on_items_changed), watch);
  on_items_changed (watch->list, 0, 0, g_list_model_get_n_items (watch->list), watch);
  if (watch->area != NULL)
    draw (watch);

  while (!watch->stopped)
    g_main_context_iteration (NULL, TRUE);

  g_signal_handlers_disconnect_by_data (watch->list, watch);
  on_items_changed (watch->list, 0, watch->seen->len, 0, watch);
  g_clear_handle_id (&watch->draw_id, g_source_remove);
  g_ptr_array_unref (watch->seen);
  g_clear_pointer (&watch->area, ferry_cmd_area_leave);
  g_source_remove (interrupt_id);
  g_source_remove (terminate_id);
}

/**
 * ferry_cmd_watch:
 * @command: `watch`
 * @argv: its arguments
 *
 * Shows what there is and what becomes of it.
 *
 * Returns: the exit status
 */
FerryCmdStatus
ferry_cmd_watch (const FerryCmd *command, GStrv argv)
{
  g_autofree char *group = NULL;
  Watch watch = { 0 };
  const GOptionEntry entries[] = {
    { "group", 'g', 0, G_OPTION_ARG_STRING, &group, N_ ("Only those of this group"), N_ ("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &watch.json, N_ ("Print a JSON object for each change, one a line"),
      NULL },
    { NULL },
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FerryManager) manager = NULL;
  g_autoptr (GError) error = NULL;

  if (!ferry_cmd_parse (command, entries, &argv, 0, 0, &error))
    return ferry_cmd_refuse_usage (command, error);
  manager = ferry_cmd_get_manager (&error);
  if (manager == NULL)
    return ferry_cmd_report (error);
  ferry_manager_watch_async (manager, ferry_cmd_filter (group, NULL, NULL), NULL, ferry_cmd_keep_result,
                             &result);
  ferry_cmd_await (&result);
  watch.list = ferry_manager_watch_finish (manager, result, &error);
  if (watch.list == NULL)
    return ferry_cmd_report (error);
  show_until_stopped (&watch);
  g_object_unref (watch.list);
  return FERRY_CMD_DONE;
}
