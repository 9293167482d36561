/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"
#include "ferry-upload.h"

G_BEGIN_DECLS

FerryUpload *ferry_upload_new (FerryBus *bus, const char *path);

G_END_DECLS
