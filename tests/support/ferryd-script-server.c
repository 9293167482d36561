/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-script-server.h"

#include <string.h>
#include <sys/socket.h>

/* Bytes sent at once. */
#define BULK_SIZE (256 * 1024)

struct _FerrydScriptServer
{
  GSocket *listener;            /* (owned) */
  GTlsCertificate *certificate; /* (owned) (nullable): NULL for plain HTTP */
  GCancellable *cancellable;    /* (owned): ends the threads */
  GThread *thread;              /* (owned): accepts */
  GMutex mutex;                 /* guards what follows */
  GQueue scripts;      /* (element-type FerrydScriptStep) (unowned): one for each connection to come */
  GPtrArray *copies;   /* (element-type GArray) (owned): all of them */
  GPtrArray *threads;  /* (element-type GThread) (owned): one for each connection */
  GPtrArray *requests; /* (element-type utf8) (owned): header sections in the order they came */
  guint64 n_taken;     /* bytes of requests' bodies read */
  guint n_connections;
};

typedef struct
{
  FerrydScriptServer *server;     /* (unowned) */
  const FerrydScriptStep *script; /* (unowned) */
  GSocketConnection *connection;  /* (owned) */
  GIOStream *stream;              /* (owned): @connection, or TLS on it */
} Conversation;

/**
 * ferryd_script_byte:
 * @offset: in a file
 *
 * Returns: the byte there; another one at most other places
 */
guint8
ferryd_script_byte (guint64 offset)
{
  return (offset * 31 + (offset >> 8)) % 251;
}

static gboolean
conversation_send (Conversation *self, const void *bytes, gsize size)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (self->stream), bytes, size, NULL,
                                    self->server->cancellable, NULL);
}

static gboolean
conversation_read (Conversation *self)
{
  g_autoptr (GString) request = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (request->str, "\r\n\r\n"))
    {
      if (g_input_stream_read (g_io_stream_get_input_stream (self->stream), &byte, 1,
                               self->server->cancellable, NULL) != 1)
        return FALSE;
      g_string_append_c (request, byte);
    }
  g_mutex_lock (&self->server->mutex);
  g_ptr_array_add (self->server->requests, g_strdup (request->str));
  g_mutex_unlock (&self->server->mutex);
  return TRUE;
}

/* Whether that is what came. */
static gboolean
conversation_take (Conversation *self, const FerrydScriptStep *step)
{
  gsize size = step->text != NULL ? strlen (step->text) : step->size;
  g_autofree guint8 *bytes = g_malloc (BULK_SIZE);

  for (gsize taken = 0; taken < size;)
    {
      gssize n = g_input_stream_read (g_io_stream_get_input_stream (self->stream), bytes,
                                      MIN (size - taken, BULK_SIZE), self->server->cancellable, NULL);

      if (n <= 0)
        return FALSE;
      for (gssize i = 0; i < n; i++)
        g_assert_cmpuint (bytes[i], ==,
                          step->text != NULL ? (guint8) step->text[taken + (gsize) i]
                                             : ferryd_script_byte (taken + (gsize) i));
      taken += (gsize) n;
      g_mutex_lock (&self->server->mutex);
      self->server->n_taken += (guint64) n;
      g_mutex_unlock (&self->server->mutex);
    }
  return TRUE;
}

static gboolean
conversation_bulk (Conversation *self, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (BULK_SIZE);

  for (gsize sent = 0; sent < size;)
    {
      gsize part = MIN (size - sent, BULK_SIZE);

      for (gsize i = 0; i < part; i++)
        bytes[i] = ferryd_script_byte (sent + i);
      if (!conversation_send (self, bytes, part))
        return FALSE;
      sent += part;
    }
  return TRUE;
}

static void
conversation_drip (Conversation *self, const char *text, gsize milliseconds)
{
  for (gsize i = 0; conversation_send (self, text + i % strlen (text), 1); i++)
    g_usleep (milliseconds * 1000);
}

static void
conversation_stay (Conversation *self)
{
  char byte;

  while (g_input_stream_read (g_io_stream_get_input_stream (self->stream), &byte, 1,
                              self->server->cancellable, NULL) == 1)
    continue;
}

static void
conversation_reset (Conversation *self)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };
  int fd = g_socket_get_fd (g_socket_connection_get_socket (self->connection));

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* Returns whether the next step follows. */
static gboolean
conversation_step (Conversation *self, const FerrydScriptStep *step)
{
  switch (step->verb)
    {
    case FERRYD_SCRIPT_READ:
      return conversation_read (self);
    case FERRYD_SCRIPT_TAKE:
      return conversation_take (self, step);
    case FERRYD_SCRIPT_SEND:
      return conversation_send (self, step->text, strlen (step->text));
    case FERRYD_SCRIPT_BULK:
      return conversation_bulk (self, step->size);
    case FERRYD_SCRIPT_FLOOD:
      for (gsize i = 0; i < step->size; i++)
        {
          if (!conversation_send (self, step->text, strlen (step->text)))
            return FALSE;
        }
      return TRUE;
    case FERRYD_SCRIPT_DRIP:
      conversation_drip (self, step->text, step->size);
      return FALSE;
    case FERRYD_SCRIPT_STAY:
      conversation_stay (self);
      return FALSE;
    case FERRYD_SCRIPT_RESET:
      conversation_reset (self);
      return FALSE;
    case FERRYD_SCRIPT_END:
    default:
      return FALSE;
    }
}

static gpointer
conversation_run (gpointer data)
{
  Conversation *self = data;
  GTlsCertificate *certificate = self->server->certificate;

  if (certificate != NULL)
    self->stream = g_tls_server_connection_new (G_IO_STREAM (self->connection), certificate, NULL);
  else
    self->stream = g_object_ref (G_IO_STREAM (self->connection));
  for (const FerrydScriptStep *step = self->script; conversation_step (self, step); step++)
    continue;
  g_io_stream_close (self->stream, NULL, NULL);
  g_object_unref (self->stream);
  g_object_unref (self->connection);
  g_free (self);
  return NULL;
}

static void
server_serve (FerrydScriptServer *self, GSocket *socket)
{
  Conversation *conversation;

  g_mutex_lock (&self->mutex);
  self->n_connections++;
  if (self->scripts.length > 0)
    {
      conversation = g_new0 (Conversation, 1);
      conversation->server = self;
      conversation->script = g_queue_pop_head (&self->scripts);
      conversation->connection = g_socket_connection_factory_create_connection (socket);
      g_ptr_array_add (self->threads, g_thread_new ("script", conversation_run, conversation));
    }
  g_mutex_unlock (&self->mutex);
}

static gpointer
server_run (gpointer data)
{
  FerrydScriptServer *self = data;

  while (TRUE)
    {
      g_autoptr (GSocket) socket = g_socket_accept (self->listener, self->cancellable, NULL);

      if (socket == NULL)
        return NULL;
      server_serve (self, socket);
    }
}

/**
 * ferryd_script_server_new:
 * @address: an address of the loopback interface
 * @certificate: (nullable): for https, with its key; NULL for http
 *
 * Returns: (transfer full): a server on a free port, that closes every connection at once until it has a
 * script
 */
FerrydScriptServer *
ferryd_script_server_new (const char *address, GTlsCertificate *certificate)
{
  FerrydScriptServer *self = g_new0 (FerrydScriptServer, 1);
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (inet, 0);
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->mutex);
  g_queue_init (&self->scripts);
  self->copies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->cancellable = g_cancellable_new ();
  self->threads = g_ptr_array_new ();
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->listener =
      g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->listener, any_port, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  self->thread = g_thread_new ("server", server_run, self);
  return self;
}

/**
 * ferryd_script_server_free:
 * @self: (transfer full): a server
 *
 * Stops it and all its connections.
 */
void
ferryd_script_server_free (FerrydScriptServer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (g_ptr_array_index (self->threads, i));
  g_ptr_array_unref (self->threads);
  g_ptr_array_unref (self->requests);
  g_queue_clear (&self->scripts);
  g_ptr_array_unref (self->copies);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * ferryd_script_server_get_port:
 * @self: a server
 *
 * Returns: where it listens
 */
guint16
ferryd_script_server_get_port (FerrydScriptServer *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->listener, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static void
step_clear (gpointer data)
{
  FerrydScriptStep *step = data;

  g_free ((char *) step->text);
}

/* Whether nothing follows it. */
static gboolean
is_last (const FerrydScriptStep *step)
{
  return step->verb == FERRYD_SCRIPT_END || step->verb == FERRYD_SCRIPT_DRIP ||
         step->verb == FERRYD_SCRIPT_STAY || step->verb == FERRYD_SCRIPT_RESET;
}

/* A connection may still be at its script when the test that wrote it has returned. */
static GArray *
copy_script (const FerrydScriptStep *script)
{
  GArray *copy = g_array_new (FALSE, FALSE, sizeof *script);

  g_array_set_clear_func (copy, step_clear);
  do
    {
      FerrydScriptStep step = *script;

      step.text = g_strdup (script->text);
      g_array_append_val (copy, step);
    }
  while (!is_last (script++));
  return copy;
}

/**
 * ferryd_script_server_add:
 * @self: a server
 * @script: what to do with the next connection that has none yet; copied
 *
 * Adds a script.
 */
void
ferryd_script_server_add (FerrydScriptServer *self, const FerrydScriptStep *script)
{
  GArray *copy = copy_script (script);

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->copies, copy);
  g_queue_push_tail (&self->scripts, copy->data);
  g_mutex_unlock (&self->mutex);
}

/**
 * ferryd_script_server_get_n_connections:
 * @self: a server
 *
 * Returns: connections accepted so far
 */
guint
ferryd_script_server_get_n_connections (FerrydScriptServer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_connections;
  g_mutex_unlock (&self->mutex);
  return n;
}

/**
 * ferryd_script_server_get_n_requests:
 * @self: a server
 *
 * Returns: requests read so far
 */
guint
ferryd_script_server_get_n_requests (FerrydScriptServer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->requests->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

/**
 * ferryd_script_server_get_n_taken:
 * @self: a server
 *
 * Returns: bytes of requests' bodies that %FERRYD_SCRIPT_TAKE has read so far
 */
guint64
ferryd_script_server_get_n_taken (FerrydScriptServer *self)
{
  guint64 n;

  g_mutex_lock (&self->mutex);
  n = self->n_taken;
  g_mutex_unlock (&self->mutex);
  return n;
}

/**
 * ferryd_script_server_dup_request:
 * @self: a server
 * @n: number of a request, from 0 on
 *
 * Returns: (transfer full) (nullable): its header section, NULL when there were not so many
 */
char *
ferryd_script_server_dup_request (FerrydScriptServer *self, guint n)
{
  char *request;

  g_mutex_lock (&self->mutex);
  request = n < self->requests->len ? g_strdup (g_ptr_array_index (self->requests, n)) : NULL;
  g_mutex_unlock (&self->mutex);
  return request;
}
