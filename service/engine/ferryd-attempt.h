/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-descriptor.h"
#include "ferryd-failure.h"
#include "ferryd-io-thread.h"
#include "ferryd-meter.h"
#include "ferryd-progress-record.h"
#include "ferryd-request.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydTransferSpec:
 * @id: the operation
 * @application: (owned): whose it is
 * @request: (owned): what was asked for
 * @record: (owned): what is held
 * @journal_directory: (owned): for the sink
 * @body_directory: (owned): for what a server says to an upload
 * @spool_directory: (owned): where the service keeps what was given to it through a pipe
 * @held: (owned) (nullable): the source that was given as a descriptor
 * @connect_timeout: milliseconds
 * @response_timeout: milliseconds
 * @stall_timeout: milliseconds
 * @is_last: no other attempt follows if this one fails
 *
 * What one attempt needs to know. A plain value.
 */
typedef struct
{
  FerrydId id;
  char *application;
  FerrydRequest *request;
  FerrydProgressRecord *record;
  char *journal_directory;
  char *body_directory;
  char *spool_directory;
  FerrydDescriptor *held;
  guint connect_timeout;
  guint response_timeout;
  guint stall_timeout;
  gboolean is_last;
} FerrydTransferSpec;

void ferryd_transfer_spec_free (FerrydTransferSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydTransferSpec, ferryd_transfer_spec_free)

void ferryd_transfer_spec_complete (const FerrydTransferSpec *spec, FerrydFetchRequest *request);

/**
 * FerrydTransferEventKind:
 * @FERRYD_TRANSFER_ANSWERED: a response is there: `response`, `suggested_name`, and `record` with its
 * validators
 * @FERRYD_TRANSFER_RESET: it begins again from nothing. `record` has to be durable before
 *   ferryd_attempt_proceed(), until which nothing is written
 * @FERRYD_TRANSFER_MOVED: the partial file was copied to where the destination is by now. `record` has to be
 *   durable before ferryd_attempt_proceed(), until which the former one is kept
 * @FERRYD_TRANSFER_CHECKPOINT: what `record` says is synced and may be recorded
 * @FERRYD_TRANSFER_LIMITED: after ferryd_transfer_allow(): at `host` it has no more connections than
 * `connections` from now on
 * @FERRYD_TRANSFER_COMPLETE: every byte is there, verified and synced. `record` and the name decided have to
 * be durable before ferryd_attempt_publish()
 * @FERRYD_TRANSFER_OCCUPIED: that name is taken by now; nothing has happened, try another or give up
 * @FERRYD_TRANSFER_PUBLISHED: the file has its name, durably; the last event
 * @FERRYD_TRANSFER_SEALED: all is sent but the last bytes, after which nobody can know whether the server
 * acts on it. `record` has to be durable before ferryd_attempt_proceed(), until which they are held
 * @FERRYD_TRANSFER_PLACED: the server keeps what it gets, and said where: `record` is to be durable now,
 * since without it everything would be sent again; nothing waits for that
 * @FERRYD_TRANSFER_ACCEPTED: the server has got everything, and its answer is kept; the last event
 * @FERRYD_TRANSFER_UNCHANGED: the server said 304 to the caller's own condition; the last event
 * @FERRYD_TRANSFER_FAILED: `failure`; what `record` says is synced; the last event
 * @FERRYD_TRANSFER_STOPPED: after ferryd_attempt_stop(): what `record` says is synced; the last event
 */
typedef enum
{
  FERRYD_TRANSFER_ANSWERED,
  FERRYD_TRANSFER_RESET,
  FERRYD_TRANSFER_MOVED,
  FERRYD_TRANSFER_CHECKPOINT,
  FERRYD_TRANSFER_LIMITED,
  FERRYD_TRANSFER_COMPLETE,
  FERRYD_TRANSFER_OCCUPIED,
  FERRYD_TRANSFER_PUBLISHED,
  FERRYD_TRANSFER_SEALED,
  FERRYD_TRANSFER_PLACED,
  FERRYD_TRANSFER_ACCEPTED,
  FERRYD_TRANSFER_UNCHANGED,
  FERRYD_TRANSFER_FAILED,
  FERRYD_TRANSFER_STOPPED,
} FerrydTransferEventKind;

/**
 * FerrydTransferEvent:
 * @record: (owned): what there is now
 * @restarts: how often this attempt went back to byte 0 so far
 * @response: (owned) (nullable): the Response property, a{sv}; with ANSWERED
 * @suggested_name: (owned) (nullable): with ANSWERED
 * @failure: (owned) (nullable): with FAILED
 * @name: (owned) (nullable): the leaf name, with OCCUPIED and PUBLISHED
 * @host: which of the request's hosts, with LIMITED
 * @connections: with LIMITED
 *
 * News from the I/O thread, by value. The receiver may steal members.
 */
typedef struct
{
  FerrydTransferEventKind kind;
  FerrydProgressRecord *record;
  guint restarts;
  GVariant *response;
  char *suggested_name;
  FerrydFailure *failure;
  char *name;
  guint host;
  guint connections;
} FerrydTransferEvent;

/**
 * FerrydAttempt:
 *
 * One attempt at an operation, as the queue sees it: a download's is a FerrydTransfer, an upload's a
 * FerrydUpload. Works in the I/O thread; these functions belong to the main thread and return at once.
 */
typedef struct _FerrydAttempt FerrydAttempt;

/* Called in the main thread. */
typedef void (*FerrydAttemptFunc) (FerrydAttempt *attempt, FerrydTransferEvent *event, gpointer user_data);

void ferryd_attempt_proceed (FerrydAttempt *attempt);
void ferryd_attempt_publish (FerrydAttempt *attempt, const char *name, gboolean replace);
void ferryd_attempt_set_max_speed (FerrydAttempt *attempt, guint64 max_speed);
void ferryd_attempt_stop (FerrydAttempt *attempt);
void ferryd_attempt_unref (FerrydAttempt *attempt);

G_END_DECLS
