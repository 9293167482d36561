/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-content-part.h"
#include "ferry-request.h"

G_BEGIN_DECLS

#define FERRY_TYPE_UPLOAD_REQUEST (ferry_upload_request_get_type ())
#define FERRY_UPLOAD_REQUEST(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_UPLOAD_REQUEST, FerryUploadRequest))
#define FERRY_IS_UPLOAD_REQUEST(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_UPLOAD_REQUEST))

typedef struct _FerryUploadRequest FerryUploadRequest;
typedef struct _FerryUploadRequestClass FerryUploadRequestClass;

GType ferry_upload_request_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryUploadRequest, g_object_unref)

FerryUploadRequest *ferry_upload_request_new (const char *uri, GFile *source);

GFile *ferry_upload_request_get_source (FerryUploadRequest *self);
void ferry_upload_request_set_stream (FerryUploadRequest *self, GInputStream *stream);
void ferry_upload_request_add_part (FerryUploadRequest *self, FerryContentPart *part);
GListModel *ferry_upload_request_get_parts (FerryUploadRequest *self);

G_END_DECLS
