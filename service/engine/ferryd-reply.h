/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-id.h"

G_BEGIN_DECLS

/* Bytes of the response to an upload that are kept. What a server has to say beyond that is lost, and its end
 * then counts as not proved; a result that is larger is for a download. */
#define FERRYD_REPLY_MAX (64 * 1024 * 1024)

/**
 * FerrydReply:
 *
 * The body of the response to an upload on its way into the state directory, where OpenResult finds it: under
 * another name until it is whole. Used in one thread at a time.
 */
typedef struct _FerrydReply FerrydReply;

FerrydReply *ferryd_reply_new (const char *directory, const FerrydId *id);
void ferryd_reply_free (FerrydReply *reply);

void ferryd_reply_write (FerrydReply *reply, const guint8 *bytes, gsize size);
gboolean ferryd_reply_is_cut (const FerrydReply *reply);

/* May block: for a worker. */
void ferryd_reply_keep (FerrydReply *reply);

G_END_DECLS
