/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-suggested-name.h"

#include <string.h>

/* Bytes of a leaf name: 255 is what Linux file systems allow (NAME_MAX). The service adds to it: a hidden
 * partial file's dot and suffix, ` (2)` for an occupied name. So that those fit, a suggested name leaves 32.
 */
#define NAME_BYTES_MAX (255 - 32)

/* Bytes of an extension, dot included, that are kept when a name is shortened; a longer one is no extension.
 */
#define EXTENSION_BYTES_MAX 32

/* What a name becomes of which nothing safe is left. */
#define NAME_FALLBACK "download"

/* Controls, line ends, and what makes a text read in another order than it has: the bidirectional controls of
 * Unicode (UAX 9 section 2). Other invisible characters stay: Persian and emoji need them. */
static gboolean
is_deceptive (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
             (c >= 0x2066 && c <= 0x2069);
    }
}

/* The last part of @name, taking both kinds of slash for separators: servers that run Windows send theirs. */
static const char *
find_leaf (const char *name)
{
  const char *leaf = name;

  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '/' || *p == '\\')
        leaf = p + 1;
    }
  return leaf;
}

/* Cuts @name to @size bytes at most, never inside a character. */
static void
truncate_utf8 (GString *name, gsize size)
{
  if (name->len <= size)
    return;
  while (size > 0 && (name->str[size] & 0xc0) == 0x80)
    size--;
  g_string_truncate (name, size);
}

static void
shorten (GString *name)
{
  const char *dot;
  g_autofree char *extension = NULL;
  gsize extension_size;

  if (name->len <= NAME_BYTES_MAX)
    return;
  dot = strrchr (name->str, '.');
  if (dot != NULL && dot != name->str && strlen (dot) <= EXTENSION_BYTES_MAX)
    extension = g_strdup (dot);
  extension_size = extension != NULL ? strlen (extension) : 0;
  truncate_utf8 (name, NAME_BYTES_MAX - extension_size);
  g_string_append (name, extension != NULL ? extension : "");
}

/**
 * ferryd_suggested_name_sanitise:
 * @name: (nullable): a file name as some server gives it
 *
 * Makes a leaf name of it that is safe to create in any folder: no path, no control or bidirectional
 * characters, neither hidden nor `.` or `..`, valid UTF-8, and short enough that what the service adds still
 * fits.
 *
 * Returns: (transfer full): the name, never empty
 */
char *
ferryd_suggested_name_sanitise (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  g_autoptr (GString) safe = g_string_new (NULL);

  for (const char *p = find_leaf (valid); *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!is_deceptive (c))
        g_string_append_unichar (safe, c);
    }
  g_strstrip (safe->str);
  g_string_truncate (safe, strlen (safe->str));
  for (gsize i = 0; i < safe->len && safe->str[i] == '.'; i++)
    safe->str[i] = '_';
  shorten (safe);
  if (safe->len == 0)
    g_string_assign (safe, NAME_FALLBACK);
  return g_strdup (safe->str);
}

/**
 * ferryd_suggested_name_from_uri:
 * @uri: the URI of a file
 *
 * Returns: (transfer full): a safe leaf name by the last segment of the path of @uri, never empty
 */
char *
ferryd_suggested_name_from_uri (const char *uri)
{
  g_autoptr (GUri) parsed = NULL;
  g_auto (GStrv) segments = NULL;
  g_autofree char *leaf = NULL;
  guint n_segments;

  parsed = g_uri_parse (uri, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED | G_URI_FLAGS_NON_DNS, NULL);
  if (parsed == NULL)
    return g_strdup (NAME_FALLBACK);
  segments = g_strsplit (g_uri_get_path (parsed), "/", -1);
  n_segments = g_strv_length (segments);
  if (n_segments == 0)
    return g_strdup (NAME_FALLBACK);
  leaf = g_uri_unescape_string (segments[n_segments - 1], NULL);
  /* NULL: an escape that is broken or stands for a NUL. */
  return ferryd_suggested_name_sanitise (leaf != NULL ? leaf : segments[n_segments - 1]);
}
