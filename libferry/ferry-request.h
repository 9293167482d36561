/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

#define FERRY_TYPE_REQUEST (ferry_request_get_type ())
#define FERRY_REQUEST(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), FERRY_TYPE_REQUEST, FerryRequest))
#define FERRY_IS_REQUEST(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), FERRY_TYPE_REQUEST))

/* Not to be derived from outside the library: its structures are private. */
typedef struct _FerryRequest FerryRequest;
typedef struct _FerryRequestClass FerryRequestClass;

GType ferry_request_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryRequest, g_object_unref)

const char *ferry_request_get_uri (FerryRequest *self);
GVariant *ferry_request_get_options (FerryRequest *self);
void ferry_request_set_option (FerryRequest *self, const char *key, GVariant *value);
gboolean ferry_request_set_descriptor (FerryRequest *self, const char *key, int fd, GError **error);
GUnixFDList *ferry_request_get_descriptors (FerryRequest *self);

G_END_DECLS
