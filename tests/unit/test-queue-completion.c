/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-queue-kit.h"

#define APP "org.example.App"
#define HANDLER "{'handler-name': <'org.example.App'>}"
#define DAY ((gint64) 24 * 3600 * G_USEC_PER_SEC)

typedef FerrydQueueKit Kit;

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **kept)
{
  while (*kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *kept;
}

static void
settle (Kit *kit)
{
  static const char *const names[] = { "added",   "changed",      "ended",
                                       "removed", "busy-changed", "completion-changed" };

  ferryd_queue_kit_settle (kit);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    ferryd_signal_log_skip (kit->log, names[i]);
}

static gboolean
create_group (Kit *kit, const char *text, FerrydId *id, GError **error)
{
  g_autoptr (GVariant) options = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_queue_create_completion_async (kit->queue, ferryd_completion_group_new (APP, options), keep_result,
                                        &result);
  return ferryd_queue_create_completion_finish (kit->queue, wait_for (&result), id, error);
}

static FerrydId
make_group (Kit *kit, const char *text)
{
  g_autoptr (GError) error = NULL;
  FerrydId id;

  create_group (kit, text, &id, &error);
  g_assert_no_error (error);
  return id;
}

typedef void (*Change) (FerrydQueue *self, const FerrydId *id, GAsyncReadyCallback callback,
                        gpointer user_data);

static gboolean
change (Kit *kit, const FerrydId *id, Change func, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean done;

  func (kit->queue, id, keep_result, &result);
  done = ferryd_queue_change_completion_finish (kit->queue, wait_for (&result), error);
  settle (kit);
  return done;
}

static void
enable (Kit *kit, const FerrydId *id)
{
  g_autoptr (GError) error = NULL;

  change (kit, id, ferryd_queue_enable_completion_async, &error);
  g_assert_no_error (error);
}

static gboolean
try_add (Kit *kit, const FerrydId *group, const char *leaf, const char *options, FerrydId *id, GError **error)
{
  FerrydCreation *creation = ferryd_queue_kit_ask (kit, "http://server.example/file", leaf, options);
  gboolean done;

  creation->request->completion_group = *group;
  done = ferryd_queue_kit_try_create (kit, APP, creation, id, error);
  settle (kit);
  return done;
}

static FerrydId
add (Kit *kit, const FerrydId *group, const char *leaf, const char *options)
{
  g_autoptr (GError) error = NULL;
  FerrydId id;

  try_add (kit, group, leaf, options, &id, &error);
  g_assert_no_error (error);
  return id;
}

static void
do_verb (Kit *kit, const FerrydId *id, FerryVerb verb)
{
  g_autoptr (GError) error = NULL;

  ferryd_queue_kit_verb (kit, id, verb, &error);
  g_assert_no_error (error);
  settle (kit);
}

static void
assert_group (Kit *kit, const FerrydId *id, FerryCompletionState state, guint members, guint ended,
              guint failed)
{
  g_autoptr (FerrydCompletionDescription) description = ferryd_queue_describe_completion (kit->queue, id);

  g_assert_nonnull (description);
  g_assert_cmpint (description->state, ==, state);
  g_assert_cmpuint (description->members->len, ==, members);
  g_assert_cmpuint (description->ended, ==, ended);
  g_assert_cmpuint (description->failed, ==, failed);
}

static void
restart (Kit *kit)
{
  settle (kit);
  ferryd_queue_kit_restart (kit);
  settle (kit);
}

static void
crash (Kit *kit)
{
  ferryd_queue_kit_break (kit, TRUE);
  settle (kit);
}

static void
answer (Kit *kit, gboolean success)
{
  ferryd_fake_handler_caller_answer (kit->handlers, success);
  settle (kit);
}

static void
test_called_when_all_have_ended (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydId one = add (kit, &group, "a", "{'start': <true>}");
  FerrydId two = add (kit, &group, "b", "{}");
  char text[FERRYD_ID_TEXT_SIZE];
  g_autofree char *expected = NULL;

  enable (kit, &group);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_ENABLED, 2, 0, 0);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  g_assert_cmpuint (ferryd_fake_handler_caller_count (kit->handlers), ==, 0);
  do_verb (kit, &two, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, 0);
  settle (kit);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_TRIGGERED, 2, 2, 2);
  ferryd_id_format (&group, text);
  expected = g_strdup_printf ("org.example.App /org/example/App - %s 2 0", text);
  g_assert_cmpstr (ferryd_fake_handler_caller_peek (kit->handlers), ==, expected);
  g_assert_true (ferryd_queue_is_busy (kit->queue));
  answer (kit, TRUE);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 2, 2, 2);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
  restart (kit);
  ferryd_fake_clock_advance (kit->clock, DAY);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count (kit->handlers), ==, 1);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 2, 2, 2);
}

/* The pause goes on across a restart, and so does what is known of its length. */
static void
test_called_again (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydId one = add (kit, &group, "a", "{}");

  enable (kit, &group);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, 0);
  answer (kit, FALSE);
  restart (kit);
  ferryd_fake_clock_advance (kit->clock, 50 * G_TIME_SPAN_SECOND);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count_waiting (kit->handlers), ==, 0);
  ferryd_fake_clock_advance (kit->clock, 11 * G_TIME_SPAN_SECOND);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count_waiting (kit->handlers), ==, 1);
  answer (kit, FALSE);
  ferryd_fake_clock_advance (kit->clock, 119 * G_TIME_SPAN_SECOND);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count_waiting (kit->handlers), ==, 0);
  ferryd_fake_clock_advance (kit->clock, 2 * G_TIME_SPAN_SECOND);
  settle (kit);
  answer (kit, TRUE);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 1, 1, 1);
}

/* Killed while it is being called: the next one calls it, too. */
static void
test_killed_in_the_call (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydId one = add (kit, &group, "a", "{}");

  enable (kit, &group);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, 0);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count_waiting (kit->handlers), ==, 1);
  crash (kit);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_TRIGGERED, 1, 1, 1);
  ferryd_fake_clock_advance (kit->clock, 0);
  settle (kit);
  g_assert_cmpuint (ferryd_fake_handler_caller_count (kit->handlers), ==, 2);
  answer (kit, TRUE);
}

/* What cannot be recorded does not happen, and is tried again. */
static void
test_store_fails (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydId one = add (kit, &group, "a", "{}");
  g_autoptr (GError) error = NULL;
  GLogLevelFlags fatal;

  ferryd_fake_store_fail_next (kit->store);
  g_assert_false (change (kit, &group, ferryd_queue_enable_completion_async, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_COLLECTING, 1, 0, 0);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  enable (kit, &group);
  ferryd_fake_clock_advance (kit->clock, 0);
  settle (kit);
  ferryd_fake_store_fail_next (kit->store);
  /* Which is warned of. */
  fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  answer (kit, TRUE);
  g_log_set_always_fatal (fatal);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_TRIGGERED, 1, 1, 1);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  settle (kit);
  answer (kit, TRUE);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 1, 1, 1);
}

static void
test_states (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, "@a{sv} {}");
  g_autoptr (GError) empty = NULL;
  g_autoptr (GError) twice = NULL;
  g_autoptr (GError) late = NULL;
  g_autoptr (GError) early = NULL;
  FerrydId one, other;

  g_assert_false (change (kit, &group, ferryd_queue_enable_completion_async, &empty));
  g_assert_error (empty, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  one = add (kit, &group, "a", "{}");
  enable (kit, &group);
  g_assert_false (change (kit, &group, ferryd_queue_enable_completion_async, &twice));
  g_assert_error (twice, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  g_assert_false (try_add (kit, &group, "b", "{}", &other, &late));
  g_assert_error (late, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  g_assert_false (change (kit, &group, ferryd_queue_remove_completion_async, &early));
  g_assert_error (early, FERRY_ERROR, FERRY_ERROR_INVALID_STATE);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  /* Without anybody to call that was all. */
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 1, 1, 1);
  g_assert_true (change (kit, &group, ferryd_queue_remove_completion_async, NULL));
  g_assert_null (ferryd_queue_describe_completion (kit->queue, &group));
  g_assert_true (ferryd_queue_contains (kit->queue, &one));
}

/* Whoever was there before Enable is one of them, however late that is known. */
static void
test_enable_waits_for_creation (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydCreation *creation = ferryd_queue_kit_ask (kit, "http://server.example/file", "a", "{}");
  GPtrArray *creations = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_creation_free);
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) enabled = NULL;
  g_autoptr (GPtrArray) answered = NULL;

  creation->request->completion_group = group;
  g_ptr_array_add (creations, creation);
  ferryd_fake_store_hold (kit->store);
  ferryd_queue_create_async (kit->queue, APP, creations, keep_result, &created);
  while (ferryd_fake_store_count_held (kit->store) == 0)
    g_main_context_iteration (NULL, TRUE);
  ferryd_queue_enable_completion_async (kit->queue, &group, keep_result, &enabled);
  ferryd_fake_store_release (kit->store);
  answered = ferryd_queue_create_finish (kit->queue, wait_for (&created), NULL);
  g_assert_nonnull (answered);
  g_assert_true (ferryd_queue_change_completion_finish (kit->queue, wait_for (&enabled), NULL));
  settle (kit);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_ENABLED, 1, 0, 0);
}

static void
test_missing_handler (Kit *kit, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FerrydId id;

  g_assert_false (create_group (kit, "{'handler-name': <'org.example.Missing'>}", &id, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_ARGUMENT);
}

static void
test_limit (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  g_autoptr (GError) error = NULL;
  FerrydId id;

  values.max_operations_per_application = 2;
  ferryd_settings_override (kit->settings, &values);
  make_group (kit, HANDLER);
  make_group (kit, HANDLER);
  g_assert_false (create_group (kit, HANDLER, &id, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT_EXCEEDED);
  settle (kit);
}

/* Nothing goes before the application has heard of it; when it could not be told in all that time, all does.
 */
static void
test_retention (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, HANDLER);
  FerrydId waiting = make_group (kit, HANDLER);
  FerrydId empty = make_group (kit, HANDLER);
  FerrydId one = add (kit, &group, "a", "{}");
  FerrydId two = add (kit, &waiting, "b", "{}");
  FerrydId three = add (kit, &waiting, "c", "{}");
  GLogLevelFlags fatal;

  enable (kit, &group);
  enable (kit, &waiting);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  do_verb (kit, &two, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, 0);
  settle (kit);
  ferryd_fake_clock_advance (kit->clock, 29 * DAY);
  settle (kit);
  assert_group (kit, &empty, FERRY_COMPLETION_STATE_COLLECTING, 0, 0, 0);
  /* Which is warned of. */
  fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  ferryd_fake_clock_advance (kit->clock, 2 * DAY);
  settle (kit);
  settle (kit);
  g_log_set_always_fatal (fatal);
  g_assert_null (ferryd_queue_describe_completion (kit->queue, &group));
  g_assert_null (ferryd_queue_describe_completion (kit->queue, &empty));
  assert_group (kit, &waiting, FERRY_COMPLETION_STATE_ENABLED, 2, 1, 1);
  g_assert_true (ferryd_queue_contains (kit->queue, &two));
  answer (kit, FALSE);
  ferryd_fake_clock_advance (kit->clock, DAY);
  settle (kit);
  while (ferryd_queue_contains (kit->queue, &one))
    g_main_context_iteration (NULL, TRUE);
  do_verb (kit, &three, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE);
  settle (kit);
  answer (kit, TRUE);
  while (ferryd_queue_contains (kit->queue, &two))
    g_main_context_iteration (NULL, TRUE);
  settle (kit);
}

/* Where nothing is kept, what is still put together and what is still to be told of is all the same. */
static void
test_no_retention (Kit *kit, gconstpointer data)
{
  FerrydSettingsValues values = *ferryd_settings_get (kit->settings);
  FerrydId group, empty, one, two;

  values.retention_days = 0;
  ferryd_settings_override (kit->settings, &values);
  group = make_group (kit, HANDLER);
  empty = make_group (kit, HANDLER);
  one = add (kit, &group, "a", "{}");
  two = add (kit, &group, "b", "{}");
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, DAY - G_TIME_SPAN_MINUTE);
  settle (kit);
  assert_group (kit, &empty, FERRY_COMPLETION_STATE_COLLECTING, 0, 0, 0);
  g_assert_true (ferryd_queue_contains (kit->queue, &one));
  enable (kit, &group);
  do_verb (kit, &two, FERRY_VERB_CANCEL);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_MINUTE - 1);
  settle (kit);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_TRIGGERED, 2, 2, 2);
  answer (kit, FALSE);
  ferryd_fake_clock_advance (kit->clock, 12 * G_TIME_SPAN_HOUR);
  settle (kit);
  g_assert_true (ferryd_queue_contains (kit->queue, &one));
  answer (kit, TRUE);
  ferryd_fake_clock_advance (kit->clock, G_TIME_SPAN_HOUR);
  while (ferryd_queue_contains (kit->queue, &one) || ferryd_queue_contains (kit->queue, &two))
    g_main_context_iteration (NULL, TRUE);
  settle (kit);
}

#define NOTES                                                                                  \
  "{'success-notification': <{'title': <'Yes'>}>, 'failure-notification': <{'title': <'No'>, " \
  "'default-action': <'app.show'>}>}"

static void
assert_shown (Kit *kit, const char *text)
{
  const char *id = ferryd_fake_notifier_peek_id (kit->notifier);

  g_assert_cmpuint (ferryd_fake_notifier_count (kit->notifier), ==, 1);
  g_assert_cmpstr (ferryd_fake_notifier_peek_text (kit->notifier, id), ==, text);
}

/* Shown once, whatever becomes of the service; a click brings the application up. */
static void
test_notification_of_a_group (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, NOTES);
  FerrydId one = add (kit, &group, "a", "{}");
  g_autofree char *activated = NULL;

  enable (kit, &group);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  assert_shown (kit, "org.example.App|No|||activate");
  g_assert_true (ferryd_queue_is_busy (kit->queue));
  ferryd_fake_notifier_invoke (kit->notifier, ferryd_fake_notifier_peek_id (kit->notifier), "activate");
  activated = ferryd_fake_applications_take_activated (kit->applications);
  g_assert_nonnull (activated);
  g_assert_true (g_str_has_prefix (activated, "org.example.App|app.show|"));
  ferryd_fake_notifier_close (kit->notifier, ferryd_fake_notifier_peek_id (kit->notifier),
                              FERRYD_NOTIFICATION_DISMISSED);
  settle (kit);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
  restart (kit);
  g_assert_cmpuint (ferryd_fake_notifier_count (kit->notifier), ==, 0);
}

static void
test_notification_of_an_operation (Kit *kit, gconstpointer data)
{
  FerrydId none = { { 0 } };
  FerrydId failing =
      add (kit, &none, "a", "{'title': <'T'>, 'start': <true>, 'failure-notification': <@a{sv} {}>}");
  FerrydId canceled = add (kit, &none, "b", NOTES);
  const char *id;

  ferryd_fake_store_hold (kit->store);
  ferryd_fake_fetch_fail (
      ferryd_queue_kit_fetch (kit, 0),
      ferryd_failure_new (FERRY_TRANSFER_ERROR_NOT_FOUND, FERRYD_REMEDY_FINAL, "Not found"));
  while (ferryd_fake_store_count_held (kit->store) == 0)
    g_main_context_iteration (NULL, TRUE);
  ferryd_fake_store_release (kit->store);
  ferryd_queue_kit_wait_state (kit, &failing, FERRY_STATE_ERROR);
  settle (kit);
  do_verb (kit, &canceled, FERRY_VERB_CANCEL);
  assert_shown (kit, "org.example.App|Transfer failed|T||activate");
  g_assert_false (ferryd_fake_store_peek (kit->store, &failing)->notification_pending);
  id = ferryd_fake_notifier_peek_id (kit->notifier);
  ferryd_fake_notifier_close (kit->notifier, id, FERRYD_NOTIFICATION_EXPIRED);
  settle (kit);
  restart (kit);
  g_assert_cmpuint (ferryd_fake_notifier_count (kit->notifier), ==, 0);
}

/* Nobody shows notifications: that is nobody's failure. */
static void
test_nobody_to_show (Kit *kit, gconstpointer data)
{
  FerrydId group = make_group (kit, NOTES);
  FerrydId one = add (kit, &group, "a", "{}");

  ferryd_fake_notifier_set_present (kit->notifier, FALSE);
  enable (kit, &group);
  do_verb (kit, &one, FERRY_VERB_CANCEL);
  assert_group (kit, &group, FERRY_COMPLETION_STATE_DELIVERED, 1, 1, 1);
  g_assert_false (ferryd_queue_is_busy (kit->queue));
}

static void
let_days_pass (Kit *kit, guint days)
{
  for (guint i = 0; i < days; i++)
    {
      ferryd_fake_clock_advance (kit->clock, DAY);
      settle (kit);
      settle (kit);
    }
}

/* Only who was there once can be away, and it has to stay away. */
static void
test_uninstalled (Kit *kit, gconstpointer data)
{
  FerrydId none = { { 0 } };
  FerrydId one, group;

  /* Never seen. */
  one = add (kit, &none, "a", "{}");
  let_days_pass (kit, 70);
  g_assert_true (ferryd_queue_contains (kit->queue, &one));

  ferryd_fake_applications_set_installed (kit->applications, APP, TRUE);
  let_days_pass (kit, 2);
  ferryd_fake_applications_set_installed (kit->applications, APP, FALSE);
  let_days_pass (kit, 20);
  ferryd_fake_applications_set_installed (kit->applications, APP, TRUE);
  let_days_pass (kit, 1);
  restart (kit);
  ferryd_fake_applications_set_installed (kit->applications, APP, FALSE);
  let_days_pass (kit, 29);
  group = make_group (kit, HANDLER);
  g_assert_true (ferryd_queue_contains (kit->queue, &one));
  restart (kit);
  let_days_pass (kit, 5);
  /* A state that does not come hangs until the test's time is over. */
  while (ferryd_queue_contains (kit->queue, &one))
    g_main_context_iteration (NULL, TRUE);
  settle (kit);
  g_assert_null (ferryd_queue_describe_completion (kit->queue, &group));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/queue-completion/" name, Kit, NULL, ferryd_queue_kit_set_up, func, ferryd_queue_kit_tear_down)
  ADD ("called-when-all-have-ended", test_called_when_all_have_ended);
  ADD ("called-again", test_called_again);
  ADD ("killed-in-the-call", test_killed_in_the_call);
  ADD ("store-fails", test_store_fails);
  ADD ("states", test_states);
  ADD ("enable-waits-for-creation", test_enable_waits_for_creation);
  ADD ("missing-handler", test_missing_handler);
  ADD ("limit", test_limit);
  ADD ("retention", test_retention);
  ADD ("no-retention", test_no_retention);
  ADD ("notification/group", test_notification_of_a_group);
  ADD ("notification/operation", test_notification_of_an_operation);
  ADD ("notification/nobody", test_nobody_to_show);
  ADD ("uninstalled", test_uninstalled);
#undef ADD
  return g_test_run ();
}
