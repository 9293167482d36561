/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydHttpFraming:
 * @FERRYD_HTTP_FRAMING_LENGTH: Content-Length
 * @FERRYD_HTTP_FRAMING_CHUNKED: the chunked transfer coding
 * @FERRYD_HTTP_FRAMING_CLOSE: the end of the connection
 *
 * What marks the end of a body (RFC 9112 section 6).
 */
typedef enum
{
  FERRYD_HTTP_FRAMING_LENGTH,
  FERRYD_HTTP_FRAMING_CHUNKED,
  FERRYD_HTTP_FRAMING_CLOSE,
} FerrydHttpFraming;

/**
 * FerrydHttpQuestion:
 * @first: first byte asked for
 * @last: last byte asked for, -1 for all there is; 0 and -1 asked for the whole, unless @ranged
 * @ranged: a part was asked for in any case
 * @if_range: (nullable): the validator that was sent along
 * @conditional: a condition of the caller's own was sent that 304 answers
 * @any_success: every 2xx is an answer
 * @is_head: a response has no body, whatever it says of one
 * @fresh: on a connection of its own, so that asking once more on one is no remedy
 *
 * What a response answers.
 */
typedef struct
{
  gint64 first;
  gint64 last;
  gboolean ranged;
  const char *if_range;
  gboolean conditional;
  gboolean any_success;
  gboolean is_head;
  gboolean fresh;
} FerrydHttpQuestion;

/**
 * FerrydHttpResponse:
 * @kind: what it means
 * @framing: what marks the end of its body
 * @first: offset of the body's first byte
 * @length: bytes of the body to take, -1 when only its end tells
 * @total: bytes of the complete representation, -1 when not known
 * @validator: (owned) (nullable): the strong validator as it goes into If-Range
 * @etag: (owned) (nullable): entity tag as received
 * @last_modified: (owned) (nullable): as received
 * @resumable: a later part may be asked for
 * @digest: (owned) (nullable): `sha256:HEX` or `sha512:HEX` of the complete representation
 *
 * What a response says that can be used.
 */
typedef struct
{
  FerrydAnswerKind kind;
  FerrydHttpFraming framing;
  gint64 first;
  gint64 length;
  gint64 total;
  char *validator;
  char *etag;
  char *last_modified;
  gboolean resumable;
  char *digest;
} FerrydHttpResponse;

FerrydFailure *ferryd_http_response_read (FerrydHttpResponse *self, const FerrydHttpQuestion *question,
                                          guint status, SoupMessageHeaders *headers);
void ferryd_http_response_clear (FerrydHttpResponse *self);

FerrydFailure *ferryd_http_read_framing (SoupMessageHeaders *headers, gboolean fresh,
                                         FerrydHttpFraming *framing, gint64 *length);
GVariant *ferryd_http_list_headers (SoupMessageHeaders *headers);
char *ferryd_http_get_suggested_name (SoupMessageHeaders *headers, GUri *uri);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydHttpResponse, ferryd_http_response_clear)

G_END_DECLS
