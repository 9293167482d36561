/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-creation.h"

#include "ferry-error.h"
#include "ferry-options.h"
#include "ferryd-descriptors.h"

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
