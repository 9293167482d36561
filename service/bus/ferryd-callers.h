/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydCaller:
 * @name: (owned): unique bus name
 * @application: (owned): the desktop application of its process, `""` for none
 * @sandboxed: not a plain process of the session
 * @left: it is on the bus no more
 *
 * A connection that calls, as the bus and the kernel know it. Main thread only.
 */
typedef struct
{
  grefcount ref_count;
  char *name;
  char *application;
  gboolean sandboxed;
  gboolean left;
} FerrydCaller;

FerrydCaller *ferryd_caller_ref (FerrydCaller *caller);
void ferryd_caller_unref (FerrydCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCaller, ferryd_caller_unref)

#define FERRYD_TYPE_CALLERS (ferryd_callers_get_type ())
/**
 * FerrydCallers:
 *
 * Who is behind a unique name. Each connection is looked at once; what was found is kept until it leaves the
 * bus.
 *
 * Signal `left` (FerrydCaller as a pointer): that connection is gone.
 */
G_DECLARE_FINAL_TYPE (FerrydCallers, ferryd_callers, FERRYD, CALLERS, GObject)

FerrydCallers *ferryd_callers_new (GDBusConnection *connection);

FerrydCaller *ferryd_callers_peek (FerrydCallers *self, const char *name);
void ferryd_callers_identify_async (FerrydCallers *self, const char *name, GAsyncReadyCallback callback,
                                    gpointer user_data);
FerrydCaller *ferryd_callers_identify_finish (FerrydCallers *self, GAsyncResult *result, GError **error);

G_END_DECLS
