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

/**
 * FerrydUploadProtocol:
 * @FERRYD_UPLOAD_UNKNOWN: nobody has asked the server yet
 * @FERRYD_UPLOAD_PLAIN: a request that is lost is lost with all it sent
 * @FERRYD_UPLOAD_HTTP: Resumable Uploads for HTTP (draft-ietf-httpbis-resumable-upload)
 * @FERRYD_UPLOAD_TUS: tus 1.0, with the creation extension
 *
 * How the server can go on with an upload. Recorded: a number once given is not given to another.
 */
typedef enum
{
  FERRYD_UPLOAD_UNKNOWN = 0,
  FERRYD_UPLOAD_PLAIN = 1,
  FERRYD_UPLOAD_HTTP = 2,
  FERRYD_UPLOAD_TUS = 3,
} FerrydUploadProtocol;

/**
 * FerrydUploadStep:
 * @FERRYD_UPLOAD_SEND: all of it, as the request that was asked for
 * @FERRYD_UPLOAD_ASK: what the server can
 * @FERRYD_UPLOAD_CREATE: a place to upload to (tus)
 * @FERRYD_UPLOAD_PROBE: how much of it is there
 * @FERRYD_UPLOAD_APPEND: the rest of it
 *
 * What the request under way is for.
 */
typedef enum
{
  FERRYD_UPLOAD_SEND,
  FERRYD_UPLOAD_ASK,
  FERRYD_UPLOAD_CREATE,
  FERRYD_UPLOAD_PROBE,
  FERRYD_UPLOAD_APPEND,
} FerrydUploadStep;

struct _FerrydUpload
{
  FerrydAttempt attempt;      /* what every attempt has */
  FerrydTransport *transport; /* (owned) */
  FerrydTransferSpec *spec;   /* (owned): constant */
  FerrydMeter *meter;         /* (owned) */

  FerrydUploadPhase phase;
  FerrydUploadStep step;
  GVariant *headers;            /* (owned) (nullable): a(ss), of the latest answer */
  char *answer_uri;             /* (owned) (nullable): where that came from */
  guint answer_status;          /* its status code */
  gboolean asked;               /* what the server can; of what is recorded that is not all */
  gboolean blind;               /* it did not say so, but tus is what was asked for */
  gboolean probed;              /* the server has just said how many bytes it has */
  gboolean forgotten;           /* it has forgotten an upload once */
  guint conflicts;              /* times that the server had another number of bytes than was thought */
  guint64 furthest;             /* the most bytes that it has said to have */
  guint64 max_append;           /* bytes that a request may bring at most, 0 for any number */
  const char *checksum_name;    /* (nullable): by which a tus server checks what it gets */
  GChecksumType checksum_type;  /* the same */
  char *part_checksum;          /* (owned) (nullable): base64, of what is sent next */
  guint64 part_end;             /* byte behind the last that the request under way brings */
  gint64 part_began;            /* when that was, microseconds of the monotonic clock */
  guint64 part_size;            /* bytes of the last part that was sent, 0 before the first */
  gint64 part_took;             /* microseconds */
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
FerrydUpload *ferryd_upload_ref (FerrydUpload *self);
void ferryd_upload_release (gpointer self);
void ferryd_upload_emit (FerrydUpload *self, FerrydTransferEventKind kind);
void ferryd_upload_open (FerrydUpload *self);
void ferryd_upload_begin_anew (FerrydUpload *self, FerrydFailure *failure);
void ferryd_upload_fail (FerrydUpload *self, FerrydFailure *failure);
void ferryd_upload_stop_now (FerrydUpload *self);
void ferryd_upload_verify (FerrydUpload *self);

/* ferryd-upload-send.c: a request that sends what is to be sent. */
gboolean ferryd_upload_is_repeatable (FerrydUpload *self);
void ferryd_upload_send (FerrydUpload *self, FerrydUploadStep step);

/* ferryd-upload-resume.c: which request comes next. */
void ferryd_upload_go_on (FerrydUpload *self);
guint64 ferryd_upload_get_end (FerrydUpload *self, guint64 first);
void ferryd_upload_keep_answer (FerrydUpload *self, const FerrydAnswer *answer);
void ferryd_upload_forget_answer (FerrydUpload *self);

/* ferryd-upload-ask.c: requests that send nothing of it. */
void ferryd_upload_ask (FerrydUpload *self, FerrydUploadStep step);

/* ferryd-upload-protocol.c: the words of the protocols. */
gboolean ferryd_upload_wants (FerrydUpload *self, FerrydUploadProtocol protocol);
void ferryd_upload_add_field (GVariantBuilder *fields, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void ferryd_upload_add_version (FerrydUpload *self, FerrydUploadStep step, GVariantBuilder *fields);
gboolean ferryd_upload_is_tus (GVariant *headers);
void ferryd_upload_take_abilities (FerrydUpload *self, GVariant *headers);
void ferryd_upload_take_limits (FerrydUpload *self, GVariant *headers);
gboolean ferryd_upload_take_offset (FerrydUpload *self, GVariant *headers);
gboolean ferryd_upload_is_complete (FerrydUpload *self, GVariant *headers, gboolean otherwise);
gboolean ferryd_upload_says_complete (GVariant *headers);
gboolean ferryd_upload_take_place (FerrydUpload *self, FerrydUploadProtocol protocol, const char *uri,
                                   GVariant *headers);

G_END_DECLS
