/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-http-digest.h"

#include <string.h>

/* Both are as good as the other where nobody forges anything; the first costs less where the processor helps.
 */
#define WANTED "sha-256=10, sha-512=9"

/* What is checked, the first one wins. The other names that are registered (RFC 9530 section 7.2) are of
 * algorithms that prove nothing any more. */
static const struct
{
  const char *key;  /* in the field */
  const char *name; /* in front of the colon of a checksum */
  gsize size;       /* bytes */
} algorithms[] = {
  { "sha-256", "sha256", 32 },
  { "sha-512", "sha512", 64 },
};

/* A byte sequence, `:BASE64:` with parameters or without (RFC 8941 sections 3.1.2 and 3.3.5). */
static guint8 *
read_bytes (const char *value, gsize *size)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *end = value != NULL && *value == ':' ? strchr (value + 1, ':') : NULL;
  g_autoptr (GString) text = NULL;

  if (end == NULL || (end[1] != '\0' && end[1] != ';'))
    return NULL;
  text = g_string_new_len (value + 1, end - value - 1);
  while (text->len > 0 && text->str[text->len - 1] == '=')
    g_string_truncate (text, text->len - 1);
  /* GLib passes over what does not belong there. */
  if (strspn (text->str, alphabet) != text->len)
    return NULL;
  /* Padding may be missing, which GLib needs. */
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  return g_base64_decode (text->str, size);
}

static char *
to_checksum (const char *name, const guint8 *bytes, gsize size)
{
  GString *checksum = g_string_new (name);

  g_string_append_c (checksum, ':');
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (checksum, "%02x", bytes[i]);
  return g_string_free (checksum, FALSE);
}

/* libsoup has no reader for dictionaries of structured fields (RFC 8941 section 3.2); its one for lists of
 * parameters splits them the same way where no value is a string, as none is here. It takes keys without
 * regard to case, passes over members that are none and does not look into values: what is not to the letter
 * there counts for nothing. A key that comes twice makes it give up, where the last one would count. */
static char *
read_field (SoupMessageHeaders *headers, const char *name)
{
  const char *value = soup_message_headers_get_list (headers, name);
  g_autoptr (GHashTable) members = value != NULL ? soup_header_parse_param_list_strict (value) : NULL;
  char *checksum = NULL;

  for (guint i = 0; members != NULL && checksum == NULL && i < G_N_ELEMENTS (algorithms); i++)
    {
      gsize size = 0;
      g_autofree guint8 *bytes = read_bytes (g_hash_table_lookup (members, algorithms[i].key), &size);

      if (bytes != NULL && size == algorithms[i].size)
        checksum = to_checksum (algorithms[i].name, bytes, size);
    }
  return checksum;
}

/**
 * ferryd_http_get_digest:
 * @status: status code of a response to a download
 * @headers: its headers
 *
 * Reads Repr-Digest (RFC 9530), or Content-Digest where what it is of is the same: a content that is all of
 * the representation. What is coded is left alone, as servers disagree about what its digest is of, and so is
 * what somebody on the way says to have changed (203).
 *
 * Returns: (transfer full) (nullable): `sha256:HEX` or `sha512:HEX` of all of it; NULL where the server gives
 * none that can be checked
 */
char *
ferryd_http_get_digest (guint status, SoupMessageHeaders *headers)
{
  const char *coding = soup_message_headers_get_list (headers, "Content-Encoding");
  char *checksum;

  if ((status != 200 && status != 206) || (coding != NULL && g_ascii_strcasecmp (coding, "identity") != 0))
    return NULL;
  checksum = read_field (headers, "Repr-Digest");
  return checksum == NULL && status == 200 ? read_field (headers, "Content-Digest") : checksum;
}

/**
 * ferryd_http_want_digest:
 * @headers: a request's
 *
 * Asks for what ferryd_http_get_digest() reads, unless the caller has asked for something already.
 */
void
ferryd_http_want_digest (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_one (headers, "Want-Repr-Digest") == NULL)
    soup_message_headers_append (headers, "Want-Repr-Digest", WANTED);
}
