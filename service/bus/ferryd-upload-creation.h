/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-call.h"
#include "ferryd-queue.h"

G_BEGIN_DECLS

/* @checked: normalised by ferry_options_check(). */
FerrydCreation *ferryd_upload_make_creation (const FerrydCall *call, const char *uri, const char *source,
                                             GVariant *checked, GError **error);
/* @parts: aa{sv}. */
FerrydCreation *ferryd_multipart_make_creation (const FerrydCall *call, const char *uri, GVariant *parts,
                                                GVariant *checked, GError **error);

/* (out) (nullable) (element-type FerrydSource): what a download sends along. */
gboolean ferryd_body_make_sources (const FerrydCall *call, GVariant *checked, GPtrArray **sources,
                                   GError **error);

G_END_DECLS
