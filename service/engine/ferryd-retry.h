/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-failure.h"

G_BEGIN_DECLS

/**
 * FerrydRetryQuestion:
 * @remedy: what helps against the failure
 * @attempt: number of the attempt that failed, from 1; back at 1 after progress
 * @max_retries: the setting: attempts beyond the first
 * @retry_delay: the setting: milliseconds of the first backoff step
 * @retry_after: microseconds the server asked to wait, -1 for none
 * @random: from 0 to 1, what the jitter is made of
 * @status: which failure it was
 * @unsettled: the network was going away or changing
 *
 * An attempt failed; what now? A plain value.
 */
typedef struct
{
  FerrydRemedy remedy;
  guint attempt;
  guint max_retries;
  guint retry_delay;
  gint64 retry_after;
  double random;
  FerryTransferError status;
  gboolean unsettled;
} FerrydRetryQuestion;

/**
 * FerrydRetryVerdict:
 * @again: FALSE: give up, the failure is the operation's
 * @spent: the attempt counts; FALSE: the network is what is waited for
 * @delay: microseconds to wait before the next one; for a network at most so long
 *
 * The answer. A plain value.
 */
typedef struct
{
  gboolean again;
  gboolean spent;
  gint64 delay;
} FerrydRetryVerdict;

FerrydRetryVerdict ferryd_retry_decide (const FerrydRetryQuestion *question);

G_END_DECLS
