/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gunixfdlist.h>

#include "ferry-content-part.h"

G_BEGIN_DECLS

GVariant *ferry_content_part_describe (FerryContentPart *self, GUnixFDList **descriptors, GError **error);

G_END_DECLS
