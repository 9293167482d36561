/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-digest.h"

#include <nettle/sha2.h>
#include <nettle/version.h>

/* Tag (see digest_tag()), bytes digested, the library's context as it is in memory. */
#define STATE_TYPE G_VARIANT_TYPE ("(stay)")

typedef enum
{
  ALGORITHM_SHA256,
  ALGORITHM_SHA512,
} Algorithm;

static const struct
{
  const char *name;   /* as in front of the colon */
  gsize digest_size;  /* bytes */
  gsize context_size; /* bytes */
} algorithms[] = {
  [ALGORITHM_SHA256] = { "sha256", SHA256_DIGEST_SIZE, sizeof (struct sha256_ctx) },
  [ALGORITHM_SHA512] = { "sha512", SHA512_DIGEST_SIZE, sizeof (struct sha512_ctx) },
};

struct _FerrydDigest
{
  Algorithm algorithm;
  char *expected;   /* (owned): `NAME:hex`, lower case */
  guint64 position; /* bytes digested */
  gboolean ended;   /* the library's context is used up */
  union
  {
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
  } context; /* of @algorithm */
};

/**
 * ferryd_digest_new:
 * @checksum: `sha256:HEX` or `sha512:HEX`, in either case
 *
 * Returns: (transfer full) (nullable): a digest at position 0 that is going to be compared with @checksum,
 * %NULL where that is neither of the two
 */
FerrydDigest *
ferryd_digest_new (const char *checksum)
{
  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      gsize name_length = strlen (algorithms[i].name);
      const char *hex = checksum + name_length + 1;
      FerrydDigest *digest;

      if (strncmp (checksum, algorithms[i].name, name_length) != 0 || checksum[name_length] != ':')
        continue;
      if (strlen (hex) != 2 * algorithms[i].digest_size ||
          strspn (hex, "0123456789abcdefABCDEF") != strlen (hex))
        return NULL;
      digest = g_new0 (FerrydDigest, 1);
      digest->algorithm = (Algorithm) i;
      digest->expected = g_ascii_strdown (checksum, -1);
      ferryd_digest_reset (digest);
      return digest;
    }
  return NULL;
}

/**
 * ferryd_digest_free:
 * @digest: (transfer full) (nullable): a digest
 */
void
ferryd_digest_free (FerrydDigest *digest)
{
  if (digest == NULL)
    return;
  g_free (digest->expected);
  g_free (digest);
}

/**
 * ferryd_digest_copy:
 * @digest: a digest
 *
 * Returns: (transfer full): another in the same state
 */
FerrydDigest *
ferryd_digest_copy (const FerrydDigest *digest)
{
  FerrydDigest *copy = g_memdup2 (digest, sizeof *digest);

  copy->expected = g_strdup (digest->expected);
  return copy;
}

/**
 * ferryd_digest_update:
 * @digest: a digest that has not ended
 * @bytes: (array length=size): what follows at its position
 * @size: how many
 */
void
ferryd_digest_update (FerrydDigest *digest, const guint8 *bytes, gsize size)
{
  g_assert (!digest->ended);
  switch (digest->algorithm)
    {
    case ALGORITHM_SHA256:
      sha256_update (&digest->context.sha256, size, bytes);
      break;
    case ALGORITHM_SHA512:
      sha512_update (&digest->context.sha512, size, bytes);
      break;
    default:
      g_assert_not_reached ();
    }
  digest->position += size;
}

/**
 * ferryd_digest_expected:
 * @digest: a digest
 *
 * Returns: (transfer none): the checksum it is going to be compared with, in lower case
 */
const char *
ferryd_digest_expected (const FerrydDigest *digest)
{
  return digest->expected;
}

/**
 * ferryd_digest_position:
 * @digest: a digest
 *
 * Returns: how many bytes it has seen, which is the offset of the byte it needs next
 */
guint64
ferryd_digest_position (const FerrydDigest *digest)
{
  return digest->position;
}

/**
 * ferryd_digest_reset:
 * @digest: a digest
 *
 * Begins again at byte 0.
 */
void
ferryd_digest_reset (FerrydDigest *digest)
{
  /* The library leaves its block as it was, and saved states have no use for old bytes. */
  memset (&digest->context, 0, sizeof digest->context);
  if (digest->algorithm == ALGORITHM_SHA256)
    sha256_init (&digest->context.sha256);
  else
    sha512_init (&digest->context.sha512);
  digest->position = 0;
  digest->ended = FALSE;
}

/**
 * ferryd_digest_matches:
 * @digest: a digest that has not ended
 * @actual: (out) (optional) (transfer full): the checksum it came to, written as the one expected
 *
 * Ends the digest.
 *
 * Returns: whether it came to the checksum expected
 */
gboolean
ferryd_digest_matches (FerrydDigest *digest, char **actual)
{
  guint8 result[SHA512_DIGEST_SIZE];
  g_autoptr (GString) text = g_string_new (algorithms[digest->algorithm].name);
  gboolean equal;

  g_assert (!digest->ended);
  digest->ended = TRUE;
  if (digest->algorithm == ALGORITHM_SHA256)
    sha256_digest (&digest->context.sha256, SHA256_DIGEST_SIZE, result);
  else
    sha512_digest (&digest->context.sha512, SHA512_DIGEST_SIZE, result);
  g_string_append_c (text, ':');
  for (gsize i = 0; i < algorithms[digest->algorithm].digest_size; i++)
    g_string_append_printf (text, "%02x", result[i]);
  equal = g_str_equal (text->str, digest->expected);
  if (actual != NULL)
    *actual = g_string_free (g_steal_pointer (&text), FALSE);
  return equal;
}

/* What a saved state is bound to. The context is the library's own structure: its layout may change with the
 * library's version and does with the machine's word and byte order. */
static char *
digest_tag (const FerrydDigest *digest)
{
  return g_strdup_printf ("%s nettle-%d.%d %d-%" G_GSIZE_FORMAT, algorithms[digest->algorithm].name,
                          nettle_version_major (), nettle_version_minor (), G_BYTE_ORDER,
                          algorithms[digest->algorithm].context_size);
}

/**
 * ferryd_digest_save:
 * @digest: a digest that has not ended
 *
 * Returns: (transfer floating): its state, for ferryd_digest_restore()
 */
GVariant *
ferryd_digest_save (const FerrydDigest *digest)
{
  g_autofree char *tag = digest_tag (digest);

  g_assert (!digest->ended);
  return g_variant_new ("(st@ay)", tag, digest->position,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &digest->context,
                                                   algorithms[digest->algorithm].context_size, 1));
}

/* Whether the library's own counters say what the saved position does: a state that disagrees with itself
 * would index outside its block. */
static gboolean
context_is_sound (const FerrydDigest *digest)
{
  guint64 block, count, index;

  if (digest->algorithm == ALGORITHM_SHA256)
    {
      block = SHA256_BLOCK_SIZE;
      count = digest->context.sha256.count;
      index = digest->context.sha256.index;
    }
  else
    {
      block = SHA512_BLOCK_SIZE;
      count = digest->context.sha512.count_high != 0 ? G_MAXUINT64 : digest->context.sha512.count_low;
      index = digest->context.sha512.index;
    }
  return index == digest->position % block && count == digest->position / block;
}

/**
 * ferryd_digest_restore:
 * @digest: a digest
 * @state: what ferryd_digest_save() gave
 *
 * Goes on where the saved digest was.
 *
 * Returns: whether @state is one of this algorithm, library version and machine; the digest is at 0 if not
 */
gboolean
ferryd_digest_restore (FerrydDigest *digest, GVariant *state)
{
  g_autofree char *tag = digest_tag (digest);
  const char *saved_tag;
  g_autoptr (GVariant) bytes = NULL;
  gconstpointer data;
  gsize size;

  ferryd_digest_reset (digest);
  if (!g_variant_is_of_type (state, STATE_TYPE))
    return FALSE;
  g_variant_get (state, "(&st@ay)", &saved_tag, &digest->position, &bytes);
  data = g_variant_get_fixed_array (bytes, &size, 1);
  if (g_str_equal (saved_tag, tag) && size == algorithms[digest->algorithm].context_size)
    {
      memcpy (&digest->context, data, size);
      if (context_is_sound (digest))
        return TRUE;
    }
  ferryd_digest_reset (digest);
  return FALSE;
}
