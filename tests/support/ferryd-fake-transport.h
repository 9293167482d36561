/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_TRANSPORT (ferryd_fake_transport_get_type ())
/**
 * FerrydFakeTransport:
 *
 * A transport without a network. Each fetch does what the test scripts: the steps are queued, from any thread
 * and at any time, and delivered one by one from an idle source of the context in which the fetch was begun.
 * Fetches stay readable until the transport goes.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeTransport, ferryd_fake_transport, FERRYD, FAKE_TRANSPORT, GObject)

/* Called for each new fetch, in the I/O thread, to script it. */
typedef void (*FerrydFakeServer) (FerrydFetch *fetch, gpointer user_data);

FerrydFakeTransport *ferryd_fake_transport_new (void);
void ferryd_fake_transport_set_server (FerrydFakeTransport *self, FerrydFakeServer server,
                                       gpointer user_data);
guint ferryd_fake_transport_count_fetches (FerrydFakeTransport *self);
guint ferryd_fake_transport_count_drops (FerrydFakeTransport *self);
FerrydFetch *ferryd_fake_transport_wait_fetch (FerrydFakeTransport *self, guint nth);

void ferryd_fake_fetch_answer (FerrydFetch *fetch, const FerrydAnswer *answer);
void ferryd_fake_fetch_body (FerrydFetch *fetch, guint64 offset, const void *bytes, gsize size);
void ferryd_fake_fetch_end (FerrydFetch *fetch, FerrydBodyEnd end);
void ferryd_fake_fetch_fail (FerrydFetch *fetch, FerrydFailure *failure);
void ferryd_fake_fetch_interim (FerrydFetch *fetch, guint status, GVariant *headers);
void ferryd_fake_fetch_take (FerrydFetch *fetch, guint64 until);
void ferryd_fake_fetch_serve (FerrydFetch *fetch, GBytes *content, const char *validator);

const FerrydFetchRequest *ferryd_fake_fetch_get_request (FerrydFetch *fetch);
gboolean ferryd_fake_fetch_is_canceled (FerrydFetch *fetch);
gboolean ferryd_fake_fetch_is_held (FerrydFetch *fetch);
gboolean ferryd_fake_fetch_has_ended (FerrydFetch *fetch);

G_END_DECLS
