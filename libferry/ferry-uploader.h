/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-upload-request.h"
#include "ferry-upload.h"
#include "ferry-factory.h"

G_BEGIN_DECLS

#define FERRY_TYPE_UPLOADER (ferry_uploader_get_type ())
#define FERRY_UPLOADER(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_UPLOADER, FerryUploader))
#define FERRY_IS_UPLOADER(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_UPLOADER))

typedef struct _FerryUploader FerryUploader;
typedef struct _FerryUploaderClass FerryUploaderClass;

GType ferry_uploader_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryUploader, g_object_unref)

FerryUploader *ferry_uploader_new (void);
FerryUploader *ferry_uploader_new_for_connection (GDBusConnection *connection);

G_END_DECLS
