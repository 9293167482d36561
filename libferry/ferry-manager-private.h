/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-bus.h"
#include "ferry-manager.h"
#include "ferry-property.h"

G_BEGIN_DECLS

const FerryPropertySpec *ferry_manager_get_specs (guint *n_specs);

void ferry_manager_call (FerryManager *self, const char *method, GVariant *parameters, const char *reply_type,
                         FerryBusCallFlags flags, GTask *task);
gboolean ferry_manager_finish_empty (GAsyncResult *result, GError **error);

G_END_DECLS
