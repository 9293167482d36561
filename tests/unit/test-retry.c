/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "ferryd-retry.h"

#define MS G_TIME_SPAN_MILLISECOND
#define HOUR G_TIME_SPAN_HOUR
#define DELAY 5000 /* ms, the setting's default */

static const struct
{
  const char *what;
  FerrydRetryQuestion question;
  FerrydRetryVerdict verdict;
} cases[] = {
  { "first step, no jitter taken", { FERRYD_REMEDY_RETRY, 1, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 5000 * MS } },
  { "first step, all jitter taken",
    { FERRYD_REMEDY_RETRY, 1, 3, DELAY, -1, 0.0 },
    { TRUE, TRUE, 2500 * MS } },
  { "half of the jitter", { FERRYD_REMEDY_RETRY, 1, 3, DELAY, -1, 0.5 }, { TRUE, TRUE, 3750 * MS } },
  { "doubles", { FERRYD_REMEDY_RETRY, 2, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 10000 * MS } },
  { "doubles again", { FERRYD_REMEDY_RETRY, 3, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 20000 * MS } },
  { "the last is used up", { FERRYD_REMEDY_RETRY, 4, 3, DELAY, -1, 1.0 }, { FALSE, TRUE, 0 } },
  { "no retries wanted", { FERRYD_REMEDY_RETRY, 1, 0, DELAY, -1, 1.0 }, { FALSE, TRUE, 0 } },
  { "below the cap", { FERRYD_REMEDY_RETRY, 10, 99, DELAY, -1, 1.0 }, { TRUE, TRUE, 512 * 5000 * MS } },
  { "at the cap", { FERRYD_REMEDY_RETRY, 11, 99, DELAY, -1, 1.0 }, { TRUE, TRUE, HOUR } },
  { "no overflow", { FERRYD_REMEDY_RETRY, G_MAXUINT, G_MAXUINT, DELAY, -1, 1.0 }, { TRUE, TRUE, HOUR } },
  { "scales with the setting", { FERRYD_REMEDY_RETRY, 3, 3, 10, -1, 1.0 }, { TRUE, TRUE, 40 * MS } },
  { "so does the cap", { FERRYD_REMEDY_RETRY, 30, 99, 10, -1, 1.0 }, { TRUE, TRUE, 7200 * MS } },

  { "the server asks for more", { FERRYD_REMEDY_RETRY, 1, 3, DELAY, HOUR, 1.0 }, { TRUE, TRUE, HOUR } },
  { "the server asks for less", { FERRYD_REMEDY_RETRY, 1, 3, DELAY, MS, 1.0 }, { TRUE, TRUE, 5000 * MS } },
  { "the server asks for too much",
    { FERRYD_REMEDY_RETRY, 1, 3, DELAY, 90 * HOUR, 1.0 },
    { TRUE, TRUE, 24 * HOUR } },
  { "asking helps nothing at the end", { FERRYD_REMEDY_RETRY, 4, 3, DELAY, HOUR, 1.0 }, { FALSE, TRUE, 0 } },

  { "at once the first time", { FERRYD_REMEDY_AT_ONCE, 1, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 0 } },
  { "then like the others", { FERRYD_REMEDY_AT_ONCE, 2, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 10000 * MS } },
  { "and not for ever", { FERRYD_REMEDY_AT_ONCE, 4, 3, DELAY, -1, 1.0 }, { FALSE, TRUE, 0 } },
  { "at once, but not before the server's time",
    { FERRYD_REMEDY_AT_ONCE, 1, 3, DELAY, HOUR, 1.0 },
    { TRUE, TRUE, HOUR } },

  { "starting over", { FERRYD_REMEDY_RESTART, 1, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 0 } },
  { "starting over without retries", { FERRYD_REMEDY_RESTART, 1, 0, DELAY, -1, 1.0 }, { TRUE, TRUE, 0 } },
  { "starting over the last time", { FERRYD_REMEDY_RESTART, 5, 3, DELAY, -1, 1.0 }, { TRUE, TRUE, 0 } },
  { "starting over has an end", { FERRYD_REMEDY_RESTART, 6, 3, DELAY, -1, 1.0 }, { FALSE, TRUE, 0 } },

  { "final", { FERRYD_REMEDY_FINAL, 1, 3, DELAY, -1, 1.0 }, { FALSE, TRUE, 0 } },
  { "final, whatever the server asks", { FERRYD_REMEDY_FINAL, 1, 3, DELAY, HOUR, 1.0 }, { FALSE, TRUE, 0 } },

  { "no network spends nothing",
    { FERRYD_REMEDY_NO_NETWORK, 1, 3, DELAY, -1, 1.0 },
    { TRUE, FALSE, 5000 * MS } },
  { "no network, however often",
    { FERRYD_REMEDY_NO_NETWORK, 9, 0, DELAY, -1, 0.0 },
    { TRUE, FALSE, 2500 * MS } },

  { "a keyring is waited for at leisure",
    { FERRYD_REMEDY_LATER, 99, 3, DELAY, -1, 1.0 },
    { TRUE, TRUE, 60000 * MS } },

  { "a network that changes explains it",
    { FERRYD_REMEDY_RETRY, 4, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, TRUE },
    { TRUE, FALSE, 5000 * MS } },
  { "the same, in the middle",
    { FERRYD_REMEDY_AT_ONCE, 1, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_CONNECTION_RESET, TRUE },
    { TRUE, FALSE, 5000 * MS } },
  { "a network that stays explains nothing",
    { FERRYD_REMEDY_RETRY, 4, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_CANNOT_CONNECT, FALSE },
    { FALSE, TRUE, 0 } },
  { "what a server says is not the network's",
    { FERRYD_REMEDY_RETRY, 4, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_SERVICE_UNAVAILABLE, TRUE },
    { FALSE, TRUE, 0 } },
  { "nor what is wrong with it",
    { FERRYD_REMEDY_RETRY, 4, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_CERTIFICATE_CONTAINS_ERRORS, TRUE },
    { FALSE, TRUE, 0 } },
  { "what must not be repeated stays final",
    { FERRYD_REMEDY_FINAL, 1, 3, DELAY, -1, 1.0, FERRY_TRANSFER_ERROR_DISCONNECTED, TRUE },
    { FALSE, TRUE, 0 } },
  { "a full disk is not waited for here",
    { FERRYD_REMEDY_DISK_FULL, 1, 3, DELAY, -1, 1.0 },
    { FALSE, TRUE, 0 } },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydRetryVerdict verdict = ferryd_retry_decide (&cases[i].question);

      g_test_message ("%s", cases[i].what);
      g_assert_cmpint (verdict.again, ==, cases[i].verdict.again);
      g_assert_cmpint (verdict.spent, ==, cases[i].verdict.spent);
      g_assert_cmpint (verdict.delay, ==, cases[i].verdict.delay);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/retry/table", test_table);
  return g_test_run ();
}
