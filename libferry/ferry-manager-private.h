/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-manager.h"
#include "ferry-property.h"

G_BEGIN_DECLS

const FerryPropertySpec *ferry_manager_get_specs (guint *n_specs);

G_END_DECLS
