/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/stat.h>
#include <unistd.h>

#include "ferryd-queue-kit.h"

/* What the queue does for downloads that are fetched in parts: connections that are lent, what is wanted
 * first, and a result that is there from the beginning. */

typedef FerrydQueueKit Kit;

#define TOTAL (32 * 1024 * 1024)
#define PIECE (64 * 1024)

/* A part of something large, of which hardly anything comes. */
static void
answer (FerrydFetch *fetch)
{
  const FerrydFetchRequest *request = ferryd_fake_fetch_get_request (fetch);
  gboolean part = request->ranged || request->first > 0;
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  g_autofree guint8 *bytes = g_malloc0 (PIECE);
  const FerrydAnswer answer = {
    .kind = part ? FERRYD_ANSWER_PART : FERRYD_ANSWER_WHOLE,
    .status = part ? 206 : 200,
    .uri = request->uri,
    .headers = headers,
    .first = request->first,
    .length = (request->last >= 0 ? request->last + 1 : TOTAL) - request->first,
    .total = TOTAL,
    .validator = "\"v\"",
    .etag = "\"v\"",
    .resumable = TRUE,
    .suggested_name = "f",
  };

  ferryd_fake_fetch_answer (fetch, &answer);
  ferryd_fake_fetch_body (fetch, (guint64) request->first, bytes, PIECE);
}

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
}

static void
forget_signals (Kit *kit)
{
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
}

static guint
count_open (Kit *kit, guint until)
{
  guint n = 0;

  for (guint i = 0; i < until; i++)
    n += !ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, i));
  return n;
}

/* Six connections to a host are allowed: one operation has all of them until another wants to run, and again
 * when that one has ended. */
static void
test_lent (Kit *kit, gconstpointer data)
{
  FerrydId wide = ferryd_queue_kit_run (kit, "wide", "{'connections': <uint32 16>}");
  g_autoptr (GBytes) content = g_bytes_new_static ("small", 5);
  FerrydId other;

  for (guint i = 0; i < 6; i++)
    answer (ferryd_queue_kit_fetch (kit, i));
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 6);
  forget_signals (kit);

  other = ferryd_queue_kit_create (kit, "other", "{}");
  do_verb (kit, &other, FERRY_VERB_START);
  ferryd_queue_kit_wait_state (kit, &other, FERRY_STATE_RUNNING);
  ferryd_queue_kit_fetch (kit, 6);
  g_assert_cmpuint (count_open (kit, 6), ==, 5);
  g_assert_false (ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, 0)));
  ferryd_fake_fetch_serve (ferryd_queue_kit_fetch (kit, 6), content, "\"s\"");
  ferryd_queue_kit_wait_state (kit, &other, FERRY_STATE_COMPLETED);
  answer (ferryd_queue_kit_fetch (kit, 7));
  g_assert_cmpuint (count_open (kit, 8), ==, 7);
  do_verb (kit, &wide, FERRY_VERB_CANCEL);
  forget_signals (kit);
}

typedef struct
{
  GAsyncResult *result; /* (owned) (nullable) */
} Reply;

static void
keep (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reply *reply = user_data;

  reply->result = g_object_ref (result);
}

static GAsyncResult *
wait_for (Reply *reply)
{
  while (reply->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return reply->result;
}

static gboolean
prioritize (Kit *kit, const FerrydId *id, guint64 offset, GError **error)
{
  Reply reply = { NULL };
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_prioritize_async (kit->queue, id, offset, keep, &reply);
  result = wait_for (&reply);
  return ferryd_queue_prioritize_finish (kit->queue, result, error);
}

static int
open_result (Kit *kit, const FerrydId *id)
{
  Reply reply = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  ferryd_queue_open_result_async (kit->queue, id, keep, &reply);
  result = wait_for (&reply);
  fd = ferryd_queue_open_result_finish (kit->queue, result, &error);
  g_assert_no_error (error);
  return fd;
}

/* Said before it is started, kept over a restart, and changed while it runs. */
static void
test_prioritize (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "f", "{'random-access': <true>}");
  g_autoptr (GError) error = NULL;

  g_assert_true (prioritize (kit, &id, 1000000, &error));
  forget_signals (kit);
  ferryd_queue_kit_restart (kit);
  do_verb (kit, &id, FERRY_VERB_START);
  answer (ferryd_queue_kit_fetch (kit, 0));
  g_assert_cmpint (ferryd_fake_fetch_get_request (ferryd_queue_kit_fetch (kit, 0))->first, ==, 1000000);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
  g_assert_true (prioritize (kit, &id, 20000000, &error));
  answer (ferryd_queue_kit_fetch (kit, 1));
  g_assert_cmpint (ferryd_fake_fetch_get_request (ferryd_queue_kit_fetch (kit, 1))->first, ==, 20000000);
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, 0)));
  g_assert_false (prioritize (kit, &id, TOTAL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  do_verb (kit, &id, FERRY_VERB_CANCEL);
  g_assert_false (prioritize (kit, &id, 5, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  forget_signals (kit);
}

/* The same file before Start, after a restart, while it waits and while it runs. */
static void
test_result_from_the_beginning (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "f", "{'random-access': <true>}");
  struct stat first, again;
  int fd = open_result (kit, &id);

  g_assert_cmpint (fstat (fd, &first), ==, 0);
  g_assert_cmpint (first.st_size, ==, 0);
  forget_signals (kit);
  ferryd_queue_kit_restart (kit);
  do_verb (kit, &id, FERRY_VERB_START);
  answer (ferryd_queue_kit_fetch (kit, 0));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
  close (fd);
  fd = open_result (kit, &id);
  g_assert_cmpint (fstat (fd, &again), ==, 0);
  g_assert_cmpuint (again.st_ino, ==, first.st_ino);
  g_assert_cmpint (again.st_size, ==, PIECE);
  close (fd);
  do_verb (kit, &id, FERRY_VERB_CANCEL);
  forget_signals (kit);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 0);
}

/* However it falls together with a start: never two files. */
static void
test_result_and_start (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "f", "{'random-access': <true>}");
  Reply early = { NULL }, late = { NULL };
  g_autoptr (GAsyncResult) early_result = NULL;
  g_autoptr (GAsyncResult) late_result = NULL;
  g_autoptr (GError) error = NULL;
  struct stat one, other;
  int fds[2];

  ferryd_queue_open_result_async (kit->queue, &id, keep, &early);
  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_open_result_async (kit->queue, &id, keep, &late);
  early_result = wait_for (&early);
  late_result = wait_for (&late);
  fds[0] = ferryd_queue_open_result_finish (kit->queue, early_result, &error);
  g_assert_no_error (error);
  fds[1] = ferryd_queue_open_result_finish (kit->queue, late_result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fstat (fds[0], &one), ==, 0);
  g_assert_cmpint (fstat (fds[1], &other), ==, 0);
  g_assert_cmpuint (one.st_ino, ==, other.st_ino);
  answer (ferryd_queue_kit_fetch (kit, 0));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (fstat (fds[0], &one), ==, 0);
  g_assert_cmpint (one.st_size, ==, PIECE);
  close (fds[0]);
  close (fds[1]);
  do_verb (kit, &id, FERRY_VERB_CANCEL);
  forget_signals (kit);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *path;
    void (*function) (Kit *, gconstpointer);
  } tests[] = {
    { "/queue-parts/lent", test_lent },
    { "/queue-parts/prioritize", test_prioritize },
    { "/queue-parts/result/from-the-beginning", test_result_from_the_beginning },
    { "/queue-parts/result/and-start", test_result_and_start },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Kit, NULL, ferryd_queue_kit_set_up, tests[i].function,
                ferryd_queue_kit_tear_down);
  return g_test_run ();
}
