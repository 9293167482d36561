/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerryCmdSource:
 * @file: (owned) (nullable): a regular file, which the service opens itself
 * @stream: (owned) (nullable): what only this program can read, where @file is not there
 *
 * What is sent.
 */
typedef struct
{
  GFile *file;
  GInputStream *stream;
} FerryCmdSource;

gboolean ferry_cmd_source_open (const char *word, FerryCmdSource *source, GError **error);
void ferry_cmd_source_clear (FerryCmdSource *source);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryCmdSource, ferry_cmd_source_clear)

G_END_DECLS
