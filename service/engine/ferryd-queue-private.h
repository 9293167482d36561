/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-completion-group.h"
#include "ferryd-delivery.h"
#include "ferryd-groups.h"
#include "ferryd-lanes.h"
#include "ferryd-queue.h"
#include "ferryd-transfer.h"

G_BEGIN_DECLS

/* Who waits to change one operation. */
typedef struct _FerrydTurns FerrydTurns;

struct _FerrydQueue
{
  GObject parent_instance;

  FerrydClock *clock;            /* (owned) */
  FerrydStore *store;            /* (owned) */
  FerrydTransport *transport;    /* (owned) */
  FerrydIoThread *io;            /* (unowned) */
  FerrydSettings *settings;      /* (owned) */
  FerrydNetworkMonitor *network; /* (owned) (nullable) */
  FerrydPowerMonitor *power;     /* (owned) (nullable) */
  FerrydDataMeter *meter;        /* (owned) (nullable) */
  char *state_directory;         /* (owned) */
  char *journal_directory;       /* (owned): pages of sinks */
  char *body_directory;          /* (owned): bodies of responses */
  char *spool_directory;         /* (owned): what was given to be sent, and exists nowhere else */

  GHashTable *operations; /* (owned) (element-type FerrydId FerrydOperation): owns them */
  GPtrArray *by_age;      /* (owned) (element-type FerrydOperation): oldest first */
  GHashTable
      *claims; /* (owned): 16 bytes in the operation → it, or in a draft → NULL while it is being created */
  GHashTable *tokens;   /* (owned): the same */
  GQueue token_waiters; /* (element-type GTask): creations that wait for one with the same token */
  FerrydLanes *lanes;   /* (owned) */
  FerrydGroups *groups; /* (owned) */
  GPtrArray *borrowers; /* (owned) (element-type FerrydOperation): that have a use for more connections */
  GHashTable *turns;    /* (owned): FerrydId → FerrydTurns, while somebody changes that operation */

  GHashTable *completions;          /* (owned): FerrydId → FerrydCompletionGroup */
  FerrydDelivery *delivery;         /* (owned): when applications are called */
  FerrydHandlerCaller *handlers;    /* (owned): how */
  FerrydNotifier *notifier;         /* (owned) */
  FerrydApplications *applications; /* (owned) */
  GHashTable *seen;  /* (owned): applications that were installed once → since when they are not */
  gint64 looked_at;  /* when these were looked for last, microseconds of the elapsed time; 0 for not yet */
  gboolean looking;  /* for these */
  GHashTable *shown; /* (owned): notifications whose action may come */
  GCancellable *cancellable; /* (owned): of what is not waited for at the end */
  guint completion_alarm;    /* of the clock, 0 for none: what could not be recorded of a completion group */
  guint undelivered;         /* completion groups whose application has to be called */

  FerrydSleepMonitor *sleep; /* (owned) (nullable) */
  guint link_changes;        /* as last told by @network; means nothing before @link_known */
  gboolean link_known;       /* the first answer of @network was there */
  gint64 settled_at; /* elapsed time of the clock from which a failure is no longer a changing network's */
  guint link_alarm;  /* of the clock, 0 for none: looks at what has not gone on after a change */
  gboolean put_to_sleep; /* what ran was told to stop for @sleep, which waits for that */
  guint sleep_alarm;     /* of the clock, 0 for none: @sleep has waited long enough */

  GSource *schedule;   /* (owned) (nullable): looks whose turn it is */
  guint64 changes;     /* of the lanes, as last told */
  GSource *purge;      /* (owned) (nullable): removes what retention no longer keeps */
  guint purge_alarm;   /* of the clock, 0 for none */
  GHashTable *windows; /* (owned): operation → when it may run, of those that may not always */
  guint window_alarm;  /* of the clock, 0 for none */
  GHashTable *resting; /* (owned): name of a server (owned) → elapsed time it is let alone until */
  guint rest_alarm;    /* of the clock, 0 for none */
  guint started;       /* operations that run or can go on by themselves */
  guint live;          /* attempts under way */
  guint attempts;      /* attempts begun; the number of the last */
  guint held;          /* operations that hold a file */
  guint spooling;      /* creations that wait for what is given to them through a descriptor */
  GCancellable *spool_cancellable; /* (owned): ends that */
  guint pending;                   /* calls that are not answered yet */
  gboolean was_busy;               /* as last told */
  gboolean paused;                 /* by the user, everything; as it is recorded */
  FerrydConditions told;           /* by the last `conditions-changed` */
  gboolean closing;
  GTask *close; /* (owned) (nullable) */
};

/* ferryd-queue.c */
FerrydOperation *ferryd_queue_lookup (FerrydQueue *self, const FerrydId *id);
void ferryd_queue_insert (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_forget (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_emit_added (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_emit_changed (FerrydQueue *self, FerrydOperation *operation, gboolean urgent);
void ferryd_queue_emit_ended (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_emit_conditions_changed (FerrydQueue *self);
void ferryd_queue_emit_causes_changed (FerrydQueue *self);
void ferryd_queue_emit_completion (FerrydQueue *self, const FerrydId *id, gboolean removed);
void ferryd_queue_update_busy (FerrydQueue *self);
void ferryd_queue_hold (FerrydQueue *self);
void ferryd_queue_release (FerrydQueue *self);
gint64 ferryd_queue_now (FerrydQueue *self);

/* ferryd-queue-claims.c: which operation has which destination. */
gboolean ferryd_queue_has_claim (const FerrydOperation *operation);
void ferryd_queue_claim (FerrydQueue *self, FerrydOperation *operation, const guint8 claim[16]);
void ferryd_queue_unclaim (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_drop_claim (FerrydQueue *self, FerrydOperation *operation);
gboolean ferryd_queue_find_claim (FerrydQueue *self, const FerrydOperation *operation,
                                  const FerrydDestination *target, FerryExists exists, guint8 claim[16]);
void ferryd_queue_refuse_claimed (const char *destination, GError **error);
gboolean ferryd_queue_may_hold_file (FerrydQueue *self, FerrydDescriptor **file, gboolean has_name,
                                     const char *key, guint n, GError **error);
void ferryd_queue_hold_file (FerrydQueue *self, FerrydOperation *operation, FerrydDescriptor *file);
void ferryd_queue_drop_file (FerrydQueue *self, FerrydOperation *operation);

/* ferryd-queue-turns.c: what changes one operation happens one after the other. */

/* @operation (nullable): NULL when it is gone by now. */
typedef void (*FerrydTurnFunc) (FerrydQueue *self, const FerrydId *id, FerrydOperation *operation,
                                gpointer data);
void ferryd_queue_take_turn (FerrydQueue *self, const FerrydId *id, FerrydTurnFunc func, gpointer data);
void ferryd_queue_end_turn (FerrydQueue *self, const FerrydId *id);
gboolean ferryd_queue_is_turn_taken (FerrydQueue *self, const FerrydId *id);
void ferryd_turns_free (gpointer data);

/* ferryd-queue-conditions.c: what from outside decides that. */
void ferryd_queue_watch_conditions (FerrydQueue *self);
void ferryd_queue_restore_conditions (FerrydQueue *self, GVariant *settings);
void ferryd_queue_count_live (FerrydQueue *self, int change);

/* ferryd-queue-schedule.c: what may run, and whose turn it is. */
void ferryd_queue_evaluate (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_evaluate_all (FerrydQueue *self);
void ferryd_queue_withdraw (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_schedule (FerrydQueue *self);
void ferryd_queue_note (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_set_alarm (FerrydQueue *self, FerrydOperation *operation, gint64 delay);
void ferryd_queue_clear_alarm (FerrydQueue *self, FerrydOperation *operation);

/* ferryd-queue-rest.c: servers that have had enough for now. */
void ferryd_queue_rest_host (FerrydQueue *self, const FerrydOperation *operation,
                             const FerrydFailure *failure);

/* ferryd-queue-window.c: not before, and not after. */
void ferryd_queue_add_window (FerrydQueue *self, FerrydOperation *operation, const FerrydRow *row);
void ferryd_queue_drop_window (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_get_window (FerrydQueue *self, const FerrydOperation *operation, gint64 *not_before,
                              gint64 *not_after);
gboolean ferryd_queue_check_window (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_evaluate_windows (FerrydQueue *self);

/* ferryd-queue-run.c: attempts. */
void ferryd_queue_begin (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_stop (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_on_transfer (FerrydAttempt *attempt, FerrydTransferEvent *event, gpointer user_data);
void ferryd_queue_save (FerrydQueue *self, FerrydOperation *operation, FerrydColumns columns);
void ferryd_queue_check_closed (FerrydQueue *self);
void ferryd_queue_end_run (FerrydQueue *self, FerrydOperation *operation);

/* ferryd-queue-connections.c: what operations have beside their slots. */
void ferryd_queue_begin_loans (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_end_loans (FerrydQueue *self, FerrydOperation *operation);
void ferryd_queue_take_limited (FerrydQueue *self, FerrydOperation *operation,
                                const FerrydTransferEvent *event);
void ferryd_queue_share (FerrydQueue *self);

/* ferryd-queue-result.c: what is there of it, for reading. */
void ferryd_queue_serve_openers (FerrydQueue *self, GPtrArray *openers);

/* One of the last steps of an attempt, on its way through the store or a worker. */
typedef struct
{
  FerrydQueue *queue; /* (owned) */
  FerrydId id;
} FerrydStep;

/* ferryd-queue-publish.c: the name, and how a step is recorded. */
FerrydStep *ferryd_step_new (FerrydQueue *self, const FerrydOperation *operation);
void ferryd_step_free (FerrydStep *step);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStep, ferryd_step_free)
void ferryd_queue_commit_step (FerrydQueue *self, const FerrydOperation *operation, FerrydRow *row,
                               GAsyncReadyCallback callback);
void ferryd_queue_publish (FerrydQueue *self, FerrydOperation *operation);

/* ferryd-queue-end.c: how attempts end. */
void ferryd_queue_end_attempt (FerrydQueue *self, FerrydOperation *operation, FerrydTransferEventKind kind);
void ferryd_queue_record_completion (FerrydQueue *self, FerrydOperation *operation);

/* ferryd-queue-network.c: a network that changes, and a machine that sleeps. */
void ferryd_queue_note_link (FerrydQueue *self);
gboolean ferryd_queue_is_network_unsettled (FerrydQueue *self);
void ferryd_queue_note_sleep (FerrydQueue *self);
void ferryd_queue_check_asleep (FerrydQueue *self);
void ferryd_queue_clear_network (FerrydQueue *self);

/* ferryd-queue-files.c: what blocks, on a worker. */
void ferryd_queue_delete_files_async (FerrydQueue *self, const FerrydId *id, FerrydRequest *request,
                                      const FerrydProgressRecord *record, GAsyncReadyCallback callback,
                                      gpointer user_data);
void ferryd_queue_write_body_async (FerrydQueue *self, const FerrydId *id, GBytes *body,
                                    GAsyncReadyCallback callback, gpointer user_data);
void ferryd_queue_drop_spools (FerrydQueue *self, const FerrydId *id);
void ferryd_queue_sweep_async (FerrydQueue *self, GAsyncReadyCallback callback, gpointer user_data);

/* ferryd-queue-look.c: what is on disk of operations to be created. */
void ferryd_queue_look_async (FerrydQueue *self, GPtrArray *creations, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ferryd_queue_look_finish (FerrydQueue *self, GAsyncResult *result, FerrydCreation **failed,
                                   GError **error);

/* ferryd-queue-groups.c: order in groups. */
void ferryd_queue_restore_groups (FerrydQueue *self, GVariant *settings);

/* ferryd-queue-completion.c: completion groups. */
FerrydCompletionGroup *ferryd_queue_lookup_completion (FerrydQueue *self, const FerrydId *id);
void ferryd_queue_record_completion_group (FerrydBatch *batch, const FerrydId *id,
                                           const FerrydCompletionGroup *after);
void ferryd_queue_restore_completion (FerrydQueue *self, GVariant *settings);
gboolean ferryd_queue_begin_joining (FerrydQueue *self, const FerrydId *id, GError **error);
void ferryd_queue_join (FerrydQueue *self, FerrydOperation *operation, const FerrydId *id);
void ferryd_queue_end_joining (FerrydQueue *self, const FerrydId *id);
void ferryd_queue_purge_completion_async (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                                          gpointer user_data);

/* ferryd-queue-deliver.c: from their end to the application's answer. */
void ferryd_queue_set_up_delivery (FerrydQueue *self, FerrydHandlerCaller *handlers);
void ferryd_queue_completion_changed (FerrydQueue *self, FerrydCompletionGroup *group);
void ferryd_queue_save_completion (FerrydQueue *self, const FerrydId *id);
void ferryd_queue_check_completions (FerrydQueue *self);
void ferryd_queue_resume_completions (FerrydQueue *self);
void ferryd_queue_count_undelivered (FerrydQueue *self, int step);

/* ferryd-queue-notify.c: what the user is told. */
void ferryd_queue_set_up_notifications (FerrydQueue *self, FerrydNotifier *notifier,
                                        FerrydApplications *applications);
gboolean ferryd_queue_wants_notification (const FerrydRequest *request, FerryState state);
void ferryd_queue_notify_ended (FerrydQueue *self, const FerrydOperation *operation);
void ferryd_queue_notify_missed (FerrydQueue *self, GArray *ids);
void ferryd_queue_notify_completion (FerrydQueue *self, const FerrydCompletionGroup *group);

/* ferryd-queue-uninstalled.c: what applications leave that are not there any more. */
void ferryd_queue_restore_applications (FerrydQueue *self, GVariant *settings);
void ferryd_queue_look_for_applications (FerrydQueue *self);

/* ferryd-queue-purge.c: retention. */
void ferryd_queue_purge (FerrydQueue *self);

G_END_DECLS
