/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-option-value.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "ferry-cmd-parse.h"
#include "ferry-cmd-secret.h"

static GVariant *
refuse (GError **error, const char *name, const char *word, const char *right)
{
  g_autofree char *shown = g_filename_display_name (word);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--%s “%s” is wrong: %s would be right"),
               name, shown, right);
  return NULL;
}

static GVariant *
make_texts (const char *const *words)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] != '\0')
        g_variant_builder_add (&builder, "s", words[i]);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
make_headers (const char *name, const char *const *words, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *colon = strchr (words[i], ':');
      g_autofree char *field = NULL;
      g_autofree char *value = NULL;

      if (colon == NULL || colon == words[i])
        return refuse (error, name, words[i], _ ("'Name: value'"));
      field = g_strndup (words[i], colon - words[i]);
      value = g_strstrip (g_strdup (colon + 1));
      g_variant_builder_add (&builder, "(ss)", field, value);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
make_pairs (const char *name, const char *const *words, GError **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *equals = strchr (words[i], '=');
      g_autofree char *key = NULL;

      if (equals == NULL)
        return refuse (error, name, words[i], _ ("key=value"));
      key = g_strndup (words[i], equals - words[i]);
      g_variant_dict_insert (&dict, key, "s", equals + 1);
    }
  return g_variant_dict_end (&dict);
}

static GVariant *
make_contents (const char *name, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &cause))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--%s “%s” cannot be read: %s"), name,
                   shown, cause->message);
      return NULL;
    }
  if (!g_utf8_validate (text, (gssize) length, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--%s “%s” is not a text file"), name,
                   shown);
      return NULL;
    }
  return g_variant_new_take_string (g_steal_pointer (&text));
}

/* As the service wants it: absolute, a URI where it is not UTF-8, and a folder with its slash. */
static GVariant *
make_path (const char *word)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  if (g_str_equal (word, "-"))
    return g_variant_new_handle (STDIN_FILENO);
  file = g_file_new_for_path (word);
  path = g_file_get_path (file);
  name = g_utf8_validate (path, -1, NULL) ? g_steal_pointer (&path) : g_file_get_uri (file);
  return g_variant_new_take_string (
      g_strconcat (name, g_str_has_suffix (word, "/") && !g_str_has_suffix (name, "/") ? "/" : "", NULL));
}

static GVariant *
make_size (const char *name, const char *word, GError **error)
{
  guint64 bytes;

  if (!ferry_cmd_parse_size (word, &bytes))
    return refuse (error, name, word, _ ("a number of bytes such as 5000, 1.5M or 64Ki"));
  return g_variant_new_uint64 (bytes);
}

static GVariant *
make_number (FerryCmdOptionKind kind, const char *name, const char *word, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (word, 10, 0, G_MAXINT32, &number, NULL))
    return refuse (error, name, word, _ ("a number"));
  return kind == FERRY_CMD_OPTION_DESCRIPTOR ? g_variant_new_handle ((gint32) number)
                                             : g_variant_new_uint32 ((guint32) number);
}

static GVariant *
make_time (const char *name, const char *word, GError **error)
{
  gint64 time;

  if (!ferry_cmd_parse_time (word, g_get_real_time (), &time))
    return refuse (error, name, word, _ ("a time such as 2030-01-31T22:00, or +2h from now on,"));
  return g_variant_new_int64 (time);
}

/**
 * ferry_cmd_option_value_new:
 * @kind: what becomes of the words
 * @name: of the option, for errors
 * @words: (array zero-terminated=1): at least one; where one is meant the last counts, as usual
 * @error: (nullable): of G_OPTION_ERROR; of G_IO_ERROR where a question was not answered
 *
 * Returns: (transfer floating): the value for the service, or NULL with @error
 */
GVariant *
ferry_cmd_option_value_new (FerryCmdOptionKind kind, const char *name, const char *const *words,
                            GError **error)
{
  const char *last = words[g_strv_length ((GStrv) words) - 1];

  switch (kind)
    {
    case FERRY_CMD_OPTION_TEXT:
      return g_variant_new_string (last);
    case FERRY_CMD_OPTION_TEXTS:
      return make_texts (words);
    case FERRY_CMD_OPTION_SIZE:
      return make_size (name, last, error);
    case FERRY_CMD_OPTION_NUMBER:
    case FERRY_CMD_OPTION_DESCRIPTOR:
      return make_number (kind, name, last, error);
    case FERRY_CMD_OPTION_TIME:
      return make_time (name, last, error);
    case FERRY_CMD_OPTION_HEADERS:
      return make_headers (name, words, error);
    case FERRY_CMD_OPTION_PAIRS:
      return make_pairs (name, words, error);
    case FERRY_CMD_OPTION_CREDENTIAL:
      return ferry_cmd_secret_from_text (name, last, error);
    case FERRY_CMD_OPTION_CREDENTIAL_FILE:
      return ferry_cmd_secret_from_file (name, last, error);
    case FERRY_CMD_OPTION_CONTENTS:
      return make_contents (name, last, error);
    case FERRY_CMD_OPTION_PATH:
      return make_path (last);
    case FERRY_CMD_OPTION_FLAG:
    default:
      g_assert_not_reached ();
    }
}
