/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferryd-content.h"
#include "ferryd-destination.h"
#include "ferryd-id.h"
#include "ferryd-peers.h"

G_BEGIN_DECLS

/**
 * FerrydRequest:
 * @uri: (owned): current URI, without user information
 * @method: (owned): request method
 * @destination: (owned) (nullable): as asked for, NULL for uploads
 * @source: (owned) (nullable): of uploads, the path as given, `""` where none was
 * @content: (owned) (nullable): what is sent along, found on disk
 * @target: (owned) (nullable): @destination found on disk
 * @exists: what an occupied destination means
 * @headers: (owned) (nullable): a(ss), secret ones included
 * @peers: (owned) (nullable): credentials, proxy and trust
 * @options: (owned): a{sv} as given, less headers, credentials, certificates and descriptors
 * @title: (owned): for people, `""` for none
 * @metadata: (owned): a{sv}, opaque
 * @group: (owned): transfer group, `""` for none
 * @token: (owned) (nullable)
 * @asked: (owned) (nullable): with a token, URI and destination as first asked for, which a repeated creation
 *   has to name again
 * @checksum: (owned) (nullable): `sha256:HEX` or `sha512:HEX`, lower case
 * @expected_size: bytes, -1 for any
 * @mirrors: (owned) (nullable): other URIs of the same file
 * @connections: most connections at a time
 * @random_access: parts are asked for out of order
 * @recoverable: set of FerryTransferError, bit N % 64 of word N / 64 for code N
 * @lost: (owned) (nullable): names of what was secret of it and cannot be read: it must not be sent without,
 *   and not be recorded
 * @lost_for_now: with @lost: where it is kept can perhaps be read later
 * @idempotent: the method may be repeated
 * @start: `start` was given
 *
 * What an application asked for. Immutable once shared: who wants another copies it, changes the copy and
 * puts it in the place of the first. Reference counted, threads may share it.
 */
typedef struct
{
  gatomicrefcount ref_count;
  FerryKind kind;
  char *uri;
  char *method;
  char *destination;
  char *source;
  FerrydContent *content;
  FerrydDestination *target;
  FerryExists exists;
  GVariant *headers;
  FerrydPeers *peers;
  GVariant *options;
  char *title;
  GVariant *metadata;
  char *group;
  FerrydId completion_group;
  char *token;
  char *asked;
  char *checksum;
  gint64 expected_size;
  GStrv mirrors;
  guint connections;
  gboolean random_access;
  guint64 recoverable[2];
  GStrv lost;
  gboolean lost_for_now;
  FerryPriority priority;
  FerryCostPolicy cost_policy;
  guint64 max_speed;
  gint64 not_before;
  gint64 not_after;
  gboolean idempotent;
  gboolean start;
} FerrydRequest;

/* @options: normalised by ferry_options_check(). */
/* @place: the destination of a download, the source of an upload. */
FerrydRequest *ferryd_request_new (FerryKind kind, const char *uri, const char *place, GVariant *options,
                                   GError **error);
FerrydRequest *ferryd_request_ref (FerrydRequest *request);
void ferryd_request_unref (FerrydRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydRequest, ferryd_request_unref)
FerrydRequest *ferryd_request_copy (const FerrydRequest *request);

/* Both (transfer full): @secrets is NULL where there are none. */
GVariant *ferryd_request_to_variant (const FerrydRequest *request, GVariant **secrets);
FerrydRequest *ferryd_request_from_variant (FerryKind kind, GVariant *variant, GVariant *secrets);

gboolean ferryd_request_check_scheme (const FerrydRequest *request, gboolean sends, GError **error);
gboolean ferryd_request_read_exists (GVariant *options, const char *destination, FerryExists *exists,
                                     GError **error);
void ferryd_request_set_peers (FerrydRequest *copy, const char *option, GVariant *value);
void ferryd_request_set_default_method (FerrydRequest *copy);
void ferryd_request_set_header (FerrydRequest *copy, const char *name, const char *value);
gboolean ferryd_request_is_recoverable (const FerrydRequest *request, FerryTransferError status);
gboolean ferryd_request_is_pausable (const FerrydRequest *request);
gboolean ferryd_request_is_repeatable (const FerrydRequest *request);
char *ferryd_request_name_host (const char *uri);
char *ferryd_request_get_host (const FerrydRequest *request);
GStrv ferryd_request_get_hosts (const FerrydRequest *request);
guint ferryd_request_get_host_index (const FerrydRequest *request, const char *const *hosts, guint source);
const char *ferryd_request_get_source (const FerrydRequest *request, guint source);
guint ferryd_request_count_sources (const FerrydRequest *request);
void ferryd_request_get_token_key (const FerrydRequest *request, const char *application, guint8 key[16]);

G_END_DECLS
