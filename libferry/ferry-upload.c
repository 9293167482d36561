/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-upload-private.h"

#include "ferry-names.h"
#include "ferry-operation-private.h"

/**
 * FerryUpload:
 *
 * A #FerryOperation from a file, a stream or parts to a server. What the server answered is read by
 * ferry_operation_open_result_async().
 */
struct _FerryUpload
{
  FerryOperation parent_instance;
};

struct _FerryUploadClass
{
  FerryOperationClass parent_class;
};

G_DEFINE_FINAL_TYPE (FerryUpload, ferry_upload, FERRY_TYPE_OPERATION)

static void
ferry_upload_class_init (FerryUploadClass *klass)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  FERRY_OPERATION_CLASS (klass)->interface = FERRY_UPLOAD_OPERATION_INTERFACE;
  /* The base class knows the values of every kind. */
  G_OBJECT_CLASS (klass)->get_property = G_OBJECT_CLASS (ferry_upload_parent_class)->get_property;
  ferry_property_install (specs, n_specs, FERRY_UPLOAD_OPERATION_INTERFACE, G_OBJECT_CLASS (klass));
}

static void
ferry_upload_init (FerryUpload *self)
{
}

/**
 * ferry_upload_new:
 * @bus: (transfer none): where it is
 * @path: its object path, which no object has yet
 *
 * Returns: (transfer full): an upload that knows its id only
 */
FerryUpload *
ferry_upload_new (FerryBus *bus, const char *path)
{
  FerryUpload *self = g_object_new (FERRY_TYPE_UPLOAD, NULL);

  ferry_operation_bind (FERRY_OPERATION (self), bus, path);
  return self;
}

/**
 * ferry_upload_get_source:
 * @self: an upload
 *
 * Returns: (transfer none): path of the file that is sent, or a `file:` URI where that is not UTF-8; empty
 * for descriptors, streams and parts
 */
const char *
ferry_upload_get_source (FerryUpload *self)
{
  return ferry_operation_peek_string (FERRY_OPERATION (self), "Source");
}
