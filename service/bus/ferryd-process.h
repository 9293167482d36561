/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydProcess:
 * @sandboxed: it carries a sandbox's marker, or sees another file system or network than the service
 * @application: (owned): the desktop application of its systemd unit, `""` for none
 *
 * What the kernel knows about the process behind a connection. A plain value.
 */
typedef struct
{
  gboolean sandboxed;
  char *application;
} FerrydProcess;

FerrydProcess *ferryd_process_inspect (const char *proc, guint32 pid, const char *security_label,
                                       GError **error);
void ferryd_process_free (FerrydProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydProcess, ferryd_process_free)

char *ferryd_process_get_application (const char *cgroup);

G_END_DECLS
