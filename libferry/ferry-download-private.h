/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"
#include "ferry-download.h"

G_BEGIN_DECLS

FerryDownload *ferry_download_new (FerryBus *bus, const char *path);

G_END_DECLS
