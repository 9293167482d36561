/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-kit.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

/**
 * ferryd_sink_kit_set_up:
 * @kit: (out caller-allocates): a kit
 * @data: not used
 */
void
ferryd_sink_kit_set_up (FerrydSinkKit *kit, gconstpointer data)
{
  char text[FERRYD_ID_TEXT_SIZE];
  g_autofree char *part = NULL;

  kit->base = g_dir_make_tmp ("ferry-sink-XXXXXX", NULL);
  g_assert_nonnull (kit->base);
  kit->folder = g_build_filename (kit->base, "folder", NULL);
  g_assert_cmpint (g_mkdir (kit->folder, 0755), ==, 0);
  kit->target = (FerrydDestination){ .directory = kit->folder };
  kit->journal = g_build_filename (kit->base, "state", "journal", NULL);
  ferryd_id_generate (&kit->id);
  ferryd_id_format (&kit->id, text);
  part = g_strdup_printf (".ferry-%s.part", text);
  kit->part = g_build_filename (kit->folder, part, NULL);
  kit->record = ferryd_progress_record_new ();
}

static int
remove_one (const char *path, const struct stat *file, int kind, struct FTW *place)
{
  return remove (path);
}

/**
 * ferryd_sink_kit_tear_down:
 * @kit: a kit
 * @data: not used
 */
void
ferryd_sink_kit_tear_down (FerrydSinkKit *kit, gconstpointer data)
{
  ferryd_sink_kit_close (kit);
  g_assert_cmpint (nftw (kit->base, remove_one, 8, FTW_DEPTH | FTW_PHYS), ==, 0);
  ferryd_progress_record_free (kit->record);
  g_free (kit->checksum);
  g_free (kit->part);
  g_free (kit->journal);
  g_free (kit->folder);
  g_free (kit->base);
}

/**
 * ferryd_sink_kit_spec:
 * @kit: a kit
 *
 * Returns: what it opens; borrows from @kit
 */
FerrydSinkSpec
ferryd_sink_kit_spec (FerrydSinkKit *kit)
{
  return (FerrydSinkSpec){
    .id = kit->id,
    .target = &kit->target,
    .journal_directory = kit->journal,
    .checksum = kit->checksum,
  };
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * ferryd_sink_kit_try_open:
 * @kit: a kit
 *
 * Opens a sink in place of the one that is open.
 *
 * Returns: (transfer full) (nullable): why not
 */
FerrydFailure *
ferryd_sink_kit_try_open (FerrydSinkKit *kit)
{
  g_autoptr (GAsyncResult) result = NULL;
  FerrydFailure *failure = NULL;
  FerrydSinkSpec spec = ferryd_sink_kit_spec (kit);

  ferryd_sink_kit_close (kit);
  ferryd_sink_open_async (&spec, kit->record, keep_result, &result);
  wait_for (&result);
  kit->sink = ferryd_sink_open_finish (result, &failure);
  g_assert_true ((kit->sink == NULL) == (failure != NULL));
  return failure;
}

/**
 * ferryd_sink_kit_open:
 * @kit: a kit
 */
void
ferryd_sink_kit_open (FerrydSinkKit *kit)
{
  g_autoptr (FerrydFailure) failure = ferryd_sink_kit_try_open (kit);

  g_assert_null (failure);
}

/**
 * ferryd_sink_kit_close:
 * @kit: a kit
 *
 * What a kill would leave behind: closing a sink writes nothing.
 */
void
ferryd_sink_kit_close (FerrydSinkKit *kit)
{
  g_clear_pointer (&kit->sink, ferryd_sink_close);
}

/**
 * ferryd_sink_kit_bytes:
 * @start: first byte
 * @end: the byte behind the last
 *
 * Returns: (transfer full): what the file has there
 */
guint8 *
ferryd_sink_kit_bytes (guint64 start, guint64 end)
{
  guint8 *bytes = g_malloc (end - start + 1);

  for (guint64 i = start; i < end; i++)
    bytes[i - start] = (guint8) ((i * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 56);
  return bytes;
}

/**
 * ferryd_sink_kit_expect_checksum:
 * @kit: a kit
 * @size: bytes of the whole
 *
 * From the next opening on the right checksum is asked for.
 */
void
ferryd_sink_kit_expect_checksum (FerrydSinkKit *kit, guint64 size)
{
  g_autofree guint8 *bytes = ferryd_sink_kit_bytes (0, size);
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, size);

  g_free (kit->checksum);
  kit->checksum = g_strconcat ("sha256:", hex, NULL);
}

/**
 * ferryd_sink_kit_write:
 * @kit: a kit
 * @start: first byte
 * @end: the byte behind the last
 *
 * Writes what belongs there, in pieces as a transport would.
 */
void
ferryd_sink_kit_write (FerrydSinkKit *kit, guint64 start, guint64 end)
{
  const guint64 piece = 60000;

  for (guint64 at = start; at < end; at += MIN (piece, end - at))
    {
      guint64 size = MIN (piece, end - at);
      g_autofree guint8 *bytes = ferryd_sink_kit_bytes (at, at + size);
      g_autoptr (FerrydFailure) failure = ferryd_sink_write (kit->sink, at, bytes, size);

      g_assert_null (failure);
    }
}

/**
 * ferryd_sink_kit_sync:
 * @kit: a kit
 *
 * Returns: (transfer full) (nullable): why that failed
 */
FerrydFailure *
ferryd_sink_kit_sync (FerrydSinkKit *kit)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_sink_sync_async (kit->sink, keep_result, &result);
  wait_for (&result);
  return ferryd_sink_sync_finish (kit->sink, result);
}

/**
 * ferryd_sink_kit_verify:
 * @kit: a kit
 * @size: bytes of the whole
 *
 * Returns: (transfer full) (nullable): why that failed
 */
FerrydFailure *
ferryd_sink_kit_verify (FerrydSinkKit *kit, guint64 size)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_sink_verify_async (kit->sink, size, keep_result, &result);
  wait_for (&result);
  return ferryd_sink_verify_finish (kit->sink, result);
}

/**
 * ferryd_sink_kit_publish:
 * @kit: a kit
 * @name: leaf name
 * @replace: whether it may be taken
 *
 * Returns: (transfer full) (nullable): why that failed
 */
FerrydFailure *
ferryd_sink_kit_publish (FerrydSinkKit *kit, const char *name, gboolean replace)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferryd_sink_publish_async (kit->sink, name, replace, keep_result, &result);
  wait_for (&result);
  return ferryd_sink_publish_finish (kit->sink, result);
}

/**
 * ferryd_sink_kit_checkpoint:
 * @kit: a kit
 *
 * Syncs and records, as the service does from time to time.
 */
void
ferryd_sink_kit_checkpoint (FerrydSinkKit *kit)
{
  g_autoptr (FerrydFailure) failure = NULL;

  ferryd_sink_snapshot (kit->sink, kit->record);
  failure = ferryd_sink_kit_sync (kit);
  g_assert_null (failure);
}

/**
 * ferryd_sink_kit_path:
 * @kit: a kit
 * @name: leaf name
 *
 * Returns: (transfer full): its path in the folder
 */
char *
ferryd_sink_kit_path (FerrydSinkKit *kit, const char *name)
{
  return g_build_filename (kit->folder, name, NULL);
}

/**
 * ferryd_sink_kit_page:
 * @kit: a kit
 *
 * Returns: (transfer full): path of the journal page, be there one or not
 */
char *
ferryd_sink_kit_page (FerrydSinkKit *kit)
{
  char text[FERRYD_ID_TEXT_SIZE];

  ferryd_id_format (&kit->id, text);
  return g_build_filename (kit->journal, text, NULL);
}

/**
 * ferryd_sink_kit_assert_file:
 * @path: a file
 * @size: what it has, from byte 0 on
 */
void
ferryd_sink_kit_assert_file (const char *path, guint64 size)
{
  g_autofree guint8 *expected = ferryd_sink_kit_bytes (0, size);
  g_autofree char *actual = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &actual, &length, NULL));
  g_assert_cmpuint (length, ==, size);
  g_assert_cmpint (memcmp (actual, expected, size), ==, 0);
}

/**
 * ferryd_sink_kit_assert_held:
 * @kit: a kit
 * @prefix: bytes held from byte 0 on
 * @total: bytes held
 */
void
ferryd_sink_kit_assert_held (FerrydSinkKit *kit, guint64 prefix, guint64 total)
{
  g_assert_cmpuint (ferryd_ranges_prefix (ferryd_sink_get_ranges (kit->sink)), ==, prefix);
  g_assert_cmpuint (ferryd_ranges_total (ferryd_sink_get_ranges (kit->sink)), ==, total);
}

/**
 * ferryd_sink_kit_assert_failure:
 * @failure: (transfer full) (nullable): what came
 * @status: what had to come
 * @remedy: and what helps
 */
void
ferryd_sink_kit_assert_failure (FerrydFailure *failure, FerryTransferError status, FerrydRemedy remedy)
{
  g_autoptr (FerrydFailure) owned = failure;

  g_assert_nonnull (owned);
  g_assert_cmpint (owned->status, ==, status);
  g_assert_cmpint (owned->remedy, ==, remedy);
  g_assert_true (g_utf8_validate (owned->message, -1, NULL));
}
