/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-uploader.h"

#include "ferry-factory-private.h"
#include "ferry-names.h"

/**
 * FerryUploader:
 *
 * A #FerryFactory of uploads.
 */
struct _FerryUploader
{
  FerryFactory parent_instance;
};

struct _FerryUploaderClass
{
  FerryFactoryClass parent_class;
};

G_DEFINE_FINAL_TYPE (FerryUploader, ferry_uploader, FERRY_TYPE_FACTORY)

static void
ferry_uploader_class_init (FerryUploaderClass *klass)
{
  FerryFactoryClass *factory_class = FERRY_FACTORY_CLASS (klass);

  factory_class->path = FERRY_UPLOADER_PATH;
  factory_class->interface = FERRY_UPLOADER_INTERFACE;
  factory_class->request = ferry_upload_request_get_type;
  factory_class->operation = ferry_upload_get_type;
}

static void
ferry_uploader_init (FerryUploader *self)
{
}

/**
 * ferry_uploader_new:
 *
 * Returns: (transfer full): an uploader on the session bus
 */
FerryUploader *
ferry_uploader_new (void)
{
  return g_object_new (FERRY_TYPE_UPLOADER, NULL);
}

/**
 * ferry_uploader_new_for_connection:
 * @connection: (transfer none): the bus the service is on
 *
 * Returns: (transfer full): an uploader there
 */
FerryUploader *
ferry_uploader_new_for_connection (GDBusConnection *connection)
{
  return g_object_new (FERRY_TYPE_UPLOADER, "connection", connection, NULL);
}
