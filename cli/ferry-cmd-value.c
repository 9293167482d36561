/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-value.h"

#include <glib/gi18n.h>

#include "ferry-cmd-format.h"

/* What stands for a value that is not there. */
#define NOTHING "-"

/* Prints a number, by what it counts. */
typedef char *(*FormatNumber) (gint64 number);

static char *
format_time (gint64 microseconds)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  if (microseconds <= 0)
    return NULL;
  utc = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S") : NULL;
}

static char *
format_span (gint64 microseconds)
{
  return microseconds >= 0 ? ferry_cmd_format_duration (microseconds) : NULL;
}

/* In full, because whoever asks for everything may look for a byte that misses. */
static char *
format_size (gint64 bytes)
{
  g_autofree char *size = NULL;
  g_autofree char *exact = NULL;

  if (bytes < 0)
    return NULL;
  size = ferry_cmd_format_size (bytes);
  if (bytes < 1000)
    return g_steal_pointer (&size);
  exact = g_strdup_printf ("%" G_GINT64_FORMAT, bytes);
  return g_strdup_printf (_ ("%s (%s bytes)"), size, exact);
}

static char *
format_speed (gint64 bytes)
{
  g_autofree char *size = ferry_cmd_format_size (bytes);

  return bytes > 0 ? g_strdup_printf (_ ("%s/s"), size) : NULL;
}

/* The properties, and the options that operations are created with, whose numbers count something. */
static const struct
{
  const char *name;
  FormatNumber format;
} numbers[] = {
  { "BytesReceived", format_size },
  { "BytesSent", format_size },
  { "Created", format_time },
  { "Finished", format_time },
  { "MaxSpeed", format_speed },
  { "RetryAt", format_time },
  { "Speed", format_speed },
  { "TimeRemaining", format_span },
  { "TotalBytesToReceive", format_size },
  { "TotalBytesToSend", format_size },
  { "deadline", format_time },
  { "expected-size", format_size },
  { "max-speed", format_speed },
  { "not-before", format_time },
};

/* NULL where @name is none of them, or @value no number. */
static FormatNumber
find_format (const char *name, GVariant *value, gint64 *number)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    *number = g_variant_get_int64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    *number = (gint64) MIN (g_variant_get_uint64 (value), (guint64) G_MAXINT64);
  else
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (g_str_equal (numbers[i].name, name))
        return numbers[i].format;
    }
  return NULL;
}

/* Offset and length are for programs; people count from the first byte to the last. */
static char *
format_ranges (GVariant *ranges)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GVariantIter iter;
  guint64 offset, length;

  g_variant_iter_init (&iter, ranges);
  while (g_variant_iter_next (&iter, "(tt)", &offset, &length))
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, text->len > 0 ? ", " : "",
                            offset, offset + length - 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A value that fits on a line; NULL or empty where there is none. */
static char *
format_plain (const char *name, GVariant *value)
{
  gint64 number;
  FormatNumber format = find_format (name, value, &number);

  if (format != NULL)
    return format (number);
  if (g_variant_is_container (value) && g_variant_n_children (value) == 0)
    return NULL;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH))
    return g_str_equal (g_variant_get_string (value, NULL), "/") ? NULL : g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? _ ("yes") : _ ("no"));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **strings = g_variant_get_strv (value, NULL);

      return g_strjoinv (", ", (GStrv) strings);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a(tt)")))
    return format_ranges (value);
  return g_variant_print (value, FALSE);
}

static void add_entries (GPtrArray *lines, const char *indent, GVariant *value);

/* One entry of a dictionary, or a header: `key: value`, and below it what is in it. */
static void
add_entry (GPtrArray *lines, const char *indent, const char *key, GVariant *value)
{
  g_autofree char *deeper = NULL;
  g_autofree char *text = NULL;

  if ((g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT) ||
       g_variant_is_of_type (value, G_VARIANT_TYPE ("a(ss)"))) &&
      g_variant_n_children (value) > 0)
    {
      deeper = g_strconcat (indent, "  ", NULL);
      g_ptr_array_add (lines, g_strdup_printf ("%s%s:", indent, key));
      add_entries (lines, deeper, value);
      return;
    }
  text = format_plain (key, value);
  g_ptr_array_add (
      lines, g_strdup_printf ("%s%s: %s", indent, key, text != NULL && text[0] != '\0' ? text : NOTHING));
}

static void
add_entries (GPtrArray *lines, const char *indent, GVariant *value)
{
  GVariantIter iter;
  const char *key, *text;
  GVariant *inner;

  g_variant_iter_init (&iter, value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    {
      while (g_variant_iter_loop (&iter, "{&sv}", &key, &inner))
        add_entry (lines, indent, key, inner);
      return;
    }
  while (g_variant_iter_next (&iter, "(&s&s)", &key, &text))
    g_ptr_array_add (lines, g_strdup_printf ("%s%s: %s", indent, key, text));
}

/**
 * ferry_cmd_value_to_lines:
 * @name: of a property
 * @value: of it
 *
 * Words a property for people: times are local, sizes and spans have units, what is nested has lines of its
 * own.
 *
 * Returns: (transfer full) (element-type utf8): the lines, one at least; `-` where there is no value. They
 * may hold what others wrote, as it is
 */
GPtrArray *
ferry_cmd_value_to_lines (const char *name, GVariant *value)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    add_entries (lines, "", value);
  else
    text = format_plain (name, value);
  if (lines->len == 0)
    g_ptr_array_add (lines, g_strdup (text != NULL && text[0] != '\0' ? text : NOTHING));
  return g_steal_pointer (&lines);
}
