/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-creation.h"

#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-descriptors.h"
#include "ferryd-multipart.h"

/* A source is named in one way. */
static gboolean
check_source (const FerrydSource *source, const char *text, GError **error)
{
  if (source->descriptor != NULL && text[0] != '\0')
    {
      g_set_error (
          error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
          "Option 'source-fd' and the source '%s' mean nothing together; with the option the source is "
          "''",
          text);
      return FALSE;
    }
  if (source->descriptor != NULL || text[0] != '\0')
    return TRUE;
  g_set_error_literal (
      error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
      "source is empty; right would be an absolute path, or a descriptor given as 'source-fd'");
  return FALSE;
}

static FerrydCreation *
new_creation (const char *uri, const char *source, GVariant *checked, GError **error)
{
  g_autoptr (FerrydCreation) creation = g_new0 (FerrydCreation, 1);
  g_autoptr (GVariant) complete = NULL;
  g_autofree char *bare = NULL;

  if (!ferry_options_check_uri (FERRY_OPTIONS_UPLOAD, uri, error))
    return NULL;
  complete = ferry_options_take_credentials (checked, uri, &bare, error);
  if (complete == NULL)
    return NULL;
  creation->request = ferryd_request_new (FERRY_KIND_UPLOAD, bare, source, complete, error);
  creation->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_source_free);
  return creation->request != NULL ? g_steal_pointer (&creation) : NULL;
}

/**
 * ferryd_upload_make_creation:
 * @call: Create or CreateMany
 * @uri: where to
 * @source: path of a file, `""` where `source-fd` has it
 * @checked: the options, normalised by ferry_options_check()
 * @error: return location for a FERRY_ERROR
 *
 * Returns: (transfer full) (nullable): the upload to be created
 */
FerrydCreation *
ferryd_upload_make_creation (const FerrydCall *call, const char *uri, const char *source, GVariant *checked,
                             GError **error)
{
  g_autoptr (FerrydCreation) creation = NULL;
  g_autoptr (FerrydSource) described = NULL;
  guint64 length;

  described = ferryd_source_new (source[0] != '\0' ? "source" : "source-fd");
  if (!ferryd_descriptors_lookup (call->message, checked, "source-fd", &described->descriptor, error) ||
      !check_source (described, source, error))
    return NULL;
  if (source[0] != '\0')
    described->text = g_strdup (source);
  g_variant_lookup (checked, "source-offset", "t", &described->offset);
  if (g_variant_lookup (checked, "source-length", "t", &length))
    described->length = (gint64) length;
  creation = new_creation (uri, source, checked, error);
  if (creation == NULL)
    return NULL;
  g_ptr_array_add (creation->sources, g_steal_pointer (&described));
  return g_steal_pointer (&creation);
}

/**
 * ferryd_body_make_sources:
 * @call: Create or CreateMany
 * @checked: the options of a download, normalised by ferry_options_check()
 * @sources: (out) (transfer full) (nullable) (element-type FerrydSource): what its request sends along; NULL
 *   for nothing
 * @error: return location for a FERRY_ERROR
 *
 * Returns: FALSE for a descriptor that is none
 */
gboolean
ferryd_body_make_sources (const FerrydCall *call, GVariant *checked, GPtrArray **sources, GError **error)
{
  g_autoptr (FerrydSource) body = ferryd_source_new ("body-fd");

  *sources = NULL;
  if (!ferryd_descriptors_lookup (call->message, checked, "body-fd", &body->descriptor, error))
    return FALSE;
  body->copied = TRUE;
  if (g_variant_lookup (checked, "body", "s", &body->text))
    {
      g_free (body->key);
      body->key = g_strdup ("body");
    }
  if (body->text == NULL && body->descriptor == NULL)
    return TRUE;
  *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_source_free);
  g_ptr_array_add (*sources, g_steal_pointer (&body));
  return TRUE;
}

/* One part. */

static gboolean
has_disposition (GVariant *headers)
{
  GVariantIter iter;
  const char *name, *value;

  if (headers == NULL)
    return FALSE;
  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Content-Disposition") == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_name (const FerrydPart *part, gboolean is_form, GError **error)
{
  if (!is_form || part->name != NULL || has_disposition (part->headers))
    return TRUE;
  g_set_error_literal (
      error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
      "'name' is missing; a part of a form needs one, or a Content-Disposition in 'headers'");
  return FALSE;
}

/* A part of a form that is a file says so by a file name (RFC 7578 section 4.2). */
static void
add_file_name (FerrydPart *part, gboolean is_form)
{
  g_autofree char *path = NULL;

  if (part->file_name != NULL || !is_form || part->source->bytes != NULL)
    return;
  if (part->source->text != NULL)
    path = part->source->text[0] == '/' ? g_strdup (part->source->text)
                                        : g_filename_from_uri (part->source->text, NULL, NULL);
  if (path != NULL)
    {
      g_autofree char *leaf = g_path_get_basename (path);

      part->file_name = g_filename_display_name (leaf);
    }
  else
    part->file_name = g_strdup (part->name);
}

static FerrydPart *
make_part (const FerrydCall *call, GVariant *given, guint i, gboolean is_form, GError **error)
{
  g_autoptr (FerrydPart) part = g_new0 (FerrydPart, 1);
  g_autoptr (GVariant) checked = ferry_options_check (FERRY_OPTIONS_PART, given, error);
  g_autofree char *key = g_strdup_printf ("part %u", i);
  g_autofree char *text = NULL;

  if (checked == NULL)
    return NULL;
  part->source = ferryd_source_new (key);
  if (!ferryd_descriptors_lookup (call->message, checked, "file-fd", &part->source->descriptor, error))
    return NULL;
  if (g_variant_lookup (checked, "text", "s", &text))
    {
      gsize size = strlen (text);

      part->source->bytes = g_bytes_new_take (g_steal_pointer (&text), size);
    }
  g_variant_lookup (checked, "file", "s", &part->source->text);
  g_variant_lookup (checked, "name", "s", &part->name);
  g_variant_lookup (checked, "filename", "s", &part->file_name);
  g_variant_lookup (checked, "content-type", "s", &part->type);
  part->headers = g_variant_lookup_value (checked, "headers", G_VARIANT_TYPE ("a(ss)"));
  if (!check_name (part, is_form, error))
    return NULL;
  add_file_name (part, is_form);
  return g_steal_pointer (&part);
}

/**
 * ferryd_multipart_make_creation:
 * @call: CreateMultipart
 * @uri: where to
 * @parts: aa{sv}
 * @checked: the options, normalised by ferry_options_check()
 * @error: return location for a FERRY_ERROR
 *
 * Returns: (transfer full) (nullable): the upload to be created
 */
FerrydCreation *
ferryd_multipart_make_creation (const FerrydCall *call, const char *uri, GVariant *parts, GVariant *checked,
                                GError **error)
{
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_part_free);
  g_autoptr (FerrydCreation) creation = NULL;
  const char *subtype = "form-data";
  const char *boundary = NULL;
  gboolean is_form;

  g_variant_lookup (checked, "subtype", "&s", &subtype);
  g_variant_lookup (checked, "boundary", "&s", &boundary);
  is_form = g_ascii_strcasecmp (subtype, "form-data") == 0;
  for (gsize i = 0; i < g_variant_n_children (parts); i++)
    {
      g_autoptr (GVariant) given = g_variant_get_child_value (parts, i);
      FerrydPart *part = make_part (call, given, (guint) i, is_form, error);

      if (part == NULL)
        {
          g_prefix_error (error, "part %" G_GSIZE_FORMAT ": ", i);
          return NULL;
        }
      g_ptr_array_add (made, part);
    }
  if (made->len == 0)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT,
                           "parts is empty; right would be at least one");
      return NULL;
    }
  creation = new_creation (uri, "", checked, error);
  if (creation == NULL)
    return NULL;
  g_ptr_array_unref (creation->sources);
  creation->sources = ferryd_multipart_to_sources (subtype, boundary, made, &creation->type, error);
  return creation->sources != NULL ? g_steal_pointer (&creation) : NULL;
}
