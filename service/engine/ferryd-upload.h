/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt.h"

G_BEGIN_DECLS

/**
 * FerrydUpload:
 *
 * The attempt at an upload: opens what is to be sent, has the transport send it, keeps what the server
 * answers, and looks whether what was sent is still what it was.
 */
typedef struct _FerrydUpload FerrydUpload;

FerrydAttempt *ferryd_upload_start (FerrydIoThread *io, FerrydTransport *transport, FerrydTransferSpec *spec,
                                    FerrydMeter *meter, FerrydAttemptFunc func, gpointer user_data);

G_END_DECLS
