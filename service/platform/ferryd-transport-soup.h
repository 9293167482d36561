/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_TRANSPORT_SOUP (ferryd_transport_soup_get_type ())
G_DECLARE_FINAL_TYPE (FerrydTransportSoup, ferryd_transport_soup, FERRYD, TRANSPORT_SOUP, GObject)

void ferryd_transport_soup_prepare_process (void);

FerrydTransport *ferryd_transport_soup_new (GMainContext *context, GTlsDatabase *trust);

G_END_DECLS
