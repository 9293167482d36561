/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int ferry_stream_open_descriptor (GInputStream *stream, GError **error);

G_END_DECLS
