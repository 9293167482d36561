/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-policy.h"
#include "ferryd-ranges.h"
#include "ferryd-request.h"

G_BEGIN_DECLS

/**
 * FerrydDescription:
 * @application: (owned)
 * @group: (owned): `""` for none
 * @causes: why it does not run; empty while it runs or has ended
 * @error_status: FerryTransferError, -1 for none
 * @speed: bytes/s, smoothed
 * @time_remaining: microseconds, -1 not known
 * @is_complete: the members below are filled in too
 * @request: (owned) (nullable)
 * @destination: (owned) (nullable): what the Destination property shows; of an upload, the Source property
 * @suggested_name: (owned) (nullable)
 * @error_message: (owned) (nullable)
 * @response: (owned) (nullable): a{sv}, the Response property
 * @ranges: (owned) (nullable): bytes held
 *
 * An operation as it can be told about, at one moment; what every property is made of. A plain value. The
 * first part is always at hand, the rest is read from the store for operations that are not under way.
 */
typedef struct
{
  FerrydId id;
  FerryKind kind;
  char *application;
  char *group;
  FerrydId completion_group;
  FerryState state;
  FerrydCauses causes;
  FerryPriority priority;
  FerryCostPolicy cost_policy;
  guint64 max_speed;
  guint64 bytes_received;
  gint64 total_to_receive;
  guint64 bytes_sent;
  gint64 total_to_send;
  guint64 speed;
  gint64 time_remaining;
  guint restarts;
  guint attempt;
  gint64 retry_at;
  int error_status;
  gboolean unconstrained;
  gint64 created;
  gint64 finished;

  gboolean is_complete;
  FerrydRequest *request;
  char *destination;
  char *suggested_name;
  char *error_message;
  GVariant *response;
  FerrydRanges *ranges;
} FerrydDescription;

void ferryd_description_free (FerrydDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDescription, ferryd_description_free)

/* (transfer full): one sentence for people, translated: the StateReason property. */
char *ferryd_description_get_reason (const FerrydDescription *description);

G_END_DECLS
