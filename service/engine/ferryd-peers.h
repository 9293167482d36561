/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydPeers:
 * @server_credential: (owned) (nullable): (ss), user and password for the server that the URI names
 * @proxy_credential: (owned) (nullable): the same for proxies
 * @proxy: (owned) (nullable): a proxy's URI, without user information; NULL for the session's
 * @ca_certificates: (owned) (nullable): authorities trusted in addition, PEM, for the URI's own origin
 * @fingerprint: (owned) (nullable): `sha256:HEX`, lower case, of the certificate that the URI's own origin
 *   has to have, whoever signed it
 *
 * With whom an operation talks, beside what its URI says. Immutable and reference counted; threads may share
 * it. Where nothing is special there is none: every function takes NULL for that.
 */
typedef struct
{
  gatomicrefcount ref_count;
  GVariant *server_credential;
  GVariant *proxy_credential;
  char *proxy;
  char *ca_certificates;
  char *fingerprint;
} FerrydPeers;

FerrydPeers *ferryd_peers_new (GVariant *options);
FerrydPeers *ferryd_peers_ref (FerrydPeers *self);
void ferryd_peers_unref (FerrydPeers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydPeers, ferryd_peers_unref)

FerrydPeers *ferryd_peers_with (const FerrydPeers *self, const char *option, GVariant *value);
FerrydPeers *ferryd_peers_for_other_origin (const FerrydPeers *self);
gboolean ferryd_peers_equal (const FerrydPeers *a, const FerrydPeers *b);

G_END_DECLS
