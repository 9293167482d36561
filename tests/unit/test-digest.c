/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-digest.h"

/* FIPS 180-4 examples: "", "abc" and the two-block messages. */
static const struct
{
  const char *text;
  const char *checksum;
} vectors[] = {
  { "", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  { "abc", "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
  { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
    "nopqrstu",
    "sha512:8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
    "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
};

static void
test_vectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (FerrydDigest) digest = ferryd_digest_new (vectors[i].checksum);
      g_autofree char *actual = NULL;

      g_assert_nonnull (digest);
      ferryd_digest_update (digest, (const guint8 *) vectors[i].text, strlen (vectors[i].text));
      g_assert_cmpuint (ferryd_digest_position (digest), ==, strlen (vectors[i].text));
      g_assert_true (ferryd_digest_matches (digest, &actual));
      g_assert_cmpstr (actual, ==, vectors[i].checksum);
    }
}

static void
test_case_and_mismatch (void)
{
  g_autofree char *upper = g_ascii_strup (vectors[1].checksum + strlen ("sha256:"), -1);
  g_autofree char *checksum = g_strconcat ("sha256:", upper, NULL);
  g_autoptr (FerrydDigest) digest = ferryd_digest_new (checksum);
  g_autofree char *actual = NULL;

  ferryd_digest_update (digest, (const guint8 *) "abd", 3);
  g_assert_false (ferryd_digest_matches (digest, &actual));
  g_assert_cmpstr (actual, ==, "sha256:a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9");
  ferryd_digest_reset (digest);
  g_assert_cmpuint (ferryd_digest_position (digest), ==, 0);
  ferryd_digest_update (digest, (const guint8 *) "abc", 3);
  g_assert_true (ferryd_digest_matches (digest, NULL));
}

static void
test_bad_checksums (void)
{
  static const char *const bad[] = {
    "",
    "sha256",
    "sha256:",
    "sha256:ab",
    "md5:900150983cd24fb0d6963f7d28e17f72",
    "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (ferryd_digest_new (bad[i]));
}

/* As the store keeps it: bytes without a type of their own. */
static GVariant *
through_store (GVariant *state)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (state);
  g_autoptr (GBytes) bytes = g_bytes_new (g_variant_get_data (owned), g_variant_get_size (owned));

  return g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (owned), bytes, FALSE));
}

/* Longer than two blocks of SHA-512, so that every place in a block is a boundary. */
static void
test_save_everywhere (gconstpointer data)
{
  GChecksumType type = GPOINTER_TO_INT (data);
  guint8 bytes[300];
  g_autofree char *hex = NULL;
  g_autofree char *checksum = NULL;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * 7);
  hex = g_compute_checksum_for_data (type, bytes, sizeof bytes);
  checksum = g_strconcat (type == G_CHECKSUM_SHA256 ? "sha256:" : "sha512:", hex, NULL);
  for (guint split = 0; split <= sizeof bytes; split++)
    {
      g_autoptr (FerrydDigest) first = ferryd_digest_new (checksum);
      g_autoptr (FerrydDigest) second = ferryd_digest_new (checksum);
      g_autoptr (FerrydDigest) copy = NULL;
      g_autoptr (GVariant) state = NULL;

      ferryd_digest_update (first, bytes, split);
      state = through_store (ferryd_digest_save (first));
      g_assert_true (ferryd_digest_restore (second, state));
      g_assert_cmpuint (ferryd_digest_position (second), ==, split);
      copy = ferryd_digest_copy (second);
      ferryd_digest_update (second, bytes + split, sizeof bytes - split);
      g_assert_true (ferryd_digest_matches (second, NULL));
      g_assert_cmpuint (ferryd_digest_position (copy), ==, split);
      ferryd_digest_update (copy, bytes + split, sizeof bytes - split);
      g_assert_true (ferryd_digest_matches (copy, NULL));
    }
}

static void
assert_refused (FerrydDigest *digest, GVariant *state)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (state);

  ferryd_digest_update (digest, (const guint8 *) "xyz", 3);
  g_assert_false (ferryd_digest_restore (digest, owned));
  g_assert_cmpuint (ferryd_digest_position (digest), ==, 0);
}

static void
test_bad_states (void)
{
  g_autoptr (FerrydDigest) sha256 = ferryd_digest_new (vectors[1].checksum);
  g_autoptr (FerrydDigest) sha512 = ferryd_digest_new (vectors[3].checksum);
  g_autoptr (GVariant) good = NULL;
  g_autoptr (GVariant) bytes = NULL;
  const char *tag;
  guint64 position;

  ferryd_digest_update (sha512, (const guint8 *) "ab", 2);
  good = g_variant_ref_sink (ferryd_digest_save (sha512));
  g_variant_get (good, "(&st@ay)", &tag, &position, &bytes);
  g_assert_true (ferryd_digest_restore (sha512, good));

  assert_refused (sha256, good);
  assert_refused (sha512, g_variant_new_string ("state"));
  assert_refused (sha512, g_variant_new ("(st@ay)", "sha512 other-1.0", position, bytes));
  assert_refused (sha512, g_variant_new ("(st@ay)", tag, position + 1, bytes));
  assert_refused (sha512, g_variant_new ("(stay)", tag, position, NULL));
  ferryd_digest_update (sha512, (const guint8 *) "abc", 3);
  g_assert_true (ferryd_digest_matches (sha512, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/vectors", test_vectors);
  g_test_add_func ("/digest/case-and-mismatch", test_case_and_mismatch);
  g_test_add_func ("/digest/bad-checksums", test_bad_checksums);
  g_test_add_data_func ("/digest/save-everywhere/sha256", GINT_TO_POINTER (G_CHECKSUM_SHA256),
                        test_save_everywhere);
  g_test_add_data_func ("/digest/save-everywhere/sha512", GINT_TO_POINTER (G_CHECKSUM_SHA512),
                        test_save_everywhere);
  g_test_add_func ("/digest/bad-states", test_bad_states);
  return g_test_run ();
}
