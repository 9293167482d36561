/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>

#include "ferry-cmd-format.h"

static void
assert_text (char *text, const char *wanted)
{
  g_assert_cmpstr (text, ==, wanted);
  g_free (text);
}

static void
test_size (void)
{
  assert_text (ferry_cmd_format_size (0), "0 bytes");
  assert_text (ferry_cmd_format_size (-1), "0 bytes");
  assert_text (ferry_cmd_format_size (1400000000), "1.4 GB");
}

static void
test_duration (void)
{
  assert_text (ferry_cmd_format_duration (-1), "0.0 s");
  assert_text (ferry_cmd_format_duration (1250 * G_TIME_SPAN_MILLISECOND), "1.2 s");
  assert_text (ferry_cmd_format_duration (9949 * G_TIME_SPAN_MILLISECOND), "9.9 s");
  assert_text (ferry_cmd_format_duration (9950 * G_TIME_SPAN_MILLISECOND), "10 s");
  assert_text (ferry_cmd_format_duration (59 * G_TIME_SPAN_SECOND), "59 s");
  assert_text (ferry_cmd_format_duration (60 * G_TIME_SPAN_SECOND), "1 min 0 s");
  assert_text (ferry_cmd_format_duration (3 * G_TIME_SPAN_HOUR + 5 * G_TIME_SPAN_MINUTE), "3 h 5 min");
  assert_text (ferry_cmd_format_duration (25 * G_TIME_SPAN_HOUR), "1 d 1 h");
  assert_text (ferry_cmd_format_duration (G_MAXINT64 / 2), "53375995 d 14 h");
}

static void
test_percent (void)
{
  assert_text (ferry_cmd_format_percent (5, -1), "-");
  assert_text (ferry_cmd_format_percent (0, 0), "100%");
  assert_text (ferry_cmd_format_percent (0, 3), "0%");
  assert_text (ferry_cmd_format_percent (G_MAXINT64 - 1, G_MAXINT64), "99%");
  assert_text (ferry_cmd_format_percent (3, 3), "100%");
}

static void
test_cell (void)
{
  assert_text (ferry_cmd_format_cell ("abc", 5, TRUE), "abc  ");
  assert_text (ferry_cmd_format_cell ("abc", 5, FALSE), "abc");
  assert_text (ferry_cmd_format_cell ("abcde", 5, TRUE), "abcde");
  assert_text (ferry_cmd_format_cell ("abcdef", 5, TRUE), "abcd…");
  assert_text (ferry_cmd_format_cell ("abc", 0, TRUE), "");
  /* Wide characters take two columns, and half of one cannot be shown. */
  assert_text (ferry_cmd_format_cell ("漢字漢", 5, TRUE), "漢字…");
  assert_text (ferry_cmd_format_cell ("漢字漢", 4, TRUE), "漢… ");
  /* What a terminal would obey, and what is not UTF-8. */
  assert_text (ferry_cmd_format_cell ("a\033[2Jb\n", 10, FALSE), "a\ufffd[2Jb\ufffd");
  assert_text (ferry_cmd_format_cell ("a\xff", 10, FALSE), "a\ufffd");
  /* A right-to-left override makes "exe.txt" of "txt.exe"; an accent of its own is only an accent. */
  assert_text (ferry_cmd_format_cell ("a\u202eb", 10, FALSE), "a\ufffdb");
  assert_text (ferry_cmd_format_cell ("e\u0301", 1, TRUE), "e\u0301");
}

static const FerryCmdFigures running = {
  .name = "file.iso",
  .received = 45000000,
  .total = 100000000,
  .speed = 11000000,
  .remaining = 5 * G_USEC_PER_SEC,
};

static void
test_figures (void)
{
  FerryCmdFigures figures = running;

  assert_text (ferry_cmd_format_figures (&figures), "45%, 45.0 MB of 100.0 MB, 11.0 MB/s, 5 s left");
  figures.remaining = -1;
  assert_text (ferry_cmd_format_figures (&figures), "45%, 45.0 MB of 100.0 MB, 11.0 MB/s");
  figures.total = -1;
  assert_text (ferry_cmd_format_figures (&figures), "45.0 MB, 11.0 MB/s");
  figures.speed = 0;
  assert_text (ferry_cmd_format_figures (&figures), "45.0 MB");
  figures.speed = running.speed;
  figures.waits_for = "Waiting for a network";
  assert_text (ferry_cmd_format_figures (&figures), "45.0 MB");
}

static void
test_bar (void)
{
  FerryCmdFigures figures = running;

  figures.remaining = -1;
  assert_text (ferry_cmd_format_bar (&figures, 80),
               "file.iso     [######.........]  45%, 45.0 MB of 100.0 MB, 11.0 MB/s");
  /* The bar stays where it is. */
  figures.remaining = 5 * G_USEC_PER_SEC;
  assert_text (ferry_cmd_format_bar (&figures, 80),
               "file.iso     [######.........]  45%, 45.0 MB of 100.0 MB, 11.0 MB/s, 5 s left");
  figures.remaining = -1;
  figures.received = figures.total;
  assert_text (ferry_cmd_format_bar (&figures, 70),
               "file.iso     [################]  100%, 100.0 MB of 100.0 MB, 11.0 MB/s");
  figures.total = -1;
  assert_text (ferry_cmd_format_bar (&figures, 40), "file.iso             100.0 MB, 11.0 MB/s");
  figures.waits_for = "Waiting for a network";
  assert_text (ferry_cmd_format_bar (&figures, 60), "file.iso  100.0 MB  Waiting for a network");
  figures.received = 0;
  assert_text (ferry_cmd_format_bar (&figures, 60), "file.iso  Waiting for a network");
}

/* No width makes a line too long, or an empty bar. */
static void
test_bar_fits (void)
{
  FerryCmdFigures figures = running;

  for (guint waits = 0; waits < 2; waits++)
    {
      figures.waits_for = waits ? "Waiting for a network that costs nothing" : NULL;
      for (guint columns = 1; columns < 200; columns++)
        {
          g_autofree char *line = ferry_cmd_format_bar (&figures, columns);

          g_assert_cmpint (g_utf8_strlen (line, -1), <=, columns);
          g_assert_null (strstr (line, "[]"));
          g_assert_cmpint (strlen (line), >, 0);
        }
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-format/size", test_size);
  g_test_add_func ("/cli-format/duration", test_duration);
  g_test_add_func ("/cli-format/percent", test_percent);
  g_test_add_func ("/cli-format/cell", test_cell);
  g_test_add_func ("/cli-format/figures", test_figures);
  g_test_add_func ("/cli-format/bar", test_bar);
  g_test_add_func ("/cli-format/bar-fits", test_bar_fits);
  return g_test_run ();
}
