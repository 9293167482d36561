/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-form.h"

#include <glib/gi18n.h>

#include "ferry-cmd-source.h"

/* What may follow a value, after a semicolon. */
static const char *const parameters[] = { "type=", "filename=", "headers=" };

/* What curl takes a file for by the end of its name, so that servers get the same from both. */
static const struct
{
  const char *suffix;
  const char *type;
} types[] = {
  { ".gif", "image/gif" },       { ".jpg", "image/jpeg" },    { ".jpeg", "image/jpeg" },
  { ".png", "image/png" },       { ".svg", "image/svg+xml" }, { ".txt", "text/plain" },
  { ".htm", "text/html" },       { ".html", "text/html" },    { ".pdf", "application/pdf" },
  { ".xml", "application/xml" },
};

/* The parameter that @text is, after a semicolon and spaces; NULL for anything else. */
static const char *
find_parameter (const char *text, const char **value)
{
  if (*text != ';')
    return NULL;
  text += 1 + strspn (text + 1, " ");
  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      if (!g_str_has_prefix (text, parameters[i]))
        continue;
      *value = text + strlen (parameters[i]);
      return parameters[i];
    }
  return NULL;
}

/* Between double quotes, a backslash before a quote or itself; NULL where what follows is no end. */
static char *
take_quoted (const char **cursor)
{
  g_autoptr (GString) word = g_string_new (NULL);
  const char *at = *cursor + 1, *value;

  for (; *at != '"'; at++)
    {
      if (*at == '\0')
        return NULL;
      if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
        at++;
      g_string_append_c (word, *at);
    }
  at++;
  if (*at != '\0' && find_parameter (at, &value) == NULL)
    return NULL;
  *cursor = at;
  return g_string_free (g_steal_pointer (&word), FALSE);
}

/* Up to the next parameter. A semicolon before anything else is part of the word: nothing that was meant to
 * be sent is lost. */
static char *
take_word (const char **cursor)
{
  const char *start = *cursor, *value;
  char *quoted = *start == '"' ? take_quoted (cursor) : NULL;

  if (quoted != NULL)
    return quoted;
  while (**cursor != '\0' && find_parameter (*cursor, &value) == NULL)
    ++*cursor;
  return g_strndup (start, *cursor - start);
}

static gboolean
set_header (FerryContentPart *part, const char *line, GError **error)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = colon != NULL ? g_strndup (line, colon - line) : NULL;
  g_autofree char *value = colon != NULL ? g_strstrip (g_strdup (colon + 1)) : NULL;

  if (colon == NULL || colon == line)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--form “headers=%s” is wrong: headers=\"Name: value\" would be right"), line);
      return FALSE;
    }
  ferry_content_part_set_header (part, name, value);
  return TRUE;
}

static gboolean
take_parameters (FerryContentPart *part, const char *cursor, GError **error)
{
  const char *value, *parameter;

  while ((parameter = find_parameter (cursor, &value)) != NULL)
    {
      g_autofree char *word = NULL;

      cursor = value;
      word = take_word (&cursor);
      if (g_str_equal (parameter, "type="))
        ferry_content_part_set_content_type (part, word);
      else if (g_str_equal (parameter, "filename="))
        ferry_content_part_set_file_name (part, word);
      else if (!set_header (part, word, error))
        return FALSE;
    }
  return TRUE;
}

static const char *
guess_type (const char *path)
{
  gsize length = strlen (path);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gsize suffix = strlen (types[i].suffix);

      if (length >= suffix && g_ascii_strcasecmp (path + length - suffix, types[i].suffix) == 0)
        return types[i].type;
    }
  return NULL;
}

static gboolean
set_file (FerryContentPart *part, const char *path, gboolean *stream, GError **error)
{
  g_auto (FerryCmdSource) source = { 0 };
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_filename_display_name (base);

  if (!ferry_cmd_source_open (path, &source, error))
    return FALSE;
  ferry_content_part_set_content_type (part, guess_type (path));
  if (source.file != NULL)
    {
      ferry_content_part_set_file (part, source.file);
      return TRUE;
    }
  *stream = TRUE;
  /* Without a name servers would take it for a text; curl calls standard input - as well. */
  ferry_content_part_set_file_name (part, name);
  ferry_content_part_set_stream (part, source.stream);
  return TRUE;
}

static gboolean
set_text_of_file (FerryContentPart *part, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length;

  if (!g_file_get_contents (g_str_equal (path, "-") ? "/dev/stdin" : path, &text, &length, &cause))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE, _ ("“%s” cannot be read: %s"), shown,
                   cause->message);
      return FALSE;
    }
  if (!g_utf8_validate (text, (gssize) length, NULL))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE_UNAVAILABLE,
                   _ ("“%s” is not a text: @%s would send it as a file"), shown, shown);
      return FALSE;
    }
  ferry_content_part_set_text (part, text);
  return TRUE;
}

static FerryContentPart *
refuse (const char *word, GError **error)
{
  g_autofree char *shown = g_filename_display_name (word);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--form “%s” is wrong: name=text or name=@FILE would be right"), shown);
  return NULL;
}

/**
 * ferry_cmd_form_parse:
 * @word: `name=text`, `name=@FILE` or `name=<FILE`, and after it `;type=`, `;filename=` and `;headers=`, as
 * curl has them
 * @stream: (inout): set where what it names is a stream
 * @error: (nullable): of G_OPTION_ERROR where it is none of them; of FERRY_ERROR where the file cannot be
 * read
 *
 * Returns: (transfer full): the part of a form that it means, or NULL with @error
 */
FerryContentPart *
ferry_cmd_form_parse (const char *word, gboolean *stream, GError **error)
{
  const char *equals = strchr (word, '=');
  const char *cursor = equals != NULL ? equals + 1 : NULL;
  char kind = cursor != NULL && (*cursor == '@' || *cursor == '<') ? *cursor++ : '\0';
  g_autofree char *name = equals != NULL ? g_strndup (word, equals - word) : NULL;
  g_autofree char *value = NULL;
  g_autoptr (FerryContentPart) part = NULL;

  if (equals == NULL || equals == word || !g_utf8_validate (name, -1, NULL))
    return refuse (word, error);
  part = ferry_content_part_new (name);
  value = take_word (&cursor);
  /* Only the name of a file may be anything else. */
  if (!g_utf8_validate (cursor, -1, NULL) || (kind == '\0' && !g_utf8_validate (value, -1, NULL)))
    return refuse (word, error);
  if (kind == '@' && !set_file (part, value, stream, error))
    return NULL;
  if (kind == '<' && !set_text_of_file (part, value, error))
    return NULL;
  if (kind == '\0')
    ferry_content_part_set_text (part, value);
  return take_parameters (part, cursor, error) ? g_steal_pointer (&part) : NULL;
}
