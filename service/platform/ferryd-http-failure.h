/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "ferryd-failure.h"

G_BEGIN_DECLS

/**
 * FerrydHttpPhase:
 * @FERRYD_HTTP_PHASE_CONNECT: name look-up, connecting, proxy, TLS
 * @FERRYD_HTTP_PHASE_SEND: until the request's body is sent
 * @FERRYD_HTTP_PHASE_RESPONSE: from the request being sent to the end of the response's header section
 * @FERRYD_HTTP_PHASE_BODY: after that
 *
 * How far a request had come.
 */
typedef enum
{
  FERRYD_HTTP_PHASE_CONNECT,
  FERRYD_HTTP_PHASE_SEND,
  FERRYD_HTTP_PHASE_RESPONSE,
  FERRYD_HTTP_PHASE_BODY,
} FerrydHttpPhase;

/**
 * FerrydHttpTrouble:
 * @phase: how far the request had come
 * @header_bytes: bytes of the response's header section that had arrived
 * @certificate_errors: what was wrong with the server's certificate
 * @pinned: a certificate that is wrong is so because another one was asked for
 * @fresh: the request had a connection of its own
 *
 * What is known about a request beside the error it failed with.
 */
typedef struct
{
  FerrydHttpPhase phase;
  guint64 header_bytes;
  GTlsCertificateFlags certificate_errors;
  gboolean pinned;
  gboolean fresh;
} FerrydHttpTrouble;

FerrydFailure *ferryd_http_failure_from_error (const GError *error, const FerrydHttpTrouble *trouble);
FerrydFailure *ferryd_http_failure_from_certificate (const FerrydHttpTrouble *trouble);
FerrydFailure *ferryd_http_failure_from_tunnel (guint status);
FerrydFailure *ferryd_http_failure_from_status (guint status, SoupMessageHeaders *headers, gboolean fresh);
FerrydFailure *ferryd_http_failure_timeout (FerrydHttpPhase phase);
FerrydFailure *ferryd_http_failure_invalid (FerrydRemedy remedy, const char *what);
FerrydFailure *ferryd_http_failure_short (gint64 received, gint64 length);

gint64 ferryd_http_get_retry_after (SoupMessageHeaders *headers);

G_END_DECLS
