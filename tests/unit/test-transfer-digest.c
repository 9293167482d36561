/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-kit.h"

/* Attempts whose server says what all of it has to give. */

#define MIB (1024 * 1024)
#define WRONG "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define MIRROR "{'mirrors': <['http://one/f']>}"

static void
assert_failed (FerrydTransferKit *kit)
{
  g_assert_nonnull (kit->failure);
  g_assert_cmpint (kit->failure->status, ==, FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH);
  g_assert_cmpint (kit->failure->remedy, ==, FERRYD_REMEDY_FINAL);
  g_assert_nonnull (strstr (kit->failure->message, WRONG + strlen ("sha256:")));
  g_assert_nonnull (strstr (kit->failure->message, "the server itself says"));
}

/* As a restart of the service has it. */
static void
store_record (FerrydTransferKit *kit)
{
  g_autoptr (GVariant) stored = g_variant_ref_sink (ferryd_progress_record_to_variant (kit->record));

  ferryd_progress_record_free (kit->record);
  kit->record = ferryd_progress_record_from_variant (stored);
}

static void
test_right (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);

  kit->server.digest = digest;
  kit->server.says_size = FALSE;
  kit->server.end = FERRYD_BODY_END_PROVED;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpstr (kit->record->server_digest, ==, digest);
  g_assert_true (kit->record->complete_proved);
  ferryd_transfer_kit_publish (kit);
}

/* Once more from nothing, then it is final. */
static void
test_wrong (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.digest = WRONG;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  ferryd_transfer_kit_assert_fetch (kit, 1, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  assert_failed (kit);
}

static void
test_damaged_once (FerrydTransferKit *kit, gconstpointer data)
{
  FerrydTransferServer second = kit->server;
  g_autofree char *digest = NULL;

  /* What the kit makes of its second fetch. */
  second.shift = 2000;
  digest = ferryd_transfer_kit_digest (&second);
  kit->changes = 1;
  kit->server.digest = digest;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* It was told with the first part, and the service was restarted since. */
static void
test_resumed (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);

  kit->server.digest = digest;
  ferryd_transfer_kit_fetch_half (kit);
  store_record (kit);
  g_assert_cmpstr (kit->record->server_digest, ==, digest);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_resumed_wrong (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.digest = WRONG;
  ferryd_transfer_kit_fetch_half (kit);
  store_record (kit);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  assert_failed (kit);
}

/* That it did not fit once is not forgotten by a restart either. */
static void
test_wrong_and_cut (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.digest = WRONG;
  ferryd_transfer_kit_start (kit, "{}");
  while (kit->fetches->len < 2)
    g_main_context_iteration (NULL, TRUE);
  ferryd_attempt_stop (kit->transfer);
  ferryd_transfer_kit_wait (kit);
  store_record (kit);
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_failed (kit);
}

static void
test_told_late (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);

  ferryd_transfer_kit_fetch_half (kit);
  kit->server.part_digest = digest;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpstr (kit->record->server_digest, ==, digest);
  ferryd_transfer_kit_publish (kit);
}

static void
test_told_late_wrong (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.digest = kit->server.part_digest = WRONG;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 2);
  assert_failed (kit);
}

/* The validator is the same, but that cannot be. */
static void
test_changed (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);
  g_autofree char *new_digest = NULL;

  kit->server.digest = digest;
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.shift = 7;
  new_digest = ferryd_transfer_kit_digest (&kit->server);
  kit->server.digest = kit->server.part_digest = new_digest;
  ferryd_transfer_kit_run (kit, "{}");
  ferryd_transfer_kit_assert_fetch (kit, 0, "153600--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 1, "0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

/* A server that gives the digest of the part, which is none of all of it. */
static void
test_of_part (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = NULL;

  kit->server.size = 8 * MIB;
  kit->server.piece = 64 * 1024;
  kit->connections = 4;
  digest = ferryd_transfer_kit_digest (&kit->server);
  kit->server.digest = digest;
  kit->server.part_digest = WRONG;
  ferryd_transfer_kit_run (kit, "{'connections': <uint32 4>}");
  g_assert_cmpuint (kit->fetches->len, >, 3);
  g_assert_cmpuint (kit->restarts, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static void
test_side_by_side (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = NULL;

  kit->server.size = 8 * MIB;
  kit->server.piece = 64 * 1024;
  kit->connections = 4;
  digest = ferryd_transfer_kit_digest (&kit->server);
  kit->server.digest = kit->server.part_digest = digest;
  ferryd_transfer_kit_run (kit, "{'connections': <uint32 4>}");
  g_assert_cmpuint (kit->fetches->len, >, 3);
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

/* What was not fetched in order is read in steps before it is verified, and how far that came is recorded. */
static void
test_read_in_steps (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = NULL;
  guint64 position;

  kit->server.size = 66 * MIB;
  digest = ferryd_transfer_kit_digest (&kit->server);
  kit->server.digest = kit->server.part_digest = digest;
  kit->record = ferryd_progress_record_new ();
  kit->record->from = MIB;
  ferryd_transfer_kit_run (kit, "{'random-access': <true>}");
  ferryd_transfer_kit_assert_fetch (kit, 0, "1048576--1 ");
  ferryd_transfer_kit_assert_fetch (kit, 1, "0-1048575 \"one\"");
  g_variant_get_child (kit->record->digest, 1, "t", &position);
  g_assert_cmpuint (position, >=, 65 * MIB);
  ferryd_transfer_kit_publish (kit);
}

static void
test_other_algorithm (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);
  g_autofree char *zeros = g_strnfill (128, '0');
  g_autofree char *other = g_strconcat ("sha512:", zeros, NULL);

  kit->server.digest = digest;
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.part_digest = other;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  ferryd_transfer_kit_publish (kit);
}

static gboolean
wants_digest (FerrydTransferKit *kit)
{
  FerrydFetch *fetch = ferryd_fake_transport_wait_fetch (kit->transport, 0);

  return ferryd_fake_fetch_get_request (fetch)->wants_digest;
}

/* Who knows what it has to be need not ask, nor believe. */
static void
test_checksum_counts (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);
  g_autofree char *options = g_strdup_printf ("{'checksum': <'%s'>}", digest);

  kit->server.digest = WRONG;
  ferryd_transfer_kit_run (kit, options);
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_false (wants_digest (kit));
  g_assert_null (kit->record->server_digest);
  ferryd_transfer_kit_publish (kit);
}

static void
test_asked_for (FerrydTransferKit *kit, gconstpointer data)
{
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_true (wants_digest (kit));
  ferryd_transfer_kit_publish (kit);
}

/* What may be sent only once is not sent again for it. */
static void
test_once (FerrydTransferKit *kit, gconstpointer data)
{
  kit->server.digest = WRONG;
  ferryd_transfer_kit_run (kit, "{'method': <'POST'>}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  assert_failed (kit);
}

static void
test_mirror (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);

  kit->server.digest = digest;
  kit->mirrors[0].part_digest = digest;
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  kit->server.remedy = FERRYD_REMEDY_FINAL;
  ferryd_transfer_kit_run (kit, MIRROR);
  ferryd_transfer_kit_assert_fetch (kit, 1, "1 153600--1 \"one\"");
  g_assert_cmpuint (kit->restarts, ==, 0);
  ferryd_transfer_kit_publish (kit);
}

/* With the same validator, but another digest, it has something else: used from byte 0 on when nothing else
 * is left. */
static void
test_mirror_other (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);
  g_autofree char *other = NULL;

  kit->server.digest = digest;
  kit->mirrors[0].shift = 3;
  other = ferryd_transfer_kit_digest (&kit->mirrors[0]);
  kit->mirrors[0].digest = kit->mirrors[0].part_digest = other;
  ferryd_transfer_kit_fetch_half (kit);
  kit->server.status = FERRY_TRANSFER_ERROR_NOT_FOUND;
  kit->server.remedy = FERRYD_REMEDY_FINAL;
  ferryd_transfer_kit_run (kit, MIRROR);
  ferryd_transfer_kit_assert_fetch (kit, 1, "1 153600--1 \"one\"");
  ferryd_transfer_kit_assert_fetch (kit, 2, "1 0--1 ");
  g_assert_cmpuint (kit->restarts, ==, 1);
  g_assert_cmpstr (kit->record->server_digest, ==, other);
  kit->server.shift = 3;
  ferryd_transfer_kit_publish (kit);
}

static void
test_other_uri (FerrydTransferKit *kit, gconstpointer data)
{
  g_autofree char *digest = ferryd_transfer_kit_digest (&kit->server);

  ferryd_transfer_kit_fetch_half (kit);
  kit->uri = "http://other/f";
  kit->server.part_digest = digest;
  ferryd_transfer_kit_run (kit, "{}");
  g_assert_cmpuint (kit->fetches->len, ==, 1);
  g_assert_cmpstr (kit->record->server_digest, ==, digest);
  ferryd_transfer_kit_publish (kit);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*function) (FerrydTransferKit *kit, gconstpointer data);
  } tests[] = {
    { "/transfer-digest/right", test_right },
    { "/transfer-digest/wrong", test_wrong },
    { "/transfer-digest/damaged-once", test_damaged_once },
    { "/transfer-digest/resumed", test_resumed },
    { "/transfer-digest/resumed/wrong", test_resumed_wrong },
    { "/transfer-digest/wrong-and-cut", test_wrong_and_cut },
    { "/transfer-digest/late", test_told_late },
    { "/transfer-digest/late/wrong", test_told_late_wrong },
    { "/transfer-digest/changed", test_changed },
    { "/transfer-digest/of-part", test_of_part },
    { "/transfer-digest/side-by-side", test_side_by_side },
    { "/transfer-digest/read-in-steps", test_read_in_steps },
    { "/transfer-digest/other-algorithm", test_other_algorithm },
    { "/transfer-digest/checksum", test_checksum_counts },
    { "/transfer-digest/asked-for", test_asked_for },
    { "/transfer-digest/once", test_once },
    { "/transfer-digest/mirror", test_mirror },
    { "/transfer-digest/mirror/other", test_mirror_other },
    { "/transfer-digest/other-uri", test_other_uri },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, FerrydTransferKit, NULL, ferryd_transfer_kit_set_up, tests[i].function,
                ferryd_transfer_kit_tear_down);
  return g_test_run ();
}
