/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd-form.h"
#include "ferry-cmd-request.h"
#include "ferry-cmd-response.h"
#include "ferry-cmd-source.h"

/* What only `ferry put` has. */
typedef struct
{
  GStrv forms;        /* (owned) (nullable): the parts, as they were written */
  char *content_type; /* (owned) (nullable): of what is sent */
} Extras;

static void
extras_clear (Extras *extras)
{
  g_strfreev (extras->forms);
  g_free (extras->content_type);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Extras, extras_clear)

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return FALSE;
}

/* Whether files may be put below @uri under their own names: it is a folder's, as far as that can be seen. */
static gboolean
is_folder (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);

  return parsed != NULL && g_uri_get_query (parsed) == NULL && g_uri_get_fragment (parsed) == NULL &&
         (g_uri_get_path (parsed)[0] == '\0' || g_str_has_suffix (g_uri_get_path (parsed), "/"));
}

/* PUT makes what is at the URL; a POST is made to it, and leaves it as it is. */
static gboolean
is_put (FerryCmdOptions *options)
{
  g_autoptr (GVariant) method = ferry_cmd_options_lookup (options, "method");

  return method == NULL || g_str_equal (g_variant_get_string (method, NULL), "PUT");
}

static char *
complete_uri (const char *uri, const char *file, FerryCmdOptions *options)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;

  if (!is_folder (uri) || !is_put (options))
    return g_strdup (uri);
  base = g_path_get_basename (file);
  name = g_uri_escape_bytes ((const guint8 *) base, strlen (base), "!$&'()*+,;=:@");
  return g_strconcat (uri, g_str_has_suffix (uri, "/") ? "" : "/", name, NULL);
}

static gboolean
add (FerryCmdRequest *self, FerryRequest *request, const Extras *extras, FerryCmdOptions *options,
     GError **error)
{
  g_autoptr (GVariant) given = ferry_cmd_options_lookup (options, "headers");
  g_auto (GVariantBuilder) headers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  if (!ferry_cmd_request_add (self, request, options, error))
    return FALSE;
  if (extras->content_type == NULL)
    return TRUE;
  for (gsize i = 0; given != NULL && i < g_variant_n_children (given); i++)
    {
      g_autoptr (GVariant) header = g_variant_get_child_value (given, i);

      g_variant_builder_add_value (&headers, header);
    }
  g_variant_builder_add (&headers, "(ss)", "Content-Type", extras->content_type);
  ferry_request_set_option (request, "headers", g_variant_builder_end (&headers));
  return TRUE;
}

static gboolean
add_form (FerryCmdRequest *self, const char *uri, const Extras *extras, FerryCmdOptions *options,
          GError **error)
{
  g_autoptr (FerryUploadRequest) request = ferry_upload_request_new (uri, NULL);

  for (guint i = 0; extras->forms[i] != NULL; i++)
    {
      g_autoptr (FerryContentPart) part = ferry_cmd_form_parse (extras->forms[i], &self->streams, error);

      if (part == NULL)
        return FALSE;
      ferry_upload_request_add_part (request, part);
    }
  return add (self, FERRY_REQUEST (g_steal_pointer (&request)), extras, options, error);
}

/* @file NULL: a descriptor among the options says what is sent. */
static gboolean
add_file (FerryCmdRequest *self, const char *file, const char *uri, const Extras *extras,
          FerryCmdOptions *options, GError **error)
{
  g_auto (FerryCmdSource) source = { 0 };
  g_autofree char *whole = NULL;
  FerryUploadRequest *request;

  if (file != NULL && !ferry_cmd_source_open (file, &source, error))
    return FALSE;
  self->streams |= source.file == NULL;
  whole = file != NULL && !g_str_equal (file, "-") ? complete_uri (uri, file, options) : g_strdup (uri);
  request = ferry_upload_request_new (whole, source.file);
  if (source.stream != NULL)
    ferry_upload_request_set_stream (request, source.stream);
  return add (self, FERRY_REQUEST (request), extras, options, error);
}

/* Whether each of several files has a name of its own to be put under. */
static gboolean
check_names (GStrv files, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *shown = g_filename_display_name (files[i]);

      if (g_str_equal (files[i], "-"))
        return refuse (error, _ ("Standard input has no name to be put under: send it alone"));
      if (g_hash_table_add (names, g_path_get_basename (files[i])))
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” has the name of another one, which it would replace"), shown);
      return FALSE;
    }
  return TRUE;
}

/* Whether the words and options go together, before any file is looked at. */
static gboolean
check (GStrv files, const char *uri, const Extras *extras, FerryCmdOptions *options, GError **error)
{
  static const char *const raw_only[] = { "source-fd", "source-offset", "source-length" };
  static const char *const form_only[] = { "subtype", "boundary" };
  g_autoptr (GVariant) descriptor = ferry_cmd_options_lookup (options, "source-fd");
  guint n_files = g_strv_length (files);
  gboolean form = extras->forms != NULL;

  for (guint i = 0; i < (form ? G_N_ELEMENTS (raw_only) : G_N_ELEMENTS (form_only)); i++)
    {
      const char *key = form ? raw_only[i] : form_only[i];
      g_autoptr (GVariant) given = ferry_cmd_options_lookup (options, key);

      if (given == NULL)
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   form ? _ ("--%s is about a FILE, and --form sends a form") : _ ("--%s is about a --form"),
                   key);
      return FALSE;
    }
  if (form && extras->content_type != NULL)
    return refuse (error, _ ("--content-type is about a FILE: “;type=” says it of a part of a form"));
  if (form && n_files > 0)
    return refuse (error, _ ("With --form, files are parts of it, as in --form name=@FILE"));
  if (!form && descriptor == NULL && n_files == 0)
    return refuse (error, _ ("FILE is missing: “ferry put FILE URL” would be right"));
  if (descriptor != NULL && n_files > 0)
    return refuse (error, _ ("FILE and --source-fd: one of them would be right"));
  if (n_files > 1 && (!is_folder (uri) || !is_put (options)))
    return refuse (error, _ ("Several files need a URL that ends in /, below which each is put"));
  return n_files < 2 || (check_names (files, error) && ferry_cmd_options_check_for_many (options, error));
}

static gboolean
add_all (FerryCmdRequest *self, GStrv words, const Extras *extras, FerryCmdOptions *options, GError **error)
{
  guint n_files = g_strv_length (words) - 1;
  g_autofree char *uri = g_steal_pointer (&words[n_files]);

  if (!ferry_cmd_request_check_text (uri, error))
    return FALSE;
  if (!ferry_cmd_request_looks_like_uri (uri))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is no URL: “ferry put FILE URL” would be right"), uri);
      return FALSE;
    }
  if (!check (words, uri, extras, options, error))
    return FALSE;
  if (self->output != NULL)
    {
      if (self->detach || self->no_start)
        return refuse (error,
                       _ ("--output waits for the answer: “ferry wait --output FILE ID” does so later"));
      if (!ferry_cmd_response_check (self->output, n_files, self->json, error))
        return FALSE;
    }
  if (extras->forms != NULL)
    return add_form (self, uri, extras, options, error);
  if (n_files == 0)
    return add_file (self, NULL, uri, extras, options, error);
  for (guint i = 0; i < n_files; i++)
    {
      if (!add_file (self, words[i], uri, extras, options, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferry_cmd_request_parse_put:
 * @command: `put`
 * @argv: (inout): its arguments
 * @request: (out caller-allocates): what they say
 * @error: (nullable): what is wrong with them; of FERRY_ERROR where a file cannot be read
 *
 * Returns: whether they can be understood, and the files be read
 */
gboolean
ferry_cmd_request_parse_put (const FerryCmd *command, GStrv *argv, FerryCmdRequest *request, GError **error)
{
  g_auto (Extras) extras = { 0 };
  g_autoptr (FerryCmdOptions) options = ferry_cmd_options_new (FERRY_CMD_OPTIONS_PUT);
  const GOptionEntry entries[] = {
    { "form", 'F', 0, G_OPTION_ARG_FILENAME_ARRAY, &extras.forms,
      N_ ("Part of a form, with ;type= and ;filename= (repeatable)"), N_ ("NAME=TEXT|@FILE") },
    { "content-type", 0, 0, G_OPTION_ARG_STRING, &extras.content_type, N_ ("Media type of FILE"),
      N_ ("TYPE") },
    FERRY_CMD_RESPONSE_ENTRY (&request->output),
    { NULL },
  };

  return ferry_cmd_request_read (request, options, command, entries, argv, error) &&
         add_all (request, *argv, &extras, options, error);
}
