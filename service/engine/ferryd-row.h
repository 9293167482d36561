/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-enums.h"
#include "ferryd-id.h"

G_BEGIN_DECLS

/**
 * FerrydColumns:
 *
 * Which members of a #FerrydRow are meant. The hot ones live in memory with every operation and are what the
 * store hands out at its opening; the cold ones are read when somebody asks.
 */
typedef enum
{
  /* hot; only the host ever changes, with the URI */
  FERRYD_COLUMN_IDENTITY =
      1 << 0, /* kind, application, group, host, token_key, created, pausable, sequence */
  /* hot */
  FERRYD_COLUMN_STATE = 1 << 1,        /* state, error_status, finished, attempt, retry_at */
  FERRYD_COLUMN_POLICY = 1 << 2,       /* priority, cost_policy, max_speed, unconstrained */
  FERRYD_COLUMN_COUNTERS = 1 << 3,     /* bytes_*, total_*, restarts, furthest */
  FERRYD_COLUMN_CLAIM = 1 << 4,        /* claim */
  FERRYD_COLUMN_TIMES = 1 << 5,        /* not_before, not_after */
  FERRYD_COLUMN_ORDER = 1 << 6,        /* order */
  FERRYD_COLUMN_NOTIFICATION = 1 << 7, /* notification_pending */
  /* cold */
  FERRYD_COLUMN_REQUEST = 1 << 8,   /* request, secrets */
  FERRYD_COLUMN_ERROR = 1 << 9,     /* error_message */
  FERRYD_COLUMN_RESPONSE = 1 << 10, /* response, suggested_name */
  FERRYD_COLUMN_PROGRESS = 1 << 11, /* progress */
  FERRYD_COLUMN_UPLOAD = 1 << 12,   /* upload_offset, upload_url */
  FERRYD_COLUMN_SECRETS = 1 << 14,  /* with REQUEST, for reading: secrets too, which not everybody needs */

  FERRYD_COLUMNS_HOT = 0x00ff,
  FERRYD_COLUMNS_COLD = 0xff00,
  FERRYD_COLUMNS_ALL = 0xffff,
} FerrydColumns;

/**
 * FerrydRow:
 * @id: which operation
 * @columns: which members below are meant
 * @sequence: age order over all operations; given by the store at insertion, ascending
 * @order: place in its group's queue; equal to @sequence until somebody moves it
 * @application: (owned): whose it is, `""` for a host caller without one
 * @group: (owned): transfer group, `""` for none
 * @host: (owned): scheme, host and port that the limit per host counts
 * @completion_group: all zero for none
 * @token_key: digest of application, kind and token; all zero without a token
 * @claim: digest of the destination's directory (device, inode) and name that it claims while unfinished; all
 * zero where the name is not known yet
 * @pausable: its method is GET or PUT
 * @state: IDLE, QUEUED (started: running and waiting are found out anew), PAUSED_BY_APPLICATION,
 *   PAUSED_RECOVERABLE_ERROR or one that ended
 * @error_status: FerryTransferError of the last attempt, or -1 for none
 * @created: Unix microseconds
 * @finished: Unix microseconds, 0 for not yet
 * @retry_at: Unix microseconds, 0 for none
 * @furthest: most bytes ever held, which an attempt has to pass for the count of retries to start again
 * @total_to_receive: bytes, -1 not known
 * @total_to_send: bytes, -1 not known
 * @request: (owned) (nullable): serialised #FerrydRequest without its secrets
 * @secrets: (owned) (nullable): what of the request is secret (a{sv}); the store keeps it apart, files of
 * 0600
 * @secrets_away: there are secrets, but they are where they cannot be read now
 * @error_message: (owned) (nullable)
 * @response: (owned) (nullable): the Response property, a{sv}
 * @suggested_name: (owned) (nullable)
 * @progress: (owned) (nullable): serialised #FerrydProgressRecord: partial file, validator, ranges held
 *
 * One operation as the store sees it. A plain value; cleared by ferryd_row_clear().
 */
typedef struct
{
  FerrydId id;
  FerrydColumns columns;

  gint64 sequence;
  FerryKind kind;
  char *application;
  char *group;
  char *host;
  FerrydId completion_group;
  guint8 token_key[16];
  gint64 created;
  gboolean pausable;

  FerryState state;
  int error_status;
  gint64 finished;
  guint attempt;
  gint64 retry_at;

  gint64 order;
  FerryPriority priority;
  FerryCostPolicy cost_policy;
  guint64 max_speed;
  gboolean unconstrained;

  guint64 bytes_received;
  guint64 bytes_sent;
  gint64 total_to_receive;
  gint64 total_to_send;
  guint restarts;
  guint64 furthest;

  guint8 claim[16];
  gint64 not_before;
  gint64 not_after;

  GVariant *request;
  GVariant *secrets;
  gboolean secrets_away;
  char *error_message;
  GVariant *response;
  char *suggested_name;
  GVariant *progress;
  guint64 upload_offset;
  char *upload_url;
  gboolean notification_pending;
} FerrydRow;

FerrydRow *ferryd_row_new (const FerrydId *id);
void ferryd_row_clear (FerrydRow *row);
void ferryd_row_free (FerrydRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydRow, ferryd_row_free)

G_END_DECLS
