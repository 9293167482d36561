/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-multipart.h"

#include <string.h>

#include "ferry-error.h"

/* What is sent of a file whose media type nobody gave. */
#define UNKNOWN_TYPE "application/octet-stream"

/* A boundary of our own: dashes, as everybody's, and 128 random bits, which nobody knew when the parts were
 * written. */
#define BOUNDARY_PREFIX "------------------------"

/* Characters of a boundary that need no quotes in the Content-Type (RFC 9110 section 5.6.2). */
#define TOKEN_CHARACTERS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/**
 * ferryd_part_free:
 * @part: (transfer full): a part
 */
void
ferryd_part_free (FerrydPart *part)
{
  g_clear_pointer (&part->source, ferryd_source_free);
  g_free (part->name);
  g_free (part->file_name);
  g_free (part->type);
  g_clear_pointer (&part->headers, g_variant_unref);
  g_free (part);
}

static gboolean
has_header (const FerrydPart *part, const char *wanted)
{
  GVariantIter iter;
  const char *name, *value;

  if (part->headers == NULL)
    return FALSE;
  g_variant_iter_init (&iter, part->headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    {
      if (g_ascii_strcasecmp (name, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Names in forms are UTF-8 as they are, but for what would end the quotes or the line (RFC 7578 section 2,
 * and the HTML standard, which says how). */
static void
append_form_value (GString *head, const char *key, const char *value)
{
  g_string_append_printf (head, "; %s=\"", key);
  for (const char *c = value; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\r' || *c == '\n')
        g_string_append_printf (head, "%%%02X", (guint) *c);
      else
        g_string_append_c (head, *c);
    }
  g_string_append_c (head, '"');
}

/* Elsewhere a quoted string is ASCII, and what is not goes into a second, extended parameter (RFC 8187
 * section 3.2; RFC 6266 appendix D says to send both). */
static void
append_mime_value (GString *head, const char *key, const char *value)
{
  gboolean ascii = TRUE;

  g_string_append_printf (head, "; %s=\"", key);
  for (const char *c = value; *c != '\0'; c = g_utf8_next_char (c))
    {
      if (*c == '"' || *c == '\\')
        g_string_append_c (head, '\\');
      ascii = ascii && (guchar) *c < 0x80;
      g_string_append_c (head, (guchar) *c < 0x80 ? *c : '_');
    }
  g_string_append_c (head, '"');
  if (!ascii)
    {
      /* What an attr-char may be beside letters and digits. */
      g_autofree char *escaped = g_uri_escape_string (value, "!#$&+^`|", FALSE);

      g_string_append_printf (head, "; %s*=UTF-8''%s", key, escaped);
    }
}

static void
append_disposition (GString *head, const FerrydPart *part, gboolean is_form)
{
  void (*append) (GString *, const char *, const char *) = is_form ? append_form_value : append_mime_value;

  if (has_header (part, "Content-Disposition") || (!is_form && part->file_name == NULL && part->name == NULL))
    return;
  g_string_append_printf (head, "Content-Disposition: %s", is_form ? "form-data" : "attachment");
  if (part->name != NULL)
    append (head, "name", part->name);
  if (part->file_name != NULL)
    append (head, "filename", part->file_name);
  g_string_append (head, "\r\n");
}

/* A text of a form has no type of its own: it is text/plain (RFC 7578 section 4.4). */
static const char *
get_type (const FerrydPart *part)
{
  if (has_header (part, "Content-Type"))
    return NULL;
  if (part->type != NULL)
    return part->type;
  return part->source->bytes == NULL ? UNKNOWN_TYPE : NULL;
}

static void
append_head (GString *head, const FerrydPart *part, gboolean is_form)
{
  const char *type = get_type (part);
  GVariantIter iter;
  const char *name, *value;

  append_disposition (head, part, is_form);
  if (type != NULL)
    g_string_append_printf (head, "Content-Type: %s\r\n", type);
  if (part->headers != NULL)
    {
      g_variant_iter_init (&iter, part->headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
        g_string_append_printf (head, "%s: %s\r\n", name, value);
    }
  g_string_append (head, "\r\n");
}

static char *
make_boundary (void)
{
  FerrydId random;
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_generate (&random);
  ferryd_id_format (&random, text);
  return g_strconcat (BOUNDARY_PREFIX, text, NULL);
}

static char *
make_type (const char *subtype, const char *boundary, const FerrydPart *root)
{
  gboolean is_token = strspn (boundary, TOKEN_CHARACTERS) == strlen (boundary);
  const char *quote = is_token ? "" : "\"";
  g_autofree char *type = g_strdup_printf ("multipart/%s; boundary=%s%s%s", subtype, quote, boundary, quote);

  /* RFC 2387 section 3.1: the type of the root is part of the whole's. */
  if (g_ascii_strcasecmp (subtype, "related") == 0 && get_type (root) != NULL)
    return g_strdup_printf ("%s; type=\"%s\"", type, get_type (root));
  return g_steal_pointer (&type);
}

static void
add_bytes (GPtrArray *sources, GString *bytes)
{
  FerrydSource *source = ferryd_source_new ("multipart");

  source->bytes = g_string_free_to_bytes (bytes);
  g_ptr_array_add (sources, source);
}

/* What stands in a text or in a field of a part; files are looked through by ferryd_sources_find(). */
static gboolean
check_boundary (const char *delimiter, const GString *head, const FerrydPart *part, guint i, GError **error)
{
  GBytes *bytes = part->source->bytes;
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (strstr (head->str, delimiter + 2) == NULL &&
      (size == 0 || memmem (data, size, delimiter, strlen (delimiter)) == NULL))
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
               "boundary: '%s' occurs in part %u; give another, or none", delimiter + 2, i);
  return FALSE;
}

/**
 * ferryd_multipart_to_sources:
 * @subtype: `form-data`, or another (RFC 2046 section 5.1)
 * @boundary: (nullable): what stands between the parts, checked; NULL to make one
 * @parts: (element-type FerrydPart): at least one; their sources are taken out of them
 * @type: (out) (transfer full): the Content-Type of the whole
 * @error: return location for FERRY_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full) (element-type FerrydSource) (nullable): the entity, piece by piece
 */
GPtrArray *
ferryd_multipart_to_sources (const char *subtype, const char *boundary, GPtrArray *parts, char **type,
                             GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_source_free);
  g_autofree char *between = boundary != NULL ? g_strdup (boundary) : make_boundary ();
  g_autofree char *delimiter = g_strconcat ("--", between, NULL);
  gboolean is_form = g_ascii_strcasecmp (subtype, "form-data") == 0;
  GString *tail = g_string_new (NULL);

  *type = make_type (subtype, between, g_ptr_array_index (parts, 0));
  for (guint i = 0; i < parts->len; i++)
    {
      FerrydPart *part = g_ptr_array_index (parts, i);
      g_autoptr (GString) head = g_string_new (NULL);

      append_head (head, part, is_form);
      if (!check_boundary (delimiter, head, part, i, error))
        {
          g_string_free (tail, TRUE);
          g_clear_pointer (type, g_free);
          return NULL;
        }
      g_string_append_printf (tail, "%s\r\n%s", delimiter, head->str);
      add_bytes (sources, tail);
      if (boundary != NULL)
        part->source->forbidden = g_strdup (delimiter);
      g_ptr_array_add (sources, g_steal_pointer (&part->source));
      tail = g_string_new ("\r\n");
    }
  g_string_append_printf (tail, "%s--\r\n", delimiter);
  add_bytes (sources, tail);
  return g_steal_pointer (&sources);
}
