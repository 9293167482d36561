/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

#define FERRY_TYPE_DOWNLOAD_REQUEST (ferry_download_request_get_type ())
G_DECLARE_FINAL_TYPE (FerryDownloadRequest, ferry_download_request, FERRY, DOWNLOAD_REQUEST, GObject)

FerryDownloadRequest *ferry_download_request_new (const char *uri, GFile *destination);

const char *ferry_download_request_get_uri (FerryDownloadRequest *self);
GFile *ferry_download_request_get_destination (FerryDownloadRequest *self);
gboolean ferry_download_request_get_into_folder (FerryDownloadRequest *self);
void ferry_download_request_set_into_folder (FerryDownloadRequest *self, gboolean into_folder);
GVariant *ferry_download_request_get_options (FerryDownloadRequest *self);
void ferry_download_request_set_option (FerryDownloadRequest *self, const char *key, GVariant *value);
gboolean ferry_download_request_set_descriptor (FerryDownloadRequest *self, const char *key, int fd,
                                                GError **error);
GUnixFDList *ferry_download_request_get_descriptors (FerryDownloadRequest *self);

G_END_DECLS
