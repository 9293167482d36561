/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-applications.h"
#include "ferryd-clock.h"
#include "ferryd-completion-group.h"
#include "ferryd-data-meter.h"
#include "ferryd-description.h"
#include "ferryd-descriptor.h"
#include "ferryd-groups.h"
#include "ferryd-handler-caller.h"
#include "ferryd-io-thread.h"
#include "ferryd-network-monitor.h"
#include "ferryd-notifier.h"
#include "ferryd-power-monitor.h"
#include "ferryd-settings.h"
#include "ferryd-sleep-monitor.h"
#include "ferryd-source.h"
#include "ferryd-store.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydFilter:
 * @application: (nullable): only this application's; NULL for every one's
 * @group: (nullable): only this transfer group's, `""` those in none; NULL for all
 * @completion_group: (nullable): only this completion group's
 * @kinds: bit per FerryKind
 * @states: bit per FerryState, 0 for all
 * @after: (nullable): only those behind this operation, in order of age
 * @limit: at most so many, 0 for all
 *
 * Which operations are meant. Borrowed for the call.
 */
typedef struct
{
  const char *application;
  const char *group;
  const FerrydId *completion_group;
  guint kinds;
  guint states;
  const FerrydId *after;
  guint limit;
} FerrydFilter;

/**
 * FerrydCreation:
 * @request: (owned): what is asked for, its `target` not yet looked for
 * @file: (owned) (nullable): `destination-fd`
 * @folder: (owned) (nullable): `destination-dir-fd`
 * @sources: (owned) (nullable) (element-type FerrydSource): what is to be sent, not yet looked for
 * @type: (owned) (nullable): the media type that goes with it
 * @id: (out): the new operation, or the older one with the same token
 *
 * One operation to be created.
 */
typedef struct
{
  FerrydRequest *request;
  FerrydDescriptor *file;
  FerrydDescriptor *folder;
  GPtrArray *sources;
  char *type;
  FerrydId id;
} FerrydCreation;

void ferryd_creation_free (FerrydCreation *creation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCreation, ferryd_creation_free)

#define FERRYD_TYPE_QUEUE (ferryd_queue_get_type ())
/**
 * FerrydQueue:
 *
 * Every operation there is, and the only way to change one. What D-Bus sees is a projection of it.
 *
 * Calls that change something are answered when the change is durable; those for one operation take effect
 * one after the other. Errors are of FERRY_ERROR. Whether the caller may is decided above.
 *
 * Signals, all in the main thread, with the operation's FerrydId as a pointer:
 * - `added` (id): created; before that call is answered
 * - `changed` (id, gboolean urgent): something about it is different; @urgent is FALSE when it is only
 * counters and speed, which are not announced by themselves while nobody is attached
 * - `ended` (id): it is `completed`, `canceled` or `error` from now on, durably; after `changed`
 * - `removed` (id): it is no more
 * - `completion-changed` (id, gboolean removed): something about a completion group is different, or it is no
 * more; not its sums of bytes
 * - `conditions-changed` ()
 * - `busy-changed` (): ferryd_queue_is_busy() is different
 */
G_DECLARE_FINAL_TYPE (FerrydQueue, ferryd_queue, FERRYD, QUEUE, GObject)

/**
 * FerrydQueueParts:
 * @network: (nullable): NULL where nothing is known of the network
 * @power: (nullable): NULL where nothing is known of power
 * @sleep: (nullable): NULL where nobody says that the machine will sleep
 * @meter: (nullable): NULL where data plans do not count
 * @state_directory: absolute path; journal pages and bodies of error responses lie below it
 *
 * What a queue works with. Borrowed for the call; the objects are referenced, @io outlives the queue.
 */
typedef struct
{
  FerrydClock *clock;
  FerrydStore *store;
  FerrydTransport *transport;
  FerrydIoThread *io;
  FerrydSettings *settings;
  FerrydNetworkMonitor *network;
  FerrydPowerMonitor *power;
  FerrydSleepMonitor *sleep;
  FerrydDataMeter *meter;
  FerrydHandlerCaller *handlers;
  FerrydNotifier *notifier;
  FerrydApplications *applications;
  const char *state_directory;
} FerrydQueueParts;

FerrydQueue *ferryd_queue_new (const FerrydQueueParts *parts);

/* Opens the store, takes up what is in it and goes on with it. Once, before anything else. */
void ferryd_queue_load_async (FerrydQueue *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ferryd_queue_load_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* Stops every attempt, records how far it was and gives the store back. Nothing may be called after it. */
void ferryd_queue_close_async (FerrydQueue *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_close_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

gboolean ferryd_queue_contains (FerrydQueue *self, const FerrydId *id);

/* Why an operation does not run: another answer is told by `changed`, or by `causes-changed` where only
 * others have changed. */
FerrydCauses ferryd_queue_get_causes (FerrydQueue *self, const FerrydId *id);

/* (transfer full) (nullable): NULL when it is not there. Complete for operations under way, else the hot
 * part. */
FerrydDescription *ferryd_queue_describe (FerrydQueue *self, const FerrydId *id);
/* (transfer full) (element-type FerrydDescription): complete, in the order of @ids, NULL for those not there.
 */
void ferryd_queue_describe_async (FerrydQueue *self, const FerrydId *ids, guint n_ids,
                                  GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *ferryd_queue_describe_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* (transfer full) (element-type FerrydId): oldest first. */
GArray *ferryd_queue_list (FerrydQueue *self, const FerrydFilter *filter);

/* @creations (transfer full) (element-type FerrydCreation): all or none. The finish function hands them back
 * with their ids. */
void ferryd_queue_create_async (FerrydQueue *self, const char *application, GPtrArray *creations,
                                GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *ferryd_queue_create_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

void ferryd_queue_verb_async (FerrydQueue *self, const FerrydId *id, FerryVerb verb,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_verb_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* Every operation of @filter that the verb applies to; answers how many it took effect on. */
void ferryd_queue_for_each_async (FerrydQueue *self, FerryVerb verb, const FerrydFilter *filter,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_for_each_finish (FerrydQueue *self, GAsyncResult *result, guint *count, GError **error);

/**
 * FerrydEdit:
 *
 * What may be written of an operation; the value's type stands behind it.
 */
typedef enum
{
  FERRYD_EDIT_PRIORITY,           /* i: FerryPriority */
  FERRYD_EDIT_COST_POLICY,        /* i: FerryCostPolicy */
  FERRYD_EDIT_UNCONSTRAINED,      /* b: exempt from pauses of the battery saver */
  FERRYD_EDIT_MAX_SPEED,          /* t: bytes/s */
  FERRYD_EDIT_URI,                /* (sm(ss)): checked, without user information; what that was */
  FERRYD_EDIT_RECOVERABLE_ERRORS, /* (tt): set of FerryTransferError as in FerrydRequest */
  FERRYD_EDIT_SET_HEADER,         /* (ss): checked */
  FERRYD_EDIT_REMOVE_HEADER,      /* s: field name */
  FERRYD_EDIT_CREDENTIAL,         /* (s(ss)): name of the option, its value, checked */
} FerrydEdit;

/* @value (transfer floating). */
void ferryd_queue_edit_async (FerrydQueue *self, const FerrydId *id, FerrydEdit edit, GVariant *value,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_edit_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* How the operations of a group run; @name is not `""`. */
void ferryd_queue_set_group_behavior_async (FerrydQueue *self, const char *application, const char *name,
                                            FerryGroupBehavior behavior, GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean ferryd_queue_set_group_behavior_finish (FerrydQueue *self, GAsyncResult *result, GError **error);
/* (transfer container) (element-type FerrydGroup): good until the main loop goes on. */
GPtrArray *ferryd_queue_list_groups (FerrydQueue *self, const char *application);
void ferryd_queue_make_current_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ferryd_queue_make_current_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* From now on bytes from @offset on come first, then the rest. */
void ferryd_queue_prioritize_async (FerrydQueue *self, const FerrydId *id, guint64 offset,
                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_prioritize_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

void ferryd_queue_set_destination_async (FerrydQueue *self, const FerrydId *id, const char *destination,
                                         FerrydDescriptor *folder, FerryExists exists,
                                         GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_set_destination_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* Completion groups. @group (transfer full). */
void ferryd_queue_create_completion_async (FerrydQueue *self, FerrydCompletionGroup *group,
                                           GAsyncReadyCallback callback, gpointer user_data);
gboolean ferryd_queue_create_completion_finish (FerrydQueue *self, GAsyncResult *result, FerrydId *id,
                                                GError **error);
void ferryd_queue_enable_completion_async (FerrydQueue *self, const FerrydId *id,
                                           GAsyncReadyCallback callback, gpointer user_data);
void ferryd_queue_remove_completion_async (FerrydQueue *self, const FerrydId *id,
                                           GAsyncReadyCallback callback, gpointer user_data);
/* For both. */
gboolean ferryd_queue_change_completion_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/**
 * FerrydCompletionDescription:
 * @application: (owned)
 * @members: (owned) (element-type FerrydId): oldest first
 * @bytes_done: over all members
 * @bytes_total: what @bytes_done will be, -1 when not known of every member
 * @is_running: any of them runs, so that @bytes_done changes by itself
 *
 * A completion group as it can be told about. A plain value.
 */
typedef struct
{
  FerrydId id;
  char *application;
  FerryCompletionState state;
  GArray *members;
  guint ended;
  guint failed;
  gint64 bytes_done;
  gint64 bytes_total;
  gboolean is_running;
} FerrydCompletionDescription;

void ferryd_completion_description_free (FerrydCompletionDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCompletionDescription, ferryd_completion_description_free)

/* (transfer full) (nullable): NULL when it is not there. */
FerrydCompletionDescription *ferryd_queue_describe_completion (FerrydQueue *self, const FerrydId *id);
/* (transfer full) (element-type FerrydId): oldest first; @application (nullable): NULL for every one's. */
GArray *ferryd_queue_list_completions (FerrydQueue *self, const char *application);
guint ferryd_queue_count_completions (FerrydQueue *self);
/* Somebody of the application has called for the first time. */
void ferryd_queue_contact (FerrydQueue *self, const char *application);

/* A descriptor of the caller's own, read-only, at offset 0; the finish function answers -1 with an error. */
void ferryd_queue_open_result_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                     gpointer user_data);
int ferryd_queue_open_result_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

/* Somebody is attached to it: policy, and whether its counters are sampled for `changed`. */
void ferryd_queue_set_attached (FerrydQueue *self, const FerrydId *id, gboolean attached);

/* The user's own switch over everything that is started. */
void ferryd_queue_set_paused_async (FerrydQueue *self, gboolean paused, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ferryd_queue_set_paused_finish (FerrydQueue *self, GAsyncResult *result, GError **error);

void ferryd_queue_get_conditions (FerrydQueue *self, FerrydConditions *conditions);
/* Something is under way or can go on by itself, so that the service must not exit. */
gboolean ferryd_queue_is_busy (FerrydQueue *self);

G_END_DECLS
