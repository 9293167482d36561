/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "config.h"

/**
 * FERRYD_FAILPOINT:
 * @name: a step of the way of a transfer
 *
 * Where a test may kill the service: with `FERRYD_FAILPOINT=name` or `name:N` in the environment the process
 * sends itself SIGKILL when it passes there (for the Nth time). Only in builds with -Dfailpoints=true.
 */
#if FERRYD_FAILPOINTS
void ferryd_failpoint_pass (const char *name);
#define FERRYD_FAILPOINT(name) ferryd_failpoint_pass (name)
#else
#define FERRYD_FAILPOINT(name) ((void) 0)
#endif
