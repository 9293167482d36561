/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-request.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DOWNLOAD_REQUEST (ferry_download_request_get_type ())
#define FERRY_DOWNLOAD_REQUEST(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_DOWNLOAD_REQUEST, FerryDownloadRequest))
#define FERRY_IS_DOWNLOAD_REQUEST(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_DOWNLOAD_REQUEST))

typedef struct _FerryDownloadRequest FerryDownloadRequest;
typedef struct _FerryDownloadRequestClass FerryDownloadRequestClass;

GType ferry_download_request_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryDownloadRequest, g_object_unref)

FerryDownloadRequest *ferry_download_request_new (const char *uri, GFile *destination);

GFile *ferry_download_request_get_destination (FerryDownloadRequest *self);
gboolean ferry_download_request_get_into_folder (FerryDownloadRequest *self);
void ferry_download_request_set_into_folder (FerryDownloadRequest *self, gboolean into_folder);

G_END_DECLS
