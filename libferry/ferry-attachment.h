/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"

G_BEGIN_DECLS

#define FERRY_TYPE_ATTACHMENT (ferry_attachment_get_type ())
G_DECLARE_FINAL_TYPE (FerryAttachment, ferry_attachment, FERRY, ATTACHMENT, GObject)

FerryAttachment *ferry_attachment_new (FerryBus *bus, const char *path);

void ferry_attachment_hold_async (FerryAttachment *self, const char *method, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_attachment_hold_finish (FerryAttachment *self, GAsyncResult *result, GError **error);
void ferry_attachment_release (FerryAttachment *self);

G_END_DECLS
