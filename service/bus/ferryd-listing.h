/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-queue.h"

G_BEGIN_DECLS

/* Called for each operation that is still there, in order. */
typedef void (*FerrydListingFunc) (const FerrydDescription *description, gpointer user_data);

/* @ids (transfer full) (element-type FerrydId). @complete: whether complete descriptions are needed. @func is
 * called with @user_data, as is @callback at the end. */
void ferryd_listing_run_async (FerrydQueue *queue, GArray *ids, gboolean complete, FerrydListingFunc func,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_listing_run_finish (FerrydQueue *queue, GAsyncResult *result, GError **error);

G_END_DECLS
