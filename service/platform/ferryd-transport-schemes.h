/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport-curl.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_TRANSPORT_SCHEMES (ferryd_transport_schemes_get_type ())
G_DECLARE_FINAL_TYPE (FerrydTransportSchemes, ferryd_transport_schemes, FERRYD, TRANSPORT_SCHEMES, GObject)

FerrydTransport *ferryd_transport_schemes_new (FerrydTransport *http, FerrydTransportCurl *ftp);

G_END_DECLS
