/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-operation.h"

G_BEGIN_DECLS

#define FERRY_TYPE_UPLOAD (ferry_upload_get_type ())
#define FERRY_UPLOAD(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_UPLOAD, FerryUpload))
#define FERRY_IS_UPLOAD(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_UPLOAD))

typedef struct _FerryUpload FerryUpload;
typedef struct _FerryUploadClass FerryUploadClass;

GType ferry_upload_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryUpload, g_object_unref)

const char *ferry_upload_get_source (FerryUpload *self);

G_END_DECLS
