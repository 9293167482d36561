/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-model-server.h"

#include <string.h>

/* Files have up to so many bytes: more than the overlap by which a download without validator is compared,
 * and few enough for thousands of downloads. */
#define MAX_SIZE 150000

/* In so many pieces a body comes at most. */
#define PIECE (16 * 1024)

#define N_HOSTS 3

struct _FerrydModelServer
{
  GRand *rand;       /* (unowned) */
  GArray *versions;  /* (owned) (element-type guint32): of each file */
  GPtrArray *silent; /* (owned) (element-type FerrydFetch) (unowned elements): that nothing comes from */
};

/* What helps against a failure, and whether it may come from a response. */
static const struct
{
  FerryTransferError status;
  FerrydRemedy remedy;
} failures[] = {
  { FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY },
  { FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY },
  { FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRYD_REMEDY_AT_ONCE },
  { FERRY_TRANSFER_ERROR_REQUESTED_RANGE_NOT_SATISFIABLE, FERRYD_REMEDY_RESTART },
  { FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL },
  { FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FERRYD_REMEDY_NO_NETWORK },
  { FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL },
};

/* The first eight bytes say which file it is and in which version; every other byte differs between any two
 * versions that are less than 256 apart. */
static GBytes *
make_file (guint32 serial, guint32 version)
{
  guint32 random = serial * 2654435761u + version * 40503u;
  gsize size = random % 6 == 0 ? random % 97 : random % MAX_SIZE;
  guint8 *bytes = g_malloc (MAX (size, 1));
  const guint32 head[2] = { GUINT32_TO_LE (serial), GUINT32_TO_LE (version) };

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + (i >> 8) + serial * 13 + version);
  if (size >= sizeof head)
    memcpy (bytes, head, sizeof head);
  return g_bytes_new_take (bytes, size);
}

/**
 * ferryd_model_server_knows:
 * @bytes: what is in a file
 * @size: of @bytes
 *
 * Returns: whether that is one of the server's files as it was in one version, whole and nothing else
 */
gboolean
ferryd_model_server_knows (const guint8 *bytes, gsize size)
{
  guint32 head[2];
  g_autoptr (GBytes) file = NULL;

  /* Too short to tell which. */
  if (size < sizeof head)
    return TRUE;
  memcpy (head, bytes, sizeof head);
  file = make_file (GUINT32_FROM_LE (head[0]), GUINT32_FROM_LE (head[1]));
  return g_bytes_get_size (file) == size && memcmp (g_bytes_get_data (file, NULL), bytes, size) == 0;
}

static gboolean
draw (FerrydModelServer *self, guint percent)
{
  return (guint) g_rand_int_range (self->rand, 0, 100) < percent;
}

static guint32
get_serial (const char *uri)
{
  return (guint32) g_ascii_strtoull (strrchr (uri, '/') + 1, NULL, 10);
}

static FerrydFailure *
draw_failure (FerrydModelServer *self)
{
  guint i = (guint) g_rand_int_range (self->rand, 0, G_N_ELEMENTS (failures));
  FerrydFailure *failure =
      ferryd_failure_new (failures[i].status, failures[i].remedy, "The model says failure %u", i);

  if (failures[i].remedy == FERRYD_REMEDY_FINAL && draw (self, 50))
    failure->body = g_bytes_new_static ("gone", 4);
  if (failures[i].remedy == FERRYD_REMEDY_RETRY && draw (self, 20))
    failure->retry_after = G_TIME_SPAN_MINUTE;
  return failure;
}

static void
fall_silent (FerrydModelServer *self, FerrydFetch *fetch)
{
  g_ptr_array_add (self->silent, fetch);
}

/* How the body ends that began with @answer. */
static void
end_body (FerrydModelServer *self, FerrydFetch *fetch, const FerrydAnswer *answer, gboolean cut)
{
  if (answer->length < 0 && cut)
    ferryd_fake_fetch_end (fetch, FERRYD_BODY_END_DOUBTFUL);
  else if (cut && draw (self, 50))
    ferryd_fake_fetch_fail (fetch, draw_failure (self));
  else if (cut)
    fall_silent (self, fetch);
  else if (answer->length < 0)
    ferryd_fake_fetch_end (fetch, (FerrydBodyEnd) g_rand_int_range (self->rand, FERRYD_BODY_END_PROVED,
                                                                    FERRYD_BODY_END_DOUBTFUL + 1));
  else
    ferryd_fake_fetch_end (fetch, FERRYD_BODY_END_PROVED);
}

static void
send_body (FerrydModelServer *self, FerrydFetch *fetch, const FerrydAnswer *answer, GBytes *file, gint64 last)
{
  const guint8 *bytes = g_bytes_get_data (file, NULL);
  gboolean cut = last >= answer->first && draw (self, 25);
  gint64 end = cut ? g_rand_int_range (self->rand, (gint32) answer->first, (gint32) last + 1) : last + 1;

  for (gint64 offset = answer->first; offset < end; offset += PIECE)
    ferryd_fake_fetch_body (fetch, (guint64) offset, bytes + offset, (gsize) MIN (PIECE, end - offset));
  end_body (self, fetch, answer, cut);
}

static void
serve (FerrydModelServer *self, FerrydFetch *fetch, guint32 serial, guint32 version)
{
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);
  g_autoptr (GBytes) file = make_file (serial, version);
  gint64 size = (gint64) g_bytes_get_size (file);
  g_autofree char *tag = serial % 3 != 0 ? g_strdup_printf ("\"%u-%u\"", serial, version) : NULL;
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  gboolean ranges = serial % 4 != 1;
  gboolean part = ranges && (request->ranged || request->first > 0 || request->last >= 0) &&
                  (request->if_range == NULL || g_strcmp0 (request->if_range, tag) == 0);
  gint64 last = part && request->last >= 0 ? MIN (request->last, size - 1) : size - 1;
  FerrydAnswer answer = { .kind = part ? FERRYD_ANSWER_PART : FERRYD_ANSWER_WHOLE,
                          .status = part ? 206 : 200,
                          .uri = request->uri,
                          .headers = headers,
                          .first = part ? request->first : 0,
                          .total = size,
                          .validator = tag,
                          .etag = tag,
                          .resumable = ranges,
                          .suggested_name = "suggested.bin" };

  answer.length = last - answer.first + 1;
  if (part && answer.first >= size)
    {
      answer.kind = FERRYD_ANSWER_NOTHING_BEYOND;
      answer.status = 416;
      answer.length = 0;
      ferryd_fake_fetch_answer (fetch, &answer);
      ferryd_fake_fetch_end (fetch, FERRYD_BODY_END_PROVED);
      return;
    }
  if (!part && draw (self, 15))
    {
      answer.length = -1;
      answer.total = -1;
    }
  ferryd_fake_fetch_answer (fetch, &answer);
  send_body (self, fetch, &answer, file, last);
}

static void
on_fetch (FerrydFetch *fetch, gpointer user_data)
{
  FerrydModelServer *self = user_data;
  guint32 serial = get_serial (ferryd_fake_fetch_get_request (fetch)->uri);
  guint32 *version = &g_array_index (self->versions, guint32, serial);

  if (draw (self, 5))
    (*version)++;
  if (draw (self, 10))
    fall_silent (self, fetch);
  else if (draw (self, 12))
    ferryd_fake_fetch_fail (fetch, draw_failure (self));
  else
    serve (self, fetch, serial, *version);
}

/**
 * ferryd_model_server_new:
 * @transport: whose fetches it answers
 * @rand: decides everything; outlives the server
 *
 * Returns: (transfer full): a server without files
 */
FerrydModelServer *
ferryd_model_server_new (FerrydFakeTransport *transport, GRand *rand)
{
  FerrydModelServer *self = g_new0 (FerrydModelServer, 1);

  self->rand = rand;
  self->versions = g_array_new (FALSE, TRUE, sizeof (guint32));
  self->silent = g_ptr_array_new ();
  ferryd_fake_transport_set_server (transport, on_fetch, self);
  return self;
}

/**
 * ferryd_model_server_free:
 * @server: (transfer full): a server that nobody asks any more
 */
void
ferryd_model_server_free (FerrydModelServer *server)
{
  g_array_unref (server->versions);
  g_ptr_array_unref (server->silent);
  g_free (server);
}

/**
 * ferryd_model_server_new_uri:
 * @server: a server
 *
 * Returns: (transfer full): the URI of a new file
 */
char *
ferryd_model_server_new_uri (FerrydModelServer *server)
{
  guint serial = server->versions->len;

  g_array_set_size (server->versions, serial + 1);
  return g_strdup_printf ("http://host%d.example/%u", g_rand_int_range (server->rand, 0, N_HOSTS), serial);
}

static gboolean
is_over (FerrydFetch *fetch)
{
  return ferryd_fake_fetch_is_canceled (fetch) || ferryd_fake_fetch_has_ended (fetch);
}

/**
 * ferryd_model_server_is_silent:
 * @server: a server
 * @uri: of a file
 *
 * Returns: whether who fetches it waits for something that does not come by itself
 */
gboolean
ferryd_model_server_is_silent (FerrydModelServer *server, const char *uri)
{
  for (guint i = 0; i < server->silent->len; i++)
    {
      FerrydFetch *fetch = g_ptr_array_index (server->silent, i);

      if (!is_over (fetch) && get_serial (ferryd_fake_fetch_get_request (fetch)->uri) == get_serial (uri))
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_model_server_break_silence:
 * @server: a server
 *
 * Ends some of the fetches that nothing comes from.
 */
void
ferryd_model_server_break_silence (FerrydModelServer *server)
{
  for (guint i = server->silent->len; i-- > 0;)
    {
      FerrydFetch *fetch = g_ptr_array_index (server->silent, i);

      if (is_over (fetch))
        g_ptr_array_remove_index_fast (server->silent, i);
      else if (draw (server, 50))
        {
          g_ptr_array_remove_index_fast (server->silent, i);
          ferryd_fake_fetch_fail (fetch, draw_failure (server));
        }
    }
}
