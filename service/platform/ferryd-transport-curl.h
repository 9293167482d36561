/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_TRANSPORT_CURL (ferryd_transport_curl_get_type ())
G_DECLARE_FINAL_TYPE (FerrydTransportCurl, ferryd_transport_curl, FERRYD, TRANSPORT_CURL, GObject)

FerrydTransportCurl *ferryd_transport_curl_new (GMainContext *context);
gboolean ferryd_transport_curl_has (FerrydTransportCurl *self, const FerrydFetch *fetch);

G_END_DECLS
