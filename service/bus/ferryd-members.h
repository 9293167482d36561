/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-call.h"
#include "ferryd-completion-audience.h"
#include "ferryd-nodes.h"
#include "ferryd-queue.h"
#include "ferryd-subscribers.h"
#include "ferryd-unconstrained.h"
#include "ferryd-watchers.h"

G_BEGIN_DECLS

/**
 * FerrydMembers:
 * @queue: (owned)
 * @subscribers: (owned)
 * @watchers: (owned)
 * @unconstrained: (owned)
 * @meter: (owned)
 * @settings: (owned)
 * @audience: (owned)
 *
 * What the members of the bus are made of. Lives as long as the dispatcher, which outlives every call.
 */
typedef struct
{
  FerrydQueue *queue;
  FerrydSubscribers *subscribers;
  FerrydWatchers *watchers;
  FerrydUnconstrained *unconstrained;
  FerrydDataMeter *meter;
  FerrydSettings *settings;
  FerrydCompletionAudience *audience;
} FerrydMembers;

/* @call (transfer full): identified, allowed, and with arguments of the right types. */
typedef void (*FerrydHandler) (FerrydMembers *members, FerrydCall *call);

/* NULL: the contract has it and this version does not. */
FerrydHandler ferryd_members_find_method (const char *interface, const char *method);
FerrydHandler ferryd_members_find_write (const char *interface, const char *property);

/* (transfer full) (nullable) (element-type FerrydId): what @caller may know of below a branch. */
GArray *ferryd_members_list_children (FerrydQueue *queue, const FerrydCaller *caller, FerrydNode node);

/* (transfer full) */
void ferryd_members_fail (FerrydCall *call, GError *error);
void ferryd_members_reject_unknown_object (FerrydCall *call);

/* ferryd-manager-members.c */
void ferryd_manager_for_each (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_watch (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_unwatch (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_pause_all (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_resume_all (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_request_unconstrained (FerrydMembers *members, FerrydCall *call);
/* (transfer floating): a{sv} */
GVariant *ferryd_manager_get_properties (FerrydQueue *queue);

/* ferryd-group-members.c */
void ferryd_manager_set_group_behavior (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_list_groups (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_make_current_in_group (FerrydMembers *members, FerrydCall *call);

/* ferryd-plan-members.c */
void ferryd_manager_list_connections (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_set_data_plan (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_clear_data_plan (FerrydMembers *members, FerrydCall *call);
void ferryd_manager_set_data_usage (FerrydMembers *members, FerrydCall *call);

/* ferryd-completion-members.c */
void ferryd_manager_create_completion_group (FerrydMembers *members, FerrydCall *call);
void ferryd_completion_enable (FerrydMembers *members, FerrydCall *call);
void ferryd_completion_remove (FerrydMembers *members, FerrydCall *call);
void ferryd_completion_read (FerrydMembers *members, FerrydCall *call);
gboolean ferryd_completion_check_access (FerrydQueue *queue, const FerrydCaller *caller, const FerrydId *id,
                                         GError **error);

/* ferryd-factory-members.c */
void ferryd_downloader_create (FerrydMembers *members, FerrydCall *call);
void ferryd_downloader_create_many (FerrydMembers *members, FerrydCall *call);
void ferryd_downloader_list (FerrydMembers *members, FerrydCall *call);
void ferryd_uploader_create (FerrydMembers *members, FerrydCall *call);
void ferryd_uploader_create_many (FerrydMembers *members, FerrydCall *call);
void ferryd_uploader_create_multipart (FerrydMembers *members, FerrydCall *call);
void ferryd_uploader_list (FerrydMembers *members, FerrydCall *call);

/* ferryd-operation-members.c */
void ferryd_operation_start (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_verb (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_attach (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_detach (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_set_credential (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_set_request_header (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_remove_request_header (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_open_result (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_prioritize (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_set_destination (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_write_uri (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_write_priority (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_write_cost_policy (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_write_max_speed (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_write_recoverable_errors (FerrydMembers *members, FerrydCall *call);
void ferryd_operation_read (FerrydMembers *members, FerrydCall *call);

G_END_DECLS
