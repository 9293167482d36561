/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ferryd-queue-kit.h"

#define URI "http://server.example/file"
#define OTHER_URI "http://other.example/elsewhere"

typedef FerrydQueueKit Kit;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
try_edit (Kit *kit, const FerrydId *id, FerrydEdit edit, GVariant *value, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_edit_async (kit->queue, id, edit, value, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ferryd_queue_edit_finish (kit->queue, result, error);
}

static void
do_edit (Kit *kit, const FerrydId *id, FerrydEdit edit, GVariant *value)
{
  g_autoptr (GError) error = NULL;

  try_edit (kit, id, edit, value, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, id);
}

static void
refuse_edit (Kit *kit, const FerrydId *id, FerrydEdit edit, GVariant *value, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (try_edit (kit, id, edit, value, &error));
  g_assert_error (error, FERRY_ERROR, code);
}

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, id);
}

static void
assert_headers (GVariant *headers, const char *text)
{
  g_autofree char *printed = headers != NULL ? g_variant_print (headers, FALSE) : NULL;

  g_assert_cmpstr (printed, ==, text);
}

/* Everything that can be written while it is idle; it survives a restart, and Options stays as given. */
static void
test_survives (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{'priority': <'low'>, 'headers': <[('A', '1')]>}");
  g_autoptr (FerrydDescription) description = NULL;
  g_autofree char *options = NULL;

  do_edit (kit, &id, FERRYD_EDIT_PRIORITY, g_variant_new_int32 (FERRY_PRIORITY_HIGH));
  do_edit (kit, &id, FERRYD_EDIT_COST_POLICY, g_variant_new_int32 (FERRY_COST_POLICY_ALWAYS));
  do_edit (kit, &id, FERRYD_EDIT_MAX_SPEED, g_variant_new_uint64 (77));
  do_edit (kit, &id, FERRYD_EDIT_RECOVERABLE_ERRORS,
           g_variant_new ("(tt)", G_GUINT64_CONSTANT (1), (guint64) 0));
  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "Cookie", "secret"));
  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "a", "2"));
  ferryd_queue_kit_restart (kit);

  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->priority, ==, FERRY_PRIORITY_HIGH);
  g_assert_cmpint (description->cost_policy, ==, FERRY_COST_POLICY_ALWAYS);
  g_assert_cmpuint (description->max_speed, ==, 77);
  g_assert_true (ferryd_request_is_recoverable (description->request, FERRY_TRANSFER_ERROR_UNKNOWN));
  assert_headers (description->request->headers, "[('a', '2'), ('Cookie', 'secret')]");
  options = g_variant_print (description->request->options, FALSE);
  g_assert_cmpstr (options, ==, "{'priority': <'low'>}");

  do_edit (kit, &id, FERRYD_EDIT_REMOVE_HEADER, g_variant_new_string ("cookie"));
  g_assert_null (ferryd_fake_store_peek (kit->store, &id)->secrets);
}

/* What runs is not disturbed; the next request has the new header. */
static void
test_header_while_running (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFetch *fetch = ferryd_queue_kit_fetch (kit, 0);

  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "A", "1"));
  g_assert_false (ferryd_fake_fetch_is_canceled (fetch));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  fetch = ferryd_queue_kit_fetch (kit, 1);
  assert_headers (ferryd_fake_fetch_get_request (fetch)->headers, "[('A', '1')]");
}

/* Re-evaluated at once. */
static void
test_cost_policy (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");

  ferryd_queue_kit_fetch (kit, 0);
  ferryd_fake_network_monitor_set_cost (kit->network, FERRY_NETWORK_COST_VARIABLE, FALSE, FALSE, FALSE,
                                        FALSE);
  ferryd_queue_kit_settle (kit);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_RUNNING);
  do_edit (kit, &id, FERRYD_EDIT_COST_POLICY, g_variant_new_int32 (FERRY_COST_POLICY_UNRESTRICTED_ONLY));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &id), ==, FERRY_STATE_PAUSED_COSTED_NETWORK);
  g_assert_true (ferryd_fake_fetch_is_canceled (ferryd_queue_kit_fetch (kit, 0)));
  do_edit (kit, &id, FERRYD_EDIT_COST_POLICY, g_variant_new_int32 (FERRY_COST_POLICY_DEFAULT));
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_RUNNING);
  ferryd_signal_log_skip (kit->log, "conditions-changed");
}

/* Priority changes never stop what runs, but say who is next. */
static void
test_priority (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId running, first, second;

  values.max_running = 1;
  ferryd_settings_override (kit->settings, &values);
  running = ferryd_queue_kit_run (kit, "running", "{}");
  first = ferryd_queue_kit_create (kit, "first", "{'start': <true>}");
  second = ferryd_queue_kit_create (kit, "second", "{'start': <true>}");
  ferryd_queue_kit_settle (kit);
  do_edit (kit, &second, FERRYD_EDIT_PRIORITY, g_variant_new_int32 (FERRY_PRIORITY_HIGH));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &running), ==, FERRY_STATE_RUNNING);
  do_edit (kit, &running, FERRYD_EDIT_PRIORITY, g_variant_new_int32 (FERRY_PRIORITY_LOW));
  g_assert_cmpint (ferryd_queue_kit_state (kit, &running), ==, FERRY_STATE_RUNNING);
  do_verb (kit, &running, FERRY_VERB_PAUSE);
  ferryd_queue_kit_wait_state (kit, &second, FERRY_STATE_RUNNING);
  g_assert_cmpint (ferryd_queue_kit_state (kit, &first), ==, FERRY_STATE_QUEUED);
  ferryd_queue_kit_settle (kit);
  ferryd_signal_log_skip (kit->log, "changed");
}

static void
test_uri (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (FerrydDescription) description = NULL;

  refuse_edit (kit, &id, FERRYD_EDIT_URI, g_variant_new ("(sm(ss))", OTHER_URI, NULL),
               FERRY_ERROR_INVALID_STATE);
  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_queue_kit_fetch (kit, 0);
  ferryd_queue_kit_settle (kit);
  refuse_edit (kit, &id, FERRYD_EDIT_URI, g_variant_new ("(sm(ss))", OTHER_URI, NULL),
               FERRY_ERROR_INVALID_STATE);
  do_verb (kit, &id, FERRY_VERB_PAUSE);
  do_edit (kit, &id, FERRYD_EDIT_URI, g_variant_new ("(sm(ss))", OTHER_URI, NULL));
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpstr (description->request->uri, ==, OTHER_URI);
  do_verb (kit, &id, FERRY_VERB_RESUME);
  g_assert_cmpstr (ferryd_fake_fetch_get_request (ferryd_queue_kit_fetch (kit, 1))->uri, ==, OTHER_URI);
}

static void
test_refused (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{'priority': <'low'>}");
  g_autoptr (FerrydDescription) description = NULL;
  FerrydId none;

  /* What the store cannot keep has not happened. */
  ferryd_fake_store_fail_next (kit->store);
  refuse_edit (kit, &id, FERRYD_EDIT_PRIORITY, g_variant_new_int32 (FERRY_PRIORITY_HIGH),
               FERRY_ERROR_STORE_UNAVAILABLE);
  ferryd_fake_store_fail_next (kit->store);
  refuse_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "A", "1"),
               FERRY_ERROR_STORE_UNAVAILABLE);
  description = ferryd_queue_kit_describe (kit, &id);
  g_assert_cmpint (description->priority, ==, FERRY_PRIORITY_LOW);
  g_assert_null (description->request->headers);

  do_verb (kit, &id, FERRY_VERB_CANCEL);
  ferryd_signal_log_skip (kit->log, "ended");
  refuse_edit (kit, &id, FERRYD_EDIT_PRIORITY, g_variant_new_int32 (FERRY_PRIORITY_HIGH),
               FERRY_ERROR_INVALID_STATE);
  refuse_edit (kit, &id, FERRYD_EDIT_REMOVE_HEADER, g_variant_new_string ("A"), FERRY_ERROR_INVALID_STATE);
  ferryd_id_generate (&none);
  refuse_edit (kit, &none, FERRYD_EDIT_MAX_SPEED, g_variant_new_uint64 (1), FERRY_ERROR_NOT_FOUND);
}

/* OpenResult. */

static int
open_result (Kit *kit, const FerrydId *id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_open_result_async (kit->queue, id, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ferryd_queue_open_result_finish (kit->queue, result, error);
}

/* Reads what @fd has at most, to see that it is read-only, at offset 0, and for each caller its own. */
static void
assert_result (Kit *kit, const FerrydId *id, const char *text)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = open_result (kit, id, &error);
      char bytes[100];
      gssize size;

      g_assert_no_error (error);
      size = read (fd, bytes, sizeof bytes);
      g_assert_cmpmem (bytes, size, text, strlen (text));
      g_assert_cmpint (fcntl (fd, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
      close (fd);
    }
}

static void
test_open_result (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autoptr (GBytes) content = g_bytes_new_static ("hello", 5);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (open_result (kit, &id, &error), ==, -1);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  do_verb (kit, &id, FERRY_VERB_START);
  ferryd_fake_fetch_serve (ferryd_queue_kit_fetch (kit, 0), content, NULL);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_COMPLETED);
  assert_result (kit, &id, "hello");
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
  ferryd_signal_log_skip (kit->log, "ended");
}

/* What the server said with its error never reaches the destination, but can be read, after a restart too. */
static void
test_open_error_body (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_run (kit, "file", "{}");
  FerrydFailure *failure =
      ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL, "Not there");

  failure->body = g_bytes_new_static ("try elsewhere", 13);
  ferryd_fake_fetch_fail (ferryd_queue_kit_fetch (kit, 0), failure);
  ferryd_queue_kit_wait_state (kit, &id, FERRY_STATE_ERROR);
  ferryd_queue_kit_settle (kit);
  ferryd_queue_kit_expect_changes (kit, &id);
  ferryd_signal_log_skip (kit->log, "ended");
  assert_result (kit, &id, "try elsewhere");
  ferryd_queue_kit_restart (kit);
  assert_result (kit, &id, "try elsewhere");
}

/* One field after the other: the limit is of all together, and the last that fits stays. */
static void
test_headers_together (Kit *kit, gconstpointer data)
{
  FerrydId id = ferryd_queue_kit_create (kit, "file", "{}");
  g_autofree char *half = g_strnfill (32 * 1024 - 1, 'x');

  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "A", half));
  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "B", half));
  refuse_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "C", ""),
               FERRY_ERROR_INVALID_ARGUMENT);
  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "B", ""));
  do_edit (kit, &id, FERRYD_EDIT_SET_HEADER, g_variant_new ("(ss)", "C", "short"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/queue-edit/" name, Kit, NULL, ferryd_queue_kit_set_up, function, ferryd_queue_kit_tear_down)
  ADD ("survives", test_survives);
  ADD ("header-while-running", test_header_while_running);
  ADD ("cost-policy", test_cost_policy);
  ADD ("priority", test_priority);
  ADD ("uri", test_uri);
  ADD ("refused", test_refused);
  ADD ("headers-together", test_headers_together);
  ADD ("open-result", test_open_result);
  ADD ("open-result/error-body", test_open_error_body);
#undef ADD
  return g_test_run ();
}
