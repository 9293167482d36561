/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydStoreLock:
 *
 * A state directory taken for this process.
 */
typedef struct _FerrydStoreLock FerrydStoreLock;

FerrydStoreLock *ferryd_store_lock_take (const char *directory, const char *holder, gint64 patience,
                                         GCancellable *cancellable, GError **error);
void ferryd_store_lock_free (FerrydStoreLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStoreLock, ferryd_store_lock_free)

G_END_DECLS
