/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * FerrydSignalLog:
 *
 * Every emission of every signal of one object, as text: `name (argument, ...)`, where a pointer is taken for
 * the #FerrydId it is in the engine's signals. A test reads what it expects; an emission that nobody has read
 * when the log is freed is a failure, so that a test also says what does not happen.
 */
typedef struct _FerrydSignalLog FerrydSignalLog;

FerrydSignalLog *ferryd_signal_log_new (gpointer object);
void ferryd_signal_log_ignore (FerrydSignalLog *log, const char *name);
void ferryd_signal_log_free (FerrydSignalLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSignalLog, ferryd_signal_log_free)

void ferryd_signal_log_expect (FerrydSignalLog *log, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean ferryd_signal_log_take (FerrydSignalLog *log, const char *format, ...) G_GNUC_PRINTF (2, 3);
guint ferryd_signal_log_skip (FerrydSignalLog *log, const char *name);
guint ferryd_signal_log_count (FerrydSignalLog *log);

G_END_DECLS
