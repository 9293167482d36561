/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-content-part-private.h"

#include "ferry-request-private.h"

/**
 * FerryContentPart:
 *
 * One part of a multipart upload: a file, what a stream gives, or a text. What is set last counts.
 */
struct _FerryContentPart
{
  GObject parent_instance;

  char *name;           /* (owned) (nullable) */
  char *file_name;      /* (owned) (nullable) */
  char *content_type;   /* (owned) (nullable) */
  GFile *file;          /* (owned) (nullable) */
  char *text;           /* (owned) (nullable) */
  GInputStream *stream; /* (owned) (nullable) */
  GPtrArray *headers;   /* (owned) (element-type utf8): name, value, name, value */
};

enum
{
  PROP_NAME = 1,
  PROP_FILE_NAME,
  PROP_CONTENT_TYPE,
  N_PROPS,
};

static GParamSpec *part_properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryContentPart, ferry_content_part, G_TYPE_OBJECT)

static void
ferry_content_part_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryContentPart *self = FERRY_CONTENT_PART (object);

  switch (property_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_FILE_NAME:
      g_value_set_string (value, self->file_name);
      break;
    case PROP_CONTENT_TYPE:
      g_value_set_string (value, self->content_type);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ferry_content_part_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  FerryContentPart *self = FERRY_CONTENT_PART (object);

  switch (property_id)
    {
    case PROP_NAME:
      g_free (self->name);
      self->name = g_value_dup_string (value);
      break;
    case PROP_FILE_NAME:
      ferry_content_part_set_file_name (self, g_value_get_string (value));
      break;
    case PROP_CONTENT_TYPE:
      ferry_content_part_set_content_type (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* Exactly one of them is what the part has in it. */
static void
clear_content (FerryContentPart *self)
{
  g_clear_object (&self->file);
  g_clear_pointer (&self->text, g_free);
  g_clear_object (&self->stream);
}

static void
ferry_content_part_finalize (GObject *object)
{
  FerryContentPart *self = FERRY_CONTENT_PART (object);

  clear_content (self);
  g_free (self->name);
  g_free (self->file_name);
  g_free (self->content_type);
  g_ptr_array_unref (self->headers);

  G_OBJECT_CLASS (ferry_content_part_parent_class)->finalize (object);
}

static void
ferry_content_part_class_init (FerryContentPartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ferry_content_part_get_property;
  object_class->set_property = ferry_content_part_set_property;
  object_class->finalize = ferry_content_part_finalize;

  /**
   * FerryContentPart:name:
   *
   * The name of the form's field; NULL only where a header says it, or in another multipart entity.
   */
  part_properties[PROP_NAME] = g_param_spec_string (
      "name", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * FerryContentPart:file-name:
   *
   * The file name that the server is told; NULL for the file's own.
   */
  part_properties[PROP_FILE_NAME] = g_param_spec_string ("file-name", NULL, NULL, NULL, flags);
  /**
   * FerryContentPart:content-type:
   *
   * Its media type; NULL where the service is to say.
   */
  part_properties[PROP_CONTENT_TYPE] = g_param_spec_string ("content-type", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, part_properties);
}

static void
ferry_content_part_init (FerryContentPart *self)
{
  self->headers = g_ptr_array_new_with_free_func (g_free);
}

/**
 * ferry_content_part_new:
 * @name: (nullable): the name of the form's field
 *
 * Returns: (transfer full): a part that has nothing in it
 */
FerryContentPart *
ferry_content_part_new (const char *name)
{
  return g_object_new (FERRY_TYPE_CONTENT_PART, "name", name, NULL);
}

/**
 * ferry_content_part_get_name:
 * @self: a part
 *
 * Returns: (transfer none) (nullable): the name of the form's field
 */
const char *
ferry_content_part_get_name (FerryContentPart *self)
{
  return self->name;
}

/**
 * ferry_content_part_set_file:
 * @self: a part
 * @file: (transfer none): the file that is its content
 *
 * The service reads the file when it is sent.
 */
void
ferry_content_part_set_file (FerryContentPart *self, GFile *file)
{
  GFile *held = g_object_ref (file);

  clear_content (self);
  self->file = held;
}

/**
 * ferry_content_part_set_stream:
 * @self: a part
 * @stream: (transfer none): what gives its content
 *
 * It is read when the upload is created, to its end, and the service keeps what came: so it is for one
 * upload.
 */
void
ferry_content_part_set_stream (FerryContentPart *self, GInputStream *stream)
{
  GInputStream *held = g_object_ref (stream);

  clear_content (self);
  self->stream = held;
}

/**
 * ferry_content_part_set_text:
 * @self: a part
 * @text: its content
 */
void
ferry_content_part_set_text (FerryContentPart *self, const char *text)
{
  char *held = g_strdup (text);

  clear_content (self);
  self->text = held;
}

/**
 * ferry_content_part_set_header:
 * @self: a part
 * @name: of a field
 * @value: of it
 *
 * Adds a header, beside those that name, file name and type make.
 */
void
ferry_content_part_set_header (FerryContentPart *self, const char *name, const char *value)
{
  g_ptr_array_add (self->headers, g_strdup (name));
  g_ptr_array_add (self->headers, g_strdup (value));
}

/**
 * ferry_content_part_get_file_name:
 * @self: a part
 *
 * Returns: (transfer none) (nullable): the file name that the server is told, NULL for the file's own
 */
const char *
ferry_content_part_get_file_name (FerryContentPart *self)
{
  return self->file_name;
}

/* Takes over a text property; notifies of it where it is new. */
static void
replace (FerryContentPart *self, char **held, const char *text, guint property)
{
  if (g_strcmp0 (*held, text) == 0)
    return;
  g_free (*held);
  *held = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), part_properties[property]);
}

/**
 * ferry_content_part_set_file_name:
 * @self: a part
 * @file_name: (nullable): the file name that the server is told
 */
void
ferry_content_part_set_file_name (FerryContentPart *self, const char *file_name)
{
  replace (self, &self->file_name, file_name, PROP_FILE_NAME);
}

/**
 * ferry_content_part_get_content_type:
 * @self: a part
 *
 * Returns: (transfer none) (nullable): its media type, NULL where the service is to say
 */
const char *
ferry_content_part_get_content_type (FerryContentPart *self)
{
  return self->content_type;
}

/**
 * ferry_content_part_set_content_type:
 * @self: a part
 * @content_type: (nullable): its media type
 */
void
ferry_content_part_set_content_type (FerryContentPart *self, const char *content_type)
{
  replace (self, &self->content_type, content_type, PROP_CONTENT_TYPE);
}

static GVariant *
make_headers (FerryContentPart *self)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (guint i = 0; i < self->headers->len; i += 2)
    g_variant_builder_add (&builder, "(ss)", self->headers->pdata[i], self->headers->pdata[i + 1]);
  return g_variant_builder_end (&builder);
}

/**
 * ferry_content_part_describe:
 * @self: a part
 * @descriptors: (inout) (nullable): where that of its stream is added, if it has one
 * @error: (nullable):
 *
 * Returns: (transfer full): an a{sv} as `Uploader.CreateMultipart` has it, or NULL with @error
 */
GVariant *
ferry_content_part_describe (FerryContentPart *self, GUnixFDList **descriptors, GError **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  GVariant *handle;

  if (self->name != NULL)
    g_variant_dict_insert (&dict, "name", "s", self->name);
  if (self->file_name != NULL)
    g_variant_dict_insert (&dict, "filename", "s", self->file_name);
  if (self->content_type != NULL)
    g_variant_dict_insert (&dict, "content-type", "s", self->content_type);
  if (self->headers->len > 0)
    g_variant_dict_insert_value (&dict, "headers", make_headers (self));
  if (self->text != NULL)
    g_variant_dict_insert (&dict, "text", "s", self->text);
  if (self->file != NULL)
    g_variant_dict_insert_value (&dict, "file",
                                 g_variant_new_take_string (ferry_request_name_file (self->file, FALSE)));
  if (self->stream != NULL)
    {
      if (!ferry_request_append_stream (descriptors, self->stream, &handle, error))
        return NULL;
      g_variant_dict_insert_value (&dict, "file-fd", handle);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
