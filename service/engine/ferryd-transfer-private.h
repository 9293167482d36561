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
 * What a fetch is for.
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

/**
 * FerrydHold:
 * @FERRYD_HOLD_RESET: until ferryd_attempt_proceed()
 *
 * Why a fetch delivers nothing for now; it may have several reasons.
 */
typedef enum
{
  FERRYD_HOLD_RESET = 1 << 0,
} FerrydHold;

/**
 * FerrydStrand:
 * @transfer: (unowned): whose it is
 * @fetch: (unowned): the transport's
 * @holds: why it is held
 * @position: offset of the byte that comes next
 * @fetched: bytes of its body so far
 * @compare_until: up to where the body is compared with what is held, not written
 * @differs: and it was not the same
 * @changed: what the server has is not what the held bytes are of
 *
 * One fetch under way of an attempt.
 */
typedef struct
{
  FerrydTransfer *transfer;
  FerrydFetch *fetch;
  FerrydTransferMode mode;
  FerrydHold holds;
  guint64 position;
  guint64 fetched;
  guint64 compare_until;
  gboolean differs;
  gboolean changed;
} FerrydStrand;

struct _FerrydTransfer
{
  FerrydAttempt attempt;      /* what every attempt has */
  FerrydTransport *transport; /* (owned) */
  FerrydTransferSpec *spec;   /* (owned): constant */
  FerrydMeter *meter;         /* (owned) */

  /* I/O thread */
  FerrydTransferPhase phase;
  FerrydSink *sink;             /* (owned) (nullable) */
  GPtrArray *strands;           /* (owned) (element-type FerrydStrand): the fetches under way */
  FerrydProgressRecord *record; /* (owned): what may be recorded now: its ranges are synced */
  FerrydProgressRecord
      *syncing;      /* (owned) (nullable): what may be recorded once the sync under way has ended */
  gint64 synced_at;  /* g_get_monotonic_time() of the last checkpoint */
  gboolean stopping; /* ferryd_attempt_stop() was called */
  guint restarts;    /* times this attempt went back to byte 0 */

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

/* ferryd-transfer-plan.c */
void ferryd_transfer_fetch (FerrydTransfer *self, FerrydTransferMode mode);

/* ferryd-transfer-strand.c */
guint64 ferryd_transfer_get_held (FerrydTransfer *self);
gboolean ferryd_transfer_is_get (FerrydTransfer *self);
gboolean ferryd_transfer_take_failure (FerrydTransfer *self, FerrydFailure *failure);
void ferryd_strand_begin (FerrydStrand *strand, const FerrydFetchRequest *request);
void ferryd_strand_free (gpointer data);
FerrydFlow ferryd_strand_hold (FerrydStrand *strand, FerrydHold reason);
void ferryd_strand_release (FerrydStrand *strand, FerrydHold reason);
void ferryd_transfer_cancel_strands (FerrydTransfer *self, const FerrydStrand *but);

/* ferryd-transfer-answer.c */
FerrydFlow ferryd_strand_take_answer (FerrydStrand *strand, const FerrydAnswer *answer);

/* ferryd-transfer-judge.c */
void ferryd_strand_judge (FerrydStrand *strand, const FerrydFailure *failure, FerrydBodyEnd end);

G_END_DECLS
