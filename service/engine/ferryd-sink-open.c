/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-boot.h"
#include "ferryd-failpoint.h"
#include "ferryd-sink-given.h"
#include "ferryd-sink-move.h"

/* How often a new file is tried: the name may be taken again, and the first one may have the old inode's
 * number. */
#define MAX_CREATIONS 3

typedef struct
{
  FerrydSinkSpec spec;          /* its pointers (owned) */
  FerrydProgressRecord *record; /* (owned) */
  FerrydSink *sink;             /* (owned) (nullable): the result */
  FerrydFailure *failure;       /* (owned) (nullable): or why there is none */
} OpenCall;

static void
open_call_free (OpenCall *call)
{
  ferryd_destination_free ((FerrydDestination *) call->spec.target);
  g_free ((char *) call->spec.journal_directory);
  g_free ((char *) call->spec.checksum);
  g_clear_object (&call->spec.cancellable);
  ferryd_progress_record_free (call->record);
  g_clear_pointer (&call->sink, ferryd_sink_close);
  g_clear_pointer (&call->failure, ferryd_failure_free);
  g_free (call);
}

/* Whether @file is the one recorded and nobody else has a hand on it. */
static gboolean
is_recorded (const struct stat *file, const FerrydProgressRecord *record)
{
  return S_ISREG (file->st_mode) && ferryd_sink_file_is (file, record->device, record->inode) &&
         file->st_uid == geteuid () && file->st_nlink == 1;
}

/* Opens the partial file that @record speaks of. Returns -1 where there is none that can be gone on with;
 * @failure is set where that cannot be said. */
static int
open_recorded (int folder, const char *part, const char *directory, const FerrydProgressRecord *record,
               int flags, struct stat *file, FerrydFailure **failure)
{
  int fd;

  if (record->inode == 0)
    return -1;
  /* Looked at first, because opening a device may do something. */
  if (fstatat (folder, part, file, AT_SYMLINK_NOFOLLOW) != 0)
    {
      if (errno != ENOENT)
        *failure = ferryd_sink_folder_failure (errno, directory);
      return -1;
    }
  if (!is_recorded (file, record))
    return -1;
  fd = openat (folder, part, flags | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      /* Gone meanwhile, a link meanwhile, or of a mode that locks us out of our own file. */
      if (errno != ENOENT && errno != ELOOP && errno != EACCES)
        *failure = ferryd_sink_folder_failure (errno, directory);
      return -1;
    }
  if (fstat (fd, file) == 0 && is_recorded (file, record) &&
      (record->born == 0 || ferryd_descriptor_get_birth (fd) == record->born))
    return fd;
  close (fd);
  return -1;
}

/* Makes an empty partial file in place of whatever has its name; of what is linked elsewhere only the name
 * goes. The file never has the inode number that @record speaks of, so that the record, should it outlive
 * this process, is not taken for one of the new file. */
static int
create_part (FerrydSink *sink, const FerrydProgressRecord *record, struct stat *file, FerrydFailure **failure)
{
  int held = -1; /* keeps the recorded inode number in use */
  int fd = -1;

  for (guint i = 0; i < MAX_CREATIONS && fd < 0; i++)
    {
      if (unlinkat (sink->folder, sink->part, 0) != 0 && errno != ENOENT)
        break;
      fd = openat (sink->folder, sink->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd < 0 && errno == EEXIST)
        continue;
      if (fd < 0)
        break;
      if (held < 0 && fstat (fd, file) == 0 && ferryd_sink_file_is (file, record->device, record->inode))
        held = g_steal_fd (&fd);
    }
  if (fd < 0 || fstat (fd, file) != 0)
    {
      *failure = ferryd_sink_folder_failure (errno, sink->target->directory);
      if (fd >= 0)
        close (g_steal_fd (&fd));
    }
  if (held >= 0)
    close (held);
  FERRYD_FAILPOINT ("sink-created");
  return fd;
}

/* Takes from the record and the journal page what @file can have, and cuts off what neither speaks of. */
static FerrydFailure *
adopt_ranges (FerrydSink *sink, const FerrydProgressRecord *record, guint64 size)
{
  FerrydSinkIdentity identity = { .device = sink->device, .inode = sink->inode, .epoch = sink->epoch };
  g_autoptr (FerrydRanges) page = NULL;
  const FerrydRange *held;
  guint n;
  guint64 end;

  ferryd_ranges_free (sink->synced);
  sink->synced = ferryd_ranges_copy (record->ranges);
  ferryd_ranges_truncate (sink->synced, size);
  ferryd_ranges_free (sink->ranges);
  sink->ranges = ferryd_ranges_copy (sink->synced);
  if (ferryd_boot_get_id (identity.boot))
    page = ferryd_sink_journal_read (sink->journal_directory, &sink->id, &identity);
  if (page != NULL)
    {
      held = ferryd_ranges_peek (page, &n);
      for (guint i = 0; i < n; i++)
        ferryd_ranges_add (sink->ranges, held[i].start, held[i].end);
      ferryd_ranges_truncate (sink->ranges, size);
    }
  sink->unsynced = ferryd_ranges_total (sink->ranges) - ferryd_ranges_total (sink->synced);
  held = ferryd_ranges_peek (sink->ranges, &n);
  end = n > 0 ? held[n - 1].end : 0;
  if (end < size && ftruncate (sink->file, (off_t) end) != 0)
    return ferryd_sink_failure (sink, errno, "shortened");
  return NULL;
}

static FerrydFailure *
adopt_digest (FerrydSink *sink, const FerrydProgressRecord *record)
{
  guint64 held = ferryd_ranges_prefix (sink->ranges);

  if (record->digest != NULL)
    ferryd_digest_restore (sink->digest, record->digest);
  if (ferryd_digest_position (sink->digest) > held)
    ferryd_digest_reset (sink->digest);
  if (held - ferryd_digest_position (sink->digest) > FERRYD_SINK_CATCH_UP)
    return NULL;
  return ferryd_sink_digest_file (sink, sink->digest, held);
}

static FerrydFailure *
prepare_digest (FerrydSink *sink)
{
  if (sink->checksum == NULL)
    return NULL;
  sink->digest = ferryd_digest_new (sink->checksum);
  if (sink->digest != NULL)
    return NULL;
  return ferryd_failure_new (FERRY_TRANSFER_ERROR_CHECKSUM_MISMATCH, FERRYD_REMEDY_FINAL,
                             "“%s” is not a checksum that can be compared.", sink->checksum);
}

/* Whether a file of @size bytes has nothing left of what was recorded. */
static gboolean
is_emptied (const FerrydProgressRecord *record, guint64 size)
{
  guint n;
  const FerrydRange *ranges = ferryd_ranges_peek (record->ranges, &n);

  return n > 0 && ranges[0].start >= size;
}

static guint64
new_epoch (void)
{
  return (guint64) g_random_int () << 32 | g_random_int ();
}

/* What @file, which is the one recorded, holds. */
static FerrydFailure *
adopt (FerrydSink *sink, const FerrydProgressRecord *record, const struct stat *file)
{
  FerrydFailure *failure;

  sink->device = file->st_dev;
  sink->inode = file->st_ino;
  sink->born = record->born;
  sink->epoch = record->epoch;
  /* The first sync did that, and only then are there ranges to record. */
  sink->folder_synced = ferryd_ranges_total (record->ranges) > 0;
  failure = adopt_ranges (sink, record, (guint64) file->st_size);
  if (failure == NULL && sink->digest != NULL)
    failure = adopt_digest (sink, record);
  return failure;
}

/* The file is empty; what the record says of another one is not true of it. */
static void
begin_anew (FerrydSink *sink, const FerrydProgressRecord *record, const struct stat *file)
{
  sink->device = file->st_dev;
  sink->inode = file->st_ino;
  sink->born = ferryd_descriptor_get_birth (sink->file);
  sink->epoch = record->inode == 0 && record->epoch != 0 ? record->epoch : new_epoch ();
}

/* Worker: the file that was given, emptied unless it holds what was recorded. */
static FerrydFailure *
open_given (FerrydSink *sink, const FerrydProgressRecord *record)
{
  g_autoptr (FerrydFailure) failure = NULL;
  struct stat file;

  sink->file = ferryd_sink_given_open (sink->target, O_RDWR, &file, &failure);
  if (failure != NULL)
    return g_steal_pointer (&failure);
  if (ferryd_sink_file_is (&file, record->device, record->inode) &&
      !is_emptied (record, (guint64) file.st_size) && ferryd_sink_given_is_left_alone (sink->file, record))
    return adopt (sink, record, &file);
  ferryd_sink_journal_remove (sink->journal_directory, &sink->id);
  failure = ferryd_sink_given_empty (sink->target, sink->file);
  FERRYD_FAILPOINT ("sink-given-emptied");
  if (failure == NULL)
    begin_anew (sink, record, &file);
  return g_steal_pointer (&failure);
}

/* Worker: a new file with what @former holds, which is on another file system. Until its record is durable
 * the former one stays. */
static FerrydFailure *
open_copied (FerrydSink *sink, int former, const FerrydProgressRecord *record, GCancellable *cancellable)
{
  g_autoptr (FerrydFailure) failure = NULL;
  struct stat file;

  sink->file = former;
  if (fstat (former, &file) != 0)
    failure = ferryd_sink_failure (sink, errno, "read");
  if (failure == NULL)
    failure = adopt (sink, record, &file);
  sink->file = -1;
  if (failure == NULL)
    sink->file = create_part (sink, record, &file, &failure);
  if (failure == NULL)
    failure = ferryd_sink_move_copy (sink, former, cancellable);
  close (former);
  if (failure != NULL)
    return g_steal_pointer (&failure);
  sink->device = file.st_dev;
  sink->inode = file.st_ino;
  sink->born = ferryd_descriptor_get_birth (sink->file);
  ferryd_ranges_free (sink->synced);
  sink->synced = ferryd_ranges_copy (sink->ranges);
  sink->unsynced = 0;
  sink->folder_synced = TRUE;
  sink->copied = TRUE;
  return NULL;
}

/* Worker: from nothing but the folder, a file that holds what can be proved. */
static FerrydFailure *
open_part (FerrydSink *sink, const OpenCall *call)
{
  const FerrydProgressRecord *record = call->record;
  const char *directory = sink->target->directory;
  g_autoptr (FerrydFailure) failure = NULL;
  int former = -1;
  struct stat file;

  /* Not where the recorded one is, and not needed since that is recorded. */
  ferryd_sink_move_delete_former (&call->spec, record);
  sink->file = open_recorded (sink->folder, sink->part, directory, record, O_RDWR, &file, &failure);
  if (sink->file < 0 && failure == NULL && record->folder.path != NULL)
    {
      if (ferryd_sink_move_rename (sink, record, &failure))
        sink->file = open_recorded (sink->folder, sink->part, directory, record, O_RDWR, &file, &failure);
      else
        former = ferryd_sink_move_open_former (sink, record);
    }
  if (failure != NULL)
    return g_steal_pointer (&failure);
  if (former >= 0)
    return open_copied (sink, former, record, call->spec.cancellable);
  /* What is recorded is here by now, or nowhere. */
  ferryd_sink_move_delete (&call->spec, record);
  if (sink->file >= 0 && is_emptied (record, (guint64) file.st_size))
    close (g_steal_fd (&sink->file));
  if (sink->file >= 0)
    return adopt (sink, record, &file);
  ferryd_sink_journal_remove (sink->journal_directory, &sink->id);
  sink->file = create_part (sink, record, &file, &failure);
  if (failure != NULL)
    return g_steal_pointer (&failure);
  begin_anew (sink, record, &file);
  return NULL;
}

static void
open_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  OpenCall *call = data;
  FerrydSink *sink = ferryd_sink_new (&call->spec);
  gboolean given = ferryd_destination_is_given (call->spec.target);

  call->failure = prepare_digest (sink);
  if (call->failure == NULL && !given)
    sink->folder = ferryd_sink_folder_open (call->spec.target, &call->failure);
  if (call->failure == NULL)
    call->failure = given ? open_given (sink, call->record) : open_part (sink, call);
  if (call->failure == NULL)
    call->sink = sink;
  else
    ferryd_sink_close (sink);
  g_task_return_boolean (task, TRUE);
}

/**
 * ferryd_sink_open_async:
 * @spec: which
 * @record: what was recorded of it
 * @callback: called in the caller's thread-default context
 * @user_data: for @callback
 *
 * Opens the partial file or makes a new one, which has nothing and another epoch. Both arguments are copied.
 */
void
ferryd_sink_open_async (const FerrydSinkSpec *spec, const FerrydProgressRecord *record,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  OpenCall *call = g_new0 (OpenCall, 1);

  g_task_set_source_tag (task, ferryd_sink_open_async);
  call->spec = *spec;
  call->spec.target = ferryd_destination_copy (spec->target);
  call->spec.journal_directory = g_strdup (spec->journal_directory);
  call->spec.checksum = g_strdup (spec->checksum);
  call->spec.cancellable = spec->cancellable != NULL ? g_object_ref (spec->cancellable) : NULL;
  call->record = ferryd_progress_record_copy (record);
  g_task_set_task_data (task, call, (GDestroyNotify) open_call_free);
  ferryd_sink_run (task, open_worker);
}

/**
 * ferryd_sink_open_finish:
 * @result: what the callback got
 * @failure: (out): why there is none
 *
 * Returns: (transfer full) (nullable): the sink, or %NULL with @failure set
 */
FerrydSink *
ferryd_sink_open_finish (GAsyncResult *result, FerrydFailure **failure)
{
  OpenCall *call = g_task_get_task_data (G_TASK (result));

  *failure = g_steal_pointer (&call->failure);
  return g_steal_pointer (&call->sink);
}

/**
 * ferryd_sink_delete:
 * @spec: a sink that is not open
 * @record: (nullable): what was recorded of it: where else it may be, and when a file that was given was last
 *   left alone, as it is not touched where somebody has used it since
 *
 * Takes away the partial file and the journal page; of a file that was given only the data goes. In a folder
 * that is not the one it was created for nothing is touched. Blocks.
 */
void
ferryd_sink_delete (const FerrydSinkSpec *spec, const FerrydProgressRecord *record)
{
  g_autoptr (FerrydFailure) failure = NULL;
  char part[FERRYD_SINK_PART_SIZE];
  int folder;

  ferryd_sink_journal_remove (spec->journal_directory, &spec->id);
  if (ferryd_destination_is_given (spec->target))
    {
      ferryd_sink_given_delete (spec->target, record);
      return;
    }
  if (record != NULL)
    ferryd_sink_move_delete (spec, record);
  folder = ferryd_sink_folder_open (spec->target, &failure);
  if (folder < 0)
    return;
  ferryd_sink_part_name (&spec->id, part);
  if (unlinkat (folder, part, 0) != 0 && errno != ENOENT)
    g_message ("Partial file %s cannot be deleted: %s", part, g_strerror (errno));
  close (folder);
}

/**
 * ferryd_sink_open_partial:
 * @spec: a sink that is not open
 * @record: what was recorded of it
 * @error: %FERRY_ERROR_NOT_FOUND where there is nothing
 *
 * Opens what is there of the file for reading; only what the record's ranges say is data. Blocks.
 *
 * Returns: (transfer full): a descriptor of its own, at offset 0; -1 with @error set
 */
int
ferryd_sink_open_partial (const FerrydSinkSpec *spec, const FerrydProgressRecord *record, GError **error)
{
  g_autoptr (FerrydFailure) failure = NULL;
  char part[FERRYD_SINK_PART_SIZE];
  struct stat file;
  gboolean given = ferryd_destination_is_given (spec->target);
  int folder = given ? -1 : ferryd_sink_folder_open (spec->target, &failure);
  int fd = given ? ferryd_sink_given_open (spec->target, O_RDONLY, &file, &failure) : -1;

  ferryd_sink_part_name (&spec->id, part);
  if (folder >= 0)
    {
      fd = open_recorded (folder, part, spec->target->directory, record, O_RDONLY, &file, &failure);
      close (folder);
    }
  if (fd < 0 && record->folder.path != NULL)
    fd = ferryd_sink_move_open_to_read (spec, record);
  if (fd < 0 && failure != NULL)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, failure->message);
  else if (fd < 0)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND, "There is no data of this download yet.");
  return fd;
}
