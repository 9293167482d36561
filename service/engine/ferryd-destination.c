/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-destination.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <nettle/sha2.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ferry-error.h"

/* What stands behind the last dot counts as a file name's extension up to here (bytes, with the dot); beyond,
 * and with a space in it, the dot is part of a sentence. */
#define MAX_EXTENSION 32

/**
 * ferryd_destination_copy:
 * @destination: (nullable): a destination
 *
 * Returns: (transfer full) (nullable): the same once more
 */
FerrydDestination *
ferryd_destination_copy (const FerrydDestination *destination)
{
  FerrydDestination *copy;

  if (destination == NULL)
    return NULL;
  copy = g_memdup2 (destination, sizeof *destination);
  copy->directory = g_strdup (destination->directory);
  copy->leaf = g_strdup (destination->leaf);
  copy->held = destination->held != NULL ? ferryd_descriptor_ref (destination->held) : NULL;
  return copy;
}

/**
 * ferryd_destination_free:
 * @destination: (transfer full) (nullable): a destination
 */
void
ferryd_destination_free (FerrydDestination *destination)
{
  if (destination == NULL)
    return;
  g_free (destination->directory);
  g_free (destination->leaf);
  g_clear_pointer (&destination->held, ferryd_descriptor_unref);
  g_free (destination);
}

static void G_GNUC_PRINTF (4, 5)
    set_error (GError **error, FerryError code, const char *path, const char *format, ...)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, FERRY_ERROR, (int) code, "Destination “%s”: %s", shown, what);
}

static void
set_error_from_errno (GError **error, const char *path, int saved_errno)
{
  switch (saved_errno)
    {
    case ENOENT:
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "this folder is not there; create it first");
      break;
    case ENOTDIR:
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "this is not a folder; name a file in a folder that is there");
      break;
    case EACCES:
    case EPERM:
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "no permission to create files in this folder; name one that you can write to");
      break;
    case EROFS:
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "this folder is on a read-only file system; name one that can be written to");
      break;
    case ENAMETOOLONG:
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, path, "the path is too long; name a shorter one");
      break;
    default:
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path, "%s; name a folder that can be used",
                 g_strerror (saved_errno));
      break;
    }
}

/* The file system's path that @text means. */
static char *
path_from_text (const char *text, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GError) local_error = NULL;

  if (text[0] == '/')
    return g_strdup (text);
  if (g_ascii_strncasecmp (text, "file:", strlen ("file:")) != 0)
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, text,
                 "this is not an absolute path; give one that begins with “/”, or a “file:” URI");
      return NULL;
    }
  path = g_filename_from_uri (text, &host, &local_error);
  if (path == NULL)
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, text, "%s; give a URI like “file:///folder/file”",
                 local_error->message);
      return NULL;
    }
  if (host != NULL && host[0] != '\0' && g_ascii_strcasecmp (host, "localhost") != 0)
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, text,
                 "this is on another computer; give a URI like “file:///folder/file”");
      return NULL;
    }
  return g_steal_pointer (&path);
}

/* Takes @path apart; what ends in a slash is a folder and has no leaf. */
static FerrydDestination *
split_path (const char *path, GError **error)
{
  g_autoptr (FerrydDestination) destination = g_new0 (FerrydDestination, 1);
  const char *leaf = strrchr (path, '/') + 1;
  gsize length = (gsize) (leaf - path);

  while (length > 1 && path[length - 1] == '/')
    length--;
  destination->directory = g_strndup (path, length);
  if (leaf[0] == '\0')
    return g_steal_pointer (&destination);
  if (g_str_equal (leaf, ".") || g_str_equal (leaf, ".."))
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, path,
                 "this is no name for a file; add a “/” where a folder is meant");
      return NULL;
    }
  if (strlen (leaf) > NAME_MAX)
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, path,
                 "the file's name has %" G_GSIZE_FORMAT " bytes; give one of at most %d", strlen (leaf),
                 NAME_MAX);
      return NULL;
    }
  if (g_str_has_prefix (leaf, ".ferry-") && g_str_has_suffix (leaf, ".part"))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "names like this are for partial files; give another");
      return NULL;
    }
  destination->leaf = g_strdup (leaf);
  return g_steal_pointer (&destination);
}

/* Whether the folder at @fd is the one at @forbidden or below it. Goes up from the folder itself, so that no
 * spelling of its path and no symbolic link matters. Where a folder above cannot be looked at, it answers
 * yes: what cannot be shown to be outside is refused. */
static gboolean
is_inside (int fd, const char *forbidden)
{
  struct stat wanted, here;
  int at = fd;
  gboolean inside = TRUE;

  if (forbidden == NULL || stat (forbidden, &wanted) != 0)
    return FALSE;
  if (fstat (at, &here) != 0)
    return TRUE;
  while (here.st_dev != wanted.st_dev || here.st_ino != wanted.st_ino)
    {
      struct stat below = here;
      int above = openat (at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

      if (at != fd)
        close (at);
      at = above;
      if (at < 0 || fstat (at, &here) != 0)
        break;
      if (here.st_dev == below.st_dev && here.st_ino == below.st_ino)
        {
          inside = FALSE;
          break;
        }
    }
  if (at >= 0 && at != fd)
    close (at);
  return inside;
}

/* Where files are not files but the kernel's knobs. */
static gboolean
is_of_the_kernel (int fd)
{
  struct statfs info;

  return fstatfs (fd, &info) == 0 &&
         (info.f_type == PROC_SUPER_MAGIC || info.f_type == SYSFS_MAGIC ||
          info.f_type == CGROUP2_SUPER_MAGIC || info.f_type == CGROUP_SUPER_MAGIC);
}

/* What the folder has to be again for it to be the same. */
static gboolean
note_folder (int fd, FerrydDestination *destination)
{
  struct stat folder;

  if (fstat (fd, &folder) != 0)
    return FALSE;
  destination->device = folder.st_dev;
  destination->inode = folder.st_ino;
  return TRUE;
}

static gboolean
check_folder (int fd, FerrydDestination *destination, const char *forbidden, GError **error)
{
  if (is_inside (fd, forbidden))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, destination->directory,
                 "this folder belongs to the service; name another");
      return FALSE;
    }
  if (is_of_the_kernel (fd))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, destination->directory,
                 "no files can be kept there; name another folder");
      return FALSE;
    }
  if (note_folder (fd, destination) && faccessat (fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
    return TRUE;
  set_error_from_errno (error, destination->directory, errno);
  return FALSE;
}

/* In a sticky folder (/tmp) only the owner of a file or of the folder replaces it. */
static gboolean
may_replace (int fd, const struct stat *leaf)
{
  struct stat folder;

  return fstat (fd, &folder) == 0 && ((folder.st_mode & S_ISVTX) == 0 || geteuid () == 0 ||
                                      folder.st_uid == geteuid () || leaf->st_uid == geteuid ());
}

/* What has the name already. */
static gboolean
check_leaf (int fd, FerrydDestination *destination, const char *path, FerryExists exists, GError **error)
{
  struct stat leaf, target;

  if (fstatat (fd, destination->leaf, &leaf, AT_SYMLINK_NOFOLLOW) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      set_error_from_errno (error, path, errno);
      return FALSE;
    }
  if (S_ISDIR (leaf.st_mode) || (S_ISLNK (leaf.st_mode) && fstatat (fd, destination->leaf, &target, 0) == 0 &&
                                 S_ISDIR (target.st_mode)))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "this is a folder; add a “/” to put the file into it");
      return FALSE;
    }
  if (!S_ISREG (leaf.st_mode) && !S_ISLNK (leaf.st_mode))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "what has this name is not a regular file; give another name");
      return FALSE;
    }
  if (exists == FERRY_EXISTS_FAIL)
    {
      set_error (error, FERRY_ERROR_DESTINATION_EXISTS, path,
                 "this name is taken; give another, or “replace” or “rename” as “exists”");
      return FALSE;
    }
  if (exists == FERRY_EXISTS_REPLACE && !may_replace (fd, &leaf))
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
                 "the file that has this name is another user's and cannot be replaced; give another name");
      return FALSE;
    }
  destination->there_device = leaf.st_dev;
  destination->there_inode = leaf.st_ino;
  return TRUE;
}

/**
 * ferryd_destination_resolve:
 * @text: absolute path or `file:` URI; one that ends in `/` is a folder
 * @exists: what an occupied name means
 * @forbidden: (nullable): path of a folder nothing may be put into
 * @error: one of #FerryError
 *
 * Finds a destination on disk and looks whether a file can be created there. Blocks for as long as the file
 * system does: for a worker thread.
 *
 * Returns: (transfer full): the destination, or %NULL with @error set
 */
FerrydDestination *
ferryd_destination_resolve (const char *text, FerryExists exists, const char *forbidden, GError **error)
{
  g_autoptr (FerrydDestination) destination = NULL;
  g_autofree char *path = path_from_text (text, error);
  gboolean good;
  int fd;

  if (path == NULL)
    return NULL;
  destination = split_path (path, error);
  if (destination == NULL)
    return NULL;
  fd = open (destination->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      set_error_from_errno (error, destination->directory, errno);
      return NULL;
    }
  good = check_folder (fd, destination, forbidden, error) &&
         (destination->leaf == NULL || check_leaf (fd, destination, path, exists, error));
  close (fd);
  return good ? g_steal_pointer (&destination) : NULL;
}

/* What of a file by descriptor has to be the same for it to be found again. */
static gboolean
identify_file (FerrydDestination *destination, const FerrydDescriptor *file, GError **error)
{
  struct stat info;

  if (!ferryd_descriptor_check (file, FERRYD_DESCRIPTOR_DESTINATION, "destination-fd", &info, error))
    return FALSE;
  destination->file_device = info.st_dev;
  destination->file_inode = info.st_ino;
  destination->file_born = ferryd_descriptor_get_birth (ferryd_descriptor_peek (file));
  if (!is_of_the_kernel (ferryd_descriptor_peek (file)))
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_DESTINATION_UNAVAILABLE,
                       "Option 'destination-fd': no data can be kept in this file; give another");
  return FALSE;
}

/**
 * ferryd_destination_resolve_file:
 * @file: a file that was given to write to
 * @forbidden: (nullable): path of a folder nothing may be put into
 * @error: one of #FerryError
 *
 * Notes what @file is and where it is now, so that it can be found again. Blocks: for a worker thread.
 *
 * Returns: (transfer full): the destination, which holds @file; %NULL with @error set
 */
FerrydDestination *
ferryd_destination_resolve_file (FerrydDescriptor *file, const char *forbidden, GError **error)
{
  g_autoptr (FerrydDestination) destination = g_new0 (FerrydDestination, 1);
  g_autofree char *path = ferryd_descriptor_get_path (file);
  gboolean inside = FALSE;
  int fd;

  destination->directory = path != NULL ? g_path_get_dirname (path) : g_strdup ("");
  destination->leaf = path != NULL ? g_path_get_basename (path) : NULL;
  if (!identify_file (destination, file, error))
    return NULL;
  destination->held = ferryd_descriptor_ref (file);
  fd = path != NULL ? open (destination->directory, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (fd >= 0)
    {
      inside = is_inside (fd, forbidden);
      note_folder (fd, destination);
      close (fd);
    }
  if (!inside)
    return g_steal_pointer (&destination);
  set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, path,
             "this file belongs to the service; give another");
  return NULL;
}

/**
 * ferryd_destination_resolve_in:
 * @folder: a folder that was given
 * @leaf: name in it
 * @exists: what an occupied name means
 * @forbidden: (nullable): path of a folder nothing may be put into
 * @error: one of #FerryError
 *
 * ferryd_destination_resolve() where the folder is known by a descriptor. Its path is noted, to find it
 * again.
 *
 * Returns: (transfer full): the destination, or %NULL with @error set
 */
FerrydDestination *
ferryd_destination_resolve_in (const FerrydDescriptor *folder, const char *leaf, FerryExists exists,
                               const char *forbidden, GError **error)
{
  g_autoptr (FerrydDestination) destination = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  struct stat info;
  int fd = ferryd_descriptor_peek (folder);

  if (!ferryd_descriptor_check (folder, FERRYD_DESCRIPTOR_FOLDER, "destination-dir-fd", &info, error))
    return NULL;
  if (leaf[0] == '\0' || strchr (leaf, '/') != NULL)
    {
      set_error (error, FERRY_ERROR_INVALID_ARGUMENT, leaf,
                 "with “destination-dir-fd” right is the name of a file in that folder, without “/”");
      return NULL;
    }
  directory = ferryd_descriptor_get_path (folder);
  if (directory == NULL)
    {
      set_error (error, FERRY_ERROR_DESTINATION_UNAVAILABLE, leaf,
                 "the folder of “destination-dir-fd” has no path at which the service could find it again; "
                 "give another");
      return NULL;
    }
  path = g_build_filename (directory, leaf, NULL);
  destination = split_path (path, error);
  if (destination == NULL || !check_folder (fd, destination, forbidden, error) ||
      !check_leaf (fd, destination, path, exists, error))
    return NULL;
  return g_steal_pointer (&destination);
}

/**
 * ferryd_destination_is_given:
 * @destination: a destination
 *
 * Returns: whether the data goes into a file that the caller gave
 */
gboolean
ferryd_destination_is_given (const FerrydDestination *destination)
{
  return destination->file_inode != 0;
}

/**
 * ferryd_destination_claim_file:
 * @device: of a file
 * @inode: of a file
 * @claim: (out caller-allocates): what two operations that write to that very file have in common
 *
 * No name is empty, so it is never the claim of a name in a folder.
 */
void
ferryd_destination_claim_file (guint64 device, guint64 inode, guint8 claim[16])
{
  ferryd_destination_claim (device, inode, "", claim);
}

/**
 * ferryd_destination_claim:
 * @device: of the folder
 * @inode: of the folder
 * @leaf: name in the folder
 * @claim: (out caller-allocates): what two operations for one destination have in common
 *
 * The first half of SHA-256 over the three. Stored, so it never changes; the numbers go in little-endian.
 */
void
ferryd_destination_claim (guint64 device, guint64 inode, const char *leaf, guint8 claim[16])
{
  struct sha256_ctx context;
  guint64 folder[2] = { GUINT64_TO_LE (device), GUINT64_TO_LE (inode) };

  sha256_init (&context);
  sha256_update (&context, sizeof folder, (const guint8 *) folder);
  sha256_update (&context, strlen (leaf), (const guint8 *) leaf);
  sha256_digest (&context, 16, claim);
}

/* Where the extension of @leaf begins: at its last dot, but `.tar.gz` and its like are one; the end of @leaf
 * where there is none. A dot in front makes a hidden file, not an extension. */
static const char *
find_extension (const char *leaf)
{
  const char *end = leaf + strlen (leaf);
  const char *dot = strrchr (leaf, '.');

  if (dot == NULL || dot == leaf || dot + 1 == end || end - dot > MAX_EXTENSION || strchr (dot, ' ') != NULL)
    return end;
  if (dot - leaf > 4 && g_ascii_strncasecmp (dot - 4, ".tar", 4) == 0)
    return dot - 4;
  return dot;
}

/**
 * ferryd_destination_candidate:
 * @leaf: a name
 * @n: 1 for the name itself, 2 and more for the names to try when it is taken
 *
 * `name.tar.gz` becomes `name (2).tar.gz`. What gets too long for a file system loses the end of its stem,
 * whole UTF-8 characters at a time.
 *
 * Returns: (transfer full): a name of at most 255 bytes
 */
char *
ferryd_destination_candidate (const char *leaf, guint n)
{
  const char *extension = find_extension (leaf);
  g_autofree char *number = n > 1 ? g_strdup_printf (" (%u)", n) : g_strdup ("");
  gsize stem = (gsize) (extension - leaf);
  gsize rest = strlen (number) + strlen (extension);

  if (stem + rest > NAME_MAX)
    {
      stem = NAME_MAX - rest;
      /* At most three bytes of a UTF-8 character follow its first; what has more of them is not UTF-8. */
      for (guint i = 0; i < 3 && stem > 0 && ((guchar) leaf[stem] & 0xc0) == 0x80; i++)
        stem--;
    }
  return g_strdup_printf ("%.*s%s%s", (int) stem, leaf, number, extension);
}

/**
 * ferryd_destination_to_text:
 * @directory: absolute path of a folder, in the file system's encoding
 * @leaf: (nullable): name in it, %NULL for the folder itself
 *
 * The reverse of what ferryd_destination_resolve() takes: a folder ends in `/`.
 *
 * Returns: (transfer full): a path in UTF-8, a `file:` URI where it is not
 */
char *
ferryd_destination_to_text (const char *directory, const char *leaf)
{
  const char *slash = g_str_has_suffix (directory, "/") ? "" : "/";
  g_autofree char *path = g_strconcat (directory, slash, leaf, NULL);

  if (g_utf8_validate (path, -1, NULL))
    return g_steal_pointer (&path);
  return g_filename_to_uri (path, NULL, NULL);
}
