/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-queue-kit.h"

G_BEGIN_DECLS

/* Nothing happens any more but by a clock, a silent server or somebody's call. */
typedef gboolean (*FerrydSilent) (const char *uri, gpointer user_data);
gboolean ferryd_queue_audit_is_settled (FerrydQueueKit *kit, FerrydSilent is_silent, gpointer user_data);
/* Whether what a settled queue counts, keeps in tables, records and plans agrees with its operations. */
void ferryd_queue_audit (FerrydQueueKit *kit);

G_END_DECLS
