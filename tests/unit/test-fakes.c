/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-fake-network-monitor.h"
#include "ferryd-fake-power-monitor.h"
#include "ferryd-fake-transport.h"
#include "ferryd-id.h"
#include "ferryd-signal-log.h"

/* The fakes keep what the interfaces promise; a test built on them is worth no more than that. */

/**
 * Client:
 * @heard: a letter for each call
 * @body: (owned): what came
 * @on_answer: returned from `answered`
 * @on_body: returned from `body`
 */
typedef struct
{
  FerrydTransport *transport;
  FerrydFetch *fetch;
  GString *heard;
  GByteArray *body;
  FerrydFlow on_answer, on_body;
  FerrydAnswerKind kind;
  FerrydBodyEnd end;
  FerryTransferError status;
  gboolean cancel_on_body;
} Client;

static FerrydFlow
on_answered (const FerrydAnswer *answer, gpointer user_data)
{
  Client *client = user_data;

  g_string_append_c (client->heard, 'a');
  client->kind = answer->kind;
  return client->on_answer;
}

static FerrydFlow
on_body (guint64 offset, const guint8 *bytes, gsize size, gpointer user_data)
{
  Client *client = user_data;

  g_string_append_c (client->heard, 'b');
  g_byte_array_append (client->body, bytes, (guint) size);
  if (client->cancel_on_body)
    ferryd_transport_cancel (client->transport, client->fetch);
  return client->on_body;
}

static void
on_ended (const FerrydFailure *failure, FerrydBodyEnd end, gpointer user_data)
{
  Client *client = user_data;

  g_string_append_c (client->heard, failure != NULL ? 'f' : 'e');
  client->status = failure != NULL ? failure->status : FERRY_TRANSFER_ERROR_UNKNOWN;
  client->end = end;
}

static const FerrydFetchHandler handler = { on_answered, on_body, on_ended };

typedef struct
{
  FerrydFakeTransport *fake;
  Client client;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->fake = ferryd_fake_transport_new ();
  fixture->client.transport = FERRYD_TRANSPORT (fixture->fake);
  fixture->client.heard = g_string_new (NULL);
  fixture->client.body = g_byte_array_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->fake);
  g_string_free (fixture->client.heard, TRUE);
  g_byte_array_unref (fixture->client.body);
}

static void
fetch (Fixture *fixture, gint64 first, const char *if_range)
{
  FerrydFetchRequest request = { .application = "app",
                                 .method = "GET",
                                 .uri = "http://h/x",
                                 .first = first,
                                 .last = -1,
                                 .if_range = if_range };

  fixture->client.fetch =
      ferryd_transport_fetch (fixture->client.transport, &request, &handler, &fixture->client);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_script (Fixture *fixture, gconstpointer data)
{
  FerrydAnswer answer = { .kind = FERRYD_ANSWER_PART, .uri = "http://h/x", .suggested_name = "x" };
  FerrydFetch *begun;

  fetch (fixture, 7, NULL);
  begun = ferryd_fake_transport_wait_fetch (fixture->fake, 0);
  g_assert_true (begun == fixture->client.fetch);
  g_assert_cmpint (ferryd_fake_fetch_get_request (begun)->first, ==, 7);
  ferryd_fake_fetch_answer (begun, &answer);
  ferryd_fake_fetch_body (begun, 7, "abc", 3);
  ferryd_fake_fetch_fail (begun,
                          ferryd_failure_new (FERRY_TRANSFER_ERROR_TIMEOUT, FERRYD_REMEDY_RETRY, "late"));
  g_assert_cmpstr (fixture->client.heard->str, ==, "");
  settle ();
  g_assert_cmpstr (fixture->client.heard->str, ==, "abf");
  g_assert_cmpint (fixture->client.kind, ==, FERRYD_ANSWER_PART);
  g_assert_cmpmem (fixture->client.body->data, fixture->client.body->len, "abc", 3);
  g_assert_cmpint (fixture->client.status, ==, FERRY_TRANSFER_ERROR_TIMEOUT);
  g_assert_true (ferryd_fake_fetch_has_ended (begun));
}

static void
test_hold (Fixture *fixture, gconstpointer data)
{
  FerrydAnswer answer = { .kind = FERRYD_ANSWER_WHOLE, .uri = "http://h/x", .suggested_name = "x" };

  fixture->client.on_answer = FERRYD_FLOW_HOLD;
  fetch (fixture, 0, NULL);
  ferryd_fake_fetch_answer (fixture->client.fetch, &answer);
  ferryd_fake_fetch_body (fixture->client.fetch, 0, "abc", 3);
  settle ();
  g_assert_cmpstr (fixture->client.heard->str, ==, "a");
  g_assert_true (ferryd_fake_fetch_is_held (fixture->client.fetch));
  ferryd_transport_resume (fixture->client.transport, fixture->client.fetch);
  g_assert_cmpstr (fixture->client.heard->str, ==, "a");
  settle ();
  g_assert_cmpstr (fixture->client.heard->str, ==, "ab");
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  fixture->client.on_body = FERRYD_FLOW_STOP;
  fetch (fixture, 0, NULL);
  ferryd_fake_fetch_body (fixture->client.fetch, 0, "abc", 3);
  ferryd_fake_fetch_body (fixture->client.fetch, 3, "def", 3);
  ferryd_fake_fetch_end (fixture->client.fetch, FERRYD_BODY_END_PROVED);
  settle ();
  g_assert_cmpstr (fixture->client.heard->str, ==, "be");
  g_assert_cmpint (fixture->client.end, ==, FERRYD_BODY_END_UNPROVED);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  fixture->client.cancel_on_body = TRUE;
  fetch (fixture, 0, NULL);
  ferryd_fake_fetch_body (fixture->client.fetch, 0, "abc", 3);
  ferryd_fake_fetch_end (fixture->client.fetch, FERRYD_BODY_END_PROVED);
  settle ();
  g_assert_cmpstr (fixture->client.heard->str, ==, "b");
  g_assert_true (ferryd_fake_fetch_is_canceled (fixture->client.fetch));
  g_assert_false (ferryd_fake_fetch_has_ended (fixture->client.fetch));
}

static void
serve (FerrydFetch *begun, gpointer user_data)
{
  ferryd_fake_fetch_serve (begun, user_data, "\"v\"");
}

static void
test_serve (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gint64 first;
    const char *if_range;
    FerrydAnswerKind kind;
    const char *heard;
    gsize from;
  } cases[] = {
    { 0, NULL, FERRYD_ANSWER_WHOLE, "abbe", 0 },
    { 65536, "\"v\"", FERRYD_ANSWER_PART, "abe", 65536 },
    { 65536, "\"w\"", FERRYD_ANSWER_WHOLE, "abbe", 0 },
    { 70000, "\"v\"", FERRYD_ANSWER_NOTHING_BEYOND, "ae", 70000 },
  };
  g_autofree guint8 *content = g_malloc (70000);
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < 70000; i++)
    content[i] = (guint8) (i * 7 + i / 256);
  bytes = g_bytes_new (content, 70000);
  ferryd_fake_transport_set_server (fixture->fake, serve, bytes);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_string_truncate (fixture->client.heard, 0);
      g_byte_array_set_size (fixture->client.body, 0);
      fetch (fixture, cases[i].first, cases[i].if_range);
      settle ();
      g_assert_cmpint (fixture->client.kind, ==, cases[i].kind);
      g_assert_cmpstr (fixture->client.heard->str, ==, cases[i].heard);
      g_assert_cmpmem (fixture->client.body->data, fixture->client.body->len, content + cases[i].from,
                       70000 - cases[i].from);
    }
  g_assert_cmpuint (ferryd_fake_transport_count_fetches (fixture->fake), ==, G_N_ELEMENTS (cases));
}

static void
test_monitors (void)
{
  g_autoptr (FerrydFakeNetworkMonitor) network = ferryd_fake_network_monitor_new ();
  g_autoptr (FerrydFakePowerMonitor) power = ferryd_fake_power_monitor_new ();
  g_autoptr (FerrydSignalLog) network_log = ferryd_signal_log_new (network);
  g_autoptr (FerrydSignalLog) power_log = ferryd_signal_log_new (power);
  FerrydConditions conditions = { .paused_all = TRUE };
  const FerrydConnection *connection;

  g_assert_true (ferryd_network_monitor_fill (FERRYD_NETWORK_MONITOR (network), &conditions));
  g_assert_true (ferryd_power_monitor_fill (FERRYD_POWER_MONITOR (power), &conditions));
  g_assert_cmpint (conditions.connectivity, ==, FERRY_CONNECTIVITY_FULL);
  g_assert_cmpint (conditions.cost, ==, FERRY_NETWORK_COST_UNRESTRICTED);
  g_assert_false (conditions.battery_saver);
  g_assert_true (conditions.paused_all);

  ferryd_fake_network_monitor_set_connectivity (network, FERRY_CONNECTIVITY_NONE);
  ferryd_fake_network_monitor_set_cost (network, FERRY_NETWORK_COST_FIXED, TRUE, FALSE, TRUE, FALSE);
  g_assert_null (ferryd_network_monitor_get_connection (FERRYD_NETWORK_MONITOR (network))->uuid);
  ferryd_fake_network_monitor_set_connection (network, "one", "eth7");
  connection = ferryd_network_monitor_get_connection (FERRYD_NETWORK_MONITOR (network));
  g_assert_cmpstr (connection->uuid, ==, "one");
  g_assert_cmpstr (connection->interface, ==, "eth7");
  ferryd_fake_network_monitor_set_ready (network, FALSE);
  ferryd_fake_power_monitor_set (power, TRUE, TRUE);
  ferryd_fake_power_monitor_set_ready (power, FALSE);
  g_assert_false (ferryd_network_monitor_fill (FERRYD_NETWORK_MONITOR (network), &conditions));
  g_assert_false (ferryd_power_monitor_fill (FERRYD_POWER_MONITOR (power), &conditions));
  g_assert_cmpint (conditions.connectivity, ==, FERRY_CONNECTIVITY_NONE);
  g_assert_true (conditions.roaming && conditions.over_limit && !conditions.approaching_limit);
  g_assert_true (conditions.on_battery && conditions.battery_saver);
  g_assert_cmpuint (ferryd_signal_log_skip (network_log, "changed"), ==, 4);
  ferryd_signal_log_expect (power_log, "changed ()");
  ferryd_signal_log_expect (power_log, "changed ()");
}

/* In a process of its own: a log with an unread emission is a failure. */
static void
test_signal_log_unread (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (FerrydFakePowerMonitor) power = ferryd_fake_power_monitor_new ();
      g_autoptr (FerrydSignalLog) log = ferryd_signal_log_new (power);

      ferryd_fake_power_monitor_set (power, TRUE, TRUE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

static void
test_signal_log_arguments (void)
{
  static const FerrydId id = { { 0xab } };
  guint signal = g_signal_new ("told", FERRYD_TYPE_FAKE_POWER_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
  g_autoptr (FerrydFakePowerMonitor) power = ferryd_fake_power_monitor_new ();
  g_autoptr (FerrydSignalLog) log = ferryd_signal_log_new (power);

  g_signal_emit (power, signal, 0, &id, TRUE);
  g_signal_emit (power, signal, 0, &id, FALSE);
  g_assert_cmpuint (ferryd_signal_log_count (log), ==, 2);
  g_assert_false (ferryd_signal_log_take (log, "told (%s, %s)", "ab", "TRUE"));
  g_assert_true (ferryd_signal_log_take (log, "told (%s, FALSE)", "ab000000000000000000000000000000"));
  ferryd_signal_log_expect (log, "told (ab000000000000000000000000000000, TRUE)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/fakes/transport/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("script", test_script);
  ADD ("hold", test_hold);
  ADD ("stop", test_stop);
  ADD ("cancel", test_cancel);
  ADD ("serve", test_serve);
#undef ADD
  g_test_add_func ("/fakes/monitors", test_monitors);
  g_test_add_func ("/fakes/signal-log/unread", test_signal_log_unread);
  g_test_add_func ("/fakes/signal-log/arguments", test_signal_log_arguments);
  return g_test_run ();
}
