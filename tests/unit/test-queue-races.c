/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define URI "http://server.example/file"
#define SIZE 200000 /* bytes; several pieces */

/* More than there is room on a stack for, if each were called from within the one before. */
#define MANY 100000

/* As in ferryd-queue-end.c: how long a full disk is waited for. */
#define DISK_FULL_STEP (30 * G_TIME_SPAN_SECOND)
#define DISK_FULL_LOOKS (24 * 120)

typedef FerrydQueueKit Kit;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Begins a call, so that something else can come in between. */
static void
begin_verb (Kit *kit, const FerrydId *id, FerryVerb verb, GAsyncResult **result)
{
  ferryd_queue_verb_async (kit->queue, id, verb, keep_result, result);
}

static void
end_verb (Kit *kit, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  ferryd_queue_verb_finish (kit->queue, *result, &error);
  g_assert_no_error (error);
  g_clear_object (result);
}

static void
wait_held (Kit *kit, guint n)
{
  while (ferryd_fake_store_count_held (kit->store) < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
skip_all (Kit *kit)
{
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "added");
  ferryd_signal_log_skip (kit->log, "changed");
  ferryd_signal_log_skip (kit->log, "ended");
  ferryd_signal_log_skip (kit->log, "removed");
}

static GBytes *
make_content (char seed)
{
  g_autofree char *content = g_malloc (SIZE);

  memset (content, seed, SIZE);
  return g_bytes_new (content, SIZE);
}

static void
serve (FerrydFetch *fetch, char seed, const char *validator)
{
  g_autoptr (GBytes) content = make_content (seed);

  ferryd_fake_fetch_serve (fetch, content, validator);
}

/* The beginning of an answer, and nothing behind it. */
static void
answer (FerrydFetch *fetch, const char *validator, guint received)
{
  g_autoptr (GBytes) content = make_content ('a');
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  const FerrydAnswer whole = { .kind = FERRYD_ANSWER_WHOLE,
                               .status = 200,
                               .uri = URI,
                               .headers = headers,
                               .length = SIZE,
                               .total = SIZE,
                               .validator = validator,
                               .etag = validator,
                               .resumable = TRUE,
                               .suggested_name = "served" };

  ferryd_fake_fetch_answer (fetch, &whole);
  if (received > 0)
    ferryd_fake_fetch_body (fetch, 0, g_bytes_get_data (content, NULL), received);
}

/* What cannot be recorded is warned of. */
static GLogLevelFlags
expect_warnings (void)
{
  return g_log_set_always_fatal (G_LOG_FATAL_MASK);
}

/* The news of an attempt do not write the old state over a new one that is not in memory yet. */
static void
test_pause_stays_recorded (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_fake_store_hold (kit->store);
  begin_verb (kit, &id, FERRY_VERB_PAUSE, &result);
  answer (fetch, "\"v\"", 100);
  wait_held (kit, 2);
  ferryd_fake_store_release (kit->store);
  end_verb (kit, &result);
  skip_all (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_PAUSED_BY_APPLICATION);
  g_assert_cmpint (ferryd_fake_store_peek (kit->store, &id)->state, ==, FERRY_STATE_PAUSED_BY_APPLICATION);
}

/* The same for what an attempt records that had to stop anyway. */
static void
test_cancel_stays_recorded (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  g_autoptr (GAsyncResult) result = NULL;

  answer (ferryd_queue_kit_fetch (kit, 0), "\"v\"", 100);
  ferryd_queue_kit_settle (kit);
  begin_verb (kit, &id, FERRY_VERB_CANCEL, &result);
  ferryd_fake_store_hold (kit->store);
  ferryd_fake_network_monitor_set_connectivity (kit->network, FERRY_CONNECTIVITY_NONE);
  wait_held (kit, 2);
  ferryd_fake_store_release (kit->store);
  end_verb (kit, &result);
  skip_all (kit);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_CANCELED);
  g_assert_cmpint (ferryd_fake_store_peek (kit->store, &id)->state, ==, FERRY_STATE_CANCELED);
}

/* The record that cancels takes the secrets with it: what comes behind may be lost. */
static void
test_cancel_without_secrets (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{'headers': <[('Cookie', 'c')]>}");
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_nonnull (ferryd_fake_store_peek (kit->store, &id)->secrets);
  begin_verb (kit, &id, FERRY_VERB_CANCEL, &result);
  while (ferryd_fake_store_peek (kit->store, &id)->state != FERRY_STATE_CANCELED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (ferryd_fake_store_peek (kit->store, &id)->secrets);
  end_verb (kit, &result);
  skip_all (kit);
}

/* Ends in order while the name of a complete file is being recorded, and goes on with that. */
static void
test_close_while_naming (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);

  ferryd_queue_kit_settle (kit);
  ferryd_fake_store_hold (kit->store);
  serve (fetch, 'a', "\"v\"");
  wait_held (kit, 2);
  skip_all (kit);
  ferryd_queue_kit_restart (kit);
  ferryd_fake_store_release (kit->store);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_COMPLETED);
  skip_all (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 1);
}

/* The same while a failure is being recorded: that is waited for. */
static void
test_close_while_failing (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  ferryd_queue_kit_settle (kit);
  ferryd_fake_store_hold (kit->store);
  ferryd_fake_fetch_fail (ferryd_queue_kit_fetch (kit, 0),
                          ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL, "No"));
  wait_held (kit, 1);
  ferryd_queue_kit_restart (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_ERROR);
}

/* The same while a completion waits to be recorded once more: the next start finds it out. */
static void
test_close_while_completing (Kit *kit, gconstpointer data)
{
  g_autofree char *path = ferryd_queue_kit_path (kit, "file");
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  GLogLevelFlags fatal = expect_warnings ();

  serve (ferryd_queue_kit_fetch (kit, 0), 'a', "\"v\"");
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_main_context_iteration (NULL, TRUE);
  ferryd_fake_store_fail_next (kit->store);
  while (ferryd_fake_clock_next_alarm (kit->clock) != 5 * G_TIME_SPAN_SECOND)
    g_main_context_iteration (NULL, TRUE);
  g_log_set_always_fatal (fatal);
  skip_all (kit);
  ferryd_queue_kit_restart (kit);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_COMPLETED);
  skip_all (kit);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
}

/* Runs, and asks for beginning again from nothing to be recorded. */
static FerrydId
begin_again (Kit *kit)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);

  answer (fetch, "\"v\"", 100);
  ferryd_fake_fetch_fail (
      fetch, ferryd_failure_new (FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY, "It did not work"));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_QUEUED);
  ferryd_queue_kit_settle (kit);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  fetch = ferryd_queue_kit_fetch (kit, 1);
  skip_all (kit);
  ferryd_fake_store_hold (kit->store);
  answer (fetch, "\"w\"", 0);
  wait_held (kit, 1);
  return id;
}

/* What cannot be recorded stops the attempt; who cancels meanwhile does not wait for it for ever. */
static void
test_cancel_while_resetting (Kit *kit, gconstpointer data)
{
  FerrydId id = begin_again (kit);
  g_autoptr (GAsyncResult) result = NULL;

  begin_verb (kit, &id, FERRY_VERB_CANCEL, &result);
  ferryd_fake_store_fail_next (kit->store);
  ferryd_fake_store_release (kit->store);
  end_verb (kit, &result);
  skip_all (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_CANCELED);
}

/* However many wait for their turn, each gets it. */
static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *answered = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (ferryd_queue_verb_finish (FERRYD_QUEUE (source), result, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  (*answered)++;
}

static void
test_many_turns (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (GAsyncResult) result = NULL;
  guint answered = 0;

  begin_verb (kit, &id, FERRY_VERB_CANCEL, &result);
  for (guint i = 0; i < MANY; i++)
    ferryd_queue_verb_async (kit->queue, &id, FERRY_VERB_PAUSE, on_answered, &answered);
  end_verb (kit, &result);
  while (answered < MANY)
    g_main_context_iteration (NULL, TRUE);
  skip_all (kit);
}

/* A server that answers has not made space; the day of waiting goes on. */
static void
test_disk_stays_full (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  for (guint i = 0; i <= DISK_FULL_LOOKS; i++)
    {
      FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, i);

      answer (fetch, "\"v\"", 0);
      ferryd_fake_fetch_fail (
          fetch, ferryd_failure_new (FERRY_TRANSFER_ERROR_DISK_FULL, FERRYD_REMEDY_DISK_FULL, "Full"));
      while (ferryd_queue_kit_state (kit, &id) == FERRY_STATE_RUNNING)
        g_main_context_iteration (NULL, TRUE);
      skip_all (kit);
      if (i < DISK_FULL_LOOKS)
        ferryd_queue_kit_assert_causes (kit, &id, FERRYD_CAUSE (FERRY_CAUSE_DISK_FULL));
      ferryd_fake_clock_advance (kit->clock, DISK_FULL_STEP);
    }
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_ERROR);
  skip_all (kit);
}

/* What is being created has not ended, however much of it there is. */
static void
test_create_while_purging (Kit *kit, gconstpointer data)
{
  FerrydId ended = ferryd_queue_kit_create (kit, "ended", "{}");
  g_autoptr (GAsyncResult) canceled = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GPtrArray) answered = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *creations = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);

  begin_verb (kit, &ended, FERRY_VERB_CANCEL, &canceled);
  end_verb (kit, &canceled);
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *leaf = g_strdup_printf ("new-%u", i);

      g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, leaf, "{}"));
    }
  ferryd_fake_store_hold (kit->store);
  ferryd_queue_create_async (kit->queue, APP, creations, keep_result, &created);
  wait_held (kit, 1);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_HOUR);
  ferryd_queue_kit_settle (kit);
  ferryd_fake_store_release (kit->store);
  while (created == NULL)
    g_main_context_iteration (NULL, TRUE);
  answered = ferryd_queue_create_finish (kit->queue, created, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 0);
  skip_all (kit);
  g_assert_true (ferryd_queue_contains (kit->queue, &ended));
}

/* Who resumes has its destination at once, not when that is recorded, nor when its request has been read. */
static void
test_resume_claims (Kit *kit, gconstpointer options)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", options);
  g_autoptr (GAsyncResult) resumed = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GPtrArray) answered = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *creations = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);

  ferryd_fake_fetch_fail (ferryd_queue_kit_fetch (kit, 0),
                          ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL, "No"));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_ERROR);
  skip_all (kit);
  ferryd_fake_store_hold (kit->store);
  begin_verb (kit, &id, FERRY_VERB_RESUME, &resumed);
  g_ptr_array_add (creations, ferryd_queue_kit_ask (kit, URI, "file", "{}"));
  ferryd_queue_create_async (kit->queue, APP, creations, keep_result, &created);
  while (created == NULL && ferryd_fake_store_count_held (kit->store) < 2)
    g_main_context_iteration (NULL, TRUE);
  ferryd_fake_store_release (kit->store);
  end_verb (kit, &resumed);
  while (created == NULL)
    g_main_context_iteration (NULL, TRUE);
  answered = ferryd_queue_create_finish (kit->queue, created, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_EXISTS);
  skip_all (kit);
}

#define ADD(path, func) \
  g_test_add ("/queue-races/" path, Kit, NULL, ferryd_queue_kit_set_up, func, ferryd_queue_kit_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("recorded/pause", test_pause_stays_recorded);
  ADD ("recorded/cancel", test_cancel_stays_recorded);
  ADD ("recorded/cancel-without-secrets", test_cancel_without_secrets);
  ADD ("close/naming", test_close_while_naming);
  ADD ("close/failing", test_close_while_failing);
  ADD ("close/completing", test_close_while_completing);
  ADD ("cancel-while-resetting", test_cancel_while_resetting);
  ADD ("many-turns", test_many_turns);
  ADD ("disk-stays-full", test_disk_stays_full);
  ADD ("create-while-purging", test_create_while_purging);
  g_test_add ("/queue-races/resume-claims/get", Kit, "{}", ferryd_queue_kit_set_up, test_resume_claims,
              ferryd_queue_kit_tear_down);
  g_test_add ("/queue-races/resume-claims/post", Kit, "{'method': <'POST'>}", ferryd_queue_kit_set_up,
              test_resume_claims, ferryd_queue_kit_tear_down);
  return g_test_run ();
}
