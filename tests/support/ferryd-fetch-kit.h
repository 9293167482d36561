/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-script-server.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/* Milliseconds: long enough that a busy machine never passes it, and what tests set where they wait for one.
 */
#define FETCH_LONG 20000
#define FETCH_SHORT 300

/**
 * FetchKit:
 *
 * A transport and a server it is asked to fetch from, in the default main context.
 */
typedef struct
{
  FerrydTransport *transport; /* (owned) */
  FerrydScriptServer *server; /* (owned) */
  char *base;                 /* (owned): the server's URI, without a slash at its end */
} FetchKit;

/**
 * FetchLog:
 *
 * What a fetch told, and what it is to be answered.
 */
typedef struct
{
  FetchKit *kit;      /* (unowned) */
  FerrydFetch *fetch; /* (unowned) (nullable): NULL once it has ended or was canceled */

  FerrydFlow answer_flow; /* answered to `answered` */
  gint64 body_flow_at;    /* bytes from which on @body_flow is answered once, -1 never */
  FerrydFlow body_flow;   /* answered to `body` then */
  gint64 cancel_at;       /* bytes from which on it is canceled from inside `body`, -1 never */
  gboolean cancel_answer; /* canceled from inside `answered` */
  gboolean check_only;    /* the body is compared with ferryd_script_byte() and not kept */

  guint64 sent;       /* bytes of the entity */
  guint n_sent;       /* times that this was told */
  guint n_held;       /* times that its last bytes were held */
  gboolean keep_last; /* they are not released at once */
  guint interim;      /* status of the last interim response, 0 for none */
  guint n_interim;    /* interim responses */

  guint n_answers;
  guint n_bodies;
  guint n_ended;
  FerrydAnswer answer;    /* its strings are owned */
  GByteArray *body;       /* (owned) */
  guint64 received;       /* bytes of the body */
  guint64 next_offset;    /* where the next bytes have to be */
  FerrydFailure *failure; /* (owned) (nullable) */
  FerrydBodyEnd end;
} FetchLog;

void fetch_kit_init (FetchKit *kit, FerrydTransport *transport, const char *address,
                     GTlsCertificate *certificate);
void fetch_kit_clear (FetchKit *kit);

FerrydFetchRequest fetch_kit_request (const char *uri);
FetchLog *fetch_kit_begin (FetchKit *kit, const char *path, FerrydFetchRequest request);
FetchLog *fetch_kit_run (FetchKit *kit, const char *path, FerrydFetchRequest request);
FetchLog *fetch_kit_get (FetchKit *kit, const char *path);
void fetch_log_wait (FetchLog *log);
void fetch_log_cancel (FetchLog *log);
void fetch_log_free (FetchLog *log);
void fetch_kit_settle (void);

void fetch_log_assert_body (FetchLog *log, const char *text);
void fetch_log_assert_failed (FetchLog *log, const char *status, FerrydRemedy remedy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FetchLog, fetch_log_free)

G_END_DECLS
