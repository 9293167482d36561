/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "ferryd-suggested-name.h"

static void
test_sanitise (void)
{
  static const struct
  {
    const char *name;
    const char *safe;
  } rows[] = {
    { "plain.txt", "plain.txt" },
    { "two words.tar.gz", "two words.tar.gz" },
    { "r\303\251sum\303\251.pdf", "r\303\251sum\303\251.pdf" },
    { "../../x", "x" },
    { "/etc/passwd", "passwd" },
    { "C:\\Windows\\evil.exe", "evil.exe" },
    { "..\\..\\x", "x" },
    { "folder/", "download" },
    { "..", "__" },
    { ".", "_" },
    { "...", "___" },
    { ".bashrc", "_bashrc" },
    { "..bashrc", "__bashrc" },
    { "a..b", "a..b" },
    { "\x01.desktop", "_desktop" },
    { "a\r\nb\x7f.txt", "ab.txt" },
    /* Right-to-left override, isolates, marks; and what is not theirs. */
    { "cod\342\200\256txt.exe", "codtxt.exe" },
    { "\342\201\246a\342\201\251\342\200\216.txt", "a.txt" },
    { "a\342\200\250b\342\200\251c", "abc" },
    { "a\342\200\214b", "a\342\200\214b" },
    { "CON", "CON" },
    { "  padded  ", "padded" },
    { " .hidden", "_hidden" },
    { "caf\351", "caf\357\277\275" },
    { "", "download" },
    { "   ", "download" },
    { NULL, "download" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *safe = ferryd_suggested_name_sanitise (rows[i].name);

      g_assert_cmpstr (safe, ==, rows[i].safe);
    }
}

/* Cut between characters, with room for what the service adds, and the extension kept unless it is none. */
static void
test_long (void)
{
  g_autoptr (GString) euros = g_string_new (NULL);
  g_autofree char *tail = g_strnfill (300, 'x');
  g_autofree char *no_extension = g_strconcat ("name.", tail, NULL);
  g_autofree char *safe = NULL;
  g_autofree char *cut = NULL;

  for (guint i = 0; i < 200; i++)
    g_string_append (euros, "\342\202\254");
  g_string_append (euros, ".tar");
  safe = ferryd_suggested_name_sanitise (euros->str);
  g_assert_cmpuint (strlen (safe), <=, 255 - 32);
  g_assert_cmpuint (strlen (safe), >, 255 - 32 - 3);
  g_assert_true (g_utf8_validate (safe, -1, NULL));
  g_assert_true (g_str_has_suffix (safe, "\342\202\254.tar"));
  cut = ferryd_suggested_name_sanitise (no_extension);
  g_assert_cmpuint (strlen (cut), ==, 255 - 32);
  g_assert_true (g_str_has_prefix (cut, "name.x"));
}

static void
test_from_uri (void)
{
  static const struct
  {
    const char *uri;
    const char *name;
  } rows[] = {
    { "http://example.org/folder/file.iso", "file.iso" },
    { "https://example.org/a%20b.txt?x=/y.z#/w", "a b.txt" },
    { "http://example.org/%e2%82%ac.txt", "\342\202\254.txt" },
    { "http://example.org/%E4.txt", "\357\277\275.txt" },
    { "http://example.org/a%2F..%2F.bashrc", "_bashrc" },
    { "http://example.org/..%5C..%5Cx", "x" },
    { "http://example.org/a%00b", "a%00b" },
    { "http://example.org/folder/", "download" },
    { "http://example.org", "download" },
    { "http://example.org/?q", "download" },
    { "not a URI", "download" },
    { "", "download" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = ferryd_suggested_name_from_uri (rows[i].uri);

      g_test_message ("%s", rows[i].uri);
      g_assert_cmpstr (name, ==, rows[i].name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suggested-name/sanitise", test_sanitise);
  g_test_add_func ("/suggested-name/long", test_long);
  g_test_add_func ("/suggested-name/from-uri", test_from_uri);
  return g_test_run ();
}
