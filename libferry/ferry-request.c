/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-request-private.h"

#include <unistd.h>

#include "ferry-stream.h"

/**
 * FerryRequest:
 *
 * Everything one transfer can be given. A plain object: nothing happens before ferry_factory_create_async(),
 * and it may be used again afterwards.
 */

enum
{
  PROP_URI = 1,
  PROP_OPTIONS,
  N_PROPS,
};

static GParamSpec *request_properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE (FerryRequest, ferry_request, G_TYPE_OBJECT)

static void
ferry_request_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  FerryRequest *self = FERRY_REQUEST (object);

  if (property_id == PROP_URI)
    g_value_set_string (value, self->uri);
  else if (property_id == PROP_OPTIONS)
    g_value_take_variant (value, ferry_request_get_options (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
ferry_request_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  FerryRequest *self = FERRY_REQUEST (object);

  if (property_id != PROP_URI)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
      return;
    }
  g_free (self->uri);
  self->uri = g_value_dup_string (value);
}

static void
ferry_request_finalize (GObject *object)
{
  FerryRequest *self = FERRY_REQUEST (object);

  g_free (self->uri);
  g_variant_dict_clear (&self->options);
  g_clear_object (&self->fds);

  G_OBJECT_CLASS (ferry_request_parent_class)->finalize (object);
}

static void
ferry_request_class_init (FerryRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_request_get_property;
  object_class->set_property = ferry_request_set_property;
  object_class->finalize = ferry_request_finalize;

  /**
   * FerryRequest:uri:
   *
   * Where it is transferred from or to.
   */
  request_properties[PROP_URI] = g_param_spec_string (
      "uri", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * FerryRequest:options:
   *
   * Everything that has no property of its own, an a{sv} under the keys of the service.
   */
  request_properties[PROP_OPTIONS] = g_param_spec_variant ("options", NULL, NULL, G_VARIANT_TYPE_VARDICT,
                                                           NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, request_properties);
}

static void
ferry_request_init (FerryRequest *self)
{
  g_variant_dict_init (&self->options, NULL);
}

/**
 * ferry_request_get_uri:
 * @self: a request
 *
 * Returns: (transfer none): where it is transferred from or to
 */
const char *
ferry_request_get_uri (FerryRequest *self)
{
  return self->uri;
}

/**
 * ferry_request_get_options:
 * @self: a request
 *
 * Returns: (transfer full): the options, an a{sv}
 */
GVariant *
ferry_request_get_options (FerryRequest *self)
{
  GVariant *options = g_variant_ref_sink (g_variant_dict_end (&self->options));

  g_variant_dict_init (&self->options, options);
  return options;
}

/**
 * ferry_request_set_option:
 * @self: a request
 * @key: an option of the call that creates the transfer
 * @value: its value; consumed if floating
 *
 * Sets or replaces an option. The service checks key and value when the transfer is created.
 */
void
ferry_request_set_option (FerryRequest *self, const char *key, GVariant *value)
{
  g_variant_dict_insert_value (&self->options, key, value);
}

/**
 * ferry_request_set_descriptor:
 * @self: a request
 * @key: an option of the call that is a descriptor
 * @fd: (transfer none): the descriptor, which is duplicated
 * @error: (nullable): what was wrong with @fd
 *
 * Hands a descriptor over. Of a download with `destination-fd` the destination itself does not matter, with
 * `destination-dir-fd` only its last part; of an upload with `source-fd` the source does not.
 *
 * Returns: whether @fd is one
 */
gboolean
ferry_request_set_descriptor (FerryRequest *self, const char *key, int fd, GError **error)
{
  GVariant *handle;

  if (!ferry_request_append_descriptor (&self->fds, fd, &handle, error))
    return FALSE;
  ferry_request_set_option (self, key, handle);
  return TRUE;
}

/**
 * ferry_request_get_descriptors:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): what the options that are descriptors index
 */
GUnixFDList *
ferry_request_get_descriptors (FerryRequest *self)
{
  return self->fds;
}

/**
 * ferry_request_make_call:
 * @self: a request
 * @call: (out caller-allocates): the call that it is
 * @error: (nullable):
 *
 * Returns: whether it can be made
 */
gboolean
ferry_request_make_call (FerryRequest *self, FerryRequestCall *call, GError **error)
{
  g_autoptr (GVariant) options = ferry_request_get_options (self);

  *call = (FerryRequestCall){ 0 };
  if (self->fds != NULL)
    call->descriptors = g_object_ref (self->fds);
  return FERRY_REQUEST_GET_CLASS (self)->make_call (self, options, call, error);
}

/**
 * ferry_request_call_clear:
 * @call: a call
 *
 * Frees what it owns.
 */
void
ferry_request_call_clear (FerryRequestCall *call)
{
  g_clear_pointer (&call->parameters, g_variant_unref);
  g_clear_object (&call->descriptors);
}

/**
 * ferry_request_append_descriptor:
 * @list: (inout) (nullable): descriptors; made where there is no list yet
 * @fd: (transfer none): what is appended, duplicated
 * @handle: (out) (transfer floating): the `h` that stands for it
 * @error: (nullable): what was wrong with @fd
 *
 * Returns: whether @fd is a descriptor
 */
gboolean
ferry_request_append_descriptor (GUnixFDList **list, int fd, GVariant **handle, GError **error)
{
  int index;

  if (*list == NULL)
    *list = g_unix_fd_list_new ();
  index = g_unix_fd_list_append (*list, fd, error);
  if (index < 0)
    return FALSE;
  *handle = g_variant_new_handle (index);
  return TRUE;
}

/**
 * ferry_request_append_stream:
 * @list: (inout) (nullable): descriptors; made where there is no list yet
 * @stream: (transfer none): what is to be read
 * @handle: (out) (transfer floating): the `h` that stands for it
 * @error: (nullable):
 *
 * Returns: whether @stream can be handed over
 */
gboolean
ferry_request_append_stream (GUnixFDList **list, GInputStream *stream, GVariant **handle, GError **error)
{
  int fd = ferry_stream_open_descriptor (stream, error);
  gboolean appended = fd >= 0 && ferry_request_append_descriptor (list, fd, handle, error);

  if (fd >= 0)
    (void) close (fd);
  return appended;
}

/**
 * ferry_request_name_file:
 * @file: where a transfer goes to or comes from
 * @folder: whether that is the folder
 *
 * Returns: (transfer full): as the service wants it: a path, or a URI where that is not UTF-8; a folder ends
 * in a slash
 */
char *
ferry_request_name_file (GFile *file, gboolean folder)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name =
      path != NULL && g_utf8_validate (path, -1, NULL) ? g_steal_pointer (&path) : g_file_get_uri (file);

  return g_strconcat (name, folder && !g_str_has_suffix (name, "/") ? "/" : "", NULL);
}
