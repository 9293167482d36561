/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-progress-record.h"

/* A dictionary, so that a later version can add to it and an earlier one passes over what it does not know.
 * Validators and names are byte strings: neither a server nor a file system promises UTF-8. */
#define RECORD_TYPE G_VARIANT_TYPE_VARDICT

/**
 * ferryd_progress_record_new:
 *
 * Returns: (transfer full): a record of nothing: no partial file, no ranges, total not known
 */
FerrydProgressRecord *
ferryd_progress_record_new (void)
{
  FerrydProgressRecord *record = g_new0 (FerrydProgressRecord, 1);

  record->total = -1;
  record->ranges = ferryd_ranges_new ();
  return record;
}

/**
 * ferryd_progress_record_copy:
 * @record: a record
 *
 * Returns: (transfer full): another that says the same
 */
FerrydProgressRecord *
ferryd_progress_record_copy (const FerrydProgressRecord *record)
{
  FerrydProgressRecord *copy = g_new0 (FerrydProgressRecord, 1);

  *copy = *record;
  copy->folder.path = g_strdup (record->folder.path);
  copy->former.path = g_strdup (record->former.path);
  copy->validator = g_strdup (record->validator);
  copy->etag = g_strdup (record->etag);
  copy->last_modified = g_strdup (record->last_modified);
  copy->uri = g_strdup (record->uri);
  copy->ranges = ferryd_ranges_copy (record->ranges);
  copy->digest = record->digest != NULL ? g_variant_ref (record->digest) : NULL;
  copy->server_digest = g_strdup (record->server_digest);
  copy->publish_name = g_strdup (record->publish_name);
  copy->snapshot = record->snapshot != NULL ? g_variant_ref (record->snapshot) : NULL;
  copy->upload_url = g_strdup (record->upload_url);
  return copy;
}

/**
 * ferryd_progress_record_free:
 * @record: (transfer full) (nullable): a record
 */
void
ferryd_progress_record_free (FerrydProgressRecord *record)
{
  if (record == NULL)
    return;
  ferryd_folder_clear (&record->folder);
  ferryd_folder_clear (&record->former);
  g_free (record->validator);
  g_free (record->etag);
  g_free (record->last_modified);
  g_free (record->uri);
  ferryd_ranges_free (record->ranges);
  g_clear_pointer (&record->digest, g_variant_unref);
  g_free (record->server_digest);
  g_free (record->publish_name);
  g_clear_pointer (&record->snapshot, g_variant_unref);
  g_free (record->upload_url);
  g_free (record);
}

/**
 * ferryd_folder_clear:
 * @folder: becomes no folder
 */
void
ferryd_folder_clear (FerrydFolder *folder)
{
  g_clear_pointer (&folder->path, g_free);
  folder->device = 0;
  folder->inode = 0;
}

/**
 * ferryd_progress_record_leave:
 * @record: a record, whose partial file is a copy beside the destination from now on
 *
 * Where it was copied from there is something to delete.
 */
void
ferryd_progress_record_leave (FerrydProgressRecord *record)
{
  ferryd_folder_clear (&record->former);
  record->former = record->folder;
  record->folder = (FerrydFolder){ 0 };
}

/**
 * ferryd_progress_record_follow:
 * @record: a record
 * @from: the destination so far
 * @to: the destination from now on
 *
 * The partial file stays where it is for now, so that has to be said from now on, or need not be any more.
 */
void
ferryd_progress_record_follow (FerrydProgressRecord *record, const FerrydDestination *from,
                               const FerrydDestination *to)
{
  if (record->inode != 0 && record->folder.path == NULL)
    record->folder = (FerrydFolder){ g_strdup (from->directory), from->device, from->inode };
  if (record->inode == 0 || (record->folder.device == to->device && record->folder.inode == to->inode))
    ferryd_folder_clear (&record->folder);
}

static void
insert_folder (GVariantDict *dict, const char *key, const FerrydFolder *folder)
{
  if (folder->path != NULL)
    g_variant_dict_insert (dict, key, "(^aytt)", folder->path, folder->device, folder->inode);
}

static void
lookup_folder (GVariantDict *dict, const char *key, FerrydFolder *folder)
{
  g_variant_dict_lookup (dict, key, "(^aytt)", &folder->path, &folder->device, &folder->inode);
}

static void
insert_bytes (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert_value (dict, key, g_variant_new_bytestring (value));
}

static void
insert_true (GVariantDict *dict, const char *key, gboolean value)
{
  if (value)
    g_variant_dict_insert (dict, key, "b", TRUE);
}

/**
 * ferryd_progress_record_to_variant:
 * @record: a record
 *
 * Returns: (transfer floating): what the store keeps in one value; the place of an upload has columns of its
 * own
 */
GVariant *
ferryd_progress_record_to_variant (const FerrydProgressRecord *record)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dict, "epoch", "t", record->epoch);
  g_variant_dict_insert (&dict, "device", "t", record->device);
  g_variant_dict_insert (&dict, "inode", "t", record->inode);
  g_variant_dict_insert (&dict, "born", "t", record->born);
  insert_folder (&dict, "folder", &record->folder);
  insert_folder (&dict, "former", &record->former);
  if (record->modified != 0)
    g_variant_dict_insert (&dict, "modified", "t", record->modified);
  g_variant_dict_insert (&dict, "total", "x", record->total);
  insert_bytes (&dict, "validator", record->validator);
  insert_bytes (&dict, "etag", record->etag);
  insert_bytes (&dict, "last-modified", record->last_modified);
  insert_bytes (&dict, "uri", record->uri);
  insert_true (&dict, "whole-only", record->whole_only);
  insert_true (&dict, "mixed", record->mixed);
  if (record->from != 0)
    g_variant_dict_insert (&dict, "from", "t", record->from);
  g_variant_dict_insert_value (&dict, "ranges", ferryd_ranges_to_variant (record->ranges));
  if (record->digest != NULL)
    g_variant_dict_insert (&dict, "digest", "v", record->digest);
  insert_bytes (&dict, "server-digest", record->server_digest);
  insert_true (&dict, "digest-failed", record->digest_failed);
  insert_true (&dict, "complete", record->complete);
  insert_true (&dict, "complete-proved", record->complete_proved);
  insert_bytes (&dict, "publish-name", record->publish_name);
  insert_true (&dict, "publish-replace", record->publish_replace);
  if (record->snapshot != NULL)
    g_variant_dict_insert (&dict, "snapshot", "v", record->snapshot);
  if (record->fresh != 0)
    g_variant_dict_insert (&dict, "fresh", "u", record->fresh);
  insert_true (&dict, "sealed", record->sealed);
  if (record->upload_protocol != 0)
    g_variant_dict_insert (&dict, "upload-protocol", "u", record->upload_protocol);
  return g_variant_dict_end (&dict);
}

static char *
lookup_bytes (GVariantDict *dict, const char *key)
{
  g_autoptr (GVariant) value = g_variant_dict_lookup_value (dict, key, G_VARIANT_TYPE_BYTESTRING);

  return value != NULL ? g_variant_dup_bytestring (value, NULL) : NULL;
}

/**
 * ferryd_progress_record_from_variant:
 * @variant: (nullable): as ferryd_progress_record_to_variant() made it
 *
 * Returns: (transfer full): the record; an empty one for %NULL and for a type not known
 */
FerrydProgressRecord *
ferryd_progress_record_from_variant (GVariant *variant)
{
  FerrydProgressRecord *record = ferryd_progress_record_new ();
  g_auto (GVariantDict) dict = { 0 };
  g_autoptr (GVariant) ranges = NULL;

  if (variant == NULL || !g_variant_is_of_type (variant, RECORD_TYPE))
    return record;
  g_variant_dict_init (&dict, variant);
  g_variant_dict_lookup (&dict, "epoch", "t", &record->epoch);
  g_variant_dict_lookup (&dict, "device", "t", &record->device);
  g_variant_dict_lookup (&dict, "inode", "t", &record->inode);
  g_variant_dict_lookup (&dict, "born", "t", &record->born);
  lookup_folder (&dict, "folder", &record->folder);
  lookup_folder (&dict, "former", &record->former);
  g_variant_dict_lookup (&dict, "modified", "t", &record->modified);
  g_variant_dict_lookup (&dict, "total", "x", &record->total);
  record->validator = lookup_bytes (&dict, "validator");
  record->etag = lookup_bytes (&dict, "etag");
  record->last_modified = lookup_bytes (&dict, "last-modified");
  record->uri = lookup_bytes (&dict, "uri");
  g_variant_dict_lookup (&dict, "whole-only", "b", &record->whole_only);
  g_variant_dict_lookup (&dict, "mixed", "b", &record->mixed);
  g_variant_dict_lookup (&dict, "from", "t", &record->from);
  ranges = g_variant_dict_lookup_value (&dict, "ranges", G_VARIANT_TYPE ("a(tt)"));
  if (ranges != NULL)
    {
      ferryd_ranges_free (record->ranges);
      record->ranges = ferryd_ranges_from_variant (ranges);
    }
  g_variant_dict_lookup (&dict, "digest", "v", &record->digest);
  record->server_digest = lookup_bytes (&dict, "server-digest");
  g_variant_dict_lookup (&dict, "digest-failed", "b", &record->digest_failed);
  g_variant_dict_lookup (&dict, "complete", "b", &record->complete);
  g_variant_dict_lookup (&dict, "complete-proved", "b", &record->complete_proved);
  record->publish_name = lookup_bytes (&dict, "publish-name");
  g_variant_dict_lookup (&dict, "publish-replace", "b", &record->publish_replace);
  g_variant_dict_lookup (&dict, "snapshot", "v", &record->snapshot);
  g_variant_dict_lookup (&dict, "fresh", "u", &record->fresh);
  g_variant_dict_lookup (&dict, "sealed", "b", &record->sealed);
  g_variant_dict_lookup (&dict, "upload-protocol", "u", &record->upload_protocol);
  return record;
}
