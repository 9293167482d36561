/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* On the bus every enumeration is a string: the nick of its GEnum value. */

/**
 * FerryKind:
 * @FERRY_KIND_DOWNLOAD: from a server into a file
 * @FERRY_KIND_UPLOAD: from a file or stream to a server
 *
 * What an operation does.
 */
typedef enum
{
  FERRY_KIND_DOWNLOAD,
  FERRY_KIND_UPLOAD,
} FerryKind;

/**
 * FerryState:
 * @FERRY_STATE_IDLE: created, not started
 * @FERRY_STATE_QUEUED: waits for a slot, its group or a retry
 * @FERRY_STATE_RUNNING: from the moment a connection is being opened
 * @FERRY_STATE_PAUSED_BY_APPLICATION: until the application resumes it
 * @FERRY_STATE_PAUSED_RECOVERABLE_ERROR: until the application mends the error and resumes it
 * @FERRY_STATE_PAUSED_COSTED_NETWORK: until the network costs less
 * @FERRY_STATE_PAUSED_NO_NETWORK: until there is connectivity
 * @FERRY_STATE_PAUSED_SYSTEM_POLICY: battery saver, PauseAll, full disk or outside its time window
 * @FERRY_STATE_COMPLETED: done
 * @FERRY_STATE_CANCELED: given up by the application
 * @FERRY_STATE_ERROR: failed; may be resumed
 *
 * The life of an operation.
 */
typedef enum
{
  FERRY_STATE_IDLE,
  FERRY_STATE_QUEUED,
  FERRY_STATE_RUNNING,
  FERRY_STATE_PAUSED_BY_APPLICATION,
  FERRY_STATE_PAUSED_RECOVERABLE_ERROR,
  FERRY_STATE_PAUSED_COSTED_NETWORK,
  FERRY_STATE_PAUSED_NO_NETWORK,
  FERRY_STATE_PAUSED_SYSTEM_POLICY,
  FERRY_STATE_COMPLETED,
  FERRY_STATE_CANCELED,
  FERRY_STATE_ERROR,
} FerryState;

#define FERRY_N_STATES (FERRY_STATE_ERROR + 1)

/**
 * FerryPriority:
 * @FERRY_PRIORITY_DEFAULT: by age
 * @FERRY_PRIORITY_HIGH: before the others of its application
 * @FERRY_PRIORITY_LOW: after them
 *
 * Order among the operations of one application.
 */
typedef enum
{
  FERRY_PRIORITY_DEFAULT,
  FERRY_PRIORITY_HIGH,
  FERRY_PRIORITY_LOW,
} FerryPriority;

/**
 * FerryCostPolicy:
 * @FERRY_COST_POLICY_DEFAULT: also on a metered network, but neither roaming nor beyond the data plan
 * @FERRY_COST_POLICY_UNRESTRICTED_ONLY: never on a metered network
 * @FERRY_COST_POLICY_ALWAYS: whatever it costs
 *
 * What an operation may cost.
 */
typedef enum
{
  FERRY_COST_POLICY_DEFAULT,
  FERRY_COST_POLICY_UNRESTRICTED_ONLY,
  FERRY_COST_POLICY_ALWAYS,
} FerryCostPolicy;

/**
 * FerryExists:
 * @FERRY_EXISTS_FAIL: refuse
 * @FERRY_EXISTS_REPLACE: replace it, atomically
 * @FERRY_EXISTS_RENAME: take the next free name, as in `name (2).ext`
 *
 * What an occupied destination means.
 */
typedef enum
{
  FERRY_EXISTS_FAIL,
  FERRY_EXISTS_REPLACE,
  FERRY_EXISTS_RENAME,
} FerryExists;

/**
 * FerryNetworkCost:
 * @FERRY_NETWORK_COST_UNKNOWN: not known
 * @FERRY_NETWORK_COST_UNRESTRICTED: not metered
 * @FERRY_NETWORK_COST_FIXED: metered, with a data plan
 * @FERRY_NETWORK_COST_VARIABLE: metered, without one
 *
 * What the connection costs.
 */
typedef enum
{
  FERRY_NETWORK_COST_UNKNOWN,
  FERRY_NETWORK_COST_UNRESTRICTED,
  FERRY_NETWORK_COST_FIXED,
  FERRY_NETWORK_COST_VARIABLE,
} FerryNetworkCost;

/**
 * FerryConnectivity:
 * @FERRY_CONNECTIVITY_UNKNOWN: not known
 * @FERRY_CONNECTIVITY_NONE: no network
 * @FERRY_CONNECTIVITY_PORTAL: behind a captive portal
 * @FERRY_CONNECTIVITY_LIMITED: a network that may not reach the Internet
 * @FERRY_CONNECTIVITY_FULL: reaches the Internet
 *
 * How far the network reaches; NetworkManager's terms.
 */
typedef enum
{
  FERRY_CONNECTIVITY_UNKNOWN,
  FERRY_CONNECTIVITY_NONE,
  FERRY_CONNECTIVITY_PORTAL,
  FERRY_CONNECTIVITY_LIMITED,
  FERRY_CONNECTIVITY_FULL,
} FerryConnectivity;

/**
 * FerryGroupBehavior:
 * @FERRY_GROUP_BEHAVIOR_PARALLEL: side by side
 * @FERRY_GROUP_BEHAVIOR_SERIALIZED: one at a time, but for those of high priority
 *
 * How the operations of a group run.
 */
typedef enum
{
  FERRY_GROUP_BEHAVIOR_PARALLEL,
  FERRY_GROUP_BEHAVIOR_SERIALIZED,
} FerryGroupBehavior;

/**
 * FerryCompletionState:
 * @FERRY_COMPLETION_STATE_COLLECTING: operations may join
 * @FERRY_COMPLETION_STATE_ENABLED: the set is complete, not all have ended
 * @FERRY_COMPLETION_STATE_TRIGGERED: all have ended, the application is being called
 * @FERRY_COMPLETION_STATE_DELIVERED: the application has answered
 *
 * The life of a completion group.
 */
typedef enum
{
  FERRY_COMPLETION_STATE_COLLECTING,
  FERRY_COMPLETION_STATE_ENABLED,
  FERRY_COMPLETION_STATE_TRIGGERED,
  FERRY_COMPLETION_STATE_DELIVERED,
} FerryCompletionState;

/**
 * FerryVerb:
 * @FERRY_VERB_START: idle to queued
 * @FERRY_VERB_PAUSE: until resumed
 * @FERRY_VERB_RESUME: goes on, or tries again after an error
 * @FERRY_VERB_CANCEL: gives up and deletes partial data
 * @FERRY_VERB_REMOVE: forgets a finished one
 *
 * What an application asks of an operation; the words that Manager.ForEach takes.
 */
typedef enum
{
  FERRY_VERB_START,
  FERRY_VERB_PAUSE,
  FERRY_VERB_RESUME,
  FERRY_VERB_CANCEL,
  FERRY_VERB_REMOVE,
} FerryVerb;

#define FERRY_N_VERBS (FERRY_VERB_REMOVE + 1)

/**
 * FerryCause:
 *
 * Why an operation does not run. The order is the order in which the state is decided: the first cause that
 * holds decides it. The values of BlockedBy.
 */
typedef enum
{
  FERRY_CAUSE_APPLICATION,
  FERRY_CAUSE_RECOVERABLE_ERROR,
  FERRY_CAUSE_USER_PAUSED_ALL, /*< nick=user.paused-all >*/
  FERRY_CAUSE_POWER_SAVER,     /*< nick=power.saver >*/
  FERRY_CAUSE_DISK_FULL,       /*< nick=disk.full >*/
  FERRY_CAUSE_TIME_WINDOW,
  FERRY_CAUSE_NETWORK_NONE,           /*< nick=network.none >*/
  FERRY_CAUSE_NETWORK_PORTAL,         /*< nick=network.portal >*/
  FERRY_CAUSE_COST_OVER_LIMIT,        /*< nick=cost.over-limit >*/
  FERRY_CAUSE_COST_ROAMING,           /*< nick=cost.roaming >*/
  FERRY_CAUSE_COST_APPROACHING_LIMIT, /*< nick=cost.approaching-limit >*/
  FERRY_CAUSE_COST_METERED,           /*< nick=cost.metered >*/
  FERRY_CAUSE_RETRY,
  FERRY_CAUSE_GROUP,
  FERRY_CAUSE_SLOT,
  FERRY_CAUSE_HOST_SLOT,
} FerryCause;

#define FERRY_N_CAUSES (FERRY_CAUSE_HOST_SLOT + 1)

const char *ferry_enum_to_nick (GType enum_type, int value);
gboolean ferry_enum_from_nick (GType enum_type, const char *nick, int *value);
char *ferry_enum_list_nicks (GType enum_type);

gboolean ferry_state_is_finished (FerryState state);
gboolean ferry_state_is_ended (FerryState state);

G_END_DECLS
