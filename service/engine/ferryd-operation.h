/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt.h"
#include "ferryd-meter.h"
#include "ferryd-operation-state.h"
#include "ferryd-policy.h"
#include "ferryd-request.h"
#include "ferryd-row.h"

G_BEGIN_DECLS

typedef struct _FerrydOwner FerrydOwner;
typedef struct _FerrydHost FerrydHost;
typedef struct _FerrydGroup FerrydGroup;
typedef struct _FerrydCompletionGroup FerrydCompletionGroup;
typedef struct _FerrydLane FerrydLane;
typedef struct _FerrydAlarm FerrydAlarm;
typedef struct _FerrydLoan FerrydLoan;

/**
 * FerrydLive:
 * @request: (owned): what was asked for
 * @record: (owned): what of it has to survive
 * @origin: (owned) (nullable): the destination that the attempt knows, where that has been changed since
 * @heading: (owned) (nullable): with @origin, the destination that is or is being recorded
 * @response: (owned) (nullable): the Response property
 * @suggested_name: (owned) (nullable)
 * @error_message: (owned) (nullable)
 * @meter: (owned): how far it is
 * @transfer: (owned) (nullable): the attempt under way
 * @loans: (owned) (nullable) (element-type FerrydLoan): connections beside its slot, by the request's hosts;
 * NULL where it has no use for any
 * @openers: (owned) (nullable) (element-type GTask): who wait for the partial file to be there
 * @number: of the attempt, over all of this process
 * @restarts: the operation's restarts before this attempt
 * @furthest: most bytes held before this attempt
 * @candidate: number of the name tried in the last step, from 1
 * @claim: digest of the name tried, all zero while none is being recorded; a key of the queue's claims
 * @failure: (owned) (nullable): why the attempt is being stopped, where it failed in the last step
 * @ended: (owned) (nullable): who waits for the end of the attempt that is being stopped
 * @held_before: bytes held and sent when link or connection changed under it
 * @doubtful: link or connection has changed under it, and nothing has come since
 * @stopping: the attempt was told to stop
 * @sealed: what may be sent only once is on its way to its last byte: policy lets it
 * @finishing: the last steps are under way, and have the operation's turn
 * @over: the attempt has sent its last event
 * @last: what it was, or counts for
 *
 * What an operation needs while an attempt of it is under way, and only then.
 */
typedef struct
{
  FerrydRequest *request;
  FerrydProgressRecord *record;
  FerrydDestination *origin;
  FerrydDestination *heading;
  GVariant *response;
  char *suggested_name;
  char *error_message;
  FerrydMeter *meter;
  FerrydAttempt *transfer;
  GArray *loans;
  GPtrArray *openers;
  guint number;
  guint restarts;
  guint64 furthest;
  guint candidate;
  guint8 claim[16];
  FerrydFailure *failure;
  GTask *ended;
  guint64 held_before;
  gboolean doubtful;
  gboolean stopping;
  gboolean sealed;
  gboolean finishing;
  gboolean over;
  FerrydTransferEventKind last;
} FerrydLive;

/**
 * FerrydRun:
 * @live: (owned) (nullable): while an attempt is under way
 * @place: (nullable): where it stands in its lane while it is ready to run
 * @turn: (nullable): where it stands in the queue of its group, where that is serialized
 * @alarm: (owned) (nullable): rings for the retry, the next look at a full disk, or at a network that was
 *   changing
 * @order: place in its group's queue
 * @finished: Unix microseconds, 0 for not yet
 * @retry_at: Unix microseconds, 0 for none
 * @disk_full_since: microseconds of the clock's elapsed time, 0 while its disk has space
 * @max_speed: bytes/s, 0 none
 * @total_to_receive: bytes, -1 not known
 * @total_to_send: bytes, -1 not known
 * @furthest: most bytes ever held, or sent
 * @causes: why policy does not let it run; kept only while it is started
 *
 * What there is to know of an operation from its start on.
 */
typedef struct
{
  FerrydLive *live;
  GSequenceIter *place;
  GSequenceIter *turn;
  FerrydAlarm *alarm;
  gint64 order;
  gint64 finished;
  gint64 retry_at;
  gint64 disk_full_since;
  guint64 max_speed;
  guint64 bytes_received;
  gint64 total_to_receive;
  guint64 bytes_sent;
  gint64 total_to_send;
  guint64 furthest;
  FerrydCauses causes;
  guint restarts;
  guint attempt;
} FerrydRun;

/**
 * FerrydOperation:
 * @owner: (unowned): its application; counted there
 * @host: (unowned): the server the limit per host counts
 * @group: (unowned): its transfer group; counted there
 * @completion: (unowned) (nullable): the completion group it is a member of
 * @run: (owned): its own from its start on; before, one that all idle operations share and nobody writes to
 * @held: (owned) (nullable): the file that was given to write to or to read from, until it has ended or this
 * process does
 * @sequence: order of age
 * @created: Unix microseconds
 * @claim: digest of the destination it claims while unfinished, all zero for none
 * @token: digest of its token, all zero for none
 * @error_status: FerryTransferError, -1 for none
 * @pausable: its method is GET or PUT
 * @attached: somebody is
 * @slot: it has a slot to run in
 * @serial: its group counts it as the one whose turn it is
 * @retrying: it keeps its place in the queue of its group while it waits for its retry
 * @counted: the queue counts it as started
 * @local: every byte is there, so the network does not matter
 * @offline: the network took its last attempt away; it waits for that, until its alarm at most
 * @purging: retention is removing it
 * @preparing: its partial file is being made, or another destination recorded, so that no attempt may begin
 * @resuming: it has failed and is about to go on
 *
 * One operation, as it is kept in memory: a plain record, since there may be ten thousand, most of them not
 * started. Written by the engine only, its state by ferryd_operation_apply() only.
 */
typedef struct
{
  FerrydId id;
  FerrydOwner *owner;
  FerrydHost *host;
  FerrydGroup *group;
  FerrydCompletionGroup *completion;
  FerrydRun *run;
  FerrydDescriptor *held;
  gint64 sequence;
  gint64 created;
  guint8 claim[16];
  guint8 token[16];
  gint8 error_status;
  guint8 kind;
  guint8 state;
  guint8 priority;
  guint8 cost_policy;
  guint pausable : 1;
  guint unconstrained : 1;
  guint attached : 1;
  guint slot : 1;
  guint serial : 1;
  guint retrying : 1;
  guint counted : 1;
  guint local : 1;
  guint offline : 1;
  guint purging : 1;
  guint preparing : 1;
  guint resuming : 1;
} FerrydOperation;

FerrydOperation *ferryd_operation_new (const FerrydRow *row, FerrydOwner *owner, FerrydHost *host,
                                       FerrydGroup *group);
void ferryd_operation_free (FerrydOperation *operation);
void ferryd_operation_begin_run (FerrydOperation *operation);

gboolean ferryd_operation_apply (FerrydOperation *operation, FerrydOperationEvent event, GError **error);
gboolean ferryd_operation_is_started (const FerrydOperation *operation);
gint64 ferryd_operation_get_order (const FerrydOperation *operation);
FerrydRow *ferryd_operation_to_row (const FerrydOperation *operation, FerrydColumns columns);

FerrydLive *ferryd_live_new (const FerrydOperation *operation, FerrydRow *cold, GError **error);
void ferryd_live_free (FerrydLive *live);
FerrydRequest *ferryd_row_get_request (const FerrydOperation *operation, const FerrydRow *cold,
                                       GError **error);

G_END_DECLS
