/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-callers.h"

G_BEGIN_DECLS

/**
 * FerrydAccessKind:
 * @FERRYD_ACCESS_CALL: a method is called
 * @FERRYD_ACCESS_READ: a property is read
 * @FERRYD_ACCESS_WRITE: a property is written
 *
 * What is done to a member.
 */
typedef enum
{
  FERRYD_ACCESS_CALL,
  FERRYD_ACCESS_READ,
  FERRYD_ACCESS_WRITE,
} FerrydAccessKind;

/**
 * FerrydAccessLevel:
 * @FERRYD_ACCESS_NOBODY: not in the table
 * @FERRYD_ACCESS_ANYONE: every caller that is served
 * @FERRYD_ACCESS_OWNER: who may know of the object: its application, and callers outside every sandbox
 * @FERRYD_ACCESS_HOST: callers outside every sandbox
 *
 * Who may.
 */
typedef enum
{
  FERRYD_ACCESS_NOBODY,
  FERRYD_ACCESS_ANYONE,
  FERRYD_ACCESS_OWNER,
  FERRYD_ACCESS_HOST,
} FerrydAccessLevel;

FerrydAccessLevel ferryd_access_get_level (const char *interface, const char *member, FerrydAccessKind kind);
gboolean ferryd_access_owns (const FerrydCaller *caller, const char *application);
gboolean ferryd_access_allows (const FerrydCaller *caller, gboolean owns, const char *interface,
                               const char *member, FerrydAccessKind kind);

G_END_DECLS
