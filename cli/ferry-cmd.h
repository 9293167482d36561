/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <ferry.h>

G_BEGIN_DECLS

/**
 * FerryCmdStatus:
 * @FERRY_CMD_DONE: done
 * @FERRY_CMD_FAILED: the transfer failed or was canceled
 * @FERRY_CMD_USAGE: the command line is wrong
 * @FERRY_CMD_REFUSED: the service refused, or cannot be reached
 * @FERRY_CMD_INTERRUPTED: Ctrl-C while waiting; 128 and the number of SIGINT, as shells have it
 *
 * Exit status of the command.
 */
typedef enum
{
  FERRY_CMD_DONE = 0,
  FERRY_CMD_FAILED = 1,
  FERRY_CMD_USAGE = 2,
  FERRY_CMD_REFUSED = 3,
  FERRY_CMD_INTERRUPTED = 130,
} FerryCmdStatus;

/**
 * FerryCmd:
 * @name: (static): the word after `ferry`
 * @run: does it; gets its arguments, its name at their head
 * @arguments: (static): what it takes, for its help; not translated
 * @help: (static): one line for people, to be translated
 *
 * One command.
 */
typedef struct _FerryCmd FerryCmd;
struct _FerryCmd
{
  const char *name;
  FerryCmdStatus (*run) (const FerryCmd *command, GStrv argv);
  const char *arguments;
  const char *help;
};

const FerryCmd *ferry_cmd_get_table (guint *n_commands);

FerryCmdStatus ferry_cmd_get (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_group (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_list (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_put (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_set (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_show (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_plan (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_status (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_verb (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_wait (const FerryCmd *command, GStrv argv);
FerryCmdStatus ferry_cmd_watch (const FerryCmd *command, GStrv argv);

G_END_DECLS
