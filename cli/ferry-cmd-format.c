/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-format.h"

#include <glib/gi18n.h>

/* Columns of a bar: below the least it says nothing, above the most nothing more. */
#define MIN_BAR 10
#define MAX_BAR 40

/* Columns that a name keeps beside figures and bar. */
#define MIN_NAME 12

/* Columns that figures get where there is room, so that the bar does not jump about with their digits: those
 * of `45%, 450.0 MB of 1000.0 MB, 11.0 MB/s, 55 s left`. */
#define FIGURES 48

/**
 * ferry_cmd_format_size:
 * @bytes: a number of bytes
 *
 * Returns: (transfer full): for people, as in `1.4 GB`
 */
char *
ferry_cmd_format_size (gint64 bytes)
{
  g_autofree char *text = g_format_size ((guint64) MAX (bytes, 0));
  g_auto (GStrv) parts = g_strsplit (text, "\u00a0", -1);

  /* A terminal of another character set has no space that does not break. */
  return g_strjoinv (" ", parts);
}

/**
 * ferry_cmd_format_duration:
 * @microseconds: a span of time
 *
 * Returns: (transfer full): for people, as in `12 s`
 */
char *
ferry_cmd_format_duration (gint64 microseconds)
{
  gint64 seconds = (microseconds + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
  gint64 minutes = seconds / 60;
  gint64 hours = minutes / 60;

  if (microseconds < 10 * G_USEC_PER_SEC - G_USEC_PER_SEC / 20)
    return g_strdup_printf (_ ("%.1f s"), (double) MAX (microseconds, 0) / G_USEC_PER_SEC);
  if (seconds < 60)
    return g_strdup_printf (_ ("%d s"), (int) seconds);
  if (hours == 0)
    return g_strdup_printf (_ ("%d min %d s"), (int) minutes, (int) (seconds % 60));
  if (hours < 24)
    return g_strdup_printf (_ ("%d h %d min"), (int) hours, (int) (minutes % 60));
  return g_strdup_printf (_ ("%d d %d h"), (int) MIN (hours / 24, G_MAXINT), (int) (hours % 24));
}

/**
 * ferry_cmd_format_percent:
 * @received: bytes
 * @total: bytes, -1 when not known
 *
 * Returns: (transfer full): as in `45%`, which is 100 only when all is there; `-` when not known
 */
char *
ferry_cmd_format_percent (gint64 received, gint64 total)
{
  if (total < 0)
    return g_strdup ("-");
  if (received >= total)
    return g_strdup ("100%");
  return g_strdup_printf ("%d%%", (int) MIN ((double) MAX (received, 0) * 100.0 / (double) total, 99.0));
}

static guint
columns_of (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

/* Marks that join with the character before them take no column; anything else that a terminal does not print
 * may move the cursor or turn the direction of what follows. */
static gboolean
is_safe (gunichar character)
{
  return g_unichar_isprint (character) || g_unichar_ismark (character);
}

/**
 * ferry_cmd_format_cell:
 * @text: what is to be shown; anything, also from a server
 * @columns: how wide it may be
 * @pad: whether it is filled up with spaces to be so wide
 *
 * Returns: (transfer full): @text without what a terminal would obey, cut where it is too long
 */
char *
ferry_cmd_format_cell (const char *text, guint columns, gboolean pad)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) cell = g_string_new (NULL);
  guint used = 0;
  gsize fits = 0;      /* bytes of @cell that leave room for the ellipsis */
  guint fits_used = 0; /* columns of those */

  for (const char *next = valid; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      if (!is_safe (character))
        character = 0xfffd;
      used += columns_of (character);
      if (used > columns)
        {
          g_string_truncate (cell, fits);
          if (columns > 0)
            g_string_append (cell, "…");
          used = fits_used + (columns > 0 ? 1 : 0);
          break;
        }
      g_string_append_unichar (cell, character);
      if (used < columns)
        {
          fits = cell->len;
          fits_used = used;
        }
    }
  for (; pad && used < columns; used++)
    g_string_append_c (cell, ' ');
  return g_string_free (g_steal_pointer (&cell), FALSE);
}

/**
 * ferry_cmd_format_figures:
 * @figures: of a transfer
 *
 * Returns: (transfer full): everything but its name, for a line of its own
 */
char *
ferry_cmd_format_figures (const FerryCmdFigures *figures)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *received = ferry_cmd_format_size (figures->received);
  g_autofree char *speed = ferry_cmd_format_size (figures->speed);

  if (figures->total >= 0)
    {
      g_autofree char *percent = ferry_cmd_format_percent (figures->received, figures->total);
      g_autofree char *total = ferry_cmd_format_size (figures->total);

      g_string_append_printf (line, _ ("%s, %s of %s"), percent, received, total);
    }
  else
    g_string_append (line, received);
  if (figures->waits_for != NULL)
    return g_string_free (g_steal_pointer (&line), FALSE);

  /* Before the first bytes there is none; a stalled one sinks slowly. */
  if (figures->speed > 0)
    g_string_append_printf (line, _ (", %s/s"), speed);
  if (figures->remaining >= 0)
    {
      /* A guess has no tenths. */
      gint64 seconds = (figures->remaining + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
      g_autofree char *left = seconds < 10 ? g_strdup_printf (_ ("%d s"), (int) seconds)
                                           : ferry_cmd_format_duration (seconds * G_USEC_PER_SEC);

      g_string_append_printf (line, _ (", %s left"), left);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static char *
draw_bar (gint64 received, gint64 total, guint columns)
{
  guint inner = columns - 2;
  guint done = total > 0 ? (guint) ((double) MIN (received, total) * inner / (double) total) : inner;
  g_autofree char *filled = g_strnfill (done, '#');
  g_autofree char *empty = g_strnfill (inner - done, '.');

  return g_strdup_printf ("[%s%s]", filled, empty);
}

/**
 * ferry_cmd_format_bar:
 * @figures: of a transfer
 * @columns: of the terminal
 *
 * Returns: (transfer full): one line for a terminal, at most @columns wide: name, bar and figures, or what it
 * waits for
 */
char *
ferry_cmd_format_bar (const FerryCmdFigures *figures, guint columns)
{
  g_autofree char *numbers = ferry_cmd_format_figures (figures);
  guint rest, bar = 0;
  g_autofree char *name = NULL;
  g_autofree char *drawn = NULL;
  g_autofree char *line = NULL;

  if (figures->waits_for != NULL)
    {
      line = figures->received > 0
                 ? g_strdup_printf ("%s  %s  %s", figures->name, numbers, figures->waits_for)
                 : g_strdup_printf ("%s  %s", figures->name, figures->waits_for);
      return ferry_cmd_format_cell (line, columns, FALSE);
    }

  rest = (guint) g_utf8_strlen (numbers, -1) + 2;
  if (figures->total >= 0 && columns >= FIGURES + 2 + MIN_NAME + 1 + MIN_BAR)
    rest = MAX (rest, FIGURES + 2);
  if (columns < rest + 4)
    return ferry_cmd_format_cell (numbers, columns, FALSE);
  if (figures->total >= 0 && columns >= rest + MIN_NAME + 1 + MIN_BAR)
    bar = MIN (MAX_BAR, columns - rest - MIN_NAME - 1);
  name = ferry_cmd_format_cell (figures->name, columns - rest - (bar > 0 ? bar + 1 : 0), TRUE);
  if (bar == 0)
    return g_strdup_printf ("%s  %s", name, numbers);
  drawn = draw_bar (figures->received, figures->total, bar);
  return g_strdup_printf ("%s %s  %s", name, drawn, numbers);
}
