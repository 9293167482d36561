/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt-private.h"
#include "ferryd-sink.h"
#include "ferryd-transfer.h"

G_BEGIN_DECLS

/**
 * FerrydTransferMode:
 * @FERRYD_TRANSFER_FILL: fetches what misses
 * @FERRYD_TRANSFER_REPEAT: fetches the whole again and compares, because nothing else proves its end
 * @FERRYD_TRANSFER_BEYOND: asks what comes behind the last byte held, for the same reason
 *
 * What the fetch under way is for.
 */
typedef enum
{
  FERRYD_TRANSFER_FILL,
  FERRYD_TRANSFER_REPEAT,
  FERRYD_TRANSFER_BEYOND,
} FerrydTransferMode;

/**
 * FerrydTransferPhase:
 *
 * What an attempt is waiting for.
 */
typedef enum
{
  FERRYD_TRANSFER_OPENING,    /* the sink */
  FERRYD_TRANSFER_FETCHING,   /* the transport */
  FERRYD_TRANSFER_RESETTING,  /* ferryd_attempt_proceed() */
  FERRYD_TRANSFER_VERIFYING,  /* the sink */
  FERRYD_TRANSFER_WAITING,    /* ferryd_attempt_publish() */
  FERRYD_TRANSFER_PUBLISHING, /* the sink */
  FERRYD_TRANSFER_ENDING,     /* the last sync */
  FERRYD_TRANSFER_ENDED,
} FerrydTransferPhase;

struct _FerrydTransfer
{
  FerrydAttempt attempt;      /* what every attempt has */
  FerrydTransport *transport; /* (owned) */
  FerrydTransferSpec *spec;   /* (owned): constant */
  FerrydMeter *meter;         /* (owned) */

  /* I/O thread */
  FerrydTransferPhase phase;
  FerrydSink *sink;             /* (owned) (nullable) */
  FerrydFetch *fetch;           /* (unowned) (nullable): the transport's */
  FerrydProgressRecord *record; /* (owned): what may be recorded now: its ranges are synced */
  FerrydProgressRecord
      *syncing;      /* (owned) (nullable): what may be recorded once the sync under way has ended */
  gint64 synced_at;  /* g_get_monotonic_time() of the last checkpoint */
  gboolean stopping; /* ferryd_attempt_stop() was called */
  guint restarts;    /* times this attempt went back to byte 0 */

  FerrydTransferMode mode;
  guint64 first;          /* first byte asked for */
  guint64 fetched;        /* bytes of the body of this fetch */
  guint64 compare_until;  /* up to where the body is compared with what is held, not written */
  gboolean differs;       /* and it was not the same */
  gboolean changed;       /* what the server has is not what the held bytes are of */
  gboolean held;          /* the fetch waits for ferryd_transport_resume() */
  gboolean fresh;         /* ask on a connection of its own */
  gboolean tried_at_once; /* the one repeat without delay is used up */
  FerrydBodyEnd end;      /* of the body whose end has to be proved */
  guint repeats;          /* whole repeats made to prove it */
  gboolean says_size;     /* the server has told the length of the whole */
  gboolean resumable;     /* as the last answer said */
  gboolean unchanged;     /* 304 to the caller's own condition */
  FerrydFailure *failure; /* (owned) (nullable): what ends this attempt */
};

/* ferryd-transfer-sync.c */
void ferryd_transfer_checkpoint (FerrydTransfer *self);
void ferryd_transfer_sync (FerrydTransfer *self);
void ferryd_transfer_take_synced (FerrydTransfer *self);

/* ferryd-transfer.c */
FerrydTransfer *ferryd_transfer_ref (FerrydTransfer *self);
void ferryd_transfer_release (gpointer data);
FerrydTransferEvent *ferryd_transfer_new_event (FerrydTransfer *self, FerrydTransferEventKind kind);
void ferryd_transfer_emit (FerrydTransfer *self, FerrydTransferEvent *event);
void ferryd_transfer_step (FerrydTransfer *self);
FerrydFailure *ferryd_transfer_count_restart (FerrydTransfer *self);
void ferryd_transfer_reset (FerrydTransfer *self);
void ferryd_transfer_fail (FerrydTransfer *self, FerrydFailure *failure);
void ferryd_transfer_finish (FerrydTransfer *self, FerrydTransferEventKind kind);
void ferryd_transfer_complete (FerrydTransfer *self, gboolean proved);

/* ferryd-transfer-fetch.c */
void ferryd_transfer_fetch (FerrydTransfer *self);

G_END_DECLS
