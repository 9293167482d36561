/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-body.h"

/* Bytes collected before they are handed on, where a read brings less: a TLS record is 16 KiB, and small
 * writes to a file cost more than the copying. */
#define COALESCE_SIZE (256 * 1024)

/* Bytes of a body that nobody wants that are read, as far as they are there already, to keep the connection.
 */
#define DISCARD_MAX (64 * 1024)

/* Of the pollable source that is used where the socket is not known; that of the transport's
 * FerrydSocketPoll. */
#define SOURCE_PRIORITY 100

struct _FerrydSoupBody
{
  GInputStream *stream;     /* (owned): a GPollableInputStream */
  GSocket *socket;          /* (owned) (nullable): what to wait for, NULL when it is not known */
  FerrydSocketWatch *watch; /* (owned) */
  GSource *source;          /* (owned) (nullable): waits where there is no socket */
  guint8 *buffer;           /* (unowned): of FERRYD_BODY_BUFFER_SIZE bytes, shared by all of the thread */
  FerrydSoupBodyHandler handler;
  gpointer user_data; /* (unowned) */
  gint64 length;      /* bytes wanted, -1 for all there are */
  gint64 received;    /* bytes handed on */
  gboolean ended;     /* nothing more is read; what is left is to say so */
  GError *error;      /* (owned) (nullable): with which it ended */
  gboolean freed;     /* by its owner, while it was handing on */
};

static void body_turn (gpointer user_data);

static void
body_release (FerrydSoupBody *self)
{
  g_rc_box_release (self);
}

/**
 * ferryd_soup_body_new:
 * @stream: the stream of the response
 * @socket: (nullable): its socket; NULL where the stream is not that of one socket alone, or it is not known
 * @length: bytes to take, -1 for all there are
 * @poll: where to wait
 * @buffer: FERRYD_BODY_BUFFER_SIZE bytes to read into, which others may use between two calls; outlives the
 * body
 * @handler: where it is handed to
 * @user_data: for @handler's functions
 *
 * Returns: (transfer full): a body that waits for ferryd_soup_body_start()
 */
FerrydSoupBody *
ferryd_soup_body_new (GInputStream *stream, GSocket *socket, gint64 length, FerrydSocketPoll *poll,
                      guint8 *buffer, const FerrydSoupBodyHandler *handler, gpointer user_data)
{
  FerrydSoupBody *self = g_rc_box_new0 (FerrydSoupBody);

  self->stream = g_object_ref (stream);
  self->socket = socket != NULL ? g_object_ref (socket) : NULL;
  self->watch = ferryd_socket_poll_add (poll, body_turn, self);
  self->buffer = buffer;
  self->handler = *handler;
  self->user_data = user_data;
  self->length = length;
  return self;
}

static void
body_rest (FerrydSoupBody *self)
{
  ferryd_socket_watch_rest (self->watch);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

/**
 * ferryd_soup_body_free:
 * @self: (nullable) (transfer full): a body
 *
 * Closes the response. Its connection is used again only if the body was read to its end.
 */
void
ferryd_soup_body_free (FerrydSoupBody *self)
{
  if (self == NULL)
    return;
  body_rest (self);
  g_clear_pointer (&self->watch, ferryd_socket_watch_free);
  self->freed = TRUE;
  /* libsoup does not read here: what has not been read by now closes the connection. */
  g_input_stream_close (self->stream, NULL, NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_clear_error (&self->error);
  body_release (self);
}

/**
 * ferryd_soup_body_start:
 * @self: a body that was not started, or whose handler answered %FERRYD_FLOW_HOLD
 *
 * Begins to hand on, or goes on with it, soon.
 */
void
ferryd_soup_body_start (FerrydSoupBody *self)
{
  ferryd_socket_watch_soon (self->watch);
}

/**
 * ferryd_soup_body_get_received:
 * @self: a body
 *
 * Returns: bytes that were handed on
 */
gint64
ferryd_soup_body_get_received (FerrydSoupBody *self)
{
  return self->received;
}

static gboolean
body_source_ready (GObject *stream, gpointer user_data)
{
  body_turn (user_data);
  return G_SOURCE_CONTINUE;
}

/* Level-triggered both, so that nothing has to be done again while the same socket is waited for. */
static void
body_wait (FerrydSoupBody *self)
{
  if (self->socket != NULL && ferryd_socket_watch_wait (self->watch, g_socket_get_fd (self->socket)))
    return;
  if (self->source != NULL)
    return;
  self->source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->stream), NULL);
  g_source_set_priority (self->source, SOURCE_PRIORITY);
  g_source_set_callback (self->source, G_SOURCE_FUNC (body_source_ready), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* Reads until @enough is together, nothing more is there, or the end. Data that is buffered above the socket
 * (the rest of a header's read, a TLS record, a line of chunks) does not wake anybody, so only WOULD_BLOCK is
 * a reason to wait. Returns whether it is. */
static gboolean
body_fill (FerrydSoupBody *self, gsize room, gsize *filled)
{
  gsize enough = MIN (room, COALESCE_SIZE);

  *filled = 0;
  while (*filled < enough)
    {
      g_autoptr (GError) error = NULL;
      gint64 wanted = self->length == -1 ? G_MAXINT64 : self->length - self->received - (gint64) *filled;
      gssize n_read;

      if (wanted == 0)
        {
          self->ended = TRUE;
          return FALSE;
        }
      n_read = g_pollable_input_stream_read_nonblocking (
          G_POLLABLE_INPUT_STREAM (self->stream), self->buffer + *filled,
          (gsize) MIN (wanted, (gint64) MIN (room, FERRYD_BODY_BUFFER_SIZE) - (gint64) *filled), NULL,
          &error);
      if (n_read > 0)
        {
          *filled += n_read;
          continue;
        }
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return TRUE;
      self->ended = TRUE;
      self->error = g_steal_pointer (&error);
      return FALSE;
    }
  return FALSE;
}

/* The stream has to say itself that it is at its end, or libsoup closes the connection. A length leaves
 * nothing to read for that; the end of chunks is mostly there already. */
static void
body_finish (FerrydSoupBody *self)
{
  guint8 extra[16];

  body_rest (self);
  if (self->length != -1 && self->error == NULL && self->received == self->length)
    g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->stream), extra, sizeof extra,
                                              NULL, NULL);
  self->handler.done (self->error, self->user_data);
}

static gsize
body_find_room (FerrydSoupBody *self)
{
  /* Its end needs none. */
  if (self->handler.room == NULL || self->received == self->length)
    return G_MAXSIZE;
  return self->handler.room (self->user_data);
}

/* One turn: hands on what there is, up to a share. */
static void
body_turn (gpointer user_data)
{
  FerrydSoupBody *self = g_rc_box_acquire (user_data);
  gint64 turn_ends = self->received + FERRYD_BODY_TURN_MAX;
  gboolean drained = FALSE;
  FerrydFlow flow = FERRYD_FLOW_CONTINUE;

  while (!self->freed && flow == FERRYD_FLOW_CONTINUE && !self->ended && !drained &&
         self->received < turn_ends)
    {
      gsize room = body_find_room (self);
      gsize filled = 0;

      if (room == 0)
        {
          flow = FERRYD_FLOW_HOLD;
          break;
        }
      drained = body_fill (self, room, &filled);
      self->received += filled;
      if (filled > 0)
        flow = self->handler.bytes (self->buffer, filled, self->user_data);
    }
  if (!self->freed && flow != FERRYD_FLOW_CONTINUE)
    body_rest (self);
  else if (!self->freed && self->ended)
    body_finish (self);
  else if (!self->freed)
    {
      body_wait (self);
      if (!drained)
        ferryd_socket_watch_soon (self->watch);
    }
  body_release (self);
}

/**
 * ferryd_soup_body_discard:
 * @stream: the stream of a response whose body nobody wants
 * @buffer: FERRYD_BODY_BUFFER_SIZE bytes to read into
 *
 * Closes it, after reading what is there already: mostly all of it, and then the connection can be used
 * again.
 */
void
ferryd_soup_body_discard (GInputStream *stream, guint8 *buffer)
{
  gssize n_read = 1;

  if (G_IS_POLLABLE_INPUT_STREAM (stream))
    {
      for (gsize n_total = 0; n_read > 0 && n_total < DISCARD_MAX; n_total += n_read)
        {
          n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                                             DISCARD_MAX, NULL, NULL);
          if (n_read < 0)
            break;
        }
    }
  g_input_stream_close (stream, NULL, NULL);
}
