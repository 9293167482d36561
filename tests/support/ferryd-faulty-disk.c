/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-faulty-disk.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of SQLite's log format: length of a frame's header, and where it says how large the database is after the
 * commit that the frame ends, zero for a frame that ends none; bytes. */
#define FRAME_HEADER_SIZE 24
#define FRAME_COMMIT_OFFSET 4

/* Atomic; of the whole process, as what counts it stands in the place of libc's functions. */
static gint syncs = 0;

int
fsync (int fd)
{
  g_atomic_int_inc (&syncs);
  return (int) syscall (SYS_fsync, fd);
}

int
fdatasync (int fd)
{
  g_atomic_int_inc (&syncs);
  return (int) syscall (SYS_fdatasync, fd);
}

struct _FerrydFaultyDisk
{
  sqlite3_vfs vfs;
  sqlite3_vfs *real;
  gint write_result; /* atomic: SQLITE_OK, or what every write gives */
  gint next_result;  /* atomic: SQLITE_OK, or what the next write gives */
  gint sync_result;  /* atomic: the same for syncs of the log of ferry.db */
  gint commits;      /* atomic: in the log of ferry.db */
};

/* Followed in memory by the file of the real disk. */
typedef struct
{
  sqlite3_file base;
  FerrydFaultyDisk *disk; /* borrowed */
  gboolean is_log;        /* of ferry.db */
} File;

static sqlite3_file *
get_real (sqlite3_file *file)
{
  return (sqlite3_file *) (gpointer) ((File *) (gpointer) file + 1);
}

static int
file_close (sqlite3_file *file)
{
  return get_real (file)->pMethods->xClose (get_real (file));
}

static int
file_read (sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
  return get_real (file)->pMethods->xRead (get_real (file), buffer, size, offset);
}

static int
file_write (sqlite3_file *file, const void *buffer, int size, sqlite3_int64 offset)
{
  static const guint8 no_commit[4] = { 0 };
  File *self = (File *) (gpointer) file;
  int result = g_atomic_int_get (&self->disk->write_result);
  int once = g_atomic_int_get (&self->disk->next_result);

  if (once != SQLITE_OK && g_atomic_int_compare_and_exchange (&self->disk->next_result, once, SQLITE_OK))
    return once;
  if (result != SQLITE_OK)
    return result;
  if (self->is_log && size == FRAME_HEADER_SIZE &&
      memcmp ((const guint8 *) buffer + FRAME_COMMIT_OFFSET, no_commit, sizeof no_commit) != 0)
    g_atomic_int_inc (&self->disk->commits);
  return get_real (file)->pMethods->xWrite (get_real (file), buffer, size, offset);
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  return get_real (file)->pMethods->xTruncate (get_real (file), size);
}

static int
file_sync (sqlite3_file *file, int flags)
{
  File *self = (File *) (gpointer) file;
  int result = g_atomic_int_get (&self->disk->sync_result);

  if (result != SQLITE_OK && self->is_log)
    return result;
  return get_real (file)->pMethods->xSync (get_real (file), flags);
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return get_real (file)->pMethods->xFileSize (get_real (file), size);
}

static int
file_lock (sqlite3_file *file, int level)
{
  return get_real (file)->pMethods->xLock (get_real (file), level);
}

static int
file_unlock (sqlite3_file *file, int level)
{
  return get_real (file)->pMethods->xUnlock (get_real (file), level);
}

static int
file_check_lock (sqlite3_file *file, int *taken)
{
  return get_real (file)->pMethods->xCheckReservedLock (get_real (file), taken);
}

static int
file_control (sqlite3_file *file, int operation, void *argument)
{
  return get_real (file)->pMethods->xFileControl (get_real (file), operation, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
  return get_real (file)->pMethods->xSectorSize (get_real (file));
}

static int
file_characteristics (sqlite3_file *file)
{
  return get_real (file)->pMethods->xDeviceCharacteristics (get_real (file));
}

static int
file_shm_map (sqlite3_file *file, int region, int size, int extend, void volatile **memory)
{
  return get_real (file)->pMethods->xShmMap (get_real (file), region, size, extend, memory);
}

static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  return get_real (file)->pMethods->xShmLock (get_real (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
  get_real (file)->pMethods->xShmBarrier (get_real (file));
}

static int
file_shm_unmap (sqlite3_file *file, int remove)
{
  return get_real (file)->pMethods->xShmUnmap (get_real (file), remove);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

static int
disk_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
  FerrydFaultyDisk *disk = vfs->pAppData;
  File *self = (File *) (gpointer) file;
  int result = disk->real->xOpen (disk->real, name, get_real (file), flags, out_flags);

  self->disk = disk;
  self->is_log = (flags & SQLITE_OPEN_WAL) != 0 && name != NULL && strstr (name, "ferry.db-wal") != NULL;
  self->base.pMethods = get_real (file)->pMethods != NULL ? &methods : NULL;
  return result;
}

/**
 * ferryd_faulty_disk_new:
 *
 * Returns: (transfer full): a disk without faults, under every connection that is opened from now on
 */
FerrydFaultyDisk *
ferryd_faulty_disk_new (void)
{
  FerrydFaultyDisk *self = g_new0 (FerrydFaultyDisk, 1);

  self->real = sqlite3_vfs_find (NULL);
  self->vfs = *self->real;
  self->vfs.pNext = NULL;
  self->vfs.zName = "faulty";
  self->vfs.pAppData = self;
  self->vfs.szOsFile = (int) sizeof (File) + self->real->szOsFile;
  self->vfs.xOpen = disk_open;
  sqlite3_vfs_register (&self->vfs, 1);
  return self;
}

/**
 * ferryd_faulty_disk_free:
 * @self: (transfer full): a disk that no connection is open on
 */
void
ferryd_faulty_disk_free (FerrydFaultyDisk *self)
{
  sqlite3_vfs_unregister (&self->vfs);
  sqlite3_vfs_register (self->real, 1);
  g_free (self);
}

/**
 * ferryd_faulty_disk_fail_writes:
 * @self: a disk
 * @result: what writing gives from now on; SQLITE_OK: it works again
 */
void
ferryd_faulty_disk_fail_writes (FerrydFaultyDisk *self, int result)
{
  g_atomic_int_set (&self->write_result, result);
}

/**
 * ferryd_faulty_disk_fail_one_write:
 * @self: a disk
 * @result: what the next write gives, but none after it
 */
void
ferryd_faulty_disk_fail_one_write (FerrydFaultyDisk *self, int result)
{
  g_atomic_int_set (&self->next_result, result);
}

/**
 * ferryd_faulty_disk_fail_syncs:
 * @self: a disk
 * @result: what syncing the log of ferry.db gives from now on; SQLITE_OK: it works again
 */
void
ferryd_faulty_disk_fail_syncs (FerrydFaultyDisk *self, int result)
{
  g_atomic_int_set (&self->sync_result, result);
}

/**
 * ferryd_faulty_disk_count_syncs:
 * @self: a disk
 *
 * Returns: how often this process has waited for the disk so far, for files and for directories
 */
guint
ferryd_faulty_disk_count_syncs (FerrydFaultyDisk *self)
{
  return (guint) g_atomic_int_get (&syncs);
}

/**
 * ferryd_faulty_disk_count_commits:
 * @self: a disk
 *
 * Returns: transactions written so far to the log of ferry.db
 */
guint
ferryd_faulty_disk_count_commits (FerrydFaultyDisk *self)
{
  return (guint) g_atomic_int_get (&self->commits);
}
