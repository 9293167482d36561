/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-http-redirect.h"
#include "ferryd-http-response.h"
#include "ferryd-soup-body.h"
#include "ferryd-soup-exchange.h"
#include "ferryd-soup-fetch.h"
#include "ferryd-soup-proof.h"
#include "ferryd-soup-request.h"
#include "ferryd-soup-sending.h"

G_BEGIN_DECLS

struct _FerrydFetch
{
  const FerrydSoupShared *shared; /* (unowned): outlives the fetch */
  FerrydFetchHandler handler;
  gpointer user_data;           /* (unowned) */
  FerrydSoupRequest *request;   /* (owned) */
  FerrydSoupSending *sending;   /* (owned) (nullable): what is sent along */
  FerrydHttpChain *chain;       /* (owned) (nullable): NULL when the URI cannot be asked */
  FerrydSocketWatch *watch;     /* (owned): for what must not happen inside a call of the caller's */
  FerrydDeadline deadline;      /* the stall time-out, or the wait before a redirect is followed */
  FerrydDeadline slow;          /* the end of a window of low speed, or of the time for an error's body */
  FerrydSessionShard *shard;    /* (owned) (nullable) */
  FerrydSoupExchange *exchange; /* (owned) (nullable): the present or last request */
  FerrydSoupBody *body;         /* (owned) (nullable): being read */
  FerrydSoupProof *proof;       /* (owned) (nullable): under way */
  FerrydHttpResponse response;  /* that was answered; its strings are owned */
  FerrydFailure *failure;       /* (owned) (nullable): of an error response whose body is being collected */
  GByteArray *error_body;       /* (owned) (nullable): what has been collected */
  gint64 window_start;          /* bytes received when the window of low speed began */
  gboolean answered;            /* has told what the response means; nothing but its body is left */
  gboolean held;                /* until ferryd_soup_fetch_resume() */
  gboolean over;                /* calls nobody any more */
};

/* ferryd-soup-fetch.c */
void ferryd_soup_fetch_end (FerrydFetch *self, const FerrydFailure *failure, FerrydBodyEnd end);
void ferryd_soup_fetch_fail (FerrydFetch *self, FerrydFailure *failure);
FerrydSoupLimits ferryd_soup_fetch_get_limits (FerrydFetch *self);

/* ferryd-soup-fetch-body.c: what follows an answer. */
void ferryd_soup_fetch_open_body (FerrydFetch *self, GInputStream *stream, gint64 length);
void ferryd_soup_fetch_watch_body (FerrydFetch *self);
void ferryd_soup_fetch_window_passed (gpointer user_data);
void ferryd_soup_fetch_end_error_body (FerrydFetch *self);
gboolean ferryd_soup_fetch_wants_proof (FerrydFetch *self);
void ferryd_soup_fetch_obey (FerrydFetch *self, FerrydFlow flow);

G_END_DECLS
