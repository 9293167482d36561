/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sys/resource.h>

#include "ferryd-fake-transport.h"
#include "ferryd-sink-kit.h"
#include "ferryd-transfer.h"

/* One attempt against a scripted server: a real sink in a real folder, no thread, no network. */

#define KIB 1024

/* More than the overlap that is compared where there is no strong validator. */
#define SIZE ((guint64) 300 * KIB)

typedef struct
{
  FerrydSinkKit sink;
  FerrydFakeTransport *transport; /* (owned) */
  FerrydIoThread *io;             /* (owned): inline */
  FerrydMeter *meter;             /* (owned) */
  GPtrArray *fetches;             /* (owned) (element-type GString): "first-last if-range" of each */

  /* the server */
  guint64 size;          /* of what it has */
  guint64 shift;         /* which bytes it has: another shift, another file */
  const char *validator; /* strong */
  const char *etag;      /* as sent */
  gboolean says_size;
  gboolean ranges;       /* it honours Range */
  guint64 cut;           /* sends no more than this of a body; 0: all */
  FerrydBodyEnd end;     /* what the transport makes of the end of a body without a length */
  guint changes;         /* after this many fetches the file is another one */
  gboolean proceed_late; /* the test itself proceeds after a reset */

  /* the outcome */
  FerrydAttempt *transfer; /* (owned) */
  GString *events;         /* (owned): a letter for each */
  FerrydProgressRecord *record;
  FerrydFailure *failure;
  guint restarts;
  gboolean over;
} Kit;

static guint8 *
server_bytes (const Kit *kit, guint64 start, guint64 end)
{
  return ferryd_sink_kit_bytes (start + kit->shift, end + kit->shift);
}

static void
serve (FerrydFetch *fetch, gpointer data)
{
  Kit *kit = data;
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);
  gboolean ranged = request->first > 0 || request->last >= 0;
  gboolean matches = request->if_range == NULL || g_strcmp0 (request->if_range, kit->validator) == 0;
  guint64 first = 0, end = kit->size;
  FerrydAnswer answer = {
    .kind = FERRYD_ANSWER_WHOLE, .status = 200, .uri = request->uri, .suggested_name = "f"
  };
  g_autofree guint8 *bytes = NULL;

  g_ptr_array_add (kit->fetches,
                   g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " %s", request->first,
                                    request->last, request->if_range ? request->if_range : ""));
  if (kit->changes > 0 && kit->fetches->len > kit->changes)
    kit->shift = kit->fetches->len * 1000;
  if (ranged && kit->ranges && matches)
    {
      if ((guint64) request->first >= kit->size)
        {
          answer.kind = FERRYD_ANSWER_NOTHING_BEYOND;
          answer.status = 416;
        }
      else
        {
          answer.kind = FERRYD_ANSWER_PART;
          answer.status = 206;
        }
      first = MIN ((guint64) request->first, kit->size);
      end = request->last >= 0 ? (guint64) request->last + 1 : kit->size;
    }
  answer.headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  answer.first = (gint64) first;
  answer.total = kit->says_size || answer.status == 416 ? (gint64) kit->size : -1;
  answer.length = answer.total >= 0 ? (gint64) (end - first) : -1;
  answer.validator = kit->validator;
  answer.etag = kit->etag;
  answer.resumable = kit->ranges;
  ferryd_fake_fetch_answer (fetch, &answer);
  g_variant_unref (answer.headers);
  if (kit->cut > 0 && end - first > kit->cut)
    end = first + kit->cut;
  bytes = server_bytes (kit, first, end);
  if (end > first)
    ferryd_fake_fetch_body (fetch, first, bytes, end - first);
  if (answer.length >= 0 && kit->cut > 0)
    ferryd_fake_fetch_fail (
        fetch, ferryd_failure_new (FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY, "cut"));
  else
    ferryd_fake_fetch_end (fetch, answer.length >= 0 ? FERRYD_BODY_END_PROVED : kit->end);
}

static void
on_event (FerrydAttempt *transfer, FerrydTransferEvent *event, gpointer user_data)
{
  Kit *kit = user_data;

  g_string_append_c (kit->events, "ARcCoPUFS"[event->kind]);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  kit->record = g_steal_pointer (&event->record);
  kit->restarts = event->restarts;
  if (event->kind == FERRYD_TRANSFER_RESET && !kit->proceed_late)
    ferryd_attempt_proceed (transfer);
  if (event->kind == FERRYD_TRANSFER_FAILED)
    kit->failure = g_steal_pointer (&event->failure);
  kit->over = event->kind >= FERRYD_TRANSFER_PUBLISHED || event->kind == FERRYD_TRANSFER_COMPLETE;
}

static void
set_up (Kit *kit, gconstpointer data)
{
  ferryd_sink_kit_set_up (&kit->sink, data);
  kit->transport = ferryd_fake_transport_new ();
  ferryd_fake_transport_set_server (kit->transport, serve, kit);
  kit->io = ferryd_io_thread_new_inline ();
  kit->fetches = g_ptr_array_new_with_free_func (g_free);
  kit->events = g_string_new (NULL);
  kit->size = SIZE;
  kit->validator = kit->etag = "\"one\"";
  kit->says_size = TRUE;
  kit->ranges = TRUE;
}

static void
tear_down (Kit *kit, gconstpointer data)
{
  g_clear_pointer (&kit->transfer, ferryd_attempt_unref);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_pointer (&kit->meter, ferryd_meter_unref);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_ptr_array_unref (kit->fetches);
  g_string_free (kit->events, TRUE);
  g_object_unref (kit->transport);
  ferryd_io_thread_free (kit->io);
  ferryd_sink_kit_tear_down (&kit->sink, data);
}

static void
start (Kit *kit, const char *options)
{
  g_autoptr (GVariant) parsed =
      g_variant_ref_sink (g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, NULL));
  g_autofree char *destination = g_build_filename (kit->sink.folder, "f", NULL);
  FerrydTransferSpec *spec = g_new0 (FerrydTransferSpec, 1);

  spec->id = kit->sink.id;
  spec->application = g_strdup ("");
  spec->request = ferryd_request_new (FERRY_KIND_DOWNLOAD, "http://host/f", destination, parsed, NULL);
  spec->request->target = ferryd_destination_resolve (destination, FERRY_EXISTS_REPLACE, NULL, NULL);
  g_assert_nonnull (spec->request->target);
  spec->record = kit->record != NULL ? g_steal_pointer (&kit->record) : ferryd_progress_record_new ();
  spec->journal_directory = g_strdup (kit->sink.journal);
  g_clear_pointer (&kit->meter, ferryd_meter_unref);
  kit->meter = ferryd_meter_new ();
  kit->over = FALSE;
  g_ptr_array_set_size (kit->fetches, 0);
  g_string_truncate (kit->events, 0);
  g_clear_pointer (&kit->transfer, ferryd_attempt_unref);
  kit->transfer =
      ferryd_transfer_start (kit->io, FERRYD_TRANSPORT (kit->transport), spec, kit->meter, on_event, kit);
}

static void
wait (Kit *kit)
{
  while (!kit->over)
    g_main_context_iteration (NULL, TRUE);
}

static void
run (Kit *kit, const char *options)
{
  start (kit, options);
  wait (kit);
}

/* The last step, as the main thread has it done; then the file has to be the server's. */
static void
publish_and_compare (Kit *kit)
{
  g_autofree char *path = ferryd_sink_kit_path (&kit->sink, "f");
  g_autofree guint8 *expected = server_bytes (kit, 0, kit->size);
  g_autofree char *found = NULL;
  gsize length;

  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'C');
  g_assert_true (kit->record->complete);
  kit->over = FALSE;
  ferryd_attempt_publish (kit->transfer, "f", FALSE);
  wait (kit);
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'P');
  g_assert_true (g_file_get_contents (path, &found, &length, NULL));
  g_assert_cmpmem (found, length, expected, kit->size);
}

static void
assert_fetch (const Kit *kit, guint nth, const char *expected)
{
  g_assert_cmpuint (nth, <, kit->fetches->len);
  g_assert_cmpstr (g_ptr_array_index (kit->fetches, nth), ==, expected);
}

/* Holds the first half after an attempt that lost its connection. */
static void
fetch_half (Kit *kit)
{
  kit->cut = SIZE / 2;
  run (kit, "{}");
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'F');
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_assert_cmpuint (ferryd_ranges_prefix (kit->record->ranges), ==, SIZE / 2);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  kit->cut = 0;
}

static void
test_whole (Kit *kit, gconstpointer data)
{
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_fetch (kit, 0, "0--1 ");
  g_assert_true (kit->record->complete_proved);
  g_assert_cmpuint (kit->restarts, ==, 0);
  publish_and_compare (kit);
}

static void
test_empty (Kit *kit, gconstpointer data)
{
  kit->size = 0;
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  publish_and_compare (kit);
}

static void
test_resume (Kit *kit, gconstpointer data)
{
  fetch_half (kit);
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_fetch (kit, 0, "153600--1 \"one\"");
  g_assert_cmpuint (kit->restarts, ==, 0);
  publish_and_compare (kit);
}

static void
test_changed (Kit *kit, gconstpointer data)
{
  fetch_half (kit);
  kit->validator = kit->etag = "\"two\"";
  kit->shift = 7;
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpuint (kit->restarts, ==, 1);
  g_assert_cmpstr (kit->record->validator, ==, "\"two\"");
  publish_and_compare (kit);
}

/* Nothing may be written before the reset is durable: a kill must not find new bytes under the old validator.
 */
static void
test_reset_waits (Kit *kit, gconstpointer data)
{
  g_autofree guint8 *old = server_bytes (kit, 0, SIZE / 2);
  g_autofree char *found = NULL;
  gsize length;

  fetch_half (kit);
  kit->validator = kit->etag = "\"two\"";
  kit->shift = 7;
  kit->proceed_late = TRUE;
  start (kit, "{}");
  while (strchr (kit->events->str, 'R') == NULL)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (g_file_get_contents (kit->sink.part, &found, &length, NULL));
  g_assert_cmpmem (found, length, old, SIZE / 2);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 0);
  ferryd_attempt_proceed (kit->transfer);
  wait (kit);
  publish_and_compare (kit);
}

static void
test_weak_same (Kit *kit, gconstpointer data)
{
  kit->validator = NULL;
  kit->etag = "W/\"one\"";
  fetch_half (kit);
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_fetch (kit, 0, "88064--1 ");
  g_assert_cmpuint (kit->restarts, ==, 0);
  publish_and_compare (kit);
}

static void
test_weak_other (Kit *kit, gconstpointer data)
{
  kit->validator = NULL;
  kit->etag = NULL;
  fetch_half (kit);
  kit->shift = 7;
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  assert_fetch (kit, 1, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  publish_and_compare (kit);
}

static void
test_weak_no_length (Kit *kit, gconstpointer data)
{
  kit->validator = kit->etag = NULL;
  kit->says_size = FALSE;
  kit->cut = SIZE / 2;
  kit->end = FERRYD_BODY_END_DOUBTFUL;
  run (kit, "{}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  kit->cut = 0;
  kit->end = FERRYD_BODY_END_PROVED;
  run (kit, "{}");
  assert_fetch (kit, 0, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  publish_and_compare (kit);
}

static void
test_keeps_changing (Kit *kit, gconstpointer data)
{
  kit->validator = kit->etag = NULL;
  fetch_half (kit);
  kit->changes = 0;
  kit->ranges = FALSE;
  kit->cut = SIZE / 2;
  for (guint i = 0; i < 3; i++)
    {
      g_clear_pointer (&kit->failure, ferryd_failure_free);
      run (kit, "{}");
      g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
      g_assert_cmpuint (kit->restarts, ==, 1);
    }
}

static void
test_unproved_repeat (Kit *kit, gconstpointer data)
{
  kit->says_size = FALSE;
  kit->validator = kit->etag = NULL;
  kit->end = FERRYD_BODY_END_UNPROVED;
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  g_assert_true (kit->record->complete_proved);
  publish_and_compare (kit);
}

static void
test_unproved_differs (Kit *kit, gconstpointer data)
{
  kit->says_size = FALSE;
  kit->validator = kit->etag = NULL;
  kit->end = FERRYD_BODY_END_UNPROVED;
  kit->changes = 1;
  run (kit, "{}");
  g_assert_false (kit->record->complete_proved);
  kit->shift = 0;
  publish_and_compare (kit);
}

static void
test_doubtful (Kit *kit, gconstpointer data)
{
  kit->says_size = FALSE;
  kit->validator = kit->etag = NULL;
  kit->end = FERRYD_BODY_END_DOUBTFUL;
  run (kit, "{}");
  g_assert_cmpint (kit->events->str[kit->events->len - 1], ==, 'F');
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_DISCONNECTED);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_RETRY);
}

/* With a validator the server can be asked what comes behind the end. */
static void
test_beyond (Kit *kit, gconstpointer data)
{
  kit->says_size = FALSE;
  kit->end = FERRYD_BODY_END_DOUBTFUL;
  run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  assert_fetch (kit, 1, "307200--1 \"one\"");
  g_assert_true (kit->record->complete_proved);
  publish_and_compare (kit);
}

static void
test_expected_size (Kit *kit, gconstpointer data)
{
  guint status = 0;

  run (kit, "{'expected-size': <uint64 5>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
  g_assert_nonnull (kit->failure->response);
  g_assert_true (g_variant_lookup (kit->failure->response, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, 0);
}

static void
test_expected_size_without_length (Kit *kit, gconstpointer data)
{
  kit->says_size = FALSE;
  kit->end = FERRYD_BODY_END_PROVED;
  run (kit, "{'expected-size': <uint64 400000>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  run (kit, "{'expected-size': <uint64 1000>}");
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
}

/* A failure between the new answer and the emptied file must not leave the old bytes under the new validator.
 */
static void
test_changed_and_too_large (Kit *kit, gconstpointer data)
{
  struct rlimit before, limit;

  fetch_half (kit);
  kit->validator = kit->etag = "\"two\"";
  kit->shift = 7;
  kit->size = 3 * SIZE;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = (struct rlimit){ .rlim_cur = 2 * SIZE, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  run (kit, "{}");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_FILE_TOO_LARGE);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
  g_assert_true (ferryd_ranges_total (kit->record->ranges) == 0 ||
                 g_str_equal (kit->record->validator, "\"one\""));
  run (kit, "{}");
  publish_and_compare (kit);
}

static void
test_checksum (Kit *kit, gconstpointer data)
{
  g_autofree guint8 *bytes = server_bytes (kit, 0, SIZE);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, SIZE);
  g_autofree char *right = g_strdup_printf ("{'checksum': <'sha256:%s'>}", hex);

  fetch_half (kit);
  run (kit, right);
  publish_and_compare (kit);
}

static void
test_checksum_wrong (Kit *kit, gconstpointer data)
{
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autofree char *wrong = g_strdup_printf ("{'checksum': <'sha256:%s'>}", zeros);

  run (kit, wrong);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
}

static void
test_stop (Kit *kit, gconstpointer data)
{
  start (kit, "{}");
  ferryd_attempt_stop (kit->transfer);
  wait (kit);
  g_assert_cmpstr (kit->events->str, ==, "S");
  run (kit, "{}");
  publish_and_compare (kit);
}

/* A kill between the last step and its record: the work is done already, and nothing is asked of the server.
 */
static void
test_published_already (Kit *kit, gconstpointer data)
{
  g_autoptr (FerrydProgressRecord) finalizing = NULL;

  run (kit, "{}");
  finalizing = ferryd_progress_record_copy (kit->record);
  finalizing->publish_name = g_strdup ("f");
  publish_and_compare (kit);
  g_clear_pointer (&kit->record, ferryd_progress_record_free);
  kit->record = g_steal_pointer (&finalizing);
  run (kit, "{}");
  g_assert_cmpstr (kit->events->str, ==, "P");
  g_assert_cmpuint (kit->fetches->len, ==, 0);
}

static void
test_part_lost (Kit *kit, gconstpointer data)
{
  fetch_half (kit);
  g_assert_cmpint (g_unlink (kit->sink.part), ==, 0);
  run (kit, "{}");
  assert_fetch (kit, 0, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  publish_and_compare (kit);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *path;
    void (*function) (Kit *, gconstpointer);
  } tests[] = {
    { "/transfer/whole", test_whole },
    { "/transfer/empty", test_empty },
    { "/transfer/resume", test_resume },
    { "/transfer/changed", test_changed },
    { "/transfer/reset-waits", test_reset_waits },
    { "/transfer/changed-and-too-large", test_changed_and_too_large },
    { "/transfer/weak/same", test_weak_same },
    { "/transfer/weak/other", test_weak_other },
    { "/transfer/weak/no-length", test_weak_no_length },
    { "/transfer/no-ranges", test_keeps_changing },
    { "/transfer/end/unproved", test_unproved_repeat },
    { "/transfer/end/unproved-differs", test_unproved_differs },
    { "/transfer/end/doubtful", test_doubtful },
    { "/transfer/end/beyond", test_beyond },
    { "/transfer/expected-size", test_expected_size },
    { "/transfer/expected-size/without-length", test_expected_size_without_length },
    { "/transfer/checksum", test_checksum },
    { "/transfer/checksum/wrong", test_checksum_wrong },
    { "/transfer/stop", test_stop },
    { "/transfer/published-already", test_published_already },
    { "/transfer/part-lost", test_part_lost },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Kit, NULL, set_up, tests[i].function, tear_down);
  return g_test_run ();
}
