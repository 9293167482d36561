/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-parse.h"

#include <string.h>

/* Beyond this a double knows no single bytes, and the service no sizes. */
#define MAX_SIZE ((double) G_MAXINT64)

/* Units as the command prints them, powers of 1000; with an i powers of 1024. */
static const char units[] = "kMGT";

/* Seconds of what a span of time is given in. */
static const struct
{
  char letter;
  gint64 seconds;
} spans[] = { { 's', 1 }, { 'm', 60 }, { 'h', 60 * 60 }, { 'd', 24 * 60 * 60 }, { 'w', 7 * 24 * 60 * 60 } };

/**
 * ferry_cmd_parse_size:
 * @text: a number of bytes as people write it: `5000`, `1.5M`, `64 KiB`, `300kB/s`
 * @bytes: (out): how many
 *
 * A unit is k, M, G or T, a power of 1000 as in everything the command prints, with an i after it of 1024. B
 * and /s may follow.
 *
 * Returns: whether @text is one
 */
gboolean
ferry_cmd_parse_size (const char *text, guint64 *bytes)
{
  gsize n_digits = strspn (text, "0123456789.");
  g_autofree char *number = g_strndup (text, n_digits);
  const char *rest = text + n_digits;
  const char *unit;
  char *end;
  double value;

  if (n_digits == 0 || g_str_equal (number, "."))
    return FALSE;
  if (*rest == '\0')
    return g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, bytes, NULL);
  value = g_ascii_strtod (number, &end);
  if (*end != '\0')
    return FALSE;

  rest += *rest == ' ' ? 1 : 0;
  unit = *rest != '\0' ? strchr (units, *rest == 'K' ? 'k' : *rest) : NULL;
  if (unit != NULL)
    {
      double step = rest[1] == 'i' ? 1024 : 1000;

      for (const char *power = units; power <= unit; power++)
        value *= step;
      rest += rest[1] == 'i' ? 2 : 1;
    }
  rest += *rest == 'B' ? 1 : 0;
  rest += g_str_has_prefix (rest, "/s") ? 2 : 0;
  if (*rest != '\0' || value >= MAX_SIZE)
    return FALSE;
  *bytes = (guint64) (value + 0.5);
  return TRUE;
}

/* `2h`, `1d12h`; FALSE where it is none, or none that fits. */
static gboolean
parse_span (const char *text, gint64 *microseconds)
{
  gint64 seconds = 0;

  do
    {
      gsize n_digits = strspn (text, "0123456789");
      g_autofree char *digits = g_strndup (text, n_digits);
      gint64 number, part;
      guint unit = 0;

      if (!g_ascii_string_to_signed (digits, 10, 0, G_MAXINT64, &number, NULL))
        return FALSE;
      while (unit < G_N_ELEMENTS (spans) && spans[unit].letter != text[n_digits])
        unit++;
      if (unit == G_N_ELEMENTS (spans) || __builtin_mul_overflow (number, spans[unit].seconds, &part) ||
          __builtin_add_overflow (seconds, part, &seconds))
        return FALSE;
      text += n_digits + 1;
    }
  while (*text != '\0');
  return !__builtin_mul_overflow (seconds, G_USEC_PER_SEC, microseconds);
}

/* A date, with a time of day or without, with the time's seconds and zone or without: local time then. */
static GDateTime *
parse_date (const char *text)
{
  static const char *const completions[] = { "", ":00", "T00:00:00" };
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  for (guint i = 0; i < G_N_ELEMENTS (completions); i++)
    {
      g_autofree char *whole = g_strconcat (text, completions[i], NULL);
      GDateTime *date = g_date_time_new_from_iso8601 (whole, zone);

      if (date != NULL)
        return date;
    }
  return NULL;
}

/**
 * ferry_cmd_parse_time:
 * @text: a time as people write it: `2030-01-31T22:00`, `2030-01-31`, or from now on as in `+2h`, `+1d12h`
 * @now: Unix microseconds
 * @time: (out): Unix microseconds
 *
 * Returns: whether @text is one
 */
gboolean
ferry_cmd_parse_time (const char *text, gint64 now, gint64 *time)
{
  g_autoptr (GDateTime) date = NULL;
  gint64 span;

  if (text[0] == '+')
    return parse_span (text + 1, &span) && !__builtin_add_overflow (now, span, time);
  date = parse_date (text);
  if (date == NULL)
    return FALSE;
  *time = g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
  return *time > 0;
}
