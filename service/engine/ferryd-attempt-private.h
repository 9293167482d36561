/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt.h"

G_BEGIN_DECLS

/**
 * FerrydAttemptClass:
 * @begin: does its work, from now until its last event
 * @proceed: what it waited for is durable
 * @publish: the name is durable; NULL where there is nothing to name
 * @stop: ends soon, with its last event
 * @clear: frees what its members own, and the attempt; from whichever thread lets go last
 * @direction: of the bytes that count for its limits
 *
 * What a kind of attempt does. All but @clear are called in the I/O thread.
 */
typedef struct
{
  void (*begin) (FerrydAttempt *attempt);
  void (*proceed) (FerrydAttempt *attempt);
  void (*publish) (FerrydAttempt *attempt, const char *name, gboolean replace);
  void (*stop) (FerrydAttempt *attempt);
  void (*clear) (FerrydAttempt *attempt);
  FerrydDirection direction;
} FerrydAttemptClass;

/* The first member of every kind of attempt. */
struct _FerrydAttempt
{
  const FerrydAttemptClass *class;
  gatomicrefcount ref_count;
  FerrydIoThread *io; /* (unowned): outlives every attempt */

  /* I/O thread */
  FerrydLimiterShare *share; /* (owned): its part of what may be transferred; its taps are gone before it */

  /* main thread */
  FerrydAttemptFunc func; /* (nullable): NULL once nobody listens */
  gpointer user_data;     /* of @func */
};

void ferryd_attempt_begin (FerrydAttempt *attempt, const FerrydAttemptClass *class, FerrydIoThread *io,
                           FerrydAttemptFunc func, gpointer user_data);
FerrydAttempt *ferryd_attempt_ref (FerrydAttempt *attempt);
void ferryd_attempt_release (gpointer attempt);

FerrydTransferEvent *ferryd_transfer_event_new (FerrydTransferEventKind kind,
                                                const FerrydProgressRecord *record, guint restarts);
void ferryd_attempt_emit (FerrydAttempt *attempt, FerrydTransferEvent *event);

G_END_DECLS
