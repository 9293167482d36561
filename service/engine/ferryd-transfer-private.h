/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt-private.h"
#include "ferryd-sink.h"
#include "ferryd-speed.h"
#include "ferryd-transfer.h"

G_BEGIN_DECLS

/**
 * FerrydTransferMode:
 * @FERRYD_TRANSFER_FILL: fetches what misses
 * @FERRYD_TRANSFER_REPEAT: fetches the whole again and compares, because nothing else proves its end
 * @FERRYD_TRANSFER_BEYOND: asks what comes behind the last byte held, for the same reason
 * @FERRYD_TRANSFER_PROVE: compares some of what is held with what another URI has, and writes nothing
 *
 * What a fetch is for.
 */
typedef enum
{
  FERRYD_TRANSFER_FILL,
  FERRYD_TRANSFER_REPEAT,
  FERRYD_TRANSFER_BEYOND,
  FERRYD_TRANSFER_PROVE,
} FerrydTransferMode;

/**
 * FerrydTransferPhase:
 *
 * What an attempt is waiting for.
 */
typedef enum
{
  FERRYD_TRANSFER_OPENING,    /* the sink */
  FERRYD_TRANSFER_MOVING,     /* ferryd_attempt_proceed() and the sink */
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
 * @FERRYD_HOLD_LIMIT: until the limiter lets more through
 *
 * Why a fetch delivers nothing for now; it may have several reasons.
 */
typedef enum
{
  FERRYD_HOLD_RESET = 1 << 0,
  FERRYD_HOLD_LIMIT = 1 << 1,
} FerrydHold;

/**
 * FerrydSource:
 * @uri: (unowned): the request's
 * @host: which of the hosts it is at
 * @strands: fetches of it under way
 * @speed: bytes/s of one fetch, as last seen; 0 not known
 * @left: it failed; not asked again in this attempt
 * @other: it has something else than what is held
 *
 * One URI that the file may be fetched from: the operation's own is the first, then the mirrors.
 */
typedef struct
{
  const char *uri;
  guint host;
  guint strands;
  guint64 speed;
  gboolean left;
  gboolean other;
} FerrydSource;

/**
 * FerrydStrand:
 * @transfer: (unowned): whose it is
 * @fetch: (unowned) (nullable): the transport's; NULL once it has ended
 * @source: what it fetches from
 * @tap: (owned): what its body comes through
 * @holds: why it is held
 * @first: first byte asked for
 * @position: offset of the byte that comes next
 * @end: the byte behind the last that is wanted; it may become less, when another takes over the rest
 * @body_end: the byte behind the last that the server sends
 * @fetched: bytes of its body so far
 * @compare_until: up to where the body is compared with what is held, not written
 * @compare_from: and from where on again
 * @begun: g_get_monotonic_time()
 * @speed: of its body
 * @answered: what the server said is understood, and its body wanted
 * @differs: what was compared was not the same
 * @limited: since it was weighed last the limiter has let it wait
 * @changed: what the server has is not what the held bytes are of
 * @leave: enough of this one, for the sake of something better: its rest is planned anew
 * @rebinds: once it has been compared, what is held is taken for what its URI has
 * @validator: (owned) (nullable): of the answer, with @rebinds
 * @etag: (owned) (nullable): likewise
 * @last_modified: (owned) (nullable): likewise
 * @digest: (owned) (nullable): likewise
 * @failure: (owned) (nullable): why its source is of no use, found out by us
 *
 * One fetch under way of an attempt.
 */
typedef struct
{
  FerrydTransfer *transfer;
  FerrydFetch *fetch;
  FerrydLimiterTap *tap;
  FerrydSource *source;
  FerrydTransferMode mode;
  FerrydHold holds;
  guint64 first;
  guint64 position;
  guint64 end;
  guint64 body_end;
  guint64 fetched;
  guint64 compare_until;
  guint64 compare_from;
  gint64 begun;
  FerrydSpeed speed;
  gboolean answered;
  gboolean differs;
  gboolean changed;
  gboolean limited;
  gboolean leave;
  gboolean rebinds;
  char *validator;
  char *etag;
  char *last_modified;
  char *digest;
  FerrydFailure *failure;
} FerrydStrand;

/**
 * FerrydBinding:
 * @FERRYD_BINDING_NONE: nothing proves that what it has is what is held
 * @FERRYD_BINDING_VALIDATOR: the strong validator that the held bytes belong to
 * @FERRYD_BINDING_CHECKSUM: size and checksum, both given by the caller
 * @FERRYD_BINDING_OVERLAP: the same length, and bytes held that are fetched again and compared
 * @FERRYD_BINDING_ANEW: as before, for a URI that is another one than before
 *
 * What makes sure that a part from a source belongs to what is held.
 */
typedef enum
{
  FERRYD_BINDING_NONE,
  FERRYD_BINDING_VALIDATOR,
  FERRYD_BINDING_CHECKSUM,
  FERRYD_BINDING_OVERLAP,
  FERRYD_BINDING_ANEW,
} FerrydBinding;

struct _FerrydTransfer
{
  FerrydAttempt attempt;      /* what every attempt has */
  FerrydTransport *transport; /* (owned) */
  FerrydTransferSpec *spec;   /* (owned): constant */
  FerrydMeter *meter;         /* (owned) */

  /* I/O thread */
  FerrydTransferPhase phase;
  GCancellable *opening;        /* (owned): gives up opening the sink */
  FerrydSink *sink;             /* (owned) (nullable) */
  GPtrArray *strands;           /* (owned) (element-type FerrydStrand): the fetches under way */
  FerrydProgressRecord *record; /* (owned): what may be recorded now: its ranges are synced */
  FerrydProgressRecord
      *syncing;           /* (owned) (nullable): what may be recorded once the sync under way has ended */
  GArray *sources;        /* (owned) (element-type FerrydSource): never grows */
  GArray *allowed;        /* (owned) (element-type guint): connections, by host */
  gboolean parts_proved;  /* one of the sources has sent a part */
  gboolean alone;         /* one fetch at a time: parts beside each other do not work here */
  guint most_strands;     /* fetches at a time: as many as asked for, less those that failed */
  gboolean answered;      /* the present representation was answered in this attempt */
  gint64 weighed_at;      /* g_get_monotonic_time() when the source was last weighed against the others */
  FerrydSource *prefer;   /* (unowned) (nullable): to be tried next */
  FerrydFailure *refusal; /* (owned) (nullable): why the first of the sources that were left was */
  gint64 synced_at;       /* g_get_monotonic_time() of the last checkpoint */
  gboolean stopping;      /* ferryd_attempt_stop() was called */
  guint restarts;         /* times this attempt went back to byte 0 */

  gboolean fresh;         /* ask on a connection of its own */
  gboolean tried_at_once; /* the one repeat without delay is used up */
  FerrydBodyEnd end;      /* of the body whose end has to be proved */
  guint repeats;          /* whole repeats made to prove it */
  gboolean says_size;     /* the server has told the length of the whole */
  gboolean resumable;     /* as the last answer said */
  gboolean unchanged;     /* 304 to the caller's own condition */
  FerrydFailure *failure; /* (owned) (nullable): what ends this attempt */

  FerrydEntity *body;     /* (owned) (nullable): what is sent along */
  gboolean sent_whole;    /* the request under way, or the last one, is sent */
  gboolean body_verified; /* what was sent was still what it had been */
};

/* ferryd-transfer-body.c: what is sent along. */
gboolean ferryd_transfer_prepare_body (FerrydTransfer *self);
void ferryd_transfer_add_body (FerrydTransfer *self, FerrydFetchRequest *request);
void ferryd_transfer_take_sent (FerrydTransfer *self, guint64 offset);
void ferryd_transfer_seal (FerrydTransfer *self);
void ferryd_transfer_release_body (FerrydTransfer *self);
void ferryd_transfer_unseal (FerrydTransfer *self);
gboolean ferryd_transfer_judge_body (FerrydTransfer *self, const FerrydFailure *failure);
void ferryd_transfer_settle_remedy (FerrydTransfer *self, FerrydFailure *failure);
gboolean ferryd_transfer_verify_body (FerrydTransfer *self);

/* ferryd-transfer-digest.c */
void ferryd_transfer_take_digest (FerrydTransfer *self, const char *digest);
gboolean ferryd_strand_is_contradicted (FerrydStrand *strand, const char *digest);
gboolean ferryd_transfer_may_fetch_again (FerrydTransfer *self, const FerrydFailure *failure);

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
void ferryd_transfer_restart (FerrydTransfer *self);
void ferryd_transfer_fail (FerrydTransfer *self, FerrydFailure *failure);
void ferryd_transfer_finish (FerrydTransfer *self, FerrydTransferEventKind kind);
void ferryd_transfer_complete (FerrydTransfer *self, gboolean proved);

gboolean ferryd_transfer_end_if_stopping (FerrydTransfer *self);
guint64 ferryd_transfer_new_epoch (void);

/* ferryd-transfer-open.c */
void ferryd_transfer_open (FerrydTransfer *self);
void ferryd_transfer_forget_former (FerrydTransfer *self);

/* ferryd-transfer-plan.c */
void ferryd_transfer_fetch (FerrydTransfer *self, FerrydTransferMode mode);
void ferryd_transfer_give_back (FerrydTransfer *self);
void ferryd_transfer_fill (FerrydTransfer *self);
void ferryd_transfer_turn_to (FerrydTransfer *self, guint64 offset);
gboolean ferryd_strand_is_elsewhere (const FerrydStrand *strand);
gboolean ferryd_strand_take_rest (FerrydStrand *strand);

/* ferryd-transfer-source.c */
void ferryd_transfer_init_sources (FerrydTransfer *self);
gboolean ferryd_transfer_is_own (const FerrydTransfer *self, const FerrydSource *source);
FerrydBinding ferryd_transfer_get_binding (FerrydTransfer *self, const FerrydSource *source);
FerrydSource *ferryd_transfer_choose_source (FerrydTransfer *self);
void ferryd_transfer_leave_source (FerrydTransfer *self, FerrydSource *source, const FerrydFailure *failure);
gboolean ferryd_transfer_may_start_over (FerrydTransfer *self);
guint64 ferryd_transfer_get_speed (FerrydTransfer *self, const FerrydSource *source, gint64 now);
gboolean ferryd_strand_is_outdone (FerrydStrand *strand, gint64 now);
guint ferryd_transfer_limit (FerrydTransfer *self, guint host, guint connections);

/* ferryd-transfer-strand.c */
guint64 ferryd_transfer_get_held (FerrydTransfer *self);
gboolean ferryd_transfer_is_get (FerrydTransfer *self);
gboolean ferryd_transfer_take_failure (FerrydTransfer *self, FerrydFailure *failure);
FerrydStrand *ferryd_strand_new (FerrydTransfer *self, FerrydTransferMode mode, FerrydSource *source);
void ferryd_strand_begin (FerrydStrand *strand, const FerrydFetchRequest *request);
void ferryd_strand_free (gpointer data);
FerrydFlow ferryd_strand_hold (FerrydStrand *strand, FerrydHold reason);
void ferryd_strand_release (FerrydStrand *strand, FerrydHold reason);
void ferryd_transfer_cancel_strands (FerrydTransfer *self, const FerrydStrand *but);

/* ferryd-transfer-answer.c */
FerrydFlow ferryd_strand_take_answer (FerrydStrand *strand, const FerrydAnswer *answer);
void ferryd_strand_rebind (FerrydStrand *strand);

/* ferryd-transfer-judge.c */
void ferryd_strand_judge (FerrydStrand *strand, const FerrydFailure *failure, FerrydBodyEnd end);

G_END_DECLS
