/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ferry-cmd.h"

static const FerryCmd commands[] = {
  { "get", ferry_cmd_get, "URL… [FILE]", N_ ("Download to FILE, or into the current folder") },
  { "put", ferry_cmd_put, "FILE… URL", N_ ("Upload FILE, or a form, to URL") },
  { "list", ferry_cmd_list, "", N_ ("List transfers, oldest first") },
  { "show", ferry_cmd_show, "ID", N_ ("Show everything about one") },
  { "start", ferry_cmd_verb, "ID…", N_ ("Start what was only created") },
  { "pause", ferry_cmd_verb, "ID…", N_ ("Pause until resumed") },
  { "resume", ferry_cmd_verb, "ID…", N_ ("Go on with a paused one, or try a failed one again") },
  { "set", ferry_cmd_set, "ID…", N_ ("Change options of transfers that are there") },
  { "cancel", ferry_cmd_verb, "ID…", N_ ("Give up and delete what was transferred") },
  { "remove", ferry_cmd_verb, "ID…", N_ ("Forget one that has ended") },
  { "wait", ferry_cmd_wait, "ID…", N_ ("Wait until all of them have ended") },
  { "watch", ferry_cmd_watch, "", N_ ("Show what happens until Ctrl-C") },
  { "status", ferry_cmd_status, "", N_ ("Show network, power, what runs, and what waits and why") },
  { "group", ferry_cmd_group, "[set NAME …]", N_ ("Show groups; have one run parallel or serialized") },
  { "plan", ferry_cmd_plan, "[ACTION …]", N_ ("Show data plans; set, set-used or clear CONNECTION [BYTES]") },
};

/**
 * ferry_cmd_get_table:
 * @n_commands: (out): its length
 *
 * Returns: (transfer none) (array length=n_commands): every command
 */
const FerryCmd *
ferry_cmd_get_table (guint *n_commands)
{
  *n_commands = G_N_ELEMENTS (commands);
  return commands;
}
