/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-operation.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DOWNLOAD (ferry_download_get_type ())
#define FERRY_DOWNLOAD(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_DOWNLOAD, FerryDownload))
#define FERRY_IS_DOWNLOAD(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_DOWNLOAD))

typedef struct _FerryDownload FerryDownload;
typedef struct _FerryDownloadClass FerryDownloadClass;

GType ferry_download_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryDownload, g_object_unref)

const char *ferry_download_get_destination (FerryDownload *self);
const char *ferry_download_get_suggested_name (FerryDownload *self);

G_END_DECLS
