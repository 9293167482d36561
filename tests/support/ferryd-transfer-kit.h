/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-fake-transport.h"
#include "ferryd-sink-kit.h"
#include "ferryd-transfer.h"

G_BEGIN_DECLS

/* What a server has, unless the test says otherwise: more than the overlap that is compared where there is no
 * strong validator. */
#define FERRYD_TRANSFER_KIT_SIZE ((guint64) 300 * 1024)

/**
 * FerrydTransferServer:
 * @size: of what it has
 * @shift: which bytes it has: another shift, another file
 * @validator: (unowned) (nullable): strong
 * @etag: (unowned) (nullable): as sent
 * @says_size: it tells the length
 * @ranges: it honours Range
 * @pretends: it does not, but does not say so either
 * @cut: sends no more than this of a body; 0: all
 * @hangs: and then nothing, instead of closing the connection
 * @end: what the transport makes of the end of a body without a length
 * @piece: bytes in which a body comes; 0: in one
 * @status: what it fails with instead of an answer, -1 for none
 * @remedy: of @status
 * @answers: code of the response that @status is of, 0: there is none
 * @digest: (unowned) (nullable): what it says that all of it has
 * @part_digest: (unowned) (nullable): what it says of that where it sends a part
 * @takes: of what is sent along no more than this before it fails; 0: all
 *
 * What a server does.
 */
typedef struct
{
  guint64 size;
  guint64 shift;
  const char *validator;
  const char *etag;
  gboolean says_size;
  gboolean ranges;
  gboolean pretends;
  guint64 cut;
  gboolean hangs;
  FerrydBodyEnd end;
  gsize piece;
  int status;
  FerrydRemedy remedy;
  guint answers;
  const char *digest;
  const char *part_digest;
  guint64 takes;
} FerrydTransferServer;

/**
 * FerrydTransferKit:
 * @transport: (owned)
 * @io: (owned): inline
 * @meter: (owned)
 * @fetches: (owned) (element-type utf8): "first-last if-range" of each, a mirror's with "1 " or "2 " before
 * it, and "+N" at the end where N bytes are sent along, "!N" where that may be done only once
 * @server: at http://host/f
 * @mirrors: at http://one/f and http://two/f
 * @connections: that the attempt may have at each host; 0: one at the first
 * @uri: (unowned) (nullable): of the operation, instead of the first; @server is there
 * @is_last: no other attempt follows
 * @changes: after this many fetches the file is another one
 * @proceed_late: the test itself proceeds where the attempt waits for that
 * @content: (owned) (nullable): what is sent along
 * @transfer: (owned)
 * @events: (owned): a letter for each
 * @record: (owned) (nullable): of the last event
 * @failure: (owned) (nullable)
 * @limited: connections, as the last LIMITED said
 *
 * One attempt against scripted servers: a real sink in a real folder, no thread, no network.
 */
typedef struct
{
  FerrydSinkKit sink;
  FerrydFakeTransport *transport;
  FerrydIoThread *io;
  FerrydMeter *meter;
  GPtrArray *fetches;
  FerrydTransferServer server;
  FerrydTransferServer mirrors[2];
  guint connections;
  const char *uri;
  gboolean is_last;
  guint changes;
  gboolean proceed_late;
  FerrydContent *content;

  /* the outcome */
  FerrydAttempt *transfer;
  GString *events;
  FerrydProgressRecord *record;
  FerrydFailure *failure;
  guint limited;
  guint restarts;
  gboolean over;
} FerrydTransferKit;

void ferryd_transfer_kit_set_up (FerrydTransferKit *kit, gconstpointer data);
void ferryd_transfer_kit_tear_down (FerrydTransferKit *kit, gconstpointer data);

char *ferryd_transfer_kit_digest (const FerrydTransferServer *server);
guint8 *ferryd_transfer_kit_bytes (const FerrydTransferServer *server, guint64 start, guint64 end);
void ferryd_transfer_kit_start (FerrydTransferKit *kit, const char *options);
void ferryd_transfer_kit_wait (FerrydTransferKit *kit);
void ferryd_transfer_kit_settle (FerrydTransferKit *kit, guint fetches);
void ferryd_transfer_kit_run (FerrydTransferKit *kit, const char *options);
void ferryd_transfer_kit_publish (FerrydTransferKit *kit);
void ferryd_transfer_kit_fetch_half (FerrydTransferKit *kit);
void ferryd_transfer_kit_assert_fetch (const FerrydTransferKit *kit, guint nth, const char *expected);

G_END_DECLS
