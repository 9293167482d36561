/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-entity.h"
#include "ferryd-failure.h"
#include "ferryd-limiter.h"
#include "ferryd-peers.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_TRANSPORT (ferryd_transport_get_type ())
G_DECLARE_INTERFACE (FerrydTransport, ferryd_transport, FERRYD, TRANSPORT, GObject)

/* Everything here happens in the I/O thread, in its thread-default main context. No GObject of the engine is
 * known here; values only. */

/**
 * FerrydFetch:
 *
 * One exchange under way, redirects included. Owned by the transport from ferryd_transport_fetch() until its
 * `ended` has been called, which happens exactly once and never from inside ferryd_transport_fetch().
 */
typedef struct _FerrydFetch FerrydFetch;

/**
 * FerrydFetchRequest:
 * @application: whose it is; connections, TLS sessions and addresses are never shared between applications
 * @method: request method (RFC 9110 section 9)
 * @peers: (nullable): credentials, proxy and trust; connections, TLS sessions and addresses are not shared
 *   between fetches that differ in them either. What of it is for the URI's own origin goes to no other
 * @uri: absolute http, https or ftp URI, without user information
 * @origin: (nullable): URI whose origin the caller's fields and credentials are for, where it is not @uri;
 *   another origin gets no more of them than after a redirect (contract, decision 4)
 * @headers: (nullable): a(ss), the caller's own fields, checked at the bus; secret ones among them
 * @ranged: asks for a part even if that is all there is, to learn whether parts can be had
 * @first: first byte wanted; 0 with @last -1 asks for the whole and sends no Range unless @ranged
 * @last: last byte wanted, or -1 for all there is
 * @if_range: (nullable): strong validator that @first is bound to (RFC 9110 section 13.1.5), NULL to send
 * none
 * @fresh_connection: not one from the pool, and close it afterwards
 * @prove_end: where the end of the body is marked neither by length nor by framing that can be seen, find out
 *   (a HEAD over the same connection) before `ended`
 * @connect_timeout: milliseconds for name look-up, connecting, proxy and TLS
 * @response_timeout: milliseconds from the request being sent to the end of the response's header section
 * @stall_timeout: milliseconds without any byte of the body, in either direction
 * @entity: (nullable): what is sent along; its length is told
 * @entity_first: the first byte of @entity that is sent
 * @entity_end: the byte of @entity behind the last that is sent, 0 for its end
 * @share: (nullable): what is sent of @entity goes through it; outlives the fetch
 * @own_headers: (nullable): a(ss), fields of the service's own, sent to wherever redirects lead, in the place
 *   of the caller's of these names
 * @hold_last: the last bytes of @entity are sent only after ferryd_transport_release_last()
 * @repeatable: the request may be sent again although it was sent whole (RFC 9110 section 9.2.2), so that a
 *   connection from the pool will do
 * @wants_digest: the server is asked for a digest of the complete representation
 * @any_success: what is wanted is to have it done, not a file: every 2xx is an answer, and any response to
 *   HEAD has no body
 *
 * Borrowed for the call; the transport copies what it keeps.
 */
typedef struct
{
  const char *application;
  FerrydPeers *peers;
  const char *method;
  const char *uri;
  const char *origin;
  GVariant *headers;
  gboolean ranged;
  gint64 first;
  gint64 last;
  const char *if_range;
  gboolean fresh_connection;
  gboolean prove_end;
  guint connect_timeout;
  guint response_timeout;
  guint stall_timeout;
  FerrydEntity *entity;
  guint64 entity_first;
  guint64 entity_end;
  FerrydLimiterShare *share;
  GVariant *own_headers;
  gboolean hold_last;
  gboolean repeatable;
  gboolean wants_digest;
  gboolean any_success;
} FerrydFetchRequest;

/**
 * FerrydAnswerKind:
 * @FERRYD_ANSWER_WHOLE: the representation from byte 0 on follows (200, also 201, 202, 203)
 * @FERRYD_ANSWER_PART: bytes from `first` on follow, which is the byte asked for (206, checked)
 * @FERRYD_ANSWER_NOTHING_BEYOND: nothing from the byte asked for on; `total` says how long it is (416)
 * @FERRYD_ANSWER_UNCHANGED: the caller's own condition holds; there is no body (304)
 *
 * What the server's final response means to a download. Any other response ends the fetch with a failure.
 */
typedef enum
{
  FERRYD_ANSWER_WHOLE,
  FERRYD_ANSWER_PART,
  FERRYD_ANSWER_NOTHING_BEYOND,
  FERRYD_ANSWER_UNCHANGED,
} FerrydAnswerKind;

/**
 * FerrydAnswer:
 * @kind: what it means
 * @status: status code, 0 where the protocol has none (FTP)
 * @uri: where it came from, after redirects
 * @headers: a(ss): one pair per field line as received, valid UTF-8, less Set-Cookie
 * @first: offset of the body's first byte
 * @length: bytes of this body, -1 where not known before its end
 * @total: bytes of the complete representation, -1 where not known
 * @validator: (nullable): the strong validator as it goes into If-Range, byte for byte, or a word of the
 *   transport's own where the protocol has none; NULL where there is none
 * @etag: (nullable): entity tag as received, weak or strong
 * @last_modified: (nullable): as received
 * @resumable: a later part may be asked for: byte ranges are not refused and there is something to compare by
 * @digest: (nullable): `sha256:HEX` or `sha512:HEX` of the complete representation, as the server says
 * @suggested_name: a safe leaf name by Content-Disposition (RFC 6266) or the URI; never empty
 * @remote_address: (nullable): the address connected to, for the log and for access rules
 *
 * Borrowed for the call.
 */
typedef struct
{
  FerrydAnswerKind kind;
  guint status;
  const char *uri;
  GVariant *headers;
  gint64 first;
  gint64 length;
  gint64 total;
  const char *validator;
  const char *etag;
  const char *last_modified;
  gboolean resumable;
  const char *digest;
  const char *suggested_name;
  const char *remote_address;
} FerrydAnswer;

/**
 * FerrydBodyEnd:
 * @FERRYD_BODY_END_PROVED: by length, by framing, or by a HEAD that told either
 * @FERRYD_BODY_END_UNPROVED: only the connection's end marks it, and that was to be expected (HTTP/1.0,
 * `close`)
 * @FERRYD_BODY_END_DOUBTFUL: framing promised an end mark, and the connection did not outlive it: probably
 * cut
 *
 * How sure it is that the body was complete (libsoup below 3.6.5 reports a cut chunked body as a clean end).
 */
typedef enum
{
  FERRYD_BODY_END_PROVED,
  FERRYD_BODY_END_UNPROVED,
  FERRYD_BODY_END_DOUBTFUL,
} FerrydBodyEnd;

/**
 * FerrydFlow:
 * @FERRYD_FLOW_CONTINUE: go on
 * @FERRYD_FLOW_HOLD: deliver nothing more until ferryd_transport_resume()
 * @FERRYD_FLOW_STOP: enough; the connection is closed, and `ended` comes with neither failure nor proof
 */
typedef enum
{
  FERRYD_FLOW_CONTINUE,
  FERRYD_FLOW_HOLD,
  FERRYD_FLOW_STOP,
} FerrydFlow;

/**
 * FerrydFetchHandler:
 * @answered: the final response's header section is there and makes sense. Called at most once, before any
 * body.
 * @body: the next @size bytes, which belong at @offset of the representation. @bytes is a buffer of the
 *   transport's, good for the call. Never more than `length` bytes in all, never an error response's.
 * @ended: the last call; @failure (nullable) (borrowed) says why the body is not whole. Without one the body
 * was delivered to the end that the server gave it, and @end says how sure that is. After
 * ferryd_transport_cancel() it is not called.
 * @interim: (nullable): an interim response but 100, before the final one: its status, the URI that it comes
 *   from, and a(ss) (all borrowed)
 * @sent: (nullable): the entity is sent up to byte @offset of it. Goes back where a redirect or a challenge
 * has it sent again.
 * @last_held: (nullable): all of the entity is sent but the last bytes, which `hold_last` asked to hold; not
 *   before it where the entity is empty: then nothing at all is sent yet
 * @room: (nullable): asked before anything of the body is read: how many bytes @body may be given next at
 * most, G_MAXSIZE for any number. 0 is the same as FERRYD_FLOW_HOLD. Must not call the transport.
 *
 * Where a fetch reports to; none is called from inside a call into the transport.
 */
typedef struct
{
  FerrydFlow (*answered) (const FerrydAnswer *answer, gpointer user_data);
  FerrydFlow (*body) (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data);
  void (*ended) (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data);
  void (*interim) (guint status, const char *uri, GVariant *headers, gpointer user_data);
  void (*sent) (guint64 offset, gpointer user_data);
  void (*last_held) (gpointer user_data);
  gsize (*room) (gpointer user_data);
} FerrydFetchHandler;

/**
 * FerrydTransportInterface:
 * @fetch: begins an exchange. Never fails at once and never blocks: whatever is wrong comes as `ended`.
 * @cancel: forgets the fetch: closes its connection and calls none of its handlers any more.
 * @resume: goes on with one that was answered FERRYD_FLOW_HOLD. While it is held no time-out of its body
 * runs.
 * @release_last: sends the last bytes of the entity, now or when they are due.
 * @drop_connections: closes every idle connection, and those in use are not put back (network changed, resume
 * from suspend).
 *
 * Knows HTTP; nothing above does. Must never follow a redirect to another scheme than http and https nor from
 * https to http, take a caller's header to another origin (contract, decision 4), decode a body, store a
 * cookie, or answer a challenge with ambient credentials: only with those in the request, and a proxy's never
 * with the server's.
 */
struct _FerrydTransportInterface
{
  GTypeInterface parent;

  FerrydFetch *(*fetch) (FerrydTransport *self, const FerrydFetchRequest *request,
                         const FerrydFetchHandler *handler, gpointer user_data);
  void (*cancel) (FerrydTransport *self, FerrydFetch *fetch);
  void (*resume) (FerrydTransport *self, FerrydFetch *fetch);
  void (*release_last) (FerrydTransport *self, FerrydFetch *fetch);
  void (*drop_connections) (FerrydTransport *self);
};

/* (transfer full) (nullable): the Response property, a{sv}. */
GVariant *ferryd_transport_new_response (guint status, const char *uri, GVariant *headers,
                                         gboolean resumable);

FerrydFetch *ferryd_transport_fetch (FerrydTransport *self, const FerrydFetchRequest *request,
                                     const FerrydFetchHandler *handler, gpointer user_data);
void ferryd_transport_cancel (FerrydTransport *self, FerrydFetch *fetch);
void ferryd_transport_resume (FerrydTransport *self, FerrydFetch *fetch);
void ferryd_transport_release_last (FerrydTransport *self, FerrydFetch *fetch);
void ferryd_transport_drop_connections (FerrydTransport *self);

G_END_DECLS
