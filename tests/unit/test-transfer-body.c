/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "ferryd-transfer-kit.h"

/* Attempts whose request sends something along, or may be sent only once. */

#define POST "{'method': <'POST'>}"
#define IDEMPOTENT "{'method': <'POST'>, 'idempotent': <true>}"

static char *
get_path (FerrydTransferKit *kit)
{
  return g_build_filename (kit->sink.base, "body", NULL);
}

/* Seven bytes in a file of their own. */
static void
send_file (FerrydTransferKit *kit)
{
  g_autofree char *path = get_path (kit);
  const FerrydContentPiece piece = { .path = path, .length = -1 };

  g_assert_true (g_file_set_contents (path, "ask me!", 7, NULL));
  kit->content = ferryd_content_new (NULL);
  ferryd_content_add (kit->content, &piece);
}

static void
append_to_file (FerrydTransferKit *kit)
{
  g_autofree char *path = get_path (kit);
  int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, "!!", 2), ==, 2);
  close (fd);
}

static void
lose_connection (FerrydTransferKit *kit)
{
  kit->server.status = FERRY_TRANSFER_ERROR_CONNECTION_RESET;
  kit->server.remedy = FERRYD_REMEDY_RETRY;
}

static void
assert_failed (FerrydTransferKit *kit, FerryTransferError status, FerrydRemedy remedy, gboolean sealed)
{
  g_assert_nonnull (kit->failure);
  g_assert_cmpint (kit->failure->status, ==, status);
  g_assert_cmpint (kit->failure->remedy, ==, remedy);
  g_assert_cmpint (kit->record->sealed, ==, sealed);
  g_clear_pointer (&kit->failure, ferryd_failure_free);
}

static void
wait_event (FerrydTransferKit *kit, char event)
{
  while (strchr (kit->events->str, event) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_whole (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  ferryd_transfer_kit_run (kit, POST);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 !7");
  g_assert_cmpstr (kit->events->str, ==, "csAC");
  g_assert_cmpuint (ferryd_meter_get_sent (kit->meter), ==, 7);
  g_assert_cmpint (ferryd_meter_get_to_send (kit->meter), ==, 7);
  ferryd_transfer_kit_publish (kit);
}

/* A request with an effect has to be recorded before it is made, although it sends nothing. */
static void
test_nothing (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_run (kit, POST);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 !0");
  g_assert_cmpstr (kit->events->str, ==, "sAC");
  ferryd_transfer_kit_publish (kit);
}

static void
test_get (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  ferryd_transfer_kit_run (kit, "{'connections': <uint32 4>}");
  assert_failed (kit, FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_RETRY, FALSE);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 +7");
  kit->server.cut = 0;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 +7");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_lost_before_its_end (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  lose_connection (kit);
  kit->server.takes = 6;
  ferryd_transfer_kit_run (kit, POST);
  assert_failed (kit, FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRYD_REMEDY_RETRY, FALSE);
  kit->server.status = -1;
  kit->server.takes = 0;
  ferryd_transfer_kit_run (kit, POST);
  ferryd_transfer_kit_publish (kit);
}

static void
test_lost_after_its_end (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  lose_connection (kit);
  ferryd_transfer_kit_run (kit, POST);
  assert_failed (kit, FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL, TRUE);
  kit->server.status = -1;
  ferryd_transfer_kit_run (kit, POST);
  g_assert_cmpuint (kit->fetches->len, ==, 0);
  assert_failed (kit, FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL, TRUE);
  /* As Resume has it. */
  kit->record->sealed = FALSE;
  ferryd_transfer_kit_run (kit, POST);
  ferryd_transfer_kit_publish (kit);
}

static void
test_answer_cut (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.cut = FERRYD_TRANSFER_KIT_SIZE / 2;
  ferryd_transfer_kit_run (kit, POST);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_failed (kit, FERRY_TRANSFER_ERROR_DISCONNECTED, FERRYD_REMEDY_FINAL, TRUE);
  g_assert_cmpuint (ferryd_ranges_total (kit->record->ranges), ==, FERRYD_TRANSFER_KIT_SIZE / 2);
}

static void
test_refused_answer (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_run (kit, "{'method': <'POST'>, 'expected-size': <uint64 5>}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_SIZE_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
}

static void
test_idempotent (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  lose_connection (kit);
  ferryd_transfer_kit_run (kit, IDEMPOTENT);
  assert_failed (kit, FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRYD_REMEDY_RETRY, FALSE);
  kit->server.status = -1;
  ferryd_transfer_kit_run (kit, IDEMPOTENT);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 +7");
  ferryd_transfer_kit_publish (kit);
}

static void
test_invited (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.status = FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR;
  kit->server.remedy = FERRYD_REMEDY_RETRY;
  kit->server.answers = 429;
  ferryd_transfer_kit_run (kit, POST);
  assert_failed (kit, FERRY_TRANSFER_ERROR_UNEXPECTED_CLIENT_ERROR, FERRYD_REMEDY_RETRY, FALSE);
  kit->server.status = FERRY_TRANSFER_ERROR_BAD_GATEWAY;
  kit->server.answers = 502;
  ferryd_transfer_kit_run (kit, POST);
  assert_failed (kit, FERRY_TRANSFER_ERROR_BAD_GATEWAY, FERRYD_REMEDY_FINAL, FALSE);
}

static void
test_changed_between (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  lose_connection (kit);
  kit->server.takes = 6;
  ferryd_transfer_kit_run (kit, POST);
  assert_failed (kit, FERRY_TRANSFER_ERROR_CONNECTION_RESET, FERRYD_REMEDY_RETRY, FALSE);
  append_to_file (kit);
  kit->server.status = -1;
  kit->server.takes = 0;
  ferryd_transfer_kit_run (kit, POST);
  ferryd_transfer_kit_assert_fetch (kit, 0, "0--1 !9");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_changed_meanwhile (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  kit->proceed_late = TRUE;
  ferryd_transfer_kit_start (kit, POST);
  wait_event (kit, 's');
  append_to_file (kit);
  ferryd_attempt_proceed (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_failed (kit, FERRY_TRANSFER_ERROR_SOURCE_CHANGED, FERRYD_REMEDY_FINAL, TRUE);
}

static void
test_vanished (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *path = get_path (kit);

  send_file (kit);
  g_assert_cmpint (g_unlink (path), ==, 0);
  ferryd_transfer_kit_run (kit, POST);
  g_assert_cmpuint (kit->fetches->len, ==, 0);
  g_assert_nonnull (strstr (kit->failure->message, path));
  assert_failed (kit, FERRY_TRANSFER_ERROR_SOURCE_LOST, FERRYD_REMEDY_FINAL, FALSE);
}

static void
test_stopped (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  kit->proceed_late = TRUE;
  ferryd_transfer_kit_start (kit, POST);
  wait_event (kit, 's');
  g_assert_true (kit->record->sealed);
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_false (kit->record->sealed);

  kit->proceed_late = FALSE;
  kit->server.hangs = TRUE;
  ferryd_transfer_kit_start (kit, POST);
  wait_event (kit, 'A');
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_true (kit->record->sealed);
}

/* Ended before the last step: all of it is there, and nothing is asked for again. */
static void
test_complete_already (FerrydTransferKit *kit, gconstpointer data)
{
  send_file (kit);
  ferryd_transfer_kit_run (kit, POST);
  kit->over = FALSE;
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  g_assert_true (kit->record->complete);
  ferryd_transfer_kit_run (kit, POST);
  g_assert_cmpuint (kit->fetches->len, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

static void
test_empty_already (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.size = 0;
  test_complete_already (kit, data);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*function) (FerrydTransferKit *kit, gconstpointer data);
  } tests[] = {
    { "/transfer-body/whole", test_whole },
    { "/transfer-body/nothing", test_nothing },
    { "/transfer-body/get", test_get },
    { "/transfer-body/lost-before-its-end", test_lost_before_its_end },
    { "/transfer-body/lost-after-its-end", test_lost_after_its_end },
    { "/transfer-body/answer-cut", test_answer_cut },
    { "/transfer-body/refused-answer", test_refused_answer },
    { "/transfer-body/idempotent", test_idempotent },
    { "/transfer-body/invited", test_invited },
    { "/transfer-body/changed-between", test_changed_between },
    { "/transfer-body/changed-meanwhile", test_changed_meanwhile },
    { "/transfer-body/vanished", test_vanished },
    { "/transfer-body/stopped", test_stopped },
    { "/transfer-body/complete-already", test_complete_already },
    { "/transfer-body/complete-already/empty", test_empty_already },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, FerrydTransferKit, NULL, ferryd_transfer_kit_set_up, tests[i].function,
                ferryd_transfer_kit_tear_down);
  return g_test_run ();
}
