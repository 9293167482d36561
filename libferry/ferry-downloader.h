/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-download-request.h"
#include "ferry-download.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DOWNLOADER (ferry_downloader_get_type ())
G_DECLARE_FINAL_TYPE (FerryDownloader, ferry_downloader, FERRY, DOWNLOADER, GObject)

FerryDownloader *ferry_downloader_new (void);
FerryDownloader *ferry_downloader_new_for_connection (GDBusConnection *connection);

void ferry_downloader_create_request_async (FerryDownloader *self, FerryDownloadRequest *request,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);
FerryDownload *ferry_downloader_create_request_finish (FerryDownloader *self, GAsyncResult *result,
                                                       GError **error);

void ferry_downloader_query_async (FerryDownloader *self, GVariant *filter, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
GListModel *ferry_downloader_query_finish (FerryDownloader *self, GAsyncResult *result, GError **error);

G_END_DECLS
