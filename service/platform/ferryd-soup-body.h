/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-socket-poll.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/* Bytes read from one body before another gets its turn. */
#define FERRYD_BODY_TURN_MAX (4 * 1024 * 1024)

/* Bytes of the buffer that all bodies of a transport are read into: what one read of a fast socket brings. */
#define FERRYD_BODY_BUFFER_SIZE (1024 * 1024)

/**
 * FerrydSoupBody:
 *
 * Reads the body of one response, as its socket lets it, and hands it on.
 */
typedef struct _FerrydSoupBody FerrydSoupBody;

/**
 * FerrydSoupBodyHandler:
 * @bytes: the next @size bytes; asked whether to go on
 * @done: the last call: the body has come to its end, or to the number of bytes wanted (@error NULL), or
 * failed
 * @room: (nullable): asked before every read: how many bytes may be handed on next at most; 0 to read nothing
 * until ferryd_soup_body_start()
 *
 * Whom a body is handed to. May free the body.
 */
typedef struct
{
  FerrydFlow (*bytes) (const guint8 *bytes, gsize size, gpointer user_data);
  void (*done) (const GError *error, gpointer user_data);
  gsize (*room) (gpointer user_data);
} FerrydSoupBodyHandler;

FerrydSoupBody *ferryd_soup_body_new (GInputStream *stream, GSocket *socket, gint64 length,
                                      FerrydSocketPoll *poll, guint8 *buffer,
                                      const FerrydSoupBodyHandler *handler, gpointer user_data);
void ferryd_soup_body_free (FerrydSoupBody *self);

void ferryd_soup_body_start (FerrydSoupBody *self);
gint64 ferryd_soup_body_get_received (FerrydSoupBody *self);

void ferryd_soup_body_discard (GInputStream *stream, guint8 *buffer);

G_END_DECLS
