/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>
#include <string.h>

#include "ferryd-id.h"

static void
test_round_trip (void)
{
  FerrydId id, read;
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_generate (&id);
  ferryd_id_format (&id, text);
  g_assert_cmpuint (strlen (text), ==, 32);
  g_assert_true (ferryd_id_parse (text, &read));
  g_assert_true (ferryd_id_equal (&id, &read));
  g_assert_cmpuint (ferryd_id_hash (&id), ==, ferryd_id_hash (&read));
}

static void
test_format (void)
{
  FerrydId id = { { 0x00, 0x01, 0x0a, 0x10, 0xa0, 0xff, 0x4f, 0x00, 0x80, 9, 8, 7, 6, 5, 4, 3 } };
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (&id, text);
  g_assert_cmpstr (text, ==, "00010a10a0ff4f008009080706050403");
}

static void
test_random (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      FerrydId id;

      ferryd_id_generate (&id);
      g_assert_cmphex (id.bytes[6] & 0xf0, ==, 0x40);
      g_assert_cmphex (id.bytes[8] & 0xc0, ==, 0x80);
      g_assert_true (g_hash_table_add (seen, g_memdup2 (&id, sizeof id)));
    }
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "",
    "0123456789abcdef0123456789abcde",
    "0123456789abcdef0123456789abcdef0",
    "0123456789ABCDEF0123456789abcdef",
    "0123456789abcdef0123456789abcdeg",
    "01234567-89ab-4def-8123-456789abcdef",
    " 123456789abcdef0123456789abcdef",
    "+123456789abcdef0123456789abcdef",
    "00000000000000000000000000000000",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      FerrydId id = { { 42 } };

      g_assert_false (ferryd_id_parse (bad[i], &id));
      g_assert_cmpuint (id.bytes[0], ==, 42);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id/round-trip", test_round_trip);
  g_test_add_func ("/id/format", test_format);
  g_test_add_func ("/id/random", test_random);
  g_test_add_func ("/id/refused", test_refused);
  return g_test_run ();
}
