/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"
#include "ferry-completion-group.h"
#include "ferry-property.h"

G_BEGIN_DECLS

const FerryPropertySpec *ferry_completion_group_get_specs (guint *n_specs);

/* A group whose properties are as the service has them; answered by ferry_completion_group_new_finish(). */
void ferry_completion_group_load_async (FerryBus *bus, const char *path, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);

G_END_DECLS
