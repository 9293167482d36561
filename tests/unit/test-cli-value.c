/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>

#include "ferry-cmd-value.h"

/* @type and @text: a value as g_variant_parse() reads it. @wanted: the lines, joined by `|`. */
static void
assert_lines (const char *name, const char *type, const char *text, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = g_variant_parse (G_VARIANT_TYPE (type), text, NULL, NULL, &error);
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  lines = ferry_cmd_value_to_lines (name, value);
  g_ptr_array_add (lines, NULL);
  joined = g_strjoinv ("|", (GStrv) lines->pdata);
  g_assert_cmpstr (joined, ==, wanted);
}

static void
test_numbers (void)
{
  assert_lines ("Created", "x", "1795206321901201", "2026-11-20 21:25:21");
  assert_lines ("Finished", "x", "0", "-");
  assert_lines ("RetryAt", "x", "9223372036854775807", "-");
  assert_lines ("TimeRemaining", "x", "7702635", "7.7 s");
  assert_lines ("TimeRemaining", "x", "-1", "-");
  assert_lines ("BytesReceived", "t", "619824", "619.8 kB (619824 bytes)");
  assert_lines ("BytesReceived", "t", "999", "999 bytes");
  assert_lines ("BytesReceived", "t", "0", "0 bytes");
  assert_lines ("TotalBytesToReceive", "x", "-1", "-");
  assert_lines ("Speed", "t", "309008", "309.0 kB/s");
  assert_lines ("MaxSpeed", "t", "0", "-");
  /* What is no quantity stays the number that it is. */
  assert_lines ("Attempt", "u", "3", "3");
}

static void
test_plain (void)
{
  assert_lines ("Title", "s", "'A “title”'", "A “title”");
  assert_lines ("Group", "s", "''", "-");
  assert_lines ("CompletionGroup", "o", "'/'", "-");
  assert_lines ("CompletionGroup", "o", "'/a/b'", "/a/b");
  assert_lines ("RandomAccess", "b", "true", "yes");
  assert_lines ("BlockedBy", "as", "['network.none', 'power.saver']", "network.none, power.saver");
  assert_lines ("BlockedBy", "as", "[]", "-");
  assert_lines ("Ranges", "a(tt)", "[(0, 10), (20, 1)]", "0-9, 20-20");
  assert_lines ("Ranges", "a(tt)", "[]", "-");
}

static void
test_nested (void)
{
  assert_lines ("Metadata", "a{sv}", "{}", "-");
  assert_lines (
      "Response", "a{sv}",
      "{'status': <uint32 200>, 'headers': <[('ETag', '\"v1\"'), ('Age', '')]>, 'resumable': <true>}",
      "status: 200|headers:|  ETag: \"v1\"|  Age: |resumable: yes");
  assert_lines ("Options", "a{sv}", "{'expected-size': <uint64 5000>, 'metadata': <{'note': <'mine'>}>}",
                "expected-size: 5.0 kB (5000 bytes)|metadata:|  note: mine");
  assert_lines ("Options", "a{sv}", "{'metadata': <@a{sv} {}>}", "metadata: -");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_setenv ("TZ", "UTC-1", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-value/numbers", test_numbers);
  g_test_add_func ("/cli-value/plain", test_plain);
  g_test_add_func ("/cli-value/nested", test_nested);
  return g_test_run ();
}
