/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-upload-request.h"

#include "ferry-content-part-private.h"
#include "ferry-request-private.h"

/**
 * FerryUploadRequest:
 *
 * A #FerryRequest for one upload: of a file, of what a stream gives, or of parts.
 */
struct _FerryUploadRequest
{
  FerryRequest parent_instance;

  GFile *source;        /* (owned) (nullable) */
  GInputStream *stream; /* (owned) (nullable): what is sent instead of it */
  GListStore *parts;    /* (owned) (element-type FerryContentPart) */
};

struct _FerryUploadRequestClass
{
  FerryRequestClass parent_class;
};

enum
{
  PROP_SOURCE = 1,
  PROP_PARTS,
  N_PROPS,
};

static GParamSpec *request_properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryUploadRequest, ferry_upload_request, FERRY_TYPE_REQUEST)

static void
ferry_upload_request_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryUploadRequest *self = FERRY_UPLOAD_REQUEST (object);

  if (property_id == PROP_SOURCE)
    g_value_set_object (value, self->source);
  else if (property_id == PROP_PARTS)
    g_value_set_object (value, self->parts);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_upload_request_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_SOURCE)
    g_set_object (&FERRY_UPLOAD_REQUEST (object)->source, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_upload_request_finalize (GObject *object)
{
  FerryUploadRequest *self = FERRY_UPLOAD_REQUEST (object);

  g_clear_object (&self->source);
  g_clear_object (&self->stream);
  g_clear_object (&self->parts);

  G_OBJECT_CLASS (ferry_upload_request_parent_class)->finalize (object);
}

/* So that those of streams are added to the call's and not to the request's. */
static GUnixFDList *
copy_list (GUnixFDList *list)
{
  GUnixFDList *copy = g_unix_fd_list_new ();
  const int *fds = g_unix_fd_list_peek_fds (list, NULL);

  for (int i = 0; i < g_unix_fd_list_get_length (list); i++)
    (void) g_unix_fd_list_append (copy, fds[i], NULL);
  return copy;
}

static GVariant *
describe_parts (FerryUploadRequest *self, FerryRequestCall *call, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->parts)); i++)
    {
      g_autoptr (FerryContentPart) part = g_list_model_get_item (G_LIST_MODEL (self->parts), i);
      g_autoptr (GVariant) described = ferry_content_part_describe (part, &call->descriptors, error);

      if (described == NULL)
        return NULL;
      call->once |= g_variant_lookup (described, "file-fd", "h", NULL);
      g_variant_builder_add_value (&builder, described);
    }
  return g_variant_builder_end (&builder);
}

static gboolean
make_multipart_call (FerryUploadRequest *self, const char *uri, GVariant *options, FerryRequestCall *call,
                     GError **error)
{
  GVariant *parts = describe_parts (self, call, error);

  if (parts == NULL)
    return FALSE;
  call->method = "CreateMultipart";
  call->parameters = g_variant_ref_sink (g_variant_new ("(s@aa{sv}@a{sv})", uri, parts, options));
  return TRUE;
}

static gboolean
ferry_upload_request_make_call (FerryRequest *request, GVariant *options, FerryRequestCall *call,
                                GError **error)
{
  FerryUploadRequest *self = FERRY_UPLOAD_REQUEST (request);
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (options);
  g_autofree char *source = NULL;
  GVariant *handle;

  if (request->fds != NULL)
    {
      g_object_unref (call->descriptors);
      call->descriptors = copy_list (request->fds);
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (self->parts)) > 0)
    return make_multipart_call (self, request->uri, options, call, error);
  if (self->stream != NULL)
    {
      if (!ferry_request_append_stream (&call->descriptors, self->stream, &handle, error))
        return FALSE;
      g_variant_dict_insert_value (&dict, "source-fd", handle);
    }
  source = self->source != NULL ? ferry_request_name_file (self->source, FALSE) : g_strdup ("");
  call->method = "Create";
  call->once = g_variant_dict_contains (&dict, "source-fd");
  call->parameters =
      g_variant_ref_sink (g_variant_new ("(ss@a{sv})", request->uri, source, g_variant_dict_end (&dict)));
  return TRUE;
}

static void
ferry_upload_request_class_init (FerryUploadRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_upload_request_get_property;
  object_class->set_property = ferry_upload_request_set_property;
  object_class->finalize = ferry_upload_request_finalize;
  FERRY_REQUEST_CLASS (klass)->make_call = ferry_upload_request_make_call;

  /**
   * FerryUploadRequest:source:
   *
   * The file that is sent; NULL where a stream or parts are.
   */
  request_properties[PROP_SOURCE] = g_param_spec_object (
      "source", NULL, NULL, G_TYPE_FILE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * FerryUploadRequest:parts:
   *
   * The #FerryContentPart objects of a multipart upload; empty for any other.
   */
  request_properties[PROP_PARTS] =
      g_param_spec_object ("parts", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, request_properties);
}

static void
ferry_upload_request_init (FerryUploadRequest *self)
{
  self->parts = g_list_store_new (FERRY_TYPE_CONTENT_PART);
}

/**
 * ferry_upload_request_new:
 * @uri: where it is sent
 * @source: (transfer none) (nullable): the file that is; NULL where the option `source-fd`, or parts, say
 * what
 *
 * Returns: (transfer full): a request without options
 */
FerryUploadRequest *
ferry_upload_request_new (const char *uri, GFile *source)
{
  return g_object_new (FERRY_TYPE_UPLOAD_REQUEST, "uri", uri, "source", source, NULL);
}

/**
 * ferry_upload_request_get_source:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the file that is sent
 */
GFile *
ferry_upload_request_get_source (FerryUploadRequest *self)
{
  return self->source;
}

/**
 * ferry_upload_request_set_stream:
 * @self: a request without a source
 * @stream: (transfer none): what is sent
 *
 * It is read when the upload is created, to its end, and the service keeps what came: so it is for one
 * upload. Creating fails where reading does.
 */
void
ferry_upload_request_set_stream (FerryUploadRequest *self, GInputStream *stream)
{
  g_set_object (&self->stream, stream);
}

/**
 * ferry_upload_request_add_part:
 * @self: a request without a source
 * @part: (transfer none): what comes after the other parts
 *
 * Makes it a multipart upload.
 */
void
ferry_upload_request_add_part (FerryUploadRequest *self, FerryContentPart *part)
{
  g_list_store_append (self->parts, part);
}

/**
 * ferry_upload_request_get_parts:
 * @self: a request
 *
 * Returns: (transfer none): its #FerryContentPart objects, in their order
 */
GListModel *
ferry_upload_request_get_parts (FerryUploadRequest *self)
{
  return G_LIST_MODEL (self->parts);
}
