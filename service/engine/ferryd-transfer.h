/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt.h"

G_BEGIN_DECLS

/**
 * FerrydTransfer:
 *
 * The attempt at a download: opens the sink, asks the transport for the ranges that miss, writes what comes,
 * finds out whether that was all, verifies and publishes.
 */
typedef struct _FerrydTransfer FerrydTransfer;

FerrydAttempt *ferryd_transfer_start (FerrydIoThread *io, FerrydTransport *transport,
                                      FerrydTransferSpec *spec, FerrydMeter *meter, FerrydAttemptFunc func,
                                      gpointer user_data);
void ferryd_transfer_prioritize (FerrydAttempt *attempt, guint64 offset);
void ferryd_transfer_allow (FerrydAttempt *attempt, guint host, guint connections);

G_END_DECLS
