/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydStoreSecrets:
 *
 * Passwords and the like, in a database file of their own that nothing else is in. A secret is written before
 * the operation that refers to it by number is committed, and erased after that reference is gone, so that a
 * kill in between leaves one too many, which the next opening erases. Blocks.
 */
typedef struct _FerrydStoreSecrets FerrydStoreSecrets;

gboolean ferryd_store_secrets_find (const char *directory);
FerrydStoreSecrets *ferryd_store_secrets_open (const char *directory, gboolean shared, GError **error);
void ferryd_store_secrets_free (FerrydStoreSecrets *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydStoreSecrets, ferryd_store_secrets_free)

gboolean ferryd_store_secrets_add (FerrydStoreSecrets *self, GVariant *value, gint64 *number, GError **error);
gboolean ferryd_store_secrets_take_back (FerrydStoreSecrets *self, gint64 number, GError **error);
gboolean ferryd_store_secrets_commit (FerrydStoreSecrets *self, GError **error);
void ferryd_store_secrets_rollback (FerrydStoreSecrets *self);

GVariant *ferryd_store_secrets_get (FerrydStoreSecrets *self, gint64 number);
gboolean ferryd_store_secrets_erase (FerrydStoreSecrets *self, const GArray *numbers, GError **error);
gboolean ferryd_store_secrets_keep_only (FerrydStoreSecrets *self, const GArray *numbers, GError **error);

G_END_DECLS
