/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-table-row.h"

#include <glib/gi18n.h>

#include "ferry-cmd-operation.h"

/* Columns: the longest state is paused-recoverable-error; `1023.9 MB` is the longest size. */
#define STATE_COLUMNS 24
#define PROGRESS_COLUMNS 8
#define SIZE_COLUMNS 9

static char *
create_row (const char *id, const char *state, const char *progress, const char *size, const char *name)
{
  g_autofree char *id_cell = ferry_cmd_format_cell (id, FERRY_CMD_SHORT_ID, TRUE);
  g_autofree char *state_cell = ferry_cmd_format_cell (state, STATE_COLUMNS, TRUE);
  g_autofree char *progress_cell = ferry_cmd_format_cell (progress, PROGRESS_COLUMNS, TRUE);
  g_autofree char *size_cell = ferry_cmd_format_cell (size, SIZE_COLUMNS, TRUE);

  return g_strjoin ("  ", id_cell, state_cell, progress_cell, size_cell, name, NULL);
}

/**
 * ferry_cmd_table_header:
 *
 * Returns: (transfer full): what stands above the rows
 */
char *
ferry_cmd_table_header (void)
{
  return create_row (_ ("ID"), _ ("STATE"), _ ("PROGRESS"), _ ("SIZE"), _ ("NAME"));
}

/* Of an upload with where to: a file of the same name may go to many places, or come from them. */
static char *
name_row (FerryOperation *operation)
{
  g_autofree char *name = ferry_cmd_name (operation);
  const char *uri = ferry_operation_get_uri (operation);

  if (!FERRY_IS_UPLOAD (operation))
    return g_steal_pointer (&name);
  return g_str_equal (name, uri) ? g_strconcat ("→ ", uri, NULL) : g_strconcat (name, " → ", uri, NULL);
}

/**
 * ferry_cmd_table_row:
 * @operation: an operation
 *
 * Returns: (transfer full): one line about it
 */
char *
ferry_cmd_table_row (FerryOperation *operation)
{
  gint64 moved, total;
  g_autofree char *id = ferry_cmd_short_id (operation);
  g_autofree char *name = name_row (operation);
  g_autofree char *percent = NULL;
  g_autofree char *size = NULL;

  ferry_cmd_get_bytes (operation, &moved, &total);
  percent = ferry_cmd_format_percent (moved, total);
  size = total >= 0 || moved > 0 ? ferry_cmd_format_size (total >= 0 ? total : moved) : g_strdup ("-");
  return create_row (id, ferry_cmd_state (operation), percent, size, name);
}
