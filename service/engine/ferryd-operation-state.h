/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-enums.h"
#include "ferry-error.h"

G_BEGIN_DECLS

/**
 * FerrydOperationEvent:
 * @FERRYD_OPERATION_START: the verb
 * @FERRYD_OPERATION_PAUSE: the verb
 * @FERRYD_OPERATION_RESUME: the verb
 * @FERRYD_OPERATION_CANCEL: the verb
 * @FERRYD_OPERATION_REMOVE: the verb; the state stays, the operation goes
 * @FERRYD_OPERATION_RUN: it is its turn
 * @FERRYD_OPERATION_QUEUE: nothing outside denies it, but it is not its turn, or a retry waits
 * @FERRYD_OPERATION_WAIT_COST: the network costs too much
 * @FERRYD_OPERATION_WAIT_NETWORK: there is no network
 * @FERRYD_OPERATION_WAIT_SYSTEM: the system's policy denies it
 * @FERRYD_OPERATION_RECOVERABLE: failed with an error the application wants to mend
 * @FERRYD_OPERATION_FAIL: failed for good
 * @FERRYD_OPERATION_COMPLETE: done
 *
 * What can happen to an operation. The first ones are the verbs, with the values of #FerryVerb.
 */
typedef enum
{
  FERRYD_OPERATION_START = FERRY_VERB_START,
  FERRYD_OPERATION_PAUSE = FERRY_VERB_PAUSE,
  FERRYD_OPERATION_RESUME = FERRY_VERB_RESUME,
  FERRYD_OPERATION_CANCEL = FERRY_VERB_CANCEL,
  FERRYD_OPERATION_REMOVE = FERRY_VERB_REMOVE,
  FERRYD_OPERATION_RUN = FERRY_N_VERBS,
  FERRYD_OPERATION_QUEUE,
  FERRYD_OPERATION_WAIT_COST,
  FERRYD_OPERATION_WAIT_NETWORK,
  FERRYD_OPERATION_WAIT_SYSTEM,
  FERRYD_OPERATION_RECOVERABLE,
  FERRYD_OPERATION_FAIL,
  FERRYD_OPERATION_COMPLETE,
} FerrydOperationEvent;

#define FERRYD_N_OPERATION_EVENTS (FERRYD_OPERATION_COMPLETE + 1)

gboolean ferryd_operation_state_next (FerryState state, FerrydOperationEvent event, FerryState *next,
                                      GError **error);
gboolean ferryd_operation_verb_has_effect (FerryVerb verb, FerryState state);

G_END_DECLS
