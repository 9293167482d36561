/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-store-schema.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"
#include "ferryd-failpoint.h"
#include "ferryd-store-directory.h"
#include "ferryd-store-sql.h"

/* "Frry", in the header of every database of ours. */
#define APPLICATION_ID 0x46727279
#define APPLICATION_ID_TEXT "1181905529"

/* The file header of SQLite (its file format document, section 1.3): length and where the big-endian numbers
 * are, bytes. */
#define HEADER_SIZE 100
#define HEADER_MAGIC "SQLite format 3"
#define HEADER_USER_VERSION 60
#define HEADER_APPLICATION_ID 68

/* While it is being made a database has another name, so that ferry.db is always whole. */
#define NEW_SUFFIX ".new"

/* What belongs to a database file; the file itself first, as a write-ahead log without its file is noticed
 * but not the other way round. */
static const char *const parts[] = { "", "-wal", "-journal", "-shm" };

/*
 * History of the format. A change is a new entry here, a frozen database of the version before it in
 * tests/data, and nothing else; entries that were released stay as they are.
 *
 * v1  The first. Operations: what the service keeps in memory of each (to begin of `error_message`) is read
 * at the start, the rest when asked for. Request and response are large and seldom change, so they have
 * tables of their own and are not written again with every progress. `secret` names a row of secrets.db.
 * Enumerations are the numbers of ferry-enums.h, error statuses words, digests and ids 16 bytes, values a
 * serialised `v` in little endian; unsigned 64-bit numbers are kept as the signed ones of the same bits.
 * `position` NULL is `sequence`.
 */
static const struct
{
  int version;
  const char *sql;
} migrations[] = {
  { 1, "PRAGMA application_id = " APPLICATION_ID_TEXT ";"
       "CREATE TABLE operation ("
       "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
       "  id BLOB NOT NULL UNIQUE CHECK (length (id) = 16),"
       "  kind INTEGER NOT NULL,"
       "  application TEXT NOT NULL,"
       "  transfer_group TEXT NOT NULL,"
       "  host TEXT NOT NULL,"
       "  completion_group BLOB CHECK (length (completion_group) = 16),"
       "  token_key BLOB CHECK (length (token_key) = 16),"
       "  created INTEGER NOT NULL,"
       "  pausable INTEGER NOT NULL,"
       "  state INTEGER NOT NULL,"
       "  error_status TEXT,"
       "  finished INTEGER NOT NULL,"
       "  attempt INTEGER NOT NULL,"
       "  retry_at INTEGER NOT NULL,"
       "  position INTEGER,"
       "  priority INTEGER NOT NULL,"
       "  cost_policy INTEGER NOT NULL,"
       "  max_speed INTEGER NOT NULL,"
       "  unconstrained INTEGER NOT NULL,"
       "  bytes_received INTEGER NOT NULL,"
       "  bytes_sent INTEGER NOT NULL,"
       "  total_to_receive INTEGER NOT NULL,"
       "  total_to_send INTEGER NOT NULL,"
       "  restarts INTEGER NOT NULL,"
       "  furthest INTEGER NOT NULL,"
       "  claim BLOB CHECK (length (claim) = 16),"
       "  not_before INTEGER NOT NULL,"
       "  not_after INTEGER NOT NULL,"
       "  error_message TEXT,"
       "  progress BLOB,"
       "  upload_offset INTEGER NOT NULL,"
       "  upload_url TEXT,"
       "  notification_pending INTEGER NOT NULL"
       ") STRICT;"
       "CREATE UNIQUE INDEX operation_token ON operation (token_key) WHERE token_key IS NOT NULL;"
       "CREATE TABLE operation_request ("
       "  operation INTEGER PRIMARY KEY REFERENCES operation ON DELETE CASCADE,"
       "  request BLOB,"
       "  secret INTEGER"
       ") STRICT;"
       "CREATE TABLE operation_response ("
       "  operation INTEGER PRIMARY KEY REFERENCES operation ON DELETE CASCADE,"
       "  response BLOB,"
       "  suggested_name TEXT"
       ") STRICT;"
       "CREATE TABLE setting ("
       "  name TEXT PRIMARY KEY,"
       "  value BLOB NOT NULL"
       ") STRICT, WITHOUT ROWID;" },
};

#define CURRENT_VERSION (migrations[G_N_ELEMENTS (migrations) - 1].version)

static guint32
read_header_number (const guint8 *header, gsize offset)
{
  guint32 number;

  memcpy (&number, header + offset, sizeof number);
  return GUINT32_FROM_BE (number);
}

static void
set_newer_error (const char *path, gint64 version, GError **error)
{
  g_set_error (
      error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
      "“%s” was written by a newer version of Ferry (format %" G_GINT64_FORMAT
      "; this one knows up to %d), and nothing in it was changed. Update Ferry, or move the file away to "
      "begin without what it holds.",
      path, version, CURRENT_VERSION);
}

static gssize
read_header (const char *path, guint8 *header, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
  gssize length = fd >= 0 ? pread (fd, header, HEADER_SIZE, 0) : -1;

  if (length < 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s",
                   g_strerror (saved_errno));
    }
  if (fd >= 0)
    close (fd);
  return length;
}

/**
 * ferryd_store_schema_inspect_header:
 * @path: a database file
 * @error: set for NEWER and UNREADABLE
 *
 * Looks at the first bytes only, and without sqlite, which writes side files even when it only reads. Blocks.
 *
 * Returns: what @path is by its header; SOUND means no more than that it seems to be ours
 */
FerrydStoreVerdict
ferryd_store_schema_inspect_header (const char *path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  guint8 header[HEADER_SIZE];
  gssize length = read_header (path, header, &local_error);

  if (g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return FERRYD_STORE_VERDICT_MISSING;
  if (local_error != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                   "“%s” cannot be read: %s. It must be a regular file that its owner can read and write.",
                   path, local_error->message);
      return FERRYD_STORE_VERDICT_UNREADABLE;
    }
  if (length < HEADER_SIZE || memcmp (header, HEADER_MAGIC, sizeof HEADER_MAGIC) != 0 ||
      read_header_number (header, HEADER_APPLICATION_ID) != APPLICATION_ID)
    return FERRYD_STORE_VERDICT_DAMAGED;
  if (read_header_number (header, HEADER_USER_VERSION) > (guint32) CURRENT_VERSION)
    {
      set_newer_error (path, read_header_number (header, HEADER_USER_VERSION), error);
      return FERRYD_STORE_VERDICT_NEWER;
    }
  return FERRYD_STORE_VERDICT_SOUND;
}

static gboolean
passes_quick_check (sqlite3 *db)
{
  g_autoptr (sqlite3_stmt) statement = ferryd_store_sql_prepare (db, "PRAGMA quick_check(1)", NULL);

  return statement != NULL && sqlite3_step (statement) == SQLITE_ROW &&
         g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
}

static FerrydStoreVerdict
inspect_connection (sqlite3 *db, const char *path, GError **error)
{
  gint64 application, version;

  if (ferryd_store_sql_get_int (db, "PRAGMA application_id", &application, NULL) &&
      ferryd_store_sql_get_int (db, "PRAGMA user_version", &version, NULL))
    {
      if (application != APPLICATION_ID || version < 1)
        return FERRYD_STORE_VERDICT_DAMAGED;
      if (version > CURRENT_VERSION)
        {
          set_newer_error (path, version, error);
          return FERRYD_STORE_VERDICT_NEWER;
        }
      if (passes_quick_check (db))
        return FERRYD_STORE_VERDICT_SOUND;
    }
  if (ferryd_store_sql_is_damaged (db))
    return FERRYD_STORE_VERDICT_DAMAGED;
  ferryd_store_sql_set_error (db, error);
  return FERRYD_STORE_VERDICT_UNREADABLE;
}

static FerrydStoreVerdict
inspect_file (const char *path, int flags, GError **error)
{
  sqlite3 *db = ferryd_store_sql_open (path, flags, error);
  FerrydStoreVerdict verdict;

  if (db == NULL)
    return FERRYD_STORE_VERDICT_UNREADABLE;
  /* A damaged file stays as it is: no log is written back into it when the connection is closed. */
  sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  verdict = inspect_connection (db, path, error);
  sqlite3_close_v2 (db);
  return verdict;
}

/**
 * ferryd_store_schema_inspect:
 * @path: a database file
 * @error: set for NEWER and UNREADABLE
 *
 * Reads the whole of it. Blocks.
 *
 * Returns: what @path is
 */
FerrydStoreVerdict
ferryd_store_schema_inspect (const char *path, GError **error)
{
  FerrydStoreVerdict verdict = ferryd_store_schema_inspect_header (path, error);

  if (verdict != FERRYD_STORE_VERDICT_SOUND)
    return verdict;
  verdict = inspect_file (path, SQLITE_OPEN_READONLY, NULL);
  /* What a killed process left half done can be undone only by a connection that may write. */
  if (verdict == FERRYD_STORE_VERDICT_UNREADABLE || verdict == FERRYD_STORE_VERDICT_NEWER)
    verdict = inspect_file (path, SQLITE_OPEN_READWRITE, error);
  return verdict;
}

static gboolean
is_any_part_there (const char *base)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_strconcat (base, parts[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        return TRUE;
    }
  return FALSE;
}

/* A name that nothing has: several may be damaged in one second. */
static char *
choose_name_aside (const char *base)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *name = g_strdup_printf ("%s.damaged-%s", base, stamp);

  for (guint i = 2; is_any_part_there (name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s.damaged-%s-%u", base, stamp, i);
    }
  return g_steal_pointer (&name);
}

/**
 * ferryd_store_schema_set_aside:
 * @directory: a state directory that this process has locked
 * @damaged: (out) (transfer full): where the database is now
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Gives a damaged database, or what is left of one, another name, for whoever can save something of it.
 * Blocks.
 *
 * Returns: whether the name is free now
 */
gboolean
ferryd_store_schema_set_aside (const char *directory, char **damaged, GError **error)
{
  g_autofree char *base = g_build_filename (directory, FERRYD_STORE_FILE, NULL);
  g_autofree char *aside = choose_name_aside (base);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *from = g_strconcat (base, parts[i], NULL);
      g_autofree char *to = g_strconcat (aside, parts[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          int saved_errno = errno;

          g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                       "“%s” is damaged and cannot be set aside: %s. Move it away.", from,
                       g_strerror (saved_errno));
          return FALSE;
        }
    }
  if (!ferryd_store_directory_sync (directory, error))
    return FALSE;
  *damaged = g_steal_pointer (&aside);
  return TRUE;
}

/**
 * ferryd_store_schema_has_remains:
 * @directory: a state directory without a database
 *
 * Returns: whether the log of a database is there that is not there itself; a new one of the same name would
 * take it for its own
 */
gboolean
ferryd_store_schema_has_remains (const char *directory)
{
  static const char *const logs[] = { FERRYD_STORE_FILE "-wal", FERRYD_STORE_FILE "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autofree char *path = g_build_filename (directory, logs[i], NULL);
      GStatBuf info;

      if (g_lstat (path, &info) == 0 && info.st_size > 0)
        return TRUE;
    }
  return FALSE;
}

/* A file of its own until it is renamed, so nothing of it has to be synced before the whole: a slow disk
 * makes the first start wait once, not for each of SQLite's steps. */
static gboolean
fill (const char *path, gboolean shared, GError **error)
{
  sqlite3 *db = ferryd_store_sql_open (path, SQLITE_OPEN_READWRITE, error);
  gboolean filled;

  if (db == NULL)
    return FALSE;
  filled = ferryd_store_sql_exec (db, "PRAGMA synchronous = OFF", error) &&
           ferryd_store_sql_exec (db, "PRAGMA journal_mode = MEMORY", error) &&
           ferryd_store_schema_migrate (db, error) &&
           (shared || ferryd_store_sql_exec (db, "PRAGMA journal_mode = WAL", error));
  sqlite3_close_v2 (db);
  return filled;
}

static gboolean
fill_new_file (const char *path, gboolean shared, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean filled = FALSE;

  /* The mode whatever the umask; sqlite gives its side files that of the database. */
  if (fd >= 0)
    {
      fchmod (fd, 0600);
      filled = fill (path, shared, error);
      if (filled && fdatasync (fd) == 0)
        {
          close (fd);
          return TRUE;
        }
    }
  if (fd < 0 || filled)
    {
      int saved_errno = errno;

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE,
                   "“%s” cannot be created: %s. Make the state directory writable.", path,
                   g_strerror (saved_errno));
    }
  if (fd >= 0)
    close (fd);
  return FALSE;
}

/**
 * ferryd_store_schema_create:
 * @directory: a state directory that this process has locked, without a database
 * @shared: other machines can have the file system mounted
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Makes an empty database. It is there whole or, after a kill at any point, not at all. Blocks.
 *
 * Returns: whether it is there
 */
gboolean
ferryd_store_schema_create (const char *directory, gboolean shared, GError **error)
{
  g_autofree char *path = g_build_filename (directory, FERRYD_STORE_FILE, NULL);
  g_autofree char *new_path = g_strconcat (path, NEW_SUFFIX, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *leftover = g_strconcat (new_path, parts[i], NULL);

      g_unlink (leftover);
    }
  if (!fill_new_file (new_path, shared, error))
    return FALSE;
  if (g_rename (new_path, path) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE_UNAVAILABLE, "“%s” cannot be created: %s.", path,
                   g_strerror (saved_errno));
      return FALSE;
    }
  return ferryd_store_directory_sync (directory, error);
}

static gboolean
run_migrations (sqlite3 *db, gint64 version, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (migrations); i++)
    {
      if (version < migrations[i].version && !ferryd_store_sql_exec (db, migrations[i].sql, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * ferryd_store_schema_migrate:
 * @db: a database of a version we know, or an empty one
 * @error: FERRY_ERROR_STORE_UNAVAILABLE
 *
 * Brings the format up to date in one transaction: killed anywhere it leaves the old or the new. Blocks.
 *
 * Returns: whether it is up to date
 */
gboolean
ferryd_store_schema_migrate (sqlite3 *db, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", CURRENT_VERSION);
  gint64 version;

  if (!ferryd_store_sql_get_int (db, "PRAGMA user_version", &version, error))
    return FALSE;
  if (version == CURRENT_VERSION)
    return TRUE;
  if (version > 0)
    g_message ("Bringing the store from format %" G_GINT64_FORMAT " to %d", version, CURRENT_VERSION);
  if (!ferryd_store_sql_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (run_migrations (db, version, error) && ferryd_store_sql_exec (db, set_version, error))
    {
      FERRYD_FAILPOINT ("store-before-migration-commit");
      if (ferryd_store_sql_exec (db, "COMMIT", error))
        return TRUE;
    }
  ferryd_store_sql_exec (db, "ROLLBACK", NULL);
  return FALSE;
}
