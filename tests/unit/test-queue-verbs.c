/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define URI "http://server.example/file"

typedef FerrydQueueKit Kit;

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
}

static void
refuse_verb (Kit *kit, const FerrydId *id, FerryVerb verb, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ferryd_queue_kit_verb (kit, id, verb, &error));
  g_assert_error (error, FERRY_ERROR, code);
}

static void
expect_ended (Kit *kit, const FerrydId *id)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (id, text);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, id);
  ferryd_signal_log_expect (kit->log, "ended (%s)", text);
}

/* Answers a fetch with the whole of @size bytes, of which @sent come. */
static void
answer (FerrydFetch *fetch, gsize size, gsize sent)
{
  g_autofree guint8 *bytes = g_malloc0 (size);
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new ("a(ss)", NULL));
  FerrydAnswer answer = { .kind = FERRYD_ANSWER_WHOLE,
                          .status = 200,
                          .uri = URI,
                          .headers = headers,
                          .length = (gint64) size,
                          .total = (gint64) size,
                          .validator = "\"v\"",
                          .etag = "\"v\"",
                          .resumable = TRUE,
                          .suggested_name = "file" };

  ferryd_fake_fetch_answer (fetch, &answer);
  ferryd_fake_fetch_body (fetch, 0, bytes, sent);
}

static guint64
get_received (Kit *kit, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_describe (kit->queue, id);

  return description->bytes_received;
}

static void
wait_received (Kit *kit, const FerrydId *id, guint64 size)
{
  while (get_received (kit, id) != size)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_canceled (FerrydFetch *fetch)
{
  while (!ferryd_fake_fetch_is_canceled (fetch))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_start (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  g_assert_true (ferryd_queue_is_busy (kit->queue));
  ferryd_queue_kit_fetch (kit, 0);
  /* Again attaches only. */
  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (kit->transport), ==, 1);
}

static void
test_start_option (Kit *kit, gconstpointer data)
{
  FerrydId id;
  g_autoptr (GError) error = NULL;

  g_assert_true (ferryd_queue_kit_try_create (
      kit, APP, ferryd_queue_kit_ask (kit, URI, "file", "{'start': <true>}"), &id, &error));
  g_assert_no_error (error);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "added"), ==, 1);
  ferryd_signal_log_skip (kit->log, "changed");
}

static void
test_pause_resume (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *first = ferryd_queue_kit_fetch (kit, 0);
  FerrydFetch *second;

  answer (first, 1000, 600);
  wait_received (kit, &id, 600);
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_PAUSED_BY_APPLICATION);
  ferryd_queue_kit_assert_causes (kit, &id, FERRYD_CAUSE (FERRY_CAUSE_APPLICATION));
  wait_canceled (first);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpuint (get_received (kit, &id), ==, 600);
  refuse_verb (kit, &id, FERRY_VERB_PAUSE, FERRY_ERROR_INVALID_STATE);
  refuse_verb (kit, &id, FERRY_VERB_REMOVE, FERRY_ERROR_INVALID_STATE);

  do_verb (kit, &id, FERRY_VERB_RESUME);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  second = ferryd_queue_kit_fetch (kit, 1);
  g_assert_cmpint (ferryd_fake_fetch_get_request (second)->first, ==, 600);
  g_assert_cmpstr (ferryd_fake_fetch_get_request (second)->if_range, ==, "\"v\"");
  refuse_verb (kit, &id, FERRY_VERB_RESUME, FERRY_ERROR_INVALID_STATE);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

/* Resume while the paused attempt is still letting go. */
static void
test_resume_at_once (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  ferryd_queue_kit_fetch (kit, 0);
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  ferryd_queue_kit_fetch (kit, 1);
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, 0)));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

static void
test_pause_post (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'method': <'POST'>}");

  refuse_verb (kit, &id, FERRY_VERB_PAUSE, FERRY_ERROR_INVALID_STATE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
}

static void
test_idle (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");

  refuse_verb (kit, &id, FERRY_VERB_PAUSE, FERRY_ERROR_INVALID_STATE);
  refuse_verb (kit, &id, FERRY_VERB_RESUME, FERRY_ERROR_INVALID_STATE);
  refuse_verb (kit, &id, FERRY_VERB_REMOVE, FERRY_ERROR_INVALID_STATE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_IDLE);
}

/* Cancel deletes partial data at once; the object stays until removed. */
static void
test_cancel (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{'headers': <[('Cookie', 'c')]>}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);
  char text[FERRYD_ID_TEXT_SIZE];

  answer (fetch, 1000, 600);
  wait_received (kit, &id, 600);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 1);
  g_assert_nonnull (ferryd_fake_store_peek (kit->store, &id)->secrets);
  do_verb (kit, &id, FERRY_VERB_CANCEL);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_CANCELED);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 0);
  g_assert_true (ferryd_fake_fetch_is_canceled (fetch));
  expect_ended (kit, &id);
  /* "deleted when the operation is finished" */
  g_assert_null (ferryd_fake_store_peek (kit->store, &id)->secrets);

  /* No effect, and nobody hears of it. */
  do_verb (kit, &id, FERRY_VERB_CANCEL);
  refuse_verb (kit, &id, FERRY_VERB_START, FERRY_ERROR_INVALID_STATE);
  refuse_verb (kit, &id, FERRY_VERB_RESUME, FERRY_ERROR_INVALID_STATE);

  do_verb (kit, &id, FERRY_VERB_REMOVE);
  ferryd_id_format (&id, text);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_expect (kit->log, "removed (%s)", text);
  g_assert_false (ferryd_queue_contains (kit->queue, &id));
  g_assert_cmpuint (ferryd_fake_store_count_rows (kit->store), ==, 0);
  refuse_verb (kit, &id, FERRY_VERB_REMOVE, FERRY_ERROR_NOT_FOUND);
}

static void
test_cancel_idle (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (FerrydDescription) description = NULL;

  do_verb (kit, &id, FERRY_VERB_CANCEL);
  expect_ended (kit, &id);
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->state, ==, FERRY_STATE_CANCELED);
  g_assert_cmpint (description->error_status, ==, -1);
  g_assert_cmpint (description->finished, ==, ferryd_clock_now (FERRYD_CLOCK (kit->clock)));
  g_assert_cmphex (description->causes, ==, 0);
}

/* Waits for a retry, with the error of its first attempt. */
static FerrydId
fail_for_now (Kit *kit)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  g_autoptr (FerrydDescription) description = NULL;

  answer (ferryd_queue_kit_fetch (kit, 0), 1000, 600);
  ferryd_fake_fetch_fail (
      ferryd_queue_kit_fetch (kit, 0),
      ferryd_failure_new (FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY, "It did not work"));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_QUEUED);
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->error_status, ==, FERRY_TRANSFER_ERROR_TIMEOUT);
  g_assert_cmpstr (description->error_message, ==, "It did not work");
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
  return id;
}

static void
expect_no_error (Kit *kit, const FerrydId *id)
{
  g_autoptr (FerrydDescription) description = ferryd_queue_kit_describe (kit, id);

  g_assert_cmpint (description->error_status, ==, -1);
  g_assert_null (description->error_message);
}

/* Status and message go together. */
static void
test_cancel_after_error (Kit *kit, gconstpointer data)
{
  FerrydId id = fail_for_now (kit);

  do_verb (kit, &id, FERRY_VERB_CANCEL);
  expect_ended (kit, &id);
  expect_no_error (kit, &id);
  ferryd_queue_kit_restart (kit);
  expect_no_error (kit, &id);
}

/* A failed one keeps what it holds: Resume goes on there, Remove deletes it. */
static FerrydId
fail_one (Kit *kit, const char *leaf, FerryTransferError status)
{
  guint nth = ferryd_fake_transport_count_fetches (kit->transport);
  FerrydId id = ferryd_queue_kit_run (kit, leaf, "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, nth);

  answer (fetch, 1000, 600);
  ferryd_fake_fetch_fail (fetch, ferryd_failure_new (status, FERRYD_REMEDY_FINAL, "No more"));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_ERROR);
  expect_ended (kit, &id);
  return id;
}

static void
test_resume_failed (Kit *kit, gconstpointer data)
{
  FerrydId id = fail_one (kit, "file", FERRY_TRANSFER_ERROR_NOT_FOUND);
  g_autoptr (FerrydDescription) failed = ferryd_queue_kit_describe (kit, &id);
  g_autoptr (FerrydDescription) resumed = NULL;

  g_assert_cmpint (failed->error_status, ==, FERRY_TRANSFER_ERROR_NOT_FOUND);
  g_assert_cmpstr (failed->error_message, ==, "No more");
  g_assert_cmpint (failed->finished, >, 0);
  g_assert_cmpuint (failed->bytes_received, ==, 600);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
  refuse_verb (kit, &id, FERRY_VERB_START, FERRY_ERROR_INVALID_STATE);
  refuse_verb (kit, &id, FERRY_VERB_CANCEL, FERRY_ERROR_INVALID_STATE);

  do_verb (kit, &id, FERRY_VERB_RESUME);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  resumed = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (resumed->finished, ==, 0);
  g_assert_cmpint (resumed->error_status, ==, -1);
  g_assert_cmpuint (resumed->attempt, ==, 1);
  g_assert_cmpint (ferryd_fake_fetch_get_request (ferryd_queue_kit_fetch (kit, 1))->first, ==, 600);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

static void
test_resume_refused (Kit *kit, gconstpointer data)
{
  FerrydId id = fail_one (kit, "file", FERRY_TRANSFER_ERROR_NOT_FOUND);
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId other = ferryd_queue_kit_create (kit, "file", "{}");

  refuse_verb (kit, &id, FERRY_VERB_RESUME, FERRY_ERROR_DESTINATION_EXISTS);
  values.max_operations_per_application = 1;
  ferryd_settings_override (kit->settings, &values);
  refuse_verb (kit, &id, FERRY_VERB_RESUME, FERRY_ERROR_LIMIT_EXCEEDED);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_ERROR);

  do_verb (kit, &other, FERRY_VERB_CANCEL);
  expect_ended (kit, &other);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
}

static void
test_remove_failed (Kit *kit, gconstpointer data)
{
  FerrydId id = fail_one (kit, "file", FERRY_TRANSFER_ERROR_NOT_FOUND);

  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 1);
  do_verb (kit, &id, FERRY_VERB_REMOVE);
  g_assert_cmpuint (ferryd_queue_kit_count_files (kit), ==, 0);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 1);
}

/* Whatever the store cannot keep has not happened. */
static void
test_commit_fails (Kit *kit, gconstpointer data)
{
  FerrydId idle = ferryd_queue_kit_create (kit, "idle", "{}");
  FerrydId running = ferryd_queue_kit_run (kit, "running", "{}");
  FerrydId failed;

  ferryd_queue_kit_fetch (kit, 0);
  failed = fail_one (kit, "failed", FERRY_TRANSFER_ERROR_NOT_FOUND);
  ferryd_fake_store_fail_next (kit->store);
  refuse_verb (kit, &idle, FERRY_VERB_START, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &idle), ==, FERRY_STATE_IDLE);
  ferryd_fake_store_fail_next (kit->store);
  refuse_verb (kit, &running, FERRY_VERB_PAUSE, FERRY_ERROR_STORE_UNAVAILABLE);
  ferryd_fake_store_fail_next (kit->store);
  refuse_verb (kit, &running, FERRY_VERB_CANCEL, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &running), ==, FERRY_STATE_RUNNING);
  g_assert_false (ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, 0)));
  ferryd_fake_store_fail_next (kit->store);
  refuse_verb (kit, &failed, FERRY_VERB_RESUME, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &failed), ==, FERRY_STATE_ERROR);
  ferryd_fake_store_fail_next (kit->store);
  refuse_verb (kit, &failed, FERRY_VERB_REMOVE, FERRY_ERROR_STORE_UNAVAILABLE);
  g_assert_true (ferryd_queue_contains (kit->queue, &failed));

  /* And none of it is in the way of doing it again. */
  do_verb (kit, &running, FERRY_VERB_CANCEL);
  expect_ended (kit, &running);
  do_verb (kit, &failed, FERRY_VERB_REMOVE);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 1);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* The state shows the effect before the call is answered, and not before it is durable. */
static void
test_durable (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferryd_fake_store_hold (kit->store);
  ferryd_queue_verb_async (kit->queue, &id, FERRY_VERB_START, keep_result, &result);
  ferryd_queue_kit_settle (kit);
  g_assert_null (result);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_IDLE);
  g_assert_cmpuint (ferryd_signal_log_count (kit->log), ==, 0);
  ferryd_fake_store_release (kit->store);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ferryd_queue_verb_finish (kit->queue, result, &error));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), !=, FERRY_STATE_IDLE);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_queue_kit_expect_changes (kit, &id);
}

/* Calls for one operation take effect one after the other, each checked against what the one before has left.
 */
static void
test_in_order (Kit *kit, gconstpointer data)
{
  static const struct
  {
    FerryVerb verb;
    gboolean right;
  } calls[] = {
    { FERRY_VERB_PAUSE, FALSE }, { FERRY_VERB_START, TRUE },   { FERRY_VERB_RESUME, FALSE },
    { FERRY_VERB_PAUSE, TRUE },  { FERRY_VERB_RESUME, TRUE },  { FERRY_VERB_REMOVE, FALSE },
    { FERRY_VERB_CANCEL, TRUE }, { FERRY_VERB_CANCEL, TRUE },  { FERRY_VERB_START, FALSE },
    { FERRY_VERB_REMOVE, TRUE }, { FERRY_VERB_CANCEL, FALSE },
  };
  GAsyncResult *results[G_N_ELEMENTS (calls)] = { NULL };
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    ferryd_queue_verb_async (kit->queue, &id, calls[i].verb, keep_result, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr (GError) error = NULL;

      while (results[i] == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_test_message ("call %u", i);
      g_assert_cmpint (ferryd_queue_verb_finish (kit->queue, results[i], &error), ==, calls[i].right);
      g_object_unref (results[i]);
    }
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 1);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 1);
}

static void
test_for_each (Kit *kit, gconstpointer data)
{
  const FerrydFilter all = { .kinds = 1u << FERRY_KIND_DOWNLOAD };
  const FerrydFilter group = { .kinds = 1u << FERRY_KIND_DOWNLOAD, .group = "g" };
  FerrydId a = ferryd_queue_kit_create (kit, "a", "{'group': <'g'>}");
  FerrydId b = ferryd_queue_kit_create (kit, "b", "{'group': <'g'>}");
  FerrydId c = ferryd_queue_kit_create (kit, "c", "{}");
  FerrydId post = ferryd_queue_kit_create (kit, "post", "{'method': <'POST'>}");

  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_PAUSE, &all), ==, 0);
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_START, &group), ==, 2);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &c), ==, FERRY_STATE_IDLE);
  /* Those it does not change are not counted. */
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_START, &all), ==, 2);
  /* What cannot be paused is passed over. */
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_PAUSE, &all), ==, 3);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &a), ==, FERRY_STATE_PAUSED_BY_APPLICATION);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &post), !=, FERRY_STATE_PAUSED_BY_APPLICATION);
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_RESUME, &group), ==, 2);
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_CANCEL, &all), ==, 4);
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_CANCEL, &all), ==, 0);
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_REMOVE, &group), ==, 2);
  g_assert_false (ferryd_queue_contains (kit->queue, &b));
  g_assert_cmpuint (ferryd_queue_kit_for_each (kit, FERRY_VERB_REMOVE, &all), ==, 2);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "changed");
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "ended"), ==, 4);
  g_assert_cmpuint (ferryd_signal_log_skip (kit->log, "removed"), ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/queue-verbs/" name, Kit, NULL, ferryd_queue_kit_set_up, function, ferryd_queue_kit_tear_down)
  ADD ("start", test_start);
  ADD ("start/option", test_start_option);
  ADD ("pause-resume", test_pause_resume);
  ADD ("resume/at-once", test_resume_at_once);
  ADD ("pause/post", test_pause_post);
  ADD ("idle", test_idle);
  ADD ("cancel", test_cancel);
  ADD ("cancel/idle", test_cancel_idle);
  ADD ("cancel/after-error", test_cancel_after_error);
  ADD ("resume/failed", test_resume_failed);
  ADD ("resume/refused", test_resume_refused);
  ADD ("remove/failed", test_remove_failed);
  ADD ("commit-fails", test_commit_fails);
  ADD ("durable", test_durable);
  ADD ("in-order", test_in_order);
  ADD ("for-each", test_for_each);
#undef ADD
  return g_test_run ();
}
