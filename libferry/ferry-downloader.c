/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-downloader.h"

#include "ferry-factory-private.h"
#include "ferry-names.h"

/**
 * FerryDownloader:
 *
 * A #FerryFactory of downloads.
 */
struct _FerryDownloader
{
  FerryFactory parent_instance;
};

struct _FerryDownloaderClass
{
  FerryFactoryClass parent_class;
};

G_DEFINE_FINAL_TYPE (FerryDownloader, ferry_downloader, FERRY_TYPE_FACTORY)

static void
ferry_downloader_class_init (FerryDownloaderClass *klass)
{
  FerryFactoryClass *factory_class = FERRY_FACTORY_CLASS (klass);

  factory_class->path = FERRY_DOWNLOADER_PATH;
  factory_class->interface = FERRY_DOWNLOADER_INTERFACE;
  factory_class->request = ferry_download_request_get_type;
  factory_class->operation = ferry_download_get_type;
}

static void
ferry_downloader_init (FerryDownloader *self)
{
}

/**
 * ferry_downloader_new:
 *
 * Returns: (transfer full): a downloader on the session bus
 */
FerryDownloader *
ferry_downloader_new (void)
{
  return g_object_new (FERRY_TYPE_DOWNLOADER, NULL);
}

/**
 * ferry_downloader_new_for_connection:
 * @connection: (transfer none): the bus the service is on
 *
 * Returns: (transfer full): a downloader there
 */
FerryDownloader *
ferry_downloader_new_for_connection (GDBusConnection *connection)
{
  return g_object_new (FERRY_TYPE_DOWNLOADER, "connection", connection, NULL);
}
