/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-digest.h"

/* Of "hello". */
#define HELLO256 "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
#define HELLO256_BARE "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
#define HELLO512 "m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=="
#define SUM256 "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define SUM512                                                              \
  "sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7" \
  "2323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043"
/* Of nothing anybody has. */
#define OTHER256 "AAAAul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="

static const struct
{
  const char *name;
  guint status;
  const char *fields;   /* NAME: VALUE, one a line */
  const char *expected; /* NULL for none */
} cases[] = {
  { "sha-256", 200, "Repr-Digest: sha-256=:" HELLO256 ":", SUM256 },
  { "sha-512", 200, "Repr-Digest: sha-512=:" HELLO512 ":", SUM512 },
  { "part", 206, "Repr-Digest: sha-256=:" HELLO256 ":", SUM256 },
  { "both", 200, "Repr-Digest: sha-512=:" HELLO512 ":, sha-256=:" HELLO256 ":", SUM256 },
  { "lines", 200, "Repr-Digest: md5=:AAAA:\nRepr-Digest: sha-512=:" HELLO512 ":", SUM512 },
  { "no-padding", 200, "Repr-Digest: sha-256=:" HELLO256_BARE ":", SUM256 },
  { "parameters", 200, "Repr-Digest: sha-256=:" HELLO256 ":;a=1", SUM256 },
  { "unknown", 200, "Repr-Digest: blake3=:AAAA:, sha-256=:" HELLO256 ":", SUM256 },
  { "weak", 200, "Repr-Digest: md5=:XUFAKrxLKna5cZ2REBfFkg==:, sha=:qvTGHdzF6KLavt4PO0gs2a6pQ00=:", NULL },
  { "content", 200, "Content-Digest: sha-256=:" HELLO256 ":", SUM256 },
  { "content/part", 206, "Content-Digest: sha-256=:" HELLO256 ":", NULL },
  { "content/beside", 200, "Content-Digest: sha-256=:" OTHER256 ":\nRepr-Digest: sha-256=:" HELLO256 ":",
    SUM256 },
  { "changed-on-its-way", 203, "Repr-Digest: sha-256=:" HELLO256 ":", NULL },
  { "created", 201, "Repr-Digest: sha-256=:" HELLO256 ":", NULL },
  { "coded", 200, "Content-Encoding: gzip\nRepr-Digest: sha-256=:" HELLO256 ":", NULL },
  { "identity", 200, "Content-Encoding: identity\nRepr-Digest: sha-256=:" HELLO256 ":", SUM256 },
  { "none", 200, "Digest: SHA-256=" HELLO256, NULL },
  { "empty", 200, "Repr-Digest: ", NULL },
  { "no-colons", 200, "Repr-Digest: sha-256=" HELLO256, NULL },
  { "one-colon", 200, "Repr-Digest: sha-256=:" HELLO256, NULL },
  { "string", 200, "Repr-Digest: sha-256=\"" HELLO256 "\"", NULL },
  { "behind", 200, "Repr-Digest: sha-256=:" HELLO256 ":x", NULL },
  { "short", 200, "Repr-Digest: sha-256=:AAAA:", NULL },
  { "long", 200, "Repr-Digest: sha-256=:" HELLO512 ":", NULL },
  { "not-base64", 200, "Repr-Digest: sha-256=:LPJNul wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:", NULL },
  { "bare-key", 200, "Repr-Digest: sha-256", NULL },
  { "twice", 200, "Repr-Digest: sha-256=:" HELLO256 ":, sha-256=:" OTHER256 ":", NULL },
};

static void
test_read (gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_auto (GStrv) lines = g_strsplit (cases[n].fields, "\n", -1);
  g_autofree char *digest = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) field = g_strsplit (lines[i], ": ", 2);

      soup_message_headers_append (headers, field[0], field[1]);
    }
  digest = ferryd_http_get_digest (cases[n].status, headers);
  g_assert_cmpstr (digest, ==, cases[n].expected);
  soup_message_headers_unref (headers);
}

static void
test_want (void)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);

  ferryd_http_want_digest (headers);
  g_assert_cmpstr (soup_message_headers_get_list (headers, "Want-Repr-Digest"), ==, "sha-256=10, sha-512=9");
  soup_message_headers_replace (headers, "Want-Repr-Digest", "sha-512=1");
  ferryd_http_want_digest (headers);
  g_assert_cmpstr (soup_message_headers_get_list (headers, "Want-Repr-Digest"), ==, "sha-512=1");
  soup_message_headers_unref (headers);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http-digest/", cases[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_read);
    }
  g_test_add_func ("/http-digest/want", test_want);
  return g_test_run ();
}
