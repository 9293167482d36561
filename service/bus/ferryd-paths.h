/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-id.h"

G_BEGIN_DECLS

/* Both (transfer full): an object path. */
char *ferryd_paths_of_operation (const FerrydId *id);
char *ferryd_paths_of_completion_group (const FerrydId *id);

gboolean ferryd_paths_parse_operation (const char *path, FerrydId *id);
gboolean ferryd_paths_parse_completion_group (const char *path, FerrydId *id);

G_END_DECLS
