/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-operation.h"

G_BEGIN_DECLS

/**
 * FerrydCompletionEvent:
 * @FERRYD_COMPLETION_ENABLE: the set is complete
 * @FERRYD_COMPLETION_TRIGGER: every member has ended
 * @FERRYD_COMPLETION_DELIVER: the application has answered, or there is none to call
 * @FERRYD_COMPLETION_REMOVE: somebody removes it; the state stays, the group goes
 *
 * What can happen to a completion group.
 */
typedef enum
{
  FERRYD_COMPLETION_ENABLE,
  FERRYD_COMPLETION_TRIGGER,
  FERRYD_COMPLETION_DELIVER,
  FERRYD_COMPLETION_REMOVE,
} FerrydCompletionEvent;

#define FERRYD_N_COMPLETION_EVENTS (FERRYD_COMPLETION_REMOVE + 1)

/**
 * FerrydCompletionGroup:
 * @application: (owned): whose it is, `""` for host callers without id
 * @handler_name: (owned) (nullable): bus name that is called; NULL where nobody is
 * @handler_path: (owned) (nullable): its object
 * @handler_action: (owned) (nullable): its action, NULL for the interface CompletionHandler
 * @notifications: (owned) (nullable): a{sv} for success and for failure, as in the options
 * @created: Unix microseconds
 * @triggered: Unix microseconds, 0 for not yet
 * @delivered: Unix microseconds, 0 for not yet
 * @notification_pending: what the user is to be shown has not been shown yet
 * @attempts: calls that did not succeed
 * @retry_at: Unix microseconds: not before then again; 0 for none
 * @members: (owned) (element-type FerrydOperation) (unowned elements): oldest first
 * @ended: members that have
 * @failed: of them, that did not succeed
 * @creating: operations that are being created into it
 * @resuming: failed members that are about to go on
 * @enabler: (owned) (nullable): who enables it as soon as nothing is being created into it
 * @enabling: that is under way
 * @triggering: that every member has ended is being recorded
 *
 * A set of operations, and whom to call when all of them have ended.
 */
struct _FerrydCompletionGroup
{
  FerrydId id;
  char *application;
  char *handler_name;
  char *handler_path;
  char *handler_action;
  GVariant *notifications[2];
  FerryCompletionState state;
  gint64 created;
  gint64 triggered;
  gint64 delivered;
  gboolean notification_pending;
  guint attempts;
  gint64 retry_at;

  GPtrArray *members;
  guint ended;
  guint failed;
  guint creating;
  guint resuming;
  GTask *enabler;
  gboolean enabling;
  gboolean triggering;
};

/* @options: normalised by ferry_options_check(). */
FerrydCompletionGroup *ferryd_completion_group_new (const char *application, GVariant *options);
void ferryd_completion_group_free (FerrydCompletionGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCompletionGroup, ferryd_completion_group_free)

GVariant *ferryd_completion_group_to_variant (const FerrydCompletionGroup *group);
FerrydCompletionGroup *ferryd_completion_group_from_variant (const FerrydId *id, GVariant *variant);

gboolean ferryd_completion_group_next (FerryCompletionState state, FerrydCompletionEvent event,
                                       FerryCompletionState *next, GError **error);

void ferryd_completion_group_join (FerrydCompletionGroup *group, FerrydOperation *operation);
void ferryd_completion_group_leave (FerrydCompletionGroup *group, FerrydOperation *operation);
void ferryd_completion_group_count (FerrydCompletionGroup *group, FerryState before, FerryState after);
gboolean ferryd_completion_group_is_over (const FerrydCompletionGroup *group);
/* (nullable): a{sv}: what the user is shown when it is over. */
GVariant *ferryd_completion_group_get_notification (const FerrydCompletionGroup *group);

G_END_DECLS
