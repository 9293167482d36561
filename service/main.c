/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ferryd-resume.h"
#include "ferryd-service.h"
#include "ferryd-transport-soup.h"

/* Each arena of the C library keeps what its threads once freed; a few threads do not need one each. */
#define MAX_ARENAS 2

/* Of GLib, where GSlice began to be the C library's own allocator. Before, what a burst of calls has used is
 * never given back to the system unless GSlice is told so in the environment, and that is read before main()
 * begins. */
#define GLIB_WITHOUT_GSLICE 2, 76, 0

typedef struct
{
  gboolean version;
  gboolean replace;
  gboolean verbose;
  gboolean resume;
} Arguments;

static gboolean
parse (int *argc, char ***argv, Arguments *arguments, GError **error)
{
  const GOptionEntry entries[] = {
    { "replace", 'r', 0, G_OPTION_ARG_NONE, &arguments->replace, N_ ("Take over from an instance that runs"),
      NULL },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &arguments->resume,
      N_ ("Have the bus start the service if transfers are left, and exit"), NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &arguments->verbose, N_ ("Log what happens and why"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &arguments->version, N_ ("Show the version and exit"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("Background transfers: the service behind org.ferry.Transfer1"));
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("'%s' is not an option; see --help"),
               (*argv)[1]);
  return FALSE;
}

static gboolean
on_signal (gpointer service)
{
  ferryd_service_stop (service);
  return G_SOURCE_CONTINUE;
}

/* Memory has passwords in it. Whoever writes a core all the same, a handler that does not ask for the limit
 * or a debugger, finds no memory in it (core(5)). */
static void
keep_out_of_cores (void)
{
  const struct rlimit none = { 0, 0 };
  int fd = open ("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

  setrlimit (RLIMIT_CORE, &none);
  if (fd < 0)
    return;
  if (write (fd, "0", 1) != 1)
    g_message ("Memory may be in core files: %s", g_strerror (errno));
  close (fd);
}

/* What holds for the whole process, before there is a second thread. */
static void
prepare_process (const Arguments *arguments)
{
  struct rlimit files;

  if (arguments->verbose)
    g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  ferryd_transport_soup_prepare_process ();
  mallopt (M_ARENA_MAX, MAX_ARENAS);
  /* A file over the limit is an error to be told, not a reason to die. */
  signal (SIGXFSZ, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  keep_out_of_cores ();
  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
}

/* Begins again with the environment that has to be there from the start; going on without it only costs
 * memory. */
static void
set_environment (char **argv)
{
  g_autofree char *self = NULL;

  if (glib_check_version (GLIB_WITHOUT_GSLICE) == NULL || g_getenv ("G_SLICE") != NULL)
    return;
  self = g_file_read_link ("/proc/self/exe", NULL);
  if (self == NULL || !g_setenv ("G_SLICE", "always-malloc", TRUE))
    return;
  execv (self, argv);
}

int
main (int argc, char **argv)
{
  Arguments arguments = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (FerrydService) service = NULL;
  g_autofree char *state_directory = NULL;
  g_auto (GStrv) all = g_strdupv (argv);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (!parse (&argc, &argv, &arguments, &error))
    {
      g_printerr ("ferryd: %s\n", error->message);
      return 2;
    }
  if (arguments.version)
    {
      g_print ("ferryd %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  state_directory = g_build_filename (g_get_user_state_dir (), "ferry", NULL);
  if (arguments.resume)
    return ferryd_resume (state_directory);

  set_environment (all);
  prepare_process (&arguments);
  loop = g_main_loop_new (NULL, FALSE);
  service = ferryd_service_new (loop, state_directory, arguments.replace);
  g_unix_signal_add (SIGTERM, on_signal, service);
  g_unix_signal_add (SIGINT, on_signal, service);
  ferryd_service_start (service);
  g_main_loop_run (loop);
  return ferryd_service_get_exit_status (service);
}
