/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-retry.h"

/* The longest backoff step, in first steps: an hour with the default setting of five seconds. A multiple of
 * the setting and not an hour, so that whoever scales the setting scales every delay. */
#define LONGEST_STEP 720

/* How long after which something of this machine is looked for again, in first steps: a minute with the
 * default setting. */
#define LEISURE_STEP 12

/* How long a server can make us wait, microseconds: a day. More is taken for a mistake of its clock. */
#define LONGEST_RETRY_AFTER (24 * G_TIME_SPAN_HOUR)

/* Attempts without progress, starting over included, until a representation that changes under us is given
 * up, whatever the setting says: starting over is not a retry of something that failed. */
#define MAX_ATTEMPTS_RESTARTING 5

/* Half of the step is fixed, so that a server that went down is not met at once; half of it is drawn, so that
 * those who were cut off together do not come back together. */
static gint64
backoff (const FerrydRetryQuestion *question, gint64 steps)
{
  double step = (double) question->retry_delay * G_TIME_SPAN_MILLISECOND * (double) MIN (steps, LONGEST_STEP);

  return (gint64) (step * (0.5 + 0.5 * CLAMP (question->random, 0.0, 1.0)));
}

/* 2^(attempt - 1), without overflow for any attempt. */
static gint64
steps_of_attempt (guint attempt)
{
  return (gint64) 1 << MIN (MAX (attempt, 1) - 1, 30);
}

/* Whether that is how a network shows that goes away or changes, and nothing that a server has said. */
static gboolean
is_of_network (FerryTransferError status)
{
  switch (status)
    {
    case FERRY_TRANSFER_ERROR_SERVER_UNREACHABLE:
    case FERRY_TRANSFER_ERROR_TIMEOUT:
    case FERRY_TRANSFER_ERROR_CONNECTION_ABORTED:
    case FERRY_TRANSFER_ERROR_CONNECTION_RESET:
    case FERRY_TRANSFER_ERROR_DISCONNECTED:
    case FERRY_TRANSFER_ERROR_CANNOT_CONNECT:
    case FERRY_TRANSFER_ERROR_HOST_NAME_NOT_RESOLVED:
      return TRUE;
    default:
      return FALSE;
    }
}

/* What would be tried again is tried again for nothing while the network explains it. */
static FerrydRemedy
find_remedy (const FerrydRetryQuestion *question)
{
  gboolean repeated = question->remedy == FERRYD_REMEDY_RETRY || question->remedy == FERRYD_REMEDY_AT_ONCE;

  return repeated && question->unsettled && is_of_network (question->status) ? FERRYD_REMEDY_NO_NETWORK
                                                                             : question->remedy;
}

static gboolean
is_allowed (const FerrydRetryQuestion *question, FerrydRemedy remedy)
{
  switch (remedy)
    {
    case FERRYD_REMEDY_RETRY:
    case FERRYD_REMEDY_AT_ONCE:
      return question->attempt <= question->max_retries;
    case FERRYD_REMEDY_RESTART:
      return question->attempt <= MAX (question->max_retries, MAX_ATTEMPTS_RESTARTING);
    case FERRYD_REMEDY_NO_NETWORK:
    case FERRYD_REMEDY_LATER:
      return TRUE;
    case FERRYD_REMEDY_DISK_FULL:
    case FERRYD_REMEDY_FINAL:
    default:
      return FALSE;
    }
}

static gint64
decide_delay (const FerrydRetryQuestion *question, FerrydRemedy remedy)
{
  switch (remedy)
    {
    case FERRYD_REMEDY_RESTART:
      return 0;
    case FERRYD_REMEDY_AT_ONCE:
      return question->attempt <= 1 ? 0 : backoff (question, steps_of_attempt (question->attempt));
    case FERRYD_REMEDY_NO_NETWORK:
      return backoff (question, 1);
    case FERRYD_REMEDY_LATER:
      return backoff (question, LEISURE_STEP);
    case FERRYD_REMEDY_RETRY:
    case FERRYD_REMEDY_FINAL:
    default:
      return backoff (question, steps_of_attempt (question->attempt));
    }
}

/**
 * ferryd_retry_decide:
 * @question: what happened
 *
 * The next attempt comes after `retry-delay` · 2^(attempt - 1), at most 720 times `retry-delay`, of which the
 * random number takes away up to a half; not before the server's Retry-After is over, a day at most. What
 * fails for a network that goes away or changes spends no attempt.
 * How long a full disk is waited for is not decided here: with that remedy the answer is to give up.
 *
 * Returns: whether and when to try again
 */
FerrydRetryVerdict
ferryd_retry_decide (const FerrydRetryQuestion *question)
{
  FerrydRetryVerdict verdict = { FALSE, TRUE, 0 };
  FerrydRemedy remedy = find_remedy (question);

  verdict.spent = remedy != FERRYD_REMEDY_NO_NETWORK;
  verdict.again = is_allowed (question, remedy);
  if (verdict.again)
    verdict.delay = MAX (decide_delay (question, remedy), MIN (question->retry_after, LONGEST_RETRY_AFTER));
  return verdict;
}
