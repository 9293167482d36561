/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-descriptor.h"

G_BEGIN_DECLS

/* Descriptors that come with a call. The message owns what came; a handle in its body is only an index, which
 * anybody can write. */

gboolean ferryd_descriptors_check (GDBusMessage *message, GError **error);
gboolean ferryd_descriptors_lookup (GDBusMessage *message, GVariant *options, const char *key,
                                    FerrydDescriptor **descriptor, GError **error);

G_END_DECLS
