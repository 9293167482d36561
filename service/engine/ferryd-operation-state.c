/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-operation-state.h"

#include "ferry-enum-types.h"

#define BIT(state) (1u << FERRY_STATE_##state)

#define PAUSED_WAITING (BIT (PAUSED_COSTED_NETWORK) | BIT (PAUSED_NO_NETWORK) | BIT (PAUSED_SYSTEM_POLICY))
#define UNDER_WAY (BIT (QUEUED) | BIT (RUNNING) | PAUSED_WAITING)
#define PAUSED_FOR_APPLICATION (BIT (PAUSED_BY_APPLICATION) | BIT (PAUSED_RECOVERABLE_ERROR))
#define UNFINISHED (BIT (IDLE) | UNDER_WAY | PAUSED_FOR_APPLICATION)
#define ENDED (BIT (ERROR) | BIT (COMPLETED) | BIT (CANCELED))

/**
 * Rule:
 * @name: how an error calls the event
 * @from: states that it changes
 * @to: the state it leads to
 * @ignored: states in which it is right and changes no state
 * @applies_to: ends the sentence of an error
 *
 * One event's column of the table of states and events. In every state of neither set it is refused.
 */
typedef struct
{
  const char *name;
  guint from;
  FerryState to;
  guint ignored;
  const char *applies_to;
} Rule;

static const Rule rules[FERRYD_N_OPERATION_EVENTS] = {
  [FERRYD_OPERATION_START] = { "Start", BIT (IDLE), FERRY_STATE_QUEUED, UNDER_WAY | PAUSED_FOR_APPLICATION,
                               "unfinished ones" },
  [FERRYD_OPERATION_PAUSE] = { "Pause", UNDER_WAY, FERRY_STATE_PAUSED_BY_APPLICATION, 0,
                               "queued, running and waiting ones" },
  [FERRYD_OPERATION_RESUME] = { "Resume", PAUSED_FOR_APPLICATION | BIT (ERROR), FERRY_STATE_QUEUED, 0,
                                "those paused by the application or by a recoverable error, and failed "
                                "ones" },
  [FERRYD_OPERATION_CANCEL] = { "Cancel", UNFINISHED, FERRY_STATE_CANCELED, BIT (CANCELED),
                                "unfinished ones" },
  [FERRYD_OPERATION_REMOVE] = { "Remove", 0, FERRY_STATE_CANCELED, ENDED,
                                "completed, canceled and failed ones" },
  [FERRYD_OPERATION_RUN] = { "Running", BIT (QUEUED), FERRY_STATE_RUNNING, 0, "queued ones" },
  [FERRYD_OPERATION_QUEUE] = { "Queueing", BIT (RUNNING) | PAUSED_WAITING, FERRY_STATE_QUEUED, 0,
                               "running and waiting ones" },
  [FERRYD_OPERATION_WAIT_COST] = { "Waiting for a cheaper network", UNDER_WAY & ~BIT (PAUSED_COSTED_NETWORK),
                                   FERRY_STATE_PAUSED_COSTED_NETWORK, 0,
                                   "queued, running and otherwise waiting ones" },
  [FERRYD_OPERATION_WAIT_NETWORK] = { "Waiting for a network", UNDER_WAY & ~BIT (PAUSED_NO_NETWORK),
                                      FERRY_STATE_PAUSED_NO_NETWORK, 0,
                                      "queued, running and otherwise waiting ones" },
  [FERRYD_OPERATION_WAIT_SYSTEM] = { "Waiting for the system", UNDER_WAY & ~BIT (PAUSED_SYSTEM_POLICY),
                                     FERRY_STATE_PAUSED_SYSTEM_POLICY, 0,
                                     "queued, running and otherwise waiting ones" },
  [FERRYD_OPERATION_RECOVERABLE] = { "A recoverable error", BIT (RUNNING),
                                     FERRY_STATE_PAUSED_RECOVERABLE_ERROR, 0, "running ones" },
  /* From anywhere unfinished: `not-after` also passes for those that nobody started or resumed. */
  [FERRYD_OPERATION_FAIL] = { "Failing", UNFINISHED, FERRY_STATE_ERROR, 0, "unfinished ones" },
  [FERRYD_OPERATION_COMPLETE] = { "Completing", BIT (QUEUED) | BIT (RUNNING), FERRY_STATE_COMPLETED, 0,
                                  "queued and running ones" },
};

/**
 * ferryd_operation_state_next:
 * @state: the present state
 * @event: what happens
 * @next: (out): the state afterwards, equal to @state where the event is right but changes none
 * @error: FERRY_ERROR_INVALID_STATE, naming the event, the state, and what would be right
 *
 * The only table of states and events; the contract's table of verbs is its first part. Whether an operation
 * can be paused at all (its method decides) is not asked here.
 *
 * Returns: whether @event can happen in @state
 */
gboolean
ferryd_operation_state_next (FerryState state, FerrydOperationEvent event, FerryState *next, GError **error)
{
  const Rule *rule = &rules[event];

  if ((rule->from & (1u << state)) != 0)
    {
      *next = rule->to;
      return TRUE;
    }
  if ((rule->ignored & (1u << state)) != 0)
    {
      *next = state;
      return TRUE;
    }
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE,
               "%s is not possible while the operation is '%s'; it applies to %s", rule->name,
               ferry_enum_to_nick (FERRY_TYPE_STATE, (int) state), rule->applies_to);
  return FALSE;
}

/**
 * ferryd_operation_verb_has_effect:
 * @verb: what somebody asks of many operations
 * @state: the state of one of them
 *
 * Returns: whether @verb is right in @state and does something: what Manager.ForEach means by "applies to"
 */
gboolean
ferryd_operation_verb_has_effect (FerryVerb verb, FerryState state)
{
  const Rule *rule = &rules[verb];

  if (verb == FERRY_VERB_REMOVE)
    return (rule->ignored & (1u << state)) != 0;
  return (rule->from & (1u << state)) != 0;
}
