/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-failpoint.h"

#if FERRYD_FAILPOINTS

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * ferryd_failpoint_pass:
 * @name: a step of the way of a transfer
 *
 * What FERRYD_FAILPOINT() is in a build with failpoints.
 */
void
ferryd_failpoint_pass (const char *name)
{
  static gint passed = 0; /* atomic; only the failpoint that the environment names is counted */
  const char *wanted = g_getenv ("FERRYD_FAILPOINT");
  gsize length = strlen (name);
  gint64 nth = 1;

  if (wanted == NULL || strncmp (wanted, name, length) != 0)
    return;
  if (wanted[length] == ':')
    nth = g_ascii_strtoll (wanted + length + 1, NULL, 10);
  else if (wanted[length] != '\0')
    return;
  if (g_atomic_int_add (&passed, 1) + 1 == nth)
    kill (getpid (), SIGKILL);
}

#endif
