/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-area.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Of a terminal that does not tell. */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

/* Lines at the bottom of a terminal that are drawn over again and again. */
struct _FerryCmdArea
{
  int fd;        /* (unowned): the terminal: standard output or standard error */
  guint n_lines; /* drawn; the cursor is in the last of them */
};

/**
 * ferry_cmd_area_is_possible:
 * @fd: standard output or standard error
 *
 * Returns: whether it is a terminal that can be drawn over
 */
gboolean
ferry_cmd_area_is_possible (int fd)
{
  return isatty (fd) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * ferry_cmd_area_new:
 * @fd: standard output or standard error
 *
 * Returns: (transfer full): an area without lines
 */
FerryCmdArea *
ferry_cmd_area_new (int fd)
{
  FerryCmdArea *self = g_new0 (FerryCmdArea, 1);

  self->fd = fd;
  return self;
}

static void
put (FerryCmdArea *self, const char *text)
{
  if (self->fd == STDOUT_FILENO)
    g_print ("%s", text);
  else
    g_printerr ("%s", text);
}

/* To the beginning of the first line, from where everything is void. */
static void
begin (FerryCmdArea *self, GString *output)
{
  g_string_append_c (output, '\r');
  if (self->n_lines > 1)
    g_string_append_printf (output, "\033[%uA", self->n_lines - 1);
}

/**
 * ferry_cmd_area_free:
 * @self: (transfer full): an area
 *
 * Wipes its lines.
 */
void
ferry_cmd_area_free (FerryCmdArea *self)
{
  g_autoptr (GString) output = g_string_new (NULL);

  if (self->n_lines > 0)
    {
      begin (self, output);
      g_string_append (output, "\033[J");
      put (self, output->str);
    }
  g_free (self);
}

/**
 * ferry_cmd_area_leave:
 * @self: (transfer full): an area
 *
 * Leaves its lines where they are; what is said next comes below them.
 */
void
ferry_cmd_area_leave (FerryCmdArea *self)
{
  if (self->n_lines > 0)
    put (self, "\n");
  g_free (self);
}

/**
 * ferry_cmd_area_get_size:
 * @self: an area
 * @columns: (out): how wide a line may be
 * @rows: (out): how many there may be
 *
 * Asks the terminal, which may have changed.
 */
void
ferry_cmd_area_get_size (FerryCmdArea *self, guint *columns, guint *rows)
{
  struct winsize size = { 0 };
  gboolean told = ioctl (self->fd, TIOCGWINSZ, &size) == 0;

  /* The last column stays free: some terminals begin a new line as soon as it is written to. */
  *columns = (told && size.ws_col > 1 ? size.ws_col : DEFAULT_COLUMNS) - 1;
  *rows = told && size.ws_row > 0 ? size.ws_row : DEFAULT_ROWS;
}

/**
 * ferry_cmd_area_draw:
 * @self: an area
 * @lines: (element-type utf8): what it shows from now on, not wider and not more than its size
 *
 * Draws over what was there.
 */
void
ferry_cmd_area_draw (FerryCmdArea *self, GPtrArray *lines)
{
  g_autoptr (GString) output = g_string_new (NULL);

  begin (self, output);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (output, "%s%s\033[K", i > 0 ? "\n" : "", (const char *) lines->pdata[i]);
  g_string_append (output, "\033[J");
  put (self, output->str);
  self->n_lines = lines->len;
}
