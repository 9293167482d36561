/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-peers.h"

G_BEGIN_DECLS

/**
 * FerrydTrust:
 *
 * Whose certificates are believed for one session. Asked for every connection once its handshake is over,
 * whatever the TLS library thought of it: a resumed TLS session is not verified again there, and those are
 * shared by the whole process.
 */
typedef struct _FerrydTrust FerrydTrust;

FerrydTrust *ferryd_trust_new (const FerrydPeers *peers);
void ferryd_trust_free (FerrydTrust *self);
gboolean ferryd_trust_is_pinned (FerrydTrust *self);
GTlsCertificateFlags ferryd_trust_judge (FerrydTrust *self, GTlsCertificate *certificate,
                                         GTlsCertificateFlags errors, GUri *uri);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydTrust, ferryd_trust_free)

G_END_DECLS
