/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-download-request.h"

/**
 * FerryDownloadRequest:
 *
 * Everything one download can be given. A plain object: nothing happens before
 * ferry_downloader_create_request_async(), and it may be used again afterwards.
 */
struct _FerryDownloadRequest
{
  GObject parent_instance;

  char *uri;            /* (owned) */
  GFile *destination;   /* (owned) */
  gboolean into_folder; /* the destination is the folder */
  GVariantDict options; /* by key of the contract */
  GUnixFDList *fds;     /* (owned) (nullable): descriptors that options index */
};

enum
{
  PROP_URI = 1,
  PROP_DESTINATION,
  PROP_INTO_FOLDER,
  PROP_OPTIONS,
  N_PROPS,
};

static GParamSpec *request_properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryDownloadRequest, ferry_download_request, G_TYPE_OBJECT)

static void
ferry_download_request_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryDownloadRequest *self = FERRY_DOWNLOAD_REQUEST (object);

  switch (property_id)
    {
    case PROP_URI:
      g_value_set_string (value, self->uri);
      break;
    case PROP_DESTINATION:
      g_value_set_object (value, self->destination);
      break;
    case PROP_INTO_FOLDER:
      g_value_set_boolean (value, self->into_folder);
      break;
    case PROP_OPTIONS:
      g_value_take_variant (value, ferry_download_request_get_options (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ferry_download_request_set_property (GObject *object, guint property_id, const GValue *value,
                                     GParamSpec *pspec)
{
  FerryDownloadRequest *self = FERRY_DOWNLOAD_REQUEST (object);

  switch (property_id)
    {
    case PROP_URI:
      g_free (self->uri);
      self->uri = g_value_dup_string (value);
      break;
    case PROP_DESTINATION:
      g_set_object (&self->destination, g_value_get_object (value));
      break;
    case PROP_INTO_FOLDER:
      ferry_download_request_set_into_folder (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
ferry_download_request_finalize (GObject *object)
{
  FerryDownloadRequest *self = FERRY_DOWNLOAD_REQUEST (object);

  g_free (self->uri);
  g_clear_object (&self->destination);
  g_variant_dict_clear (&self->options);
  g_clear_object (&self->fds);

  G_OBJECT_CLASS (ferry_download_request_parent_class)->finalize (object);
}

static void
ferry_download_request_class_init (FerryDownloadRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ferry_download_request_get_property;
  object_class->set_property = ferry_download_request_set_property;
  object_class->finalize = ferry_download_request_finalize;

  /**
   * FerryDownloadRequest:uri:
   *
   * What is downloaded.
   */
  request_properties[PROP_URI] = g_param_spec_string ("uri", NULL, NULL, NULL, construct);
  /**
   * FerryDownloadRequest:destination:
   *
   * The file it becomes, or the folder it goes into.
   */
  request_properties[PROP_DESTINATION] =
      g_param_spec_object ("destination", NULL, NULL, G_TYPE_FILE, construct);
  /**
   * FerryDownloadRequest:into-folder:
   *
   * Whether the destination is a folder, in which the file gets the name that server or URI suggest.
   */
  request_properties[PROP_INTO_FOLDER] = g_param_spec_boolean (
      "into-folder", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * FerryDownloadRequest:options:
   *
   * Everything else, an a{sv} under the keys of the service.
   */
  request_properties[PROP_OPTIONS] = g_param_spec_variant ("options", NULL, NULL, G_VARIANT_TYPE_VARDICT,
                                                           NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, request_properties);
}

static void
ferry_download_request_init (FerryDownloadRequest *self)
{
  g_variant_dict_init (&self->options, NULL);
}

/**
 * ferry_download_request_new:
 * @uri: what is downloaded
 * @destination: (transfer none): the file it becomes
 *
 * Returns: (transfer full): a request without options
 */
FerryDownloadRequest *
ferry_download_request_new (const char *uri, GFile *destination)
{
  return g_object_new (FERRY_TYPE_DOWNLOAD_REQUEST, "uri", uri, "destination", destination, NULL);
}

/**
 * ferry_download_request_get_uri:
 * @self: a request
 *
 * Returns: (transfer none): what is downloaded
 */
const char *
ferry_download_request_get_uri (FerryDownloadRequest *self)
{
  return self->uri;
}

/**
 * ferry_download_request_get_destination:
 * @self: a request
 *
 * Returns: (transfer none): the file, or the folder
 */
GFile *
ferry_download_request_get_destination (FerryDownloadRequest *self)
{
  return self->destination;
}

/**
 * ferry_download_request_get_into_folder:
 * @self: a request
 *
 * Returns: whether the destination is a folder
 */
gboolean
ferry_download_request_get_into_folder (FerryDownloadRequest *self)
{
  return self->into_folder;
}

/**
 * ferry_download_request_set_into_folder:
 * @self: a request
 * @into_folder: whether the destination is a folder
 *
 * Says what the destination is.
 */
void
ferry_download_request_set_into_folder (FerryDownloadRequest *self, gboolean into_folder)
{
  if (self->into_folder == into_folder)
    return;
  self->into_folder = into_folder;
  g_object_notify_by_pspec (G_OBJECT (self), request_properties[PROP_INTO_FOLDER]);
}

/**
 * ferry_download_request_get_options:
 * @self: a request
 *
 * Returns: (transfer full): the options, an a{sv}
 */
GVariant *
ferry_download_request_get_options (FerryDownloadRequest *self)
{
  GVariant *options = g_variant_ref_sink (g_variant_dict_end (&self->options));

  g_variant_dict_init (&self->options, options);
  return options;
}

/**
 * ferry_download_request_set_option:
 * @self: a request
 * @key: an option of `Downloader.Create`
 * @value: its value; consumed if floating
 *
 * Sets or replaces an option. The service checks key and value when the download is created.
 */
void
ferry_download_request_set_option (FerryDownloadRequest *self, const char *key, GVariant *value)
{
  g_variant_dict_insert_value (&self->options, key, value);
}

/**
 * ferry_download_request_set_descriptor:
 * @self: a request
 * @key: an option of `Downloader.Create` that is a descriptor
 * @fd: (transfer none): the descriptor, which is duplicated
 * @error: (nullable): what was wrong with @fd
 *
 * Hands a descriptor over. With `destination-fd` the destination itself does not matter, with
 * `destination-dir-fd` only its last part.
 *
 * Returns: whether @fd is one
 */
gboolean
ferry_download_request_set_descriptor (FerryDownloadRequest *self, const char *key, int fd, GError **error)
{
  int handle;

  if (self->fds == NULL)
    self->fds = g_unix_fd_list_new ();
  handle = g_unix_fd_list_append (self->fds, fd, error);
  if (handle < 0)
    return FALSE;
  ferry_download_request_set_option (self, key, g_variant_new_handle (handle));
  return TRUE;
}

/**
 * ferry_download_request_get_descriptors:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): what the options that are descriptors index
 */
GUnixFDList *
ferry_download_request_get_descriptors (FerryDownloadRequest *self)
{
  return self->fds;
}
