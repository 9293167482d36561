/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-fake-transport.h"

G_BEGIN_DECLS

/**
 * FerrydModelServer:
 *
 * A server for many downloads that is honest about its files, and otherwise as bad as servers and networks
 * are: it changes files, breaks off, refuses, has no validators or no ranges, says no length, falls silent.
 * What it does is drawn, so that the same seed gives the same server. Every URI `http://HOST/.../N` is a file
 * of its own; a file tells by its bytes which one it is, in which version.
 */
typedef struct _FerrydModelServer FerrydModelServer;

FerrydModelServer *ferryd_model_server_new (FerrydFakeTransport *transport, GRand *rand);
void ferryd_model_server_free (FerrydModelServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydModelServer, ferryd_model_server_free)

char *ferryd_model_server_new_uri (FerrydModelServer *server);
/* Nothing more comes by itself from a fetch for it, and it has not ended. */
gboolean ferryd_model_server_is_silent (FerrydModelServer *server, const char *uri);
void ferryd_model_server_break_silence (FerrydModelServer *server);
gboolean ferryd_model_server_knows (const guint8 *bytes, gsize size);

G_END_DECLS
