/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-download-request.h"

#include "ferry-request-private.h"

/**
 * FerryDownloadRequest:
 *
 * A #FerryRequest for one download.
 */
struct _FerryDownloadRequest
{
  FerryRequest parent_instance;

  GFile *destination;   /* (owned) */
  gboolean into_folder; /* the destination is the folder */
};

struct _FerryDownloadRequestClass
{
  FerryRequestClass parent_class;
};

enum
{
  PROP_DESTINATION = 1,
  PROP_INTO_FOLDER,
  N_PROPS,
};

static GParamSpec *request_properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FerryDownloadRequest, ferry_download_request, FERRY_TYPE_REQUEST)

static void
ferry_download_request_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryDownloadRequest *self = FERRY_DOWNLOAD_REQUEST (object);

  if (property_id == PROP_DESTINATION)
    g_value_set_object (value, self->destination);
  else if (property_id == PROP_INTO_FOLDER)
    g_value_set_boolean (value, self->into_folder);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_download_request_set_property (GObject *object, guint property_id, const GValue *value,
                                     GParamSpec *pspec)
{
  FerryDownloadRequest *self = FERRY_DOWNLOAD_REQUEST (object);

  if (property_id == PROP_DESTINATION)
    g_set_object (&self->destination, g_value_get_object (value));
  else if (property_id == PROP_INTO_FOLDER)
    ferry_download_request_set_into_folder (self, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_download_request_finalize (GObject *object)
{
  g_clear_object (&FERRY_DOWNLOAD_REQUEST (object)->destination);

  G_OBJECT_CLASS (ferry_download_request_parent_class)->finalize (object);
}

/* Nothing or a leaf name where a descriptor stands for the rest. */
static char *
name_destination (FerryDownloadRequest *self, GVariant *options)
{
  if (g_variant_lookup (options, "destination-fd", "h", NULL))
    return g_strdup ("");
  if (g_variant_lookup (options, "destination-dir-fd", "h", NULL))
    return g_file_get_basename (self->destination);
  return ferry_request_name_file (self->destination, self->into_folder);
}

static gboolean
ferry_download_request_make_call (FerryRequest *request, GVariant *options, FerryRequestCall *call,
                                  GError **error)
{
  g_autofree char *destination = name_destination (FERRY_DOWNLOAD_REQUEST (request), options);

  call->method = "Create";
  call->parameters = g_variant_ref_sink (g_variant_new ("(ss@a{sv})", request->uri, destination, options));
  call->once = g_variant_lookup (options, "body-fd", "h", NULL);
  return TRUE;
}

static void
ferry_download_request_class_init (FerryDownloadRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_download_request_get_property;
  object_class->set_property = ferry_download_request_set_property;
  object_class->finalize = ferry_download_request_finalize;
  FERRY_REQUEST_CLASS (klass)->make_call = ferry_download_request_make_call;

  /**
   * FerryDownloadRequest:destination:
   *
   * The file it becomes, or the folder it goes into.
   */
  request_properties[PROP_DESTINATION] =
      g_param_spec_object ("destination", NULL, NULL, G_TYPE_FILE,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * FerryDownloadRequest:into-folder:
   *
   * Whether the destination is a folder, in which the file gets the name that server or URI suggest.
   */
  request_properties[PROP_INTO_FOLDER] = g_param_spec_boolean (
      "into-folder", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, request_properties);
}

static void
ferry_download_request_init (FerryDownloadRequest *self)
{
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
