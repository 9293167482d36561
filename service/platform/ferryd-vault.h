/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerrydVault:
 *
 * The session's Secret Service, where there is one and its default collection is unlocked. Nothing is ever
 * unlocked and nobody is asked. What it does between two calls of ferryd_vault_rest() takes five seconds at
 * most; one that did not answer in that time is left alone for a while. Blocks, so it belongs to the store's
 * thread.
 */
typedef struct _FerrydVault FerrydVault;

/**
 * FerrydVaultVerdict:
 * @FERRYD_VAULT_FOUND: here it is
 * @FERRYD_VAULT_LOST: it was deleted, and not by us
 * @FERRYD_VAULT_AWAY: nobody can say: it is locked, gone, or does not answer
 *
 * What became of something that was kept there.
 */
typedef enum
{
  FERRYD_VAULT_FOUND,
  FERRYD_VAULT_LOST,
  FERRYD_VAULT_AWAY,
} FerrydVaultVerdict;

FerrydVault *ferryd_vault_new (const char *store);
void ferryd_vault_free (FerrydVault *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydVault, ferryd_vault_free)

gboolean ferryd_vault_add (FerrydVault *self, gint64 number, GVariant *value);
FerrydVaultVerdict ferryd_vault_get (FerrydVault *self, gint64 number, GVariant **value);
gboolean ferryd_vault_erase (FerrydVault *self, GHashTable *numbers, gboolean all_but);
void ferryd_vault_rest (FerrydVault *self);

G_END_DECLS
