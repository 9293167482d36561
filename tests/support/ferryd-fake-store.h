/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-store.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_STORE (ferryd_fake_store_get_type ())
/**
 * FerrydFakeStore:
 *
 * A store in memory. What it holds stays when it is closed or crashes, so that a test can hand it to the next
 * engine as a disk would be. Answers come from the main context, never inside the call.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeStore, ferryd_fake_store, FERRYD, FAKE_STORE, GObject)

FerrydFakeStore *ferryd_fake_store_new (void);
void ferryd_fake_store_hold (FerrydFakeStore *self);
void ferryd_fake_store_release (FerrydFakeStore *self);
guint ferryd_fake_store_count_held (FerrydFakeStore *self);
void ferryd_fake_store_fail_next (FerrydFakeStore *self);
void ferryd_fake_store_crash (FerrydFakeStore *self);
guint ferryd_fake_store_count_syncs (FerrydFakeStore *self);
guint ferryd_fake_store_count_rows (FerrydFakeStore *self);
const FerrydRow *ferryd_fake_store_peek (FerrydFakeStore *self, const FerrydId *id);

G_END_DECLS
