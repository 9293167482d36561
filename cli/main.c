/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

#include "ferry-cmd-format.h"
#include "ferry-cmd-util.h"

/* Where the locale's character set has no “ and no …, " and ... are better than the ? of GLib. */
static void
print_to (FILE *stream, const char *text)
{
  const char *charset;
  g_autofree char *target = NULL;
  g_autofree char *converted = NULL;

  if (!g_get_charset (&charset))
    {
      target = g_strconcat (charset, "//TRANSLIT", NULL);
      converted = g_convert_with_fallback (text, -1, target, "UTF-8", "?", NULL, NULL, NULL);
    }
  (void) fputs (converted != NULL ? converted : text, stream);
  (void) fflush (stream);
}

static void
print (const char *text)
{
  print_to (stdout, text);
}

static void
print_error (const char *text)
{
  print_to (stderr, text);
}

static void
print_help (void)
{
  guint n_commands;
  const FerryCmd *commands = ferry_cmd_get_table (&n_commands);

  g_print (
      _ ("Usage: ferry COMMAND [OPTION…] …\n\nTransfers files in the background, whatever happens.\n\n"));
  for (guint i = 0; i < n_commands; i++)
    {
      g_autofree char *name = ferry_cmd_format_cell (commands[i].name, 8, TRUE);
      g_autofree char *arguments = ferry_cmd_format_cell (commands[i].arguments, 14, TRUE);

      g_print ("  %s %s %s\n", name, arguments, _ (commands[i].help));
    }
  g_print (
      _ ("  help     [COMMAND]      Say more about a command\n\n“ferry COMMAND --help” lists its options. An "
         "ID may be shortened as long as only one begins so.\nExit status: 0 done, 1 the transfer failed or "
         "was canceled, 2 usage, 3 the service refused.\n"));
}

static FerryCmdStatus
run (const char *name, GStrv argv)
{
  guint n_commands;
  const FerryCmd *commands = ferry_cmd_get_table (&n_commands);

  for (guint i = 0; i < n_commands; i++)
    {
      if (g_str_equal (commands[i].name, name))
        return commands[i].run (&commands[i], argv);
    }
  if (name[0] == '-')
    g_printerr (_ ("ferry: There is no option “%s” before the command: “ferry help” shows what there is.\n"),
                name);
  else
    g_printerr (_ ("ferry: There is no command “%s”: “ferry help” shows what there is.\n"), name);
  return FERRY_CMD_USAGE;
}

/* `ferry help COMMAND` is `ferry COMMAND --help`. */
static FerryCmdStatus
run_help (const char *name)
{
  const char *const words[] = { name, "--help", NULL };
  g_auto (GStrv) argv = g_strdupv ((GStrv) words);

  return run (name, argv);
}

/* A script that keeps what is printed must hear that some of it is missing. */
static FerryCmdStatus
check_printed (FerryCmdStatus status)
{
  if (!ferror (stdout))
    return status;
  g_printerr (_ ("ferry: Not all of the output could be written: is the disk full?\n"));
  return status == FERRY_CMD_DONE ? FERRY_CMD_FAILED : status;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  (void) g_set_print_handler (print);
  (void) g_set_printerr_handler (print_error);

  if (argc < 2)
    {
      g_printerr (_ ("ferry: What is to be done? “ferry get URL” downloads, “ferry put FILE URL” uploads; "
                     "“ferry help” shows the rest.\n"));
      return FERRY_CMD_USAGE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("ferry %s\n", PACKAGE_VERSION);
      return FERRY_CMD_DONE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    {
      if (argc > 2 && g_str_equal (argv[1], "help") && !g_str_equal (argv[2], "help"))
        return run_help (argv[2]);
      print_help ();
      return FERRY_CMD_DONE;
    }
  arguments = g_strdupv (argv + 1);
  return check_printed (run (arguments[0], arguments));
}
