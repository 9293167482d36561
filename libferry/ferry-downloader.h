/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-download-request.h"
#include "ferry-download.h"
#include "ferry-factory.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DOWNLOADER (ferry_downloader_get_type ())
#define FERRY_DOWNLOADER(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_DOWNLOADER, FerryDownloader))
#define FERRY_IS_DOWNLOADER(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_DOWNLOADER))

typedef struct _FerryDownloader FerryDownloader;
typedef struct _FerryDownloaderClass FerryDownloaderClass;

GType ferry_downloader_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryDownloader, g_object_unref)

FerryDownloader *ferry_downloader_new (void);
FerryDownloader *ferry_downloader_new_for_connection (GDBusConnection *connection);

G_END_DECLS
