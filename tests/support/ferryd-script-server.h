/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydScriptVerb:
 * @FERRYD_SCRIPT_END: close the connection
 * @FERRYD_SCRIPT_READ: read one request's header section
 * @FERRYD_SCRIPT_TAKE: read `size` bytes, which have to be those of ferryd_script_byte(); or `text`, if there
 * is one
 * @FERRYD_SCRIPT_SEND: send `text`
 * @FERRYD_SCRIPT_BULK: send `size` bytes of ferryd_script_byte()
 * @FERRYD_SCRIPT_FLOOD: send `text` `size` times
 * @FERRYD_SCRIPT_DRIP: send `text` again and again, a byte every `size` milliseconds, until the client has
 * gone
 * @FERRYD_SCRIPT_STAY: do nothing until the client has gone
 * @FERRYD_SCRIPT_RESET: abort the connection
 *
 * What a server does, to the letter.
 */
typedef enum
{
  FERRYD_SCRIPT_END,
  FERRYD_SCRIPT_READ,
  FERRYD_SCRIPT_TAKE,
  FERRYD_SCRIPT_SEND,
  FERRYD_SCRIPT_BULK,
  FERRYD_SCRIPT_FLOOD,
  FERRYD_SCRIPT_DRIP,
  FERRYD_SCRIPT_STAY,
  FERRYD_SCRIPT_RESET,
} FerrydScriptVerb;

/**
 * FerrydScriptStep:
 * @verb: what is done
 * @text: (nullable): with which bytes
 * @size: of how many, or how often
 *
 * One step of a connection. A script ends with %FERRYD_SCRIPT_END.
 */
typedef struct
{
  FerrydScriptVerb verb;
  const char *text;
  gsize size;
} FerrydScriptStep;

/**
 * FerrydScriptServer:
 *
 * A server in a thread of its own on the loopback interface that follows a script for each connection and
 * keeps what it was asked.
 */
typedef struct _FerrydScriptServer FerrydScriptServer;

FerrydScriptServer *ferryd_script_server_new (const char *address, GTlsCertificate *certificate);
void ferryd_script_server_free (FerrydScriptServer *self);

guint16 ferryd_script_server_get_port (FerrydScriptServer *self);
void ferryd_script_server_add (FerrydScriptServer *self, const FerrydScriptStep *script);
guint ferryd_script_server_get_n_connections (FerrydScriptServer *self);
guint ferryd_script_server_get_n_requests (FerrydScriptServer *self);
guint64 ferryd_script_server_get_n_taken (FerrydScriptServer *self);
char *ferryd_script_server_dup_request (FerrydScriptServer *self, guint n);

guint8 ferryd_script_byte (guint64 offset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydScriptServer, ferryd_script_server_free)

G_END_DECLS
