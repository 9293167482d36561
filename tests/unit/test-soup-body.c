/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ferryd-http-uri.h"
#include "ferryd-script-server.h"
#include "ferryd-soup-body.h"
#include "ferryd-soup-exchange.h"

#define MEBIBYTE (1024 * 1024)

typedef struct
{
  FerrydSocketPoll *poll; /* (owned) */
  guint8 *buffer;         /* (owned) */
} Room;

/* A body and what it handed on. */
typedef struct
{
  FerrydSoupBody *body; /* (owned) (nullable) */
  gint64 received;
  gint64 largest; /* bytes handed on at once */
  gsize room;     /* bytes that it takes at once, 0 for any number; every second time it takes none */
  guint n_asked;  /* times it was asked how many */
  guint n_calls;
  gboolean done;
  gboolean failed;
} Taker;

static void
set_up (Room *room, gconstpointer data)
{
  room->poll = ferryd_socket_poll_new (NULL, G_PRIORITY_DEFAULT);
  room->buffer = g_malloc (FERRYD_BODY_BUFFER_SIZE);
}

static void
tear_down (Room *room, gconstpointer data)
{
  ferryd_socket_poll_free (room->poll);
  g_free (room->buffer);
}

static FerrydFlow
taker_bytes (const guint8 *bytes, gsize size, gpointer user_data)
{
  Taker *taker = user_data;

  for (gsize i = 0; i < size; i++)
    g_assert_cmpuint (bytes[i], ==, ferryd_script_byte (taker->received + i));
  taker->received += size;
  taker->largest = MAX (taker->largest, (gint64) size);
  taker->n_calls++;
  return FERRYD_FLOW_CONTINUE;
}

static gsize
taker_room (gpointer user_data)
{
  Taker *taker = user_data;

  if (taker->room == 0)
    return G_MAXSIZE;
  return taker->n_asked++ % 2 == 0 ? taker->room : 0;
}

static void
taker_done (const GError *error, gpointer user_data)
{
  Taker *taker = user_data;

  g_assert_false (taker->done);
  taker->done = TRUE;
  taker->failed = error != NULL;
}

static void
taker_start (Taker *taker, Room *room, GInputStream *stream, GSocket *socket, gint64 length)
{
  static const FerrydSoupBodyHandler handler = { taker_bytes, taker_done, taker_room };

  taker->body = ferryd_soup_body_new (stream, socket, length, room->poll, room->buffer, &handler, taker);
  ferryd_soup_body_start (taker->body);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static guint8 *
make_bytes (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = ferryd_script_byte (i);
  return bytes;
}

/* All of it is above the socket, as with TLS: the socket wakes nobody, and what one turn leaves has to be
 * taken in the next. Two of them take turns. */
static void
test_above_the_socket (Room *room, gconstpointer data)
{
  Taker takers[2] = { { 0 }, { 0 } };
  g_autoptr (GSocket) socket = NULL;
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  socket = g_socket_new_from_fd (pair[0], NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GInputStream) stream =
          g_memory_input_stream_new_from_data (make_bytes (10 * MEBIBYTE), 10 * MEBIBYTE, g_free);

      taker_start (&takers[i], room, stream, socket, i == 0 ? 10 * MEBIBYTE : -1);
    }
  g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (takers[i].received, >=, FERRYD_BODY_TURN_MAX);
      g_assert_cmpint (takers[i].received, <=, FERRYD_BODY_TURN_MAX + FERRYD_BODY_BUFFER_SIZE);
    }
  settle ();
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (takers[i].done);
      g_assert_false (takers[i].failed);
      g_assert_cmpint (takers[i].received, ==, 10 * MEBIBYTE);
      ferryd_soup_body_free (takers[i].body);
    }
  close (pair[1]);
}

/* No more at once than there is room for, nothing while there is none, and the end needs none. */
static void
test_room (Room *room, gconstpointer data)
{
  static const gsize rooms[] = { 1000, 300 * 1024, 2 * MEBIBYTE };

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autoptr (GInputStream) stream =
          g_memory_input_stream_new_from_data (make_bytes (3 * MEBIBYTE), 3 * MEBIBYTE, g_free);
      Taker taker = { .room = rooms[i] };
      gsize first = MIN (rooms[i], 3 * MEBIBYTE);

      taker_start (&taker, room, stream, NULL, 3 * MEBIBYTE);
      settle ();
      g_assert_cmpint (taker.received, >, 0);
      g_assert_cmpint (taker.received, <=, (gint64) first);
      g_assert_false (taker.done);
      while (!taker.done)
        {
          gint64 before = taker.received;

          ferryd_soup_body_start (taker.body);
          settle ();
          g_assert_cmpint (taker.received - before, <=, (gint64) first);
        }
      g_assert_cmpint (taker.received, ==, 3 * MEBIBYTE);
      g_assert_cmpint (taker.largest, <=, (gint64) first);
      g_assert_false (taker.failed);
      ferryd_soup_body_free (taker.body);
    }
}

/* Waits for what is readable where the stream's socket is not known. */
static void
test_unknown_socket (Room *room, gconstpointer data)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autofree guint8 *bytes = make_bytes (64);
  Taker taker = { 0 };
  int pair[2];

  g_assert_cmpint (pipe (pair), ==, 0);
  g_unix_set_fd_nonblocking (pair[0], TRUE, NULL);
  stream = g_unix_input_stream_new (pair[0], TRUE);
  taker_start (&taker, room, stream, NULL, -1);
  settle ();
  g_assert_cmpint (taker.received, ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpint (write (pair[1], bytes + 16 * i, 16), ==, 16);
      settle ();
      g_assert_cmpint (taker.received, ==, 16 * (i + 1));
    }
  g_assert_false (taker.done);
  close (pair[1]);
  settle ();
  g_assert_true (taker.done);
  ferryd_soup_body_free (taker.body);
}

/* What comes in small pieces is handed on in large ones. */
typedef struct
{
  GMemoryInputStream parent_instance;
} CrumbStream;

typedef struct
{
  GMemoryInputStreamClass parent_class;
} CrumbStreamClass;

static GPollableInputStreamInterface *crumb_parent (void);
static void crumb_stream_pollable_init (GPollableInputStreamInterface *iface);
static GType crumb_stream_get_type (void);

G_DEFINE_TYPE_WITH_CODE (CrumbStream, crumb_stream, G_TYPE_MEMORY_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, crumb_stream_pollable_init))

static gssize
crumb_stream_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  /* A TLS record. */
  return crumb_parent ()->read_nonblocking (stream, buffer, MIN (count, 16 * 1024), error);
}

static void
crumb_stream_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->read_nonblocking = crumb_stream_read_nonblocking;
}

static GPollableInputStreamInterface *
crumb_parent (void)
{
  gpointer iface = g_type_interface_peek (crumb_stream_parent_class, G_TYPE_POLLABLE_INPUT_STREAM);

  return iface;
}

static void
crumb_stream_class_init (CrumbStreamClass *klass)
{
}

static void
crumb_stream_init (CrumbStream *self)
{
}

static void
test_crumbs (Room *room, gconstpointer data)
{
  g_autoptr (GInputStream) stream = g_object_new (crumb_stream_get_type (), NULL);
  g_autofree guint8 *bytes = make_bytes (2 * MEBIBYTE);
  Taker taker = { 0 };

  g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (stream), bytes, 2 * MEBIBYTE, NULL);
  taker_start (&taker, room, stream, NULL, -1);
  settle ();
  g_assert_true (taker.done);
  g_assert_cmpint (taker.received, ==, 2 * MEBIBYTE);
  g_assert_cmpint (taker.largest, ==, 256 * 1024);
  g_assert_cmpuint (taker.n_calls, ==, 8);
  ferryd_soup_body_free (taker.body);
}

/* An exchange whose socket is to be known, and what it was. */
typedef struct
{
  FerrydSoupExchange *exchange; /* (owned) (nullable) */
  int fd;
  gboolean over;
} Asker;

static void
asker_answered (GInputStream *stream, gpointer user_data)
{
  Asker *asker = user_data;
  GSocket *socket = ferryd_soup_exchange_find_socket (asker->exchange);
  g_autofree guint8 *buffer = g_malloc (FERRYD_BODY_BUFFER_SIZE);

  g_assert_nonnull (socket);
  asker->fd = g_socket_get_fd (socket);
  asker->over = TRUE;
  ferryd_soup_body_discard (stream, buffer);
}

static void
asker_failed (const FerrydFailure *failure, gpointer user_data)
{
  g_error ("%s", failure->message);
}

static int
ask (FerrydDeadlines *deadlines, FerrydSessionShard *shard, GUri *uri)
{
  static const FerrydSoupExchangeHandler handler = { NULL, asker_answered, asker_failed };
  const FerrydSoupLimits limits = { .connect_timeout = 20000, .response_timeout = 20000 };
  g_autoptr (SoupMessage) message = soup_message_new_from_uri ("GET", uri);
  Asker asker = { 0 };

  asker.exchange = ferryd_soup_exchange_new (deadlines, shard, message, &limits, &handler, &asker);
  while (!asker.over)
    g_main_context_iteration (NULL, TRUE);
  settle ();
  ferryd_soup_exchange_free (asker.exchange);
  return asker.fd;
}

/* libsoup tells of a connection's socket when it is made, not when it is used again. */
static void
test_known_socket (Room *room, gconstpointer data)
{
  static const FerrydScriptStep script[] = {
    { FERRYD_SCRIPT_READ, NULL, 0 },
    { FERRYD_SCRIPT_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0 },
    { FERRYD_SCRIPT_READ, NULL, 0 },
    { FERRYD_SCRIPT_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0 },
    { FERRYD_SCRIPT_STAY, NULL, 0 },
  };
  g_autoptr (FerrydScriptServer) server = ferryd_script_server_new ("127.0.0.1", NULL);
  g_autoptr (FerrydDeadlines) deadlines = ferryd_deadlines_new (NULL);
  g_autoptr (FerrydSessionPool) pool = ferryd_session_pool_new (deadlines, NULL);
  g_autofree char *text = g_strdup_printf ("http://127.0.0.1:%u/", ferryd_script_server_get_port (server));
  g_autoptr (GUri) uri = ferryd_http_uri_parse (NULL, text);
  FerrydSessionShard *shard =
      ferryd_session_pool_acquire (pool, &(FerrydSessionKey){ .application = "a" }, uri, FALSE);
  int fd;

  ferryd_script_server_add (server, script);
  fd = ask (deadlines, shard, uri);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ask (deadlines, shard, uri), ==, fd);
  g_assert_cmpuint (ferryd_script_server_get_n_connections (server), ==, 1);
  ferryd_session_shard_release (shard);
}

#define ADD(path, func) g_test_add ("/soup-body/" path, Room, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("room", test_room);
  ADD ("above-the-socket", test_above_the_socket);
  ADD ("unknown-socket", test_unknown_socket);
  ADD ("crumbs", test_crumbs);
  ADD ("known-socket", test_known_socket);
  return g_test_run ();
}
