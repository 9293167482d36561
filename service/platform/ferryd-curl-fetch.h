/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-deadlines.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydCurlShared:
 * @context: (unowned): of the I/O thread
 * @deadlines: (unowned)
 * @fetches: (unowned): set of (owned) FerrydFetch
 *
 * What the fetches of one transport have in common.
 */
typedef struct
{
  GMainContext *context;
  FerrydDeadlines *deadlines;
  GHashTable *fetches;
} FerrydCurlShared;

FerrydFetch *ferryd_curl_fetch_new (const FerrydCurlShared *shared, const FerrydFetchRequest *request,
                                    const FerrydFetchHandler *handler, gpointer user_data);
void ferryd_curl_fetch_resume (FerrydFetch *self);
void ferryd_curl_fetch_forget (FerrydFetch *self);

G_END_DECLS
