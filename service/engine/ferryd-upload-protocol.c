/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-upload-private.h"

#include <string.h>

/* The words of the two protocols by which an upload goes on: Resumable Uploads for HTTP
 * (draft-ietf-httpbis-resumable-upload-12) and tus 1.0 (https://tus.io/protocols/resumable-upload). */

/* Bytes from which on it is worth a request to find out what the server can (the option's `auto`). */
#define LARGE_SIZE (16 * 1024 * 1024)

/* Of the draft that the fields are of (its appendix). */
#define INTEROP_VERSION "9"

#define TUS_VERSION "1.0.0"

/**
 * ferryd_upload_wants:
 * @self: an attempt with an open entity
 * @protocol: one of those that go on
 *
 * Returns: whether it is to be used where the server knows it
 */
gboolean
ferryd_upload_wants (FerrydUpload *self, FerrydUploadProtocol protocol)
{
  const char *word = protocol == FERRYD_UPLOAD_HTTP ? "http" : "tus";
  const char *method = self->spec->request->method;
  const char *option = "auto";

  g_variant_lookup (self->spec->request->options, "resumable", "&s", &option);
  if (!g_str_equal (option, "auto"))
    return g_str_equal (option, word);
  /* A form is what tus has no words for. */
  return ferryd_entity_get_length (self->entity) > LARGE_SIZE &&
         (g_str_equal (method, "PUT") || g_str_equal (method, "POST")) &&
         (protocol == FERRYD_UPLOAD_HTTP || ferryd_content_get_type (self->spec->request->content) == NULL);
}

/* What is said. */

/**
 * ferryd_upload_add_field:
 * @fields: a(ss)
 * @name: field name
 * @format: of its value
 * @...: for @format
 */
void
ferryd_upload_add_field (GVariantBuilder *fields, const char *name, const char *format, ...)
{
  g_autofree char *value = NULL;
  va_list args;

  va_start (args, format);
  value = g_strdup_vprintf (format, args);
  va_end (args);
  g_variant_builder_add (fields, "(ss)", name, value);
}

static gboolean
speaks_tus (FerrydUpload *self, FerrydUploadStep step)
{
  return step == FERRYD_UPLOAD_CREATE || ((step == FERRYD_UPLOAD_PROBE || step == FERRYD_UPLOAD_APPEND) &&
                                          self->record->upload_protocol == FERRYD_UPLOAD_TUS);
}

/**
 * ferryd_upload_add_version:
 * @self: an attempt
 * @step: what a request is for
 * @fields: (inout): its fields; gets the one that says which protocol they are of
 */
void
ferryd_upload_add_version (FerrydUpload *self, FerrydUploadStep step, GVariantBuilder *fields)
{
  if (speaks_tus (self, step))
    ferryd_upload_add_field (fields, "Tus-Resumable", TUS_VERSION);
  else if (step != FERRYD_UPLOAD_SEND || ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP))
    ferryd_upload_add_field (fields, "Upload-Draft-Interop-Version", INTEROP_VERSION);
}

/* What servers say. */

static const char *
find_field (GVariant *headers, const char *wanted)
{
  GVariantIter iter;
  const char *name, *value;

  if (headers == NULL)
    return NULL;
  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
    {
      if (g_ascii_strcasecmp (name, wanted) == 0)
        return value;
    }
  return NULL;
}

/* Of a comma-separated list the rest of the element that begins with @start; NULL where there is none. */
static char *
find_element (const char *list, const char *start)
{
  g_auto (GStrv) elements = g_strsplit (list != NULL ? list : "", ",", -1);

  for (guint i = 0; elements[i] != NULL; i++)
    {
      const char *element = g_strstrip (elements[i]);

      if (g_str_has_prefix (element, start))
        return g_strdup (element + strlen (start));
    }
  return NULL;
}

static gboolean
has_element (GVariant *headers, const char *name, const char *element)
{
  g_autofree char *rest = find_element (find_field (headers, name), element);

  return rest != NULL && rest[0] == '\0';
}

/**
 * ferryd_upload_is_tus:
 * @headers: (nullable): a(ss), of an answer
 *
 * Returns: whether a server says that it speaks tus
 */
gboolean
ferryd_upload_is_tus (GVariant *headers)
{
  return has_element (headers, "Tus-Version", TUS_VERSION) ||
         has_element (headers, "Tus-Resumable", TUS_VERSION);
}

/**
 * ferryd_upload_take_abilities:
 * @self: an attempt with an open entity
 * @headers: (nullable): a(ss), of the answer to OPTIONS
 *
 * Records which protocol is used; plain where the server speaks none that is wanted.
 */
void
ferryd_upload_take_abilities (FerrydUpload *self, GVariant *headers)
{
  self->asked = TRUE;
  ferryd_upload_take_limits (self, headers);
  /* It has been found out before what it can, and to where it goes on. */
  if (self->record->upload_url != NULL)
    return;
  /* Who asks for tus and nothing else knows the server better than it does. */
  self->blind = !ferryd_upload_is_tus (headers) && !ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP) &&
                ferryd_upload_wants (self, FERRYD_UPLOAD_TUS);
  if (ferryd_upload_wants (self, FERRYD_UPLOAD_HTTP) &&
      (has_element (headers, "Accept-Patch", "application/partial-upload") ||
       find_field (headers, "Upload-Limit") != NULL))
    self->record->upload_protocol = FERRYD_UPLOAD_HTTP;
  else if (ferryd_upload_wants (self, FERRYD_UPLOAD_TUS) && ferryd_upload_is_tus (headers) &&
           has_element (headers, "Tus-Extension", "creation"))
    self->record->upload_protocol = FERRYD_UPLOAD_TUS;
  else if (self->blind)
    self->record->upload_protocol = FERRYD_UPLOAD_TUS;
  else
    self->record->upload_protocol = FERRYD_UPLOAD_PLAIN;
}

/**
 * ferryd_upload_take_limits:
 * @self: an attempt
 * @headers: (nullable): a(ss), of any answer
 *
 * Takes what a request may bring at most (draft, section 4.1.4), and by what a tus server checks it.
 */
void
ferryd_upload_take_limits (FerrydUpload *self, GVariant *headers)
{
  /* The best one first; each is one that GLib has, and tus servers have the second at least. */
  static const struct
  {
    const char *name;
    GChecksumType type;
  } algorithms[] = { { "sha256", G_CHECKSUM_SHA256 }, { "sha1", G_CHECKSUM_SHA1 } };
  g_autofree char *limit = find_element (find_field (headers, "Upload-Limit"), "max-append-size=");
  guint64 bytes;

  if (limit != NULL && g_ascii_string_to_unsigned (limit, 10, 1, G_MAXINT64, &bytes, NULL))
    self->max_append = bytes;
  if (!has_element (headers, "Tus-Extension", "checksum"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (algorithms) && self->checksum_name == NULL; i++)
    {
      if (has_element (headers, "Tus-Checksum-Algorithm", algorithms[i].name))
        {
          self->checksum_name = algorithms[i].name;
          self->checksum_type = algorithms[i].type;
        }
    }
}

/**
 * ferryd_upload_take_offset:
 * @self: an attempt with an open entity
 * @headers: (nullable): a(ss), of an answer
 *
 * Returns: whether it says how many bytes the server has, of those that are to be sent; recorded then
 */
gboolean
ferryd_upload_take_offset (FerrydUpload *self, GVariant *headers)
{
  const char *text = find_field (headers, "Upload-Offset");
  guint64 offset;

  if (text == NULL ||
      !g_ascii_string_to_unsigned (text, 10, 0, ferryd_entity_get_length (self->entity), &offset, NULL))
    return FALSE;
  self->record->upload_offset = offset;
  return TRUE;
}

/**
 * ferryd_upload_is_complete:
 * @self: an attempt with an open entity, to whose upload resource or request the answer is
 * @headers: (nullable): a(ss), of that answer
 * @otherwise: what it means that it says nothing (draft)
 *
 * Returns: whether the server has all of it, and knows that this is all
 */
gboolean
ferryd_upload_is_complete (FerrydUpload *self, GVariant *headers, gboolean otherwise)
{
  if (self->record->upload_protocol == FERRYD_UPLOAD_TUS)
    return self->record->upload_offset == ferryd_entity_get_length (self->entity);
  return find_field (headers, "Upload-Complete") != NULL ? ferryd_upload_says_complete (headers) : otherwise;
}

/**
 * ferryd_upload_says_complete:
 * @headers: (nullable): a(ss), of an answer
 *
 * Returns: whether it is what came of all that was uploaded, be it good or bad (draft, section 4.4.1)
 */
gboolean
ferryd_upload_says_complete (GVariant *headers)
{
  const char *text = find_field (headers, "Upload-Complete");

  return text != NULL && g_str_has_prefix (text, "?1");
}

/**
 * ferryd_upload_take_place:
 * @self: an attempt
 * @protocol: by which it goes on there
 * @uri: of the answer
 * @headers: (nullable): a(ss), of the answer
 *
 * Returns: whether it says where the upload goes on, which is recorded then; nowhere where a secure one would
 * go on without being so
 */
gboolean
ferryd_upload_take_place (FerrydUpload *self, FerrydUploadProtocol protocol, const char *uri,
                          GVariant *headers)
{
  const char *location = find_field (headers, "Location");
  g_autofree char *url = NULL;

  if (location != NULL)
    url = g_uri_resolve_relative (uri, location, G_URI_FLAGS_ENCODED, NULL);
  if (url == NULL || !(g_str_has_prefix (url, "https://") ||
                       (g_str_has_prefix (url, "http://") && g_str_has_prefix (uri, "http://"))))
    return FALSE;
  g_free (self->record->upload_url);
  self->record->upload_url = g_steal_pointer (&url);
  self->record->upload_protocol = protocol;
  self->record->upload_offset = 0;
  ferryd_upload_emit (self, FERRYD_TRANSFER_PLACED);
  return TRUE;
}
