/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-id.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/**
 * ferryd_id_generate:
 * @id: (out): a new identity
 *
 * Makes a random identity. It comes from the kernel's generator, because who can guess an id can name an
 * object.
 */
void
ferryd_id_generate (FerrydId *id)
{
  if (getentropy (id->bytes, sizeof id->bytes) != 0)
    g_error ("The kernel gives no random numbers: %s", g_strerror (errno));

  id->bytes[6] = (id->bytes[6] & 0x0f) | 0x40; /* version 4 */
  id->bytes[8] = (id->bytes[8] & 0x3f) | 0x80; /* variant of RFC 9562 */
}

/**
 * ferryd_id_parse:
 * @text: what may be an id
 * @id: (out): the id; untouched where it is none
 *
 * Reads 32 lower-case hex digits and nothing else, so that an object has one path only. All zero stands for
 * "none" in memory and in the store and is no id.
 *
 * Returns: whether @text is an id
 */
gboolean
ferryd_id_parse (const char *text, FerrydId *id)
{
  FerrydId read = { { 0 } };
  guint8 any = 0;

  if (strlen (text) != FERRYD_ID_TEXT_SIZE - 1)
    return FALSE;

  for (gsize i = 0; i < sizeof read.bytes; i++)
    {
      const char *digits = text + 2 * i;

      if (!g_ascii_isxdigit (digits[0]) || !g_ascii_isxdigit (digits[1]) || g_ascii_isupper (digits[0]) ||
          g_ascii_isupper (digits[1]))
        return FALSE;
      read.bytes[i] = (guint8) (g_ascii_xdigit_value (digits[0]) << 4 | g_ascii_xdigit_value (digits[1]));
      any |= read.bytes[i];
    }
  if (any == 0)
    return FALSE;

  *id = read;
  return TRUE;
}

/**
 * ferryd_id_format:
 * @id: an identity
 * @text: (out caller-allocates): 32 lower-case hex digits
 */
void
ferryd_id_format (const FerrydId *id, char text[FERRYD_ID_TEXT_SIZE])
{
  for (gsize i = 0; i < sizeof id->bytes; i++)
    g_snprintf (text + 2 * i, 3, "%02x", id->bytes[i]);
}

/**
 * ferryd_id_hash:
 * @id: a #FerrydId
 *
 * Returns: its hash, for #GHashTable; the bytes are random already
 */
guint
ferryd_id_hash (gconstpointer id)
{
  guint hash;

  memcpy (&hash, ((const FerrydId *) id)->bytes, sizeof hash);
  return hash;
}

/**
 * ferryd_id_equal:
 * @a: a #FerrydId
 * @b: a #FerrydId
 *
 * Returns: whether both are the same identity
 */
gboolean
ferryd_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FerrydId)) == 0;
}

/**
 * ferryd_id_set_new:
 *
 * Returns: (transfer full) (element-type FerrydId): an empty set
 */
GHashTable *
ferryd_id_set_new (void)
{
  return g_hash_table_new_full (ferryd_id_hash, ferryd_id_equal, g_free, NULL);
}

/**
 * ferryd_id_set_add:
 * @set: (element-type FerrydId): of ferryd_id_set_new()
 * @id: an identity, which is copied
 *
 * Returns: whether it was not in it
 */
gboolean
ferryd_id_set_add (GHashTable *set, const FerrydId *id)
{
  return g_hash_table_add (set, g_memdup2 (id, sizeof *id));
}
