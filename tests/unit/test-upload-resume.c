/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <unistd.h>

#include "ferryd-fake-transport.h"
#include "ferryd-sink-kit.h"
#include "ferryd-upload.h"

/* The exchanges that draft-ietf-httpbis-resumable-upload-12 (sections 4.2.3, 4.3.3 and 4.4.3) and tus 1.0
 * give as examples, with their numbers. */

#define ORIGIN "https://example.com"

/**
 * Step:
 * @asked: (unowned): method and URI of the request, and the fields of ours that have to be in it
 * @bytes: that it brings; -1 where it has no entity
 * @interim: (unowned) (nullable): a(ss) of an interim response with 104
 * @status: of the answer; 0: the connection is lost
 * @says: (unowned) (nullable): a(ss) of it
 */
typedef struct
{
  const char *asked;
  gint64 bytes;
  const char *interim;
  guint status;
  const char *says;
} Step;

typedef struct
{
  FerrydSinkKit files;
  FerrydFakeTransport *transport;
  FerrydIoThread *io;
  const Step *steps;
  guint n;
  FerrydProgressRecord *record;
  FerrydFailure *failure;
  GVariant *response;
  FerrydTransferEventKind end;
  gboolean over;
  guint restarts;
} Kit;

static GVariant *
parse_fields (const char *text)
{
  return g_variant_ref_sink (
      g_variant_parse (G_VARIANT_TYPE ("a(ss)"), text != NULL ? text : "[]", NULL, NULL, NULL));
}

static void
assert_asked (const Step *step, const FerrydFetchRequest *request)
{
  g_auto (GStrv) lines = g_strsplit (step->asked, "\n", -1);
  g_autofree char *line = g_strdup_printf ("%s %s", request->method, request->uri);

  g_assert_cmpstr (line, ==, lines[0]);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      g_auto (GStrv) field = g_strsplit (lines[i], ": ", 2);
      gboolean found = FALSE;
      GVariantIter iter;
      const char *name, *value;

      g_variant_iter_init (&iter, request->own_headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
        found |= g_str_equal (name, field[0]) && g_strcmp0 (value, field[1]) == 0;
      if (!found)
        {
          g_autofree char *all = g_variant_print (request->own_headers, FALSE);

          g_error ("%s: no %s in %s", lines[0], lines[i], all);
        }
    }
}

static gint64
get_size (const FerrydFetchRequest *request)
{
  guint64 end;

  if (request->entity == NULL)
    return -1;
  end = request->entity_end != 0 ? request->entity_end : ferryd_entity_get_length (request->entity);
  return (gint64) (end - request->entity_first);
}

static void
reply (FerrydFetch *fetch, const Step *step, const FerrydFetchRequest *request)
{
  g_autoptr (GVariant) headers = parse_fields (step->says);
  FerrydAnswer answer = { .kind = FERRYD_ANSWER_WHOLE,
                          .status = step->status,
                          .uri = request->uri,
                          .headers = headers,
                          .length = 0,
                          .suggested_name = "x" };
  FerrydFailure *failure;

  if (step->status >= 200 && step->status < 300)
    {
      ferryd_fake_fetch_answer (fetch, &answer);
      ferryd_fake_fetch_end (fetch, FERRYD_BODY_END_PROVED);
      return;
    }
  failure = ferryd_failure_new (
      step->status >= 400 && step->status < 500 ? FERRY_TRANSFER_ERROR_CONFLICT
                                                : FERRY_TRANSFER_ERROR_DISCONNECTED,
      step->status >= 400 && step->status < 500 ? FERRYD_REMEDY_FINAL : FERRYD_REMEDY_RETRY, "no");
  if (step->status != 0)
    failure->response = g_variant_ref_sink (
        g_variant_new_parsed ("{'status': <%u>, 'headers': <%@a(ss)>}", step->status, headers));
  ferryd_fake_fetch_fail (fetch, failure);
}

static void
serve (FerrydFetch *fetch, gpointer user_data)
{
  Kit *kit = user_data;
  const Step *step = &kit->steps[kit->n++];
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);

  if (step->asked == NULL)
    g_error ("nobody expected %s %s", request->method, request->uri);
  assert_asked (step, request);
  g_assert_cmpint (get_size (request), ==, step->bytes);
  if (step->interim != NULL)
    {
      g_autoptr (GVariant) headers = parse_fields (step->interim);

      ferryd_fake_fetch_interim (fetch, 104, headers);
    }
  if (step->bytes > 0 && step->status != 0)
    ferryd_fake_fetch_take (fetch, request->entity_first + (guint64) step->bytes);
  reply (fetch, step, request);
}

static void
on_event (FerrydAttempt *attempt, FerrydTransferEvent *event, gpointer user_data)
{
  Kit *kit = user_data;

  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  kit->record = g_steal_pointer (&event->record);
  kit->restarts = event->restarts;
  if (event->kind == FERRYD_TRANSFER_ANSWERED)
    {
      g_clear_pointer (&kit->response, g_variant_unref);
      kit->response = g_steal_pointer (&event->response);
    }
  if (event->kind == FERRYD_TRANSFER_SEALED)
    ferryd_attempt_proceed (attempt);
  if (event->kind == FERRYD_TRANSFER_ACCEPTED || event->kind == FERRYD_TRANSFER_FAILED)
    {
      kit->end = event->kind;
      kit->failure = g_steal_pointer (&event->failure);
      kit->over = TRUE;
    }
}

static void
set_up (Kit *kit, gconstpointer data)
{
  ferryd_sink_kit_set_up (&kit->files, data);
  kit->transport = ferryd_fake_transport_new ();
  ferryd_fake_transport_set_server (kit->transport, serve, kit);
  kit->io = ferryd_io_thread_new_inline ();
}

static void
tear_down (Kit *kit, gconstpointer data)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_clear_pointer (&kit->response, g_variant_unref);
  g_object_unref (kit->transport);
  ferryd_io_thread_free (kit->io);
  ferryd_sink_kit_tear_down (&kit->files, data);
}

/* One attempt with what the one before left; the file is all holes. */
static void
run (Kit *kit, const char *method, const char *path, const char *option, gint64 size, const Step *steps)
{
  g_autofree char *source = g_build_filename (kit->files.base, "source", NULL);
  g_autofree char *uri = g_strconcat (ORIGIN, path, NULL);
  g_autofree char *text = g_strdup_printf ("{'method': <'%s'>, 'resumable': <'%s'>}", method, option);
  g_autoptr (GVariant) options =
      g_variant_ref_sink (g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL));
  g_autoptr (FerrydMeter) meter = ferryd_meter_new ();
  const FerrydContentPiece piece = { .path = source, .length = -1 };
  FerrydTransferSpec *spec = g_new0 (FerrydTransferSpec, 1);
  int fd = open (source, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  FerrydAttempt *attempt;

  if (lseek (fd, 0, SEEK_END) != size)
    g_assert_cmpint (ftruncate (fd, size), ==, 0);
  close (fd);
  spec->id = kit->files.id;
  spec->application = g_strdup ("");
  spec->request = ferryd_request_new (FERRY_KIND_UPLOAD, uri, source, options, NULL);
  spec->request->content = ferryd_content_new (NULL);
  ferryd_content_add (spec->request->content, &piece);
  spec->record = kit->record != NULL ? g_steal_pointer (&kit->record) : ferryd_progress_record_new ();
  spec->body_directory = g_strdup (kit->files.base);
  spec->spool_directory = g_strdup (kit->files.base);
  kit->steps = steps;
  kit->n = 0;
  kit->over = FALSE;
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  attempt = ferryd_upload_start (kit->io, FERRYD_TRANSPORT (kit->transport), spec, meter, on_event, kit);
  while (!kit->over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (steps[kit->n].asked);
  ferryd_attempt_unref (attempt);
}

static void
assert_end (Kit *kit, gboolean accepted, const char *place)
{
  g_assert_cmpint (kit->end, ==, accepted ? FERRYD_TRANSFER_ACCEPTED : FERRYD_TRANSFER_FAILED);
  g_assert_cmpstr (kit->record->upload_url, ==, place);
}

#define NOTHING             \
  {                         \
    NULL, -1, NULL, 0, NULL \
  }
#define CAN                                                                      \
  {                                                                              \
    "OPTIONS " ORIGIN "/upload\nUpload-Draft-Interop-Version: 9", -1, NULL, 200, \
        "[('Accept-Patch', 'application/partial-upload')]"                       \
  }
#define LOST(place)                                                                                         \
  {                                                                                                         \
    "POST " ORIGIN "/upload\nUpload-Complete: ?1", 123456789, "[('Location', '" ORIGIN place "')]", 0, NULL \
  }

/* 4.2.3 A: all of it in one request. */
static void
test_creation (Kit *kit, gconstpointer data)
{
  static const Step steps[] = {
    { "OPTIONS " ORIGIN "/project/123/files", -1, NULL, 405, NULL },
    { "POST " ORIGIN "/project/123/files\nUpload-Complete: ?1\nUpload-Length: 123456789\n"
      "Upload-Draft-Interop-Version: 9",
      123456789, "[('Location', '" ORIGIN "/upload/b530ce8ff'), ('Upload-Limit', 'max-size=1234567890')]",
      200, "[('Location', '" ORIGIN "/upload/b530ce8ff'), ('Upload-Limit', 'max-size=1234567890')]" },
    NOTHING,
  };
  gboolean resumable;

  run (kit, "POST", "/project/123/files", "http", 123456789, steps);
  assert_end (kit, TRUE, ORIGIN "/upload/b530ce8ff");
  g_assert_true (g_variant_lookup (kit->response, "resumable", "b", &resumable) && resumable);
}

/* 4.2.3 B: the first part of it. */
static void
test_creation_in_part (Kit *kit, gconstpointer data)
{
  static const Step steps[] = {
    { "OPTIONS " ORIGIN "/upload", -1, NULL, 204,
      "[('Accept-Patch', 'text/x, application/partial-upload'), ('Upload-Limit', "
      "'max-append-size=23456789')]" },
    { "POST " ORIGIN "/upload\nUpload-Complete: ?0\nUpload-Length: 123456789", 23456789,
      "[('Location', '" ORIGIN "/upload/3fd4994ad')]", 201,
      "[('Location', '" ORIGIN "/upload/3fd4994ad'), ('Upload-Limit', 'max-append-size=100000000')]" },
    { "HEAD " ORIGIN "/upload/3fd4994ad", -1, NULL, 204,
      "[('Upload-Complete', '?0'), ('Upload-Offset', '23456789'), ('Upload-Length', '123456789')]" },
    { "PATCH " ORIGIN "/upload/3fd4994ad\nUpload-Complete: ?1\nUpload-Offset: 23456789", 100000000, NULL, 200,
      "[('Upload-Complete', '?1')]" },
    NOTHING,
  };

  run (kit, "POST", "/upload", "http", 123456789, steps);
  assert_end (kit, TRUE, ORIGIN "/upload/3fd4994ad");
  g_assert_cmpuint (kit->restarts, ==, 0);
}

/* 4.2.3 C: the server fails, but had said where it goes on. */
static void
test_creation_fails (Kit *kit, gconstpointer data)
{
  static const Step first[] = {
    CAN,
    { "POST " ORIGIN "/upload\nUpload-Complete: ?1", 123456789, "[('Location', '/upload/0587fa44b')]", 500,
      NULL },
    NOTHING,
  };
  static const Step second[] = {
    { "HEAD " ORIGIN "/upload/0587fa44b", -1, NULL, 204,
      "[('Upload-Complete', '?0'), ('Upload-Offset', '0')]" },
    { "PATCH " ORIGIN "/upload/0587fa44b\nUpload-Complete: ?1\nUpload-Offset: 0", 123456789, NULL, 200,
      "[('Upload-Complete', '?1')]" },
    NOTHING,
  };

  run (kit, "POST", "/upload", "http", 123456789, first);
  assert_end (kit, FALSE, ORIGIN "/upload/0587fa44b");
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
  g_assert_false (kit->record->sealed);
  run (kit, "POST", "/upload", "http", 123456789, second);
  assert_end (kit, TRUE, ORIGIN "/upload/0587fa44b");
}

/* 4.2.3 D: it is refused, and there is nothing to go on with. */
static void
test_creation_refused (Kit *kit, gconstpointer data)
{
  static const Step steps[] = { { "OPTIONS " ORIGIN "/upload-not-allowed", -1, NULL, 204, NULL },
                                { "POST " ORIGIN "/upload-not-allowed", 123456789, NULL, 405, NULL },
                                NOTHING };

  run (kit, "POST", "/upload-not-allowed", "http", 123456789, steps);
  assert_end (kit, FALSE, NULL);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
}

/* 4.3.3 A, 4.4.3: an offset is asked for and gone on from; a wrong one is no end of it. */
static void
test_retrieval (Kit *kit, gconstpointer data)
{
  static const Step first[] = { CAN, LOST ("/upload/c35e2cd29"), NOTHING };
  static const Step second[] = {
    { "HEAD " ORIGIN "/upload/c35e2cd29\nUpload-Draft-Interop-Version: 9", -1, NULL, 204,
      "[('Upload-Complete', '?0'), ('Upload-Offset', '25000000'), ('Upload-Length', '123456789'), "
      "('Upload-Limit', 'max-age=3600'), ('Cache-Control', 'no-store')]" },
    { "PATCH " ORIGIN "/upload/c35e2cd29\nUpload-Complete: ?1\nUpload-Offset: 25000000\n"
      "Content-Type: application/partial-upload",
      98456789, NULL, 409, "[('Upload-Offset', '21728394'), ('Content-Type', 'application/problem+json')]" },
    { "HEAD " ORIGIN "/upload/c35e2cd29", -1, NULL, 204,
      "[('Upload-Complete', '?0'), ('Upload-Offset', '21728394')]" },
    { "PATCH " ORIGIN "/upload/c35e2cd29\nUpload-Complete: ?1\nUpload-Offset: 21728394", 101728395,
      "[('Upload-Offset', '100000000')]", 200,
      "[('Upload-Complete', '?1'), ('Content-Type', 'application/json')]" },
    NOTHING,
  };

  run (kit, "POST", "/upload", "http", 123456789, first);
  assert_end (kit, FALSE, ORIGIN "/upload/c35e2cd29");
  run (kit, "POST", "/upload", "http", 123456789, second);
  assert_end (kit, TRUE, ORIGIN "/upload/c35e2cd29");
  g_assert_cmpuint (kit->restarts, ==, 0);
}

/* 4.3.3 B: there is nothing more to send. */
static void
test_retrieval_complete (Kit *kit, gconstpointer data)
{
  static const Step first[] = { CAN, LOST ("/upload/a9edb781b"), NOTHING };
  static const Step second[] = {
    { "HEAD " ORIGIN "/upload/a9edb781b", -1, NULL, 204,
      "[('Upload-Complete', '?1'), ('Upload-Offset', '123456789'), ('Upload-Length', '123456789')]" },
    NOTHING,
  };
  guint status;

  run (kit, "POST", "/upload", "http", 123456789, first);
  run (kit, "POST", "/upload", "http", 123456789, second);
  assert_end (kit, TRUE, ORIGIN "/upload/a9edb781b");
  g_assert_true (g_variant_lookup (kit->response, "status", "u", &status) && status == 204);
}

/* Nobody who reads along is to be led to send the rest in the clear. */
static void
test_no_place_in_the_clear (Kit *kit, gconstpointer data)
{
  static const Step steps[] = { CAN,
                                { "POST " ORIGIN "/upload", 123456789,
                                  "[('Location', 'http://example.com/upload/1')]", 0, NULL },
                                NOTHING };

  run (kit, "POST", "/upload", "http", 123456789, steps);
  assert_end (kit, FALSE, NULL);
}

/* The example of tus 1.0, and its creation extension. */
static void
test_tus (Kit *kit, gconstpointer data)
{
  static const Step first[] = {
    { "OPTIONS " ORIGIN "/files", -1, NULL, 204,
      "[('Tus-Resumable', '1.0.0'), ('Tus-Version', '1.0.0,0.2.2,0.2.1'), ('Tus-Max-Size', '1073741824'), "
      "('Tus-Extension', 'creation,expiration')]" },
    { "POST " ORIGIN "/files\nUpload-Length: 100\nTus-Resumable: 1.0.0\nUpload-Metadata: filename c291cmNl",
      0, NULL, 201,
      "[('Location', '" ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216'), ('Tus-Resumable', '1.0.0')]" },
    { "HEAD " ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216", -1, NULL, 200, "[('Upload-Offset', '0')]" },
    { "PATCH " ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216", 100, NULL, 0, NULL },
    NOTHING,
  };
  static const Step second[] = {
    { "OPTIONS " ORIGIN "/files", -1, NULL, 204,
      "[('Tus-Version', '1.0.0'), ('Tus-Extension', 'creation')]" },
    { "HEAD " ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216\nTus-Resumable: 1.0.0", -1, NULL, 200,
      "[('Upload-Offset', '70'), ('Tus-Resumable', '1.0.0')]" },
    { "PATCH " ORIGIN
      "/files/24e533e02ec3bc40c387f1a0e460e216\nContent-Type: application/offset+octet-stream\n"
      "Upload-Offset: 70\nTus-Resumable: 1.0.0",
      30, NULL, 204, "[('Tus-Resumable', '1.0.0'), ('Upload-Offset', '100')]" },
    NOTHING,
  };

  run (kit, "PUT", "/files", "tus", 100, first);
  assert_end (kit, FALSE, ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216");
  run (kit, "PUT", "/files", "tus", 100, second);
  assert_end (kit, TRUE, ORIGIN "/files/24e533e02ec3bc40c387f1a0e460e216");
}

/* The checksum extension, over a part that is known; what the server has dropped since (expiration) begins
 * again. */
static void
test_tus_checksum (Kit *kit, gconstpointer data)
{
  static const Step steps[] = {
    { "OPTIONS " ORIGIN "/files", -1, NULL, 204,
      "[('Tus-Version', '1.0.0'), ('Tus-Extension', 'creation,checksum'), ('Tus-Checksum-Algorithm', "
      "'md5,sha1')]" },
    { "POST " ORIGIN "/files", 0, NULL, 201, "[('Location', '/files/1')]" },
    { "HEAD " ORIGIN "/files/1", -1, NULL, 410, NULL },
    { "POST " ORIGIN "/files", 0, NULL, 201, "[('Location', '/files/2')]" },
    { "HEAD " ORIGIN "/files/2", -1, NULL, 200, "[('Upload-Offset', '0')]" },
    { "PATCH " ORIGIN "/files/2\nUpload-Checksum: sha1 7Up30bVqEYk4eI/FMDd1m2xQHj0=", 100, NULL, 460, NULL },
    { "HEAD " ORIGIN "/files/2", -1, NULL, 200, "[('Upload-Offset', '0')]" },
    { "PATCH " ORIGIN "/files/2\nUpload-Checksum: sha1 7Up30bVqEYk4eI/FMDd1m2xQHj0=", 100, NULL, 204,
      "[('Upload-Offset', '100')]" },
    NOTHING,
  };

  run (kit, "PUT", "/files", "tus", 100, steps);
  assert_end (kit, TRUE, ORIGIN "/files/2");
  g_assert_cmpuint (kit->restarts, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/upload-resume/" name, Kit, NULL, set_up, func, tear_down)
  ADD ("creation", test_creation);
  ADD ("creation-in-part", test_creation_in_part);
  ADD ("creation-fails", test_creation_fails);
  ADD ("creation-refused", test_creation_refused);
  ADD ("retrieval", test_retrieval);
  ADD ("retrieval-complete", test_retrieval_complete);
  ADD ("no-place-in-the-clear", test_no_place_in_the_clear);
  ADD ("tus", test_tus);
  ADD ("tus-checksum", test_tus_checksum);
  return g_test_run ();
}
