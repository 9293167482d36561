/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryCmdFigures:
 * @name: what it is called
 * @waits_for: (nullable): why it does not run, a sentence; NULL when it runs
 * @received: bytes
 * @total: bytes, -1 when not known
 * @speed: bytes a second, 0 when not known
 * @remaining: microseconds, -1 when not known
 *
 * What a line about a transfer says.
 */
typedef struct
{
  const char *name;
  const char *waits_for;
  gint64 received;
  gint64 total;
  gint64 speed;
  gint64 remaining;
} FerryCmdFigures;

char *ferry_cmd_format_size (gint64 bytes);
char *ferry_cmd_format_duration (gint64 microseconds);
char *ferry_cmd_format_percent (gint64 received, gint64 total);
char *ferry_cmd_format_cell (const char *text, guint columns, gboolean pad);
char *ferry_cmd_format_figures (const FerryCmdFigures *figures);
char *ferry_cmd_format_bar (const FerryCmdFigures *figures, guint columns);

G_END_DECLS
