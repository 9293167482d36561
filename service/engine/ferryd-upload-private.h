/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-attempt-private.h"
#include "ferryd-reply.h"
#include "ferryd-upload.h"

G_BEGIN_DECLS

/**
 * FerrydUploadPhase:
 *
 * What an attempt is waiting for.
 */
typedef enum
{
  FERRYD_UPLOAD_OPENING,   /* a worker: the content */
  FERRYD_UPLOAD_SENDING,   /* the transport */
  FERRYD_UPLOAD_VERIFYING, /* a worker: the content once more, and the reply */
  FERRYD_UPLOAD_ENDED,
} FerrydUploadPhase;

struct _FerrydUpload
{
  FerrydAttempt attempt;      /* what every attempt has */
  FerrydTransport *transport; /* (owned) */
  FerrydTransferSpec *spec;   /* (owned): constant */
  FerrydMeter *meter;         /* (owned) */

  FerrydUploadPhase phase;
  FerrydEntity *entity;         /* (owned) (nullable): what is sent */
  FerrydFetch *fetch;           /* (unowned) (nullable): the transport's */
  FerrydProgressRecord *record; /* (owned): what may be recorded now */
  FerrydReply *reply;           /* (owned) (nullable): what the server answers */
  FerrydFailure *failure;       /* (owned) (nullable): what ends this attempt */
  guint restarts;               /* times this attempt went back to byte 0 */
  gboolean stopping;            /* ferryd_attempt_stop() was called */
  gboolean sealed;              /* the last bytes wait for ferryd_attempt_proceed(), or did */
  gboolean whole;               /* the request under way is sent */
  gboolean answered;            /* it was answered with success */
  gboolean fresh;               /* ask on a connection of its own */
  gboolean tried_at_once;       /* the one repeat without delay is used up */
};

/* ferryd-upload.c */
void ferryd_upload_emit (FerrydUpload *self, FerrydTransferEventKind kind);
void ferryd_upload_open (FerrydUpload *self);
void ferryd_upload_begin_anew (FerrydUpload *self, FerrydFailure *failure);
void ferryd_upload_fail (FerrydUpload *self, FerrydFailure *failure);
void ferryd_upload_verify (FerrydUpload *self);

/* ferryd-upload-send.c */
void ferryd_upload_send (FerrydUpload *self);

G_END_DECLS
