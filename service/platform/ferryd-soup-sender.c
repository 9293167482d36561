/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-sender.h"

#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* Bytes that are left to libsoup at the end, and that are held back together. */
#define TAIL_SIZE 4096

/* Bytes handed to the kernel at once: more than a socket's buffer takes, and no long wait for a slow disk. */
#define PUMP_SIZE (4 * 1024 * 1024)

/* Of bytes in memory, copied out of an entity on their way to a socket. */
#define COPY_SIZE (64 * 1024)

/* Bytes of an interim response's header section; what is longer waits until the body is sent. */
#define INTERIM_SIZE (16 * 1024)

struct _FerrydSoupSender
{
  GInputStream parent_instance;

  FerrydEntity *entity;  /* (owned) */
  guint64 first;         /* where it began */
  guint64 end;           /* behind the last byte that is sent */
  guint64 position;      /* of the next byte that is sent */
  GSocket *socket;       /* (owned) (nullable): where bytes may be written directly */
  GSource *waiting;      /* (owned) (nullable): what libsoup waits with */
  FerrydLimiterTap *tap; /* (owned) (nullable): what is sent goes through it; NULL where nothing limits it */
  FerrydSoupSenderHandler handler;
  gpointer user_data; /* (unowned) */
  gboolean held;      /* the last bytes wait */
  gboolean told;      /* that they do */
  gboolean limited;   /* no more may be sent for now */
  gboolean early;     /* the final response is there */
  gboolean partial;   /* so is the beginning of a header section: its rest would be no news */
  gboolean forgotten; /* nobody is to be told any more */
};

static void ferryd_soup_sender_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydSoupSender, ferryd_soup_sender, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      ferryd_soup_sender_pollable_init))

static guint64
get_left (FerrydSoupSender *self)
{
  return self->end - self->position;
}

static void
advance (FerrydSoupSender *self, guint64 n_sent)
{
  self->position += n_sent;
  if (self->tap != NULL)
    ferryd_limiter_tap_spend (self->tap, n_sent);
  if (!self->forgotten)
    self->handler.sent (self->position, self->user_data);
}

static gssize
fail (FerrydSoupSender *self, FerrydFailure *failure, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, failure->message);
  if (self->forgotten)
    ferryd_failure_free (failure);
  else
    self->handler.failed (failure, self->user_data);
  return -1;
}

static gssize
fail_short (FerrydSoupSender *self, GError **error)
{
  return fail (self,
               ferryd_failure_new (FERRY_TRANSFER_ERROR_SOURCE_CHANGED, FERRYD_REMEDY_RESTART,
                                   "The file became shorter while it was being sent"),
               error);
}

static gssize
would_block (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));
  return -1;
}

/* What came from the server meanwhile. */

/* Bytes of the first header section in @text, its empty line included; 0 where there is none. */
static gsize
find_section_end (const char *text, gsize size)
{
  const char *end = memmem (text, size, "\r\n\r\n", 4);

  return end != NULL ? (gsize) (end - text) + 4 : 0;
}

static void
take_interim (FerrydSoupSender *self, const char *text, gsize size)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  guint8 sink[INTERIM_SIZE];
  guint status;

  if (recv (g_socket_get_fd (self->socket), sink, size, MSG_DONTWAIT) != (ssize_t) size ||
      !soup_headers_parse_response (text, (int) size - 2, headers, NULL, &status, NULL))
    return;
  if (!self->forgotten && status != SOUP_STATUS_CONTINUE)
    self->handler.interim (status, headers, self->user_data);
}

/* Looks at what the server has sent without taking it from libsoup, unless it is an interim response, which
 * libsoup does not read before the body is sent. A connection that was closed is left to libsoup to find. */
static void
look (FerrydSoupSender *self)
{
  char text[INTERIM_SIZE];

  self->partial = FALSE;
  while (self->socket != NULL && !self->early)
    {
      ssize_t n = recv (g_socket_get_fd (self->socket), text, sizeof text, MSG_PEEK | MSG_DONTWAIT);
      gsize size;

      if (n < 0)
        return;
      size = find_section_end (text, (gsize) n);
      if (n >= 10 && size > 0 && memcmp (text, "HTTP/1.", 7) == 0 && text[9] == '1')
        {
          take_interim (self, text, size);
          continue;
        }
      self->partial = n > 0 && size == 0 && n < (ssize_t) sizeof text;
      if (self->partial)
        return;
      self->early = TRUE;
      if (!self->forgotten)
        self->handler.early (self->user_data);
    }
}

/* Sending. */

static gboolean
has_answer (FerrydSoupSender *self)
{
  char byte;

  return recv (g_socket_get_fd (self->socket), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static gssize
pump_file (FerrydSoupSender *self, const FerrydEntityPiece *piece, gsize size)
{
  off_t offset = (off_t) (piece->offset + self->position - piece->start);

  return sendfile (g_socket_get_fd (self->socket), piece->fd, &offset, size);
}

static gssize
pump_bytes (FerrydSoupSender *self, const FerrydEntityPiece *piece, gsize size)
{
  const guint8 *bytes = g_bytes_get_data (piece->bytes, NULL);

  return send (g_socket_get_fd (self->socket), bytes + (self->position - piece->start), MIN (size, COPY_SIZE),
               MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
}

static void
set_limited (FerrydSoupSender *self, gboolean limited)
{
  if (limited == self->limited)
    return;
  self->limited = limited;
  if (!self->forgotten)
    self->handler.limited (limited, self->user_data);
}

static void
on_room (gpointer user_data)
{
  FerrydSoupSender *self = user_data;

  set_limited (self, FALSE);
  if (self->waiting != NULL)
    g_source_set_ready_time (self->waiting, 0);
}

/* Bytes that may be sent now. After 0 it is waited for on_room(). */
static gsize
find_room (FerrydSoupSender *self)
{
  gsize room = self->tap != NULL ? ferryd_limiter_tap_get_room (self->tap) : G_MAXSIZE;

  set_limited (self, room == 0);
  return room;
}

/* Hands the kernel what it takes, up to the last bytes. Returns -1 with an error, WOULD_BLOCK when that was
 * all for now, or 0 where nothing is left but the last bytes. */
static gssize
pump (FerrydSoupSender *self, GError **error)
{
  gsize budget = PUMP_SIZE;

  while (get_left (self) > TAIL_SIZE)
    {
      const FerrydEntityPiece *piece = ferryd_entity_find_piece (self->entity, self->position);
      guint64 size = MIN (piece->start + piece->length - self->position, get_left (self) - TAIL_SIZE);
      gsize room = find_room (self);
      gssize n_sent;

      if (budget == 0 || room == 0)
        return would_block (error);
      size = MIN (size, MIN (budget, room));
      n_sent = piece->bytes != NULL ? pump_bytes (self, piece, (gsize) size)
                                    : pump_file (self, piece, (gsize) size);
      if (n_sent < 0 && errno == EINTR)
        continue;
      if (n_sent < 0 && errno == EAGAIN)
        return would_block (error);
      if (n_sent == 0)
        return fail_short (self, error);
      if (n_sent < 0)
        {
          int saved_errno = errno;

          /* Who does not want the rest has perhaps said why before it hung up. */
          if (has_answer (self))
            look (self);
          if (self->early)
            return 0;
          g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                               g_strerror (saved_errno));
          return -1;
        }
      budget -= (gsize) n_sent;
      advance (self, (guint64) n_sent);
    }
  return 0;
}

static gssize
ferryd_soup_sender_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize size, GError **error)
{
  FerrydSoupSender *self = FERRYD_SOUP_SENDER (stream);
  gsize room;
  gssize n_read;

  g_clear_pointer (&self->waiting, g_source_unref);
  if (get_left (self) == 0)
    return 0;
  look (self);
  if (self->early)
    return 0;
  if (self->socket != NULL && pump (self, error) < 0)
    return -1;
  if (self->early)
    return 0;
  if (get_left (self) > TAIL_SIZE)
    size = MIN (size, get_left (self) - TAIL_SIZE);
  else if (self->held)
    {
      if (!self->told && !self->forgotten)
        {
          self->told = TRUE;
          self->handler.last_held (self->user_data);
        }
      if (self->held)
        return would_block (error);
    }
  room = find_room (self);
  if (room == 0)
    return would_block (error);
  n_read = ferryd_entity_read (self->entity, self->position, buffer, MIN (MIN (size, room), get_left (self)));
  if (n_read == 0)
    return fail_short (self, error);
  if (n_read < 0)
    return fail (self, ferryd_failure_new_from_errno (errno, "The file could not be read"), error);
  advance (self, (guint64) n_read);
  return n_read;
}

/* Whether it waits for something other than the socket. */
static gboolean
is_held (FerrydSoupSender *self)
{
  return self->limited || (self->held && get_left (self) <= TAIL_SIZE);
}

static gboolean
ferryd_soup_sender_is_readable (GPollableInputStream *stream)
{
  return !is_held (FERRYD_SOUP_SENDER (stream));
}

static GSource *
ferryd_soup_sender_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  FerrydSoupSender *self = FERRYD_SOUP_SENDER (stream);
  GSource *source;

  if (self->socket != NULL)
    {
      /* What the server says while it is sent to is news. */
      GIOCondition condition = (is_held (self) ? 0 : G_IO_OUT) | (self->partial ? 0 : G_IO_IN);
      g_autoptr (GSource) ready = g_socket_create_source (self->socket, condition, NULL);

      source = g_pollable_source_new_full (stream, ready, cancellable);
    }
  else
    {
      source = g_pollable_source_new_full (stream, NULL, cancellable);
      if (!is_held (self))
        g_source_set_ready_time (source, 0);
    }
  g_clear_pointer (&self->waiting, g_source_unref);
  /* The source holds the stream: both would hold each other for ever once nobody reads any more. */
  if (!self->forgotten)
    self->waiting = g_source_ref (source);
  return source;
}

static gssize
ferryd_soup_sender_read (GInputStream *stream, void *buffer, gsize size, GCancellable *cancellable,
                         GError **error)
{
  return ferryd_soup_sender_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, size, error);
}

static void
ferryd_soup_sender_finalize (GObject *object)
{
  FerrydSoupSender *self = FERRYD_SOUP_SENDER (object);

  g_clear_pointer (&self->waiting, g_source_unref);
  g_clear_pointer (&self->tap, ferryd_limiter_tap_free);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->entity, ferryd_entity_unref);
  G_OBJECT_CLASS (ferryd_soup_sender_parent_class)->finalize (object);
}

static void
ferryd_soup_sender_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = ferryd_soup_sender_is_readable;
  iface->read_nonblocking = ferryd_soup_sender_read_nonblocking;
  iface->create_source = ferryd_soup_sender_create_source;
}

static void
ferryd_soup_sender_class_init (FerrydSoupSenderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_soup_sender_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = ferryd_soup_sender_read;
}

static void
ferryd_soup_sender_init (FerrydSoupSender *self)
{
}

/**
 * ferryd_soup_sender_new:
 * @entity: what is sent
 * @first: its first byte that is
 * @end: the byte behind the last that is
 * @hold_last: hold back the last bytes
 * @share: (nullable): what limits it; outlives the sender, until that is forgotten
 * @handler: whom to report to
 * @user_data: for @handler's functions
 *
 * Returns: (transfer full): a stream for one message
 */
FerrydSoupSender *
ferryd_soup_sender_new (FerrydEntity *entity, guint64 first, guint64 end, gboolean hold_last,
                        FerrydLimiterShare *share, const FerrydSoupSenderHandler *handler, gpointer user_data)
{
  FerrydSoupSender *self = g_object_new (FERRYD_TYPE_SOUP_SENDER, NULL);

  self->entity = ferryd_entity_ref (entity);
  self->first = first;
  self->end = end;
  self->position = first;
  self->held = hold_last;
  if (share != NULL)
    self->tap = ferryd_limiter_tap_new (share, on_room, self);
  self->handler = *handler;
  self->user_data = user_data;
  return self;
}

/**
 * ferryd_soup_sender_forget:
 * @self: (transfer full) (nullable): a sender
 *
 * Nobody is told anything any more; libsoup may still hold it.
 */
void
ferryd_soup_sender_forget (FerrydSoupSender *self)
{
  if (self == NULL)
    return;
  self->forgotten = TRUE;
  g_clear_pointer (&self->tap, ferryd_limiter_tap_free);
  g_clear_pointer (&self->waiting, g_source_unref);
  g_object_unref (self);
}

/**
 * ferryd_soup_sender_set_socket:
 * @self: a sender
 * @socket: (nullable): the plain socket its message is written to; NULL where there is none
 */
void
ferryd_soup_sender_set_socket (FerrydSoupSender *self, GSocket *socket)
{
  g_set_object (&self->socket, socket);
}

/**
 * ferryd_soup_sender_release_last:
 * @self: a sender
 *
 * What the last bytes waited for is done.
 */
void
ferryd_soup_sender_release_last (FerrydSoupSender *self)
{
  self->held = FALSE;
  if (self->waiting != NULL)
    g_source_set_ready_time (self->waiting, 0);
}

/**
 * ferryd_soup_sender_has_begun:
 * @self: a sender
 *
 * Returns: whether anything was sent
 */
gboolean
ferryd_soup_sender_has_begun (FerrydSoupSender *self)
{
  return self->position > self->first;
}
