/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-process.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ferry-error.h"

/* A cgroup file has a line of a path for each hierarchy; what is longer is not one. Bytes. */
#define MAX_CGROUP 65536

/* "mnt:[4026531841]" and the like. Bytes. */
#define MAX_NAMESPACE 64

static gboolean
fail (GError **error, int saved_errno, const char *what)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_ACCESS_DENIED, "The caller could not be identified: %s: %s",
               what, g_strerror (saved_errno));
  return FALSE;
}

static char *
read_cgroup (int process_fd)
{
  g_autofree char *text = g_malloc (MAX_CGROUP + 1);
  int fd = openat (process_fd, "cgroup", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gsize length = 0;
  gssize n = 0;

  if (fd < 0)
    return NULL;
  while (length < MAX_CGROUP && (n = TEMP_FAILURE_RETRY (read (fd, text + length, MAX_CGROUP - length))) > 0)
    length += n;
  close (fd);
  if (n < 0)
    return NULL;
  text[length] = '\0';
  return g_steal_pointer (&text);
}

/* Only ENOENT means that there is no Flatpak: whoever can make the look fail must not get in by it. */
static gboolean
look_for_flatpak (int process_fd, gboolean *found, GError **error)
{
  int root_fd = openat (process_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  int saved_errno;

  if (root_fd < 0)
    return fail (error, errno, "its root");
  *found = fstatat (root_fd, ".flatpak-info", &status, AT_SYMLINK_NOFOLLOW) == 0;
  saved_errno = errno;
  close (root_fd);
  if (!*found && saved_errno != ENOENT)
    return fail (error, saved_errno, "its /.flatpak-info");
  return TRUE;
}

static gboolean
compare_namespace (int process_fd, int own_fd, const char *name, gboolean *differs, GError **error)
{
  char theirs[MAX_NAMESPACE], ours[MAX_NAMESPACE];
  gssize their_length, our_length;

  their_length = readlinkat (process_fd, name, theirs, sizeof theirs);
  if (their_length < 0)
    return fail (error, errno, name);
  our_length = readlinkat (own_fd, name, ours, sizeof ours);
  if (our_length < 0)
    return fail (error, errno, name);
  if (their_length != our_length || memcmp (theirs, ours, our_length) != 0)
    *differs = TRUE;
  return TRUE;
}

static FerrydProcess *
inspect (int process_fd, int own_fd, const char *security_label, GError **error)
{
  g_autoptr (FerrydProcess) process = g_new0 (FerrydProcess, 1);
  g_autofree char *cgroup = NULL;
  gboolean flatpak = FALSE, differs = FALSE;

  if (!look_for_flatpak (process_fd, &flatpak, error) ||
      !compare_namespace (process_fd, own_fd, "ns/mnt", &differs, error) ||
      !compare_namespace (process_fd, own_fd, "ns/net", &differs, error))
    return NULL;

  /* The last thing read: it fails when the process is gone, and then nothing before it can be relied on. */
  cgroup = read_cgroup (process_fd);
  if (cgroup == NULL)
    {
      fail (error, errno, "its cgroup");
      return NULL;
    }
  process->sandboxed = flatpak || differs || strstr (cgroup, "/snap.") != NULL ||
                       (security_label != NULL && g_str_has_prefix (security_label, "snap."));
  process->application = ferryd_process_get_application (cgroup);
  return g_steal_pointer (&process);
}

/**
 * ferryd_process_inspect:
 * @proc: where the proc file system is
 * @pid: a process
 * @security_label: (nullable): what its connection was labelled with
 * @error: FERRY_ERROR_ACCESS_DENIED
 *
 * Finds out who @pid is. Everything is read through one descriptor of its directory, so that all answers are
 * about one process, whoever gets its number later. Blocks: for worker threads.
 *
 * Returns: (transfer full) (nullable): NULL when anything could not be read; then the caller is to be refused
 */
FerrydProcess *
ferryd_process_inspect (const char *proc, guint32 pid, const char *security_label, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%u", proc, pid);
  g_autofree char *own_path = g_build_filename (proc, "self", NULL);
  FerrydProcess *process = NULL;
  int process_fd, own_fd;

  process_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (process_fd < 0)
    {
      fail (error, errno, path);
      return NULL;
    }
  own_fd = open (own_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own_fd < 0)
    fail (error, errno, own_path);
  else
    {
      process = inspect (process_fd, own_fd, security_label, error);
      close (own_fd);
    }
  close (process_fd);
  return process;
}

/**
 * ferryd_process_free:
 * @process: (transfer full): a process
 */
void
ferryd_process_free (FerrydProcess *process)
{
  g_free (process->application);
  g_free (process);
}

/* systemd writes what a unit's name cannot hold as \xHH (systemd.unit(5)). */
static char *
unescape_unit (const char *escaped)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *p = escaped; *p != '\0'; p++)
    {
      if (p[0] == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]))
        {
          g_string_append_c (text, (char) (g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3])));
          p += 3;
        }
      else
        g_string_append_c (text, *p);
    }
  if (text->len != strlen (text->str) || !g_utf8_validate (text->str, text->len, NULL))
    return g_strdup ("");
  return g_strdup (text->str);
}

/* `app[-LAUNCHER]-ID-RANDOM.scope` or `app[-LAUNCHER]-ID[@RANDOM].service`, where ID has no `-` of its own.
 */
static char *
application_of_unit (const char *unit)
{
  g_autofree char *stem = g_strdup (unit);
  g_auto (GStrv) parts = NULL;
  gboolean is_scope = g_str_has_suffix (unit, ".scope");
  guint n, behind_id = is_scope ? 1 : 0;
  char *at;

  if (!is_scope && !g_str_has_suffix (unit, ".service"))
    return g_strdup ("");
  *strrchr (stem, '.') = '\0';
  at = strchr (stem, '@');
  if (!is_scope && at != NULL)
    *at = '\0';

  parts = g_strsplit (stem, "-", -1);
  n = g_strv_length (parts);
  if (n < 2 + behind_id || strcmp (parts[0], "app") != 0)
    return g_strdup ("");
  return unescape_unit (parts[n - 1 - behind_id]);
}

/**
 * ferryd_process_get_application:
 * @cgroup: what /proc/PID/cgroup says
 *
 * Returns: (transfer full): the desktop application whose unit of the user's systemd it is in, or `""`
 */
char *
ferryd_process_get_application (const char *cgroup)
{
  g_auto (GStrv) lines = g_strsplit (cgroup, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = NULL;
      gboolean in_user_manager = FALSE;

      /* cgroup v2, or systemd's own hierarchy of v1. */
      if (!g_str_has_prefix (lines[i], "0::/") && strstr (lines[i], ":name=systemd:/") == NULL)
        continue;
      parts = g_strsplit (lines[i], "/", -1);
      for (guint j = 0; parts[j] != NULL; j++)
        {
          if (g_str_has_prefix (parts[j], "user@") && g_str_has_suffix (parts[j], ".service"))
            in_user_manager = TRUE;
          else if (in_user_manager && !g_str_has_suffix (parts[j], ".slice"))
            return application_of_unit (parts[j]);
        }
    }
  return g_strdup ("");
}
